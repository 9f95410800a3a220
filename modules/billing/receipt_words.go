package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/mail"
	"portico/platform/paper"
)

// letter says what happened. Without a subject there is nothing to say any more.
func (n newsroom) letter(ctx context.Context, tx bun.IDB, w tidings, t *tale) (mail.Letter, error) {
	if w.Staff != uuid.Nil {
		return t.toStaff(ctx, tx, w.news)
	}
	amount, what := t.here.Money(t.a.Amount()), t.i.Number+", "+t.i.Title
	say := t.here.Say
	button := mail.Button{Label: say("See the invoice"), URL: t.origin + "/portal/all/billing/invoices/" + t.i.ID.String()}
	if t.a.ContactID == uuid.Nil && w.Payer { // paid through a link: who did may have no way to sign in
		url, err := n.linkOf(ctx, tx, t)
		if err != nil {
			return mail.Letter{}, err
		}
		button.URL = url
	}
	again := mail.Button{Label: say("See and pay"), URL: button.URL}
	switch w.What {
	case newsPaid:
		return n.receiptLetter(ctx, tx, t, button)
	case newsFailed:
		lines := []string{say("Your payment of %s for %s did not go through. %s", amount, what, whyDeclined(t.a))}
		more, err := autopayWords(ctx, tx, auth.System(t.firm.ID), t)
		if err != nil {
			return mail.Letter{}, err
		}
		if more != "" {
			lines = append(lines, more)
		} else if t.i.Owed() {
			lines = append(lines, say("%s is owed, due on %s. You can pay another way.", t.i.Balance(), t.i.DueOn))
		}
		return mail.Letter{Subject: say("Your payment for %s did not go through", t.i.Number), Lines: lines, Button: again}, nil
	case newsReturned:
		return mail.Letter{
			Subject: say("Your bank returned the payment for %s", t.i.Number),
			Lines: []string{
				say("The bank has taken back the payment of %s for %s.", amount, what),
				say("%s is owed again. You can pay another way.", t.i.Balance()),
			}, Button: again,
		}, nil
	case newsRefunded:
		back, err := refundByID(ctx, tx, auth.System(t.firm.ID), w.About)
		if err != nil {
			return mail.Letter{}, err
		}
		return mail.Letter{
			Subject: say("Refund of %s", back.Amount()),
			Lines: []string{
				say("%s has sent %s back to you, of your payment of %s for %s.", t.firm.Name, back.Amount(), amount, what),
				back.arrives(say),
			}, Button: button,
		}, nil
	}
	return mail.Letter{}, nil
}

// sentElsewhere says how money went back that its provider did not send.
var sentElsewhere = map[Method]string{
	Check: "It was sent by check on %s.", Transfer: "It was sent by bank transfer on %s.",
	Cash: "It was given back in cash on %s.", Other: "It was sent another way on %s.",
}

// arrives says how the money comes to whoever paid.
func (r Refund) arrives(say func(string, ...any) string) string {
	if r.Ended != elsewhere {
		return say("It goes the way it came and can take five to ten business days to show.")
	}
	sent := say(sentElsewhere[r.PaidMethod], r.PaidOn)
	if r.PaidReference != "" {
		sent += " " + say("Reference: %s.", r.PaidReference)
	}
	return sent
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
	say, how := t.here.Say, t.here.Say(string(pay.Method.Said()))
	if paid.Last4 != "" {
		how = say("%s", paid.Name())
	}
	lines := []string{
		say("Thank you. %s was paid for %s, %s.", t.a.Amount(), t.i.Number, t.i.Title),
		paidOn(say, pay.ReceivedOn, how, paid.Payer),
	}
	if t.i.Owed() {
		lines = append(lines, say("%s of this invoice is still owed, due on %s.", t.i.Balance(), t.i.DueOn))
	}
	if over := t.a.Total - t.a.Held; over > 0 {
		lines = append(lines, say("%s stays on account for your next invoice.", t.i.amount(over)))
	}
	return mail.Letter{
		Subject: say("Receipt %s: %s to %s", pay.Number, t.a.Amount(), t.firm.Name), Lines: lines, Button: button,
		Files: []mail.File{{Name: name("receipt", pay.Number), Type: "application/pdf", Data: body}},
	}, nil
}

func paidOn(say func(string, ...any) string, on day.Day, how, payer string) string {
	if payer == "" {
		return say("Paid on %s with %s. The receipt is attached.", on, how)
	}
	return say("Paid on %s with %s by %s. The receipt is attached.", on, how, payer)
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
