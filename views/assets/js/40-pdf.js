// <div data-pdf="file" data-pdf-script data-pdf-worker>: draws the pages of a PDF as they come into view, also on phones, which show none
// within a page. Until then, and without a script, there is a link to the file.
{
  portico.every("[data-pdf]", async (box) => {
    const kept = box.innerHTML;
    try {
      const pdf = await import(box.dataset.pdfScript);
      pdf.GlobalWorkerOptions.workerSrc = box.dataset.pdfWorker;
      const file = await pdf.getDocument({ url: box.dataset.pdf, isEvalSupported: false, useWasm: false, enableXfa: false }).promise;
      const first = await file.getPage(1), shape = first.getViewport({ scale: 1 });
      const draw = async (canvas) => {
        const page = await file.getPage(Number(canvas.dataset.page)), plain = page.getViewport({ scale: 1 });
        const scale = Math.min(3, (Math.min(canvas.clientWidth, 900) / plain.width) * Math.min(2, devicePixelRatio || 1)), view = page.getViewport({ scale });
        canvas.width = view.width; canvas.height = view.height;
        await page.render({ canvas, canvasContext: canvas.getContext("2d"), viewport: view }).promise;
        canvas.dataset.drawn = "yes";
      };
      const seen = new IntersectionObserver((entries) => {
        for (const { isIntersecting, target } of entries) if (isIntersecting) { seen.unobserve(target); draw(target).catch(() => {}); }
      }, { root: box, rootMargin: "600px" });
      box.replaceChildren();
      for (let n = 1; n <= file.numPages; n++) {
        const canvas = document.createElement("canvas");
        canvas.dataset.page = n; canvas.width = shape.width; canvas.height = shape.height;
        canvas.setAttribute("role", "img"); canvas.setAttribute("aria-label", `Page ${n} of ${file.numPages}`);
        box.append(canvas);
        seen.observe(canvas);
      }
    } catch { box.innerHTML = kept; }
  });
}
