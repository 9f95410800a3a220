package selections

import (
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/comment"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

// holding is load for what changes it.
func (office) holding(r *web.Request) (Selection, error) {
	id, err := r.ID("selection")
	if err != nil {
		return Selection{}, err
	}
	return hold(r.Context(), r.Tx(), r.Viewer(), id)
}

func (o office) releaseOne(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	var form struct {
		Tells bool `form:"tells"`
	}
	if err := r.Bind(&form); err != nil {
		return err
	}
	p, err := projectByID(r.Context(), r.Tx(), r.Viewer(), s.ProjectID)
	if err != nil {
		return err
	}
	if _, err := o.showNow(r, p, []uuid.UUID{s.ID}, form.Tells); err != nil {
		return err
	}
	r.Toast("The client sees it now.")
	return r.Go(r.Path("selections", s.ID))
}

// takeBack makes a draft of it again, as long as nothing was chosen.
func (o office) takeBack(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	if s.State != Released {
		return fault.Conflict("The client has chosen already. It cannot be hidden any more.")
	}
	if err := setState(r.Context(), r.Tx(), r.Viewer(), s, Draft, r.Now()); err != nil {
		return err
	}
	if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.hidden", "made “"+s.Title+"” a draft again", false, nil); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	r.Toast("It is a draft again: the client does not see it.")
	return r.Go(r.Path("selections", s.ID))
}

// dropSelection forgets one that was never decided.
func (o office) dropSelection(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	effects, err := effectsOf(r.Context(), r.Tx(), r.Viewer(), s)
	if err != nil {
		return err
	}
	if s.State != Draft || len(effects) > 0 {
		return fault.Conflict("Only a draft can be deleted that never changed the contract.")
	}
	if err := dropSelection(r.Context(), r.Tx(), r.Viewer(), s); err != nil {
		return err
	}
	if s.Allowance.There() && !s.Allowance.Shared {
		if err := dropAllowance(r.Context(), r.Tx(), r.Viewer(), s.Allowance); err != nil {
			return err
		}
	}
	gone := s.Files
	for _, c := range s.Choices {
		gone = append(gone, c.Files...)
	}
	if err := o.forget(r, gone); err != nil {
		return err
	}
	if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.deleted", "deleted the selection “"+s.Title+"”", false, nil); err != nil {
		return err
	}
	r.Toast("Deleted.")
	return r.Go(r.Path("selections", "projects", s.ProjectID))
}

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
	a := s.account(set.Credits)
	for _, c := range s.Choices {
		if c.Price == nil {
			continue
		}
		one := approvalRow{ID: c.ID, Title: c.Title, Sub: r.Here().Money(c.Amount()) + " · " + effectOf(r.Here(), s, a, c.Price).Text, Ticked: c.Picked}
		if form.Seen != "" { // it was sent: what is ticked now counts
			one.Ticked = slices.Contains(form.Choices, c.ID)
		}
		view.Rows = append(view.Rows, one)
	}
	view.Seen = seenOf(a.Approved, s.Choices)
	view.Contacts, err = contactsOf(r.Context(), r.Tx(), r.Viewer(), s.ClientID)
	return view, err
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
		s, err = o.approve(r.Context(), r.Tx(), r.Viewer(), s.ID, seenOf(difference, s.Picks()), how)
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

