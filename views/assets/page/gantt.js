// <div data-gantt>: a chart that the server has drawn. It opens at today, and at what is not over; the name of the month goes along. With data-moves, bars are dragged (their right end changes how long they
// take), by a finger once it has rested on one, or moved with the arrow keys at their names; what moves with them is asked of the server, in a dialog,
// before anything is kept.
{
  const dayMs = 86400000, restMs = 400, slack = 8;
  const parse = (text) => Date.parse(`${text}T00:00:00Z`);
  const iso = (ms) => new Date(ms).toISOString().slice(0, 10);
  const words = (ms) => new Date(ms).toLocaleDateString(document.documentElement.lang || "en", { weekday: "short", month: "short", day: "numeric", timeZone: "UTC" });
  const shape = (name, more) => { const el = document.createElementNS("http://www.w3.org/2000/svg", name); for (const [k, v] of Object.entries(more)) el.setAttribute(k, v); return el; };

  class Gantt {
    constructor(root) {
      this.root = root;
      this.day = Number(root.dataset.day);
      this.scroll = root.querySelector(".schedule-scroll");
      this.chart = root.querySelector(".schedule-chart");
      const today = Number(root.dataset.today), names = root.querySelector(".schedule-names");
      if (today > 0) this.scroll.scrollLeft = Math.max(0, today - (this.scroll.clientWidth - names.offsetWidth) / 3);
      const row = this.chart.height.baseVal.value / this.links().length;
      this.scroll.scrollTop = (Number(root.dataset.row) - 1) * row; // with one that is over, so that it shows that there are more
      this.months = [...root.querySelectorAll(".months text")].map((text) => ({ text, x: text.x.baseVal[0].value }));
      this.scroll.addEventListener("scroll", () => this.name(), { passive: true });
      this.name();
      this.chart.addEventListener("click", (event) => { if (!this.dragged) this.follow(this.at(event)); this.dragged = false; });
      if (!root.dataset.moves) return;
      this.says = root.querySelector("[data-gantt-says]");
      this.chart.addEventListener("pointerdown", (event) => this.grab(event));
      this.chart.addEventListener("touchmove", (event) => { if (this.held && event.cancelable) event.preventDefault(); }, { passive: false }); // a bar that is held does not scroll
      this.chart.addEventListener("contextmenu", (event) => { if (this.held || this.resting) event.preventDefault(); });
      names.addEventListener("keydown", (event) => this.key(event));
    }

    links() { return this.all ??= [...this.root.querySelectorAll(".schedule-names a")]; }
    follow(link) { if (link) location.assign(link.href); }

    // name keeps the name of the month in sight that begins further left.
    name() {
      const left = this.scroll.scrollLeft + 4, at = this.months.findLastIndex((m) => m.x <= left), month = this.months[at];
      if (this.named && this.named !== month) this.named.text.setAttribute("x", this.named.x);
      this.named = month;
      month?.text.setAttribute("x", Math.max(month.x, Math.min(left, (this.months[at + 1]?.x ?? Infinity) - 8 - month.text.getComputedTextLength())));
    }

    // at is the name of the bar under a pointer.
    at(event) {
      if (!event.target.closest(".bar, .done")) return null;
      const box = this.chart.getBoundingClientRect();
      return this.links()[Math.floor((event.clientY - box.top) / (box.height / this.links().length))];
    }

    // place is where the bar of a name is drawn, as gantt.go does it.
    place(link) {
      const kind = link.parentElement.classList, row = this.chart.height.baseVal.value / this.links().length, from = (parse(link.dataset.start) - parse(this.root.dataset.first)) / dayMs;
      const days = (parse(link.dataset.end) - parse(link.dataset.start)) / dayMs + 1, phase = kind.contains("phase"), milestone = kind.contains("milestone");
      return { kind: phase ? "phase" : milestone ? "milestone" : "task", x: from * this.day, y: this.links().indexOf(link) * row + row / 4 + (phase ? 2 : 0), w: days * this.day, h: row / 2 - (phase ? 6 : 0) };
    }

    grab(event) {
      const link = this.at(event), touch = event.pointerType === "touch";
      this.dragged = false;
      if (!link || event.button || !event.isPrimary) return;
      if (!touch) event.preventDefault();
      this.reset();
      const from = event.clientX, down = event.clientY, place = this.place(link);
      const end = place.kind === "task" && from > this.chart.getBoundingClientRect().left + place.x + place.w - Math.min(touch ? 24 : 8, place.w / 2);
      const hold = () => {
        this.resting = 0; this.held = true; this.chart.classList.add("dragging");
        if (touch) { this.show(link, 0, end); navigator.vibrate?.(12); }
      };
      const move = (e) => {
        if (this.held) this.show(link, Math.round((e.clientX - from) / this.day), end);
        else if (Math.hypot(e.clientX - from, e.clientY - down) > slack) stop(e); // this finger scrolls
      };
      const stop = (e) => {
        removeEventListener("pointermove", move); removeEventListener("pointerup", stop); removeEventListener("pointercancel", stop); removeEventListener("keydown", escape);
        clearTimeout(this.resting); this.resting = 0;
        this.chart.classList.remove("dragging");
        this.dragged = this.held && (touch || Math.abs(e.clientX - from) > 2);
        const asks = this.held && e.type === "pointerup" && this.by;
        this.held = false;
        if (asks) this.ask(); else this.reset();
      };
      const escape = (e) => { if (e.key === "Escape") stop(e); };
      if (touch) this.resting = setTimeout(hold, restMs); else hold();
      addEventListener("pointermove", move); addEventListener("pointerup", stop); addEventListener("pointercancel", stop); addEventListener("keydown", escape);
    }

    key(event) {
      const link = event.target.closest("a[data-id]");
      if (!link || event.altKey || event.ctrlKey || event.metaKey) return;
      const way = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (way) {
        const end = event.shiftKey;
        if (this.moving !== link || this.end !== end) this.reset();
        this.show(link, (this.by || 0) + way, end);
      } else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
        const next = this.links()[this.links().indexOf(link) + (event.key === "ArrowUp" ? -1 : 1)];
        this.reset(); next?.focus();
      } else if (event.key === "Enter" && this.moving === link && this.by) this.ask();
      else if (event.key === "Escape" && this.moving) this.reset();
      else return;
      event.preventDefault();
    }

    // show lifts a bar by so many days, or its end, over where it lies; nothing is kept yet.
    show(link, by, end) {
      const { start, end: last } = link.dataset, place = this.place(link);
      if (place.kind !== "task") end = false;
      if (end) by = Math.max(by, Math.round((parse(start) - parse(last)) / dayMs));
      this.moving = link; this.by = by; this.end = end;
      this.lifted?.remove(); this.lifted = shape("g", { class: `lifted ${place.kind}` });
      const x = place.x + (end ? 0 : by * this.day), middle = place.y + place.h / 2;
      this.lifted.append(place.kind === "milestone" ? shape("path", { class: "bar", d: `M${x + this.day / 2 - 9} ${middle}l9-9 9 9-9 9z` })
        : shape("rect", { class: "bar", x, y: place.y, width: Math.max(4, place.w + (end ? by * this.day : 0)), height: place.h, rx: 4 }));
      this.chart.append(this.lifted);
      this.to = { start: parse(start) + (end ? 0 : by * dayMs), end: parse(last) + by * dayMs };
      this.says.textContent = by ? `${link.textContent}: ${words(this.to.start)} to ${words(this.to.end)}. Enter shows what moves with it.` : "";
    }

    reset() {
      if (!this.moving) return;
      this.lifted.remove();
      this.moving = this.lifted = null; this.by = 0; this.says.textContent = "";
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
