package time

import (
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
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

// filter is how the list is narrowed that the deed was done above.
func (f deedForm) filter() (filter, error) {
	q, err := url.ParseQuery(f.List)
	if err != nil {
		return filter{}, fault.BadRequest("That list could not be read.")
	}
	return filterOf(func(name string) string { return strings.TrimSpace(q.Get(name)) }), nil
}

// picked are the things that a deed is done with: of what was ticked, or of all of the list, those that it fits.
type picked struct {
	form     deedForm
	kind     kind
	entries  []Entry
	expenses []Expense
	more     int // of the list that it fits, too, and that are more than one press moves on
}

func (p picked) expense() bool { return p.kind == ofExpense }

// pick finds what a deed is done with.
func (o office) pick(r *web.Request, d deed) (p picked, err error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if err := r.Bind(&p.form); err != nil {
		return p, err
	}
	p.kind = ofTime
	if p.form.Kind == "expense" {
		p.kind = ofExpense
	}
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return p, err
	}
	set := wanted{IDs: p.form.IDs, All: p.form.All, Leads: s.LeadsApprove}
	if set.All {
		if set.Filter, err = p.form.filter(); err != nil {
			return p, err
		}
	}
	n := 0
	if p.expense() {
		p.expenses, err = expensesFor(ctx, tx, v, d, set)
		n = len(p.expenses)
	} else {
		p.entries, err = entriesFor(ctx, tx, v, d, set)
		n = len(p.entries)
	}
	if err != nil || n < mostAtOnce {
		return p, err
	}
	all, err := countFor(ctx, tx, v, p.kind, d, set)
	p.more = all - n
	return p, err
}

// rest says what of a list is left to be done; "" when nothing is.
func (p picked) rest() string { return restOf(p.more) }

func restOf(more int) string {
	if more <= 0 {
		return ""
	}
	return " " + counted(more, "more of the list is", "more of the list are") + " left: press again."
}

// only keeps some, without leaves some out.
func (p picked) only(ids []uuid.UUID) picked {
	p.entries = slices.DeleteFunc(slices.Clone(p.entries), func(e Entry) bool { return !slices.Contains(ids, e.ID) })
	p.expenses = slices.DeleteFunc(slices.Clone(p.expenses), func(e Expense) bool { return !slices.Contains(ids, e.ID) })
	return p
}

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
