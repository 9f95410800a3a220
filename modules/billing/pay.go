package billing

import (
	"github.com/google/uuid"

	"portico/modules/billing/gateway"
	"portico/platform/access"
	"portico/platform/fault"
	"portico/platform/lang"
	"portico/platform/money"
)

// pay is who may pay: a contact with the right, where the section is on. What may be paid decides visible, as everywhere.
var pay = access.Client("billing:pay", "billing").With(access.MakePayments)

// cashier is what the firm takes payments with now: its account in use, and its rules. The zero cashier takes none.
type cashier struct {
	AccountID    uuid.UUID
	Provider     string
	Cards, Banks bool
	Part         bool  // less than all may be paid
	Least        int64 // of a part payment, where an invoice says nothing
}

// ways are the kinds of payment that an invoice and the cashier agree on.
func (t cashier) ways(i Invoice) (card, bank bool) {
	return t.Cards && i.PayCard, t.Banks && i.PayBank
}

// whyNot says why an invoice cannot be paid online now; "" when it can.
func (t cashier) whyNot(i Invoice) string {
	card, bank := t.ways(i)
	switch {
	case i.IsApproved(), i.IsDraft():
		return "It may still change. There is nothing to pay yet."
	case i.IsVoid():
		return "It is void. Nothing is to be paid."
	case !i.Owed():
		return "It is paid."
	case i.Processing():
		return "A payment for it is under way."
	case !card && !bank:
		return "It cannot be paid online."
	}
	return ""
}

// takes reports whether an invoice can be paid online now.
func (t cashier) takes(i Invoice) bool { return t.whyNot(i) == "" }

// least is the smallest payment of an invoice.
func (t cashier) least(i Invoice) money.Amount {
	least := i.MinPayment
	if least == 0 {
		least = t.Least
	}
	return money.Least(i.amount(max(least, 1)), i.Free())
}

// bends reports whether another amount than all that is left may be paid.
func (t cashier) bends(i Invoice) bool {
	return i.AllowOver || t.Part && t.least(i).Less(i.Free())
}

// amount reads what somebody wants to pay on an invoice; what is wrong with it is in words.
func (t cashier) amount(i Invoice, typed, locale string, say func(money.Amount) string) (money.Amount, string) {
	a, err := money.Parse(typed, i.Currency, locale)
	least := t.least(i)
	switch {
	case err != nil:
		return a, money.Advice(err, i.Currency)
	case !a.Positive():
		return a, "Enter more than nothing."
	case a.Less(i.Free()) && !t.Part:
		return a, "This invoice is paid in full: " + say(i.Free()) + "."
	case a.Less(least):
		return a, "Pay at least " + say(least) + "."
	case i.Free().Less(a) && !i.AllowOver:
		return a, "Only " + say(i.Free()) + " is left to pay."
	case a.Minor > money.Most:
		return a, "This is too large."
	}
	return a, ""
}

// payForm is one press of Pay.
type payForm struct {
	Key      uuid.UUID   `form:"key"` // made with the form: pressed twice, it is one payment
	Invoices []uuid.UUID `form:"invoice"`
	Amounts  []string    // of each of the invoices, in their order; none: all that is left
	Part     bool        `form:"part"` // other amounts than that are typed
	With     string      `form:"with"` // a saved method's id, card or bank
	Keep     bool        `form:"keep"`
	Email    string      `form:"email"` // of a guest, for the receipt
	Do       string      `form:"do"`    // "sign_in": through the link, to the same payment signed in; "total": show what the amounts come to
}

const mostPaidAtOnce = 50

var (
	errOldForm = fault.Conflict("This page is out of date. Please look at it again.")
	errNothing = fault.Conflict("There is nothing left to pay here.")
	errWay     = fault.Field("with", "Choose how to pay.")
)

// saved is a card or an account that a contact keeps at the provider.
type saved struct {
	ID, AccountID uuid.UUID
	Kind          gateway.Kind
	Brand, Last4  string
	Expires       string // "04/2028" as on the card, "" when it does not
	First         bool   // preselected
	Usable        bool   // at the account that is in use
	Autopays      bool
	Expired       bool
}

// Name is how people know it.
func (s saved) Name() lang.Message { return methodName(s.Kind, s.Brand, s.Last4) }

// Icon is its sign.
func (s saved) Icon() string { return kindIcon(s.Kind) }

func kindIcon(k gateway.Kind) string {
	if k == gateway.Bank {
		return "landmark"
	}
	return "credit-card"
}

func kindTitle(k gateway.Kind) string {
	return map[gateway.Kind]string{gateway.Card: "Card", gateway.Bank: "Bank account"}[k]
}

func methodName(k gateway.Kind, brand, last4 string) lang.Message {
	var what any = brand
	if brand == "" {
		what = lang.Text(kindTitle(k))
	}
	if last4 == "" {
		return lang.M("%s", what)
	}
	return lang.M("%s •••• %s", what, last4)
}
