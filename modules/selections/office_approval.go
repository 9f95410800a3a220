package selections

import (
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/web"
)

type approvalForm struct {
	Choices []uuid.UUID `form:"choice"`
	Contact uuid.UUID   `form:"contact"`
	Way     string      `form:"way"`
	Note    string      `form:"note"`
	Proofs  []*web.File `form:"proofs"`
	Seen    string      `form:"seen"`
}

type approvalView struct {
	*web.Here
	Trail     []web.NavItem
	Selection Selection
	Form      approvalForm
	Contacts  []option
	Ways      []option
	Rows      []approvalRow
	Seen      string // what stands on the page
}

// approvalRow is a choice that can be approved for the client.
type approvalRow struct {
	ID         uuid.UUID
	Title, Sub string
	Ticked     bool
}

// ContactID is the contact that was chosen; "" for none.
func (v approvalView) ContactID() string { return idText(v.Form.Contact) }

func (o office) approvalView(r *web.Request, s Selection, form approvalForm) (approvalView, error) {
	r.Title("Approve for the client")
	view := approvalView{
		Here: r.Here(), Trail: s.trail(r, "Approve for the client"), Selection: s, Form: form,
		Ways: []option{{"phone", "On the phone"}, {"person", "In person"}, {"paper", "On paper"}, {"mail", "By mail"}},
	}
	set, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return view, err
	}
	var changes []int64
	for _, c := range s.Choices {
		if c.Price == nil {
			continue
		}
		change := s.changeBy(*c.Price, set)
		changes = append(changes, change)
		one := approvalRow{ID: c.ID, Title: c.Title, Sub: r.Here().Money(c.Amount()) + ". " + changeWords(r.Here(), s, change), Ticked: c.Picked}
		if form.Seen != "" { // it was sent: what is ticked now counts
			one.Ticked = slices.Contains(form.Choices, c.ID)
		}
		view.Rows = append(view.Rows, one)
	}
	view.Seen = s.seen(s.Choices, changes...)
	view.Contacts, err = contactsOf(r.Context(), r.Tx(), r.Viewer(), s.ClientID)
	return view, err
}

// changeWords say what an approval does to the contract.
func changeWords(here *web.Here, s Selection, change int64) string {
	switch {
	case change > 0:
		return "Adds " + here.Money(s.Money(change)) + " to the contract."
	case change < 0:
		return "Takes " + here.Money(s.Money(-change)) + " off the contract."
	}
	return "No change to the contract."
}

func (o office) askApproval(r *web.Request) error {
	s, err := o.load(r)
	if err != nil {
		return err
	}
	if !s.Open() {
		return fault.Conflict("This is not open to be decided.")
	}
	view, err := o.approvalView(r, s, approvalForm{})
	if err != nil {
		return err
	}
	return r.Show("selections/approval", view)
}

// approveFor records what a client said elsewhere: who, how, and a proof of it.
func (o office) approveFor(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	if !s.Open() {
		return fault.Conflict("This is not open to be decided.")
	}
	var form approvalForm
	err = r.Bind(&form)
	view, failed := o.approvalView(r, s, form)
	if failed != nil {
		return failed
	}
	how := said{Behalf: form.Contact, Way: form.Way, Note: form.Note}
	for _, c := range view.Contacts {
		if c.Value == form.Contact.String() {
			how.Name = c.Title
		}
	}
	wrong := fault.Fields{}
	if how.Name == "" {
		wrong["contact"] = "Say who has approved it."
	}
	if ways[form.Way] == "" {
		wrong["way"] = "Say how you were told."
	}
	if form.Note == "" && !given(form.Proofs) {
		wrong["note"] = "Write down what was said and when, or add a file that shows it."
	}
	if utf8.RuneCountInString(form.Note) > longestText {
		wrong["note"] = "Use at most 4,000 characters."
	}
	if len(form.Choices) == 0 {
		wrong["choice"] = "Say what was chosen."
	}
	if len(form.Choices) > 1 && !s.Several {
		wrong["choice"] = "Only one can be chosen here."
	}
	if err == nil {
		err = fault.InFields(wrong)
	}
	if err == nil && form.Seen != view.Seen {
		err = errNewPrice
	}
	if err == nil {
		s, err = o.pickExactly(r, s, form.Choices, how)
	}
	if err == nil {
		err = o.take(r, s, uuid.Nil, "evidence", "proofs", form.Proofs)
	}
	if err == nil {
		set, failed := settingOf(r.Context(), r.Tx(), r.Viewer())
		if failed != nil {
			return failed
		}
		difference, _ := s.asked(set)
		s, err = o.approve(r.Context(), r.Tx(), r.Viewer(), s.ID, s.seen(s.Picks(), difference), how)
	}
	if err != nil {
		return r.Again("selections/approval", view, err)
	}
	_, err = tellClient.Enqueue(r.Context(), r.Tx(), r.Viewer().FirmID(), telling{Client: s.ClientID, Project: s.ProjectID, What: toldRecorded, Selections: []uuid.UUID{s.ID}})
	if err != nil {
		return err
	}
	r.Toast("Recorded as approved by " + how.Name + ". The client is told.")
	return r.Go(r.Path("selections", s.ID))
}

// pickExactly takes these choices and gives back all others.
func (o office) pickExactly(r *web.Request, s Selection, wanted []uuid.UUID, how said) (Selection, error) {
	want := map[uuid.UUID]bool{}
	for _, one := range wanted {
		want[one] = true
	}
	var err error
	for _, c := range s.Choices {
		if c.Picked && !want[c.ID] {
			if s, err = o.pick(r.Context(), r.Tx(), r.Viewer(), s.ID, c.ID, false, how); err != nil {
				return s, err
			}
		}
	}
	for _, one := range wanted {
		if s, err = o.pick(r.Context(), r.Tx(), r.Viewer(), s.ID, one, true, how); err != nil {
			return s, err
		}
	}
	return byID(r.Context(), r.Tx(), r.Viewer(), s.ID)
}
