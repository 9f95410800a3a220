package billing

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/people"
	"portico/platform/sheet"
)

// foreign is an invoice of another program, as the file has it.
type foreign struct {
	Invoice
	client, email string
	at            people.Named // Nil: to be added
	project       string       // "": none is named
	lines         []Line
	credit        bool // below zero: a credit memo
	paidOn        day.Day
}

func invoiceKey(row module.ImportRow, _ module.ImportSettings) string {
	return foldName(row.Get("number"))
}

// lookInvoices reads the records, finds their clients and projects, and says which numbers are taken.
func lookInvoices(ctx context.Context, tx bun.Tx, v auth.Viewer, s module.ImportSettings, records []*module.Record) error {
	wanted, all := make([]string, len(records)), make([]*foreign, len(records))
	for n, r := range records {
		all[n] = &foreign{client: oneLine(r.First("client")), email: strings.ToLower(r.First("email")), project: oneLine(r.First("project"))}
		wanted[n], r.State = all[n].client, all[n]
	}
	there, err := people.ClientsNamed(ctx, tx, v, wanted)
	if err != nil {
		return err
	}
	var clients []uuid.UUID
	for n, r := range records {
		all[n].at = clientMeant(r, there[n], all[n].client, all[n].email, s.Choices["missing"] == "refuse")
		if all[n].at.ID != uuid.Nil {
			clients = append(clients, all[n].at.ID)
		}
	}
	of, err := projectsOf(ctx, tx, v, clients)
	if err != nil {
		return err
	}
	setting, err := settingOf(ctx, tx, v)
	if err != nil {
		return err
	}
	for n, r := range records {
		all[n].place(r, s, of[all[n].at.ID], v.Firm.Currency)
		all[n].read(r, s, setting)
	}
	return lookNumbers(ctx, tx, v, setting, records)
}

// clientMeant picks the client that a record means. Two of one name are told apart by an address, or not at all.
func clientMeant(r *module.Record, there []people.Named, name, email string, refuse bool) people.Named {
	row := r.Rows[0].Number
	if i := slices.IndexFunc(there, func(k people.Named) bool { return email != "" && slices.Contains(k.Emails, email) }); i >= 0 {
		return there[i]
	}
	switch {
	case name == "":
		r.Refuse(row, "Client", "Say whose it is: the client is missing.", "")
	case utf8.RuneCountInString(name) > longestTitle:
		r.Refuse(row, "Client", "Use at most 160 characters.", name)
	case len(there) == 1:
		return there[0]
	case len(there) > 1:
		r.Refuse(row, "Client", fmt.Sprintf("There are %d clients of this name.", len(there)), name)
	case refuse:
		r.Refuse(row, "Client", "There is no client of this name.", name)
	}
	return people.Named{}
}

// place finds the project, which says the currency.
func (f *foreign) place(r *module.Record, s module.ImportSettings, of []party, usual string) {
	row := r.Rows[0].Number
	f.ClientID, f.ClientName = f.at.ID, f.client
	if f.Currency = currencyIn(r, []string{"currency"}, []string{"total", "balance", "price", "gross", "net"}, usual); f.Currency == "" {
		r.Refuse(row, "Currency", "This is no currency: use three letters, such as USD.", r.First("currency"))
		f.Currency = "USD"
	}
	name := f.project
	if name == "" {
		switch s.Choices["project"] {
		case "refuse":
			r.Refuse(row, "Project", "The file names no project.", "")
			return
		case "own":
			name = earlierProject
		default:
			if under := slices.DeleteFunc(slices.Clone(of), func(p party) bool { return p.Status == "archived" || p.Currency != f.Currency }); len(under) == 1 {
				f.ProjectID, f.ProjectName = under[0].ID, under[0].Name
				return
			}
			name = earlierProject
		}
		if f.Currency != usual {
			name += ", " + f.Currency
		}
	}
	f.ProjectName = shortened(name, longestTitle)
	for _, p := range of {
		if foldName(p.Name) != foldName(name) {
			continue
		}
		if p.Currency != f.Currency {
			r.Refuse(row, "Currency", "The project “"+p.Name+"” is in "+p.Currency+".", f.Currency)
		}
		f.ProjectID = p.ID
		return
	}
}

