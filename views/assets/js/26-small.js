// Small helpers: relative time beside the absolute, copying, printing, previews of chosen files.
{
  const { every, icon, text, say } = portico;
  const units = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang || "en", { numeric: "auto" });
  const ago = (then) => {
    const seconds = (then - Date.now()) / 1000;
    const [unit, size] = units.find(([, s]) => Math.abs(seconds) >= s) ?? ["minute", 60];
    return Math.abs(seconds) < 60 ? say("just now") : words.format(Math.round(seconds / size), unit);
  };
  const tell = (time) => {
    const then = Date.parse(time.dateTime);
    if (Number.isNaN(then)) return;
    let beside = time.nextElementSibling;
    if (!beside?.matches(".ago")) { beside = Object.assign(document.createElement("span"), { className: "ago" }); time.after(beside); }
    beside.textContent = ` · ${ago(then)}`;
  };
  every("time[data-ago]", tell);
  // the tab in view is not hidden beyond the edge of a phone
  every(".tabs [aria-current]", (tab) => { const row = tab.closest(".tabs"); const at = tab.getBoundingClientRect(); row.scrollLeft += at.left + at.width / 2 - row.getBoundingClientRect().left - row.clientWidth / 2; });
  setInterval(() => { if (!document.hidden) document.querySelectorAll("time[data-ago]").forEach(tell); }, 60000);

  document.addEventListener("click", async (event) => {
    if (event.target.closest("[data-print]")) print();
    const button = event.target.closest("[data-copy], [data-copy-from]");
    if (!button) return;
    const from = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
    const value = from ? (from.value ?? [...from.children].map((c) => c.textContent).join("\n")) : button.dataset.copy;
    try { await navigator.clipboard.writeText(value); } catch { return; }
    const before = button.innerHTML;
    button.innerHTML = icon("check") + (button.classList.contains("icon-only") ? "" : text(say("Copied")));
    document.dispatchEvent(new CustomEvent("toast", { detail: { kind: "ok", text: say("Copied") } }));
    setTimeout(() => { button.innerHTML = before; }, 1600);
  });

  every("[data-file] input[type=file]", (input) => {
    const field = input.closest("[data-file]"), list = field.querySelector(".file-previews"), drop = field.querySelector(".file-drop");
    const size = (n) => n < 1e6 ? `${Math.max(1, Math.round(n / 1e3))} KB` : `${(n / 1e6).toFixed(1)} MB`;
    input.addEventListener("change", () => {
      list.querySelectorAll("img").forEach((img) => URL.revokeObjectURL(img.src));
      list.innerHTML = "";
      for (const file of input.files) {
        const item = document.createElement("li");
        item.innerHTML = `${/^image\/(png|jpeg|gif|webp|avif)$/.test(file.type) ? '<img alt="">' : icon("file")}<span class="truncate">${text(file.name)}</span><span class="muted nowrap">${size(file.size)}</span>`;
        const picture = item.querySelector("img");
        if (picture) picture.src = URL.createObjectURL(file);
        list.append(item);
      }
    });
    for (const name of ["dragover", "dragleave", "drop"]) drop?.addEventListener(name, (event) => { event.preventDefault(); drop.classList.toggle("over", name === "dragover"); });
    drop?.addEventListener("drop", (event) => { if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; input.dispatchEvent(new Event("change", { bubbles: true })); } });
  });
}
