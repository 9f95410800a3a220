package billing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/web"
)

func (o office) askMailing(r *web.Request) error {
	c, err := o.chosenBy(r, r.Query, r.Queries, "owed", "overdue")
	if err != nil {
		return err
	}
	if len(c.Ticks) == 0 {
		r.Warn("Nothing was ticked.")
		return r.Go(r.Path("billing") + "?state=owed")
	}
	view, err := o.mailingAsked(r, c)
	if err != nil {
		return err
	}
	return r.Show("billing/confirm", view)
}

func (office) mailingAsked(r *web.Request, c choosing) (confirmView, error) {
	title := "Mail " + thousands(len(c.List)) + " invoices again?"
	if len(c.List) == 1 {
		title = "Mail this invoice again?"
	}
	r.Title(title)
	view := confirmView{
		Here: r.Here(), Part: r.IsPart(), Title: title, Text: "The same mail as at the release, as a copy. What is paid or void by then is left out.",
		Facts: c.facts(r.Here()), Hidden: c.hidden(), Action: r.Path("billing", "mailings"), Back: r.Path("billing") + "?state=" + c.Filter.State,
		Do: "Mail again", Icon: "mail",
	}
	return view, c.mails(r, &view)
}

// mailMany promises the mails; workers send them, and a page says how far they are.
func (o office) mailMany(r *web.Request) error {
	c, err := o.chosenBy(r, r.Value, r.Values, "owed", "overdue")
	if err != nil {
		return err
	}
	if len(c.List) == 0 {
		r.Warn("Nothing was ticked.")
		return r.Go(r.Path("billing") + "?state=owed")
	}
	if c.All && c.Seen != c.print() {
		view, err := o.mailingAsked(r, c)
		if err != nil {
			return err
		}
		return r.Again("billing/confirm", view, errBulkMoved)
	}
	id, err := addMailing(r.Context(), r.Tx(), r.Viewer(), c.List)
	if err != nil {
		return err
	}
	items := make([]posted, len(c.List))
	for n, i := range c.List {
		items[n] = posted{id, i.ID}
	}
	if err := mailAgain.EnqueueEach(r.Context(), r.Tx(), r.Firm().ID, items); err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "billing.mailed_again", Text: "mailed " + counted(len(c.List), false, "invoice", "invoices") + " again", SubjectID: id,
	})
	if err != nil {
		return err
	}
	return r.Go(r.Path("billing", "mailings", id))
}

// posted is one invoice of a mailing.
type posted struct{ Mailing, Invoice uuid.UUID }

var mailAgain = job.New[posted]("billing:mail_again")

// postman goes through the lists of what is mailed again.
type postman struct{ mailer }

func (p postman) handlers() []job.Handler {
	return []job.Handler{mailAgain.Handle(p.again)}
}

// again promises one mail to each reader of an invoice that is still owed.
func (p postman) again(ctx context.Context, tx bun.Tx, firm uuid.UUID, one posted) error {
	waits, i, err := mailingItem(ctx, tx, firm, one)
	if err != nil || !waits {
		return fault.IgnoreNotFound(err)
	}
	p.Bell.Publish(ctx, firm, "mailings")
	if !i.Owed() {
		return setMailingItem(ctx, tx, firm, one, "skipped", 0, "Nothing is owed on it any more.")
	}
	list, err := readers(ctx, tx, firm, one.Invoice, uuid.Nil)
	if err != nil {
		return err
	}
	var letters []letter
	for _, to := range list {
		if to.reads() {
			letters = append(letters, letter{ID: one.Invoice, Contact: to.ContactID, Again: true})
		}
	}
	if len(letters) == 0 {
		return setMailingItem(ctx, tx, firm, one, "skipped", 0, "Nobody who may see it is invited and reached by mail.")
	}
	if err := mailLetter.EnqueueEach(ctx, tx, firm, letters); err != nil {
		return err
	}
	return setMailingItem(ctx, tx, firm, one, "mailed", len(letters), "")
}

// mailingView is how far a mailing is.
type mailingView struct {
	*web.Here
	Trail                           []web.NavItem
	ByName                          string
	CreatedAt                       time.Time
	Waiting, Mailed, Skipped, Mails int
	Left                            []skipped // the first ones that were left out
}

// All and Done are how many invoices there are, and how many were gone through.
func (v mailingView) All() int  { return v.Waiting + v.Mailed + v.Skipped }
func (v mailingView) Done() int { return v.Mailed + v.Skipped }

type skipped struct {
	InvoiceID             uuid.UUID
	Number, Title, Client string
	Why                   string
}

func (o office) mailing(r *web.Request) error {
	id, err := r.ID("mailing")
	if err != nil {
		return err
	}
	r.Title("Mailed again")
	view, err := mailingByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	view.Here = r.Here()
	view.Trail = []web.NavItem{{Title: "Billing", Href: r.Path("billing")}, {Title: "Mailed again"}}
	return r.Show("billing/mailing", view)
}