// currencyIn is what the file says: in a column, or with the amounts where that is clear.
func currencyIn(r *module.Record, columns, amounts []string, usual string) string {
	for _, column := range columns {
		if code := strings.ToUpper(r.First(column)); code != "" {
			if len(code) != 3 || strings.ContainsFunc(code, func(c rune) bool { return c < 'A' || c > 'Z' }) {
				return ""
			}
			return code
		}
	}
	if usual == "" {
		usual = "USD"
	}
	for _, column := range amounts {
		text := r.First(column)
		a, err := sheet.ParseAmount(text, false)
		if err != nil || a.Currency == "" || strings.Contains(text, "$") && !strings.ContainsFunc(text, unicode.IsLetter) {
			continue // a dollar is the firm's own dollar
		}
		return a.Currency
	}
	return usual
}

// statusWords are what other programs call where an invoice stands.
var statusWords = map[string]State{}

func init() {
	for state, line := range map[State]string{
		State(Draft): "draft, pending, unsent, not sent, created, entwurf",
		State(Void):  "void, voided, cancelled, canceled, deleted, reversed, storniert",
		Open:         "sent, viewed, open, unpaid, overdue, outstanding, approved, issued, due, past due, released, late, not paid, disputed, retry, failed, offen",
		Partial:      "partial, partially paid, partly paid, partial paid, part paid",
		Paid:         "paid, closed, settled, auto-paid, autopaid, paid in full, complete, completed, applied, bezahlt",
	} {
		for _, word := range columnNames(line) {
			statusWords[word] = state
		}
	}
}

// read takes the figures, the days and the state.
func (f *foreign) read(r *module.Record, s module.ImportSettings, setting Setting) {
	first := r.Rows[0]
	in := recordReader{Record: r, s: s, currency: f.Currency, digits: money.Digits(f.Currency)}
	f.Number = oneLine(r.First("number"))
	if utf8.RuneCountInString(f.Number) > 60 {
		r.Refuse(first.Number, "Number", "Use at most 60 characters.", f.Number)
	}
	for _, row := range r.Rows {
		if other := oneLine(row.Get("client")); other != "" && foldName(other) != foldName(f.client) {
			r.Refuse(row.Number, "Client", "Two clients have an invoice of this number.", other)
			return
		}
	}
	f.IssuedOn = in.day("date", "Date")
	f.DueOn = in.day("due", "Due")
	f.paidOn = in.day("paid_on", "Paid on")
	word := foldName(r.First("status"))
	state, known := statusWords[word]
	if word != "" && !known {
		r.Refuse(first.Number, "State", "Use draft, sent, partial, paid or void.", r.First("status"))
	}
	f.Title = shortened(oneLine(r.First("title")), longestTitle)
	f.Message, f.Notes = shortened(r.First("message"), longestText), shortened(r.First("notes"), longestText)
	total, given := in.firstAmount("total", "Total")
	f.lines = in.settle(in.lines(), total, given)
	if len(f.lines) > mostGatheredLines {
		r.Refuse(first.Number, "Number", "This invoice has too many lines.", f.Number)
	}
	for n := range f.lines {
		f.lines[n].Position = n + 1
	}
	sum := sumOf(f.lines)
	f.Net, f.Tax, f.Total = sum.Net, sum.Tax, sum.total()
	if f.Total > money.Most || f.Total < -money.Most {
		r.Refuse(first.Number, "Total", "This is more than an invoice can hold.", r.First("total"))
		return
	}
	f.paid(in, state)
	f.stand(in, state, setting)
	if f.Title == "" {
		f.Title = shortened(f.lines[0].Text, longestTitle)
	}
}

const mostGatheredLines = 1000

func (r recordReader) day(field, title string) day.Day {
	for _, row := range r.Rows {
		if text := row.Get(field); text != "" {
			d, good := r.s.Day(text)
			if !good {
				r.Refuse(row.Number, title, "This is not a date.", text)
			}
			return d
		}
	}
	return day.Day{}
}

func (r recordReader) firstAmount(field, title string) (int64, bool) {
	for _, row := range r.Rows {
		if row.Get(field) != "" {
			return r.amount(row, field, title)
		}
	}
	return 0, false
}

