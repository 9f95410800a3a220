// The service worker, and the form that turns messages on: <form data-push="the site's public key">, with notes
// [data-push-note="home|denied|never|failed"] beside it. The browser asks its person only after a press.
{
  const signedIn = document.body.matches(".portal, .office") && !document.body.hasAttribute("hx-headers");
  const worker = globalThis.isSecureContext && "serviceWorker" in navigator ? navigator.serviceWorker : null;
  const letters = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const token = () => document.querySelector('meta[name="csrf"]')?.content ?? "";
  const claim = async (subscription) => {
    const answer = await fetch("/push/claim", { method: "POST", headers: { "X-CSRF-Token": token() }, body: new URLSearchParams({ endpoint: subscription.endpoint }) });
    return answer.ok && (await answer.json()).known;
  };

  if (signedIn && worker) {
    const register = () => worker.register("/sw.js").catch(() => {});
    if (document.readyState === "complete") register(); else addEventListener("load", register, { once: true });
    // once a visit: a browser that was somebody else's is told so
    if (globalThis.Notification?.permission === "granted" && !sessionStorage.getItem("push claimed")) {
      worker.ready.then(async (home) => {
        const subscription = await home.pushManager.getSubscription();
        if (!subscription || await claim(subscription)) sessionStorage.setItem("push claimed", "yes");
      }).catch(() => {});
    }
    document.addEventListener("submit", (event) => {
      if (!event.target.matches('[action="/sign-out"]')) return;
      sessionStorage.removeItem("push claimed");
      worker.controller?.postMessage("signed out");
    });
  }

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
}
