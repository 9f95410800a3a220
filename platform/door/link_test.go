package door_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"portico/platform/mail/mailtest"
	"portico/platform/portaltest"
)

// ask wants a link for an address, in this browser.
func ask(b *portaltest.Browser, email string) *portaltest.Browser {
	return b.Open("/sign-in").Fill("Email", email).Press("Email me a link")
}

// linkIn is the path of the link in a mail.
func linkIn(t *testing.T, m mailtest.Mail) string {
	t.Helper()
	u, err := url.Parse(portaltest.MailedLink(t, m))
	if err != nil {
		t.Fatal(err)
	}
	return u.Path
}

func tokenIn(t *testing.T, m mailtest.Mail) string {
	return strings.TrimPrefix(linkIn(t, m), "/sign-in/link/")
}

var codeShape = regexp.MustCompile(`\b[2-9A-Z]{4}-[2-9A-Z]{4}\b`)

func codeIn(t *testing.T, m mailtest.Mail) string {
	t.Helper()
	code := codeShape.FindString(m.Text)
	if code == "" {
		t.Fatalf("no code in the mail:\n%s", m.Text)
	}
	return code
}

// open is the demo, but as most firms have it: a link works once.
func open(t *testing.T) *portaltest.Site {
	t.Helper()
	site := portaltest.Open(t)
	arrange(t, site, "update firm set links_last = false")
	return site
}

func arrange(t *testing.T, site *portaltest.Site, query string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).NewRaw(query, args...).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// in reports whether the browser has a live session.
func in(b *portaltest.Browser) bool {
	answer := b.Get("/portal")
	return answer.Status == 303 && answer.Header.Get("Location") == "/portal/all"
}