// paid reads what is paid: as the file says it, or what the balance or the state leave.
func (f *foreign) paid(in recordReader, state State) {
	row := in.Rows[0].Number
	paid, said := in.firstAmount("paid", "Paid")
	balance, left := in.firstAmount("balance", "Balance")
	switch {
	case said:
	case left:
		paid = f.Total - balance
	case state == Paid:
		paid = f.Total
	case state == Partial:
		in.mild(row, "Paid", "The file does not say how much is paid: nothing is.", "")
	}
	if f.Total < 0 { // a credit: what is used of it is of the past
		f.Paid = min(max(-paid, 0), -f.Total)
		return
	}
	switch {
	case in.s.Choices["paid"] == "leave" || state == State(Void):
		paid = 0
	case paid < 0:
		in.Refuse(row, "Paid", "Less than nothing is paid.", in.First("paid"))
	case paid > money.Most:
		in.Refuse(row, "Paid", "This is too large.", in.First("paid"))
	}
	f.Paid = paid
}

// stand says which stage it is at, and when it is due.
func (f *foreign) stand(in recordReader, state State, setting Setting) {
	row := in.Rows[0].Number
	switch {
	case state == State(Void):
		f.Stage = Void
	case state == State(Draft) && f.Paid == 0:
		f.Stage = Draft
	default:
		f.Stage = Released
	}
	if f.Total < 0 {
		f.credit = true
		switch {
		case f.Stage != Released:
			in.Refuse(row, "State", "A credit that is not given, or void, changes nothing.", in.First("status"))
		case f.Paid == -f.Total:
			in.Refuse(row, "Total", "This credit is used up in the other program: nothing of it is left to take over.", in.First("total"))
		}
	}
	if f.Stage == Draft {
		f.IssuedOn = day.Day{}
		return
	}
	if f.Number == "" {
		in.Refuse(row, "Number", "An invoice that was sent has a number.", "")
	}
	if f.IssuedOn.IsZero() {
		if in.First("date") == "" {
			in.Refuse(row, "Date", "An invoice that was sent has a date.", "")
		}
		return
	}
	if f.DueOn.IsZero() {
		f.DueOn = f.IssuedOn.Add(setting.TermsDays)
	}
	if f.paidOn.IsZero() {
		f.paidOn = f.IssuedOn
	}
}

// lookNumbers finds numbers that are there already. Those of our own count that are still to come are refused: a
// release would come upon them.
func lookNumbers(ctx context.Context, tx bun.Tx, v auth.Viewer, setting Setting, records []*module.Record) error {
	var wanted []string
	for _, r := range records {
		if number := r.State.(*foreign).Number; number != "" {
			wanted = append(wanted, number)
		}
	}
	taken, err := numbersTaken(ctx, tx, v, wanted)
	if err != nil {
		return err
	}
	own, err := ownNumbers(ctx, tx, v)
	if err != nil {
		return err
	}
	for _, r := range records {
		f, row := r.State.(*foreign), r.Rows[0].Number
		is, there := taken[f.Number]
		switch {
		case f.Number == "":
		case !there:
			if n, ours := ordinalIn(f.Number, setting.InvoicePrefix); ours && own.any && n > own.last && f.Number == numbered(setting.InvoicePrefix, n) {
				r.Refuse(row, "Number", "Your own invoices will have this number one day. Change the beginning of yours in Billing > Settings first.", f.Number)
			}
		case is.ClientID != f.ClientID:
			r.Refuse(row, "Number", "An invoice of "+is.ClientName+" has this number.", f.Number)
		default:
			r.Existing, r.Same = is.ID, f.Number+" of "+is.ClientName
		}
	}
	return nil
}

// ordinalIn is the count in a number of our own form, with however many noughts.
func ordinalIn(number, prefix string) (n int64, ours bool) {
	digits, ours := strings.CutPrefix(number, prefix)
	if !ours || digits == "" || len(digits) > 15 {
		return 0, false
	}
	for _, d := range digits {
		if d < '0' || d > '9' {
			return 0, false
		}
		n = n*10 + int64(d-'0')
	}
	return n, true
}

// writeInvoices keeps what is new. One that is there already stays as it is: it was sent.
func writeInvoices(ctx context.Context, tx bun.Tx, v auth.Viewer, _ module.ImportSettings, records []*module.Record) error {
	b := newBrought(v)
	var fresh []*module.Record
	for _, r := range records {
		if r.Existing == uuid.Nil {
			fresh = append(fresh, r)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	if err := b.prepare(ctx, tx, fresh); err != nil {
		return err
	}
	for _, r := range fresh {
		f := r.State.(*foreign)
		if b.taken[f.Number] && !f.credit {
			return fault.Conflict("An invoice has this number already.")
		}
		b.bring(r, f)
	}
	return b.keep(ctx, tx, "invoice")
}
