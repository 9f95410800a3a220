package time

import (
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"portico/platform/activity"
	facts "portico/platform/fact"
	"portico/platform/fault"
	"portico/platform/plan"
	"portico/platform/web"
)

// deedForm names entries or expenses that something is done with.
type deedForm struct {
	Kind string      `form:"kind"` // time or expense
	IDs  []uuid.UUID `form:"id"`
	All  bool        `form:"all"`  // all of the list, not what is ticked
	List string      `form:"list"` // how the list is narrowed
	Why  string      `form:"why"`
	Back string      `form:"back"` // a page of one entry
}

func (f deedForm) Check() fault.Fields {
	if tooLong(f.Why, longestNote) {
		return fault.Fields{"why": "Use at most 400 letters."}
	}
	return nil
}

// picked are the things that a deed is about, as far as the viewer may see them.
type picked struct {
	form     deedForm
	entries  []Entry
	expenses []Expense
}

func (p picked) expense() bool { return p.form.Kind == "expense" }

func (o office) pick(r *web.Request) (p picked, err error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if err := r.Bind(&p.form); err != nil {
		return p, err
	}
	ids := p.form.IDs
	if p.form.All && !p.expense() {
		q, err := url.ParseQuery(p.form.List)
		if err != nil {
			return p, fault.BadRequest("That list could not be read.")
		}
		if ids, err = idsOf(ctx, tx, v, filterOf(func(name string) string { return strings.TrimSpace(q.Get(name)) })); err != nil {
			return p, err
		}
	}
	ids = ids[:min(len(ids), mostAtOnce)]
	if p.expense() {
		p.expenses, err = expensesByID(ctx, tx, v, ids)
	} else {
		p.entries, err = entriesByID(ctx, tx, v, ids)
	}
	return p, err
}

// may narrows to what the viewer may approve or send back.
func (p picked) may(r *web.Request) (picked, error) {
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return p, err
	}
	p.entries = slices.DeleteFunc(p.entries, func(e Entry) bool { return !mayApprove(r.Viewer(), s.LeadsApprove, e.LeadID, e.PersonID) })
	p.expenses = slices.DeleteFunc(p.expenses, func(e Expense) bool { return !mayApprove(r.Viewer(), s.LeadsApprove, e.LeadID, e.PersonID) })
	return p, nil
}

// keep narrows to what is in one of these states.
func (p picked) keep(fits func(s State, handed, billable bool) bool) picked {
	p.entries = slices.DeleteFunc(p.entries, func(e Entry) bool { return !fits(e.State, e.Handed(), e.Billable) })
	p.expenses = slices.DeleteFunc(p.expenses, func(e Expense) bool { return !fits(e.State, e.Handed(), e.Billable) })
	return p
}

// without leaves out some.
func (p picked) without(ids []uuid.UUID) picked {
	p.entries = slices.DeleteFunc(slices.Clone(p.entries), func(e Entry) bool { return slices.Contains(ids, e.ID) })
	p.expenses = slices.DeleteFunc(slices.Clone(p.expenses), func(e Expense) bool { return slices.Contains(ids, e.ID) })
	return p
}

func (p picked) ids() (ids []uuid.UUID) {
	for _, e := range p.entries {
		ids = append(ids, e.ID)
	}
	for _, e := range p.expenses {
		ids = append(ids, e.ID)
	}
	return ids
}

// back goes back to where the deed was done.
func (p picked) back(r *web.Request) error {
	to := r.Path("time", "entries")
	if p.expense() {
		to = r.Path("time", "expenses")
	}
	if id, err := uuid.Parse(p.form.Back); err == nil {
		return r.Go(to + "/" + id.String())
	}
	if q, err := url.ParseQuery(p.form.List); err == nil && len(q) > 0 {
		q.Del("after")
		q.Del("before")
		to += "?" + q.Encode()
	}
	return r.Go(to)
}

// tell notes a deed for each thing.
func (p picked) tell(r *web.Request, verb, did string, from, to State, why string) error {
	var list []activity.Entry
	data := map[string]any{"before": map[string]any{"state": from}, "after": map[string]any{"state": to}}
	if why != "" {
		data["reason"] = why
	}
	for _, e := range p.entries {
		list = append(list, activity.Entry{Verb: verb, Text: did + " " + e.Hours() + " h of " + e.What() + " of " + e.Person, ClientID: e.ClientID, ProjectID: e.ProjectID, SubjectID: e.ID, Data: data, Private: true, Part: len(p.entries) > 3})
	}
	for _, e := range p.expenses {
		list = append(list, activity.Entry{Verb: verb, Text: did + " the expense “" + e.Category + "” of " + e.Person, ClientID: e.ClientID, ProjectID: e.ProjectID, SubjectID: e.ID, Data: data, Private: true, Part: len(p.expenses) > 3})
	}
	if len(list) > 3 {
		list = append(list, activity.Entry{Verb: verb, Text: did + " " + p.words(), SubjectID: r.Viewer().PersonID, Data: data, Private: true})
	}
	return activity.RecordEach(r.Context(), r.Tx(), r.Viewer(), list)
}

// words say how much it is.
func (p picked) words() string {
	if p.expense() {
		return counted(len(p.expenses), "expense", "expenses")
	}
	minutes := 0
	for _, e := range p.entries {
		minutes += e.Minutes
	}
	return clock(minutes) + " hours"
}

