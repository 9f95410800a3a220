package portaltest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// Chromium finds the browser of this machine, or skips the test and says so.
func Chromium(t testing.TB) string {
	t.Helper()
	// without windows where it is installed: it needs half the processor; under its own name, for the one in PATH is a
	// script, and ends without its browser
	for _, name := range []string{os.Getenv("PORTICO_CHROMIUM"), "/usr/lib/chromium/chromium-headless-shell", "chrome-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("SKIPPED WITHOUT A BROWSER: install chromium, or set PORTICO_CHROMIUM, to run this journey")
	return ""
}

// chromium is the one browser of the test process; each tab is a visitor of its own.
var chromium struct {
	sync.Mutex
	ctx context.Context
}

func startChromium(t testing.TB) context.Context {
	t.Helper()
	path := Chromium(t)
	chromium.Lock()
	defer chromium.Unlock()
	if chromium.ctx != nil {
		return chromium.ctx
	}
	house, err := startHouse()
	must(t, err)
	profile := filepath.Join(filepath.Dir(house.stores.SocketDir), "chromium") // swept with the stores
	must(t, os.MkdirAll(profile, 0o700))
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.DisableGPU,
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true), chromedp.Flag("no-pings", true), chromedp.Flag("lang", "en-US"),
		// each window would draw suggestions for an address bar that nobody sees, in a process of its own
		chromedp.Flag("disable-features", "site-per-process,Translate,BlinkGenPropertyTrees,WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup"),
		chromedp.Flag("hide-scrollbars", true), chromedp.Flag("force-color-profile", "srgb"),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1"),
	)
	if _, measures := t.(*testing.B); !measures {
		// A page of a test lives for a second: to make its scripts fast was a sixth of what all browser tests cost.
		options = append(options, chromedp.Flag("js-flags", "--no-turbofan --no-maglev"))
	}
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, _ := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, _ := chromedp.NewContext(allocator)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("%s does not start: %v", path, err)
	}
	chromium.ctx = ctx
	return ctx
}

// Tab is a tab of a real browser.
type Tab struct {
	t    testing.TB
	site *Site
	ctx  context.Context

	mu       sync.Mutex
	problems []string
	forgiven []string
	marks    int
	desk     bool // as LookOver left the screen
}

// Chrome opens a tab in which somebody is signed in ("": nobody), as wide as a phone (360), a tablet (768) or a desk
// (1280), in light or dark. Errors on the console, breaches of the content policy, missing files and answers of 500 fail
// the test.
func (s *Site) Chrome(t testing.TB, who string, width int, dark bool) *Tab {
	t.Helper()
	browser := startChromium(t)
	id, forget := visitor(t, browser)
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithTargetID(id))
	ctx, stop := context.WithTimeout(ctx, 25*time.Minute) // a slow machine is slow in here, too
	tab := &Tab{t: t, site: s, ctx: ctx}
	chromedp.ListenTarget(ctx, tab.listen)
	tab.Run(network.Enable(), log.Enable())
	tab.Screen(width, dark)
	if who != "" {
		tab.Run(network.SetCookie("portico", s.Session(who)).WithURL(s.URL()).WithHTTPOnly(true))
	}
	t.Cleanup(func() {
		stop()
		cancel()
		forget()
		tab.mu.Lock()
		defer tab.mu.Unlock()
		for _, p := range tab.problems {
			if !slices.ContainsFunc(tab.forgiven, func(f string) bool { return strings.Contains(p, f) }) {
				t.Errorf("in the browser: %s", p)
			}
		}
	})
	return tab
}

// Screen gives the tab another screen, with the page that it shows: a phone that becomes a desk. Whoever wants to look at
// a page on several screens loads it once.
func (b *Tab) Screen(width int, dark bool) *Tab {
	b.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	height := int64(800)
	if width < 600 {
		height = 740
	}
	b.Run(
		emulation.SetDeviceMetricsOverride(int64(width), height, 1, width < 600),
		emulation.SetTouchEmulationEnabled(width < 600),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}),
	)
	return b.Until("the screen", fmt.Sprintf(`location.protocol === "about:" || matchMedia("(width: %dpx) and (prefers-color-scheme: %s)").matches && document.getAnimations().every((a) => a.playState !== "running")`, width, scheme))
}

// visitor makes an empty tab that shares no cookies with others; in a window of its own, which today's headless mode
// demands and chromedp's own option does not ask for.
func visitor(t testing.TB, browser context.Context) (tab target.ID, forget func()) {
	t.Helper()
	executor := cdp.WithExecutor(browser, chromedp.FromContext(browser).Browser)
	person, err := target.CreateBrowserContext().Do(executor)
	must(t, err)
	tab, err = target.CreateTarget("about:blank").WithBrowserContextID(person).WithNewWindow(true).Do(executor)
	must(t, err)
	return tab, func() { _ = target.DisposeBrowserContext(person).Do(executor) }
}

// Forgive lets problems pass whose words contain the text.
func (b *Tab) Forgive(text string) *Tab {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forgiven = append(b.forgiven, text)
	return b
}

