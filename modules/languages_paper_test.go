package modules_test

import (
	"bytes"
	program "os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"portico/platform/lang"
	"portico/platform/portaltest"
)

// onPaper is the text of a PDF, in the order in which it was drawn.
func onPaper(t *testing.T, body []byte) string {
	t.Helper()
	tool, err := program.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext is not installed")
	}
	read := program.CommandContext(t.Context(), tool, "-raw", "-", "-")
	read.Stdin = bytes.NewReader(body)
	text, err := read.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var figures = regexp.MustCompile(`[-−]?\$?\d[\d.,:/]*%?|^\s*•+`)

// hardOnPaper lists what a PDF in the language of tests says that is neither a message nor was written by somebody: between
// messages, figures and dates there are pieces of what stands in the database.
func (w written) hardOnPaper(text string) (hard []string) {
	text = strings.ReplaceAll(text, "\u00a0", " ")
	for said.MatchString(text) {
		text = said.ReplaceAllString(text, "\n")
	}
	text = aDate.ReplaceAllString(figures.ReplaceAllString(numbers.ReplaceAllString(text, "\n"), "\n"), "\n")
	all := strings.Join(slices.Collect(mapsKeysOf(w.whole)), "\n")
	for line := range strings.Lines(text) {
		for part := range strings.SplitSeq(w.without(strings.Trim(line, " ·:;,.…()/|•-\n\f")), " | ") {
			if part != "" && !regexp.MustCompile(`(^|\W)`+regexp.QuoteMeta(part)+`(\W|$)`).MatchString(all) {
				hard = append(hard, part)
			}
		}
	}
	return hard
}

// documentsOf are the PDFs of a client, as the portal and the office give them: each kind of each.
func documentsOf(t *testing.T, site *portaltest.Site) (portal, office []string) {
	t.Helper()
	list := func(query string) (ids []string) {
		if err := site.DB(t).NewRaw(query, site.FirmID()).Scan(t.Context(), &ids); err != nil {
			t.Fatal(err)
		}
		return ids
	}
	const ofAna = " and client_id in (select client_id from contact where name like 'Ana%')"
	for _, id := range list("select id from billing.invoice where firm_id = ? and stage = 'released'" + ofAna) {
		portal, office = append(portal, "/portal/all/billing/invoices/"+id+"/document"), append(office, "/office/billing/invoices/"+id+"/document")
	}
	for _, id := range list("select id from billing.payment where firm_id = ?" + ofAna) {
		portal, office = append(portal, "/portal/all/billing/payments/"+id+"/document"), append(office, "/office/billing/payments/"+id+"/document")
	}
	for _, id := range list("select id from billing.invoice where firm_id = ? and stage = 'draft'" + ofAna) {
		office = append(office, "/office/billing/invoices/"+id+"/document")
	}
	for _, id := range list("select distinct client_id from billing.invoice where firm_id = ?" + ofAna) {
		office = append(office, "/office/billing/clients/"+id+"/statement/document")
	}
	return append(portal, "/portal/all/billing/statement/document", "/portal/all/time/document"), office
}

// TestDocumentsAreSaidInTheReadersLanguage: the PDFs that clients get, in the language of tests, whoever opens them.
func TestDocumentsAreSaidInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	site.Develop(t)
	if _, err := site.DB(t).Exec("update person set locale = ? where firm_id = ? and id in (select person_id from contact where client_id in (select client_id from contact where name like 'Ana%'))", lang.Accents, site.FirmID()); err != nil {
		t.Fatal(err)
	}
	w := writtenByPeople(t, site)
	portal, office := documentsOf(t, site)
	read := func(who string, paths []string) {
		for _, path := range paths {
			a := site.As(who).Get(path)
			if a.Status != 200 || a.Header.Get("Content-Type") != "application/pdf" {
				t.Errorf("%s: %d", path, a.Status)
				continue
			}
			text := onPaper(t, a.Body)
			for _, left := range w.hardOnPaper(text) {
				t.Errorf("%s: hard-coded: %q", path, left)
			}
			if strings.Count(text, lang.Opens) < 8 {
				t.Errorf("%s: says little: %s", path, text)
			}
		}
	}
	read("ana", portal)
	read("maria", office)
	if len(portal) < 8 || len(office) < 6 {
		t.Errorf("only %d and %d documents", len(portal), len(office))
	}
}
