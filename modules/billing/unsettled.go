package billing

import (
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/money"
	"portico/platform/outbox"
	"portico/platform/web"
)

// unsettledRoutes are the office's pages of money whose end somebody has to say.
func unsettledRoutes(o office, e engine) []web.Route {
	d := unsettledDesk{o, e}
	return []web.Route{
		web.Get("/unsettled", settle, d.trouble),
		web.Post("/unsettled/attempts/:attempt/looks", settle, d.lookAgain),
		web.Post("/unsettled/attempts/:attempt/end", settle, d.close),
		web.Post("/unsettled/attempts/:attempt/seen", settle, d.seen),
		web.Post("/unsettled/refunds/:refund/looks", settle, d.lookAtRefund),
		web.Get("/unsettled/strays/:stray", settle, d.stray),
		web.Post("/unsettled/strays/:stray", settle, d.settleStray),
		web.Post("/unsettled/jobs/:job/retries", settle, d.retry),
		web.Delete("/unsettled/jobs/:job", settle, d.dismiss),
		web.Get("/payments/:payment/refunds/new", settle, d.newRefund),
		web.Post("/payments/:payment/refunds", settle, d.addRefund),
	}
}

// unsettledDesk are those pages.
type unsettledDesk struct {
	office
	engine engine
}

type unsettledView struct {
	*web.Here
	Tabs    []web.NavItem
	Broken  []breach
	Tries   []unsureAttempt
	Refunds []Refund
	Strays  []Stray
	Jobs    []outbox.Row
	Quiet   bool
}

// unsureAttempt is an attempt of which nobody knows the end.
type unsureAttempt struct {
	Attempt
	Invoice string
	Client  string
	Mark    mark
}

// trouble lists what a person has to look at: what is unknown, what Portico did not do, and jobs that were given up.
func (d unsettledDesk) trouble(r *web.Request) error {
	r.Title("Unsettled payments")
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := unsettledView{Here: r.Here(), Tabs: d.tabs(r, "unsettled")}
	var err error
	if view.Broken, err = lastAudit(ctx, tx, v); err != nil {
		return err
	}
	tries, err := unsureAttempts(ctx, tx, v)
	if err != nil {
		return err
	}
	for _, a := range tries {
		view.Tries = append(view.Tries, unsureAttempt{a.Attempt, r.Path("billing", "invoices", a.InvoiceID), a.ClientName, a.mark()})
	}
	if view.Refunds, err = unsureRefunds(ctx, tx, v); err != nil {
		return err
	}
	if view.Strays, err = openStrays(ctx, tx, v); err != nil {
		return err
	}
	jobs, err := outbox.List(ctx, tx, v.FirmID(), outbox.Filter{State: outbox.Failed, Limit: 200})
	if err != nil {
		return err
	}
	for _, j := range jobs {
		if strings.HasPrefix(j.Kind, "billing:") {
			view.Jobs = append(view.Jobs, j)
		}
	}
	view.Quiet = len(view.Broken)+len(view.Tries)+len(view.Refunds)+len(view.Strays)+len(view.Jobs) == 0
	return r.Show("billing/unsettled", view)
}

// mark is how an attempt is shown.
func (a Attempt) mark() mark {
	switch a.Status {
	case Waiting, Created, Submitting:
		return mark{"info", "Being sent", "clock"}
	case Unknown:
		return mark{"due", "Not known", "circle-help"}
	case NeedsAction:
		return mark{"info", "At the provider's page", "clock"}
	case Pending:
		return mark{"info", "On its way", "clock"}
	case Failed:
		return mark{"late", "Failed", ""}
	case Canceled:
		return mark{"muted", "Given up", "x"}
	case PartBack:
		return mark{"info", "Partly refunded", "undo-2"}
	case Refunded:
		return mark{"muted", "Refunded", "undo-2"}
	case Disputed:
		return mark{"late", "Disputed", ""}
	case Returned:
		return mark{"late", "Taken back by the bank", ""}
	case NeedsReview:
		return mark{"late", "Needs a look", ""}
	}
	return mark{"ok", "Paid", ""}
}

// lookAgain asks the provider about an attempt at once.
func (unsettledDesk) lookAgain(r *web.Request) error {
	attempt, err := r.ID("attempt")
	if err != nil {
		return err
	}
	a, err := attemptByID(r.Context(), r.Tx(), r.Viewer(), attempt)
	if err != nil {
		return err
	}
	if _, err := settleAttempt.Enqueue(r.Context(), r.Tx(), r.Firm().ID, settling{a.ID}); err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "billing.looked", Text: "asked the provider again about the payment of " + a.InvoiceNumber, ClientID: a.ClientID, SubjectID: a.ID,
	})
	r.Toast("The provider is asked now. Look again in a moment.")
	return backTo(r, err)
}

