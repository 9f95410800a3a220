// <div data-pad>: a box to sign in with a finger, a pen or the mouse. Strokes are kept in ten-thousandths of the box and drawn anew
// whenever its size changes, so that they outlive rotation, zoom, scrolling, and a form that comes back with something to mend.
{
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
      if (points >= most.points) { says.textContent = "This is as much as fits."; return; }
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
    undo.addEventListener("click", () => { strokes.pop(); show(); keep(); says.textContent = strokes.length ? "The last stroke is gone." : "The box is empty."; });
    clear.addEventListener("click", () => { strokes.length = 0; show(); keep(); says.textContent = "The box is empty."; });
    keep();
  });
}
