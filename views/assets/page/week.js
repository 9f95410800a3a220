// The week sheet: arrows and Enter walk from field to field, and a running timer counts. Saving is htmx's.
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
    if (to) { to.focus(); to.select(); } else if (event.key === "Enter") cell.dispatchEvent(new Event("change", { bubbles: true }));
  });
  // Whoever types on before an answer comes keeps what was typed: it has an answer of its own to come.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const cell = event.detail.target?.querySelector?.(":scope > [data-cell]");
    if (cell && cell.value !== event.detail.requestConfig.parameters[cell.name]) event.detail.shouldSwap = false;
  });
  document.addEventListener("focusin", (event) => { if (event.target.matches?.("[data-cell]")) event.target.select(); });

  const clocks = () => document.querySelectorAll("[data-timer]").forEach((clock) => {
    const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(clock.dataset.timer)) / 60000));
    const text = `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
    if (clock.textContent !== text) clock.textContent = text;
  });
  setInterval(clocks, 1000);
}
