package help_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"portico/modules/help"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/portaltest"
	"portico/platform/secret"
)

func TestClientsFindWhatTheyNeed(t *testing.T) {
	site := portaltest.Open(t, help.Module)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open("/portal/all/help").Has(t, 200).
			Sees(t, "What happens next: your project, step by step", "You sign the contract", "May we visit the site?", "Money", "How draws work", "Your questions").
			SeesNot(t, "Living in the house while we build", "Invoices for your accounting")
		ana.Fill("Search the help", "draw").Submit()
		ana.Sees(t, "How draws work").SeesNot(t, "May we visit the site?")
		ana.Open("/portal/all/help?q=visiti").Sees(t, "Visiting the site")
		ana.Open("/portal/all/help?q=sel%C3%A9ction").Sees(t, "Choosing your selections")
		ana.Open("/portal/all/help?q=wolpertinger").Sees(t, "Nothing found")
		ana.Open("/portal/maple-street/help?q=%27%3A*%20%26%20%21draws%20%7C%20%28").Has(t, 200).Sees(t, "How draws work")
		ana.Open("/portal/all/help").Follow("What happens next: your project").Sees(t, "We walk through the house together", "eleven months")
	})
	omar := site.As("omar")
	omar.Open("/portal/all/help").Sees(t, "Invoices for your accounting")
	omar.Open("/portal/all/help/articles/invoices-for-your-accounting").Has(t, 200)
	ana := site.As("ana")
	ana.Open("/portal/all/help/articles/invoices-for-your-accounting").Has(t, 404)
	ana.Open("/portal/all/help?q=accounting").SeesNot(t, "Invoices for your accounting")
	ana.Open("/portal/all/help/articles/living-in-the-house-while-we-build").Has(t, 404)
	ana.Open("/portal/all/help?q=dust").SeesNot(t, "Living in the house")
	ana.Open("/portal/all/help/articles/nothing").Has(t, 404)
	site.Firm("harbor").As("ruth").Open("/portal/all/help/articles/how-draws-work").Has(t, 404)
	site.Stranger().Open("/portal/all/help").SeesNot(t, "How draws work")
}

func TestSwitchedOffThereIsNoHelp(t *testing.T) {
	site := portaltest.Open(t, help.Module)
	do(t, site, `update client set switches = '{"help": false}' where name = 'Chen Family'`)
	site.As("grace").Open("/portal/all/help").Has(t, 404)
	site.As("grace").Open("/portal/all/help/articles/how-draws-work").Has(t, 404)
	site.As("ana").Open("/portal/all/help").Has(t, 200)
}

func TestAClientSaysWhetherAnArticleHelped(t *testing.T) {
	site := portaltest.Open(t, help.Module)
	site.Both(t, "tom", func(t *testing.T, tom *portaltest.Browser) {
		tom.Open("/portal/all/help/articles/your-warranty").In("Was this useful?").Press("No")
		tom.Sees(t, "You said no")
		tom.Fill("What was missing", "Is the roof a part of the structure?")
		tom.In("Was this useful?").Press("Yes")
		tom.Open("/portal/all/help/articles/your-warranty").Sees(t, "You said yes")
		tom.Open("/portal/all/help/questions").Sees(t, "Is the roof a part", "With the team")
		ben := site.As("ben").For(t)
		if row := ben.Open("/office/help").Text(); !strings.Contains(row, "Your warranty All clients yes: 1 no: 0 Published") {
			t.Error(row)
		}
		ben.Open("/office/help/questions").Sees(t, "Is the roof a part", "Tom Rivera", "Your warranty")
		// an odd vote is refused and loses nothing
		tom.Open("/portal/all/help/articles/your-warranty")
		a := tom.Post("/portal/all/help/articles/your-warranty/feedback", url.Values{"useful": {"maybe"}, "text": {"kept words"}})
		if a.Status != 422 || !strings.Contains(string(a.Body), "kept words") {
			t.Errorf("%d %s", a.Status, a.Body)
		}
	})
}

