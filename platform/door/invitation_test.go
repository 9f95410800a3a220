package door_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/invite"
	"portico/platform/portaltest"
	"portico/platform/secret"
)

// invitedBy invites a contact as somebody of the office.
func invitedBy(t *testing.T, site *portaltest.Site, who string, contact uuid.UUID, note string) error {
	t.Helper()
	token := site.Session(who)
	return db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		v, err := auth.Load(ctx, tx, site.FirmID(), secret.Hash(token), site.Now())
		if err != nil {
			return err
		}
		return invite.Invite(ctx, tx, v.Viewer, contact, note)
	})
}

func contactNamed(t *testing.T, site *portaltest.Site, name string) (id uuid.UUID) {
	t.Helper()
	err := site.DB(t).NewRaw("select id from contact where firm_id = ? and name = ?", site.FirmID(), name).Scan(t.Context(), &id)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestAnInvitationOpensThePortal(t *testing.T) {
	site := open(t)
	lucia := contactNamed(t, site, "Lucía Rivera")
	if err := invitedBy(t, site, "maria", lucia, "We start on Monday.\nCall me any time!"); err != nil {
		t.Fatal(err)
	}
	mail := site.MailTo("lucia.rivera@example.com")
	if mail.Subject != "Northgate Builders has opened your portal" {
		t.Errorf("subject: %s", mail.Subject)
	}
	if mail.ReplyTo.Address != "maria@northgate.example" {
		t.Errorf("answers go to %s", mail.ReplyTo.Address)
	}
	for _, want := range []string{"Maria Okafor", "We start on Monday.", "Call me any time!", "Welcome, Lucía", "/sign-in/code"} {
		if !strings.Contains(mail.Text, want) {
			t.Errorf("the mail does not say %q:\n%s", want, mail.Text)
		}
	}
	b := site.Browser().OpenMailed(mail)
	b.Sees(t, "Welcome, Lucía", "Northgate Builders has opened a portal for Ana & Tom Rivera").Press("Open my portal")
	b.Sees(t, "Good to see you, Lucía").Press("Go to my portal")
	var first, noted bool
	err := site.DB(t).NewRaw(`
		select ct.accepted_at is not null, exists (select from activity a where a.subject_id = ct.id and a.verb = 'contact.accepted')
		from contact ct where ct.id = ?`, lucia).Scan(t.Context(), &first, &noted)
	if err != nil || !first || !noted {
		t.Errorf("accepted %v, noted %v, %v", first, noted, err)
	}
	site.Browser().OpenMailed(mail).Has(t, 410).Sees(t, "This link has been used")
}

func TestAnInvitationSentAgainEndsTheFirst(t *testing.T) {
	site := open(t)
	lucia := contactNamed(t, site, "Lucía Rivera")
	var mails []string
	for range 2 {
		if err := invitedBy(t, site, "ben", lucia, ""); err != nil {
			t.Fatal(err)
		}
		mails = append(mails, portaltest.MailedLink(t, site.MailTo("lucia.rivera@example.com")))
	}
	site.Browser().Open(mails[0]).Has(t, 410).Sees(t, "There is a newer link")
	site.Browser().Open(mails[1]).Has(t, 200).Sees(t, "Welcome, Lucía")
}

func TestAnInvitationByCodeOnAnotherDevice(t *testing.T) {
	site := open(t)
	if err := invitedBy(t, site, "maria", contactNamed(t, site, "Lucía Rivera"), ""); err != nil {
		t.Fatal(err)
	}
	code := codeIn(t, site.MailTo("lucia.rivera@example.com"))
	tv := site.Browser().Open("/sign-in/code").Fill("Your email", "lucia.rivera@example.com").Fill("Code", code).Press("Sign in")
	tv.Sees(t, "Good to see you, Lucía")
}

func TestNobodyIsInvitedIntoAClosedPortal(t *testing.T) {
	site := open(t)
	jana := contactNamed(t, site, "Jana Nováková") // her portal is off
	if err := invitedBy(t, site, "maria", jana, ""); !fault.Is(err, fault.Clash) {
		t.Errorf("inviting into a closed portal: %v", err)
	}
	if err := invitedBy(t, site, "maria", uuid.New(), ""); !fault.Is(err, fault.Missing) {
		t.Errorf("inviting nobody: %v", err)
	}
	if err := invitedBy(t, site, "ana", contactNamed(t, site, "Lucía Rivera"), ""); !fault.Is(err, fault.Denied) {
		t.Errorf("a client invites: %v", err)
	}
	if mails := site.Mails(); len(mails) > 0 {
		t.Errorf("%d mails", len(mails))
	}
}

func TestAWithdrawnInvitationIsNotSent(t *testing.T) {
	site := open(t)
	lucia := contactNamed(t, site, "Lucía Rivera")
	if err := invitedBy(t, site, "maria", lucia, ""); err != nil {
		t.Fatal(err)
	}
	arrange(t, site, "update contact set disabled_at = now() where id = ?", lucia)
	if mails := site.Mails(); len(mails) > 0 {
		t.Errorf("%d mails", len(mails))
	}
}

func TestAFirmsOwnWordsKeepTheWayIn(t *testing.T) {
	site := open(t)
	arrange(t, site, "insert into mail_text (firm_id, kind, own, subject, body) values (?, 'invitation', true, 'For {{contact}} <&>', ?)", site.FirmID(),
		"Dear {{first_name}}, **come in**.\n\n{{note}}")
	arrange(t, site, "update client set name = '*Star* [x](http://evil.example)' where name = 'Ana & Tom Rivera'")
	lucia := contactNamed(t, site, "Lucía Rivera")
	if err := invitedBy(t, site, "maria", lucia, "# Not a heading\n<script>alert(1)</script> http://a.example"); err != nil {
		t.Fatal(err)
	}
	mail := site.MailTo("lucia.rivera@example.com")
	if mail.Subject != "For Lucía Rivera <&>" {
		t.Errorf("subject: %s", mail.Subject)
	}
	for _, want := range []string{"Dear Lucía, come in.", "# Not a heading", "/sign-in/code", "Open my portal", "2200 Northgate Ave"} {
		if !strings.Contains(mail.Text, want) {
			t.Errorf("the plain text does not say %q:\n%s", want, mail.Text)
		}
	}
	for _, want := range []string{"<strong>come in</strong>", "Open my portal</a>", "#1f5c4d", "&lt;script&gt;"} {
		if !strings.Contains(mail.HTML, want) {
			t.Errorf("the mail does not show %q", want)
		}
	}
	if strings.Contains(mail.HTML, "<script") || strings.Count(mail.HTML, "<h1") > 0 {
		t.Error("a note is read as Markdown or HTML")
	}
	site.Browser().OpenMailed(mail).Press("Open my portal").Sees(t, "Good to see you, Lucía")
	codeIn(t, mail)

	// words that this program can no longer fill
	arrange(t, site, "update mail_text set body = 'Hello {{nickname}}'")
	if err := invitedBy(t, site, "maria", lucia, ""); err != nil {
		t.Fatal(err)
	}
	if again := site.MailTo("lucia.rivera@example.com"); !strings.Contains(again.Text, "Welcome, Lucía") || strings.Contains(again.Text, "{{") || strings.Contains(again.HTML, `href="http://evil`) {
		t.Errorf("instead of the default:\n%s", again.Text)
	}
}
