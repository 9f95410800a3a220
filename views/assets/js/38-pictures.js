// <a data-picture="large.jpg" data-caption="…" href="its page">: a press shows the photo large, among its neighbours; arrows, swipes and
// Esc do what one expects. Without a script the link leads to its page.
{
  const { icon, text, say } = portico;
  function open(link) {
    const all = [...(link.closest("[data-pictures]") ?? document).querySelectorAll("a[data-picture]")];
    let at = all.indexOf(link), down = null;
    const box = document.createElement("dialog");
    box.className = "documents-box";
    box.setAttribute("aria-label", say("Photo"));
    box.innerHTML = `<img alt=""><p aria-live="polite"></p><button type="button" class="prev" aria-label="${text(say("Previous photo"))}">${icon("chevron-left")}</button><button type="button" class="next" aria-label="${text(say("Next photo"))}">${icon("chevron-right")}</button><button type="button" class="close" aria-label="${text(say("Close"))}">${icon("x")}</button>`;
    const [img, words, prev, next, close] = box.children;
    const show = (to) => {
      at = Math.max(0, Math.min(all.length - 1, to));
      img.src = all[at].dataset.picture;
      img.alt = all[at].dataset.caption;
      words.textContent = all.length > 1 ? say("%s (%s of %s)", all[at].dataset.caption, at + 1, all.length) : all[at].dataset.caption;
      prev.disabled = at === 0; next.disabled = at === all.length - 1;
      for (const near of [at - 1, at + 1]) if (all[near]) new Image().src = all[near].dataset.picture;
    };
    prev.addEventListener("click", () => show(at - 1));
    next.addEventListener("click", () => show(at + 1));
    close.addEventListener("click", () => box.close());
    box.addEventListener("click", (event) => { if (event.target === box || event.target === words) box.close(); });
    box.addEventListener("keydown", (event) => { if (event.key === "ArrowLeft") show(at - 1); if (event.key === "ArrowRight") show(at + 1); });
    box.addEventListener("pointerdown", (event) => { down = event.isPrimary ? event.clientX : null; });
    box.addEventListener("pointerup", (event) => { const moved = down === null ? 0 : event.clientX - down; down = null; if (Math.abs(moved) > 60) show(at - Math.sign(moved)); });
    box.addEventListener("close", () => { box.remove(); if (link.isConnected) (all[at]?.isConnected ? all[at] : link).focus(); });
    document.body.append(box);
    show(at);
    box.showModal();
    close.focus();
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-picture]");
    if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey) return;
    event.preventDefault();
    open(link);
  });
  // <a data-key="ArrowRight"> is also pressed by that key.
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select, dialog, [data-pdf], [contenteditable]")) return;
    document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`)?.click();
  });
}