func TestTheTeamAnswersAQuestionOnce(t *testing.T) {
	site := portaltest.Open(t, help.Module)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		before := len(site.Mails())
		ana.Open("/portal/all/help").Follow("Ask the team").Press("Send to the team").Has(t, 422).Sees(t, "Write your question first")
		ana.Fill("Your question", "When do the\ncabinets come?").Press("Send to the team")
		ana.Has(t, 200).Sees(t, "Your question", "cabinets come?", "With the team")
		path := ana.Path()

		ben := site.As("ben").For(t)
		ben.Open("/office/help/questions").Sees(t, "When do the cabinets come?", "Ana Rivera").Follow("When do the cabinets")
		ben.Press("Send the answer").Has(t, 422).Sees(t, "Write an answer first")
		ben.Fill("Answer", "On Thursday.\nBen calls before.").Press("Send the answer").Sees(t, "Answered. Ana Rivera gets it by mail.")
		mail := site.MailTo("ana")
		if n := len(site.Mails()) - before; n != 1 || !strings.Contains(mail.Text, "On Thursday.") || mail.Subject != "An answer from Northgate Builders" {
			t.Errorf("%d mails: %s", n, mail.Text)
		}
		if link := portaltest.MailedLink(t, mail); !strings.HasSuffix(link, path) {
			t.Errorf("the mail leads to %s, not %s", link, path)
		}
		ana.Open(path).Sees(t, "Ben Lindqvist answered", "On Thursday.", "Answered")

		// a corrected answer is shown and not mailed
		ben.Open("/office/help/questions?state=answered").Follow("When do the cabinets")
		ben.Fill("Answer", "On Friday.").Press("Save the answer").Sees(t, "No second mail")
		ana.Open(path).Sees(t, "On Friday.")
		if n := len(site.Mails()) - before; n != 1 {
			t.Errorf("%d mails", n)
		}
		// put away and taken out again, it is still answered, and nothing is sent
		ben.Open("/office/help/questions?state=answered").Follow("When do the cabinets").Press("Put it away")
		ben.Open("/office/help/questions?state=closed").Follow("When do the cabinets").Press("Open it again").Sees(t, "Answered")
		if n := len(site.Mails()) - before; n != 1 {
			t.Errorf("%d mails", n)
		}

		// nobody else of the house may read it, nor another firm's staff
		for _, who := range []string{"tom", "grace", "omar"} {
			site.As(who).For(t).Open(path).Has(t, 404)
			site.As(who).For(t).Open("/portal/all/help/questions").SeesNot(t, "cabinets")
		}
		site.Firm("harbor").As("noor").For(t).Open(strings.Replace(path, "/portal/all", "/office", 1)).Has(t, 404)
		site.Firm("harbor").As("ana").For(t).Open(path).Has(t, 404)
	})
}

func TestNoAnswerGoesToWhoHasLostAccess(t *testing.T) {
	site := portaltest.Open(t, help.Module)
	ana := site.As("ana")
	ana.Open("/portal/all/help/questions/new").Fill("Your question", "Are you there?").Press("Send to the team")
	do(t, site, `update contact set disabled_at = now() where email = 'ana.rivera@example.com'`)
	before := len(site.Mails())
	site.As("ben").Open("/office/help/questions").Follow("Are you there?").Fill("Answer", "Yes.").Press("Send the answer")
	if n := len(site.Mails()) - before; n != 0 {
		t.Errorf("%d mails", n)
	}
}

func TestNobodyFloodsTheInbox(t *testing.T) {
	site := portaltest.Open(t, help.Module)
	ana := site.As("ana")
	ask := func(text string) portaltest.Answer {
		return ana.Post("/portal/all/help/questions", url.Values{"text": {text}})
	}
	first, second := ask("Twice the same"), ask("Twice the same")
	if first.Header.Get("Location") == "" || first.Header.Get("Location") != second.Header.Get("Location") {
		t.Errorf("%v %v", first.Header, second.Header)
	}
	for i := range 12 {
		a := ask("Question " + strings.Repeat("x", i+1))
		if want := 303; i < 9 && a.Status != want || i >= 9 && a.Status != 422 {
			t.Errorf("question %d: %d", i, a.Status)
		}
	}
	if a := ask(strings.Repeat("long ", 1000)); a.Status != 422 {
		t.Errorf("too long: %d", a.Status)
	}
	// who may not write to the team has no form, and no other way
	do(t, site, `update contact set rights = '{}' where email = 'tom.rivera@example.com'`)
	tom := site.As("tom")
	if tom.Open("/portal/all/help"); strings.Contains(tom.Body(), "/questions/new") {
		t.Error("a way to ask is shown")
	}
	tom.Open("/portal/all/help/questions/new").Has(t, 404)
	if a := tom.Post("/portal/all/help/questions", url.Values{"text": {"Hello"}}); a.Status != 404 {
		t.Errorf("%d", a.Status)
	}
	if a := tom.Post("/portal/all/help/articles/your-warranty/feedback", url.Values{"useful": {"no"}, "text": {"Hello"}}); a.Status != 404 {
		t.Errorf("%d", a.Status)
	}
	if a := tom.Post("/portal/all/help/articles/your-warranty/feedback", url.Values{"useful": {"no"}}); a.Status != 303 {
		t.Errorf("%d", a.Status)
	}
}

