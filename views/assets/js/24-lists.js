// Lists: tick all, count what is ticked, walk rows with the arrow keys (j and k too).
{
  const { every, say } = portico;
  const scope = (el) => el.closest("[data-ticks]") ?? el.closest("form") ?? document;
  const boxes = (root) => [...root.querySelectorAll("[data-tick]:not(:disabled)")];
  const tell = (root) => {
    const all = boxes(root), on = all.filter((b) => b.checked).length;
    root.querySelectorAll("[data-tick-all]").forEach((b) => { b.checked = on > 0 && on === all.length; b.indeterminate = on > 0 && on < all.length; });
    const whole = !!root.querySelector("[data-tick-every]:checked"); // more than this page shows
    root.querySelectorAll("[data-tick-count]").forEach((c) => { c.textContent = whole ? say("All ticked") : on === 0 ? c.dataset.none ?? say("Nothing ticked") : say("%s ticked", on); });
    root.querySelectorAll("[data-tick-sum]").forEach((s) => { // minor units, which have as many decimals as the currency
      const show = new Intl.NumberFormat(document.documentElement.lang || "en", { style: "currency", currency: s.dataset.currency });
      s.textContent = on === 0 ? "" : show.format(all.filter((b) => b.checked).reduce((sum, b) => sum + Number(b.dataset.sum), 0) / 10 ** show.resolvedOptions().maximumFractionDigits);
    });
    root.querySelectorAll("[data-tick-bar]").forEach((b) => b.classList.toggle("some", on > 0));
    root.querySelectorAll("[data-tick-bar] button").forEach((b) => { b.disabled = on === 0 && !whole; });
  };
  every("[data-tick-bar]", (bar) => tell(scope(bar)));
  document.addEventListener("htmx:afterSettle", () => document.querySelectorAll("[data-tick-bar]").forEach((bar) => tell(scope(bar))));
  let last;
  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!box.matches?.("[data-tick]")) return;
    if (event.shiftKey && last?.isConnected && scope(last) === scope(box)) {
      const all = boxes(scope(box)), [a, b] = [all.indexOf(last), all.indexOf(box)].sort((x, y) => x - y);
      all.slice(a, b + 1).forEach((other) => { other.checked = box.checked; });
    }
    last = box;
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-all]")) boxes(scope(event.target)).forEach((b) => { b.checked = event.target.checked; });
    if (event.target.matches("[data-tick], [data-tick-all], [data-tick-every]")) tell(scope(event.target));
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, [contenteditable], dialog, details[data-menu]")) return;
    const step = { ArrowDown: 1, j: 1, ArrowUp: -1, k: -1 }[event.key];
    if (!step) return;
    const links = [...document.querySelectorAll(".list .row-link")].filter((a) => a.offsetParent);
    if (!links.length) return;
    const at = links.indexOf(document.activeElement);
    if (at < 0 && event.key.startsWith("Arrow")) return;
    event.preventDefault();
    links[Math.max(0, Math.min(links.length - 1, at + step))].focus();
  });
}
