// Copies what the browser gets from others into views/ and writes the list of their checksums.
// `node vendor.mjs` writes; `node vendor.mjs --check` says whether the committed files are those of the list.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const views = join(here, "..");
const from = (path) => readFileSync(join(here, "node_modules", path));
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const listFile = join(here, "lock.json");

const copies = {
  "assets/vendor/htmx.min.js": "htmx.org/dist/htmx.min.js",
  "assets/vendor/htmx.LICENSE": "htmx.org/LICENSE",
  "assets/vendor/htmx-sse.min.js": "htmx-ext-sse/dist/sse.min.js",
  "assets/vendor/idiomorph-ext.min.js": "idiomorph/dist/idiomorph-ext.min.js",
  "assets/vendor/idiomorph.LICENSE": "idiomorph/LICENSE",
  "assets/vendor/pdf.min.mjs": "pdfjs-dist/legacy/build/pdf.min.mjs",
  "assets/vendor/pdf.worker.min.mjs": "pdfjs-dist/legacy/build/pdf.worker.min.mjs",
  "assets/vendor/pdf.LICENSE": "pdfjs-dist/LICENSE",
  "assets/fonts/inter.LICENSE": "@fontsource-variable/inter/LICENSE",
  "icons/lucide.LICENSE": "lucide-static/LICENSE",
};

// Weights outside 400-700 and letters no client writes names with are cut, so that the one file
// that most people fetch stays small.
const fonts = {
  latin: [[0x20, 0x7e], [0xa0, 0xff], [0x131, 0x131], [0x152, 0x153], [0x2bb, 0x2bc], [0x2c6, 0x2c6], [0x2da, 0x2da],
    [0x2dc, 0x2dc], [0x2009, 0x2009], [0x2010, 0x2015], [0x2018, 0x201e], [0x2020, 0x2022], [0x2026, 0x2026], [0x2030, 0x2030],
    [0x2032, 0x2033], [0x2039, 0x203a], [0x2044, 0x2044], [0x20ac, 0x20ac], [0x2122, 0x2122], [0x2190, 0x2193], [0x2212, 0x2212]],
  "latin-ext": [[0x100, 0x130], [0x132, 0x151], [0x154, 0x233], [0x259, 0x259], [0x1e00, 0x1e9f], [0x1ef2, 0x1eff], [0x20a0, 0x20ab], [0x20ad, 0x20c0]],
  greek: [[0x370, 0x377], [0x37a, 0x37f], [0x384, 0x38a], [0x38c, 0x38c], [0x38e, 0x3a1], [0x3a3, 0x3ff]],
  cyrillic: [[0x301, 0x301], [0x400, 0x45f], [0x490, 0x491], [0x4b0, 0x4b1], [0x2116, 0x2116]],
};

const icons = `activity alarm-clock archive arrow-down arrow-left arrow-right arrow-up arrow-up-down bell book-open
bookmark briefcase building-2 calendar calendar-check calendar-days camera check check-check chevron-down chevron-left chevron-right
chevron-up chevrons-up-down circle circle-alert circle-check circle-dashed circle-dot circle-help circle-plus circle-x clipboard-list
clock cloud cloud-off cloud-rain cloud-sun columns-3 copy credit-card dollar-sign download ellipsis external-link eye eye-off file file-check
file-pen file-plus file-text filter fingerprint flag folder folder-open folder-plus gift globe grip-vertical hammer hand-coins hard-hat
heart history house image images inbox info key-round landmark layers layout-dashboard layout-grid life-buoy link list list-checks
loader-circle lock log-in log-out mail mail-check mail-open mail-x map-pin megaphone menu message-circle message-square messages-square minus monitor
moon package paintbrush palette paperclip party-popper pause pencil pen-line phone pin play plus printer
qr-code receipt receipt-text refresh-cw reply rotate-ccw ruler save scale search send settings share-2 shield shield-alert shield-check
shopping-cart signature sliders-horizontal smartphone snowflake sparkles square-check square-pen star sun sun-moon table tag tags target
thermometer thumbs-down thumbs-up timer toggle-right trash-2 trending-up triangle-alert truck undo-2 upload user user-check user-cog
user-plus user-x users users-round video wallet wifi-off wind wrench x zap`.split(/\s+/);

// Names that people type and Lucide renamed or spells otherwise.
const aliases = { home: "house", billing: "receipt-text", edit: "pencil", help: "circle-help", more: "ellipsis", settings: "settings", trash: "trash-2", warning: "triangle-alert" };

function icon(name) {
  let svg;
  try { svg = from(`lucide-static/icons/${name}.svg`).toString(); }
  catch { throw new Error(`lucide has no icon ${name}`); }
  return svg.replace(/<!--.*?-->/gs, "").replace(/^[\s\S]*?<svg[^>]*>/, "").replace("</svg>", "").replace(/\s*\n\s*/g, "").replace(/ \/>/g, "/>");
}

function sprite() {
  const all = [...icons.map((n) => [n, n]), ...Object.entries(aliases).filter(([a]) => !icons.includes(a))].sort();
  const symbols = all.map(([id, name]) => `<symbol id="i-${id}" viewBox="0 0 24 24">${icon(name)}</symbol>`);
  return Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);
}

async function files() {
  const { default: subset } = await import("subset-font");
  const out = Object.fromEntries(Object.entries(copies).map(([to, path]) => [to, from(path)]));
  for (const [name, ranges] of Object.entries(fonts)) {
    const letters = ranges.flatMap(([a, b]) => Array.from({ length: b - a + 1 }, (_, i) => String.fromCodePoint(a + i))).join("");
    const whole = from(`@fontsource-variable/inter/files/inter-${name}-wght-normal.woff2`);
    out[`assets/fonts/inter-${name}.woff2`] = await subset(whole, letters, { targetFormat: "woff2", variationAxes: { wght: { min: 400, max: 700 } } });
  }
  out["icons/sprite.svg"] = sprite();
  return out;
}

if (process.argv.includes("--check")) {
  const wrong = Object.entries(JSON.parse(readFileSync(listFile))).filter(([to, sum]) => sha256(readFileSync(join(views, to))) !== sum);
  for (const [to] of wrong) console.error(`${to} is not the file of the list; run make vendor`);
  process.exit(wrong.length ? 1 : 0);
}
const list = {};
for (const [to, bytes] of Object.entries(await files()).sort()) {
  mkdirSync(dirname(join(views, to)), { recursive: true });
  rmSync(join(views, to), { force: true });
  writeFileSync(join(views, to), bytes);
  list[to] = sha256(bytes);
  console.log(String(bytes.length).padStart(8), to);
}
writeFileSync(listFile, JSON.stringify(list, null, 2) + "\n");
