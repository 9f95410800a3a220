package billing

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/money"
	"portico/platform/web"
)

// sheetView is an invoice as it reads: the page and the document are drawn from the same one, so that they agree to
// the cent.
type sheetView struct {
	*web.Here
	Invoice   Invoice
	Mark      mark
	From, To  []string // whose it is and whom it is for: name, then address
	Lines     []sheetLine
	Taxes     []taxSum
	Discounts bool // any line has one
	Taxed     bool
	Plain     bool // every quantity is one
	Footer    []string
	Retained  string // what is kept back is called; "": nothing
	Columns   int    // of the table of lines
}

type sheetLine struct {
	Text, Quantity, Discount, TaxRate string
	Price, Net                        money.Amount
	Section                           string // of a consolidated invoice: the part that begins here
	SectionSum                        money.Amount
}

// taxSum is the tax of all lines of one rate.
type taxSum struct {
	Title  string
	Amount money.Amount
}

// sheetOf is an invoice as it reads here: on a page, or for the reader of a document.
func sheetOf(r *web.Request, here *web.Here, i Invoice, s Setting) (sheetView, error) {
	lines, err := linesOf(r.Context(), r.Tx(), r.Viewer(), i.ID)
	if err != nil {
		return sheetView{}, err
	}
	client, err := clientByID(r.Context(), r.Tx(), r.Viewer(), i.ClientID)
	if err != nil {
		return sheetView{}, err
	}
	view := sheetView{
		Here: here, Invoice: i, Mark: markOf(i, today(r.Firm(), r.Now()), r.Viewer().Side),
		From: letterhead(r.Firm()), To: addressOf(client), Footer: paragraphs(s.Footer), Plain: true,
	}
	taxName := s.TaxName
	if !i.IssuedOn.IsZero() && len(i.IssuedFrom) > 0 { // an issued document stays as it was sent
		view.From, view.To, view.Footer, taxName = i.IssuedFrom, i.IssuedTo, paragraphs(i.IssuedFooter), i.IssuedTaxName
	}
	var parts []section
	if i.Kind == Consolidated {
		if parts, err = sectionsOf(r.Context(), r.Tx(), r.Viewer(), i.ID); err != nil {
			return view, err
		}
	}
	view.fill(lines, parts, taxName)
	return view, nil
}

func (v *sheetView) fill(lines []Line, parts []section, taxName string) {
	at := map[money.Rate]int{}
	var in uuid.UUID
	for _, l := range lines {
		if l.Source == ofRetainage && l.Section == uuid.Nil {
			v.Retained = l.Text
			continue
		}
		line := sheetLine{
			Text: l.Text, Quantity: l.Quantity.Format(v.Locale()),
			Price: money.Of(l.Price, v.Invoice.Currency), Net: money.Of(l.Net, v.Invoice.Currency),
		}
		v.Plain = v.Plain && l.Quantity == money.One
		if l.Discount != 0 {
			line.Discount, v.Discounts = l.Discount.Format(v.Locale())+"%", true
		}
		if l.TaxRate != 0 {
			line.TaxRate, v.Taxed = l.TaxRate.Format(v.Locale())+"%", true
			n, known := at[l.TaxRate]
			if !known {
				n = len(v.Taxes)
				at[l.TaxRate] = n
				v.Taxes = append(v.Taxes, taxSum{Title: taxName + " " + line.TaxRate, Amount: money.Of(0, v.Invoice.Currency)})
			}
			v.Taxes[n].Amount.Minor += l.Tax
		}
		if l.Section != in {
			in = l.Section
			line.head(parts, in, v.Invoice.Currency)
		}
		v.Lines = append(v.Lines, line)
	}
	v.Columns = 2
	if !v.Plain {
		v.Columns += 2
	}
	if v.Discounts {
		v.Columns++
	}
	if v.Taxed {
		v.Columns++
	}
}

