// The week sheet: arrows and Enter walk from field to field, and a running timer counts. Saving is htmx's, one field after another.
{
  const cells = (row) => [...row.querySelectorAll("td")].slice(0, 7).map((td) => td.querySelector("[data-cell]"));
  const rows = () => [...document.querySelectorAll("[data-week-sheet] tbody tr")].map(cells);
  const place = (cell) => {
    const all = rows();
    for (let y = 0; y < all.length; y++) { const x = all[y].indexOf(cell); if (x >= 0) return { all, x, y }; }
    return null;
  };
  // The next field in a direction; locked ones are stepped over.
  const next = (cell, dx, dy) => {
    const at = place(cell);
    if (!at) return null;
    for (let x = at.x + dx, y = at.y + dy; x >= 0 && x < 7 && y >= 0 && y < at.all.length; x += dx, y += dy) if (at.all[y][x]) return at.all[y][x];
    return null;
  };
  const edge = (cell, end) => cell.selectionStart === cell.selectionEnd && cell.selectionStart === (end ? cell.value.length : 0) || cell.selectionEnd - cell.selectionStart === cell.value.length;
  document.addEventListener("keydown", (event) => {
    const cell = event.target;
    if (!cell.matches?.("[data-cell]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const way = { ArrowDown: [0, 1], Enter: [0, event.shiftKey ? -1 : 1], ArrowUp: [0, -1], ArrowRight: edge(cell, true) && [1, 0], ArrowLeft: edge(cell, false) && [-1, 0] }[event.key];
    if (!way) return;
    const to = next(cell, ...way);
    event.preventDefault(); // Enter does not send the form
    if (to) { to.focus(); to.select(); } else if (event.key === "Enter") send(cell);
  });
  const send = (cell) => cell.dispatchEvent(new Event("change", { bubbles: true }));
  // A piece of another program's table fills the fields from here on.
  document.addEventListener("paste", (event) => {
    const cell = event.target;
    if (!cell.matches?.("[data-cell]")) return;
    const lines = event.clipboardData.getData("text").replace(/[\r\n]+$/, "").split(/\r?\n/).map((line) => line.split("\t"));
    if (lines.length === 1 && lines[0].length === 1) return;
    const at = place(cell);
    event.preventDefault();
    lines.forEach((line, y) => line.forEach((text, x) => {
      const to = at.all[at.y + y]?.[at.x + x];
      if (to && text.trim()) { to.value = text.trim(); send(to); }
    }));
  });
  // Whoever types on before an answer comes keeps what was typed: it has an answer of its own to come.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const cell = event.detail.target?.querySelector?.(":scope > [data-cell]");
    if (cell && cell.value !== event.detail.requestConfig.parameters[cell.name]) { event.detail.shouldSwap = false; cell.dataset.unsaved = ""; }
  });
  // What did not arrive is marked, and sent again when the line is back or the field is left: nobody goes away in peace.
  const unsaved = () => [...document.querySelectorAll("[data-cell][data-unsaved]")];
  for (const lost of ["htmx:sendError", "htmx:timeout", "htmx:responseError"]) document.addEventListener(lost, ({ detail: { elt } }) => {
    if (!elt.matches?.("[data-cell]")) return;
    elt.dataset.unsaved = "lost";
    document.getElementById("week-saved").textContent = elt.form.dataset.lost;
  });
  document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => { if (elt.matches?.("[data-cell]")) delete elt.dataset.unsaved; });
  document.addEventListener("focusout", ({ target }) => { if (target.matches?.("[data-cell][data-unsaved]")) send(target); });
  window.addEventListener("online", () => unsaved().forEach(send));
  window.addEventListener("beforeunload", (event) => { if (unsaved().length) event.preventDefault(); });
  document.addEventListener("focusin", (event) => { if (event.target.matches?.("[data-cell]")) event.target.select(); });

  const clocks = () => document.querySelectorAll("[data-timer]").forEach((clock) => {
    const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(clock.dataset.timer)) / 60000));
    const text = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
    if (clock.textContent !== text) clock.textContent = text;
  });
  setInterval(clocks, 1000);
}
