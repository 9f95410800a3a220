package billing

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/people"
)

// income is a payment of another program: as often as the file has it.
type income struct {
	Payment
	client  string
	invoice Invoice // Nil: of the client as such
	times   int
}

// paymentKey puts rows together that say the same, in whatever way they write it.
func paymentKey(row module.ImportRow, s module.ImportSettings) string {
	r := recordReader{Record: &module.Record{}, s: s, digits: 4}
	amount, _ := r.amount(row, "amount", "")
	on, _ := s.Day(row.Get("date"))
	return strings.Join([]string{
		foldName(row.Get("client")), foldName(row.Get("invoice")), money.Amount{Minor: amount}.Plain(), on.String(),
		foldName(row.Get("number")), foldName(row.Get("reference")), foldName(row.Get("currency")),
	}, "\n")
}

func lookPayments(ctx context.Context, tx bun.Tx, v auth.Viewer, s module.ImportSettings, records []*module.Record) error {
	wanted, numbers, all := make([]string, len(records)), []string{}, make([]*income, len(records))
	for n, r := range records {
		all[n] = &income{client: oneLine(r.First("client")), times: len(r.Rows)}
		wanted[n], r.State = all[n].client, all[n]
		if number := oneLine(r.First("invoice")); number != "" {
			numbers = append(numbers, number)
		}
	}
	there, err := people.ClientsNamed(ctx, tx, v, wanted)
	if err != nil {
		return err
	}
	invoices, err := numbersTaken(ctx, tx, v, numbers)
	if err != nil {
		return err
	}
	for n, r := range records {
		i := all[n]
		i.invoice = invoices[oneLine(r.First("invoice"))]
		i.owner(r, there[n])
		i.read(r, s, v.Firm.Currency)
	}
	return lookSame(ctx, tx, v, records)
}

// owner is the client that the file names, or that of the invoice.
func (i *income) owner(r *module.Record, there []people.Named) {
	row, number := r.Rows[0].Number, oneLine(r.First("invoice"))
	if i.client == "" && i.invoice.ID != uuid.Nil {
		i.ClientID, i.ClientName = i.invoice.ClientID, i.invoice.ClientName
		return
	}
	if i.invoice.ID != uuid.Nil { // the invoice tells two clients of one name apart
		for _, k := range there {
			if k.ID == i.invoice.ClientID {
				i.ClientID, i.ClientName = k.ID, k.Name
				return
			}
		}
		r.Refuse(row, "Invoice number", number+" is an invoice of "+i.invoice.ClientName+".", i.client)
		return
	}
	is := clientMeant(r, there, i.client, strings.ToLower(r.First("email")), true)
	i.ClientID, i.ClientName = is.ID, is.Name
	if number != "" {
		recordReader{Record: r}.mild(row, "Invoice number", "There is no invoice of this number: the money stays on account.", number)
	}
}

var methodWords = map[string]Method{
	"check": Check, "cheque": Check, "cash": Cash, "bank transfer": Transfer, "transfer": Transfer, "wire": Transfer, "wire transfer": Transfer,
	"ach": Transfer, "bank": Transfer, "bank remittance": Transfer, "eft": Transfer, "sepa": Transfer, "überweisung": Transfer, "bar": Cash,
}