func sessions(t *testing.T, site *portaltest.Site) (n int) {
	t.Helper()
	if err := site.DB(t).NewRaw("select count(*) from session").Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestALinkSignsInWhoeverPressesItsButton(t *testing.T) {
	site := open(t)
	ana := ask(site.Browser(), "Ana.Rivera@Example.com ")
	ana.Sees(t, "Check your mail", "ana.rivera@example.com")
	mail := site.MailTo("ana")
	if mail.Subject != "Sign in to Northgate Builders" {
		t.Errorf("subject: %s", mail.Subject)
	}

	ana.Open(linkIn(t, mail)).Sees(t, "Sign in as Ana", "Northgate Builders", "Ana & Tom Rivera")
	if ana.Find("form[data-press]") == nil {
		t.Error("in the browser that asked, the button should press itself")
	}
	ana.SeesNot(t, "ana.rivera@example.com") // only its owner knows the whole address
	if got := ana.Header("Referrer-Policy"); got != "no-referrer" {
		t.Errorf("Referrer-Policy: %s", got)
	}
	if got := ana.Header("X-Robots-Tag"); got != "noindex" {
		t.Errorf("X-Robots-Tag: %s", got)
	}
	ana.Press("Continue")
	if !strings.HasPrefix(ana.Path(), "/portal/all") {
		t.Fatalf("after signing in: %s\n%s", ana.Path(), ana.Text())
	}
	if !in(ana) {
		t.Error("no session")
	}
}

func TestScannersSpendNothing(t *testing.T) {
	site := open(t)
	ask(site.Browser(), "ana.rivera@example.com")
	link := linkIn(t, site.MailTo("ana"))
	site.Rest()

	scanner := site.Browser()
	if changed := site.Changed(t, func() {
		for range 5 {
			answer := scanner.Get(link, "User-Agent", "SafeLinks/1.0", "Sec-Fetch-Site", "")
			if answer.Status != 200 || strings.Contains(string(answer.Body), "data-press") {
				t.Errorf("a scanner is shown %d", answer.Status)
			}
		}
		if answer := scanner.Ask("HEAD", link, nil); answer.Status != 200 {
			t.Errorf("HEAD: %d", answer.Status)
		}
	}); len(changed) > 0 {
		t.Errorf("looking at a link changed %v", changed)
	}
	phone := site.Browser().Open(link)
	phone.Press("Continue")
	if !in(phone) {
		t.Fatalf("the link does not work any more: %s", phone.Text())
	}
}

func TestAUsedLinkOffersANewOne(t *testing.T) {
	site := open(t)
	ask(site.Browser(), "ana.rivera@example.com")
	first := site.MailTo("ana")
	site.Browser().OpenMailed(first).Press("Continue")

	later := site.Browser().OpenMailed(first)
	later.Has(t, 410).Sees(t, "This link has been used", "a••••@example.com")
	if posted := later.Post("/sign-in/link", url.Values{"token": {tokenIn(t, first)}}); posted.Status != 410 {
		t.Errorf("pressing a used link: %d", posted.Status)
	}
	later.Press("Send me a new link").Sees(t, "Check your mail", "a••••@example.com").SeesNot(t, "ana.rivera@example.com")
	second := site.MailTo("ana")
	if linkIn(t, second) == linkIn(t, first) {
		t.Fatal("no new mail was sent")
	}
	later.Fill("Code from the message", codeIn(t, second)).Press("Sign in")
	if !in(later) {
		t.Errorf("the code does not sign in: %s", later.Text())
	}
}

func TestFiftyPressesAreOneSession(t *testing.T) {
	site := open(t)
	ask(site.Browser(), "ana.rivera@example.com")
	token := tokenIn(t, site.MailTo("ana"))
	before := sessions(t, site)
	var came atomic.Int32
	var all sync.WaitGroup
	for range 50 {
		b := site.Browser()
		all.Go(func() {
			if answer := b.Post("/sign-in/link", url.Values{"token": {token}}); answer.Status == http.StatusSeeOther {
				came.Add(1)
			}
		})
	}
	all.Wait()
	if came.Load() != 1 || sessions(t, site)-before != 1 {
		t.Errorf("%d came in, %d sessions", came.Load(), sessions(t, site)-before)
	}
}

func TestATypedCodeWorksInAnotherBrowser(t *testing.T) {
	site := open(t)
	ask(site.Browser(), "ana.rivera@example.com")
	code := codeIn(t, site.MailTo("ana"))

	tv := site.Browser().Open("/sign-in/code").Fill("Your email", "ana.rivera@example.com")
	tv.Fill("Code from the message", strings.ToLower(strings.ReplaceAll(code, "-", " "))).Press("Sign in")
	if !in(tv) {
		t.Fatalf("the code does not sign in: %s", tv.Text())
	}
	again := site.Browser().Open("/sign-in/code").Fill("Your email", "ana.rivera@example.com").Fill("Code from the message", code).Press("Sign in")
	again.Has(t, 422).Sees(t, "This code does not fit")
}

func TestFiveWrongCodesBurnTheRightOne(t *testing.T) {
	site := open(t)
	b := ask(site.Browser(), "ana.rivera@example.com")
	code := codeIn(t, site.MailTo("ana"))
	for i := range 5 {
		b.Fill("Code from the message", fmt.Sprintf("2222-222%d", i+2)).Press("Sign in").Has(t, 422).Sees(t, "This code does not fit")
	}
	b.Fill("Code from the message", code).Press("Sign in").Has(t, 422)
	if in(b) {
		t.Error("a burned code signed in")
	}
}

func TestKnownAndUnknownAddressesLookAlike(t *testing.T) {
	site := open(t)
	answers := func(email string) (asked, page []byte, changed []string) {
		b := site.Browser().Open("/sign-in")
		changed = site.Changed(t, func() {
			answer := b.Post("/sign-in", url.Values{"email": {email}})
			asked = []byte(fmt.Sprint(answer.Status, answer.Header.Get("Location"), string(answer.Body)))
		})
		page = b.Get("/sign-in/sent").Body
		page = regexp.MustCompile(`(name="csrf" content|name="_csrf" value)="[^"]*"`).ReplaceAll(page, nil)
		return asked, bytes.ReplaceAll(page, []byte(email), []byte("EMAIL")), changed
	}
	knownAsked, knownPage, knownChanged := answers("ana.rivera@example.com")
	asked, page, changed := answers("nobody.here@example.com")
	if !bytes.Equal(asked, knownAsked) || !bytes.Equal(page, knownPage) {
		t.Errorf("an unknown address is answered otherwise:\n%s\n%s", asked, page)
	}
	if fmt.Sprint(changed) != fmt.Sprint(knownChanged) || fmt.Sprint(changed) != "[public.outbox]" {
		t.Errorf("written for a known address: %v, for an unknown one: %v", knownChanged, changed)
	}
	var payloads []string
	if err := site.DB(t).NewRaw("select payload::text from outbox where kind = 'door:link'").Scan(t.Context(), &payloads); err != nil {
		t.Fatal(err)
	}
	for _, payload := range payloads {
		if strings.Contains(payload, "@") {
			t.Errorf("the list of background work shows an address: %s", payload)
		}
	}
	if mails := site.Mails(); len(mails) != 1 || mails[0].Recipient != "ana.rivera@example.com" {
		t.Errorf("%d mails were sent", len(mails))
	}
}

func TestThreeMailsAnHour(t *testing.T) {
	site := open(t)
	for _, email := range []string{"ana.rivera@example.com", "nobody.here@example.com"} {
		b := site.Browser()
		for range 3 {
			ask(b, email).Has(t, 200)
		}
		ask(b, email).Has(t, 429).Sees(t, "Please look into your mail", "three times an hour")
	}
	if mails := site.Mails(); len(mails) != 3 {
		t.Errorf("%d mails were sent", len(mails))
	}
}

func TestALinkOfAnotherFirmIsUnknown(t *testing.T) {
	site := open(t)
	ask(site.Browser(), "ana.rivera@example.com")
	link := linkIn(t, site.MailTo("ana"))
	site.Firm("harbor").Browser().Open(link).Has(t, 404).Sees(t, "We do not know this link", "Harbor Events")
	site.Browser().Open("/sign-in/link/made-up").Has(t, 404).Sees(t, "We do not know this link")
}

func TestALinkForSomebodyElseAsksBeforeItSwitches(t *testing.T) {
	site := open(t)
	ask(site.Browser(), "grace.chen@example.com")
	link := linkIn(t, site.MailTo("grace"))

	tom := site.As("tom").Open(link)
	tom.Sees(t, "Switch to Grace Chen?", "You are signed in as Tom Rivera", "Chen Family")
	tom.Follow("Stay signed in as Tom Rivera")
	before := tom.Cookie("portico")
	tom.Open(link).Press("Switch to Grace Chen")
	tom.SeesNot(t, "Switch to Grace Chen?")
	if after := tom.Cookie("portico"); after == before || after == "" {
		t.Fatal("no new session")
	}
	old := site.Browser()
	old.SetSession(before)
	if in(old) {
		t.Error("Tom's session goes on")
	}
}

func TestASavedLinkGoesStraightInWithALiveSession(t *testing.T) {
	site := open(t)
	ask(site.Browser(), "ana.rivera@example.com")
	mail := site.MailTo("ana")
	ana := site.Browser().OpenMailed(mail).Press("Continue")
	if answer := ana.Get(linkIn(t, mail)); answer.Status != 303 || answer.Header.Get("Location") != "/portal/all" {
		t.Errorf("a saved link answers %d, %s", answer.Status, answer.Header.Get("Location"))
	}
}

func TestTheWayBackStaysOnThisSite(t *testing.T) {
	site := open(t)
	for typed, want := range map[string]string{
		"/portal/all/help":      "/portal/all/help",
		"https://evil.example/": "/portal/all",
		"//evil.example":        "/portal/all",
		"/\\evil.example":       "/portal/all",
		"/office/clients":       "/portal/all",
		"/sign-in/confirm":      "/portal/all",
	} {
		back := site.Snapshot(t)
		b := site.Browser()
		b.Post("/sign-in", url.Values{"email": {"ana.rivera@example.com"}, "next": {typed}})
		token := tokenIn(t, site.MailTo("ana"))
		answer := b.Post("/sign-in/link", url.Values{"token": {token}})
		if got := answer.Header.Get("Location"); got != want {
			t.Errorf("back to %q leads to %q", typed, got)
		}
		site.Rest()
		back()
		if err := site.Redis.FlushDB(t.Context()).Err(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFirmMayLetLinksWorkForAWeek(t *testing.T) {
	site := open(t)
	arrange(t, site, "update firm set links_last = true")
	ask(site.Browser(), "ana.rivera@example.com")
	mail := site.MailTo("ana")
	for range 2 {
		if b := site.Browser().OpenMailed(mail).Press("Continue"); !in(b) {
			t.Errorf("the link does not work: %s", b.Text())
		}
	}
}
