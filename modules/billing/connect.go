package billing

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/modules/billing/gateway/checkbook"
	"portico/modules/billing/gateway/sandbox"
	"portico/modules/billing/gateway/stripe"
	"portico/platform/auth"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/secret"
)

// Account is a firm's account at a provider of payments.
type Account struct {
	ID        uuid.UUID
	Provider  string // "sandbox", "stripe", "checkbook"
	Title     string
	Live      bool // real money
	HookKey   string
	Cards     bool
	Banks     bool
	Active    bool
	Fields    bool // cards are entered on a page of ours, in the provider's own fields
	CheckedAt time.Time
	Wrong     string
	CreatedAt time.Time
	Version   int

	Credentials []byte // sealed
}

// Saves reports whether methods can be kept there for later, and several invoices be paid with one that is entered once.
func (a Account) Saves() bool { return a.Provider != "checkbook" }

// Refunds reports whether money can be given back there.
func (a Account) Refunds() bool { return a.Provider != "checkbook" }

// credentials are what opens an account. They leave the database sealed, and are never shown.
type credentials struct {
	Key       string `json:"key"`
	Publisher string `json:"publisher,omitempty"` // the other half of the key, where a provider has two
	Hook      string `json:"hook,omitempty"`      // what reports are signed with
	OldHook   string `json:"old_hook,omitempty"`  // what they were signed with until it was changed
}

const sealPurpose = "billing account"

func (c credentials) seal(k secret.Key, firm, account uuid.UUID) ([]byte, error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	return k.Seal(sealPurpose, plain, firm[:], account[:]), nil
}

func openCredentials(k secret.Key, sealed []byte, firm, account uuid.UUID) (c credentials, err error) {
	plain, err := k.Open(sealPurpose, sealed, firm[:], account[:])
	if err != nil {
		return c, fmt.Errorf("credentials of the account: %w", err)
	}
	return c, json.Unmarshal(plain, &c)
}

// openAccount is how the provider behind an account is reached.
func openAccount(p module.Platform) opener {
	return func(ctx context.Context, tx bun.IDB, firm, account uuid.UUID) (gateway.Gateway, error) {
		a, err := accountByID(ctx, tx, auth.System(firm), account)
		if err != nil {
			return nil, err
		}
		return reach(ctx, p, firm, a)
	}
}

// reach readies the provider's side of an account. It does no I/O at the provider.
func reach(ctx context.Context, p module.Platform, firm uuid.UUID, a Account) (gateway.Gateway, error) {
	c, err := openCredentials(p.Key, a.Credentials, firm, a.ID)
	if err != nil {
		return nil, err
	}
	origin, err := p.Links.Origin(ctx, firm)
	if err != nil {
		return nil, err
	}
	return dial(p, firm, a, c, origin)
}

func dial(p module.Platform, firm uuid.UUID, a Account, c credentials, origin string) (gateway.Gateway, error) {
	switch {
	case a.Provider == "sandbox" && p.Sandbox != "":
		return practiceAt(p, firm, a, c, origin), nil
	case a.Provider == "stripe":
		return stripe.New(c.stripe()), nil
	case a.Provider == "checkbook":
		return checkbook.New(c.checkbook(firm, a.Live)), nil
	}
	return nil, errAccountGone
}

// stripeAt and checkbookAt are doubles, for tests; "": the providers themselves.
var stripeAt, checkbookAt string

func (c credentials) stripe() stripe.Options {
	return stripe.Options{Key: c.Key, Secrets: c.secrets(), URL: stripeAt}
}

func (c credentials) checkbook(firm uuid.UUID, live bool) checkbook.Options {
	return checkbook.Options{Publisher: c.Publisher, Key: c.Key, Secrets: c.secrets(), Live: live, Firm: firm, URL: checkbookAt}
}

// probe asks a provider whether the keys work, and whether they move real money.
func (o online) probe(ctx context.Context, a Account, c credentials) (live bool, err error) {
	switch a.Provider {
	case "stripe":
		found, err := stripe.Check(ctx, c.stripe())
		return found.Live, err
	case "checkbook":
		return a.Live, checkbook.New(c.checkbook(uuid.Nil, a.Live)).Check(ctx)
	case "sandbox":
		return false, sandbox.Dial(sandbox.Account{Address: o.Sandbox, Key: c.Key}).Ping(ctx)
	}
	return false, errAccountGone
}

func practiceAt(p module.Platform, firm uuid.UUID, a Account, c credentials, origin string) *sandbox.Client {
	return sandbox.Dial(sandbox.Account{
		Address: p.Sandbox, Key: c.Key, Secrets: c.secrets(), Firm: firm,
		Hook: origin + hookPath + a.HookKey, Pages: origin + practicePath,
	})
}

