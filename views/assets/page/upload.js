// <form data-upload="…/uploads" data-upload-one="…/uploads">: files go piece by piece, go on where a bad line broke them off, and can be
// tried again. Without a script the same form sends them whole.
{
  const { every, text, icon, say } = portico;
  const size = (n) => n < 1e6 ? `${Math.max(1, Math.round(n / 1e3))} KB` : n < 1e9 ? `${(n / 1e6).toFixed(1)} MB` : `${(n / 1e9).toFixed(1)} GB`;
  const smallest = 512 << 10;
  const pause = (ms) => new Promise((done) => {
    const timer = setTimeout(go, ms);
    function go() { clearTimeout(timer); removeEventListener("online", go); done(); }
    addEventListener("online", go); // the line is back: no need to wait longer
  });
  class Refused extends Error {}

  async function ask(method, url, body) {
    const answer = await fetch(url, { method, body, headers: { Accept: "application/json", "X-CSRF-Token": document.querySelector('meta[name="csrf"]')?.content ?? "" }, redirect: "manual" });
    return understand(answer.status, answer.status === 200 || answer.status === 409 || answer.status === 422 ? await answer.json().catch(() => ({})) : {});
  }
  function understand(status, said) {
    if (status === 200 || status === 409) return said;
    if (status === 422) throw new Refused(said.problem || say("This file was not taken."));
    if (status === 0 || status === 401 || status === 303) throw new Refused(say("You are signed out. Sign in and choose the file again: it goes on where it was."));
    if (status === 404) throw new Refused(say("You cannot upload here any more."));
    if (status === 413) throw new Refused(say("This file is too large."));
    throw new Error(`answer ${status}`); // our side's trouble: it is tried again
  }
  const post = (url, blob, item, tell) => new Promise((done, fail) => {
    const xhr = item.xhr = new XMLHttpRequest();
    xhr.open("POST", url);
    xhr.timeout = 110000;
    xhr.setRequestHeader("Content-Type", "application/offset+octet-stream");
    xhr.setRequestHeader("X-CSRF-Token", document.querySelector('meta[name="csrf"]')?.content ?? "");
    xhr.upload.onprogress = (event) => tell(event.loaded);
    xhr.onerror = xhr.ontimeout = () => fail(new Error("line"));
    xhr.onabort = () => fail(new Refused(say("Stopped.")));
    xhr.onload = () => { try { let said = {}; try { said = JSON.parse(xhr.responseText); } catch { /* a page */ } done(understand(xhr.status, said)); } catch (err) { fail(err); } };
    xhr.send(blob);
  });

  class Sending {
    constructor(form, file) {
      this.form = form; this.file = file; this.state = "ready";
      const li = this.li = document.createElement("li");
      li.innerHTML = `<span class="name">${text(file.name)}</span><button type="button" class="button quiet icon-only small" aria-label="${text(say("Leave out %s", file.name))}">${icon("x")}</button><progress max="100" value="0" aria-label="${text(file.name)}"></progress><span class="state"></span>`;
      this.button = li.querySelector("button"); this.bar = li.querySelector("progress"); this.words = li.querySelector(".state");
      this.button.addEventListener("click", () => this.press());
      this.say(size(file.size));
    }
    say(words, kind = "") { this.words.textContent = words; this.li.className = kind; }
    tell(offset) { this.bar.value = this.file.size ? (100 * offset) / this.file.size : 100; this.at = offset; this.say(say("%s %% of %s", Math.floor(this.bar.value), size(this.file.size))); }
    press() {
      if (this.state === "failed") { this.state = "ready"; this.form.uploader.run(); return; }
      const id = this.id;
      this.state = "left"; this.xhr?.abort(); this.li.remove(); this.form.uploader.drop(this);
      if (id) ask("DELETE", `${this.form.dataset.uploadOne}/${id}`).catch(() => {});
    }
    face(name, label) { this.button.innerHTML = icon(name); this.button.setAttribute("aria-label", label); }

    async begin() {
      const wishes = new URLSearchParams({ name: this.file.name, size: this.file.size, mark: `${this.file.lastModified} ${this.file.type}`.slice(0, 200) });
      for (const name of ["remark", "shared", "tells"]) { const field = this.form.elements[name]; if (field && (field.type !== "checkbox" || field.checked)) wishes.set(name, field.type === "checkbox" ? "on" : field.value); }
      return ask("POST", this.form.dataset.upload, wishes);
    }
    // go sends until all is there. Whatever breaks is asked for again from where the server has it.
    async go() {
      this.state = "sending"; this.face("x", say("Stop %s", this.file.name));
      let piece = smallest * 2, tries = 0, said = null;
      for (;;) {
        try {
          said ??= this.id ? await ask("GET", `${this.form.dataset.uploadOne}/${this.id}`) : await this.begin();
          this.id = said.id;
          if (said.state === "refused") throw new Refused(said.problem);
          if (said.state === "done") return;
          if (said.state === "joining") { this.bar.removeAttribute("value"); this.say(say("Putting it together…")); await pause(1000); said = null; continue; }
          this.tell(said.offset);
          const from = said.offset, began = performance.now(), part = this.file.slice(from, from + Math.min(piece, said.piece));
          said = await post(`${this.form.dataset.uploadOne}/${this.id}/pieces?offset=${from}`, part, this, (loaded) => this.tell(from + Math.min(loaded, part.size)));
          const took = performance.now() - began;
          piece = took < 2000 ? piece * 2 : took > 10000 ? Math.max(smallest / 2, piece / 2) : piece;
          tries = 0;
        } catch (err) {
          if (err instanceof Refused || this.state === "left") throw err;
          said = null; piece = smallest; tries++;
          if (tries > 40) throw new Refused(say("The line is too bad. Try again later: it goes on where it was."));
          this.say(this.id ? say("Waiting for the connection… %s %% is there", Math.floor(this.bar.value)) : say("Waiting for the connection…"));
          await pause(Math.min(30000, 500 * 2 ** tries));
        }
      }
    }
  }

  class Uploader {
    constructor(form) {
      this.form = form; this.items = []; this.busy = 0; this.input = form.querySelector("input[type=file]");
      this.queue = form.querySelector("[data-upload-queue]"); this.plain = form.querySelector("[data-upload-plain]");
      this.now = !form.elements.remark; // nothing is asked beside the files
      this.plain.hidden = true;
      this.input.addEventListener("change", () => { if (this.input.files.length) this.take(this.input.files); });
      form.addEventListener("submit", (event) => { event.preventDefault(); event.stopImmediatePropagation(); this.run(); }, true);
      form.closest("[data-drop]") && this.listen(form.closest("[data-drop]"));
    }
    listen(place) {
      for (const name of ["dragenter", "dragover", "dragleave", "drop"]) place.addEventListener(name, (event) => {
        if (!event.dataTransfer?.types.includes("Files") || event.target.closest(".file-drop")) return;
        event.preventDefault(); place.classList.toggle("over", name === "dragenter" || name === "dragover");
        if (name === "drop") { this.take(event.dataTransfer.files); this.form.scrollIntoView({ block: "nearest" }); }
      });
    }
    take(files) {
      const list = [...files];
      this.input.value = ""; this.form.querySelector(".file-previews")?.replaceChildren();
      for (const file of list) { const item = new Sending(this.form, file); this.items.push(item); this.queue.append(item.li); }
      this.plain.hidden = this.now;
      if (this.now) this.run(); else this.plain.focus();
    }
    drop(item) { this.items = this.items.filter((i) => i !== item); if (!this.items.some((i) => i.state === "ready")) this.plain.hidden = true; }
    run() {
      this.plain.hidden = true;
      for (const item of this.items) {
        if (this.busy >= 2) return;
        if (item.state !== "ready") continue;
        this.busy++;
        item.go().then(
          () => { item.state = "done"; item.bar.value = 100; item.button.remove(); item.say(say("Arrived"), "arrived"); this.arrived = true; },
          (err) => { if (item.state !== "left") { item.state = "failed"; item.face("refresh-cw", say("Try again: %s", item.file.name)); item.say(err instanceof Refused ? err.message : say("Something went wrong. Try again."), "failed"); } },
        ).finally(() => { this.busy--; this.run(); if (!this.busy) this.end(); });
      }
    }
    end() {
      if (!this.arrived) return;
      this.arrived = false;
      if (!this.form.closest("[data-drop]")) { location.reload(); return; }
      for (const item of this.items.filter((i) => i.state === "done")) setTimeout(() => { item.li.remove(); this.drop(item); }, 4000);
      globalThis.htmx?.ajax("GET", location.href, { target: "#documents-list", select: "#documents-list", swap: "outerHTML" });
    }
  }
  every("form[data-upload]", (form) => { form.uploader = new Uploader(form); });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-upload-open]")) return;
    const form = document.querySelector("form[data-upload]");
    event.preventDefault(); form?.scrollIntoView({ block: "nearest" }); form?.uploader.input.click();
  });
  addEventListener("beforeunload", (event) => { if ([...document.querySelectorAll("form[data-upload]")].some((form) => form.uploader?.busy)) event.preventDefault(); });
}
