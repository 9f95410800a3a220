// <a data-dialog href> opens its page in a dialog; without a script it is simply a page. The server sees HX-Request and HX-Target: dialog-body.
// HX-Trigger "dialog:close" shuts it; focus goes back to where it came from.
{
  const { say, text } = portico;
  class DialogHost extends HTMLElement {
    connectedCallback() {
      document.addEventListener("click", (event) => {
        const link = event.target.closest("a[data-dialog]");
        if (!link || event.button || event.metaKey || event.ctrlKey || event.shiftKey || !globalThis.htmx) return;
        event.preventDefault();
        this.open(link);
      });
      document.addEventListener("dialog:close", () => this.dialog?.close());
    }

    async open(link) {
      const from = link.closest("details[data-menu]")?.querySelector("summary") ?? link;
      const box = document.createElement("dialog");
      box.className = `dialog ${link.dataset.dialog}`;
      box.innerHTML = `<button type="button" class="button quiet icon-only dialog-close" aria-label="${text(say("Close"))}">${portico.icon("x")}</button><div class="dialog-body" id="dialog-body"></div>`;
      this.dialog?.close();
      this.append(box);
      this.dialog = box;
      await htmx.ajax("GET", link.href, { target: "#dialog-body", source: box, swap: "innerHTML" });
      const body = box.querySelector(".dialog-body");
      if (!body.childElementCount) { box.remove(); location.assign(link.href); return; }
      const title = body.querySelector("h1, h2");
      if (title) { title.id ||= "dialog-title"; box.setAttribute("aria-labelledby", title.id); } else box.setAttribute("aria-label", link.textContent.trim());
      box.querySelector(".dialog-close").addEventListener("click", () => this.leave(box));
      box.addEventListener("cancel", (event) => { event.preventDefault(); this.leave(box); });
      box.addEventListener("click", (event) => { if (event.target === box) this.leave(box); });
      box.addEventListener("close", () => { box.remove(); if (this.dialog === box) this.dialog = null; if (from.isConnected) from.focus(); });
      box.showModal();
      (body.querySelector("[autofocus]") ?? body.querySelector("input:not([type=hidden]), select, textarea") ?? box.querySelector(".dialog-close")).focus();
    }

    // leave asks first when something was typed.
    leave(box) {
      if (portico.changes?.(box) && !confirm(say("Close without saving what you typed?"))) return;
      box.querySelectorAll("form").forEach((form) => form.reset());
      box.close();
    }
  }
  customElements.define("dialog-host", DialogHost);
}
