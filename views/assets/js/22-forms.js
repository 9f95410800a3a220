// Forms: unsaved changes are counted and guarded, errors get the focus, typed codes send themselves when complete.
{
  const { every, say, count } = portico;
  const controls = (root) => [...root.querySelectorAll("input, select, textarea")].filter((c) => c.name && c.type !== "hidden" && !c.matches("[data-tick]"));
  // data-was is what is kept, where a page already shows something else: a set that was ticked, a form that was refused.
  const changed = (c) => c.dataset.was !== undefined ? (c.type === "checkbox" || c.type === "radio" ? (c.checked ? "1" : "0") : c.value) !== c.dataset.was
    : c.type === "checkbox" || c.type === "radio" ? c.checked !== c.defaultChecked
    : c.type === "file" ? c.files.length > 0
    : c.tagName === "SELECT" ? [...c.options].some((o) => o.selected !== o.defaultSelected) && !(c.selectedIndex === 0 && ![...c.options].some((o) => o.defaultSelected))
    : c.value !== c.defaultValue;
  // A radio group counts once: by the dot that is now on.
  const changes = (root) => controls(root).filter((c) => (c.type !== "radio" || c.checked) && changed(c)).length;
  portico.changes = changes;

  const guarded = new Set();
  every("form[data-guard]", (form) => {
    const bar = form.querySelector("[data-savebar]") ?? document.querySelector(`[data-savebar][data-for="${form.id}"]`);
    const words = bar?.querySelector("[data-save-count]");
    const tell = () => {
      const n = changes(form);
      bar?.classList.toggle("clean", n === 0 && !form.hasAttribute("data-dirty"));
      if (words) words.textContent = n === 0 ? (form.hasAttribute("data-dirty") ? say("Not saved yet") : "") : count(n, "%s unsaved change", "%s unsaved changes");
    };
    guarded.add(form);
    form.addEventListener("input", tell);
    form.addEventListener("change", tell);
    form.addEventListener("reset", () => setTimeout(tell));
    form.addEventListener("submit", () => guarded.delete(form));
    bar?.querySelector("[data-discard]")?.addEventListener("click", (event) => {
      guarded.delete(form);
      if (form.hasAttribute("data-dirty")) return; // the link shows what is kept
      event.preventDefault(); guarded.add(form); form.reset(); tell();
    });
    tell();
  });
  addEventListener("beforeunload", (event) => { for (const form of guarded) if (form.isConnected && changes(form)) event.preventDefault(); });

  // What to mend is listed in the order of the form.
  every(".errors ul", (list) => {
    const field = (line) => document.getElementById(line.querySelector("a")?.hash.slice(1));
    [...list.children].sort((a, b) => { const [x, y] = [field(a), field(b)]; return x && y && x !== y ? (x.compareDocumentPosition(y) & 4 ? -1 : 1) : 0; }).forEach((line) => list.append(line));
  });
  every("[data-focus]", (box) => box.focus());
  every("input[data-code]", (field) => field.addEventListener("input", () => {
    field.value = field.value.replace(/[\s-]+/g, "").slice(0, Number(field.dataset.code));
    if (field.value.length === Number(field.dataset.code)) field.form?.requestSubmit(field.form.querySelector("button:not([type=button])"));
  }));
  // A mailed link, opened in the browser that asked for it, presses its own button.
  every("form[data-press]", (form) => { if (document.visibilityState === "visible") form.requestSubmit(form.querySelector("button")); });
  every("[data-wait]", (button) => {
    let left = Number(button.dataset.wait);
    const words = button.form?.querySelector("[data-wait-left]");
    const timer = setInterval(() => {
      left -= 1;
      if (words) words.textContent = left;
      if (left <= 0) { clearInterval(timer); button.disabled = false; words?.closest("p")?.remove(); }
    }, 1000);
  });
  // <select data-send> and friends in a filter bar send their form at once.
  document.addEventListener("change", (event) => { if (event.target.matches("[data-send]")) event.target.form?.requestSubmit(); });
}
