// <form data-place="file">: the fields of a document are dragged onto its pages, with a mouse, a finger or the keyboard. The list of fields in
// the form stays what is kept; without a script it is typed there.
{
  const sizes = { signature: [171, 57], initials: [66, 40], date: [100, 22], text: [170, 22], checkbox: [16, 16] }; // points
  const names = ["who", "kind", "page", "x", "y", "w", "h", "label", "needed"];
  const whole = 10000, least = { w: 150, h: 120 }, steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  const clamp = (n, low, high) => Math.min(Math.max(n, low), high);
  const read = (text) => Math.round(Number(String(text).replace(",", ".").replace("%", "")) * 100) || 0;

  class Place {
    constructor(form) {
      this.form = form;
      this.pages = form.querySelector("[data-place-pages]");
      this.list = form.querySelector("[data-place-list]");
      this.blank = document.getElementById("place-blank");
      this.says = form.querySelector("[data-place-state]");
      this.undoer = form.querySelector("[data-place-undo]");
      this.remover = form.querySelector("[data-place-remove-chosen]");
      this.people = [...form.querySelectorAll("[data-color]")];
      this.past = []; this.count = 1000;
    }

    async start() {
      const kept = this.pages.innerHTML;
      try { this.file = await portico.pdf.open(this.form.dataset.place, this.form.dataset); } catch { this.pages.innerHTML = kept; return; }
      this.pages.replaceChildren();
      const seen = new IntersectionObserver((entries) => {
        for (const { isIntersecting, target } of entries) if (isIntersecting) { seen.unobserve(target); portico.pdf.draw(this.file, target).catch(() => {}); }
      }, { rootMargin: "600px" });
      for (let n = 1; n <= this.file.numPages; n++) {
        const sheet = document.createElement("div"), canvas = document.createElement("canvas"), shape = (await this.file.getPage(n)).getViewport({ scale: 1 });
        sheet.className = "envelopes-place-sheet"; sheet.dataset.page = n; sheet.wide = shape.width; sheet.high = shape.height;
        canvas.dataset.page = n; canvas.width = shape.width; canvas.height = shape.height;
        canvas.setAttribute("role", "img"); canvas.setAttribute("aria-label", `Page ${n} of ${this.file.numPages}`);
        sheet.append(canvas); this.pages.append(sheet); seen.observe(canvas);
      }
      this.form.classList.add("live");
      this.list.querySelectorAll("[data-place-field]").forEach((row) => this.show(row));
      this.was = this.snapshot();
      this.listen();
      this.choose(null);
      this.tell("");
    }

    listen() {
      this.form.querySelectorAll("[data-place-kind]").forEach((button) => {
        button.addEventListener("pointerdown", (event) => this.carry(event, button));
        button.addEventListener("click", () => { if (!this.carried) this.add(button.dataset.placeKind, ...this.middle()); this.carried = false; });
      });
      this.undoer.addEventListener("click", () => this.undo());
      this.remover.addEventListener("click", () => this.chosen && this.remove(this.chosen));
      this.form.addEventListener("keydown", (event) => {
        if ((event.ctrlKey || event.metaKey) && event.key === "z" && !event.target.matches("input:not([type=radio]), textarea")) { event.preventDefault(); this.undo(); }
      });
      this.list.addEventListener("change", (event) => {
        const row = event.target.closest("[data-place-field]");
        if (row) { this.draw(row); this.changed(); }
      });
      this.list.addEventListener("click", (event) => {
        const button = event.target.closest("[data-place-remove]");
        if (button) { event.preventDefault(); this.remove(button.closest("[data-place-field]")); }
      });
      this.form.addEventListener("submit", () => { this.dirty = false; clearTimeout(this.timer); });
      addEventListener("beforeunload", (event) => { if (this.dirty && this.form.isConnected) event.preventDefault(); });
    }

    // A field is its row in the list; get and set read and write that row.
    input(row, name) { return row.querySelector(`[name=field_${name}]`); }
    get(row) {
      const f = Object.fromEntries(names.map((name) => [name, this.input(row, name).value]));
      for (const name of ["x", "y", "w", "h"]) f[name] = read(f[name]);
      f.page = Number(f.page) || 1;
      return f;
    }
    set(row, f) { for (const name of names) if (f[name] !== undefined) this.input(row, name).value = "xywh".includes(name) ? f[name] / 100 : f[name]; }
    rows() { return [...this.list.querySelectorAll("[data-place-field]")]; }
    person(id) { return this.people.find((p) => p.value === id); }
    snapshot() { return this.rows().map((row) => this.get(row)); }
    sheet(n) { return this.pages.querySelector(`.envelopes-place-sheet[data-page="${n}"]`); }

    // show gives a row its mark on the page.
    show(row) {
      const mark = document.createElement("button");
      mark.type = "button"; mark.row = row; row.mark = mark;
      mark.innerHTML = "<span></span><i></i>";
      mark.addEventListener("focus", () => this.choose(row));
      mark.addEventListener("click", () => mark.focus());
      mark.addEventListener("keydown", (event) => this.key(event, row));
      mark.addEventListener("pointerdown", (event) => this.drag(event, row));
      this.draw(row);
    }

    draw(row) {
      const f = this.get(row), who = this.person(f.who), sheet = this.sheet(clamp(f.page, 1, this.file.numPages));
      const kind = this.input(row, "kind").selectedOptions[0].textContent;
      f.w = clamp(f.w, least.w, whole); f.h = clamp(f.h, least.h, whole);
      Object.assign(row.mark.style, { left: `${f.x / 100}%`, top: `${f.y / 100}%`, width: `${f.w / 100}%`, height: `${f.h / 100}%` });
      row.mark.className = `envelopes-place-mark envelopes-hue${who?.dataset.color ?? 1}${row === this.chosen ? " chosen" : ""}`;
      row.mark.firstChild.textContent = f.kind === "checkbox" ? "" : f.label || kind;
      row.mark.setAttribute("aria-label", `${kind}${f.label ? ` “${f.label}”` : ""} of ${who?.dataset.name ?? ""}, page ${f.page}`);
      row.dataset.kind = f.kind;
      row.querySelector("legend").textContent = `${kind}, page ${f.page}`;
      if (row.mark.parentElement !== sheet) { const focused = document.activeElement === row.mark; sheet.append(row.mark); if (focused) row.mark.focus(); }
    }

    choose(row) {
      const before = this.chosen;
      this.chosen = row;
      for (const one of this.rows()) { one.hidden = one !== row; one.mark?.classList.toggle("chosen", one === row); }
      this.list.classList.toggle("none", !row);
      this.remover.disabled = !row;
      if (row && row !== before) { const who = this.person(this.input(row, "who").value); if (who) who.checked = true; }
    }

    make(f) {
      const row = this.blank.content.firstElementChild.cloneNode(true), n = this.count++;
      row.querySelectorAll("[id]").forEach((el) => { el.id = `${el.name}-${n}`; });
      row.querySelectorAll("label").forEach((el) => { el.htmlFor = `${el.parentElement.querySelector("[name]").name}-${n}`; });
      this.list.querySelector("[data-place-none]").before(row);
      this.set(row, f);
      this.show(row);
      return row;
    }

    // add puts a new field with its middle at a point of a page.
    add(kind, sheet, x, y) {
      const who = this.people.find((p) => p.checked) ?? this.people[0];
      const w = Math.round(sizes[kind][0] / sheet.wide * whole), h = Math.round(sizes[kind][1] / sheet.high * whole);
      const f = { who: who.value, kind, page: Number(sheet.dataset.page), w, h, x: clamp(Math.round(x - w / 2), 0, whole - w), y: clamp(Math.round(y - h / 2), 0, whole - h), label: "", needed: kind === "checkbox" ? "no" : "yes" };
      while (this.rows().some((row) => { const o = this.get(row); return o.page === f.page && Math.abs(o.x - f.x) < 100 && Math.abs(o.y - f.y) < 100; }) && f.y < whole - h) f.y = Math.min(f.y + h + 60, whole - h);
      const row = this.make(f);
      this.changed();
      row.mark.focus({ preventScroll: true });
      row.mark.scrollIntoView({ block: "nearest" });
    }

    // middle is the middle of what is seen of the page in view.
    middle() {
      const sheets = [...this.pages.querySelectorAll(".envelopes-place-sheet")];
      const seen = (s) => { const r = s.getBoundingClientRect(); return Math.min(r.bottom, innerHeight) - Math.max(r.top, 0); };
      const sheet = sheets.reduce((best, s) => (seen(s) > seen(best) ? s : best)), r = sheet.getBoundingClientRect();
      const y = (Math.max(r.top, 0) + Math.min(r.bottom, innerHeight)) / 2;
      return [sheet, whole / 2, r.height > 0 && seen(sheet) > 0 ? (y - r.top) / r.height * whole : whole / 2];
    }

    at(event) {
      const sheet = document.elementsFromPoint(event.clientX, event.clientY).map((el) => el.closest?.(".envelopes-place-sheet")).find(Boolean);
      if (!sheet) return null;
      const r = sheet.getBoundingClientRect();
      return [sheet, (event.clientX - r.left) / r.width * whole, (event.clientY - r.top) / r.height * whole];
    }

    // carry drags a new field from the palette.
    carry(event, button) {
      if (event.button) return;
      const from = [event.clientX, event.clientY];
      let ghost;
      const move = (e) => {
        if (!ghost && Math.hypot(e.clientX - from[0], e.clientY - from[1]) < 8) return;
        if (!ghost) {
          this.carried = true;
          ghost = document.createElement("div");
          const who = this.people.find((p) => p.checked);
          ghost.className = `envelopes-place-mark envelopes-place-ghost envelopes-hue${who?.dataset.color ?? 1}`;
          ghost.textContent = button.dataset.title;
          document.body.append(ghost);
        }
        ghost.style.left = `${e.clientX}px`; ghost.style.top = `${e.clientY}px`;
      };
      this.follow(button, event, move, (e) => {
        ghost?.remove();
        const place = ghost && this.at(e);
        if (place) this.add(button.dataset.placeKind, ...place);
        if (ghost) setTimeout(() => { this.carried = false; });
      });
    }

    // drag moves a mark, or resizes it by its corner.
    drag(event, row) {
      if (event.button) return;
      const mark = row.mark, f = this.get(row), rect = mark.parentElement.getBoundingClientRect(), corner = event.target.tagName === "I";
      const from = [event.clientX, event.clientY];
      let moved = false;
      mark.focus({ preventScroll: true });
      const move = (e) => {
        const dx = (e.clientX - from[0]) / rect.width * whole, dy = (e.clientY - from[1]) / rect.height * whole;
        if (!moved && Math.hypot(e.clientX - from[0], e.clientY - from[1]) < 3) return;
        moved = true;
        if (corner) this.set(row, { w: clamp(Math.round(f.w + dx), least.w, whole - f.x), h: clamp(Math.round(f.h + dy), least.h, whole - f.y) });
        else {
          const over = this.at(e);
          let [x, y, page] = [f.x + dx, f.y + dy, f.page];
          if (over && Number(over[0].dataset.page) !== f.page) { // onto another page: as it was held
            page = Number(over[0].dataset.page);
            x = over[1] - (from[0] - rect.left) / rect.width * whole + f.x;
            y = over[2] - (from[1] - rect.top) / rect.height * whole + f.y;
          }
          this.set(row, { page, x: clamp(Math.round(x), 0, whole - f.w), y: clamp(Math.round(y), 0, whole - f.h) });
        }
        this.place(row);
      };
      this.follow(mark, event, move, () => { if (moved) { this.draw(row); this.changed(); } });
    }

    // place is draw while a mark is held: it stays in its sheet, which has the pointer.
    place(row) {
      const f = this.get(row), rect = row.mark.parentElement.getBoundingClientRect(), sheet = this.sheet(f.page), to = sheet.getBoundingClientRect();
      Object.assign(row.mark.style, {
        left: `${f.x / 100 + (to.left - rect.left) / rect.width * 100}%`, top: `${(f.y / whole * to.height + to.top - rect.top) / rect.height * 100}%`, width: `${f.w / 100}%`, height: `${f.h / 100}%`,
      });
    }

    follow(el, event, move, end) {
      try { el.setPointerCapture(event.pointerId); } catch { /* a script's own event */ }
      const stop = (e) => {
        el.removeEventListener("pointermove", move); el.removeEventListener("pointerup", stop); el.removeEventListener("pointercancel", stop);
        end(e);
      };
      el.addEventListener("pointermove", move); el.addEventListener("pointerup", stop); el.addEventListener("pointercancel", stop);
    }

    key(event, row) {
      const step = steps[event.key], f = this.get(row), by = event.altKey ? 10 : 50;
      if (step && event.shiftKey) this.set(row, { w: clamp(f.w + step[0] * by, least.w, whole - f.x), h: clamp(f.h + step[1] * by, least.h, whole - f.y) });
      else if (step) this.set(row, { x: clamp(f.x + step[0] * by, 0, whole - f.w), y: clamp(f.y + step[1] * by, 0, whole - f.h) });
      else if (event.key === "PageUp" || event.key === "PageDown") this.set(row, { page: clamp(f.page + (event.key === "PageUp" ? -1 : 1), 1, this.file.numPages) });
      else if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); this.remove(row); return; }
      else return;
      event.preventDefault();
      this.draw(row);
      row.mark.scrollIntoView({ block: "nearest" });
      this.changed();
    }

    remove(row) {
      const rows = this.rows(), next = rows[rows.indexOf(row) + 1] ?? rows[rows.indexOf(row) - 1];
      row.mark.remove(); row.remove();
      this.choose(null);
      (next?.mark ?? this.form.querySelector("[data-place-kind]")).focus({ preventScroll: true });
      this.changed();
    }

    changed() {
      const is = this.snapshot();
      if (JSON.stringify(is) === JSON.stringify(this.was)) return;
      this.past.push(this.was);
      if (this.past.length > 200) this.past.shift();
      this.was = is;
      this.undoer.disabled = false;
      this.later();
    }

    undo() {
      const before = this.past.pop();
      if (!before) return;
      for (const row of this.rows()) { row.mark.remove(); row.remove(); }
      this.chosen = null;
      before.forEach((f) => this.make(f));
      this.choose(null);
      this.was = this.snapshot();
      this.undoer.disabled = this.past.length === 0;
      this.later();
    }

    later() {
      this.dirty = true;
      this.tell("Saving…");
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), 500);
    }

    // save sends all fields with the version that was read; one at a time.
    async save() {
      if (this.sending) { this.again = true; return; }
      this.sending = true; this.again = false; this.dirty = false;
      let problem = "The connection is gone. What you place is kept here, and sent with the next change.";
      try {
        const answer = await fetch(this.form.action, { method: "POST", headers: { "X-Place": "1" }, body: new URLSearchParams(new FormData(this.form)) });
        const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : { problem: "Not saved. Load the page again." };
        problem = said.problem ?? "";
        if (!problem) this.form.querySelector("[data-place-version]").value = said.version;
      } catch { /* said already */ }
      this.sending = false;
      if (problem) { this.dirty = true; this.tell(problem, true); return; }
      if (this.again) { this.save(); return; }
      if (!this.dirty) this.tell("Saved.");
    }

    tell(text, late) {
      const missing = this.people.filter((p) => !this.was.some((f) => f.who === p.value && f.kind === "signature")).map((p) => p.dataset.name);
      const rest = missing.length ? ` ${missing.join(", ")} ${missing.length > 1 ? "have" : "has"} no place to sign yet.` : "";
      this.says.textContent = late ? text : text + rest;
      this.says.classList.toggle("late", !!late);
    }
  }

  portico.every("form[data-place]", (form) => new Place(form).start());
}
