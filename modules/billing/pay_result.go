package billing

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/lang"
	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/web"
)

const paySpan = 10 * time.Minute

// result is what becomes of a payment: each invoice on its own.
type result struct {
	*web.Here
	Trail      []web.NavItem
	Batch      Batch
	Rows       []resultRow
	Kind       string // of the headline: ok, info, due, late
	Icon       string
	Head, Text string
	Next       string // where the payer has to go on
	NextTitle  string
	Pace       string // how soon it looks again: quick, slow, rare
	Look       string // where it looks
	Retry      string // all that failed, once more
	End        string // gives up what is not paid yet
	Back       string
	BackTitle  string
	Guest      bool
}

// resultRow is one invoice of it.
type resultRow struct {
	Attempt
	Mark    mark
	Text    lang.Text
	Receipt string // the way to it
	Href    string // the invoice, where it may be seen
}

// resultOf tells what became of a batch.
func resultOf(here *web.Here, b Batch) result {
	view := result{Here: here, Batch: b}
	var paid, pending, failed, open int
	sum := money.Of(0, b.Currency)
	for _, a := range b.Attempts {
		row := resultRow{Attempt: a}
		row.Mark, row.Text = seenAs(a)
		switch {
		case a.Paid():
			paid++
			sum = sum.Add(a.Amount())
		case a.Status == Pending, a.Status == NeedsReview:
			pending++
		case a.Open():
			open++
		default:
			failed++
		}
		view.Rows = append(view.Rows, row)
	}
	all := len(b.Attempts)
	view.Next = b.Next()
	switch {
	case all == 0:
		view.saving()
		return view
	case view.Next != "":
		view.Kind, view.Icon, view.Head = "due", "shield-check", here.Say("One more step")
		view.Text = here.Say("Your bank asks you to confirm the payment on its own page. You come back here by yourself.")
		view.NextTitle = here.Say("Go on")
		if b.SetupStatus == gateway.NeedsAction || b.MethodID == uuid.Nil {
			view.Text, view.NextTitle = here.Say("You do that on a secure page, and come back here by yourself."), view.toEnter()
		}
	case open > 0:
		view.Kind, view.Icon, view.Head = "info", "loader-circle", here.Say("Paying")
		view.Text = here.Say("This takes a moment. You may leave this page: it goes on by itself.")
	case paid == all:
		view.Kind, view.Icon, view.Head = "ok", "circle-check", here.Say("Thank you")
		view.Text = here.Say("%s is paid.", sum) + " " + receiptWords(here, b)
	case pending == all:
		view.Kind, view.Icon, view.Head = "info", "clock", here.Say("Your payment is on its way")
		view.Text = here.Say("Bank payments take up to four business days. Until then the invoice shows as processing, and there is nothing more to do.")
	case failed == all:
		view.Kind, view.Icon, view.Head = "late", "circle-alert", here.Say("The payment did not go through")
		view.Text = here.Say("Nothing was charged.")
	default:
		view.Kind, view.Icon, view.Head = "due", "circle-alert", here.Say("Not everything is paid")
		view.Text = here.Say("Each invoice is charged on its own. What failed was not charged.")
		if failed == 0 {
			view.Kind, view.Icon, view.Head = "ok", "circle-check", here.Say("Thank you")
			view.Text = here.Say("%s is paid. The rest is on its way.", sum)
		}
	}
	view.watch()
	return view
}

// receiptWords say where the receipts are: a guest may have given nobody's address.
func receiptWords(here *web.Here, b Batch) string {
	switch {
	case b.MailsReceipt:
		return here.Say("Your receipt is below, and goes to you by mail.")
	case b.ContactID == uuid.Nil:
		return here.Say("Your receipt is below.")
	case len(b.Attempts) == 1:
		return here.Say("A receipt is on its way to you by mail.")
	}
	return here.Say("A receipt for each invoice is on its way to you by mail.")
}

