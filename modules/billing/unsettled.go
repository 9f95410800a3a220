package billing

import (
	"strings"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/db"
	"portico/platform/fault"
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
		web.Get("/unsettled/refunds/:refund", settle, d.refund),
		web.Post("/unsettled/refunds/:refund", settle, d.settleRefund),
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
	Refunds []refundRow
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
	refunds, err := unsureRefunds(ctx, tx, v)
	if err != nil {
		return err
	}
	view.Refunds = refundRows(refunds)
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

// lookAtRefund asks the provider at once what became of a refund, as long as nobody knows.
func (d unsettledDesk) lookAtRefund(r *web.Request) error {
	is, err := d.loadRefund(r)
	if err != nil {
		return err
	}
	if !is.Unsure() {
		r.Warn("This has been settled meanwhile.")
		return backTo(r, nil)
	}
	if _, err := settleRefund.Enqueue(r.Context(), r.Tx(), r.Firm().ID, refunding{is.ID}); err != nil {
		return err
	}
	r.Toast("The provider is asked now. Look again in a moment.")
	return backTo(r, activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "billing.looked", Text: "asked the provider again about a refund of " + is.PaymentNumber, SubjectID: is.PaymentID,
	}))
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
		return db.Found(err)
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
		return db.Found(err)
	}
	r.Toast("Off the list. It is not done.")
	return backTo(r, activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: "billing.dismissed", Text: "dismissed a job of billing that had failed", SubjectID: one}))
}
