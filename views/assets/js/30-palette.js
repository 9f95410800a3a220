// The palette: Ctrl-K (or / where the page has no search of its own) over pages and what the sections know. Its list is drawn by the server.
{
  const link = document.querySelector("a[data-palette]");
  if (link) {
    const { say, text } = portico;
    let box, field, list, timer, under, from;
    const options = () => [...list.querySelectorAll('[role="option"]')];
    const at = () => options().findIndex((o) => o.getAttribute("aria-selected") === "true");
    const mark = (i) => {
      const all = options();
      all.forEach((o, n) => { o.id = `palette-${n}`; o.tabIndex = -1; o.setAttribute("aria-selected", String(n === i)); });
      if (all[i]) { field.setAttribute("aria-activedescendant", all[i].id); all[i].scrollIntoView({ block: "nearest" }); } else field.removeAttribute("aria-activedescendant");
    };
    const load = async () => {
      under?.abort();
      under = new AbortController();
      try {
        const answer = await fetch(`${link.getAttribute("href")}?q=${encodeURIComponent(field.value.trim())}`, { headers: { ...JSON.parse(document.body.getAttribute("hx-headers") || "{}"), "HX-Request": "true", "HX-Target": "palette-list" }, signal: under.signal });
        const to = answer.headers.get("HX-Redirect");
        if (to) return location.assign(to);
        if (!answer.ok) throw new Error(answer.statusText);
        list.innerHTML = await answer.text();
        mark(0);
      } catch (problem) {
        if (problem.name !== "AbortError") list.innerHTML = `<p class="palette-none">${text(say("Search does not answer. Try again."))}</p>`;
      }
    };
    const make = () => {
      box = document.createElement("dialog");
      box.className = "palette";
      box.setAttribute("aria-label", say("Search and go"));
      box.innerHTML = `<div class="palette-field">${portico.icon("search")}<input type="text" role="combobox" aria-expanded="true" aria-controls="palette-list" aria-autocomplete="list" autocomplete="off" spellcheck="false" enterkeyhint="go"></div><div class="palette-list" id="palette-list" role="listbox" aria-label="${text(say("Results"))}"></div><div class="palette-foot" aria-hidden="true"><span><kbd>↑</kbd> <kbd>↓</kbd> ${text(say("walk¦keys"))}</span><span><kbd>Enter</kbd> ${text(say("open¦keys"))}</span><span><kbd>Esc</kbd> ${text(say("close¦keys"))}</span></div>`;
      document.body.append(box);
      field = box.querySelector("input");
      field.ariaLabel = field.placeholder = link.dataset.palette;
      list = box.querySelector(".palette-list");
      field.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(load, 90); });
      field.addEventListener("keydown", (event) => {
        const all = options();
        if (event.key === "ArrowDown") { event.preventDefault(); mark((at() + 1) % all.length); }
        if (event.key === "ArrowUp") { event.preventDefault(); mark((at() - 1 + all.length) % all.length); }
        if (event.key === "Enter") { event.preventDefault(); all[at()]?.click(); }
      });
      list.addEventListener("mousemove", (event) => { const i = options().indexOf(event.target.closest('[role="option"]')); if (i >= 0 && i !== at()) mark(i); });
      box.addEventListener("click", (event) => { if (event.target === box) box.close(); });
      box.addEventListener("close", () => from?.isConnected && from.focus());
    };
    const open = () => {
      if (!box) make();
      if (box.open) return;
      from = document.activeElement;
      field.value = "";
      box.showModal();
      field.focus();
      load();
    };
    link.addEventListener("click", (event) => { if (event.metaKey || event.ctrlKey || event.shiftKey) return; event.preventDefault(); open(); });
    document.addEventListener("keydown", (event) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") { event.preventDefault(); open(); }
      if (event.key === "/" && !event.target.closest("input, select, textarea, [contenteditable]") && !document.querySelector("[data-slash], dialog[open]")) { event.preventDefault(); open(); }
    });
  }
  document.addEventListener("keydown", (event) => {
    const field = document.querySelector("[data-slash]");
    if (event.key === "/" && field && !event.ctrlKey && !event.metaKey && !event.target.closest("input, select, textarea, [contenteditable], dialog")) { event.preventDefault(); field.focus(); field.select(); }
  });
}
