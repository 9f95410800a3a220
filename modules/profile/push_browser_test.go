package profile_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/serviceworker"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"

	"portico/modules/profile"
	"portico/platform/portaltest"
	"portico/platform/push/pushtest"
)

// From here no push service of the world is reached, and a browser without windows shows no messages: what the browser does
// for a page there is played, and so is what it does for the service worker.
const (
	played = `
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0)).buffer;
const subscription = { endpoint: %[2]q, options: { applicationServerKey: bytes(%[1]q) }, getKey: (name) => bytes(name === "auth" ? %[3]q : %[4]q), unsubscribe: async () => true };
Object.defineProperty(Notification, "permission", { get: () => sessionStorage.allowed ? "granted" : "default" });
Notification.requestPermission = async () => { if (!navigator.userActivation.hasBeenActive) throw new Error("nobody pressed"); sessionStorage.allowed = "yes"; return "granted"; };
PushManager.prototype.subscribe = async (options) => { if (!options.userVisibleOnly || options.applicationServerKey !== %[1]q) throw new Error("asked for something else"); sessionStorage.subscribed = "yes"; return subscription; };
PushManager.prototype.getSubscription = async () => sessionStorage.subscribed ? subscription : null;`

	noted = `
self.told = [];
ServiceWorkerRegistration.prototype.showNotification = async (title, options) => { told.push({ title, ...options, close() { this.closed = true; } }); };
ServiceWorkerRegistration.prototype.getNotifications = async ({ tag } = {}) => told.filter((n) => !n.closed && (!tag || n.tag === tag));
told.length`
)

// TestAPhoneIsWoken walks the way of a message in a real browser: turned on by a press, sent by a worker, taken by a push
// service, shown by the service worker; and there is a page where there is no network.
func TestAPhoneIsWoken(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	portaltest.Chromium(t)
	site, service := portaltest.Configured(t, reachable, profile.Module), pushtest.Open(t)
	phone := service.Subscribe(site.Push.PublicKey())
	ana := site.Chrome(t, "ana", 360, false).Forgive("ERR_INTERNET_DISCONNECTED").Forgive("Failed to load resource")
	registration := make(chan serviceworker.RegistrationID, 100)
	ana.Run(chromedp.ActionFunc(func(ctx context.Context) error {
		chromedp.ListenTarget(ctx, func(event any) {
			if found, is := event.(*serviceworker.EventWorkerRegistrationUpdated); is {
				for _, r := range found.Registrations {
					select {
					case registration <- r.RegistrationID:
					default:
					}
				}
			}
		})
		if err := serviceworker.Enable().Do(ctx); err != nil {
			return err
		}
		_, err := page.AddScriptToEvaluateOnNewDocument(fmt.Sprintf(played, site.Push.PublicKey(), phone.Endpoint, phone.Auth, phone.P256dh)).Do(ctx)
		return err
	}))
	ana.Open("/portal/all/profile/push")
	ana.Until("the service worker is there", `navigator.serviceWorker.controller !== null`)
	worker := workerOf(t, ana)
	worker(noted)
	ana.Fits(t).Axe(t).Press("Turn on here").Sees(t, "Messages will appear on this device.").Sees(t, "Here").SeesNot(t, "Turn on here")
	ana.Fits(t).Axe(t).Press("Try it").Sees(t, "The message is on its way.")
	site.Settle(t)
	got := phone.Got()
	if len(got) != 1 {
		t.Fatalf("the phone got %d messages", len(got))
	}
	id := <-registration
	for range 2 { // one that comes twice takes its own place, without a sound
		ana.Run(serviceworker.DeliverPushMessage(site.URL(), id, string(got[0].Raw)))
	}
	ana.Run(serviceworker.DeliverPushMessage(site.URL(), id, "what nobody can read"))
	shown := worker(`new Promise((done) => { const look = () => told.length < 3 ? setTimeout(look, 20) : done(told.map((n) => [n.title, n.body, n.tag ?? "", n.data.path, Boolean(n.silent), n.renotify].join("|")).join("\n")); look(); })`)
	want := "Northgate Builders|This is how messages look on this device.|test|/portal/all/profile/push|"
	if shown != want+"false|false\n"+want+"true|false\nNorthgate Builders||||false|false" {
		t.Errorf("shown:\n%s", shown)
	}
	// the network goes away, for the page and for the service worker
	cut(ana, worker, true)
	ana.Run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, _, _, _, err := page.Navigate(site.URL() + "/portal/all/profile").Do(ctx)
		return err
	}))
	ana.Until("the offline page", `document.body?.dataset.page === "offline" && getComputedStyle(document.querySelector(".door")).display === "grid"`)
	ana.Sees(t, "There is no connection").SeesNot(t, "Ana").Fits(t)
	cut(ana, worker, false)
	ana.Press("Try again").Until("the page is there again", `document.body?.dataset.page === "profile-profile"`)
	// whatever was kept holds nothing of anybody
	kept := worker(`(async () => { const all = []; for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) all.push(new URL(request.url).pathname); return all.join(" "); })()`)
	if !strings.Contains(kept, "/offline") {
		t.Errorf("kept: %s", kept)
	}
	for _, path := range strings.Fields(kept) {
		if path != "/offline" && !strings.HasPrefix(path, "/assets/") && !strings.HasPrefix(path, "/theme/") && !strings.HasPrefix(path, "/files/") {
			t.Errorf("the service worker keeps %s", path)
		}
	}
	installable(t, ana)
	ana.Eval(`(document.querySelector('form[action="/sign-out"]').requestSubmit(), true)`, nil)
	ana.Until("signed out", `document.body?.matches(".stranger")`)
	if left := text(t, site, "select count(*)::text from push_device"); left != "0" {
		t.Errorf("%s devices are left", left)
	}
	if open := worker(`new Promise((done) => { const look = () => told.some((n) => !n.closed) ? setTimeout(look, 20) : done("nothing"); look(); })`); open != "nothing" {
		t.Errorf("on the lock screen is left: %s", open)
	}
}

