// The form that turns messages on: <form data-push="the site's public key">, with notes [data-push-note="home|denied|never|failed"]
// beside it. The browser asks its person only after a press.
const worker = globalThis.isSecureContext && "serviceWorker" in navigator ? navigator.serviceWorker : null;
const letters = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

portico.every("form[data-push]", async (form) => {
  const note = (kind) => document.querySelectorAll("[data-push-note]").forEach((el) => { el.hidden = el.dataset.pushNote !== kind; });
  const apple = /iPhone|iPad/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
  if (!worker || !("PushManager" in globalThis) || !("Notification" in globalThis)) return note(apple && !navigator.standalone ? "home" : "never");
  if (Notification.permission === "denied") return note("denied");
  const home = await worker.ready;
  const before = await home.pushManager.getSubscription();
  if (before && form.hasAttribute("data-push-known")) return; // it is on
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    note("");
    try {
      if (await Notification.requestPermission() !== "granted") { note(Notification.permission === "denied" ? "denied" : "failed"); throw new Error("refused"); }
      const options = { userVisibleOnly: true, applicationServerKey: form.dataset.push };
      let subscription = await home.pushManager.getSubscription();
      if (subscription && letters(subscription.options.applicationServerKey) !== form.dataset.push) { await subscription.unsubscribe(); subscription = null; }
      subscription ??= await home.pushManager.subscribe(options);
      form.elements.endpoint.value = subscription.endpoint;
      form.elements.p256dh.value = letters(subscription.getKey("p256dh"));
      form.elements.auth.value = letters(subscription.getKey("auth"));
      form.submit();
    } catch (problem) {
      if (problem.message !== "refused") note("failed");
      form.dispatchEvent(new CustomEvent("portico:free", { bubbles: true }));
    }
  });
});
