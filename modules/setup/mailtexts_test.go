package setup_test

import (
	"strings"
	"testing"

	"portico/platform/portaltest"
)

func TestAFirmWritesItsOwnInvitation(t *testing.T) {
	open(t).Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open("/office/setup").Follow("Mail texts").Follow("Invitation").Sees(t, "Default", "{{first_name}}", "The contact's first name")
		maria.Fill("Subject", "Come in, {{contakt}}").Fill("Text", "# Dear {{first_name}}\n\nWe look forward to **{{projects}}**.").Press("Save changes")
		maria.Has(t, 422).Sees(t, "There is no placeholder {{contakt}} in this mail. Did you mean {{contact}}?")
		if got := maria.Value("Text"); !strings.Contains(got, "Dear {{first_name}}") {
			t.Errorf("what was typed is lost: %q", got)
		}
		maria.Fill("Subject", "Come in, {{contact}}").Press("Save changes").Sees(t, "Saved.", "Your words")
		maria.Open("/office/setup/activity").Sees(t, "changed the mail text “Invitation”", "Come in, {{contact}}")
		maria.Open("/office/setup/mails/invitation").Press("Restore the default").Sees(t, "Default")
		if got := maria.Value("Subject"); got != "{{firm}} has opened your portal" {
			t.Errorf("the default is %q", got)
		}
	})
}

func TestTheSecondWriterOfAMailIsTold(t *testing.T) {
	site := open(t)
	maria, priya := site.As("maria"), site.As("priya")
	maria.Open("/office/setup/mails/invitation")
	priya.Open("/office/setup/mails/invitation").Fill("Subject", "Priya's words").Press("Save changes").Sees(t, "Saved.")
	maria.Fill("Subject", "Maria's words").Press("Save changes").Has(t, 409).Sees(t, "Priya Raman has changed this", "Priya's words")
	if got := maria.Value("Subject"); got != "Maria's words" {
		t.Errorf("what the second typed is lost: %q", got)
	}
	maria.Press("Save changes").Sees(t, "Saved.")
	if got := one[string](t, site, "select subject from mail_text"); got != "Maria's words" {
		t.Errorf("kept %q", got)
	}
	priya.Press("Restore the default").Has(t, 409).Sees(t, "Maria Okafor has changed this")
}

func TestTheMailIsSeenBeforeItIsSaved(t *testing.T) {
	site := open(t)
	maria := site.As("maria")
	maria.Open("/office/setup/mails/invitation").Fill("Text", "# Dear {{first_name}}\n\n*Soon* <script>alert(1)</script> you see {{sections}}.").Press("Preview")
	maria.Has(t, 200).Sees(t, "Dear Ana", "you see Plans.") // the plain text
	frame := maria.Get(attr(t, maria, "iframe", "src"))
	for _, want := range []string{"Dear Ana", "<em>Soon</em>", "#1f5c4d", "Open my portal", "2200 Northgate Ave"} {
		if !strings.Contains(string(frame.Body), want) {
			t.Errorf("the preview does not show %q", want)
		}
	}
	if strings.Contains(string(frame.Body), "<script") || !strings.Contains(frame.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Error("the preview could do something")
	}
	if priya := site.As("priya").Get("/office/setup/mails/invitation/preview?of=draft"); strings.Contains(string(priya.Body), "Dear Ana") {
		t.Error("somebody else's draft is shown")
	}
	if n := one[int](t, site, "select count(*) from mail_text"); n != 0 {
		t.Error("a preview was saved")
	}
	maria.Fill("Text", "Broken {{").Press("Preview").Has(t, 422).Sees(t, "This cannot be sent yet", "is no placeholder")

	maria.Open("/office/setup/mails/invitation").Fill("Subject", "A trial for {{contact}}").Press("Send a test to me").Sees(t, "A test goes to maria@northgate.example")
	if got := maria.Value("Subject"); got != "A trial for {{contact}}" {
		t.Errorf("what was typed is lost: %q", got)
	}
	mail := site.MailTo("maria")
	if mail.Subject != "A trial for Ana Rivera" || !strings.Contains(mail.Text, "This is a test") || !strings.Contains(mail.Text, "EXAM-PLES") {
		t.Errorf("%s\n%s", mail.Subject, mail.Text)
	}
	site.Settle(t)
}

func attr(t *testing.T, b *portaltest.Browser, css, name string) string {
	t.Helper()
	n := b.Find(css)
	if n == nil {
		t.Fatalf("no %s on the page", css)
	}
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
