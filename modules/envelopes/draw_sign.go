package envelopes

import (
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/paper"
	"portico/platform/web"
)

// Where people sign on the last pages of a document that was written here: a block for each, so many a page. Measures are
// ten-thousandths of a page; the blocks stand where paper sets the parts that signaturePages makes.
const (
	signersPerPage = 6
	firstBlock     = 1127  // the top of the first one
	blockHeight    = 11955 // of ten blocks
	boxTop         = 185   // of the signature, within its block
	boxLeft        = 880
	boxWide        = 3180
	boxHigh        = 820
	dateLeft       = 6200
	dateWide       = 2200
	dateHigh       = 260
)

// signaturePages are the last pages of a document: whose signature stands where.
func signaturePages(here *web.Here, e Envelope) (parts []paper.Part) {
	for n, r := range signersOf(e) {
		if n%signersPerPage == 0 {
			parts = append(parts, paper.Part{Kind: paper.Turn}, paper.Part{Kind: paper.Head, Level: 2, Spans: paper.Say(here.Say("Signatures"))},
				paper.Part{Kind: paper.Small, Spans: paper.Say(here.Say("Signed electronically. The pages that follow once all have signed say when, and from where."))})
		}
		who := shortened(r.Name, 60)
		if r.Role == Countersigner {
			who = here.Say("%s, for the firm", who)
		}
		parts = append(parts, paper.Part{Kind: paper.Text, Spans: []paper.Span{{Text: who, Bold: true}}})
		for range 3 {
			parts = append(parts, paper.Part{Kind: paper.Text, Spans: paper.Say("\u00a0")})
		}
		parts = append(parts, paper.Part{Kind: paper.Rule})
	}
	return parts
}

func shortened(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

// signersOf are those who have a place on the last pages.
func signersOf(e Envelope) (list []Recipient) {
	for _, r := range e.Recipients {
		if signs(r) {
			list = append(list, r)
		}
	}
	return list
}

// signedAtEnd are the fields of the last pages: a signature and its day for each.
func signedAtEnd(e Envelope, textPages int) (fields []Field) {
	for n, r := range signersOf(e) {
		page, top := textPages+1+n/signersPerPage, firstBlock+blockHeight*(n%signersPerPage)/10
		fields = append(fields,
			Field{RecipientID: r.ID, Page: page, X: boxLeft, Y: top + boxTop, W: boxWide, H: boxHigh, Kind: SignatureField, Required: true},
			Field{RecipientID: r.ID, Page: page, X: dateLeft, Y: top + boxTop + boxHigh - dateHigh, W: dateWide, H: dateHigh, Kind: DateField, Required: true})
	}
	return fields
}

// onText are the fields that were placed on the text itself, by those who still sign.
func onText(e Envelope, before, now int) (fields []Field) {
	there := map[uuid.UUID]bool{}
	for _, r := range signersOf(e) {
		there[r.ID] = true
	}
	for _, f := range e.Fields {
		if f.Page <= before && f.Page <= now && there[f.RecipientID] {
			fields = append(fields, f)
		}
	}
	return fields
}