func (p picked) none() bool { return len(p.entries)+len(p.expenses) == 0 }

// submitMany hands in expenses of one's own.
func (o office) submitMany(r *web.Request) error {
	p, err := o.pick(r)
	if err != nil {
		return err
	}
	p = p.keep(func(s State, _, _ bool) bool { return s == Draft })
	p.entries = nil // hours are handed in by the week
	p.expenses = slices.DeleteFunc(p.expenses, func(e Expense) bool { return e.PersonID != r.Viewer().PersonID })
	if p.none() {
		r.Warn("None of these is a draft of yours.")
		return p.back(r)
	}
	if _, err := submitExpenses(r.Context(), r.Tx(), r.Viewer(), p.ids()); err != nil {
		return err
	}
	if err := p.tell(r, "time.submitted", "submitted", Draft, Submitted, ""); err != nil {
		return err
	}
	r.Toast("Submitted: " + p.words() + ".")
	return p.back(r)
}

func (o office) approve(r *web.Request) error {
	p, err := o.pick(r)
	if err != nil {
		return err
	}
	if p, err = p.may(r); err != nil {
		return err
	}
	p = p.keep(func(s State, _, _ bool) bool { return s == Submitted })
	if p.none() {
		r.Warn("None of these waits for your approval.")
		return p.back(r)
	}
	move := approveEntries
	if p.expense() {
		move = approveExpenses
	}
	if n, err := move(r.Context(), r.Tx(), r.Viewer(), p.ids()); err != nil || n != len(p.ids()) {
		return either(err, errMoved)
	}
	if err := p.tell(r, "time.approved", "approved", Submitted, Approved, ""); err != nil {
		return err
	}
	r.Toast("Approved: " + p.words() + ".")
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
	p, err := o.pick(r)
	if err != nil {
		return err
	}
	if p, err = p.may(r); err != nil {
		return err
	}
	p = p.keep(func(s State, handed, _ bool) bool { return (s == Submitted || s == Approved) && !handed })
	if p.none() {
		r.Warn("None of these can be sent back. What is with billing is taken back from there first.")
		return p.back(r)
	}
	move := returnEntries
	if p.expense() {
		move = returnExpenses
	}
	if n, err := move(r.Context(), r.Tx(), r.Viewer(), p.ids(), oneLine(p.form.Why)); err != nil || n != len(p.ids()) {
		return either(err, errMoved)
	}
	if err := p.tell(r, "time.sent_back", "sent back", Submitted, Draft, oneLine(p.form.Why)); err != nil {
		return err
	}
	r.Toast("Sent back: " + p.words() + ".")
	return p.back(r)
}

// handOver tells billing of what was approved.
func (o office) handOver(r *web.Request) error {
	p, err := o.pick(r)
	if err != nil {
		return err
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	b := bill{bus: o.Bus, setting: s}
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
	r.Toast("With billing: " + b.words() + ". They wait there under “Not billed yet”.")
	return record(r, client, project, r.Viewer().PersonID, "time.handed", "handed "+b.words()+" over to billing", nil)
}

// withdraw takes back from billing what stands on no invoice.
func (o office) withdraw(r *web.Request) error {
	p, err := o.pick(r)
	if err != nil {
		return err
	}
	p = p.keep(func(s State, handed, _ bool) bool { return s == Approved && handed })
	if p.none() {
		r.Warn("None of these is with billing, or it stands on an invoice already.")
		return p.back(r)
	}
	source, table := facts.FromTime, entryTable
	if p.expense() {
		source, table = facts.FromExpense, expenseTable
	}
	asked := len(p.ids())
	billed, _, err := plan.OnInvoices.Ask(r.Context(), o.Board, plan.Handed{Tx: r.Tx(), Viewer: r.Viewer(), Source: source, IDs: p.ids()})
	if err != nil {
		return err
	}
	if p = p.without(billed); p.none() {
		r.Warn("All of it stands on a draft invoice already. Remove its lines there first.")
		return p.back(r)
	}
	back, err := takenBack(r.Context(), r.Tx(), r.Viewer(), table, p.ids())
	if err != nil {
		return err
	}
	for _, id := range back {
		if err := o.Bus.Publish(r.Context(), r.Tx(), r.Firm().ID, facts.BillableWithdrawn{Source: source, ID: id}); err != nil {
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
	r.Toast(said)
	return p.back(r)
}

// lock finalises what is settled.
func (o office) lock(r *web.Request) error {
	p, err := o.pick(r)
	if err != nil {
		return err
	}
	p = p.keep(func(s State, _, billable bool) bool { return s == Invoiced || s == Approved && !billable })
	if p.none() {
		r.Warn("Only what was invoiced, or is never billed, can be finalised.")
		return p.back(r)
	}
	move := finaliseEntries
	if p.expense() {
		move = finaliseExpenses
	}
	if n, err := move(r.Context(), r.Tx(), r.Viewer(), p.ids()); err != nil || n != len(p.ids()) {
		return either(err, errMoved)
	}
	if err := p.tell(r, "time.finalised", "finalised", Invoiced, Finalised, ""); err != nil {
		return err
	}
	r.Toast("Finalised: " + p.words() + ". Nobody can change them any more.")
	return p.back(r)
}
