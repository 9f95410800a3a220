package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/mail"
	"portico/platform/paper"
)

// letter says what happened. Without a subject there is nothing to say any more.
func (n newsroom) letter(ctx context.Context, tx bun.IDB, w tidings, t *tale) (mail.Letter, error) {
	if w.Staff != uuid.Nil {
		return t.toStaff(ctx, tx, w.news)
	}
	amount, what := t.here.Money(t.a.Amount()), t.i.Number+", "+t.i.Title
	button := mail.Button{Label: "See the invoice", URL: t.origin + "/portal/all/billing/invoices/" + t.i.ID.String()}
	if t.a.ContactID == uuid.Nil && w.Payer { // paid through a link: who did may have no way to sign in
		url, err := n.linkOf(ctx, tx, t)
		if err != nil {
			return mail.Letter{}, err
		}
		button.URL = url
	}
	again := mail.Button{Label: "See and pay", URL: button.URL}
	switch w.What {
	case newsPaid:
		return n.receiptLetter(ctx, tx, t, button)
	case newsFailed:
		lines := []string{"Your payment of " + amount + " for " + what + " did not go through. " + whyDeclined(t.a).String()}
		more, err := autopayWords(ctx, tx, auth.System(t.firm.ID), t)
		if err != nil {
			return mail.Letter{}, err
		}
		if more != "" {
			lines = append(lines, more)
		} else if t.i.Owed() {
			lines = append(lines, t.here.Money(t.i.Balance())+" is owed, due on "+dateText(t.i.DueOn)+". You can pay another way.")
		}
		return mail.Letter{Subject: "Your payment for " + t.i.Number + " did not go through", Lines: lines, Button: again}, nil
	case newsReturned:
		return mail.Letter{
			Subject: "Your bank returned the payment for " + t.i.Number,
			Lines: []string{
				"The bank has taken back the payment of " + amount + " for " + what + ".",
				t.here.Money(t.i.Balance()) + " is owed again. You can pay another way.",
			}, Button: again,
		}, nil
	case newsRefunded:
		back, err := refundByID(ctx, tx, auth.System(t.firm.ID), w.About)
		if err != nil {
			return mail.Letter{}, err
		}
		return mail.Letter{
			Subject: "Refund of " + t.here.Money(back.Amount()),
			Lines: []string{
				t.firm.Name + " has sent " + t.here.Money(back.Amount()) + " back to you, of your payment of " + amount + " for " + what + ".",
				back.arrives(),
			}, Button: button,
		}, nil
	}
	return mail.Letter{}, nil
}

// arrives says how the money comes to whoever paid.
func (r Refund) arrives() string {
	if r.Ended != elsewhere {
		return "It goes the way it came and can take five to ten business days to show."
	}
	how := "It was sent " + r.PaidMethod.by() + " on " + dateText(r.PaidOn)
	if r.PaidReference == "" {
		return how + "."
	}
	return how + " (" + r.PaidReference + ")."
}

// receiptLetter carries the receipt.
func (n newsroom) receiptLetter(ctx context.Context, tx bun.IDB, t *tale, button mail.Button) (mail.Letter, error) {
	all := auth.System(t.firm.ID)
	pay, err := paymentByID(ctx, tx, all, t.a.PaymentID)
	if err != nil {
		return mail.Letter{}, err
	}
	paid, err := paidWith(ctx, tx, all, pay.ID)
	if err != nil {
		return mail.Letter{}, err
	}
	sheet, err := receiptSheet(ctx, tx, all, stationery{n.Platform, t.firm, &t.here, t.now}, pay, t.a.InvoiceID)
	if err != nil {
		return mail.Letter{}, err
	}
	body, err := paper.Draw(sheet)
	if err != nil {
		return mail.Letter{}, err
	}
	how := pay.Method.Title()
	if paid.Last4 != "" {
		how = paid.Name()
	}
	lines := []string{
		"Thank you. " + t.here.Money(t.a.Amount()) + " was paid for " + t.i.Number + ", " + t.i.Title + ".",
		"Paid on " + dateText(pay.ReceivedOn) + " with " + how + by(paid.Payer) + ". The receipt is attached.",
	}
	if t.i.Owed() {
		lines = append(lines, t.here.Money(t.i.Balance())+" of this invoice is still owed, due on "+dateText(t.i.DueOn)+".")
	}
	if over := t.a.Total - t.a.Held; over > 0 {
		lines = append(lines, t.here.Money(t.i.amount(over))+" stays on account for your next invoice.")
	}
	return mail.Letter{
		Subject: "Receipt " + pay.Number + ": " + t.here.Money(t.a.Amount()) + " to " + t.firm.Name, Lines: lines, Button: button,
		Files: []mail.File{{Name: name("receipt", pay.Number), Type: "application/pdf", Data: body}},
	}, nil
}

// toStaff is the same for whoever looks after the firm's money.
func (t *tale) toStaff(ctx context.Context, tx bun.IDB, w news) (mail.Letter, error) {
	amount := t.here.Money(t.a.Amount())
	of := amount + " for " + t.i.Number + ", " + t.i.Title + " (" + t.i.ClientName + ")"
	l := mail.Letter{Button: mail.Button{Label: "See the invoice", URL: t.origin + "/office/billing/invoices/" + t.i.ID.String()}}
	switch w.What {
	case newsFailed:
		l.Subject = "A bank payment failed: " + t.i.Number
		l.Lines = []string{"A bank payment of " + of + " did not go through. " + whyDeclined(t.a).String(), "The invoice is owed again. The client has been told."}
	case newsReturned:
		l.Subject = "A bank payment was returned: " + t.i.Number
		l.Lines = []string{"The bank has taken back " + of + ".", "The invoice is owed again. The client has been told."}
	case newsDisputed, newsWon, newsLost:
		until, err := answerBy(ctx, tx, auth.System(t.firm.ID), w.About)
		if err != nil {
			return l, err
		}
		l.Subject = "A payment is disputed: " + t.i.Number
		l.Lines = []string{"A payment of " + of + " is disputed at the client's bank. The money is held back until that is decided."}
		if until != "" {
			l.Lines = append(l.Lines, "Answer it at your payment provider by "+until+".")
		}
		if w.What == newsWon {
			l.Subject = "A dispute was decided for you: " + t.i.Number
			l.Lines = []string{"The dispute about " + of + " was decided for you. The money stays with you."}
		}
		if w.What == newsLost {
			l.Subject = "A dispute was decided against you: " + t.i.Number
			l.Lines = []string{"The dispute about " + of + " was decided against you. The money went back to the client, and the invoice is owed again."}
		}
	default:
		return mail.Letter{}, nil
	}
	return l, nil
}
