// Scripts of the pages on which documents are signed: the box to sign in, and the document with what stands on it.

// <div data-pad>: a box to sign in with a finger, a pen or the mouse. Strokes are kept in ten-thousandths of the box and drawn anew
// whenever its size changes, so that they outlive rotation, zoom, scrolling, and a form that comes back with something to mend.
{
  const { say } = portico;
  const most = { strokes: 200, points: 5000 }, apart = 45, whole = 10000;

  // draw puts strokes on a canvas of any size, rounded as a pen would.
  const draw = (canvas, strokes) => {
    const pen = canvas.getContext("2d"), { width, height } = canvas;
    pen.clearRect(0, 0, width, height);
    pen.strokeStyle = pen.fillStyle = getComputedStyle(canvas).color;
    pen.lineWidth = Math.max(1, width / 150);
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of strokes) {
      const at = stroke.map(([x, y]) => [(x * width) / whole, (y * height) / whole]);
      if (!at.length) continue;
      pen.beginPath();
      pen.moveTo(...at[0]);
      for (let i = 1; i < at.length - 1; i++) pen.quadraticCurveTo(...at[i], (at[i][0] + at[i + 1][0]) / 2, (at[i][1] + at[i + 1][1]) / 2);
      pen.lineTo(...at[at.length - 1]);
      pen.stroke();
    }
  };
  // fit gives a canvas the pixels of its box on this screen.
  const fit = (canvas, box) => {
    const sharp = Math.min(3, devicePixelRatio || 1);
    canvas.width = Math.round(box.clientWidth * sharp);
    canvas.height = Math.round(box.clientHeight * sharp);
  };
  const read = (text) => { try { const all = JSON.parse(text || "[]"); return Array.isArray(all) ? all : []; } catch { return []; } };
  portico.ink = { draw, fit, read };

  portico.every("[data-pad]", (pad) => {
    const canvas = pad.querySelector("canvas"), box = canvas.parentElement, kept = pad.querySelector("[data-pad-strokes]");
    const says = pad.querySelector("[data-pad-says]"), undo = pad.querySelector("[data-pad-undo]"), clear = pad.querySelector("[data-pad-clear]");
    const strokes = read(kept.value);
    let pointer = null, points = strokes.reduce((n, s) => n + s.length, 0);

    const show = () => { if (canvas.width) draw(canvas, strokes); };
    const keep = () => {
      points = strokes.reduce((n, s) => n + s.length, 0);
      kept.value = strokes.length ? JSON.stringify(strokes) : "";
      undo.disabled = clear.disabled = strokes.length === 0;
      pad.dispatchEvent(new CustomEvent("ink", { bubbles: true }));
    };
    const place = (event) => {
      const at = box.getBoundingClientRect(), part = (n, size) => Math.min(whole, Math.max(0, Math.round((n * whole) / size)));
      return [part(event.clientX - at.left - box.clientLeft, box.clientWidth), part(event.clientY - at.top - box.clientTop, box.clientHeight)];
    };
    const add = (event) => {
      const stroke = strokes[strokes.length - 1], last = stroke[stroke.length - 1], now = place(event);
      // the box is three times as wide as high: a step down weighs less
      if (last && Math.hypot(now[0] - last[0], (now[1] - last[1]) / 3) < apart) return;
      if (points >= most.points) { says.textContent = say("This is as much as fits."); return; }
      stroke.push(now);
      points += 1;
    };

    new ResizeObserver(() => { fit(canvas, box); show(); }).observe(box);
    canvas.addEventListener("pointerdown", (event) => {
      if (pointer !== null || event.button > 0 || strokes.length >= most.strokes) return; // a second finger, the palm
      event.preventDefault();
      pointer = event.pointerId;
      canvas.setPointerCapture(pointer);
      says.textContent = "";
      strokes.push([]);
      add(event);
      show();
    });
    canvas.addEventListener("pointermove", (event) => {
      if (event.pointerId !== pointer) return;
      const all = event.getCoalescedEvents?.() ?? [];
      for (const one of all.length ? all : [event]) add(one);
      show();
    });
    for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) canvas.addEventListener(end, (event) => {
      if (event.pointerId !== pointer) return;
      pointer = null;
      keep();
    });
    undo.addEventListener("click", () => { strokes.pop(); show(); keep(); says.textContent = strokes.length ? say("The last stroke is gone.") : say("The box is empty."); });
    clear.addEventListener("click", () => { strokes.length = 0; show(); keep(); says.textContent = say("The box is empty."); });
    keep();
  });
}

