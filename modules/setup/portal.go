package setup

import (
	"slices"

	"portico/platform/access"
	"portico/platform/fault"
	"portico/platform/firm"
	"portico/platform/web"
)

// portalForm is the portal as a whole, and how people get in.
type portalForm struct {
	Version      int      `form:"version"`
	PortalOn     bool     `form:"portal_on"`
	LinksLast    bool     `form:"links_last"`
	AutoActivate bool     `form:"auto_activate"`
	SecondFactor []string `form:"second_factor"`
}

func portalFormOf(s firm.Settings) portalForm {
	return portalForm{s.Version, s.PortalOn, s.LinksLast, s.AutoActivate, s.SecondFactor}
}

func (f portalForm) onto(s firm.Settings) firm.Settings {
	s.Version, s.PortalOn, s.LinksLast, s.SecondFactor = f.Version, f.PortalOn, f.LinksLast, f.SecondFactor
	s.AutoActivate = f.AutoActivate
	return s
}

// roleTick is one staff role of which a second factor can be asked.
type roleTick struct {
	Role        access.Role
	Title, Help string
	Ticked, Was bool
}

type portalView struct {
	*web.Here
	Trail     []web.NavItem
	Form, Was portalForm
	Roles     []roleTick
	Latest    string // when the page was drawn, as the log counts
	Meanwhile []happening
	Confirm   string // where to show a fresh factor before this can be saved; "": not needed now
}

func (o office) portalView(r *web.Request, form, was portalForm) portalView {
	r.Title("Portal and sign-in")
	view := portalView{Here: r.Here(), Trail: o.trail(r), Form: form, Was: was}
	for _, role := range roles {
		view.Roles = append(view.Roles, roleTick{
			Role: access.Role(role.Value), Title: role.Title,
			Ticked: slices.Contains(form.SecondFactor, role.Value), Was: slices.Contains(was.SecondFactor, role.Value),
		})
	}
	return view
}

var roles = []option{{"owner", "Owners"}, {"admin", "Admins"}, {"member", "Members"}}

func (o office) portal(r *web.Request) error {
	s, err := firm.Get(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	view := o.portalView(r, portalFormOf(s), portalFormOf(s))
	if view.Latest, err = o.latest(r); err != nil {
		return err
	}
	return r.Show("setup/portal", view)
}

func (o office) savePortal(r *web.Request) error {
	var form portalForm
	now, others, err := o.changeFirm(r, &form, "firm.portal", "changed the portal and sign-in", func(s firm.Settings) (firm.Settings, error) {
		return form.onto(s), mayLower(r, s.SecondFactor, form.SecondFactor)
	})
	if err == nil {
		return r.Go(r.Path("setup", "portal"))
	}
	view := o.portalView(r, form, portalFormOf(now))
	view.Meanwhile, view.Latest, view.Confirm = others, r.Value("latest"), confirmFor(r, err, "portal")
	if fault.Is(err, fault.Clash) {
		view.Form.Version, view.Latest = now.Version, newest(others, view.Latest)
	}
	return r.Again("setup/portal", view, err)
}

// mayLower asks for a fresh factor before a second one is asked of fewer people than now: with somebody's open session
// alone the office must not become easier to get into. What protects owners, owners decide.
func mayLower(r *web.Request, before, after []string) error {
	for _, role := range before {
		if slices.Contains(after, role) {
			continue
		}
		if role == string(access.Owner) && r.Viewer().Role != access.Owner {
			return fault.Field("second_factor", "Only an owner can stop asking owners for a second factor.")
		}
		if err := stepUp(r); err != nil {
			return err
		}
	}
	return nil
}