// toEnter asks for a card or an account.
func (v *result) toEnter() string {
	if v.Batch.Kind == gateway.Bank {
		return v.Say("Enter your bank account")
	}
	return v.Say("Enter your card")
}

// saving tells what becomes of a method that is only to be kept.
func (v *result) saving() {
	saved, kept := v.Say("Your card is saved"), v.Say("Your card was not saved")
	if v.Batch.Kind == gateway.Bank {
		saved, kept = v.Say("Your bank account is saved"), v.Say("Your bank account was not saved")
	}
	switch v.Batch.SetupStatus {
	case gateway.NeedsAction:
		v.Kind, v.Icon, v.Head, v.NextTitle = "due", "shield-check", v.toEnter(), v.toEnter()
		v.Text = v.Say("You do that on a secure page, and come back here by yourself.")
	case gateway.Succeeded:
		v.Kind, v.Icon, v.Head, v.Text = "ok", "circle-check", saved, v.Say("You can choose it whenever you pay.")
	case gateway.Failed, gateway.Canceled:
		v.Kind, v.Icon, v.Head, v.Text = "late", "circle-alert", kept, v.Batch.SetupText
		if v.Text == "" {
			v.Text = v.Say("Nothing was kept. You can try again.")
		}
	default:
		v.Kind, v.Icon, v.Head, v.Text = "info", "loader-circle", v.Say("One moment"), v.Say("The secure page opens by itself.")
	}
	v.watch()
}

// watch says when the page looks again.
func (v *result) watch() {
	switch {
	case v.Batch.Settled():
		v.Pace = "rare"
	case v.Next != "":
		v.Pace = "slow"
	default:
		v.Pace = "quick"
	}
}

// backSpan is how long the provider is asked before the payer is sent to its page once more.
const backSpan = 8 * time.Second

// cameBack is for whoever comes from the provider's page: how it went there is known in a moment, and until then nobody
// is asked to enter a card again.
func (v *result) cameBack(r *web.Request) {
	v.Look = v.URL
	since := r.Query("back")
	if since == "1" {
		since = strconv.FormatInt(r.Now().Unix(), 10)
	}
	at, err := strconv.ParseInt(since, 10, 64)
	if age := r.Now().Sub(time.Unix(at, 0)); err != nil || v.Next == "" || age < 0 || age >= backSpan {
		return
	}
	v.Look, v.Next, v.Pace = v.With("back", since), "", "quick"
	v.Kind, v.Icon, v.Head, v.Text = "info", "loader-circle", v.Say("One moment"), v.Say("We ask the payment provider how it went.")
}

// ways adds the addresses: at is the batch's own, invoice that of an invoice; again begins another payment.
func (v *result) ways(at string, invoice func(uuid.UUID) string, again func(failed []Attempt) string) {
	var failed []Attempt
	for n, a := range v.Rows {
		if a.PaymentID != uuid.Nil {
			v.Rows[n].Receipt = at + "/receipts/" + a.ID.String()
		}
		v.Rows[n].Href = invoice(a.InvoiceID)
		if a.Status == Failed || a.Status == Canceled || a.Status == Returned {
			failed = append(failed, a.Attempt)
		}
	}
	if len(failed) > 0 && v.Batch.Settled() {
		v.Retry = again(failed)
	}
	if v.Next != "" && len(v.Rows) > 0 {
		v.End = at
	}
}

// onward sends the browser to the provider's page once, right after Pay was pressed. Whoever comes back by the browser's
// own button finds a button there instead of being sent away again.
func onward(r *web.Request, next string) bool {
	if next == "" || r.Query("go") == "" {
		return false
	}
	seen := marked(next)
	if r.Cookie(goneCookie) == seen {
		return false
	}
	r.SetCookie(goneCookie, seen, paySpan)
	if !r.IsPart() { // not by a redirect: the form's own policy would follow it to the provider
		r.SetHeader("Refresh", "0; url="+next)
		return false
	}
	return true
}