func TestStaffWriteArticles(t *testing.T) {
	site := portaltest.Open(t, help.Module)
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		ana := site.As("ana").For(t)
		ben.Open("/office/help/articles/new").Fill("Title", "Parking on Maple Street").Press("Save").Has(t, 422).Sees(t, "Write something.")
		ben.Fill("Text", "# Where\nOn the *left*. <script>alert(1)</script>").Fill("Section", "During the work")
		ben.Press("Preview").Sees(t, "On the left.")
		if ben.Count("#help-preview em") != 1 || ben.Count("#help-preview script") != 0 || ben.Value("Title") != "Parking on Maple Street" {
			t.Error("preview", ben.Body())
		}
		ben.Untick("Publish now").Press("Save").Sees(t, "Parking on Maple Street")
		ana.Open("/portal/all/help/articles/parking-on-maple-street").Has(t, 404)
		ben.Press("Publish Parking on Maple Street")
		ana.Open("/portal/all/help/articles/parking-on-maple-street").Has(t, 200).Sees(t, "On the left.").SeesNot(t, "<script>")
		if ana.Count("main script") != 0 || ana.Count("main h2") == 0 {
			t.Error(ana.Body())
		}

		// the same title gets another address
		ben.Open("/office/help/articles/new").Fill("Title", "Parking on Maple Street").Fill("Text", "Second.").Press("Save")
		ana.Open("/portal/all/help/articles/parking-on-maple-street-2").Has(t, 200).Sees(t, "Second.")

		// order
		order := func() (first, second int) {
			text := ana.Open("/portal/all/help").Text()
			return strings.Index(text, "How draws work"), strings.Index(text, "Changes to your contract")
		}
		if a, b := order(); a > b {
			t.Fatal("draws come first in the demo")
		}
		ben.Open("/office/help").Press("Move down: How draws work")
		if a, b := order(); a < b {
			t.Error("not moved")
		}

		// edited, withdrawn, deleted, taken back
		ben.Open("/office/help").Follow("Your warranty").Fill("Title", "Your five warranties").Press("Save")
		ana.Open("/portal/all/help/articles/your-warranty").Sees(t, "Your five warranties")
		ben.Open("/office/help").Press("Unpublish Your five warranties")
		ana.Open("/portal/all/help/articles/your-warranty").Has(t, 404)
		ben.Open("/office/help").Follow("Visiting the site").Press("Delete")
		ana.Open("/portal/all/help/articles/visiting-the-site").Has(t, 404)
		ben.Sees(t, "“Visiting the site” is deleted").Press("Undo").Sees(t, "Visiting the site")
		ben.Press("Publish Visiting the site")
		ana.Open("/portal/all/help/articles/visiting-the-site").Has(t, 200)
	})
}

func TestTwoWhoEditAtOnce(t *testing.T) {
	site := portaltest.Open(t, help.Module)
	ben, maria := site.As("ben"), site.As("maria")
	ben.Open("/office/help").Follow("Your warranty")
	maria.Open("/office/help").Follow("Your warranty").Fill("Text", "Marias text").Press("Save")
	ben.Fill("Text", "Bens text").Press("Save").Has(t, 409).Sees(t, "Somebody has changed this meanwhile")
	if got := ben.Value("Text"); got != "Bens text" {
		t.Errorf("lost: %q", got)
	}
	ben.Press("Save").Has(t, 200)
	site.As("ana").Open("/portal/all/help/articles/your-warranty").Sees(t, "Bens text")
}

func TestClientsStayOutOfTheOffice(t *testing.T) {
	site := portaltest.Open(t, help.Module)
	for _, path := range []string{"/office/help", "/office/help/questions", "/office/help/articles/new"} {
		site.As("ana").Open(path).Has(t, 404)
	}
	ana := site.As("ana")
	for _, path := range []string{"/portal/all/help", "/portal/all/help?q=draw", "/portal/all/help/articles/how-draws-work", "/portal/all/help/questions"} {
		ana.Open(path).Has(t, 200)
	}
}

func do(t *testing.T, site *portaltest.Site, query string) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}

func TestTheCopyOfOwnDataHoldsOwnWordsOnly(t *testing.T) {
	site := portaltest.Open(t, help.Module)
	for _, who := range []string{"tom", "ana"} {
		b := site.As(who)
		b.Open("/portal/all/help/questions/new").Fill("Your question", who+" asked").Press("Send to the team")
	}
	token := site.Session("ana")
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		v, err := auth.Load(ctx, tx, site.FirmID(), secret.Hash(token), site.Now())
		if err != nil {
			return err
		}
		tables, err := site.Catalog.Modules[0].Own(ctx, tx, v.Viewer)
		if err != nil || len(tables) != 1 {
			t.Fatal(err, tables)
		}
		all := fmt.Sprint(tables[0].Rows)
		if !strings.Contains(all, "ana asked") || !strings.Contains(all, "How draws work yes") || strings.Contains(all, "tom asked") {
			t.Error(all)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
