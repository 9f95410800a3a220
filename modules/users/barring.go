package users

import (
	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/people"
	"portico/platform/web"
)

// atMost is how many accesses one press changes: each is a line in the activity log.
const atMost = 10_000

type barView struct {
	*web.Here
	Trail   []web.NavItem
	Whom    selection
	Disable bool
	Count   int // whose access changes
	Already int
	None    int
	TooMany bool
}

// Back is the list as it was.
func (v barView) Back() string { return v.Path("users") + v.Whom.Filter.query() }

// Button says the deed and how many it is done to.
func (v barView) Button() string {
	if v.Disable {
		return "Disable access of " + counted(v.Count, "contact", "contacts")
	}
	return "Enable access of " + counted(v.Count, "contact", "contacts")
}

func (o office) askDisable(r *web.Request) error { return o.askBar(r, true) }
func (o office) askEnable(r *web.Request) error  { return o.askBar(r, false) }

// askBar says whom it is about, before anything happens. It asks for a fresh factor, as the deed does: a stolen session
// must not lock people out.
func (o office) askBar(r *web.Request, disable bool) error {
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	view := barView{Here: r.Here(), Whom: selectionOf(r), Disable: disable}
	if view.Whom.empty() {
		r.Warn("Nobody was ticked.")
		return r.Go(view.Back())
	}
	whom, err := view.Whom.resolve(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	b, err := countBars(r.Context(), r.Tx(), r.Viewer(), whom)
	if err != nil {
		return err
	}
	view.Count, view.Already, view.None = b.Off, b.On, b.None
	title := "Enable access"
	if disable {
		view.Count, view.Already, title = b.On, b.Off, "Disable access"
	}
	view.TooMany = view.Count > atMost
	view.Trail = crumbs(r.Here(), web.NavItem{Title: title})
	r.Title(title)
	return r.Show("users/bar", view)
}

func (o office) disable(r *web.Request) error { return o.bar(r, true) }
func (o office) enable(r *web.Request) error  { return o.bar(r, false) }

// bar ends everything of many contacts at once, or gives them their access back.
func (o office) bar(r *web.Request, disable bool) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if err := v.Confirmed(r.Now()); err != nil {
		return err
	}
	var form selectionForm
	if err := r.Bind(&form); err != nil {
		return fault.BadRequest("Those contacts could not be read.")
	}
	whom, err := form.selection().resolve(ctx, tx, v)
	if err != nil {
		return err
	}
	ids, err := chosen(ctx, tx, v, whom, disable, atMost+1)
	if err != nil {
		return err
	}
	if len(ids) > atMost {
		return fault.Conflict("That are more than 10,000 contacts at once. Narrow the list down first.")
	}
	changed, err := setAccess(r, ids, disable)
	if err != nil {
		return err
	}
	switch {
	case len(changed) == 0:
		r.Warn("Nothing had to be changed.")
	case disable:
		r.Toast("The access of " + counted(len(changed), "contact is", "contacts is") + " disabled.")
	default:
		r.Toast("The access of " + counted(len(changed), "contact is", "contacts is") + " enabled again.")
	}
	o.p.Bell.Publish(ctx, v.FirmID(), topic)
	return r.Go(r.Path("users") + filterOf(form.State, form.Portal, form.Query).query())
}

func setAccess(r *web.Request, ids []uuid.UUID, disable bool) ([]people.Changed, error) {
	do, verb, text, was, is := people.EnableContacts, "contact.enabled", "enabled the access of ", "Disabled", "On"
	if disable {
		do, verb, text, was, is = people.DisableContacts, "contact.disabled", "disabled the access of ", is, was
	}
	changed, err := do(r.Context(), r.Tx(), r.Viewer(), ids)
	if err != nil {
		return nil, err
	}
	for _, c := range changed {
		err := activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
			Verb: verb, Text: text + c.Name, ClientID: c.ClientID, SubjectID: c.ID,
			Data: activity.Changes(map[string]any{"access": was}, map[string]any{"access": is}),
		})
		if err != nil {
			return nil, err
		}
	}
	return changed, nil
}
