// <form data-dailylog="id" data-person data-base>: a log that is written in the rain. What is typed is kept on the device at once and
// with the server whenever there is a line; photos wait in the browser's own store and go one by one, each until it has arrived.
// Closing the page loses nothing: the next one goes on. <div data-dailylogs-waiting> sends what waits from a page without the form,
// and lists what was refused: why, and what one can do about it.
{
  const { every, text, icon } = portico;
  const csrf = () => document.querySelector('meta[name="csrf"]')?.content ?? "";
  const count = (n, one) => `${n} ${one}${n === 1 ? "" : "s"}`;
  class Refused extends Error {}
  class SignedOut extends Error {}

  // The store of photos. Where the browser has none (some private windows), they live as long as the page.
  const memory = new Map();
  let opening;
  const open = () => opening ??= new Promise((done) => {
    let asked;
    try { asked = indexedDB.open("portico-dailylogs", 1); } catch { done(null); return; }
    asked.onupgradeneeded = () => asked.result.createObjectStore("photos", { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => done(null);
  });
  const within = async (mode, act) => {
    const db = await open();
    if (!db) return null;
    return new Promise((done, fail) => {
      const tx = db.transaction("photos", mode), asked = act(tx.objectStore("photos"));
      tx.oncomplete = () => done(asked.result);
      tx.onerror = tx.onabort = () => fail(tx.error);
    });
  };
  const store = {
    async put(photo) { memory.set(photo.key, photo); const { shown, ...kept } = photo; try { await within("readwrite", (s) => s.put(kept)); return true; } catch { return false; } },
    async drop(key) { memory.delete(key); try { await within("readwrite", (s) => s.delete(key)); } catch { /* it is asked for again, and the server knows it */ } },
    async of(person) { let list = null; try { list = await within("readonly", (s) => s.getAll()); } catch { /* none */ } return (list ?? [...memory.values()]).filter((p) => p.person === person).sort((a, b) => a.order - b.order); },
  };

  // A screen shows no more than 2048 pixels of a photo: the rest of what a camera takes need not cross a bad line.
  const longest = 2048;
  async function shrunk(file) {
    if (!/^image\/(jpeg|webp)$/.test(file.type) || file.size < 900e3) return file;
    try {
      const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
      const by = Math.min(1, longest / Math.max(bitmap.width, bitmap.height)), canvas = document.createElement("canvas");
      canvas.width = Math.round(bitmap.width * by); canvas.height = Math.round(bitmap.height * by);
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      bitmap.close();
      const small = await new Promise((done) => canvas.toBlob(done, "image/jpeg", .86));
      return small && small.size < file.size ? small : file;
    } catch { return file; }
  }

  // picture shows what waits on this device; what the browser cannot draw leaves an empty box.
  const picture = (img, photo) => { img.addEventListener("error", () => { img.hidden = true; }); return img.src = photo.shown ??= URL.createObjectURL(photo.blob); };

  const pause = (ms) => new Promise((done) => {
    const timer = setTimeout(go, ms);
    function go() { clearTimeout(timer); removeEventListener("online", go); done(); }
    addEventListener("online", go); // the line is back: no need to wait longer
  });

  // post answers {status, body}; no answer is an Error that is worth another try.
  const post = (url, body, type, watch = {}) => new Promise((done, fail) => {
    const xhr = watch.xhr = new XMLHttpRequest();
    xhr.open(watch.method ?? "POST", url);
    xhr.timeout = 240000;
    if (type) xhr.setRequestHeader("Content-Type", type);
    xhr.setRequestHeader("HX-Request", "true"); // whoever is signed out is told so, and not shown another page
    xhr.setRequestHeader("X-CSRF-Token", csrf());
    xhr.upload.onprogress = (event) => watch.tell?.(event.loaded, event.total);
    xhr.onerror = xhr.ontimeout = () => fail(new Error("line"));
    xhr.onabort = () => fail(new Refused("Stopped."));
    xhr.onload = () => {
      let said = null;
      try { said = JSON.parse(xhr.responseText); } catch { /* a fragment */ }
      if (xhr.getResponseHeader("HX-Redirect") || xhr.status === 401) return fail(new SignedOut());
      if (xhr.status === 200 || xhr.status === 204) return done({ status: xhr.status, said, body: xhr.responseText });
      if (xhr.status === 422) return fail(new Refused(said?.problem || "This was not taken."));
      if (xhr.status === 404) return fail(new Refused("This log is not there any more."));
      if (xhr.status === 413) return fail(new Refused("This photo is too large."));
      if (xhr.status === 403) return fail(new Refused("This was refused. Reload the page and try again."));
      fail(new Error(`answer ${xhr.status}`)); // our side's trouble: it is tried again
    };
    xhr.send(body);
  });

  // Queue sends the photos of one person, one after the other, whichever logs they belong to.
  class Queue {
    constructor(person) { this.person = person; this.list = []; this.watchers = new Set(); this.running = false; }
    async load() { for (const photo of await store.of(this.person)) if (!this.list.some((p) => p.key === photo.key)) this.list.push(Object.assign(photo, { ready: true, problem: photo.problem ?? "" })); this.tell(); }
    waiting(log) { return this.list.filter((p) => (!log || p.log === log) && !p.problem); }
    failed(log) { return this.list.filter((p) => (!log || p.log === log) && p.problem); }
    watch(fn) { this.watchers.add(fn); fn(); }
    tell(photo, event, detail) { for (const fn of this.watchers) fn(photo, event, detail); }
    async add(photo) {
      this.list.push(photo);
      this.tell(photo, "added", await store.put(photo));
      // one after the other: twelve large pictures at once are more than a phone has room for
      this.smaller = (this.smaller ?? Promise.resolve()).then(async () => {
        photo.blob = await shrunk(photo.blob);
        if (!this.list.includes(photo)) return;
        await store.put(photo);
        photo.ready = true;
        this.run();
      });
    }
    async forget(photo) {
      this.list = this.list.filter((p) => p !== photo);
      if (this.current === photo) this.watching?.xhr?.abort();
      await store.drop(photo.key);
      this.tell(photo, "gone");
    }
    retry(photo) { photo.problem = ""; store.put(photo); this.tell(photo, "waits"); this.run(); }
    async run() {
      if (this.running) return;
      this.running = true;
      for (let photo; (photo = this.list.find((p) => !p.problem && p.ready !== false));) {
        this.current = photo;
        try { await this.send(photo); } catch (err) {
          if (!this.list.includes(photo)) continue;
          photo.problem = err instanceof Refused ? err.message : "Something went wrong.";
          await store.put(photo); // it is not sent again and again: somebody has to decide
          this.tell(photo, "failed");
        }
      }
      this.current = null; this.running = false;
      this.tell(null, "rest");
    }
    async send(photo) {
      const q = new URLSearchParams({ name: photo.name, at: photo.at });
      if (photo.question) q.set("question", photo.question);
      for (let tries = 0; this.list.includes(photo); tries++) {
        const watch = this.watching = { tell: (sent, all) => this.tell(photo, "progress", all ? sent / all : 0) };
        try {
          this.tell(photo, "sending");
          const { status, body } = await post(`${photo.base}/${photo.log}/photos/${photo.key}?${q}`, photo.blob, "application/offset+octet-stream", watch);
          this.list = this.list.filter((p) => p !== photo);
          await store.drop(photo.key);
          this.tell(photo, status === 204 ? "gone" : "arrived", body);
          return;
        } catch (err) {
          if (err instanceof Refused) throw err;
          this.tell(photo, err instanceof SignedOut ? "signed-out" : "waits");
          await pause(err instanceof SignedOut ? 15000 : Math.min(30000, 500 * 2 ** Math.min(tries, 8)));
        }
      }
    }
  }
  const queues = new Map();
  const queueOf = (person) => { if (!queues.has(person)) { const queue = new Queue(person); queues.set(person, queue); queue.loaded = queue.load(); queue.loaded.then(() => queue.run()); } return queues.get(person); };

  // What is typed, on this device, until the server has it.
  const place = (person, log) => `portico.dailylog.${person}.${log}`;
  const kept = {
    get(at) { try { return JSON.parse(localStorage.getItem(at)); } catch { return null; } },
    set(at, value) { try { localStorage.setItem(at, JSON.stringify(value)); return true; } catch { return false; } },
    drop(at) { try { localStorage.removeItem(at); } catch { /* there is none */ } },
  };

  class Draft {
    constructor(form) {
      this.form = form; this.log = form.dataset.dailylog; this.person = form.dataset.person; this.base = form.dataset.base;
      this.at = place(this.person, this.log); this.title = form.dataset.title; this.version = form.elements.version; this.state = form.querySelector("[data-dailylog-state]");
      this.queue = queueOf(this.person); this.tiles = new Map();
      this.restore();
      form.addEventListener("input", (event) => { if (event.target.type !== "file") this.changed(); });
      form.addEventListener("change", (event) => { if (event.target.matches("[data-dailylog-photos]")) this.take(event.target); else this.changed(); });
      form.addEventListener("click", (event) => this.pressed(event));
      form.addEventListener("submit", (event) => this.submits(event), true);
      addEventListener("online", () => this.keep());
      addEventListener("pagehide", () => this.remember());
      this.queue.watch((photo, event, detail) => this.heard(photo, event, detail));
      this.pair();
    }
    say(words, kind = "") { this.state.textContent = words; this.state.className = `dailylogs-kept ${kind}`; }

    // typed is the form as a list of names and values, as they would be sent.
    typed() { return [...new FormData(this.form).entries()].filter(([name, value]) => typeof value === "string" && !["_csrf", "version", "do", "remove", "sky_was"].includes(name)); }
    was() { return JSON.stringify(this.typed()); }

    restore() {
      this.saved = this.was();
      const is = kept.get(this.at);
      if (!is) return;
      const mended = document.querySelector(".errors, [role=alert]"); // the server had its word on what was typed
      if (JSON.stringify(is.typed) !== this.saved && !mended) {
        this.put(is.typed);
        this.held = is.version !== this.version.value && !is.unsure; // somebody else was here meanwhile
        this.say(this.held ? "This log was changed elsewhere since. What you typed on this device is shown; save it to keep it." : "What you typed is back: it was kept on this device.", this.held ? "waits" : "");
      }
      if (is.wish && !mended) { this.wish = is.wish; setTimeout(() => this.finish()); }
      if (this.was() !== this.saved) { this.remember(); if (!this.held) this.later(); } else if (!this.wish) kept.drop(this.at);
    }
    put(entries) {
      const fields = [...this.form.elements].filter((f) => f.name && !["hidden", "file", "submit", "button"].includes(f.type));
      for (const f of fields) {
        const values = entries.filter(([name]) => name === f.name).map(([, value]) => value);
        if (f.type === "checkbox" || f.type === "radio") { if (f.type === "checkbox" || values.length) f.checked = values.includes(f.value); } else if (values.length) f.value = values[0];
      }
    }
    // fill shows the weather that the service has found meanwhile, where nobody has said anything of it.
    fill({ sky, high, low }) {
      const { elements } = this.form;
      elements.sky.value = sky; elements.high.value = high; elements.low.value = low; elements.sky_was.value = `${sky}/${high}/${low}`;
    }
    remember() { if (this.was() !== this.saved || this.wish) return kept.set(this.at, { version: this.version.value, typed: this.typed(), wish: this.wish, unsure: this.unsure, at: Date.now() }); kept.drop(this.at); return true; }
    changed() {
      this.wish = null;
      clearTimeout(this.noting);
      this.noting = setTimeout(() => { if (!this.remember()) this.say("This device has no room to keep what you type. Save the draft.", "wrong"); }, 200);
      if (!this.held) this.later();
    }
    later(ms = 1500) { clearTimeout(this.timer); this.timer = setTimeout(() => this.keep(), ms); }

    // keep hands what is typed to the server; true when the server has it, "refused" when it wants something mended.
    keep() { return this.keeping ??= this.keepNow().finally(() => { this.keeping = null; }); }
    async keepNow() {
      const typed = this.was();
      if (typed === this.saved && !this.unsure) return true;
      if (this.held && !this.wish) return false;
      const body = new URLSearchParams(JSON.parse(typed));
      body.set("version", this.version.value);
      body.set("sky_was", this.form.elements.sky_was.value);
      try {
        const { said } = await post(`${this.base}/${this.log}/draft`, body, "application/x-www-form-urlencoded");
        if (said?.state === "moved") {
          if (!this.unsure && !this.wish) { this.held = true; this.say("This log was changed elsewhere since. Save yours to replace it, or reload the page to see the other.", "waits"); return false; }
          this.version.value = said.version; this.unsure = false; // our own words had arrived, only the answer had not
          return this.keepNow();
        }
        if (said?.state === "gone") { kept.drop(this.at); location.assign(`${this.base}/${this.log}`); return false; }
        const was = said.sky && this.was() === typed;
        if (was) this.fill(said.sky);
        this.version.value = said.version; this.saved = was ? this.was() : typed; this.unsure = this.held = false; this.tries = 0;
        this.remember();
        if (this.was() !== this.saved) { this.later(); return false; }
        if (!this.wish) this.say(this.queue.waiting(this.log).length ? this.onTheWay() : "Saved.");
        return true;
      } catch (err) {
        if (err instanceof Refused) { this.say(err.message, "wrong"); return "refused"; }
        if (err instanceof SignedOut) { this.say("You are signed out. What you typed is kept on this device: sign in again and come back to this page.", "waits"); return false; }
        this.unsure = true; this.remember();
        this.say(`No connection. Everything is kept on this device${this.wish === "submit" ? "; the log is submitted when all have arrived, and you can close this page: it goes on when you come back" : ", and is sent when the line is back"}.`, "waits");
        this.later(Math.min(30000, 1000 * 2 ** Math.min(this.tries = (this.tries ?? 0) + 1, 5)));
        return false;
      }
    }

    take(input) {
      const files = [...input.files];
      input.value = "";
      navigator.storage?.persist?.();
      files.forEach((file, i) => this.queue.add({
        key: crypto.randomUUID(), person: this.person, log: this.log, title: this.title, base: this.base, name: file.name.slice(0, 200), at: String(file.lastModified || Date.now()),
        question: input.dataset.question ?? "", blob: file, order: Date.now() * 1000 + i, ready: false,
      }));
    }
    onTheWay() { return `${count(this.queue.waiting(this.log).length, "photo")} on the way. You can go on writing, or close this page: it goes on when you come back.`; }

    heard(photo, event, detail) {
      for (const one of this.queue.list) if (one.log === this.log && !this.tiles.has(one.key)) this.tile(one);
      const tile = photo && this.tiles.get(photo.key);
      if (tile) {
        const bar = tile.querySelector("progress"), words = tile.querySelector(".state");
        tile.classList.toggle("failed", event === "failed");
        tile.querySelector("[data-retry]").hidden = event !== "failed";
        if (event === "added" && !detail) this.say("This device has no room to keep photos: leave this page open until they have arrived.", "wrong");
        if (event === "sending") words.textContent = "Sending…";
        if (event === "progress") bar.value = detail * 100;
        if (event === "waits") words.textContent = "Waiting for the connection…";
        if (event === "signed-out") words.textContent = "You are signed out. It goes on when you are back.";
        if (event === "failed") { words.textContent = photo.problem; if (!this.wish) this.say(`${count(this.queue.failed(this.log).length, "photo")} could not be sent.`, "wrong"); }
        if (event === "arrived") this.arrived(photo, tile, detail);
        if (event === "gone") { tile.remove(); this.tiles.delete(photo.key); }
      }
      if (event === "rest" || event === "added" || event === "arrived" || event === "gone") {
        if (this.wish) this.finish();
        else if (this.queue.waiting(this.log).length) this.say(this.onTheWay());
        else if (event === "arrived") this.say("All photos have arrived.");
        else if (event === "gone" && !this.queue.failed(this.log).length && this.state.textContent.includes("could not be sent")) this.say("");
      }
    }
    listOf(question) { return this.form.querySelector(`[data-dailylog-list="${question}"]`) ?? this.form.querySelector('[data-dailylog-list=""]'); }
    tile(photo) {
      const li = document.createElement("li");
      li.className = "dailylogs-photo arriving";
      li.innerHTML = `<span class="dailylogs-box"><img alt="" width="320" height="240"></span><progress max="100" value="0" aria-label="${text(photo.name)}"></progress><span class="state" role="status">Waiting…</span><div class="between"><button type="button" class="button small" data-retry hidden>Try again</button><button type="button" class="button quiet icon-only small" data-leave aria-label="Leave out ${text(photo.name)}">${icon("x")}</button></div>`;
      picture(li.querySelector("img"), photo);
      li.querySelector("[data-retry]").addEventListener("click", () => this.queue.retry(photo));
      li.querySelector("[data-leave]").addEventListener("click", () => this.queue.forget(photo));
      if (photo.problem) { li.classList.add("failed"); li.querySelector("[data-retry]").hidden = false; li.querySelector(".state").textContent = photo.problem; }
      this.tiles.set(photo.key, li);
      this.listOf(photo.question).append(li);
    }
    arrived(photo, tile, html) {
      const box = document.createElement("template");
      box.innerHTML = html; // a fragment of our own
      const li = box.content.querySelector("li");
      this.tiles.delete(photo.key);
      const known = li && document.getElementById(li.id);
      if (!li || known) { tile.remove(); return; } // it had arrived before, only the answer had not
      const seen = tile.querySelector("img"), img = li.querySelector("img");
      if (img) { seen.alt = img.alt; img.replaceWith(seen); } // it is drawn already; the server's own is still being made
      const clean = this.was() === this.saved;
      tile.replaceWith(li);
      if (clean) this.saved = this.was(); // the server knows it already
    }

    async pressed(event) {
      const button = event.target.closest("[data-dailylog-remove]");
      if (!button) return;
      event.preventDefault();
      button.disabled = true;
      try {
        await post(`${this.base}/${this.log}/photos/${button.dataset.dailylogRemove}`, null, "", { method: "DELETE" });
        const clean = this.was() === this.saved;
        button.closest("li").remove();
        if (clean) this.saved = this.was();
      } catch { button.disabled = false; this.say("The photo is still there: there is no connection. Try again.", "waits"); }
    }

    submits(event) {
      if (this.sure) return;
      const wish = event.submitter?.value;
      if (!wish || event.submitter.name !== "do") return;
      event.preventDefault(); event.stopImmediatePropagation();
      this.wish = wish === "submit" ? "submit" : "save";
      this.held = false;
      this.remember();
      this.finish();
    }
    // finish does what was wished once all photos are there and the server has what was typed. It may take days.
    async finish() {
      if (this.finishing || !this.wish) return;
      this.finishing = true;
      try {
        await this.queue.loaded; // what waits on this device counts, too
        if (this.queue.failed(this.log).length) { this.wish = null; this.remember(); this.say(`${count(this.queue.failed(this.log).length, "photo")} could not be sent. Leave it out or try again, then submit.`, "wrong"); return; }
        if (this.queue.waiting(this.log).length) {
          this.say(`${count(this.queue.waiting(this.log).length, "photo")} on the way. ${this.wish === "submit" ? "The log is submitted" : "The draft is saved"} when all have arrived; you can close this page, it goes on when you come back.`, "waits");
          this.keep();
          return;
        }
        const had = await this.keep();
        if (!this.wish) return;
        if (had === false) { setTimeout(() => this.finish(), 3000); return; }
        const button = this.form.querySelector(`button[name=do][value=${this.wish}]:not([tabindex])`);
        this.sure = true;
        this.say("Submitting…");
        kept.set(this.at, { version: this.version.value, typed: this.typed(), wish: had === "refused" || this.wish === "save" ? null : this.wish, unsure: true, at: Date.now() });
        await new Promise((done) => setTimeout(done)); // a form is sent once: the press before must be over
        this.form.requestSubmit(button);
      } finally { this.finishing = false; }
    }
    // To tell the client is to share the log.
    pair() {
      const { share, notify } = this.form.elements;
      notify?.addEventListener("change", () => { if (notify.checked) share.checked = true; });
      share?.addEventListener("change", () => { if (!share.checked) notify.checked = false; });
    }
  }

  every("form[data-dailylog]", (form) => { form.draft = new Draft(form); });
  // A log that is submitted needs nothing on this device any more.
  every("[data-dailylog-done]", (el) => kept.drop(place(el.dataset.person, el.dataset.dailylogDone)));
  every("form[data-dailylog-discard]", (form) => form.addEventListener("submit", () => {
    const draft = document.querySelector("form[data-dailylog]")?.draft;
    if (!draft) return;
    kept.drop(draft.at); draft.remember = () => true;
    for (const photo of [...draft.queue.list]) if (photo.log === draft.log) draft.queue.forget(photo);
  }));
  every("[data-dailylogs-waiting]", (box) => {
    const queue = queueOf(box.dataset.person), rows = new Map();
    box.className = "stack dailylogs-tray";
    box.innerHTML = `<div class="note due" role="status" hidden></div><section class="card" aria-labelledby="dailylogs-refused" hidden><header><h2 id="dailylogs-refused">Photos that were not taken</h2></header><ul class="dailylogs-stuck"></ul></section>`;
    const [way, stuck] = box.children, list = stuck.querySelector("ul");
    const row = (photo) => {
      const li = document.createElement("li");
      li.innerHTML = `<span class="dailylogs-box"><img alt="" width="64" height="48"></span><span class="row-main"><a href="${text(photo.base)}/${text(photo.log)}">${text(photo.name)}</a><small>${text(photo.title ?? "")}</small><small class="state"></small></span><span class="buttons"><button type="button" class="button small" data-retry>Try again</button><a class="button small" download="${text(photo.name)}">Save a copy</a><button type="button" class="button quiet icon-only small" data-leave aria-label="Leave out ${text(photo.name)}">${icon("x")}</button></span>`;
      li.querySelector("[download]").href = picture(li.querySelector("img"), photo);
      li.querySelector("[data-retry]").addEventListener("click", () => queue.retry(photo));
      li.querySelector("[data-leave]").addEventListener("click", () => queue.forget(photo));
      list.append(li);
      return li;
    };
    queue.watch(() => {
      const waits = queue.waiting(), failed = queue.failed();
      for (const [key, li] of rows) if (!failed.some((p) => p.key === key)) { li.remove(); rows.delete(key); }
      for (const photo of failed) {
        if (!rows.has(photo.key)) rows.set(photo.key, row(photo));
        rows.get(photo.key).querySelector(".state").textContent = photo.problem;
      }
      way.hidden = !waits.length; stuck.hidden = !failed.length; box.hidden = way.hidden && stuck.hidden;
      if (waits.length) way.innerHTML = `<p>${count(waits.length, "photo")} on the way from this device. <a class="link" href="${text(waits[0].base)}/${text(waits[0].log)}/edit">Go to the log</a></p>`;
    });
  });
}
