package profile_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/uptrace/bun"

	"portico/modules/profile"
	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/portaltest"
)

// diary is a section that keeps something about everybody.
var diary = module.Module{
	ID: "diary", Title: "Diary", Summary: "Notes.", Icon: "file", Toggle: module.Always,
	Mount: func(module.Platform) (module.Section, error) {
		return module.Section{Own: func(_ context.Context, _ bun.Tx, v auth.Viewer) ([]module.Table, error) {
			return []module.Table{{Name: "diary", Columns: []string{"by", "note"}, Rows: [][]string{{v.Name, "=SUM(1)"}}}}, nil
		}}, nil
	},
}

func TestAPersonKeepsTheOwnDetails(t *testing.T) {
	site := portaltest.Open(t, profile.Module)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open("/portal/all/profile").Has(t, 200).Sees(t, "ana.rivera@example.com", "Homeowner", "How you sign in", "this device")
		ana.Fill("Name", "").Fill("Phone", "12").Press("Save details").Has(t, 422).Sees(t, "Enter your name.", "Enter a number such as")
		if ana.Value("Phone") != "12" {
			t.Error("what was typed is lost")
		}
		ana.Fill("Name", "Ana  Rivera-Soto").Fill("Phone", "+1 512 555 9999").Attach("Photo", "ana.png", picture()).Press("Save details")
		ana.Has(t, 200).Sees(t, "Ana Rivera-Soto", "being prepared")
		site.Settle(t)
		ana.Open("/portal/all/profile").SeesNot(t, "being prepared")
		if !strings.Contains(ana.Body(), "/thumb") {
			t.Error("no photo")
		}
		if got := text(t, site, "select name || phone || version from contact where email = 'ana.rivera@example.com' and client_id = (select id from client where name like 'Ana & Tom%')"); !strings.HasPrefix(got, "Ana Rivera-Soto+1 512 555 9999") {
			t.Error(got)
		}
		ana.Tick("Remove the photo").Press("Save details")
		if strings.Contains(ana.Body(), "/thumb") {
			t.Error("the photo is still there")
		}
		ana.Attach("Photo", "note.png", []byte("<script>alert(1)</script>")).Press("Save details").Has(t, 422).Sees(t, "Choose a picture")

		ana.Open("/portal/all/profile").Choose("Time zone", "Berlin (Europe)").Choose("Colors", "Dark").Press("Save preferences")
		if !strings.Contains(ana.Body(), `data-theme="dark"`) || ana.Value("Time zone") != "Europe/Berlin" {
			t.Error("preferences")
		}
		if a := ana.Post("/portal/all/profile/preferences", url.Values{"zone": {"Mars/Olympus"}, "theme": {"pink"}, "locale": {"tlh"}}); a.Status != 422 {
			t.Error(a.Status)
		}
	})
}

func TestWhoMayNotEditSeesAndAsks(t *testing.T) {
	site := portaltest.Open(t, profile.Module)
	arrange(t, site, "update contact set invited_at = now() where email = 'lina@haddad.example'")
	wei := site.As("lina")
	wei.Open("/portal/all/profile").Sees(t, "To change these, please ask Northgate Builders").SeesNot(t, "Save details")
	if a := wei.Post("/portal/all/profile", url.Values{"name": {"Boss"}}); a.Status != 404 {
		t.Errorf("%d", a.Status)
	}
	wei.Open("/portal/all/profile/address").Has(t, 404)
	wei.Open("/portal/all/profile").Choose("Colors", "Light").Press("Save preferences").Has(t, 200)
	wei.Open("/portal/all/profile/password").Has(t, 200)
	wei.Open("/office/profile").Has(t, 404)
	site.As("ben").Open("/portal/all/profile").Has(t, 404)
	site.As("lina").Open("/portal/all/profile/authenticator").Has(t, 404)
}

