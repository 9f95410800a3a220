package selections

import (
	"strconv"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/plan"
	"portico/platform/web"
)

// selectionForm is a selection as it is typed.
type selectionForm struct {
	Kind          string    `form:"kind"`
	Title         string    `form:"title"`
	Category      string    `form:"category"` // an id, or nothing
	NewCategory   string    `form:"new_category"`
	Room          string    `form:"room"`
	NewRoom       string    `form:"new_room"`
	Allowance     string    `form:"allowance"` // an id, "own", or nothing
	Amount        string    `form:"amount"`    // of an own one
	Specification string    `form:"specification"`
	Instructions  string    `form:"instructions"`
	TradeInfo     string    `form:"trade_info"`
	Notes         string    `form:"notes"`
	DueOn         day.Day   `form:"due_on"`
	Item          uuid.UUID `form:"item"`
	Offset        int       `form:"item_offset"`
	Optional      bool      `form:"optional"`
	Several       bool      `form:"several"`
	MayDecline    bool      `form:"may_decline"`
	MayPropose    bool      `form:"may_propose"`
	OpenEnded     bool      `form:"open_ended"`
	Version       int       `form:"version"`
}

// Check is what can be wrong with it by itself.
func (f *selectionForm) Check() fault.Fields {
	wrong := fault.Fields{}
	f.Title, f.NewCategory, f.NewRoom = oneLine(f.Title), oneLine(f.NewCategory), oneLine(f.NewRoom)
	if f.Kind != Spec {
		f.Kind = ToChoose
	}
	switch n := utf8.RuneCountInString(f.Title); {
	case n == 0:
		wrong["title"] = "Say what is to be chosen."
	case n > longestTitle:
		wrong["title"] = "Use at most 120 characters."
	}
	for name, text := range map[string]string{"new_category": f.NewCategory, "new_room": f.NewRoom} {
		if utf8.RuneCountInString(text) > 60 {
			wrong[name] = "Use at most 60 characters."
		}
	}
	for name, text := range map[string]string{"specification": f.Specification, "instructions": f.Instructions, "trade_info": f.TradeInfo, "notes": f.Notes} {
		if utf8.RuneCountInString(text) > longestText {
			wrong[name] = "Use at most 4,000 characters."
		}
	}
	if f.Offset < -365 || f.Offset > 365 {
		wrong["item_offset"] = "Enter up to 365 days, before (with a minus) or after."
	}
	return wrong
}

type editView struct {
	*web.Here
	Trail      []web.NavItem
	Project    project
	Selection  Selection
	Form       selectionForm
	Action     string
	Categories []option
	Rooms      []option
	Allowances []option
	Items      []option
	Symbol     string
	Locked     bool // approved: the money stays as it is
	items      []plan.Item
}

// New reports whether it is not there yet.
func (v editView) New() bool { return v.Selection.ID == uuid.Nil }

func (o office) editView(r *web.Request, p project, s Selection) (editView, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := editView{
		Here: r.Here(), Project: p, Selection: s, Symbol: money.Symbol(p.Currency, r.Here().Locale()), Locked: s.Locked(),
		Action: r.Path("selections", "projects", p.ID, "selections"), Form: selectionForm{Kind: ToChoose},
	}
	headings, err := headingsOf(ctx, tx, v, p.ID)
	if err != nil {
		return view, err
	}
	for _, h := range headings {
		one := option{h.ID.String(), h.Title}
		if h.Kind == "category" {
			view.Categories = append(view.Categories, one)
		} else {
			view.Rooms = append(view.Rooms, one)
		}
	}
	allowances, err := allowancesOf(ctx, tx, v, p)
	if err != nil {
		return view, err
	}
	view.Allowances = []option{{"", "None: the whole price is added"}}
	own := s.AllowanceID != uuid.Nil && !s.Allowance.Shared
	if !own {
		view.Allowances = append(view.Allowances, option{"own", "Its own, of the amount beside"})
	}
	for _, a := range allowances {
		if a.Shared {
			view.Allowances = append(view.Allowances, option{a.ID.String(), "Shared: " + a.Title + ", " + r.Here().Money(money.Of(a.Amount, p.Currency))})
		} else if a.ID == s.AllowanceID {
			view.Allowances = append(view.Allowances, option{"own", "Its own, of the amount beside"})
		}
	}
	if view.items, err = o.planned(r, p.ID); err != nil {
		return view, err
	}
	for _, i := range view.items {
		view.Items = append(view.Items, option{i.ID.String(), i.Title + ", until " + dayText(i.End)})
	}
	if s.ItemID != uuid.Nil {
		if _, there := itemByID(view.items, s.ItemID); !there {
			view.Items = append(view.Items, option{s.ItemID.String(), s.ItemTitle})
		}
	}
	if view.New() {
		return view, nil
	}
	view.Action = r.Path("selections", s.ID)
	view.Form = selectionForm{
		Kind: s.Kind, Title: s.Title, Category: idText(s.CategoryID), Room: idText(s.RoomID), Allowance: idText(s.AllowanceID), Specification: s.Specification,
		Instructions: s.Instructions, TradeInfo: s.TradeInfo, Notes: s.Notes, DueOn: s.DueOn, Item: s.ItemID, Offset: s.ItemOffset, Optional: !s.Required,
		Several: s.Several, MayDecline: s.MayDecline, MayPropose: s.MayPropose, OpenEnded: s.OpenEnded, Version: s.Version,
	}
	if own {
		view.Form.Allowance, view.Form.Amount = "own", money.Of(s.Allowance.Amount, p.Currency).Plain()
	}
	return view, nil
}

