// These files are joined in the order of their names into one module, app.js: each keeps its names to itself in a block.
{
  document.documentElement.classList.add("js");

  // The sprite's address carries a hash that only the program knows.
  const sprite = document.querySelector("script[data-sprite]")?.dataset.sprite ?? "";
  globalThis.portico = {
    icon: (name) => `<svg class="icon" aria-hidden="true"><use href="${sprite}#i-${name}"/></svg>`,
    text: (value) => Object.assign(document.createElement("i"), { textContent: value }).innerHTML,
    // every calls act once for each match, now and in whatever htmx brings later (it announces the first page too).
    every(selector, act) {
      const known = new WeakSet();
      const meet = (el) => { if (!known.has(el)) { known.add(el); act(el); } };
      const look = (root) => { if (root.matches?.(selector)) meet(root); root.querySelectorAll?.(selector).forEach(meet); };
      look(document);
      document.addEventListener("htmx:load", (event) => look(event.detail.elt));
    },
  };
}