func TestStaffHaveAProfileToo(t *testing.T) {
	site := portaltest.Open(t, profile.Module)
	ben := site.As("ben")
	ben.Open("/office/profile").Sees(t, "Project manager", "Authenticator app", "Not set up")
	ben.Fill("Phone", "+1 512 555 7777").Press("Save details").Has(t, 200)
	if got := text(t, site, "select phone || title || role from staff where person_id = (select id from person where email = 'ben@northgate.example')"); got != "+1 512 555 7777Project managermember" {
		t.Error(got)
	}
}

func TestAPasswordIsSetChangedAndRemoved(t *testing.T) {
	site := portaltest.Open(t, profile.Module)
	ana, phone := site.As("ana"), site.As("ana")
	ana.Open("/portal/all/profile").Sees(t, "None; you need none").Follow("Set one: password")
	ana.Fill("New password", "password1").Press("Set the password").Has(t, 422).Sees(t, "guessed first")
	ana.Fill("New password", "four tall oaks").Press("Set the password").Sees(t, "Your password is set.")
	if mail := site.MailTo("ana"); !strings.Contains(mail.Text, "A password was set") {
		t.Error(mail.Text)
	}
	phone.Open("/portal/all/profile").Has(t, 200).Sees(t, "Your profile")
	ana.Follow("Change: password").Fill("New password", "five tall oaks").Press("Change the password").Sees(t, "All other devices are signed out")
	phone.Open("/portal/all/profile").SeesNot(t, "Your profile")
	ana.Open("/portal/all/profile").Sees(t, "Your profile")
	ana.Follow("Change: password").Press("Remove the password").Sees(t, "Your password is removed", "None; you need none")

	// not long after the sign-in it asks who it is, and comes back
	sleepy(t, site)
	ana.Open("/portal/all/profile/password").SeesNot(t, "New password")
	if !strings.HasPrefix(ana.Path(), "/sign-in/confirm?to=") {
		t.Error(ana.Path())
	}
	if a := ana.Post("/portal/all/profile/password", url.Values{"password": {"six tall oaks"}}); a.Status != 303 {
		t.Errorf("%d", a.Status)
	}
	for _, path := range []string{"/portal/all/profile/address", "/portal/all/profile/passkeys", "/portal/all/profile/export", "/portal/all/profile/export.zip"} {
		if ana.Open(path); !strings.HasPrefix(ana.Path(), "/sign-in/confirm") {
			t.Errorf("%s leads to %s", path, ana.Path())
		}
	}
}

func TestSessionsEnd(t *testing.T) {
	site := portaltest.Open(t, profile.Module)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		phone, tablet := site.As("ana").For(t), site.As("ana").For(t)
		tom := site.As("tom").For(t)
		ana.Open("/portal/all/profile")
		if n := ana.Count("#profile-sessions li"); n != 3 {
			t.Errorf("%d sessions", n)
		}
		ana.Press("Sign out A browser")
		if n := ana.Count("#profile-sessions li"); n != 2 {
			t.Errorf("%d sessions after one has ended", n)
		}
		in := 0
		for _, b := range []*portaltest.Browser{phone, tablet} {
			if strings.Contains(b.Open("/portal/all/profile").Text(), "Your details") {
				in++
			}
		}
		if in != 1 {
			t.Errorf("%d of the others are in", in)
		}
		// nobody ends another's
		id := text(t, site, "select replace(replace(rtrim(encode(substring(token_hash from 1 for 12), 'base64'), '='), '+', '-'), '/', '_') from session where person_id = (select id from person where email = 'tom.rivera@example.com')")
		if a := ana.Post("/portal/all/profile/sessions/"+id+"?_method=DELETE", nil); a.Status != 404 {
			t.Errorf("another's session: %d", a.Status)
		}
		ana.Open("/portal/all/profile").Press("Sign out everywhere")
		for _, b := range []*portaltest.Browser{ana, phone, tablet} {
			b.Open("/portal/all/profile").SeesNot(t, "Your details")
		}
		tom.Open("/portal/all/profile").Sees(t, "Your details")
	})
}

func TestSessionsAreListedInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, profile.Module)
	ana := site.As("ana")
	for _, query := range []string{
		"update person set locale = 'de-DE' where firm_id = ? and id = ?",
		"update session set agent = 'Mozilla/5.0 (iPhone) Safari/604.1', ip = '10.1.2.3' where firm_id = ? and person_id = ?",
	} {
		if _, err := site.DB(t).ExecContext(t.Context(), query, site.FirmID(), site.Person("ana").ID); err != nil {
			t.Fatal(err)
		}
	}
	ana.Open("/portal/all/profile").Sees(t, "Safari auf einem iPhone", "aus einem eigenen Netzwerk (10.1.2.3)")
}

func TestAnAddressChangesWhenBothHaveAgreed(t *testing.T) {
	site := portaltest.Open(t, profile.Module)
	ana := site.As("ana")
	ana.Open("/portal/all/profile").Follow("Change your address")
	ana.Fill("New address", "ana").Press("Send both messages").Has(t, 422).Sees(t, "Enter an address such as")
	ana.Fill("New address", "ana.rivera@example.com").Press("Send both messages").Has(t, 422).Sees(t, "the address that you use now")
	ana.Fill("New address", "Ana@New.example").Press("Send both messages").Sees(t, "Two messages are on their way")
	old, fresh := site.MailTo("ana.rivera@example.com"), site.MailTo("ana@new.example")
	for i, mail := range []string{path(portaltest.MailedLink(t, old)), path(portaltest.MailedLink(t, fresh))} {
		site.Browser().Open(mail).Press("Yes, change it")
		now := text(t, site, "select email from person where name = 'Ana Rivera' and firm_id = (select firm_id from firm where key = 'demo')")
		if want := []string{"ana.rivera@example.com", "ana@new.example"}[i]; now != want {
			t.Errorf("after %d: %s", i+1, now)
		}
	}
	// what somebody else uses: the same words here, no word to them
	before := len(site.Mails())
	tom := site.As("tom")
	tom.Open("/portal/all/profile/address").Fill("New address", "grace.chen@example.com").Press("Send both messages").Sees(t, "Two messages are on their way")
	if mail := site.MailTo("tom"); !strings.Contains(mail.Text, "cannot be used") {
		t.Error(mail.Text)
	}
	if n := len(site.Mails()) - before; n != 1 {
		t.Errorf("%d mails", n)
	}
	if got := text(t, site, "select count(*)::text from outbox where payload::text like '%grace.chen%'"); got != "0" {
		t.Error("the typed address stands in the list of background work")
	}
}

func TestStaffSetUpAnAuthenticator(t *testing.T) {
	site := portaltest.Open(t, profile.Module)
	ben := site.As("ben")
	ben.Open("/office/profile").Follow("Set up: authenticator app").Sees(t, "Scan this picture")
	ben.Fill("Code from your app", "000000").Press("Turn on").Has(t, 422).Sees(t, "does not fit")
	var secret string
	for _, word := range strings.Split(ben.Body(), `data-copy="`)[1:] {
		secret = strings.ReplaceAll(word[:strings.IndexByte(word, '"')], " ", "")
	}
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err, ben.Text())
	}
	ben.Fill("Code from your app", code).Press("Turn on").Has(t, 200).Sees(t, "Keep these codes")
	if n := ben.Count("#recovery-codes li"); n != 10 {
		t.Errorf("%d codes", n)
	}
	ben.Follow("I have kept them").Sees(t, "10 recovery codes left").Follow("Manage: authenticator app")
	ben.Press("Make new codes").Sees(t, "Keep these codes")
	ben.Open("/office/profile/authenticator").Press("Remove the app").Sees(t, "The authenticator app is removed", "Not set up")
	if mail := site.MailTo("ben"); !strings.Contains(mail.Subject, "How you sign in has changed") {
		t.Error(mail.Subject)
	}
}

