package billing

import (
	"context"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/brand"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/module"
	"portico/platform/paper"
	"portico/platform/post"
	"portico/platform/web"
)

// stationery is what a document is drawn on, on a page or in a job.
type stationery struct {
	module.Platform
	Firm auth.Firm
	Here *web.Here
	At   time.Time
}

func (s stationery) sheet(ctx context.Context, title, sub string) paper.Sheet {
	sheet := paper.Sheet{
		Lang: s.Here.Reader().Code, Title: title, Sub: sub, Color: brand.Of(s.Firm.BrandColor).Light.Brand, From: letterhead(s.Firm),
		ToLabel: s.Here.Say("For"), Page: s.Here.Say("Page"), Made: s.At,
	}
	sheet.Logo, sheet.LogoKind = s.Files.Logo(ctx, s.Firm.ID, s.Firm.LogoID)
	return sheet
}

// receiptSheet is a payment or a credit memo, with where it stands as far as the viewer may see.
func receiptSheet(ctx context.Context, tx bun.IDB, v auth.Viewer, on stationery, pay Payment, only uuid.UUID) (paper.Sheet, error) {
	standing, err := allocationsOfPayments(ctx, tx, v, pay.ID)
	if err != nil {
		return paper.Sheet{}, err
	}
	client, err := clientByID(ctx, tx, v, pay.ClientID)
	if err != nil {
		return paper.Sheet{}, err
	}
	paid, err := paidWith(ctx, tx, v, pay.ID)
	if err != nil {
		return paper.Sheet{}, err
	}
	here := on.Here
	sheet := on.sheet(ctx, here.Say(pay.Method.proof(), pay.Number), "")
	sheet.To = addressOf(client)
	sheet.Facts = []paper.Pair{{Name: here.Say("Date"), Value: here.Reader().Day(pay.ReceivedOn)}, {Name: here.Say("How¦paid"), Value: here.Say(string(pay.Method.Said()))}}
	if paid.Last4 != "" {
		sheet.Facts[1].Value = here.Say("%s", paid.Name())
	}
	if paid.Payer != "" {
		sheet.Facts = append(sheet.Facts, paper.Pair{Name: here.Say("Paid by"), Value: paid.Payer})
	}
	if pay.Reference != "" && !pay.Method.Online() {
		sheet.Facts = append(sheet.Facts, paper.Pair{Name: here.Say(map[bool]string{true: "For", false: "Reference"}[pay.IsCredit()]), Value: pay.Reference})
	}
	if pay.Reversed() {
		sheet.Stamp = here.Say("REVERSED")
	}
	lines, err := creditLinesOf(ctx, tx, v, pay.ID)
	if err != nil {
		return paper.Sheet{}, err
	}
	if creditSheet(here, &sheet, pay, lines, standing) {
		return sheet, nil
	}
	sheet.Columns = []paper.Column{{Title: here.Say("Invoice")}, {Title: here.Say("Amount"), Right: true, Width: 40}}
	left := pay.Amount()
	for _, a := range standing {
		if only != uuid.Nil && a.InvoiceID != only {
			continue // stays within what is on account
		}
		sheet.Rows = append(sheet.Rows, []string{a.InvoiceNumber + ": " + a.InvoiceTitle + ", " + a.ProjectName, here.Money(a.Amount())})
		left = left.Sub(a.Amount())
	}
	if left = left.Sub(pay.RefundedAmount()); left.Positive() && !pay.Reversed() {
		sheet.Rows = append(sheet.Rows, []string{here.Say("On account, for later invoices"), here.Money(left)})
	}
	if pay.Refunded > 0 {
		sheet.Rows = append(sheet.Rows, []string{here.Say("Refunded"), here.Money(pay.RefundedAmount())})
	}
	sheet.Sums = []paper.Pair{{Name: here.Say(map[bool]string{true: "Credit", false: "Received"}[pay.IsCredit()]), Value: here.Money(pay.Amount()), Strong: true}}
	return sheet, nil
}

// tidings is one mail about a payment, to one person.
type tidings struct {
	news
	Contact, Staff uuid.UUID
	Payer          bool // who paid is always told; others as they chose
	Guest          bool // the receipt, to the address that a guest named
}