func (b *Tab) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			text += " " + e.ExceptionDetails.Exception.Description
		}
		b.problem("exception: " + text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError {
			var said []string
			for _, a := range e.Args {
				said = append(said, string(a.Value)+a.Description)
			}
			b.problem("console: " + strings.Join(said, " "))
		}
	case *log.EventEntryAdded:
		// answers are looked at below, where it shows what was asked for
		if e.Entry.Level == log.LevelError && !strings.HasPrefix(e.Entry.Text, "Failed to load resource: the server responded") {
			b.problem(string(e.Entry.Source) + ": " + e.Entry.Text + " " + e.Entry.URL)
		}
	case *network.EventResponseReceived:
		part := e.Type != network.ResourceTypeDocument && e.Type != network.ResourceTypeXHR && e.Type != network.ResourceTypeFetch
		if e.Response.Status >= 500 || e.Response.Status >= 400 && part {
			b.problem(fmt.Sprintf("%d for %s %s", e.Response.Status, e.Type, e.Response.URL))
		}
	}
}

func (b *Tab) problem(text string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.problems = append(b.problems, text)
}

// Run does what chromedp can.
func (b *Tab) Run(actions ...chromedp.Action) *Tab {
	b.t.Helper()
	err := chromedp.Run(b.ctx, actions...)
	for n := 0; n < 3 && err != nil && strings.Contains(err.Error(), "Could not find node"); n++ {
		err = chromedp.Run(b.ctx, actions...) // a page came in between: what was looked up in the one before has no number any more
	}
	if err != nil {
		b.t.Fatalf("in the browser: %v\nat %s", err, b.here())
	}
	return b
}

func (b *Tab) here() (where string) {
	_ = chromedp.Run(b.ctx, chromedp.Location(&where))
	return where
}

// Open types an address of the firm.
func (b *Tab) Open(path string) *Tab {
	b.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = b.site.URL() + path
	}
	return b.Run(chromedp.Navigate(path)).Quiet()
}

// Path is where the tab is.
func (b *Tab) Path() string { return strings.TrimPrefix(b.here(), b.site.URL()) }

// Until waits for a piece of JavaScript to be true.
func (b *Tab) Until(what, js string) *Tab {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	poll := chromedp.Poll("!!("+js+")", nil, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(0))
	err := chromedp.Run(ctx, poll)
	for err != nil && ctx.Err() == nil && wentOn(err) {
		time.Sleep(20 * time.Millisecond)
		err = chromedp.Run(ctx, poll)
	}
	if err != nil {
		b.t.Fatalf("in the browser, waiting for %s: %v\nat %s:\n%s", what, err, b.here(), b.Text())
	}
	return b
}

// wentOn is what the browser says of a page that was left while it was asked: ask the next one.
func wentOn(err error) bool {
	for _, said := range []string{"navigated", "Cannot find context", "context was destroyed"} {
		if strings.Contains(err.Error(), said) {
			return true
		}
	}
	return false
}

// Quiet waits until htmx has nothing under way.
func (b *Tab) Quiet() *Tab {
	b.t.Helper()
	return b.Until("htmx", `document.readyState === "complete" && !document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")`)
}

// Text is what can be seen.
func (b *Tab) Text() (text string) {
	_ = chromedp.Run(b.ctx, chromedp.Evaluate(`document.body ? document.body.innerText : ""`, &text))
	return oneLine(text)
}

// Eval gives the value of a piece of JavaScript.
func (b *Tab) Eval(js string, into any) *Tab {
	b.t.Helper()
	return b.Run(chromedp.Evaluate(js, into))
}

// Sees waits until the page shows the text.
func (b *Tab) Sees(t testing.TB, text string) *Tab {
	t.Helper()
	return b.Until(fmt.Sprintf("%q", text), fmt.Sprintf(`document.body && document.body.innerText.replace(/\s+/g, " ").toLowerCase().includes(%q.toLowerCase())`, oneLine(text)))
}

// SeesNot fails if the page shows the text now.
func (b *Tab) SeesNot(t testing.TB, text string) *Tab {
	t.Helper()
	if shown := b.Text(); strings.Contains(strings.ToLower(shown), strings.ToLower(oneLine(text))) {
		t.Errorf("%q is seen at %s:\n%s", text, b.here(), shown)
	}
	return b
}

