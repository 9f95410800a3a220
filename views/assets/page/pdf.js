// <div data-pdf="file" data-pdf-script data-pdf-worker>: draws the pages of a PDF as they come into view, also on phones, which show none
// within a page. Until then, and without a script, there is a link to the file.
{
  const { say } = portico;
  // pdf.open reads a file, pdf.draw draws a page onto <canvas data-page="1">.
  portico.pdf = {
    async open(url, { pdfScript, pdfWorker }) {
      const pdf = await import(pdfScript);
      pdf.GlobalWorkerOptions.workerSrc = pdfWorker;
      return pdf.getDocument({ url, isEvalSupported: false, useWasm: false, enableXfa: false }).promise;
    },
    async draw(file, canvas) {
      const page = await file.getPage(Number(canvas.dataset.page)), plain = page.getViewport({ scale: 1 });
      const scale = Math.min(3, (Math.min(canvas.clientWidth, 900) / plain.width) * Math.min(2, devicePixelRatio || 1)), view = page.getViewport({ scale });
      canvas.width = view.width; canvas.height = view.height;
      await page.render({ canvas, canvasContext: canvas.getContext("2d"), viewport: view }).promise;
      canvas.dataset.drawn = "yes";
    },
  };

  portico.every("[data-pdf]", async (box) => {
    const kept = box.innerHTML;
    try {
      const file = await portico.pdf.open(box.dataset.pdf, box.dataset);
      const first = await file.getPage(1), shape = first.getViewport({ scale: 1 });
      const seen = new IntersectionObserver((entries) => {
        for (const { isIntersecting, target } of entries) if (isIntersecting) { seen.unobserve(target); portico.pdf.draw(file, target).catch(() => {}); }
      }, { root: box, rootMargin: "600px" });
      box.replaceChildren();
      for (let n = 1; n <= file.numPages; n++) {
        const canvas = document.createElement("canvas");
        canvas.dataset.page = n; canvas.width = shape.width; canvas.height = shape.height;
        canvas.setAttribute("role", "img"); canvas.setAttribute("aria-label", say("Page %s of %s", n, file.numPages));
        box.append(canvas);
        seen.observe(canvas);
      }
    } catch { box.innerHTML = kept; }
  });
}
