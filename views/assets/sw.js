// The service worker of the whole site, served as /sw.js. It keeps the offline page with what that page shows, and nothing
// else: phones are shared, and what a page said must be gone after signing out. It shows messages that were pushed.
const shelf = `offline-${self.house.edition}`;
const page = `/offline${location.search}`; // ?reads=de: in the language of the pages that sent for it

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const plain = { credentials: "omit", cache: "no-cache" };
  const answer = await fetch(page, plain);
  if (!answer.ok) throw new Error("no offline page");
  const found = (await answer.clone().text()).matchAll(/(?:href|src)="(\/(?:assets|theme|files)\/[^"#]+)/g);
  const cache = await caches.open(shelf);
  await cache.addAll([...new Set([...found].map((match) => match[1]))].map((url) => new Request(url, plain)));
  await cache.put(page, answer);
  await self.skipWaiting();
})()));

self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name !== shelf) await caches.delete(name);
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
})()));

async function navigate(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(page)) ?? Response.error();
  }
}

// What the offline page shows comes from the shelf when the network has nothing to say.
async function part(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request, { ignoreVary: true })) ?? Response.error();
  }
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") event.respondWith(navigate(event));
  else if (/^\/(assets|theme)\//.test(pathname) || (pathname.startsWith("/files/") && request.destination === "image" && !navigator.onLine)) event.respondWith(part(request));
});

self.addEventListener("push", (event) => event.waitUntil((async () => {
  let message = {};
  try { message = event.data.json(); } catch { /* one that cannot be read still has to be shown */ }
  const { id = "", title = self.house.name, body = "", path = "", tag = "" } = message;
  const shown = tag ? await self.registration.getNotifications({ tag }) : [];
  const known = shown.some((notice) => notice.data?.id === id); // it came twice
  await self.registration.showNotification(title, {
    body, tag: tag || undefined, renotify: Boolean(tag) && shown.length > 0 && !known, silent: known || undefined,
    icon: self.house.icon, data: { id, path }, dir: "auto",
  });
})()));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { path = "" } = event.notification.data ?? {};
  const url = new URL(/^\/(office|portal)([/#]|$)/.test(path) ? path : "/", location.origin).href;
  event.waitUntil((async () => {
    const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    // a tab that stands elsewhere is left alone: somebody may be writing there
    const there = open.find((tab) => tab.url.split("#")[0] === url.split("#")[0]);
    if (there) return there.focus();
    return self.clients.openWindow(url);
  })());
});

const letters = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil((async () => {
  const before = event.oldSubscription;
  if (!before) return;
  const now = event.newSubscription ?? await self.registration.pushManager.subscribe(before.options);
  await fetch("/push/renewal", { method: "POST", body: new URLSearchParams({ old: before.endpoint, endpoint: now.endpoint, p256dh: letters(now.getKey("p256dh")), auth: letters(now.getKey("auth")) }) });
})()));

// Who signs out leaves nothing on the lock screen, and is woken no more. Who signs in says whose the browser is now.
self.addEventListener("message", (event) => event.waitUntil((async () => {
  const subscription = await self.registration.pushManager?.getSubscription();
  if (event.data === "signed in" && subscription) await fetch("/push/claim", { method: "POST", body: new URLSearchParams({ endpoint: subscription.endpoint }) });
  if (event.data !== "signed out") return;
  for (const notice of await self.registration.getNotifications()) notice.close();
  await subscription?.unsubscribe();
})()));