// close ends an attempt that needs a person, if the provider says that no money of it is there.
func (unsettledDesk) close(r *web.Request) error {
	attempt, err := r.ID("attempt")
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	a, err := attemptByID(ctx, tx, v, attempt)
	if err != nil {
		return err
	}
	if a.Status != NeedsReview {
		r.Warn("This has been settled meanwhile.")
		return backTo(r, nil)
	}
	if _, err := endAttempt.Enqueue(ctx, tx, v.FirmID(), settling{a.ID}); err != nil {
		return err
	}
	r.Toast("The provider is asked once more. If it has no money of this payment, the payment ends.")
	return backTo(r, activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.ended", Text: "asked to end the unclear payment of " + r.Here().Money(a.Amount()) + " for " + a.InvoiceNumber,
		ClientID: a.ClientID, SubjectID: a.ID,
	}))
}

// seen takes what a person was to look at, of a payment that has ended, off the list.
func (unsettledDesk) seen(r *web.Request) error {
	attempt, err := r.ID("attempt")
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if _, err := attemptByID(ctx, tx, v, attempt); err != nil { // that it may be seen here
		return err
	}
	a, err := holdAttempt(ctx, tx, v, attempt)
	if err != nil {
		return err
	}
	if a.Open() || a.Review == "" {
		r.Warn("There is nothing to tick off.")
		return backTo(r, nil)
	}
	why := a.Review
	a.Review = ""
	if err := noteStatus(ctx, tx, v, a); err != nil {
		return err
	}
	return backTo(r, activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.reviewed", Text: "looked at a payment of " + r.Here().Money(a.Amount()) + ": " + why, ClientID: a.ClientID, SubjectID: a.ID,
	}))
}

func (unsettledDesk) lookAtRefund(r *web.Request) error {
	refund, err := r.ID("refund")
	if err != nil {
		return err
	}
	if _, err := refundByID(r.Context(), r.Tx(), r.Viewer(), refund); err != nil {
		return err
	}
	_, err = settleRefund.Enqueue(r.Context(), r.Tx(), r.Firm().ID, refunding{refund})
	r.Toast("The provider is asked now. Look again in a moment.")
	return backTo(r, err)
}

func backTo(r *web.Request, err error) error {
	if err != nil {
		return err
	}
	if err := sound(r.Context(), r.Tx(), r.Viewer()); err != nil {
		return err
	}
	return r.Go(r.Path("billing", "unsettled"))
}

// ownJob is a job of this section that was given up; others are none of its business.
func ownJob(r *web.Request) (uuid.UUID, error) {
	one, err := r.ID("job")
	if err != nil {
		return uuid.Nil, err
	}
	own, err := deadJob(r.Context(), r.Tx(), r.Viewer(), one)
	if err == nil && !own {
		err = fault.NotFound()
	}
	return one, err
}

// retry gives a job that was given up all its tries back.
func (unsettledDesk) retry(r *web.Request) error {
	one, err := ownJob(r)
	if err != nil {
		return err
	}
	if err := outbox.RunAgain(r.Context(), r.Tx(), r.Firm().ID, one); err != nil {
		return found(err)
	}
	r.Toast("It is tried again now.")
	return backTo(r, activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: "billing.retried", Text: "had a job of billing tried again", SubjectID: one}))
}

// dismiss takes a job that was given up off the list.
func (unsettledDesk) dismiss(r *web.Request) error {
	one, err := ownJob(r)
	if err != nil {
		return err
	}
	if err := outbox.Dismiss(r.Context(), r.Tx(), r.Firm().ID, one); err != nil {
		return found(err)
	}
	r.Toast("Off the list. It is not done.")
	return backTo(r, activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: "billing.dismissed", Text: "dismissed a job of billing that had failed", SubjectID: one}))
}

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

type refundView struct {
	*web.Here
	Trail    []web.NavItem
	Payment  Payment
	Form     refundForm
	Left     money.Amount
	Disputed bool
	Online   bool
	Action   string
	Back     string
}

// refundForm is money to be given back.
type refundForm struct {
	Amount string    `form:"amount"`
	Reason string    `form:"reason"`
	Sure   bool      `form:"sure"`
	Key    uuid.UUID `form:"key"`
}

// Check demands a reason, and that it is meant.
func (f *refundForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if n := utf8.RuneCountInString(f.Reason); n == 0 {
		wrong["reason"] = "Say why. Only staff read it."
	} else if n > 500 {
		wrong["reason"] = "Use at most 500 characters."
	}
	if !f.Sure {
		wrong["sure"] = "Tick this to go on: money that went back does not come again."
	}
	if f.Key == uuid.Nil {
		wrong[""] = "This form is out of date. Please open it again."
	}
	return wrong
}

func (d unsettledDesk) refundView(r *web.Request, p Payment, form refundForm) (refundView, error) {
	r.Title("Refund " + p.Number)
	at := r.Path("billing", "payments", p.ID)
	view := refundView{
		Here: r.Here(), Payment: p, Form: form, Online: p.Method.Online(), Action: at + "/refunds", Back: at,
		Trail: []web.NavItem{{Title: "Billing", Href: r.Path("billing")}, {Title: p.Number, Href: at}, {Title: "Refund"}},
	}
	left, disputed, err := refundable(r.Context(), r.Tx(), r.Viewer(), p.ID)
	view.Left, view.Disputed = money.Of(left, p.Currency), disputed
	return view, err
}

