package time

import (
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	facts "portico/platform/fact"
	"portico/platform/plan"
	"portico/platform/web"
)

// deed is something that is done with many entries or expenses at once: with those that it fits, whatever was ticked.
type deed struct {
	fits   bun.Safe // which rows of time.entry or time.expense AS e
	judges bool     // only those that the viewer may approve
	own    bool     // only the viewer's own
}

var (
	submitting = deed{fits: "e.state = 'draft'", own: true}
	approving  = deed{fits: "e.state = 'submitted'", judges: true}
	returning  = deed{fits: "e.state in ('submitted', 'approved') and e.handed_at is null", judges: true} // with billing: it is taken back from there first
	billing    = deed{fits: "e.state = 'approved' and e.billable and e.handed_at is null"}
	takingBack = deed{fits: "e.state = 'approved' and e.handed_at is not null"}
	locking    = deed{fits: "(e.state = 'invoiced' or e.state = 'approved' and not e.billable)"}
)

// submitMany hands in expenses of one's own.
func (o office) submitMany(r *web.Request) error {
	p, err := o.pick(r, submitting)
	if err != nil {
		return err
	}
	p.entries = nil // hours are handed in by the week
	if p.none() {
		r.Warn("None of these is a draft of yours.")
		return p.back(r)
	}
	if _, err := submitAll(r.Context(), r.Tx(), r.Viewer(), p.kind, p.ids()); err != nil {
		return err
	}
	if err := p.tell(r, "time.submitted", "submitted", Draft, Submitted, ""); err != nil {
		return err
	}
	r.Toast("Submitted: " + p.words() + "." + p.rest())
	return p.back(r)
}

func (o office) approve(r *web.Request) error {
	p, err := o.pick(r, approving)
	if err != nil {
		return err
	}
	if p.none() {
		r.Warn("None of these waits for your approval.")
		return p.back(r)
	}
	if n, err := approveAll(r.Context(), r.Tx(), r.Viewer(), p.kind, p.ids()); err != nil || n != len(p.ids()) {
		return either(err, errMoved)
	}
	if err := p.tell(r, "time.approved", "approved", Submitted, Approved, ""); err != nil {
		return err
	}
	r.Toast("Approved: " + p.words() + "." + p.rest())
	return p.back(r)
}

func either(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// sendBack gives things back to their writers, with a word on why.
func (o office) sendBack(r *web.Request) error {
	p, err := o.pick(r, returning)
	if err != nil {
		return err
	}
	if p.none() {
		r.Warn("None of these can be sent back. What is with billing is taken back from there first.")
		return p.back(r)
	}
	if n, err := returnAll(r.Context(), r.Tx(), r.Viewer(), p.kind, p.ids(), oneLine(p.form.Why)); err != nil || n != len(p.ids()) {
		return either(err, errMoved)
	}
	if err := promiseSentBack(r, p); err != nil {
		return err
	}
	if err := p.tell(r, "time.sent_back", "sent back", Submitted, Draft, oneLine(p.form.Why)); err != nil {
		return err
	}
	r.Toast("Sent back: " + p.words() + "." + p.rest())
	return p.back(r)
}

// handOver tells billing of what was approved.
func (o office) handOver(r *web.Request) error {
	p, err := o.pick(r, billing)
	if err != nil {
		return err
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	b := bill{bus: o.Bus, setting: s, more: p.more}
	if p.expense() {
		err = b.expenses(r.Context(), r.Tx(), r.Viewer(), p.ids())
	} else {
		err = b.time(r.Context(), r.Tx(), r.Viewer(), p.ids())
	}
	if err != nil {
		return err
	}
	if err := o.handed(r, &b, uuid.Nil, uuid.Nil); err != nil {
		return err
	}
	return p.back(r)
}

// handed says what was handed over, and notes it.
func (o office) handed(r *web.Request, b *bill, client, project uuid.UUID) error {
	if missing := b.missing(); missing != "" {
		r.Warn(missing)
	}
	if b.words() == "" {
		if b.missing() == "" {
			r.Warn("Nothing here is approved and unbilled.")
		}
		return nil
	}
	r.Toast("With billing: " + b.words() + ". They wait there under “Not billed yet”." + restOf(b.more))
	return record(r, client, project, r.Viewer().PersonID, "time.handed", "handed "+b.words()+" over to billing", nil)
}

// withdraw takes back from billing what stands on no invoice.
func (o office) withdraw(r *web.Request) error {
	p, err := o.pick(r, takingBack)
	if err != nil {
		return err
	}
	if p.none() {
		r.Warn("None of these is with billing, or it stands on an invoice already.")
		return p.back(r)
	}
	asked := len(p.ids())
	held, err := holdHanded(r.Context(), r.Tx(), r.Viewer(), p.kind, p.ids())
	if err != nil {
		return err
	}
	billed, _, err := plan.OnInvoices.Ask(r.Context(), o.Board, plan.Handed{Tx: r.Tx(), Viewer: r.Viewer(), Source: p.kind.Source, IDs: held})
	if err != nil {
		return err
	}
	if p = p.only(held).without(billed); p.none() {
		r.Warn("All of it stands on a draft invoice already. Remove its lines there first.")
		return p.back(r)
	}
	back, err := takenBack(r.Context(), r.Tx(), r.Viewer(), p.kind, p.ids())
	if err != nil || len(back) != len(p.ids()) {
		return either(err, errMoved)
	}
	for _, id := range back {
		if err := o.Bus.Publish(r.Context(), r.Tx(), r.Firm().ID, facts.BillableWithdrawn{Source: p.kind.Source, ID: id}); err != nil {
			return err
		}
	}
	if err := p.tell(r, "time.withdrawn", "took back from billing", Approved, Approved, ""); err != nil {
		return err
	}
	said := "Taken back from billing: " + p.words() + "."
	if len(p.ids()) < asked {
		said += " The rest stands on a draft invoice already: remove its lines there first."
	}
	r.Toast(said + p.rest())
	return p.back(r)
}

// lock finalises what is settled.
func (o office) lock(r *web.Request) error {
	p, err := o.pick(r, locking)
	if err != nil {
		return err
	}
	if p.none() {
		r.Warn("Only what was invoiced, or is never billed, can be finalised.")
		return p.back(r)
	}
	if n, err := finaliseAll(r.Context(), r.Tx(), r.Viewer(), p.kind, p.ids()); err != nil || n != len(p.ids()) {
		return either(err, errMoved)
	}
	if err := p.tell(r, "time.finalised", "finalised", Invoiced, Finalised, ""); err != nil {
		return err
	}
	r.Toast("Finalised: " + p.words() + ". Nobody can change them any more." + p.rest())
	return p.back(r)
}
