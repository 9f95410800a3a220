package envelopes

import (
	"context"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/envelopes/seal"
	"portico/platform/day"
	"portico/platform/markdown"
	"portico/platform/money"
	"portico/platform/paper"
	"portico/platform/web"
)

// placeholder is what a text may leave to be filled in.
type placeholder struct{ Name, Becomes string }

// Written is how it stands in a text.
func (p placeholder) Written() string { return "{{" + p.Name + "}}" }

var placeholders = []placeholder{
	{"client", "The client’s name"},
	{"contacts", "The names of those who sign for the client"},
	{"project", "The project’s name"},
	{"address", "Where the work is: the project’s address, or the client’s"},
	{"firm", "Your firm’s name"},
	{"sender", "Who makes the document"},
	{"date", "The day on which the text is saved"},
	{"title", "The title of the document"},
	{"amount", "The amount, before taxes"},
	{"prices", "The table of prices; in a paragraph of its own"},
	{"schedule", "The payment schedule as a table; in a paragraph of its own"},
}

var places = regexp.MustCompile(`\{\{\s*([\pL\pN_]+)\s*\}\}`)

// unknownPlace is the first placeholder of a text that nothing is known for; "" when there is none.
func unknownPlace(text string) string {
	for _, found := range places.FindAllStringSubmatch(text, -1) {
		known := false
		for _, p := range placeholders {
			known = known || p.Name == found[1]
		}
		if !known {
			return found[1]
		}
	}
	return ""
}

// filling is what stands in the places of a text.
type filling map[string]string

// fillingOf gives the words of a document. They are words, never marks: a client called *Star* stays *Star*.
func fillingOf(here *web.Here, e Envelope, p account) filling {
	address := oneLine(strings.Join(some(p.Street, strings.TrimSpace(p.Postcode+" "+p.City), p.Region), ", "))
	if address == "" {
		address = e.ProjectName
	}
	var contacts []Recipient
	for _, r := range e.Recipients {
		if r.Role == Signer || r.Role == Approver {
			contacts = append(contacts, r)
		}
	}
	people := make([]string, len(contacts))
	for n, r := range contacts {
		people[n] = r.Name
	}
	if len(people) == 0 {
		people = []string{e.ClientName}
	}
	return filling{
		"client": e.ClientName, "contacts": here.Reader().List(people), "project": e.ProjectName, "address": address, "firm": here.Viewer.Firm.Name, "sender": here.Viewer.Name,
		"date": here.Reader().Date(here.Today(), "January 2, 2006"), "title": e.Title,
	}
}

func some(texts ...string) []string {
	var list []string
	for _, t := range texts {
		if t != "" {
			list = append(list, t)
		}
	}
	return list
}

// words fills in what can stand in a title.
func (f filling) words(text string) string {
	return oneLine(places.ReplaceAllStringFunc(text, func(place string) string { return f[places.FindStringSubmatch(place)[1]] }))
}

// titleFrom fills in a template's title.
func titleFrom(title string, e Envelope) string {
	filled := filling{"client": e.ClientName, "project": e.ProjectName}.words(title)
	if filled = strings.Trim(filled, " :,–-"); filled == "" {
		filled = e.Kind.Title()
	}
	first, size := utf8.DecodeRuneInString(filled)
	return string(unicode.ToUpper(first)) + filled[size:]
}

// text fills in a Markdown text; tables are Markdown already.
func (f filling) text(body string, tables filling) string {
	return places.ReplaceAllStringFunc(body, func(place string) string {
		name := places.FindStringSubmatch(place)[1]
		if table, is := tables[name]; is {
			return table
		}
		return markdown.Escape(f[name])
	})
}

// schedule is the payment schedule as a table.
func schedule(here *web.Here, stages []Stage, total money.Amount) string {
	if len(stages) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("| " + here.Say("When") + " | " + here.Say("Share¦part") + " | " + here.Say("Amount") + " |\n| --- | --- | --- |\n")
	each, _ := planned(stages, total)
	for n, s := range stages {
		share := ""
		if s.Share != 0 {
			share = money.Rate(s.Share).Format(here.Locale()) + "%"
		}
		when := s.Title
		if on, err := day.Parse(s.DueOn); err == nil && s.DueOn != "" {
			when += ", " + here.Reader().Day(on)
		}
		b.WriteString("| " + strings.ReplaceAll(markdown.Escape(when), "|", "\\|") + " | " + share + " | " + markdown.Escape(here.Money(each[n])) + " |\n")
	}
	return b.String()
}