func (i *income) read(r *module.Record, s module.ImportSettings, usual string) {
	first := r.Rows[0]
	if i.Currency = i.invoice.Currency; i.Currency == "" {
		i.Currency = currencyIn(r, []string{"currency"}, []string{"amount"}, usual)
	}
	if i.Currency == "" {
		r.Refuse(first.Number, "Currency", "This is no currency: use three letters, such as USD.", r.First("currency"))
		i.Currency = "USD"
	}
	if said := strings.ToUpper(r.First("currency")); said != "" && said != i.Currency {
		r.Refuse(first.Number, "Currency", "The invoice is in "+i.Currency+".", said)
	}
	in := recordReader{Record: r, s: s, currency: i.Currency, digits: money.Digits(i.Currency)}
	amount, there := in.amount(first, "amount", "Amount")
	i.ReceivedOn = in.day("date", "Date")
	switch {
	case !there && !r.Refused():
		r.Refuse(first.Number, "Amount", "The amount is missing.", "")
	case amount == 0 && there:
		r.Refuse(first.Number, "Amount", "This is nothing.", first.Get("amount"))
	case amount > money.Most || amount < -money.Most:
		r.Refuse(first.Number, "Amount", "This is too large.", first.Get("amount"))
	case amount < 0 && s.Choices["minus"] == "refuse":
		r.Refuse(first.Number, "Amount", "Money that went back is not taken over. Enter what is left of it by hand.", first.Get("amount"))
	}
	if i.ReceivedOn.IsZero() && !r.Refused() {
		r.Refuse(first.Number, "Date", "The date is missing.", "")
	}
	i.Method, i.Total = Other, amount
	if m, known := methodWords[foldName(r.First("method"))]; known {
		i.Method = m
	}
	i.Reference, i.Notes = shortened(oneLine(r.First("reference")), longestTitle), shortened(r.First("notes"), longestText)
	if amount < 0 {
		i.Method, i.Total = Credit, -amount
		if i.Reference == "" {
			i.Reference = "Credit of the earlier program"
			if number := oneLine(first.Get("invoice")); number != "" {
				i.Reference = shortened("Credit "+number, longestTitle)
			}
		}
		i.invoice = Invoice{} // it lowers what is owed, wherever staff put it
	}
	i.Number = oneLine(r.First("number"))
	if utf8.RuneCountInString(i.Number) > 60 {
		r.Refuse(first.Number, "Receipt number", "Use at most 60 characters.", i.Number)
	}
	if s.Choices["same"] == "once" || i.Number != "" {
		i.times = 1
	}
}

// lookSame finds payments that an import has brought before: of one client, on one day, of one amount, and with the same
// reference. The file may have several that say the same; what is missing of them is new.
func lookSame(ctx context.Context, tx bun.Tx, v auth.Viewer, records []*module.Record) error {
	found, err := paymentsLike(ctx, tx, v, records)
	if err != nil {
		return err
	}
	for n, r := range records {
		i := r.State.(*income)
		if !r.Refused() && found[n].N >= i.times {
			r.Existing, r.Same = found[n].ID, money.Of(i.Total, i.Currency).Plain()+" "+i.Currency+" of "+i.ClientName+", "+i.ReceivedOn.String()
		} else {
			i.times -= found[n].N
		}
	}
	return nil
}

func writePayments(ctx context.Context, tx bun.Tx, v auth.Viewer, _ module.ImportSettings, records []*module.Record) error {
	b := newBrought(v)
	var invoices []uuid.UUID
	var fresh []*module.Record
	for _, r := range records {
		if r.Existing != uuid.Nil {
			continue
		}
		fresh = append(fresh, r)
		i := r.State.(*income)
		b.clients[i.ClientID] = true
		if i.invoice.ID != uuid.Nil {
			invoices = append(invoices, i.invoice.ID)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	if err := b.hold(ctx, tx); err != nil {
		return err
	}
	owed, err := owedOn(ctx, tx, v, invoices)
	if err != nil {
		return err
	}
	for _, r := range fresh {
		i := r.State.(*income)
		for range max(i.times, 1) {
			p := i.Payment
			p.ID = id.New()
			part := int64(0)
			if is := owed[i.invoice.ID]; is != nil {
				part = min(p.Total, is.Total-is.Paid)
				is.Paid += part
				b.pay(r, p, *is, part)
			} else {
				b.pay(r, p, Invoice{}, 0)
			}
			b.spent(i.invoice.ID, part)
		}
	}
	return b.keep(ctx, tx, "payment")
}
