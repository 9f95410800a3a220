// <div data-gantt>: a chart that the server has drawn. It opens where today is. With data-moves, bars are dragged (their right end changes how long they
// take), or moved with the arrow keys at their names; what moves with them is asked of the server, in a dialog, before anything is kept.
{
  const dayMs = 86400000, svg = (el) => el.closest("g[data-n]");
  const parse = (text) => Date.parse(`${text}T00:00:00Z`);
  const iso = (ms) => new Date(ms).toISOString().slice(0, 10);
  const words = (ms) => new Date(ms).toLocaleDateString(document.documentElement.lang || "en", { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" });

  class Gantt {
    constructor(root) {
      this.root = root;
      this.day = Number(root.dataset.day);
      this.scroll = root.querySelector(".schedule-scroll");
      this.chart = root.querySelector(".schedule-chart");
      const today = Number(root.dataset.today), names = root.querySelector(".schedule-names").offsetWidth;
      if (today > 0) this.scroll.scrollLeft = Math.max(0, today - (this.scroll.clientWidth - names) / 3);
      if (!root.dataset.moves) { this.chart.addEventListener("click", (event) => this.follow(svg(event.target))); return; }
      this.says = root.querySelector("[data-gantt-says]");
      this.chart.addEventListener("pointerdown", (event) => this.grab(event));
      this.root.querySelector(".schedule-names").addEventListener("keydown", (event) => this.key(event));
    }

    links() { return this.all ??= [...this.root.querySelectorAll(".schedule-names a")]; }
    link(bar) { return this.links()[Number(bar.dataset.n)]; }
    bar(link) { return this.chart.querySelector(`g[data-n="${this.links().indexOf(link)}"]`); }
    follow(bar) { if (bar) location.assign(this.link(bar).href); }

    grab(event) {
      const bar = svg(event.target);
      if (!bar || event.button || event.pointerType === "touch") { if (bar && event.pointerType === "touch") bar.addEventListener("click", () => this.follow(bar), { once: true }); return; }
      event.preventDefault();
      this.reset();
      const rect = bar.querySelector("rect.bar"), from = event.clientX;
      const end = !bar.classList.contains("phase") && rect && from > rect.getBoundingClientRect().right - 8;
      const move = (e) => this.show(this.link(bar), bar, Math.round((e.clientX - from) / this.day), end);
      const stop = (e) => {
        removeEventListener("pointermove", move); removeEventListener("pointerup", stop); removeEventListener("keydown", escape);
        this.chart.classList.remove("dragging");
        if (e.type !== "pointerup" || !this.by) { const stayed = e.type === "pointerup" && Math.abs(e.clientX - from) < 3; this.reset(); if (stayed) this.follow(bar); return; }
        this.ask();
      };
      const escape = (e) => { if (e.key === "Escape") stop(e); };
      this.chart.classList.add("dragging");
      addEventListener("pointermove", move); addEventListener("pointerup", stop); addEventListener("keydown", escape);
    }

    key(event) {
      const link = event.target.closest("a[data-id]");
      if (!link || event.altKey || event.ctrlKey || event.metaKey) return;
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (way) {
        const end = event.shiftKey;
        if (this.moving !== link || this.end !== end) this.reset();
        this.show(link, this.bar(link), (this.by || 0) + way, end);
      } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
        const next = this.links()[this.links().indexOf(link) + (event.key === "ArrowUp" ? -1 : 1)];
        this.reset(); next?.focus();
      } else if (event.key === "Enter" && this.moving === link && this.by) this.ask();
      else if (event.key === "Escape" && this.moving) this.reset();
      else return;
      event.preventDefault();
    }

    // show lifts a bar by so many days, or its end; nothing is kept yet.
    show(link, bar, by, end) {
      const { start, end: last } = link.dataset;
      if (end && (bar.classList.contains("milestone") || bar.classList.contains("phase"))) end = false;
      if (end) by = Math.max(by, Math.round((parse(start) - parse(last)) / dayMs));
      this.moving = link; this.by = by; this.end = end;
      bar.classList.toggle("lifted", by !== 0);
      if (end) { const rect = bar.querySelector("rect.bar"); rect.dataset.was ??= rect.getAttribute("width"); rect.setAttribute("width", Math.max(4, Number(rect.dataset.was) + by * this.day)); }
      else if (by) bar.setAttribute("transform", `translate(${by * this.day})`); else bar.removeAttribute("transform");
      this.to = { start: parse(start) + (end ? 0 : by * dayMs), end: parse(last) + by * dayMs };
      this.says.textContent = by ? `${link.textContent}: ${words(this.to.start)} to ${words(this.to.end)}. Enter shows what moves with it.` : "";
    }

    reset() {
      if (!this.moving) return;
      const bar = this.bar(this.moving), rect = bar.querySelector("rect.bar");
      bar.removeAttribute("transform"); bar.classList.remove("lifted");
      if (rect?.dataset.was) rect.setAttribute("width", rect.dataset.was);
      this.moving = null; this.by = 0; this.says.textContent = "";
    }

    // ask opens what would move, with the way to keep it.
    ask() {
      const { id } = this.moving.dataset, name = this.moving, ask = document.createElement("a");
      const query = new URLSearchParams({ start: iso(this.to.start) });
      if (this.end) query.set("end", iso(this.to.end));
      ask.href = `${this.root.dataset.moves}/${id}/shift?${query}`;
      ask.dataset.dialog = "wide"; ask.className = "visually-hidden"; ask.textContent = name.textContent;
      ask.addEventListener("focus", () => { this.reset(); ask.remove(); name.focus({ preventScroll: true }); });
      this.root.append(ask);
      ask.click();
    }
  }

  const start = () => document.querySelectorAll("[data-gantt]").forEach((root) => { root.gantt ??= new Gantt(root); });
  start();
  document.addEventListener("htmx:afterSettle", start);
}