func installable(t *testing.T, tab *portaltest.Tab) {
	t.Helper()
	tab.Run(chromedp.ActionFunc(func(ctx context.Context) error {
		_, errors, data, _, err := page.GetAppManifest().Do(ctx)
		if err != nil {
			return err
		}
		for _, e := range errors {
			t.Errorf("manifest: %s", e.Message)
		}
		if !strings.Contains(data, "Northgate") {
			t.Errorf("manifest: %q", data)
		}
		problems, err := page.GetInstallabilityErrors().Do(ctx)
		for _, p := range problems {
			if p.ErrorID != "in-incognito" { // tests have a window of their own
				t.Errorf("it cannot be installed: %s", p.ErrorID)
			}
		}
		return err
	}))
}

func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }

// script is asked in the service worker, and waited for.
type script func(js string) string

// workerOf reaches into the service worker of the tab. It lives as long as somebody looks at it.
func workerOf(t *testing.T, tab *portaltest.Tab) script {
	t.Helper()
	var worker context.Context
	tab.Run(chromedp.ActionFunc(func(ctx context.Context) error {
		all, err := target.GetTargets().Do(cdp.WithExecutor(ctx, chromedp.FromContext(ctx).Browser))
		if err != nil {
			return err
		}
		for _, one := range all {
			if one.Type == "service_worker" {
				worker, _ = chromedp.NewContext(ctx, chromedp.WithTargetID(one.TargetID)) //nolint:govet // it ends with the tab
				return chromedp.Run(worker, network.Enable())
			}
		}
		return fmt.Errorf("there is no service worker")
	}))
	return func(js string) (said string) {
		t.Helper()
		action := chromedp.Action(chromedp.Evaluate(`Promise.resolve(`+strings.TrimSpace(js)+`).then(String)`, &said, awaited))
		if js == noted {
			action = chromedp.Evaluate(js, nil)
		}
		switch js {
		case "off", "on":
			action = network.EmulateNetworkConditions(js == "off", 0, -1, -1)
		}
		if err := chromedp.Run(worker, action); err != nil {
			t.Fatal(err)
		}
		return said
	}
}

// cut takes the network from the tab and its service worker, or gives it back.
func cut(tab *portaltest.Tab, worker script, off bool) {
	tab.Run(network.EmulateNetworkConditions(off, 0, -1, -1))
	worker(map[bool]string{true: "off", false: "on"}[off])
}