func TestACopyHoldsTheOwnDataOnly(t *testing.T) {
	site := portaltest.Open(t, profile.Module, diary)
	tom, ana := site.As("tom"), site.As("ana")
	tom.Open("/portal/all/profile").Fill("Phone", "+1 512 555 8888").Press("Save details")
	tom.Open("/portal/all/profile/password").Fill("New password", "tom has a boat").Press("Set the password")
	ana.Open("/portal/all/profile").Attach("Photo", "../../ana me.png", picture()).Press("Save details")
	ana.Open("/portal/all/profile").Follow("Get a copy").Sees(t, "1 file that you uploaded")
	answer := ana.Get("/portal/all/profile/export.zip")
	if answer.Status != 200 || answer.Header.Get("Content-Type") != "application/zip" {
		t.Fatalf("%d %v", answer.Status, answer.Header)
	}
	all := unzip(t, answer.Body)
	var data map[string][]map[string]string
	if err := json.Unmarshal(all["data.json"], &data); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"account", "sessions", "activity", "files", "diary"} {
		if len(data[table]) == 0 || len(all[table+".csv"]) == 0 {
			t.Errorf("%s is empty", table)
		}
	}
	text := ""
	photo := ""
	for name, body := range all {
		text += string(body)
		if strings.HasPrefix(name, "files/") {
			photo = name
		}
	}
	if photo == "" || strings.Contains(photo, "..") || !bytes.Equal(all[photo], picture()) {
		t.Errorf("the photo: %q", photo)
	}
	for _, want := range []string{"Ana Rivera", "ana.rivera@example.com", "changed the own photo", "make_payments"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, bad := range []string{"555 8888", "set a password", "tom.rivera@example.com", "Margin on the kitchen", "Calls before nine", "$argon2id", "Chen", "Harbor"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in the copy", bad)
		}
	}
	if !strings.Contains(string(all["diary.csv"]), ",'=SUM") || data["diary"][0]["note"] != "=SUM(1)" {
		t.Errorf("a formula in a CSV: %s", all["diary.csv"])
	}
	if !strings.Contains(string(all["account.csv"]), ",+1 512 555 0141") {
		t.Errorf("%s", all["account.csv"])
	}
	// looking does not write
	hash := site.Hash(t)
	ana.Get("/portal/all/profile/export.zip")
	ana.Open("/portal/all/profile").Open("/portal/all/profile/export")
	if site.Hash(t) != hash {
		t.Error("a GET has written")
	}
	if a := ana.Ask("HEAD", "/portal/all/profile/export.zip", nil); a.Status != 200 {
		t.Error(a.Status)
	}
	// the same person in another firm is another account
	if all := unzip(t, site.Firm("harbor").As("ana").Get("/portal/all/profile/export.zip").Body); strings.Contains(string(all["data.json"]), "changed the own photo") {
		t.Error("another firm's data")
	}
}

func unzip(t *testing.T, body []byte) map[string][]byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if all[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// picture is a small PNG.
func picture() []byte {
	m := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for i := range 64 {
		m.Set(i, i, color.RGBA{200, 80, 40, 255})
	}
	var b bytes.Buffer
	_ = png.Encode(&b, m)
	return b.Bytes()
}

func path(link string) string {
	u, _ := url.Parse(link)
	return u.RequestURI()
}

// sleepy lets the last fresh factor of everybody grow old.
func sleepy(t *testing.T, site *portaltest.Site) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), "update session set confirmed_at = now() - interval '1 hour'"); err != nil {
		t.Fatal(err)
	}
}

func text(t *testing.T, site *portaltest.Site, query string) string {
	t.Helper()
	var s string
	if err := site.DB(t).NewRaw(query).Scan(t.Context(), &s); err != nil {
		t.Fatal(err)
	}
	return s
}
