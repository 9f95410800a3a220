package envelopes_test

import (
	"bytes"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"portico/modules/envelopes"
	"portico/modules/envelopes/seal"
	"portico/platform/id"
	"portico/platform/lang"
	"portico/platform/portaltest"
)

var bracketed = regexp.MustCompile(lang.Opens + `[^` + lang.Opens + lang.Closes + `]*` + lang.Closes)

// unsaid is what of a text in the language of tests is no message.
func unsaid(text string) string {
	for bracketed.MatchString(text) {
		text = bracketed.ReplaceAllString(text, " ")
	}
	return text
}

// reads sets in which language somebody reads.
func reads(t *testing.T, site *portaltest.Site, who, locale string) {
	t.Helper()
	if _, err := site.DB(t).Exec("update person set locale = ? where firm_id = ? and email = ?", locale, site.FirmID(), site.Person(who).Email); err != nil {
		t.Fatal(err)
	}
}

// TestTheCertificateIsSaidInTheLanguageThatAllSignersShare: there is one file for all; what proves it is the same in each.
func TestTheCertificateIsSaidInTheLanguageThatAllSignersShare(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	for _, c := range []struct{ ana, tom, says, at string }{
		{"es-MX", "es-ES", "Certificado de firma", " nov 2026, "}, {"de-DE", "de-AT", "Signaturzertifikat", ". Nov 2026, "}, {"fr-FR", "fr-CA", "Certificat de signature", " nov 2026, "},
		{"es-ES", "de-DE", "Certificate of completion", " Nov 2026, "}, {"", "es-ES", "Certificate of completion", " Nov 2026, "}, {"", "", "Certificate of completion", " Nov 2026, "},
		{lang.Accents, lang.Accents, lang.Of(lang.Accents).Say("Certificate of completion"), " Nov 2026, "},
	} {
		reads(t, site, "ana", c.ana)
		reads(t, site, "tom", c.tom)
		e := signedByAll(t, site, envelopes.Other, "Plan", 1)
		closed(t, site, e)
		site.Settle(t)
		pdf := final(t, site, e)
		if r := (seal.Signer{Signet: site.Signet}).Verify(pdf); !r.OK() {
			t.Errorf("%+v: %+v", c, r)
		}
		text := textOf(t, pdf)
		for _, want := range []string{
			c.says, c.at, e.String(), "203.0.113.7", "Mozilla/5.0 (iPhone)", site.Person("ana").Email,
			one[string](t, site, "select encode(head, 'hex') from envelopes.sealed where envelope_id = ?", e),
			one[string](t, site, "select encode(file_hash, 'hex') from envelopes.envelope where id = ?", e),
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s and %s: it does not say %q: %s", c.ana, c.tom, want, text)
			}
		}
		if c.ana != lang.Accents {
			continue
		}
		_, text, _ = strings.Cut(text, c.says) // the certificate follows the document
		known := strings.Fields("Plan Northgate Builders America Chicago SHA-256 UTC UTC-06 Nov Maria Okafor Mozilla iPhone The bank")
		for _, who := range []string{"ana", "tom"} {
			known = append(known, strings.FieldsFunc(site.Person(who).Name+" "+site.Person(who).Email, notLetter)...)
		}
		for _, word := range strings.FieldsFunc(unsaid(text), notLetter) {
			if len(word) > 2 && !slices.Contains(known, word) && !hexadecimal.MatchString(word) {
				t.Errorf("hard-coded: %q", word)
			}
		}
	}
}

var hexadecimal = regexp.MustCompile(`^[0-9a-f-]+$|^(example|com|bank)$`)

func notLetter(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' }

// TestAWrittenDocumentIsSaidInItsReadersLanguage around what the firm wrote; where people sign stays where it is, however
// long the words are.
func TestAWrittenDocumentIsSaidInItsReadersLanguage(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	template := one[string](t, site, `
		insert into envelopes.template (firm_id, id, kind, name, title, body, stages) values (?, ?, 'contract', 'House', 'House', ?, ?) returning id::text`,
		site.FirmID(), id.New(), "Of {{date}}, {{contacts}}: {{amount}}.\n\n{{prices}}", "On signing, 32.5%\nAt the end, 67.5%")
	drawn := func(locale string) []byte {
		if _, err := site.DB(t).Exec("update firm set locale = ? where firm_id = ?", locale, site.FirmID()); err != nil {
			t.Fatal(err)
		}
		return site.As("maria").Get("/office/envelopes/templates/" + template + "/document").Body
	}
	english := drawn("en-US")
	for _, locale := range []string{"es-ES", "fr-FR", "de-DE"} {
		if is, want := signsAt(t, drawn(locale)), signsAt(t, english); !slices.Equal(is, want) || len(want) < 4 {
			t.Errorf("%s: people sign at %v, in English at %v", locale, is, want)
		}
	}
	text := textOf(t, drawn("de-DE"))
	for _, want := range []string{"Vertrag", "Beschreibung", "Betrag", "60.000,00", "Zahlungsplan", "Anteil", "32,5%", "Unterschriften", "26. November 2026", ", für die Firma", "Seite 1"} {
		if !strings.Contains(strings.ReplaceAll(text, "\u00a0", " "), want) {
			t.Errorf("it does not say %q: %s", want, text)
		}
	}
	if body := drawn(lang.Mirrored); !bytes.HasPrefix(body, []byte("%PDF-")) {
		t.Errorf("from right to left: %.100s", body)
	}
	left := unsaid(textOf(t, drawn(lang.Accents)))
	for _, words := range []string{"What", "Amount", "Total", "When", "Share", "Payment schedule", "Signatures", "Signed electronically", "for the firm", "Page", "Contract "} {
		if strings.Contains(left, words) {
			t.Errorf("hard-coded: %q in %s", words, left)
		}
	}
}

var onPage = regexp.MustCompile(`<page |yMin="([0-9.]+)" xMax="[0-9.]+" yMax="[0-9.]+">(Ana|Tom|Maria|Rivera|Okafor)<`)

// signsAt is how far down on the last page the names of those who sign stand.
func signsAt(t *testing.T, pdf []byte) (at []string) {
	t.Helper()
	read := exec.CommandContext(t.Context(), "pdftotext", "-bbox", "-", "-")
	read.Stdin = bytes.NewReader(pdf)
	text, err := read.Output()
	if err != nil {
		t.Skip("needs pdftotext")
	}
	for _, found := range onPage.FindAllStringSubmatch(string(text), -1) {
		if found[1] == "" {
			at = nil
			continue
		}
		at = append(at, found[2]+" "+found[1])
	}
	return at
}
