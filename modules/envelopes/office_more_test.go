package envelopes_test

import (
	"context"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"portico/modules/envelopes"
	"portico/platform/auth"
	"portico/platform/portaltest"
)

func TestADocumentIsWrittenFromATemplate(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	site.Both(t, "maria", func(t *testing.T, maria *portaltest.Browser) {
		maria.Open("/office/envelopes/templates").Sees(t, "Remodel contract", "Change order", "Proposal", "Portico, as a start").Follow("Remodel contract")
		maria.Fill("Text", "# Work at {{address}}\n\n{{price}}").Press("Save template").Sees(t, "There is nothing to put in the place of {{price}}.")
		maria.Fill("Text", "# Work at {{address}}\n\n{{prices}}").Fill("Payment schedule", "Half").Press("Save template").Sees(t, "Write each line as")
		maria.Fill("Payment schedule", "On signing, 40%\nAt the end, 60%").Fill("Name", "Our contract").Press("Save template").Sees(t, "Saved.", "Our contract").SeesNot(t, "Remodel contract")

		tom := site.Person("tom").ContactID
		do(t, site, "update contact set rights = array_remove(rights, 'sign_documents') where id = ?", tom)
		maria.Open("/office/envelopes/new?project="+projectOf(t, site, "maple-attic")).Choose("Template", "Contract: Our contract").Press("Go on").Sees(t, "Only staff see it")
		maria.Fill("What (1)", "Dormer").Fill("Price (1)", "ten").Press("Save and go on").Sees(t, "Enter an amount")
		maria.Fill("Price (1)", "10,000.01").Press("Work it out").Sees(t, "$10,000.01", "$4,000.00", "$6,000.01").Press("Save and go on").Sees(t, "Who gets it")
		maria.Press("Save and go on").Sees(t, "Field 4") // Ana and Maria, each a signature and a day, on the page for them
		maria.Open("/office/envelopes/"+envelopeOf(t, site, "Attic study: contract")).Sees(t, "Everything is there.", "$10,000.01", "On signing", "$4,000.00", "$6,000.01")
		envelope := envelopeOf(t, site, "Attic study: contract")
		if pages := value(t, site, "select pages || '/' || text_pages || '/' || (select min(page) from envelopes.field f where f.envelope_id = e.id) from envelopes.envelope e where id = ?", envelope); pages != "2/1/2" {
			t.Errorf("pages: %s", pages)
		}
		text := textOf(t, maria.Get("/files/"+value(t, site, "select file_id::text from envelopes.envelope where id = ?", envelope)+"/original").Body)
		for _, want := range []string{"Work at 418 Maple Street", "Dormer", "$10,000.01", "On signing", "40%", "Signatures", "Ana Rivera", "Maria Okafor, for the firm"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q is not in the document:\n%s", want, text)
			}
		}
		// another signer gets a place of their own, and what was placed on the text stays
		do(t, site, "insert into envelopes.field (firm_id, id, envelope_id, client_id, recipient_id, page, x, y, w, h, kind) select firm_id, gen_random_uuid(), envelope_id, client_id, id, 1, 1000, 1000, 500, 500, 'initials' from envelopes.recipient where envelope_id = ? and role = 'signer'", envelope)
		do(t, site, "update contact set rights = rights || '{sign_documents}' where id = ?", tom)
		maria.Open("/office/envelopes/"+envelope+"/people").Press("Add a person").Choose("Who (3)", "Tom Rivera (tom.rivera@example.com)").Press("Save and go on").Sees(t, "Field 7")
		if n := value(t, site, "select count(*)::text from envelopes.field where envelope_id = ? and page = 1", envelope); n != "1" {
			t.Errorf("%s fields on the text", n)
		}
		// put away, it is not offered
		maria.Open("/office/envelopes/templates").Follow("Our contract").Press("Put away").Sees(t, "Put away")
		maria.Open("/office/envelopes/new?project="+projectOf(t, site, "maple-attic")).SeesNot(t, "Our contract")
	})
	maria := site.As("maria")
	a := maria.Get(maria.Open("/office/envelopes/templates").Follow("Proposal").Path() + "/document")
	if text := textOf(t, a.Body); a.Status != 200 || !strings.Contains(text, "Dear Ana Rivera and Tom Rivera") || !strings.Contains(text, "Demolition and disposal") {
		t.Errorf("%d:\n%s", a.Status, text)
	}
	site.As("ben").Open("/office/envelopes/templates").Has(t, 404)
}

func TestSettingsAreWhatDocumentsBeginWith(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	maria := site.As("maria")
	maria.Open("/office/envelopes/settings").Fill("Time to answer", "1000").Press("Save").Sees(t, "Enter up to 365 days")
	maria.Fill("Time to answer", "5").Fill("Remind every", "0").Tick("Ask for a mailed code").Press("Save").Sees(t, "Saved.")
	at := drafted(t, site, site.As("ben"), "Wider pantry door")
	site.As("ben").Open(at).Sees(t, "5 days", "Mailed code").SeesNot(t, "Reminders")
}

