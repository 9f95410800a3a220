package billing

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

// Stray is money at a provider that Portico did not move.
type Stray struct {
	ID, AccountID, AttemptID uuid.UUID
	GatewayID, What          string
	Status                   gateway.Status
	Kind                     gateway.Kind
	Total                    int64 `bun:"amount"`
	Currency                 string
	MadeAt, FoundAt          time.Time
	SettledAt                time.Time
	PaymentID                uuid.UUID
	ReceiptNumber            string
	Account                  string
}

// Amount is how much it is.
func (s Stray) Amount() money.Amount { return money.Of(s.Total, s.Currency) }

// IsRefund reports whether it is money that went back.
func (s Stray) IsRefund() bool { return s.What == "refund" }

// Title names it.
func (s Stray) Title() string {
	switch s.What {
	case "refund":
		return "Refund of " + s.ReceiptNumber + " that was made at the provider"
	case "orphan":
		return "Payment with Portico's mark, which is not known here"
	}
	return "Payment that was made past Portico"
}

type strayView struct {
	*web.Here
	Trail []web.NavItem
	Stray Stray
	Form  strayForm
}

// strayForm says what money is.
type strayForm struct {
	Do      string `form:"do"` // book or leave
	Invoice string `form:"invoice"`
	Reason  string `form:"reason"`
}

func (d unsettledDesk) loadStray(r *web.Request) (Stray, error) {
	one, err := r.ID("stray")
	if err != nil {
		return Stray{}, err
	}
	return strayByID(r.Context(), r.Tx(), r.Viewer(), one)
}

func (d unsettledDesk) strayView(r *web.Request, s Stray, form strayForm) strayView {
	r.Title(s.Title())
	return strayView{Here: r.Here(), Stray: s, Form: form, Trail: []web.NavItem{
		{Title: "Billing", Href: r.Path("billing")}, {Title: "Unsettled", Href: r.Path("billing", "unsettled")}, {Title: "Unreconciled"},
	}}
}

// stray asks what unreconciled money is.
func (d unsettledDesk) stray(r *web.Request) error {
	s, err := d.loadStray(r)
	if err != nil {
		return err
	}
	return r.Show("billing/unsettled_stray", d.strayView(r, s, strayForm{}))
}

func (d unsettledDesk) settleStray(r *web.Request) error {
	s, err := d.loadStray(r)
	if err != nil {
		return err
	}
	var form strayForm
	wrong := r.Bind(&form)
	if wrong == nil {
		wrong = d.settled(r, s, form)
	}
	if wrong != nil {
		return r.Again("billing/unsettled_stray", d.strayView(r, s, form), wrong)
	}
	return backTo(r, nil)
}

func (d unsettledDesk) settled(r *web.Request, s Stray, form strayForm) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	var payment Payment
	text := "left out of the books: " + form.Reason
	switch {
	case form.Do != "book" && utf8.RuneCountInString(strings.TrimSpace(form.Reason)) == 0:
		return fault.Field("reason", "Say why. Only staff read it.")
	case utf8.RuneCountInString(form.Reason) > longestText:
		return fault.Field("reason", "Use at most 2,000 characters.")
	case form.Do == "book" && s.Status != gateway.Succeeded:
		return fault.Conflict("This money has not arrived yet. Wait until it has, or leave it out.")
	case form.Do == "book" && s.IsRefund():
		if err := d.engine.bookForeignRefund(ctx, tx, v, s); err != nil {
			return err
		}
		payment.ID, text = s.PaymentID, "booked"
	case form.Do == "book":
		i, err := invoiceByNumber(ctx, tx, v, strings.TrimSpace(form.Invoice))
		switch {
		case fault.Is(err, fault.Missing):
			return fault.Field("invoice", "No invoice has this number.")
		case err != nil:
			return err
		case i.Currency != s.Currency:
			return fault.Field("invoice", "This invoice is in "+i.Currency+".")
		}
		payment, _, err = addPayment(ctx, tx, v, Payment{
			ClientID: i.ClientID, Method: Method(s.Kind), Currency: s.Currency, Total: s.Total, ReceivedOn: today(r.Firm(), r.Now()), Reference: s.GatewayID,
		}, s.ID)
		if err != nil {
			return err
		}
		text = "kept on account of " + i.ClientName + " as " + payment.Number
	}
	if err := endStray(ctx, tx, v, s, form.Reason, payment.ID); err != nil {
		return err
	}
	r.Toast("Noted: " + text + ".")
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.reconciled", Text: "settled " + r.Here().Money(s.Amount()) + " at the provider: " + text, SubjectID: s.ID, ClientID: payment.ClientID,
	})
}