// named marks what a person would call by that name, and gives the mark's selector.
const named = `(function (kind, name, mark) {
	const tidy = (s) => (s ?? "").replace(/\s+/g, " ").trim();
	const shown = (e) => e.checkVisibility({ checkVisibilityCSS: true }) || e.matches("input[type=checkbox], input[type=radio], input[type=file]");
	const labelOf = (e) => {
		const own = e.getAttribute("aria-label"); if (own) return own;
		if (!e.matches("input, select, textarea")) return e.innerText || e.value || e.title;
		const label = e.labels?.[0]; if (!label) return e.placeholder;
		const copy = label.cloneNode(true);
		copy.querySelectorAll("input, select, textarea, .help, .wrong, .optional").forEach((x) => x.remove());
		return copy.textContent;
	};
	const all = [...document.querySelectorAll(kind)].filter(shown);
	const open = document.querySelector("dialog[open]");
	const names = all.map((e) => ({ e, n: tidy(labelOf(e)), in: open?.contains(e) ? 1 : 0 }));
	const fit = (x) => (x.n === name ? 6 : x.n.startsWith(name) ? 4 : x.n.includes(name) ? 2 : 0) && ((x.n === name ? 6 : x.n.startsWith(name) ? 4 : 2) + x.in);
	const best = names.filter(fit).sort((a, b) => fit(b) - fit(a))[0];
	if (!best) return "";
	best.e.setAttribute("data-portaltest", mark);
	return mark;
})(%q, %q, "%d")`

func (b *Tab) mark(kind, name string) string {
	b.t.Helper()
	b.marks++
	js := fmt.Sprintf(named, kind, name, b.marks)
	b.Until(fmt.Sprintf("%q", name), js)
	return fmt.Sprintf(`[data-portaltest="%d"]`, b.marks)
}

// Press clicks a link, a button or a tab, by its words, with a real mouse. It waits for what is under way first: a
// person does not hit what is still moving either.
func (b *Tab) Press(name string) *Tab {
	b.t.Helper()
	b.Quiet()
	css := b.mark("a, button, summary, [role=option], [role=tab], input[type=submit], label", name)
	return b.still(css).Run(chromedp.Click(css, chromedp.ByQuery)).Quiet()
}

// rest asks whether an element lies where a mouse would hit it, and lay there at the last question: a page that is
// still drawn moves under the mouse, and a bar at the edge of a phone covers what lies beneath.
const rest = `(function (css) {
	const e = document.querySelector(css); if (!e) return false;
	const box = () => { const r = e.getBoundingClientRect(); return { x: r.x + r.width / 2, y: r.y + r.height / 2, at: [r.x, r.y, r.width, r.height].map(Math.round).join() }; };
	const free = (r) => { const hit = document.elementFromPoint(r.x, r.y); return hit && (e.contains(hit) || hit.contains(e) || e.control === hit); };
	if (!free(box())) e.scrollIntoView({ block: "center", inline: "nearest", behavior: "instant" });
	const now = box(), before = e.portaltestBox; e.portaltestBox = now.at;
	return before === now.at && free(now);
})(%q)`

// still waits until the element lies still and free, and shows it if it is out of sight.
func (b *Tab) still(css string) *Tab {
	b.t.Helper()
	return b.Until("it lies still", fmt.Sprintf(rest, css))
}

// Fill writes into the field with that label, key by key.
func (b *Tab) Fill(label, value string) *Tab {
	b.t.Helper()
	css := b.mark("input, textarea, select", label)
	return b.Run(chromedp.Focus(css, chromedp.ByQuery), chromedp.Evaluate(fmt.Sprintf(`document.querySelector(%q).select?.()`, css), nil),
		chromedp.SendKeys(css, value, chromedp.ByQuery))
}

// Choose picks an option of a list.
func (b *Tab) Choose(label, option string) *Tab {
	b.t.Helper()
	css := b.mark("select", label)
	return b.Eval(fmt.Sprintf(`(() => { const s = document.querySelector(%q);
		const o = [...s.options].find((o) => o.text.trim() === %q || o.value === %q);
		s.value = o.value; s.dispatchEvent(new Event("input", { bubbles: true })); s.dispatchEvent(new Event("change", { bubbles: true })); })()`, css, option, option), nil).Quiet()
}

// Attach puts files of the disk into the file field with that label.
func (b *Tab) Attach(label string, paths ...string) *Tab {
	b.t.Helper()
	return b.Run(chromedp.SetUploadFiles(b.mark("input[type=file]", label), paths, chromedp.ByQuery))
}

// Keys presses keys, wherever the focus is: "\t", "\r", "abc", or those of chromedp/kb.
func (b *Tab) Keys(keys string) *Tab {
	b.t.Helper()
	return b.Run(chromedp.KeyEvent(keys))
}

// Shot is a picture of the screen.
func (b *Tab) Shot() (png []byte) {
	b.t.Helper()
	b.Run(chromedp.CaptureScreenshot(&png))
	return png
}

// Fits fails if the page is wider than the screen.
func (b *Tab) Fits(t testing.TB) *Tab {
	t.Helper()
	b.Until("a page", `document.documentElement && document.readyState !== "loading"`) // another one may just be coming
	var wide []string
	b.Eval(`(() => { const w = document.documentElement.clientWidth; if (document.documentElement.scrollWidth <= w) return [];
		return [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > w + 1).slice(0, 5).map((e) => e.outerHTML.slice(0, 120)); })()`, &wide)
	if len(wide) > 0 {
		t.Errorf("%s is wider than the screen:\n%s", b.here(), strings.Join(wide, "\n"))
	}
	return b
}