func given(uploads []*web.File) bool {
	for _, f := range uploads {
		if f.Name != "" || f.Size > 0 {
			return true
		}
	}
	return false
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

type reasonView struct {
	*web.Here
	Trail     []web.NavItem
	Selection Selection
	Reason    string
	Tells     bool
	Ordered   bool
	Billed    bool
	Voids     []Effect
}

func (o office) reasonView(r *web.Request, s Selection) (reasonView, error) {
	r.Title("Open again")
	view := reasonView{Here: r.Here(), Trail: s.trail(r, "Open again"), Selection: s, Ordered: !s.OrderedOn.IsZero(), Tells: true}
	effects, err := effectsOf(r.Context(), r.Tx(), r.Viewer(), s)
	for _, e := range effects {
		if !e.Voided {
			view.Voids = append(view.Voids, e)
			view.Billed = view.Billed || e.Invoiced
		}
	}
	return view, err
}

// Amount writes an amount of the selection.
func (v reasonView) Amount(minor int64) money.Amount { return v.Selection.Money(minor) }

func (o office) askReopening(r *web.Request) error {
	s, err := o.load(r)
	if err != nil {
		return err
	}
	if !s.Locked() {
		return fault.Conflict("This is open already.")
	}
	view, err := o.reasonView(r, s)
	if err != nil {
		return err
	}
	return r.Show("selections/reopen", view)
}

func (o office) reopenNow(r *web.Request) error {
	s, err := o.load(r)
	if err != nil {
		return err
	}
	view, err := o.reasonView(r, s)
	if err != nil {
		return err
	}
	var form struct {
		Reason string `form:"reason"`
		Tells  bool   `form:"tells"`
	}
	err = r.Bind(&form)
	view.Reason, view.Tells = form.Reason, form.Tells
	if err == nil && utf8.RuneCountInString(form.Reason) > 1000 {
		err = fault.Field("reason", "Use at most 1,000 characters.")
	}
	if err == nil {
		s, err = o.reopen(r.Context(), r.Tx(), r.Viewer(), s.ID, form.Reason)
	}
	if err != nil {
		return r.Again("selections/reopen", view, err)
	}
	if form.Tells {
		_, err := tellClient.Enqueue(r.Context(), r.Tx(), r.Viewer().FirmID(), telling{Client: s.ClientID, Project: s.ProjectID, What: toldReopened, Selections: []uuid.UUID{s.ID}})
		if err != nil {
			return err
		}
	}
	r.Toast("The client can choose again.")
	return r.Go(r.Path("selections", s.ID))
}

// order notes what was ordered, and where.
func (o office) order(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	var form struct {
		On    day.Day `form:"ordered_on"`
		Notes string  `form:"order_notes"`
	}
	if err := r.Bind(&form); err != nil {
		return o.again(r, s, err)
	}
	if form.On.IsZero() {
		form.On = o.today(r.Viewer())
	}
	if utf8.RuneCountInString(form.Notes) > 1000 {
		return o.again(r, s, fault.Field("order_notes", "Use at most 1,000 characters."))
	}
	if s.State != Approved {
		return fault.Conflict("Only what is approved can be ordered.")
	}
	if err := setOrdered(r.Context(), r.Tx(), r.Viewer(), s, form.On, form.Notes); err != nil {
		return err
	}
	return o.ordered(r, s, "ordered", "noted that “"+s.Title+"” is ordered")
}

func (o office) again(r *web.Request, s Selection, wrong error) error {
	view, err := o.selectionView(r, s)
	if err != nil {
		return err
	}
	return r.Again("selections/selection", view, wrong)
}

func (o office) dropOrder(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	if s.OrderedOn.IsZero() {
		return fault.Conflict("It is not ordered.")
	}
	if err := setOrdered(r.Context(), r.Tx(), r.Viewer(), s, day.Day{}, ""); err != nil {
		return err
	}
	return o.ordered(r, s, "unordered", "noted that “"+s.Title+"” is not ordered")
}

func (o office) ordered(r *web.Request, s Selection, act, text string) error {
	if err := addDecision(r.Context(), r.Tx(), r.Viewer(), s, decision{act: act}); err != nil {
		return err
	}
	if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections."+act, text, act == "ordered", nil); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	r.Toast("Noted.")
	return r.Go(r.Path("selections", s.ID))
}

// answerRequest says no to a wish for a change; opening again says yes.
func (o office) answerRequest(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	var form struct {
		Answer string `form:"answer"`
	}
	err = r.Bind(&form)
	switch n := utf8.RuneCountInString(form.Answer); {
	case err != nil:
	case n == 0:
		err = fault.Field("answer", "Say why it cannot be changed. The client reads it.")
	case n > 1000:
		err = fault.Field("answer", "Use at most 1,000 characters.")
	default:
		err = refuseRequest(r.Context(), r.Tx(), r.Viewer(), s, form.Answer, r.Now())
	}
	if err != nil {
		return o.again(r, s, err)
	}
	if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.kept", "kept “"+s.Title+"” as it is", true, nil); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	r.Toast("Answered. It stays as it is.")
	return r.Go(r.Path("selections", s.ID))
}

type filesForm struct {
	Pictures []*web.File `form:"pictures"`
	Files    []*web.File `form:"files"`
}

// addFiles adds pictures and files to the selection itself.
func (o office) addFiles(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	var form filesForm
	err = r.Bind(&form)
	if err == nil && !given(form.Pictures) && !given(form.Files) {
		err = fault.Field("pictures", "Choose a picture or a file first.")
	}
	if err == nil {
		err = o.take(r, s, uuid.Nil, "picture", "pictures", form.Pictures)
	}
	if err == nil {
		err = o.take(r, s, uuid.Nil, "file", "files", form.Files)
	}
	if err != nil {
		return o.again(r, s, err)
	}
	if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.files", "added files to “"+s.Title+"”", false, nil); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	return r.Go(r.Path("selections", s.ID))
}

func (o office) dropFile(r *web.Request) error {
	id, err := r.ID("file")
	if err != nil {
		return err
	}
	f, s, err := fileByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	if f.Kind == "evidence" {
		return fault.Conflict("A proof of what was approved stays.")
	}
	if _, err := dropFile(r.Context(), r.Tx(), r.Viewer(), f); err != nil {
		return err
	}
	if err := o.forget(r, []File{f}); err != nil {
		return err
	}
	if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.files", "removed a file from “"+s.Title+"”", false, nil); err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	r.Toast("Removed.")
	if f.ChoiceID != uuid.Nil {
		return r.Go(r.Path("selections", "choices", f.ChoiceID))
	}
	return r.Go(r.Path("selections", s.ID))
}

func (s Selection) thing() comment.Thing {
	return comment.Thing{Section: "selections", ID: s.ID, ClientID: s.ClientID, ProjectID: s.ProjectID}
}

func (o office) addComment(r *web.Request) error {
	s, err := o.load(r)
	if err != nil {
		return err
	}
	var form comment.Form
	if err := r.Bind(&form); err != nil {
		view, failed := o.selectionView(r, s)
		if failed != nil {
			return failed
		}
		view.SaidText, view.Internal = form.Text, form.Internal
		if r.IsPart() {
			return r.Again("selections/_talk", view, err)
		}
		return r.Again("selections/selection", view, err)
	}
	c, fresh, err := comment.Add(r.Context(), r.Tx(), r.Viewer(), s.thing(), form)
	if err != nil {
		return err
	}
	if fresh && !c.Internal && s.State != Draft {
		_, err := tellClient.Enqueue(r.Context(), r.Tx(), r.Viewer().FirmID(), telling{
			Client: s.ClientID, Project: s.ProjectID, What: toldComment, Selections: []uuid.UUID{s.ID}, Comment: c.ID})
		if err != nil {
			return err
		}
	}
	return o.saidNow(r, s, fresh)
}

func (o office) saidNow(r *web.Request, s Selection, fresh bool) error {
	if fresh {
		if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.commented", "wrote about “"+s.Title+"”", false, nil); err != nil {
			return err
		}
		o.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	}
	view, err := o.selectionView(r, s)
	if err != nil {
		return err
	}
	return r.Done(r.Path("selections", s.ID), web.Draw("selections/_talk", view))
}

func (o office) dropComment(r *web.Request) error {
	s, err := o.load(r)
	if err != nil {
		return err
	}
	id, err := r.ID("comment")
	if err != nil {
		return err
	}
	if _, err := comment.Withdraw(r.Context(), r.Tx(), r.Viewer(), "selections", s.ID, id); err != nil {
		return err
	}
	return o.saidNow(r, s, false)
}
