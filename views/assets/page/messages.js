// Conversations: the end of the thread stays in sight, what is really looked at counts as read, and the keyboard reaches everything:
// j and k walk the list, r writes, n begins a new one, e closes, Escape goes back, Ctrl-Enter sends.
{
  const { every, text } = portico;
  const token = () => document.querySelector('meta[name="csrf"]')?.content ?? "";
  const looking = () => document.visibilityState === "visible" && document.hasFocus();
  const talk = () => document.getElementById("talk");
  const box = () => document.querySelector("[data-scroll]");

  // What is read is said once, when somebody looks.
  let said = "";
  const read = () => {
    const t = talk(), to = t?.dataset.readTo;
    if (!t?.hasAttribute("data-unread") || !to || to === said || !looking()) return;
    said = to;
    fetch(document.querySelector("[data-reading]").dataset.reading, { method: "POST", headers: { "X-CSRF-Token": token(), "HX-Request": "true" }, body: new URLSearchParams({ to }) })
      .then((answer) => { if (!answer.ok) said = ""; }, () => { said = ""; });
  };
  addEventListener("focus", read);
  document.addEventListener("visibilitychange", read);

  // The thread begins at what is new, or at its end; it follows while its end is in sight.
  let atEnd = true;
  const scrolls = (b) => b.scrollHeight > b.clientHeight + 4 && getComputedStyle(b).overflowY !== "visible";
  const end = () => { const b = box(); if (!b) return; if (scrolls(b)) b.scrollTop = b.scrollHeight; else if (matchMedia("(width < 900px)").matches) scrollTo(0, document.body.scrollHeight); };
  const near = () => { const b = box(); return !b || !scrolls(b) || b.scrollHeight - b.scrollTop - b.clientHeight < 120; };
  every("[data-scroll]", (b) => {
    b.addEventListener("scroll", () => { atEnd = near(); }, { passive: true });
    const to = document.querySelector(location.hash.startsWith("#message-") ? location.hash : "#new");
    if (to) to.scrollIntoView({ block: "center" }); else end();
    setTimeout(() => { atEnd = near(); });
    b.addEventListener("load", () => { if (atEnd) end(); }, true); // pictures come later
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if (event.target.id !== "talk" && event.detail.elt?.id !== "talk") return;
    if (atEnd) end();
    read();
  });
  read();

  // The form: it shows what is attached, takes ready answers, and gives the focus back after sending.
  every(".messages-compose", (form) => {
    const area = form.querySelector("textarea"), files = form.querySelector("[type=file]"), chosen = form.querySelector("[data-chosen]");
    files.addEventListener("change", () => { chosen.innerHTML = [...files.files].map((f) => `<li>${text(f.name)}</li>`).join(""); });
    form.addEventListener("dragover", (event) => { event.preventDefault(); form.classList.add("over"); });
    form.addEventListener("dragleave", () => form.classList.remove("over"));
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      form.classList.remove("over");
      if (event.dataTransfer.files.length) { files.files = event.dataTransfer.files; files.dispatchEvent(new Event("change")); }
    });
    area.addEventListener("paste", (event) => { if (event.clipboardData?.files.length) { event.preventDefault(); files.files = event.clipboardData.files; files.dispatchEvent(new Event("change")); } });
    area.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(form.querySelector(".messages-tools button.primary")); }
      if (event.key === "Escape") area.blur();
    });
    form.addEventListener("click", (event) => {
      const answer = event.target.closest("[data-answer]");
      if (!answer) return;
      area.setRangeText((area.value && !area.value.endsWith("\n") ? "\n" : "") + answer.dataset.answer, area.selectionStart, area.selectionEnd, "end");
      answer.closest("details").open = false;
      area.dispatchEvent(new Event("input", { bubbles: true }));
      area.focus();
    });
    if (form.hasAttribute("data-cleared")) { atEnd = true; end(); area.focus({ preventScroll: true }); }
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, [contenteditable], dialog, details[open]")) return;
    const rows = [...document.querySelectorAll(".messages-row")].filter((a) => a.offsetParent);
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[event.key];
    if (step && rows.length && (event.key.length === 1 || rows.includes(document.activeElement))) {
      event.preventDefault();
      const at = rows.indexOf(document.activeElement), here = rows.findIndex((a) => a.hasAttribute("aria-current"));
      return rows[Math.max(0, Math.min(rows.length - 1, at >= 0 ? at + step : here >= 0 ? here + step : 0))].focus();
    }
    if (event.key === "r") { const area = document.getElementById("compose-body"); if (area) { event.preventDefault(); area.focus(); } }
    if (event.key === "n") { const a = document.querySelector("[data-key-new]"); if (a) { event.preventDefault(); a.click(); } }
    if (event.key === "e") { const b = document.querySelector("[data-key-close]"); if (b) { event.preventDefault(); b.click(); } }
    if (event.key === "Escape") { const a = document.querySelector("[data-key-back]"); if (a) { event.preventDefault(); a.click(); } }
  });
}
