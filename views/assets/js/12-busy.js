// A form is sent once; its button turns while it is under way. A thin bar shows requests that take longer than a blink.
{
  const sent = new WeakMap();
  const free = (form) => {
    const state = sent.get(form);
    if (!state) return;
    clearTimeout(state.timer);
    state.button?.removeAttribute("aria-busy");
    sent.delete(form);
  };
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || form.method === "get") return;
    if (sent.has(form)) { event.preventDefault(); event.stopImmediatePropagation(); return; }
    const button = event.submitter;
    sent.set(form, { button, timer: setTimeout(() => free(form), 12000) });
    setTimeout(() => {
      if (event.defaultPrevented && !form.matches("[hx-post],[hx-put],[hx-patch],[hx-delete],[data-passkey]")) return free(form);
      if (sent.has(form)) button?.setAttribute("aria-busy", "true");
    });
  }, true);
  for (const name of ["htmx:afterRequest", "htmx:validation:halted", "htmx:abort", "portico:free"]) {
    document.addEventListener(name, (event) => { const form = event.target.closest?.("form"); if (form) free(form); });
  }
  addEventListener("pageshow", (event) => { if (event.persisted) document.querySelectorAll("form").forEach(free); });

  let open = 0, timer;
  const bar = () => document.getElementById("thinbar");
  document.addEventListener("htmx:beforeRequest", () => { if (open++ === 0) timer = setTimeout(() => bar()?.classList.add("on"), 100); });
  document.addEventListener("htmx:afterRequest", () => { if (open > 0 && --open === 0) { clearTimeout(timer); bar()?.classList.remove("on"); } });
}