// The pages of a document that is signed: <div data-sheets="file" data-marks="#list">, with what stands on them; and in [data-signing] the
// signer's own fields in their places, how far somebody has read, and the way to what is still to do. Without this, the link to the PDF
// and the plain form below it do the same.
{
  const { every, say } = portico;
  const make = (name, more, ...inside) => { const el = Object.assign(document.createElement(name), more); el.append(...inside); return el; };
  const lay = (el, { x, y, w, h }) => { Object.assign(el.style, { left: `${x / 100}%`, top: `${y / 100}%`, width: `${w / 100}%`, height: `${h / 100}%` }); return el; };

  // stamp shows ink or words in a box.
  const stamp = (box, kind, words, strokes) => {
    box.replaceChildren();
    if (strokes?.length) {
      const canvas = make("canvas", {});
      box.append(canvas);
      new ResizeObserver(() => { portico.ink.fit(canvas, box); portico.ink.draw(canvas, strokes); }).observe(box);
    } else box.append(make("span", { textContent: kind === "checkbox" ? (words ? "✕" : "") : words, className: kind === "signature" || kind === "initials" ? "ink" : "" }));
  };

  const sheets = async (box) => {
    const kept = [...box.childNodes];
    try {
      const pdf = await import(box.dataset.pdfScript);
      pdf.GlobalWorkerOptions.workerSrc = box.dataset.pdfWorker;
      const file = await pdf.getDocument({ url: box.dataset.sheets, isEvalSupported: false, useWasm: false, enableXfa: false }).promise;
      const shape = (await file.getPage(1)).getViewport({ scale: 1 });
      const all = [];
      const draw = async (sheet) => {
        if (sheet.drawing || !box.clientWidth) return;
        sheet.drawing = true;
        const page = await file.getPage(sheet.n), plain = page.getViewport({ scale: 1 }), canvas = sheet.querySelector("canvas.page");
        sheet.style.aspectRatio = `${plain.width} / ${plain.height}`;
        const view = page.getViewport({ scale: Math.min(4, (sheet.clientWidth / plain.width) * Math.min(2, devicePixelRatio || 1)) });
        canvas.width = view.width; canvas.height = view.height;
        await page.render({ canvas, canvasContext: canvas.getContext("2d"), viewport: view }).promise;
        sheet.dataset.drawn = "yes";
      };
      // far away pages give their memory back: a phone has little
      const near = new IntersectionObserver((entries) => {
        for (const { isIntersecting, target } of entries) {
          if (isIntersecting) draw(target).catch(() => { target.drawing = false; });
          else if (target.dataset.drawn) { target.querySelector("canvas.page").width = 0; target.drawing = false; delete target.dataset.drawn; }
        }
      }, { rootMargin: "1200px" });
      for (let n = 1; n <= file.numPages; n++) {
        const sheet = make("section", { className: "envelope-sheet", n, tabIndex: -1 }, make("canvas", { className: "page" }), make("div", { className: "visually-hidden" }), make("i", { className: "end" }));
        sheet.setAttribute("aria-label", say("Page %s of %s", n, file.numPages));
        sheet.querySelector("canvas").setAttribute("aria-hidden", "true");
        sheet.style.aspectRatio = `${shape.width} / ${shape.height}`;
        all.push(sheet);
      }
      box.replaceChildren(...all);
      all.forEach((sheet) => near.observe(sheet));
      for (const mark of document.querySelector(box.dataset.marks)?.children ?? []) {
        const on = all[mark.dataset.page - 1];
        if (!on) continue;
        const spot = lay(make("div", { className: "envelope-mark" }), mark.dataset);
        on.append(spot);
        stamp(spot, mark.dataset.kind, mark.textContent, portico.ink.read(mark.dataset.strokes));
      }
      box.dispatchEvent(new CustomEvent("sheets", { bubbles: true, detail: all }));
      // the words of each page, for who does not see it
      for (const sheet of all) {
        const content = await (await file.getPage(sheet.n)).getTextContent();
        sheet.querySelector(".visually-hidden").textContent = content.items.map((part) => part.str + (part.hasEOL ? "\n" : "")).join("");
      }
    } catch { box.replaceChildren(...kept); box.dispatchEvent(new CustomEvent("sheets", { bubbles: true, detail: [] })); }
  };

  // own puts a field of the signer into its place on the page: what is written there and in the list below is one and the same.
  const own = (root, field, all) => {
    const { kind, page } = field.dataset, sheet = all[page - 1];
    if (!sheet) return;
    const spot = lay(make("div", { className: `envelope-mark own ${kind}` }), field.dataset);
    sheet.append(spot);
    const control = field.querySelector("input"), name = field.querySelector("label")?.firstChild?.textContent?.trim() || field.querySelector("span")?.textContent || kind;
    if (kind === "date") return stamp(spot, kind, field.textContent);
    if (kind === "text" || kind === "checkbox") {
      const twin = make("input", { type: kind === "text" ? "text" : "checkbox", maxLength: 300 });
      twin.setAttribute("aria-label", say("%s, on page %s", name, page));
      const copy = (from, to) => () => { to.value = from.value; to.checked = from.checked; tell(root); };
      copy(control, twin)();
      control.addEventListener("input", copy(control, twin));
      twin.addEventListener("input", copy(twin, control));
      return spot.append(twin);
    }
    const set = root.querySelector(`[data-ink="${kind}"]`), button = make("button", { type: "button" }), words = set.querySelector("input[type=text]"), drawn = set.querySelector("[data-pad-strokes]");
    spot.append(button);
    button.addEventListener("click", () => goTo(set.querySelector(":is(input[type=radio]:checked, input[type=text])"), set));
    const show = () => {
      const strokes = set.querySelector("input[value=drawn]").checked ? portico.ink.read(drawn.value) : null;
      stamp(button, kind, strokes ? "" : words.value, strokes);
      const empty = strokes ? !strokes.length : !words.value.trim();
      button.classList.toggle("empty", empty);
      if (empty) button.textContent = kind === "initials" ? say("Initials") : say("Sign here");
      const where = kind === "initials"
        ? empty ? say(", your initials, on page %s: to do", page) : say(", your initials, on page %s", page)
        : empty ? say(", your signature, on page %s: to do", page) : say(", your signature, on page %s", page);
      button.append(make("span", { className: "visually-hidden", textContent: where }));
    };
    set.addEventListener("input", show);
    set.addEventListener("ink", show);
    show();
  };

  const goTo = (control, around) => { (around ?? control).scrollIntoView({ block: "center" }); control.focus({ preventScroll: true }); };
  const states = new WeakMap();

  // tell says how far somebody is, and what the button of the bar leads to.
  const tell = (root) => {
    const state = states.get(root);
    if (!state) return;
    const { all, seen, says, next, tick } = state, done = seen.size >= all.length;
    if (done && all.length) tick.checked = true;
    state.bar.dataset.seen = seen.size;
    const text = !done ? say("Page %s of %s", state.page, all.length) : all.length === 1 ? say("You have read it") : say("All %s pages read", all.length);
    if (says.textContent !== text) says.textContent = text;
    next.textContent = done ? say("Continue") : say("Next");
  };
  const onward = (root) => {
    const { all, seen, bar } = states.get(root);
    const unread = all.find((sheet) => !seen.has(sheet.n));
    if (unread) {
      const at = unread.getBoundingClientRect(), begun = at.top < innerHeight * 0.4 && at.bottom > innerHeight - bar.offsetHeight;
      unread.scrollIntoView({ block: begun ? "end" : "start" });
      return unread.focus({ preventScroll: true });
    }
    const form = root.querySelector("form");
    const open = [...form.querySelectorAll("[data-field] input, [name=consent]")].find((c) => c.type === "checkbox" ? !c.checked && (c.name === "consent" || !c.closest("[data-optional]")) : !c.value && !c.closest(".field")?.querySelector(".optional"));
    if (open) return goTo(open);
    goTo(root.querySelector("#step-sign"));
  };

  every("[data-sheets]", (box) => {
    // within something folded nothing can be measured: wait until it opens
    const fold = box.closest("details:not([open])");
    if (fold) fold.addEventListener("toggle", () => sheets(box), { once: true });
    else sheets(box);
  });
  document.addEventListener("sheets", (event) => {
    const root = event.target.closest("[data-signing]"), all = event.detail;
    if (!root || !all.length) return;
    const bar = root.querySelector("[data-signing-bar]"), tick = root.querySelector("[name=read]"), seen = new Set(tick.checked ? all.map((s) => s.n) : []);
    const state = { all, seen, bar, tick, page: 1, says: root.querySelector("[data-signing-says]"), next: root.querySelector("[data-signing-next]") };
    states.set(root, state);
    root.querySelector("[data-seen-tick]").hidden = !root.querySelector("#read-wrong");
    bar.hidden = false;
    for (const field of root.querySelectorAll("[data-field]")) own(root, field, all);
    const ends = new IntersectionObserver((entries) => { for (const { isIntersecting, target } of entries) if (isIntersecting) seen.add(target.parentElement.n); tell(root); }, { rootMargin: "0px 0px -40px" });
    const middle = new IntersectionObserver((entries) => { for (const { isIntersecting, target } of entries) if (isIntersecting) state.page = target.n; tell(root); }, { rootMargin: "-45% 0px -45%" });
    for (const sheet of all) { ends.observe(sheet.querySelector(".end")); middle.observe(sheet); }
    new IntersectionObserver(([entry]) => { bar.hidden = entry.isIntersecting || entry.boundingClientRect.top < 0; }).observe(root.querySelector("#step-sign").parentElement);
    state.next.addEventListener("click", () => onward(root));
    tell(root);
  });
}