func (d unsettledDesk) newRefund(r *web.Request) error {
	p, err := d.loadPayment(r)
	if err != nil {
		return err
	}
	view, err := d.refundView(r, p, refundForm{Key: id.New()})
	if err != nil {
		return err
	}
	view.Form.Amount = view.Left.Plain()
	if p.Reversed() || p.IsCredit() || p.Method == FromDeposit || !view.Left.Positive() {
		return r.Go(view.Back)
	}
	return r.Show("billing/refund", view)
}

func (d unsettledDesk) addRefund(r *web.Request) error {
	p, err := d.loadPayment(r)
	if err != nil {
		return err
	}
	var form refundForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	amount, mistyped := money.Parse(form.Amount, p.Currency, r.Here().Locale())
	switch {
	case wrong != nil:
	case mistyped != nil:
		wrong = fault.Field("amount", amountWords(mistyped, p.Currency))
	case !amount.Positive():
		wrong = fault.Field("amount", "Enter more than nothing.")
	default:
		wrong = d.refunded(r, p, form, amount)
	}
	if wrong != nil {
		view, err := d.refundView(r, p, form)
		if err != nil {
			return err
		}
		return r.Again("billing/refund", view, wrong)
	}
	return r.Go(r.Path("billing", "payments", p.ID))
}

func (unsettledDesk) refunded(r *web.Request, p Payment, form refundForm, amount money.Amount) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	left, _, err := refundable(ctx, tx, v, p.ID)
	if err != nil {
		return err
	}
	if left < amount.Minor && left > 0 {
		return fault.Field("amount", "Only "+r.Here().Money(money.Of(left, p.Currency))+" can still be refunded.")
	}
	is, err := startRefund(ctx, tx, v, p.ID, Refund{ID: form.Key, Total: amount.Minor, Reason: form.Reason}, r.Now())
	if err != nil {
		return err
	}
	text := "asked the provider to give back "
	if is.AttemptID == uuid.Nil {
		text = "gave back "
		r.Toast("Noted: " + r.Here().Money(amount) + " was given back.")
	} else {
		r.Toast(r.Here().Money(amount) + " is on its way back.")
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.refund", Text: text + r.Here().Money(amount) + " of " + p.Number, ClientID: p.ClientID, SubjectID: p.ID,
		Data: map[string]any{"reason": form.Reason},
	})
}

// movement is what of a payment moved by itself: how it came, what went back, and who objects.
type movement struct {
	*web.Here
	Attempt  Attempt // the zero one: it did not come online
	Mark     mark
	Account  string
	Steps    []happening
	Refunds  []refundRow
	Disputes []disputeRow
}

type refundRow struct {
	Refund
	Mark mark
}

type disputeRow struct {
	Dispute
	Mark mark
}

// Any reports whether there is something to show.
func (m movement) Any() bool { return m.Attempt.ID != uuid.Nil || len(m.Refunds) > 0 }

func movementOf(r *web.Request, p Payment) (m movement, err error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	m.Here = r.Here()
	refunds, err := refundsOf(ctx, tx, v, p.ID)
	if err != nil {
		return m, err
	}
	for _, one := range refunds {
		m.Refunds = append(m.Refunds, refundRow{one, one.mark()})
	}
	if !p.Method.Online() {
		return m, nil
	}
	m.Attempt, err = attemptOfPayment(ctx, tx, v, p.ID)
	if err != nil {
		return m, fault.IgnoreNotFound(err)
	}
	m.Mark = m.Attempt.mark()
	if m.Account, err = accountTitle(ctx, tx, v, m.Attempt.AccountID); err != nil {
		return m, err
	}
	disputes, err := disputesOf(ctx, tx, v, m.Attempt.ID)
	if err != nil {
		return m, err
	}
	for _, one := range disputes {
		m.Disputes = append(m.Disputes, disputeRow{one, one.mark()})
	}
	steps, err := stepsOf(ctx, tx, v, m.Attempt.ID)
	m.Steps = happeningsOf(r.Here(), steps)
	return m, err
}

// step is one thing that happened to an attempt.
type step struct {
	At     time.Time
	Status Status
	Text   string
}

func happeningsOf(here *web.Here, steps []step) []happening {
	var list []happening
	for _, s := range steps {
		m := Attempt{Status: s.Status}.mark()
		if m.Icon == "" {
			m.Icon = map[string]string{"ok": "circle-check", "late": "circle-alert"}[m.Kind]
		}
		list = append(list, happening{Kind: m.Kind, Icon: m.Icon, Text: s.Text, At: here.Local(s.At).Format("Jan 2, 2006, 15:04:05")})
	}
	return list
}