// Offset is the days after an item as the form shows them; "" without an item.
func (v editView) Offset() string {
	if v.Form.Item == uuid.Nil && v.Form.Offset == 0 {
		return ""
	}
	return strconv.Itoa(v.Form.Offset)
}

// ItemID is the chosen item; "" for none.
func (v editView) ItemID() string { return idText(v.Form.Item) }

func idText(id uuid.UUID) string {
	if id == uuid.Nil {
		return ""
	}
	return id.String()
}

func (o office) newSelection(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	r.Title("New selection")
	view, err := o.editView(r, p, Selection{})
	if err != nil {
		return err
	}
	view.Trail = trail(r, p.ClientName, p.Name, p.ID, web.NavItem{Title: "New selection"})
	return r.Show("selections/edit", view)
}

func (o office) editSelection(r *web.Request) error {
	view, err := o.editing(r)
	if err != nil {
		return err
	}
	return r.Show("selections/edit", view)
}

func (o office) editing(r *web.Request) (editView, error) {
	s, err := o.load(r)
	if err != nil {
		return editView{}, err
	}
	p, err := projectByID(r.Context(), r.Tx(), r.Viewer(), s.ProjectID)
	if err != nil {
		return editView{}, err
	}
	r.Title("Edit selection")
	view, err := o.editView(r, p, s)
	view.Trail = s.trail(r, "Edit")
	return view, err
}

func (o office) addSelection(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	r.Title("New selection")
	view, err := o.editView(r, p, Selection{})
	if err != nil {
		return err
	}
	view.Trail = trail(r, p.ClientName, p.Name, p.ID, web.NavItem{Title: "New selection"})
	err = r.Bind(&view.Form)
	var s Selection
	if err == nil {
		s, err = o.read(r, view)
	}
	if err == nil {
		s.ID, err = addSelection(r.Context(), r.Tx(), r.Viewer(), s)
	}
	if err != nil {
		return r.Again("selections/edit", view, err)
	}
	s.State = Draft
	if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.added", "added the selection “"+s.Title+"”", nil); err != nil {
		return err
	}
	r.Toast("Saved as a draft: the client does not see it yet.")
	return r.Go(r.Path("selections", s.ID))
}

func (o office) saveSelection(r *web.Request) error {
	view, err := o.editing(r)
	if err != nil {
		return err
	}
	was := view.Selection
	if _, err := hold(r.Context(), r.Tx(), r.Viewer(), was.ID); err != nil {
		return err
	}
	view.Form = selectionForm{}
	err = r.Bind(&view.Form)
	var s Selection
	if err == nil {
		s, err = o.read(r, view)
	}
	if err == nil {
		err = saveSelection(r.Context(), r.Tx(), r.Viewer(), s)
	}
	if err != nil {
		if fault.Is(err, fault.Clash) {
			view.Form.Version = was.Version
		}
		return r.Again("selections/edit", view, err)
	}
	if changes := activity.Changes(was.facts(), s.facts()); changes != nil {
		if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.changed", "changed the selection “"+s.Title+"”", changes); err != nil {
			return err
		}
	}
	o.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	r.Toast("Saved.")
	return r.Go(r.Path("selections", s.ID))
}

// facts are what the log keeps of it.
func (s Selection) facts() map[string]any {
	return map[string]any{
		"title": s.Title, "kind": s.Kind, "category": s.CategoryID.String(), "room": s.RoomID.String(), "allowance": s.AllowanceID.String(), "due": s.DueOn.String(),
		"specification": s.Specification, "instructions": s.Instructions, "trade info": s.TradeInfo, "notes": s.Notes, "required": s.Required,
		"several": s.Several, "may decline": s.MayDecline, "may propose": s.MayPropose, "open ended": s.OpenEnded,
	}
}

