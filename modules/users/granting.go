package users

import (
	"net/url"
	"slices"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/fault"
	invitation "portico/platform/invite"
	"portico/platform/people"
	"portico/platform/web"
)

// granted is the obstacle of who has access already: the others are those of an invitation.
const granted invitation.Obstacle = "granted"

type grantView struct {
	*web.Here
	Trail   []web.NavItem
	Whom    selection
	Gate    gate
	Rights  []right
	Reached share
	Skipped []skipped
	Skips   int
	TooMany bool
}

type right struct {
	Value, Title string
	Ticked       bool
}

// grantForm is what the contacts may do in the portal.
type grantForm struct {
	Rights []string `form:"rights"`
}

// Check refuses what is no right.
func (f *grantForm) Check() fault.Fields {
	wrong := fault.Fields{}
	for _, r := range f.Rights {
		if !slices.Contains(access.AllRights, access.Right(r)) {
			wrong["rights"] = "Choose from the list."
		}
	}
	return wrong
}

// Back is the list as it was.
func (v grantView) Back() string { return v.Path("users") + v.Whom.Filter.query() }

// Button says the deed and how many it is done to.
func (v grantView) Button() string {
	return "Grant access to " + counted(v.Reached.Count, "contact", "contacts")
}

// askGrant says who gets access, who is skipped and why, before anything happens. All rights are ticked, as on the page
// of a new contact.
func (o office) askGrant(r *web.Request) error {
	whom := selectionOf(r)
	if whom.empty() {
		r.Warn("Nobody was ticked.")
		return r.Go(r.Path("users") + whom.Filter.query())
	}
	form := grantForm{}
	for _, right := range access.AllRights {
		form.Rights = append(form.Rights, string(right))
	}
	view, err := o.grantView(r, form, whom)
	if err != nil {
		return err
	}
	return r.Show("users/grant", view)
}

func (o office) grantView(r *web.Request, form grantForm, whom selection) (grantView, error) {
	r.Title("Grant access")
	view := grantView{Here: r.Here(), Trail: crumbs(r.Here(), web.NavItem{Title: "Grant access"}), Whom: whom, Gate: o.gate(r)}
	for _, known := range access.AllRights {
		view.Rights = append(view.Rights, right{string(known), known.Title(), slices.Contains(form.Rights, string(known))})
	}
	resolved, err := whom.resolve(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return view, err
	}
	parts, err := grantShares(r.Context(), r.Tx(), r.Viewer(), resolved)
	for _, part := range parts {
		if part.Obstacle == "" {
			view.Reached, view.TooMany = part, part.Count > atMost
			continue
		}
		view.Skips += part.Count
		view.Skipped = append(view.Skipped, skippedOf(r.Here(), part))
	}
	return view, err
}

// grant makes contacts portal users, and offers to invite them next.
func (o office) grant(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	var whom selectionForm
	if err := r.Bind(&whom); err != nil {
		return fault.BadRequest("Those contacts could not be read.")
	}
	var form grantForm
	if wrong := r.Bind(&form); wrong != nil {
		view, err := o.grantView(r, form, whom.selection())
		if err != nil {
			return err
		}
		return r.Again("users/grant", view, wrong)
	}
	resolved, err := whom.selection().resolve(ctx, tx, v)
	if err != nil {
		return err
	}
	ids, err := grantable(ctx, tx, v, resolved, atMost+1)
	if err != nil {
		return err
	}
	if len(ids) > atMost {
		return fault.Conflict("That are more than 10,000 contacts at once. Narrow the list down first.")
	}
	rights := []access.Right{}
	for _, known := range access.AllRights {
		if slices.Contains(form.Rights, string(known)) {
			rights = append(rights, known)
		}
	}
	changed, err := people.GrantMany(ctx, tx, v, ids, rights)
	if err != nil {
		return err
	}
	if err := recordGrants(r, changed, rights); err != nil {
		return err
	}
	back := r.Path("users") + filterOf(whom.State, whom.Portal, whom.Query).query()
	if len(changed) == 0 {
		r.Warn("Nothing had to be changed.")
		return r.Go(back)
	}
	o.p.Bell.Publish(ctx, v.FirmID(), topic)
	r.Toast(counted(len(changed), "contact has", "contacts have") + " access now. Next: invite them.")
	if !o.gate(r).Open {
		return r.Go(back)
	}
	return r.Go(r.Path("users", "invitation") + next(whom))
}

func recordGrants(r *web.Request, changed []people.Changed, rights []access.Right) error {
	var titles []string
	for _, right := range rights {
		titles = append(titles, right.Title())
	}
	entries := make([]activity.Entry, len(changed))
	for i, c := range changed {
		entries[i] = activity.Entry{
			Verb: "contact.granted", Text: "granted portal access to " + c.Name, ClientID: c.ClientID, SubjectID: c.ID,
			Data: activity.Changes(map[string]any{"access": "No portal access"}, map[string]any{"access": "Portal user", "rights": titles}),
		}
	}
	return activity.RecordEach(r.Context(), r.Tx(), r.Viewer(), entries)
}

// next is the selection on the page that invites: who was ticked, or of a filter those who are not invited yet.
func next(whom selectionForm) string {
	q := url.Values{"way": {"first"}}
	if !whom.All {
		for _, id := range whom.IDs {
			q.Add("id", id.String())
		}
		return "?" + q.Encode()
	}
	q.Set("all", "1")
	q.Set("state", "not_invited")
	for name, value := range map[string]string{"portal": whom.Portal, "q": whom.Query} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return "?" + q.Encode()
}
