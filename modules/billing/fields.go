package billing

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/web"
)

// Cards may be entered in Stripe's own fields on a page of ours, where a firm wants that. The page is the only one that
// runs a script of somebody else, under a policy of its own. What opens the fields is kept sealed for as long as the payer
// has something to do, and given to nobody but the payer.

const fieldsPurpose = "billing card fields"

// stripeFields is where Stripe's script comes from; another address is a stand-in, for tests.
var stripeFields = "https://js.stripe.com"

// trustedFields are the origins that Stripe's fields need, as Stripe lists them.
func trustedFields() web.Trusted {
	if stripeFields != "https://js.stripe.com" {
		return web.Trusted{Scripts: []string{stripeFields}, Frames: []string{stripeFields}, Connects: []string{stripeFields}}
	}
	scripts := []string{"https://js.stripe.com", "https://*.js.stripe.com"}
	return web.Trusted{Scripts: scripts, Frames: append(scripts, "https://hooks.stripe.com"), Connects: []string{"https://api.stripe.com"}}
}

// noteFields keeps what opens the fields of an attempt.
func (e engine) noteFields(ctx context.Context, tx bun.Tx, v auth.Viewer, a Attempt, secret string) error {
	firm := v.FirmID()
	return keepFields(ctx, tx, v, a.ID, e.Key.Seal(fieldsPurpose, []byte(secret), firm[:], a.ID[:]))
}

// fieldsAt is the page on which a payer of a batch enters a card.
func fieldsAt(b Batch) string {
	at, _, _ := strings.Cut(b.ReturnURL, "?")
	return at + "/card"
}

type fieldsView struct {
	*web.Here
	Trail               []web.NavItem
	Total               money.Amount
	Invoice             string
	Script, Publisher   string
	Secret, Return, End string
	Guest               bool
}

// showFields is the page with the fields of a batch that its payer was found to hold; at is the batch's own.
func showFields(r *web.Request, p module.Platform, b Batch, at string) error {
	all := auth.System(r.Firm().ID)
	f, err := fieldsOf(r.Context(), r.Tx(), all, b.ID)
	if fault.Is(err, fault.Missing) { // it is paid, given up, or entered elsewhere
		return r.Go(at)
	}
	if err != nil {
		return err
	}
	firm := r.Firm().ID
	secret, err := p.Key.Open(fieldsPurpose, f.Secret, firm[:], f.Attempt[:])
	if err != nil {
		return err
	}
	a, err := accountByID(r.Context(), r.Tx(), all, f.Account)
	if err != nil {
		return err
	}
	c, err := openCredentials(p.Key, a.Credentials, firm, a.ID)
	if err != nil {
		return err
	}
	r.Title("Enter your card")
	r.Trust(trustedFields())
	return r.Show("billing/fields", fieldsView{
		Here: r.Here(), Total: money.Of(f.Amount, f.Currency), Invoice: f.Number, Script: stripeFields + "/v3/", Publisher: c.Publisher,
		Secret: string(secret), Return: b.ReturnURL, End: at, Guest: b.ContactID == uuid.Nil,
		Trail: []web.NavItem{{Title: "Your payment", Href: at}, {Title: "Enter your card"}},
	})
}

func (p payer) fields(r *web.Request) error {
	b, err := p.load(r)
	if err != nil {
		return err
	}
	return showFields(r, p.Platform, b, r.Path("billing", "batches", b.ID))
}

func (d doorman) fields(r *web.Request) error {
	b, err := d.load(r)
	if err != nil {
		return d.over(r, err)
	}
	return showFields(r, d.Platform, b, "/pay/"+r.Param("token")+"/batches/"+b.ID.String())
}

// inFields reports whether a basket's card is entered on our page, if its account wants that: one card, used once. What is
// to be kept, or pays several invoices, is entered on the provider's page.
func (b basket) inFields() bool {
	return b.Kind == gateway.Card && b.MethodID == uuid.Nil && !b.needsSetup() && !b.Auto
}

// entered are where cards can be entered, for the settings.
var enteredWhere = []choice{{"", "On Stripe's page"}, {"portal", "In the portal, in Stripe's own fields"}}

// Where is where the account has cards entered.
func (a Account) Where() string {
	if a.Fields {
		return "portal"
	}
	return ""
}

// checkFields asks for the publishable key that belongs to the account, where cards are entered on our page.
func (a Account) checkFields(c credentials) error {
	mode := "pk_test_"
	if a.Live {
		mode = "pk_live_"
	}
	if a.Provider != "stripe" || !a.Fields && c.Publisher == "" || strings.HasPrefix(c.Publisher, mode) {
		return nil
	}
	if c.Publisher == "" {
		return fault.Field("publisher", "Enter the publishable key. It begins with "+mode+".")
	}
	return fault.Field("publisher", "This is not the publishable key of this account. It begins with "+mode+".")
}