// read makes a selection of what was typed: with its headings, its allowance and its deadline.
func (o office) read(r *web.Request, view editView) (Selection, error) {
	p, f := view.Project, view.Form
	s := view.Selection
	s.ClientID, s.ProjectID, s.Currency = p.ClientID, p.ID, p.Currency
	s.Title, s.Specification, s.Instructions, s.TradeInfo, s.Notes = f.Title, f.Specification, f.Instructions, f.TradeInfo, f.Notes
	s.Required, s.MayDecline, s.MayPropose, s.Version = !f.Optional, f.MayDecline, f.MayPropose, f.Version
	if view.New() || s.State == Draft {
		s.Kind = f.Kind
	}
	if len(s.Picks()) == 0 {
		s.Several = f.Several
	} else if s.Several != f.Several {
		return s, fault.Field("several", "Something is chosen already. This can be changed after it was taken back.")
	}
	s.OpenEnded = f.OpenEnded
	var err error
	if s.CategoryID, s.Category, err = o.headingFor(r, p, "category", f.Category, f.NewCategory); err != nil {
		return s, err
	}
	if s.RoomID, s.Room, err = o.headingFor(r, p, "room", f.Room, f.NewRoom); err != nil {
		return s, err
	}
	s.DueOn, s.ItemID, s.ItemTitle, s.ItemOffset = f.DueOn, uuid.Nil, "", 0
	if f.Item != uuid.Nil {
		item, there := itemByID(view.items, f.Item)
		switch {
		case there:
			s.ItemID, s.ItemTitle, s.ItemOffset, s.DueOn = item.ID, oneLine(item.Title), f.Offset, item.End.Add(f.Offset)
		case f.Item == view.Selection.ItemID: // nobody answers for the schedule just now
			s.ItemID, s.ItemTitle, s.ItemOffset, s.DueOn = f.Item, view.Selection.ItemTitle, view.Selection.ItemOffset, view.Selection.DueOn
		default:
			return s, fault.Field("item", "This is not on the schedule any more.")
		}
	}
	if s.Locked() || s.Kind == Spec {
		if s.Kind == Spec {
			s.AllowanceID, s.Allowance = uuid.Nil, Allowance{}
		}
		return s, nil // the money stays as it was decided
	}
	return o.readAllowance(r, view, s)
}

// headingFor is the heading that was chosen, or the new one that was typed.
func (office) headingFor(r *web.Request, p project, kind, chosen, typed string) (id uuid.UUID, title string, err error) {
	if typed != "" {
		id, err = headingCalled(r.Context(), r.Tx(), r.Viewer(), p, kind, typed)
		return id, typed, err
	}
	if chosen == "" {
		return uuid.Nil, "", nil
	}
	if id, err = uuid.Parse(chosen); err == nil {
		title, err = headingOf(r.Context(), r.Tx(), r.Viewer(), p, kind, id)
	}
	if err != nil {
		err = fault.Field(kind, "This is not there any more. Choose again.")
	}
	return id, title, err
}

// readAllowance gives the selection the allowance that was chosen: none, a shared one, or one of its own.
func (o office) readAllowance(r *web.Request, view editView, s Selection) (Selection, error) {
	ctx, tx, v, p, f, was := r.Context(), r.Tx(), r.Viewer(), view.Project, view.Form, view.Selection
	own := was.AllowanceID != uuid.Nil && !was.Allowance.Shared
	switch {
	case f.Allowance == "own":
		amount, err := money.Parse(f.Amount, p.Currency, r.Here().Locale())
		if err != nil {
			return s, fault.Field("amount", money.Advice(err, p.Currency))
		}
		if amount.Negative() {
			return s, fault.Field("amount", "Enter what the contract has for it.")
		}
		a := Allowance{Title: s.Title, Amount: amount.Minor}
		if own {
			a.ID, a.Version, a.Notes = was.AllowanceID, was.Allowance.Version, was.Allowance.Notes
		}
		s.AllowanceID, err = saveAllowance(ctx, tx, v, p, a)
		return s, err
	case f.Allowance == "":
		s.AllowanceID = uuid.Nil
	default:
		id, err := uuid.Parse(f.Allowance)
		if err != nil {
			return s, fault.Field("allowance", "This allowance is not there any more. Choose again.")
		}
		a, err := allowanceByID(ctx, tx, v, id)
		if err != nil || a.ProjectID != p.ID || !a.Shared {
			return s, fault.Field("allowance", "This allowance is not there any more. Choose again.")
		}
		s.AllowanceID = id
	}
	if own && s.AllowanceID != was.AllowanceID {
		if err := moveOff(ctx, tx, v, was); err != nil {
			return s, err
		}
		s.Version++
	}
	return s, nil
}