var tellOne = job.New[tidings]("billing:tell")

// tell promises a mail to everybody whom a payment concerns: its payer, the other contacts who may see it, and staff when
// something went wrong.
func (n newsroom) tell(ctx context.Context, tx bun.Tx, firm uuid.UUID, w news) error {
	all := auth.System(firm)
	a, err := attemptByID(ctx, tx, all, w.Attempt)
	if err != nil {
		return err
	}
	if err := n.retryAutopay(ctx, tx, firm, a, w.What); err != nil {
		return err
	}
	payer, err := payerOf(ctx, tx, all, a.BatchID)
	if err != nil {
		return err
	}
	var letters []tidings
	if w.What == newsPaid && payer == uuid.Nil { // if anybody: that is looked at when the mail is due
		letters = append(letters, tidings{news: w, Payer: true, Guest: true})
	}
	if w.What != newsDisputed && w.What != newsWon && w.What != newsLost {
		if payer != uuid.Nil {
			letters = append(letters, tidings{news: w, Contact: payer, Payer: true})
		}
		list, err := readers(ctx, tx, firm, a.InvoiceID, uuid.Nil)
		if err != nil {
			return err
		}
		for _, to := range list {
			if to.ContactID != payer && to.reads() && to.may(seePayments) && (w.What == newsPaid || w.What == newsReturned) {
				letters = append(letters, tidings{news: w, Contact: to.ContactID})
			}
		}
	}
	if w.What == newsFailed && a.Kind == "bank" || w.What == newsReturned || w.What == newsDisputed || w.What == newsWon || w.What == newsLost {
		staff, err := moneyStaff(ctx, tx, all)
		if err != nil {
			return err
		}
		for _, person := range staff {
			letters = append(letters, tidings{news: w, Staff: person})
		}
	}
	return tellOne.EnqueueEach(ctx, tx, firm, letters)
}

// mail tells one person, in words for that side.
func (n newsroom) mail(ctx context.Context, tx bun.Tx, firm uuid.UUID, w tidings) error {
	all := auth.System(firm)
	a, err := attemptByID(ctx, tx, all, w.Attempt)
	if err != nil {
		return err
	}
	to, err := w.addressee(ctx, tx, all, a)
	if err != nil || to.Email == "" {
		return fault.IgnoreNotFound(err)
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, n.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	i, err := invoiceByID(ctx, tx, all, a.InvoiceID)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	origin, err := n.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	viewer := auth.Viewer{Side: auth.Portal, Firm: loaded.Firm, Locale: to.Locale}
	if w.Staff != uuid.Nil {
		viewer.Side = auth.Office
	}
	page := tale{a: a, i: i, here: web.Here{Viewer: viewer}, origin: origin, firm: loaded.Firm, now: n.Now()}
	letter, err := n.letter(ctx, tx, w, &page)
	if err != nil || letter.Subject == "" {
		return err
	}
	first, _, _ := strings.Cut(to.Name, " ")
	letter.Reader, letter.Greeting = page.here.Reader(), strings.TrimSpace(page.here.Say("Hello %s", first))
	if w.Guest {
		if err := forgetGuest(ctx, tx, all, a.BatchID); err != nil {
			return err
		}
	}
	_, err = n.Notices.Deliver(ctx, tx, loaded.Firm, w.notice(page), post.Envelope{
		ID: job.Current(ctx).ID, Kind: tellOne.Name(), PersonID: to.PersonID, ContactID: w.Contact, Private: w.Guest,
		To: netmail.Address{Name: to.Name, Address: to.Email},
	}, letter)
	return err
}

func (w tidings) addressee(ctx context.Context, tx bun.IDB, all auth.Viewer, a Attempt) (person, error) {
	if w.Guest {
		return guestOf(ctx, tx, all, a.BatchID)
	}
	return addressee(ctx, tx, all, w.Contact, w.Staff)
}

// tale is what the words of a mail are made of.
type tale struct {
	a      Attempt
	i      Invoice
	here   web.Here
	origin string
	firm   auth.Firm
	now    time.Time
}
