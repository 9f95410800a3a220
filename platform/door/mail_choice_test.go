package door_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"

	"portico/platform/portaltest"
	"portico/platform/portaltest/stopwatch"
)

// mailed is the address that mails carried before each had its kind: it works for good.
func mailed(t *testing.T, site *portaltest.Site) string {
	t.Helper()
	address, err := site.Notices.Unsubscribe(t.Context(), site.FirmID(), site.Person("ana").ID, "")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Path
}

func TestOneClickEndsAllMailsThatAreNotImportant(t *testing.T) {
	site := open(t)
	page := mailed(t, site)
	// scanners look, and change nothing
	b := site.Stranger().Open(page).Has(t, 200).Sees(t, "Which mails would you like?", "a••••@example.com", "Northgate Builders")
	if choiceOf(t, site) != "all" {
		t.Fatal("looking changed it")
	}
	b.Tick("Only what is important").Press("Save").Sees(t, "Saved.")
	if choiceOf(t, site) != "important" {
		t.Error("the choice is not kept")
	}
	b.Tick("Everything").Press("Save").Sees(t, "Saved.")

	// a mail program comes by itself (RFC 8058)
	program := []string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "", "Origin", ""}
	if a := site.Stranger().Ask("POST", page, strings.NewReader("List-Unsubscribe=One-Click"), program...); a.Status != 200 || choiceOf(t, site) != "important" {
		t.Errorf("one click: %d, %s", a.Status, choiceOf(t, site))
	}
	for _, bad := range []string{page[:len(page)-1], page + "A", "/mail-choice/nonsense"} {
		if a := site.Stranger().Ask("POST", bad, strings.NewReader("mails=all"), program...); a.Status != 403 || choiceOf(t, site) != "important" {
			t.Errorf("%s: %d", bad, a.Status)
		}
		site.Stranger().Open(bad).Has(t, 404)
	}
	site.Firm("harbor").Stranger().Open(page).Has(t, 404)
	evil := append([]string{}, program...)
	evil[3], evil[5] = "cross-site", "https://evil.example"
	if a := site.Stranger().Ask("POST", page, strings.NewReader("mails=all"), evil...); a.Status != 403 {
		t.Errorf("another site's page: %d", a.Status)
	}
}

func choiceOf(t *testing.T, site *portaltest.Site) (choice string) {
	t.Helper()
	err := site.DB(t).NewRaw("select mails from person where email = 'ana.rivera@example.com' and firm_id = ?", site.FirmID()).Scan(t.Context(), &choice)
	if err != nil {
		t.Fatal(err)
	}
	return choice
}

// From the mail to the portal on a small phone whose browser runs no scripts.
func TestTheFirstVisitOnAPhoneWithoutScripts(t *testing.T) {
	site := open(t)
	lucia := contactNamed(t, site, "Lucía Rivera")
	if err := invitedBy(t, site, "maria", lucia, ""); err != nil {
		t.Fatal(err)
	}
	invitation := site.MailTo("lucia.rivera@example.com")
	arrange(t, site, "update person set zone = 'Europe/Berlin', locale = 'en-US' where email = 'lucia.rivera@example.com'")
	began := time.Now()
	phone := site.Chrome(t, "", 360, false)
	phone.Forgive("404") // no section is imported here, so there is no page behind the door
	phone.Forgive("ERR_BLOCKED_BY_CLIENT").Run(network.SetBlockedURLs([]string{"*.js*"}))
	phone.Open(portaltest.MailedLink(t, invitation)).Sees(t, "Welcome, Lucía")
	phone.Fits(t)
	phone.Press("Open my portal").Until("welcomed", `document.body.innerText.includes("Good to see you, Lucía")`)
	phone.SeesNot(t, "Use fingerprint or face") // needs a script
	phone.Fits(t)
	phone.Fill("A password", "short").Press("Go to my portal").Until("refused", `document.querySelector("#password[aria-invalid]") !== null`)
	phone.Press("Only what is important")
	phone.Fill("A password", "correct horse battery").Press("Go to my portal").Until("inside", `location.pathname === "/portal/all"`)
	stopwatch.Holds(t, "the first visit", time.Minute, time.Since(began))
	var kept struct {
		Mails, Zone, Locale string
		Password, Welcomed  bool
	}
	err := site.DB(t).NewRaw(`
		select mails, zone, locale, password_hash <> '' as password, welcomed_at is not null as welcomed
		from person where email = 'lucia.rivera@example.com'`).Scan(t.Context(), &kept)
	if err != nil || kept.Mails != "important" || !kept.Password || !kept.Welcomed || kept.Zone != "Europe/Berlin" || kept.Locale != "en-US" {
		t.Errorf("kept %+v, %v", kept, err)
	}
}

func TestTheFirstVisitCanBeSkipped(t *testing.T) {
	site := open(t)
	if err := invitedBy(t, site, "maria", contactNamed(t, site, "Lucía Rivera"), ""); err != nil {
		t.Fatal(err)
	}
	b := site.Browser().OpenMailed(site.MailTo("lucia.rivera@example.com")).Press("Open my portal").Press("Go to my portal")
	if b.Path() != "/portal/all" {
		t.Errorf("at %s", b.Path())
	}
	if a := b.Get("/welcome"); a.Status != 303 {
		t.Errorf("welcomed again: %d", a.Status)
	}
}
