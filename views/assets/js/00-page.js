// These files are joined in the order of their names into one module, app.js: each keeps its names to itself in a block.
{
  document.documentElement.classList.add("js");

  // The sprite's address carries a hash that only the program knows.
  const sprite = document.querySelector("script[data-sprite]")?.dataset.sprite ?? "";

  // What scripts say is written in English; porticoWords, a file of its own, has it in the reader's language: messages by their
  // English words, with a %s for each argument, and two forms of what is counted. The program looks for them in the scripts:
  // the words stand where say and count are called, and not in a variable.
  const known = globalThis.porticoWords ?? {};
  const rules = new Intl.PluralRules(document.documentElement.lang || "en");
  const fill = (words, args) => {
    let next = 0;
    return args.length ? words.replace(/%(?:\[(\d+)\])?s|%%/g, (found, at) => (found === "%%" ? "%" : args[at ? at - 1 : next++])) : words;
  };
  globalThis.portico = {
    icon: (name) => `<svg class="icon" aria-hidden="true"><use href="${sprite}#i-${name}"/></svg>`,
    say: (words, ...args) => fill(known[words] ?? words.split("¦")[0], args),
    count: (n, one, many) => { const [single, several] = known[many] ?? [one, many]; return fill(rules.select(n) === "one" ? single : several, [n]); },
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