func TestTheOfficeSeesWhatItHasToDo(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	site.Develop(t)
	ben := site.As("ben")
	for state, want := range map[string][2]string{
		"clients": {"Larger kitchen island", "Orchard"}, "draft": {"Pecan Drive deck", "island"}, "complete": {"Kitchen design, final", "Pecan"}, "over": {"Orchard Lane addition", "island"},
		"us": {"No document found", "island"}, "expired": {"No document found", "island"},
	} {
		ben.Open("/office/envelopes?state="+state).Sees(t, want[0]).SeesNot(t, want[1])
	}
	ben.Open("/office/envelopes?kind=change_order").Sees(t, "Larger kitchen island").SeesNot(t, "Pecan")
	ben.Open("/office/envelopes?q=omar").Sees(t, "Orchard Lane addition").SeesNot(t, "island")
	ben.Open("/office/envelopes/clients/"+site.Person("ana").ClientID.String()).Sees(t, "Larger kitchen island", "Kitchen design, final").SeesNot(t, "Orchard")
	ben.Open("/office/envelopes/projects/"+projectOf(t, site, "orchard-lane")).Sees(t, "Orchard Lane addition").SeesNot(t, "island")

	// what was declined is corrected as a new version, and the old one stays what it was
	orchard := "/office/envelopes/" + envelopeOf(t, site, "Orchard Lane addition: our proposal")
	ben.Open(orchard).Sees(t, "The windows are above our budget.", "Declined: Omar Haddad").SeesNot(t, "Remind now", "203.0.113.24").Follow("Correct it").Press("Make the new version").Sees(t, "This is the new version")
	ben.Open(orchard).Sees(t, "Declined", "There is a corrected version.")
	site.As("maria").Open(orchard).Sees(t, "203.0.113.24") // from where it was answered is for admins

	// what went out is edited by nobody
	island := "/office/envelopes/" + envelopeOf(t, site, "Larger kitchen island")
	for _, page := range []string{"/edit", "/people", "/fields", "/deletion", "/sending"} {
		if got := ben.Open(island + page).Path(); got != island {
			t.Errorf("%s leads to %s", page, got)
		}
	}
	for _, page := range []string{"", "/people", "/fields"} {
		if a := ben.Post(island+page, map[string][]string{"version": {"2"}, "title": {"x"}, "kind": {"other"}}); a.Status != 409 {
			t.Errorf("%q: %d", page, a.Status)
		}
	}
	if a := ben.Post(island+"?_method=DELETE", nil); a.Status != 409 {
		t.Errorf("deleted: %d", a.Status)
	}
}

func TestWhatSomebodyWasToSignIsHandedOver(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	maria, priya := site.Person("maria"), site.Person("priya")
	for _, m := range site.Catalog.Modules {
		if m.HandOver == nil {
			continue
		}
		inTx(t, site, func(ctx context.Context, tx bun.Tx) error {
			v := auth.Viewer{Side: auth.Office, Firm: auth.Firm{ID: site.FirmID(), Zone: "UTC"}, PersonID: maria.ID, Name: maria.Name}
			if n, err := m.HandOver(ctx, tx, v, maria.ID, [16]byte{}); err != nil || n != 2 {
				t.Errorf("%d, %v", n, err)
			}
			_, err := m.HandOver(ctx, tx, v, maria.ID, priya.ID)
			return err
		})
	}
	site.As("ben").Open("/office/envelopes/"+envelopeOf(t, site, "Larger kitchen island")).Sees(t, "Priya Raman", "Handed over: Maria Okafor").SeesNot(t, "maria@northgate.example")
	site.As("ben").Open("/office/envelopes/"+envelopeOf(t, site, "Pecan Drive deck: contract")).Sees(t, "Priya Raman")
}

func TestAFileThatIsNoDocumentIsRefusedInWords(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	ben := site.As("ben")
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"words.pdf":   {[]byte("This is no PDF at all."), "cannot be read as a PDF"},
		"half.pdf":    {pdf(t, "Half")[:900], "cannot be read as a PDF"},
		"nothing.pdf": {nil, "cannot be read as a PDF"},
		"script.pdf":  {[]byte(strings.Replace(string(pdf(t, "Script")), "/Type /Catalog", "/Type /Catalog /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>", 1)), "active parts"},
	} {
		ben.Open("/office/envelopes/new?project="+projectOf(t, site, "maple-street")).
			Tick("A PDF of yours").Fill("Title", "Wrong "+name).Attach("PDF", name, c.body).Press("Go on").Has(t, 422).Sees(t, c.want)
		if ben.Value("Title") != "Wrong "+name {
			t.Errorf("%s: the title is lost", name)
		}
	}
	if n := value(t, site, "select count(*)::text from envelopes.envelope where title like 'Wrong %'"); n != "0" {
		t.Errorf("%s drafts were made", n)
	}
}