// head says which part of a consolidated invoice begins with the line.
func (l *sheetLine) head(parts []section, id uuid.UUID, currency string) {
	for _, p := range parts {
		if p.ID == id {
			l.Section, l.SectionSum = p.ProjectName, money.Of(p.Total, currency)
			if p.Title != "" {
				l.Section += ": " + p.Title
			}
		}
	}
}

// Subtotal is what the lines above it come to.
func (v sheetView) Subtotal() money.Amount {
	if v.Retained != "" {
		return v.Invoice.WorkAmount()
	}
	return v.Invoice.NetAmount()
}

// letterhead is the firm's name and where it is.
func letterhead(f auth.Firm) []string {
	lines := []string{f.Name}
	for _, part := range strings.FieldsFunc(f.Address, func(r rune) bool { return r == '\n' }) {
		lines = append(lines, strings.TrimSpace(part))
	}
	for _, more := range []string{f.Phone, f.Email} {
		if more != "" {
			lines = append(lines, more)
		}
	}
	return lines
}

func addressOf(p party) []string {
	lines := []string{p.Name}
	place := strings.TrimSpace(strings.Join([]string{p.Region, p.Postcode}, " "))
	if p.City != "" && place != "" {
		place = p.City + ", " + place
	} else if p.City != "" {
		place = p.City
	}
	for _, part := range []string{p.Street, place, p.Country} {
		if part != "" {
			lines = append(lines, part)
		}
	}
	return lines
}

// historyOf tells an invoice's life, the newest last; to clients only what concerns them.
func historyOf(here *web.Here, i Invoice, standing []Allocation) []happening {
	var list []happening
	say := func(on day.Day, text, icon, kind string) {
		list = append(list, happening{text, here.Reader().Day(on), icon, kind, on})
	}
	office := here.Viewer.Side == auth.Office
	if office {
		text := "Drafted"
		if i.Imported {
			text = "Taken over from another program"
		}
		say(day.Of(here.Local(i.CreatedAt)), text+by(i.Drafter), "pencil", "")
		if !i.ApprovedAt.IsZero() {
			say(day.Of(here.Local(i.ApprovedAt)), "Approved"+by(i.Approver), "check", "")
		}
	}
	if !i.IssuedOn.IsZero() {
		text := here.Say("Invoice sent")
		if office && i.Imported && i.Releaser == "" {
			text = "Sent from the program that it came from"
		} else if office {
			text = "Released" + by(i.Releaser)
		}
		say(i.IssuedOn, text, "send", "")
	}
	for _, a := range standing {
		text := here.Say(a.Method.paid(), a.Amount())
		switch a.Method {
		case Credit:
			text = here.Say("%s credited", a.Amount())
		case FromDeposit:
			text = here.Say("%s taken from the deposit", a.Amount())
		}
		say(a.OnDay, text+", "+a.Number, "circle-check", "ok")
	}
	if i.IsVoid() {
		say(day.Of(here.Local(i.VoidedAt)), voidedBy(here, i.Voider), "x", "")
	}
	return list
}

func voidedBy(here *web.Here, name string) string {
	if name == "" {
		return here.Say("Made void")
	}
	return here.Say("Made void by %s", name)
}

// withLetters adds to whom mails went, where they belong in time.
func withLetters(here *web.Here, list []happening, letters []told) []happening {
	for _, l := range letters {
		text := map[string]string{
			"issued": "Mailed to " + l.Name, "again": "Mailed again to " + l.Name, "reminder": "Reminded " + l.Name, "void": "Told " + l.Name + " that it is void",
		}[l.Kind]
		on := day.Of(here.Local(l.SentAt))
		list = append(list, happening{text, dateText(on), "mail", "", on})
	}
	return byDay(list)
}

// byDay puts what happened in the order of its days.
func byDay(list []happening) []happening {
	slices.SortStableFunc(list, func(a, b happening) int { return a.on.Midnight().Compare(b.on.Midnight()) })
	return list
}

func by(name string) string {
	if name == "" {
		return ""
	}
	return " by " + name
}

func dateText(d day.Day) string { return d.Midnight().Format("Mon, Jan 2, 2006") }