// prices is the price table with its sums.
func prices(here *web.Here, lines []Line, currency string) *seal.Prices {
	if len(lines) == 0 {
		return nil
	}
	counted, taxed := false, false
	for _, l := range lines {
		counted, taxed = counted || l.Quantity != int64(money.One), taxed || l.TaxRate != 0
	}
	p := &seal.Prices{Columns: []paper.Column{{Title: here.Say("What")}}}
	if counted {
		p.Columns = append(p.Columns, paper.Column{Title: here.Say("Quantity"), Right: true, Width: 20}, paper.Column{Title: here.Say("Price"), Right: true, Width: 30})
	}
	if taxed {
		p.Columns = append(p.Columns, paper.Column{Title: here.Say("Tax"), Right: true, Width: 16})
	}
	p.Columns = append(p.Columns, paper.Column{Title: here.Say("Amount"), Right: true, Width: 34})
	for _, l := range lines {
		row := []string{l.Text}
		if counted {
			row = append(row, money.Quantity(l.Quantity).Format(here.Locale()), here.Money(money.Of(l.Price, currency)))
		}
		if taxed && l.TaxRate != 0 {
			row = append(row, money.Rate(l.TaxRate).Format(here.Locale())+"%")
		} else if taxed {
			row = append(row, "")
		}
		p.Rows = append(p.Rows, append(row, here.Money(l.net(currency))))
	}
	net, tax := sumOf(lines, currency)
	if taxed {
		p.Sums = append(p.Sums, paper.Pair{Name: here.Say("Before taxes"), Value: here.Money(net)}, paper.Pair{Name: here.Say("Taxes"), Value: here.Money(tax)})
	}
	p.Sums = append(p.Sums, paper.Pair{Name: here.Say("Total"), Value: here.Money(net.Add(tax)), Strong: true})
	return p
}

// written is the PDF of a document that is written here, for a reader: its text with everything filled in, the prices, and a place to sign
// for everybody who does.
func (d desk) written(ctx context.Context, here *web.Here, e Envelope, at account, lines []Line, stages []Stage) ([]byte, error) {
	words := fillingOf(here, e, at)
	words["amount"] = here.Money(e.Amount())
	tables := filling{"prices": "", "schedule": schedule(here, stages, e.Amount())}
	table := prices(here, lines, e.Currency)
	if table != nil {
		tables["prices"] = seal.PricesPlace
	}
	body := words.text(e.Body, tables)
	if tables["schedule"] != "" && !strings.Contains(body, tables["schedule"]) {
		body += "\n\n## " + here.Say("Payment schedule") + "\n\n" + tables["schedule"]
	}
	sub := here.Say(e.Kind.Title())
	if e.Revision > 1 {
		sub = here.Say("%s, version %s", sub, e.Revision)
	}
	return seal.Render(seal.Draft{
		Letterhead: d.letterhead(ctx, here.Viewer.Firm, here.Reader()), Title: e.Title, Sub: sub, Markdown: body, Prices: table,
		Tail: signaturePages(here, e), Page: here.Say("Page"), Made: here.Now,
	})
}

// draw makes the PDF of a draft. What was placed on the text stays there; the places at the end follow the people.
func (d desk) draw(ctx context.Context, tx bun.IDB, here *web.Here, e *Envelope) error {
	v := here.Viewer
	at, err := clientByID(ctx, tx, v, e.ClientID)
	if err != nil {
		return err
	}
	if e.ProjectID != uuid.Nil {
		project, err := projectByID(ctx, tx, v, e.ProjectID)
		if err != nil {
			return err
		}
		if project.Street != "" || project.City != "" {
			at = project
		}
	}
	lines, err := linesOf(ctx, tx, v, e.ID)
	if err != nil {
		return err
	}
	stages, err := stagesOf(ctx, tx, v, e.ID)
	if err != nil {
		return err
	}
	reader, err := readerOf(ctx, tx, v, v.Firm, *e)
	if err != nil {
		return err
	}
	pdf, err := d.written(ctx, here.For(reader), *e, at, lines, stages)
	if err != nil {
		return err
	}
	if err := d.attach(ctx, tx, v, e, pdfName(e.Title, ".pdf"), pdf); err != nil {
		return err
	}
	before, err := textPages(ctx, tx, v, e.ID)
	if err != nil {
		return err
	}
	signers := len(signersOf(*e))
	text := e.Pages - (signers+signersPerPage-1)/signersPerPage
	if e.Fields, err = fieldsOf(ctx, tx, v, e.ID); err != nil {
		return err
	}
	e.Fields = append(onText(*e, before, text), signedAtEnd(*e, text)...)
	if err := putFields(ctx, tx, v, e); err != nil {
		return err
	}
	return setTextPages(ctx, tx, v, *e, text)
}
