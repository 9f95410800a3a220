package door_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"portico/platform/portaltest"
)

var secretShape = regexp.MustCompile(`(?:\b[A-Z2-7]{4} ?){8}`)

// secretOn reads the key that the page shows for typing into an app.
func secretOn(t *testing.T, b *portaltest.Browser) string {
	t.Helper()
	secret := strings.ReplaceAll(secretShape.FindString(b.Text()), " ", "")
	if secret == "" {
		t.Fatalf("no key on the page: %s", b.Text())
	}
	return secret
}

func codeOf(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestAFirmForcesASecondFactor(t *testing.T) {
	site := open(t)
	arrange(t, site, "update firm set second_factor = '{owner}'")
	maria := site.SignInByMail("maria").Press("Continue")
	maria.Sees(t, "Protect your account", "Your firm asks for a second step")
	if answer := maria.Get("/switch"); answer.Header.Get("Location") != "/sign-in/second-factor" {
		t.Errorf("the duty can be passed by: %d", answer.Status)
	}
	secret := secretOn(t, maria)
	maria.Fill("Code from your app", "000000").Press("Turn on").Has(t, 422).Sees(t, "This code does not fit")
	maria.Fill("Code from your app", codeOf(t, secret, site.Now())).Press("Turn on").Sees(t, "Keep these codes")
	codes := maria.Count("#recovery-codes li")
	if codes != 10 {
		t.Errorf("%d recovery codes", codes)
	}
	recovery := strings.Fields(maria.In("Keep these codes").Text())
	if answer := maria.Get("/switch"); answer.Status != 200 {
		t.Errorf("after the duty: %d", answer.Status)
	}

	again := site.SignInByMail("maria").Press("Continue")
	again.Sees(t, "One more step", "authenticator app")
	again.Fill("Code from your app", codeOf(t, secret, site.Now())).Press("Continue").Has(t, 422) // this step has been used
	again.Fill("Code from your app", codeOf(t, secret, site.Now().Add(30*time.Second))).Press("Continue")
	if answer := again.Get("/switch"); answer.Status != 200 {
		t.Errorf("after the second step: %d", answer.Status)
	}

	lost := site.SignInByMail("maria").Press("Continue").Follow("I cannot use my app")
	lost.Fill("Recovery code", "2222-2222").Press("Continue").Has(t, 422).Sees(t, "none of your unused recovery codes")
	for _, word := range recovery {
		if codeShape.MatchString(word) {
			lost.Fill("Recovery code", word).Press("Continue")
			break
		}
	}
	if answer := lost.Get("/switch"); answer.Status != 200 {
		t.Errorf("after the recovery code: %d", answer.Status)
	}
}

func TestAnOwnerIsOfferedASecondFactorAndMaySkipIt(t *testing.T) {
	site := open(t)
	arrange(t, site, "update person set welcomed_at = null where email = 'maria@northgate.example'")
	maria := site.SignInByMail("maria").Press("Continue")
	maria.Sees(t, "Protect your account", "You own this firm's data").Follow("Not now")
	maria.Sees(t, "Good to see you, Maria").Press("Go to the office")
	if answer := maria.Get("/welcome"); answer.Header.Get("Location") != "/office" {
		t.Errorf("she is welcomed again: %d %s", answer.Status, answer.Header.Get("Location"))
	}
}

func TestTheFirstVisitMaySetAPassword(t *testing.T) {
	site := open(t)
	arrange(t, site, "update contact set invited_at = now() where email = 'wei.chen@example.com'")
	wei := site.SignInByMail("wei").Press("Continue")
	wei.Sees(t, "Good to see you, Wei", "Chen Family")
	wei.Fill("A password", "password1").Press("Go to my portal").Has(t, 422).Sees(t, "guessed first")
	wei.Fill("A password", "seven green boats").Press("Go to my portal")

	later := site.Browser().Open("/sign-in?with=password").Fill("Email", "wei.chen@example.com").Fill("Password", "seven green boat")
	later.Press("Sign in").Has(t, 422).Sees(t, "Email and password do not fit together")
	later.Fill("Password", "seven green boats").Press("Sign in")
	if !in(later) {
		t.Errorf("the password does not sign in: %s", later.Text())
	}
	stranger := site.Browser().Open("/sign-in?with=password").Fill("Email", "nobody@example.com").Fill("Password", "seven green boats").Press("Sign in")
	stranger.Has(t, 422).Sees(t, "Email and password do not fit together")
}

func TestStepUpByMail(t *testing.T) {
	site := open(t)
	ana := site.As("ana")
	if answer := ana.Get("/sign-in/confirm?to=/portal/all/profile"); answer.Header.Get("Location") != "/portal/all/profile" {
		t.Errorf("a fresh session is asked again: %d", answer.Status)
	}
	arrange(t, site, "update session set confirmed_at = now() - interval '1 hour'")
	ana.Open("/sign-in/confirm?to=/portal/all/profile").Sees(t, "Is it you?").Press("Email me a code")
	code := codeIn(t, site.MailTo("ana"))
	if strings.Contains(site.MailTo("ana").Text, "/sign-in/link/") {
		t.Error("the mail carries a link")
	}
	ana.Sees(t, "A code is on its way").Fill("Code from the message", "2345-6789").Press("Continue").Has(t, 422)
	answer := ana.Post("/sign-in/confirm", map[string][]string{"code": {code}, "next": {"/portal/all/profile"}})
	if answer.Header.Get("Location") != "/portal/all/profile" {
		t.Errorf("the code is answered by %d", answer.Status)
	}
	if answer := ana.Get("/sign-in/confirm"); answer.Header.Get("Location") != "/portal/all" {
		t.Errorf("asked again: %d", answer.Status)
	}
}

func TestStaffHearOfASignInAtANewBrowser(t *testing.T) {
	site := open(t)
	first := site.SignInByMail("ben").Press("Continue") // everything is new
	site.SignInByMail("ben").Press("Continue")
	first.Press("Sign out")
	first.Open("/sign-in").Fill("Email", "ben@northgate.example").Press("Email me a link")
	first.OpenMailed(site.MailTo("ben")).Press("Continue") // this browser is known
	arrange(t, site, "update outbox set next_at = now() where kind = 'door:new_device'")
	notices := 0
	for _, m := range site.Mails() {
		if m.Subject == "New sign-in to Northgate Builders" {
			notices++
		}
	}
	if notices != 1 {
		t.Errorf("%d notices", notices)
	}
}
