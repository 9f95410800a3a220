// Toasts go by themselves, unless somebody is reading them or they tell of trouble. HX-Trigger {"toast": {"kind", "text"}} shows one too.
{
  const { icon, text, every, say } = portico;
  const close = (toast) => { toast.classList.add("going"); setTimeout(() => toast.remove(), 200); };
  const show = (kind, words) => {
    const box = document.getElementById("toasts");
    const mark = { ok: "circle-check", late: "circle-alert", due: "triangle-alert" }[kind] ?? "info";
    box?.insertAdjacentHTML("beforeend", `<div class="toast ${kind}" data-toast>${icon(mark)}<span>${text(words)}</span><button type="button" data-toast-close aria-label="${text(say("Close"))}">${icon("x")}</button></div>`);
    arm(box?.lastElementChild);
  };
  function arm(toast) {
    if (!toast || toast.dataset.armed || toast.matches(".late")) return;
    toast.dataset.armed = "yes";
    let timer;
    const start = () => { timer = setTimeout(() => close(toast), 6000); };
    for (const stop of ["mouseenter", "focusin"]) toast.addEventListener(stop, () => clearTimeout(timer));
    for (const go of ["mouseleave", "focusout"]) toast.addEventListener(go, start);
    start();
  }
  every("[data-toast]", arm);
  document.addEventListener("htmx:oobAfterSwap", (event) => event.detail.target?.querySelectorAll?.("[data-toast]").forEach(arm));
  document.addEventListener("click", (event) => { const button = event.target.closest("[data-toast-close]"); if (button) close(button.closest(".toast")); });
  document.addEventListener("toast", (event) => show(event.detail.kind ?? "info", event.detail.text ?? event.detail.value ?? ""));
  document.addEventListener("htmx:sendError", () => show("late", say("No connection. Nothing was lost: try again when you are back online.")));
  document.addEventListener("htmx:timeout", () => show("late", say("This takes too long. Please try again.")));
  document.addEventListener("htmx:responseError", (event) => {
    if (event.detail.xhr.getResponseHeader("HX-Trigger")?.includes('"toast"')) return; // it has its own words
    const code = event.detail.xhr.status;
    show("late", code === 404 ? say("This is no longer here. Load the page again.") : code === 429 ? say("Too many tries. Wait a moment.") : code === 403 ? say("This page is too old. Load it again and repeat.") : say("That did not work. Please try again."));
  });
}
