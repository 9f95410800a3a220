package portaltest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed testdata/axe/axe.min.js
var axeSource string

type violation struct {
	ID, Impact, Help string
	Nodes            []struct {
		HTML, FailureSummary string
	}
}

// around has axe-core look at the page. What stands around the page's own part is left out where it was found fine before,
// with the same words, on the same kind of screen, and so are colors; rules about the page as a whole look at all of it
// in any case. Only for films does axe fetch anything more: for style sheets it would do so at every page, and no rule of ours needs them.
// What is known travels to each page and back, so it is numbers of 53 bits that words are turned into, not the words.
const around = `(async (seen) => {
	const known = new Set(seen);
	const number = (words) => {
		let a = 0xdeadbeef, b = 0x41c6ce57;
		for (let i = 0; i < words.length; i++) {
			const c = words.charCodeAt(i);
			a = Math.imul(a ^ c, 2654435761);
			b = Math.imul(b ^ c, 1597334677);
		}
		a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
		b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
		return 4294967296 * (2097151 & b) + (a >>> 0);
	};
	const screen = [innerWidth, matchMedia("(prefers-color-scheme: dark)").matches, document.documentElement.dataset.theme, document.body.className,
		...[...document.querySelectorAll("link[rel=stylesheet]")].map((l) => l.href)].join() + " ";
	const around = new Map();
	const main = document.querySelectorAll("main");
	for (let e = main.length === 1 ? main[0] : document.body; e !== document.body; e = e.parentElement) {
		for (const part of e.parentElement.children) {
			if (part !== e && !part.matches("dialog, script") && !part.querySelector(":popover-open")) around.set(part, number(screen + part.outerHTML.replace(/ aria-current="[a-z]+"/g, "")));
		}
	}
	const exclude = [...around].filter(([, words]) => known.has(words)).map(([part]) => part);

	// two thirds of it all would be contrast: the same ink on the same grounds is looked at once a screen
	const grounds = new Map([[null, screen]]);
	const ground = (e) => {
		if (!grounds.has(e)) {
			const s = getComputedStyle(e);
			const plain = s.backgroundColor === "rgba(0, 0, 0, 0)" && s.backgroundImage === "none" && s.opacity === "1" && s.filter === "none";
			grounds.set(e, ground(e.parentElement) + (plain ? "" : [s.backgroundColor, s.backgroundImage, s.opacity, s.filter].join() + ";"));
		}
		return grounds.get(e);
	};
	const inks = new Map();
	for (const e of document.querySelectorAll("body, body *")) {
		if (exclude.some((part) => part.contains(e)) || !e.checkVisibility()) continue;
		if (!e.matches("input, select, textarea") && ![...e.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim())) continue;
		const s = getComputedStyle(e);
		const ink = number([s.color, s.fontSize, s.fontWeight, s.textShadow, s.position, e.matches("input, select, textarea"), !!e.closest(":disabled, [aria-disabled=true]"), ground(e)].join());
		if (!known.has(ink) && !inks.has(ink)) inks.set(ink, e);
	}
	// all in one go: axe reads the whole page anew each time it is run
	axe.configure({ rules: [{ id: "color-contrast", selector: "[data-axe-ink]" }] });
	for (const e of inks.values()) e.setAttribute("data-axe-ink", "");
	const found = await axe.run({ include: [document], exclude }, { resultTypes: ["violations"], preload: { assets: ["media"] }, rules: { "color-contrast": { enabled: inks.size > 0 } } });
	for (const e of inks.values()) e.removeAttribute("data-axe-ink");
	return {
		violations: found.violations.map((v) => ({ id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.map((n) => ({ html: n.html, failureSummary: n.failureSummary })) })),
		around: [...around.values(), ...inks.keys()].filter((words) => !known.has(words)),
	};
})(%s)`

// fine is what axe-core has found fine, for all tabs of a site: nothing in it depends on who looks.
type fine struct {
	mu   sync.Mutex
	seen []int64
}

func (f *fine) all() []int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]int64{}, f.seen...)
}

func (f *fine) add(more []int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, more...)
}

// Axe looks at the page as it is with axe-core and fails for everything that keeps somebody out.
func (b *Tab) Axe(t testing.TB) *Tab {
	t.Helper()
	b.Quiet().Until("a page", `document.documentElement && document.readyState !== "loading"`)
	var there bool
	if b.Eval(`typeof axe === "object"`, &there); !there {
		b.Eval(axeSource+"; true", nil)
	}
	var found struct {
		Violations []violation
		Around     []int64
	}
	fine := &b.site.shared.fine
	known, err := json.Marshal(fine.all())
	must(b.t, err)
	b.Run(chromedp.Evaluate(fmt.Sprintf(around, known), &found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	if len(found.Violations) == 0 {
		fine.add(found.Around)
	}
	for _, v := range found.Violations {
		var where strings.Builder
		for i, n := range v.Nodes {
			if i == 5 {
				fmt.Fprintf(&where, "\n  and %d more", len(v.Nodes)-i)
				break
			}
			fmt.Fprintf(&where, "\n  %s\n    %s", n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", " "))
		}
		t.Errorf("axe at %s: %s (%s): %s%s", b.Path(), v.ID, v.Impact, v.Help, where.String())
	}
	return b
}

// LookOver opens a page and shows it on a phone in the dark, on a tablet and at a desk in the light: it fits, and on
// the phone and at the desk it keeps nobody out. It is loaded once: by turns on the phone and at the desk.
func (b *Tab) LookOver(t testing.TB, path string) *Tab {
	t.Helper()
	screen := func(desk bool) { b.Screen(map[bool]int{false: 360, true: 1280}[desk], !desk) }
	screen(b.desk)
	b.Open(path).Fits(t).Axe(t)
	b.Screen(768, false).Fits(t)
	b.desk = !b.desk
	screen(b.desk)
	return b.Fits(t).Axe(t)
}