// secrets are what an account's reports may be signed with.
func (c credentials) secrets() []string { return []string{c.Hook, c.OldHook} }

const (
	hookPath     = "/webhooks/billing/"
	practicePath = "/billing/practice/"
)

func newPractice() credentials {
	return credentials{Key: sandbox.NewKey(), Hook: secret.Token()}
}

// ConnectPractice connects a firm to the practice provider, and makes it the one in use: for demos and tests.
func ConnectPractice(ctx context.Context, tx bun.IDB, k secret.Key, firm uuid.UUID) (err error) {
	a := Account{ID: id.New(), Provider: "sandbox", Title: providers["sandbox"].Title, HookKey: secret.Token(), Cards: true, Banks: true, Active: true}
	if a.Credentials, err = newPractice().seal(k, firm, a.ID); err != nil {
		return err
	}
	return addAccount(ctx, tx, auth.System(firm), a)
}

// PracticeOf is a firm's own account at the practice provider: for tests, which do there what payers and banks do.
func PracticeOf(ctx context.Context, k secret.Key, tx bun.IDB, firm uuid.UUID, address, origin string) (*sandbox.Client, error) {
	a, _, err := activeAccount(ctx, tx, auth.System(firm))
	if err != nil {
		return nil, err
	}
	c, err := openCredentials(k, a.Credentials, firm, a.ID)
	return practiceAt(module.Platform{Sandbox: address}, firm, a, c, origin), err
}

// provider is a kind of account.
type provider struct {
	ID, Title, Summary string
	Kinds              []gateway.Kind
	Keys               bool   // the firm has keys there
	KeyName, OtherName string // what the provider calls them; OtherName where there are two
	Modes              bool   // a key does not tell whether it moves real money
	Where, Needs       string // where they are found, and what they must be allowed to do
	Fields             bool   // cards can be entered on a page of ours, in its own fields
	HookWhere          string // where its reports are set up
	HookNeeds          string // which of them
}

// takes reports whether payments of a kind are possible there.
func (p provider) takes(kind gateway.Kind) bool { return slices.Contains(p.Kinds, kind) }

// TwoKeys reports whether a key has two halves.
func (p provider) TwoKeys() bool { return p.OtherName != "" }

// Cards reports whether cards are possible there.
func (p provider) Cards() bool { return p.takes(gateway.Card) }

// Banks reports whether bank debits are possible there.
func (p provider) Banks() bool { return p.takes(gateway.Bank) }

var providers = map[string]provider{
	"stripe": {
		ID: "stripe", Title: "Stripe", Summary: "Cards, and bank debits in US dollars (ACH) and euros (SEPA). Clients pay on Stripe's own pages, or enter cards in its fields in the portal.",
		Kinds: []gateway.Kind{gateway.Card, gateway.Bank}, Keys: true, KeyName: "Secret or restricted key", Fields: true,
		Where:     "In Stripe: Developers > API keys.",
		Needs:     "A restricted key is enough, and safer. Let it write Checkout Sessions, PaymentIntents, SetupIntents, Customers, PaymentMethods and Refunds, and read Charges, Balance transactions, Disputes and Events.",
		HookWhere: "In Stripe: Developers > Webhooks > Add destination. It then shows a signing secret, which belongs in the field above.",
		HookNeeds: "Events to tick: checkout.session.completed, checkout.session.expired, checkout.session.async_payment_succeeded, checkout.session.async_payment_failed, payment_intent.succeeded, payment_intent.processing, payment_intent.payment_failed, payment_intent.canceled, payment_intent.requires_action, charge.refunded, refund.updated, refund.failed, charge.dispute.created, charge.dispute.updated, charge.dispute.closed.",
	},
	"checkbook": {
		ID: "checkbook", Title: "Checkbook.io", Summary: "Bank payments in US dollars by digital check. Checkbook writes to the client by mail. No cards, no refunds, nothing is kept for next time.",
		Kinds: []gateway.Kind{gateway.Bank}, Keys: true, KeyName: "Secret key", OtherName: "Publishable key", Modes: true,
		Where:     "In Checkbook: Settings > Developer.",
		HookWhere: "In Checkbook: Settings > Developer. The secret is called webhooks key there.",
	},
	"sandbox": {
		ID: "sandbox", Title: "Practice provider", Summary: "Part of Portico. It behaves like a real provider and moves no money: to try everything out.",
		Kinds: []gateway.Kind{gateway.Card, gateway.Bank},
	},
}
