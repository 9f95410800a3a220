// The service worker of the site (assets/sw.js). It is told who is here now, once a visit, and when somebody signs out.
if (document.body.matches(".portal, .office") && !document.body.hasAttribute("hx-headers") && globalThis.isSecureContext && "serviceWorker" in navigator) {
  const worker = navigator.serviceWorker;
  addEventListener("load", async () => {
    const home = await worker.register(`/sw.js?reads=${document.documentElement.lang}`).catch(() => {});
    if (home?.active && !sessionStorage.getItem("push")) { home.active.postMessage("signed in"); sessionStorage.setItem("push", "told"); }
  }, { once: true });
  document.addEventListener("submit", (event) => {
    if (!event.target.matches('[action="/sign-out"]')) return;
    sessionStorage.removeItem("push");
    worker.controller?.postMessage("signed out");
  });
}
