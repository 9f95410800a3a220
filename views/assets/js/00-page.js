// These files are joined in the order of their names into one module, app.js: each keeps its names to itself in a block.
{
  document.documentElement.classList.add("js");

  // Layout in several windows differs; the icon sprite's address is the program's to say.
  const sprite = document.querySelector("script[data-sprite]")?.dataset.sprite ?? "";
  globalThis.portico = {
    icon: (name) => `<svg class="icon" aria-hidden="true"><use href="${sprite}#i-${name}"/></svg>`,
    text: (value) => Object.assign(document.createElement("i"), { textContent: value }).innerHTML,
    // every calls act for each match, now and in whatever htmx brings later.
    every(selector, act) {
      const look = (root) => { if (root.matches?.(selector)) act(root); root.querySelectorAll?.(selector).forEach(act); };
      look(document);
      document.addEventListener("htmx:load", (event) => look(event.detail.elt));
    },
  };
}