const goneCookie = "paid-at"

// load is the viewer's own batch.
func (p payer) load(r *web.Request) (Batch, error) {
	one, err := r.ID("batch")
	if err != nil {
		return Batch{}, err
	}
	if r.Viewer().ViewAs != uuid.Nil { // a payment belongs to whoever makes it
		return Batch{}, fault.NotFound()
	}
	return batchByID(r.Context(), r.Tx(), r.Viewer(), one)
}

// result shows it, and follows it.
func (p payer) result(r *web.Request) error {
	b, err := p.load(r)
	if err != nil {
		return err
	}
	if r.Query("back") != "" {
		if err := p.cameBack(r, b); err != nil {
			return err
		}
	}
	r.Title("Your payment")
	view := resultOf(r.Here(), b)
	if onward(r, view.Next) {
		return r.GoTo(view.Next)
	}
	view.cameBack(r)
	if r.Query("go") != "" && view.Next == "" && !b.Settled() && !r.IsPart() {
		r.SetHeader("Refresh", "3") // without scripts
	}
	view.Trail = []web.NavItem{{Title: r.Say("Billing"), Href: r.Path("billing")}, {Title: r.Say("Your payment")}}
	view.Back, view.BackTitle = r.Path("billing"), r.Say("Back to billing")
	if len(b.Attempts) == 0 {
		r.Title("Payment methods")
		view.Trail = []web.NavItem{{Title: r.Say("Payment methods"), Href: r.Path("billing", "methods")}, {Title: r.Say("Add")}}
		view.Back, view.BackTitle = r.Path("billing", "methods"), r.Say("Back to payment methods")
	}
	seen, err := seenOf(r, b)
	if err != nil {
		return err
	}
	view.ways(r.Path("billing", "batches", b.ID), func(id uuid.UUID) string {
		if seen[id] {
			return r.Path("billing", "invoices", id)
		}
		return ""
	}, func(failed []Attempt) string {
		query := ""
		for _, a := range failed {
			if !seen[a.InvoiceID] {
				return ""
			}
			query = with(with(query, "invoice", a.InvoiceID.String()), "amount", a.Amount().Plain())
		}
		return r.Path("billing", "payments", "new") + "?" + query
	})
	return r.Show("billing/result", view)
}

// seenOf are the invoices of a batch that the viewer may open.
func seenOf(r *web.Request, b Batch) (map[uuid.UUID]bool, error) {
	seen := map[uuid.UUID]bool{}
	var ids []uuid.UUID
	for _, a := range b.Attempts {
		ids = append(ids, a.InvoiceID)
	}
	if len(ids) == 0 {
		return seen, nil
	}
	list, err := invoicesSeen(r.Context(), r.Tx(), r.Viewer(), ids)
	for _, i := range list {
		seen[i] = true
	}
	return seen, err
}

// receipt is the payer's own, also where the list of payments is switched off.
func (p payer) receipt(r *web.Request) error {
	b, err := p.load(r)
	if err != nil {
		return err
	}
	return batchReceipt(r, p.Platform, b)
}

// batchReceipt is the receipt of one attempt of a batch that its payer was found to hold.
func batchReceipt(r *web.Request, p module.Platform, b Batch) error {
	one, err := r.ID("attempt")
	if err != nil {
		return err
	}
	all := auth.System(r.Firm().ID)
	for _, a := range b.Attempts {
		if a.ID != one || a.PaymentID == uuid.Nil {
			continue
		}
		pay, err := paymentByID(r.Context(), r.Tx(), all, a.PaymentID)
		if err != nil {
			return err
		}
		sheet, err := receiptSheet(r.Context(), r.Tx(), all, stationery{p, r.Firm(), r.Here().For(r.Here().Reader()), r.Now()}, pay, a.InvoiceID)
		if err != nil {
			return err
		}
		return send(r, sheet, name("receipt", pay.Number))
	}
	return fault.NotFound()
}
