package setup

import (
	"errors"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/firm"
	"portico/platform/web"
)

// firmForm are the firm's settings as a form carries them.
type firmForm struct {
	Version  int    `form:"version"`
	Name     string `form:"name"`
	Kind     string `form:"kind"`
	Email    string `form:"email"`
	Phone    string `form:"phone"`
	Address  string `form:"address"`
	Website  string `form:"website"`
	Zone     string `form:"zone"`
	Locale   string `form:"locale"`
	Currency string `form:"currency"`
}

func firmFormOf(s firm.Settings) firmForm {
	return firmForm{s.Version, s.Name, s.Kind, s.Email, s.Phone, s.Address, s.Website, s.Zone, s.Locale, s.Currency}
}

func (f firmForm) onto(s firm.Settings) firm.Settings {
	s.Version = f.Version
	s.Name, s.Kind, s.Email, s.Phone, s.Address, s.Website = f.Name, f.Kind, f.Email, f.Phone, f.Address, f.Website
	s.Zone, s.Locale, s.Currency = f.Zone, f.Locale, f.Currency
	return s
}

type firmView struct {
	*web.Here
	Trail      []web.NavItem
	Form, Was  firmForm
	Latest     string // when the page was drawn, as the log counts
	Meanwhile  []happening
	Kinds      []option
	Zones      []option
	Locales    []option
	Currencies []option
}

func (o office) firmView(r *web.Request, form, was firmForm) firmView {
	r.Title("Firm settings")
	return firmView{
		Here: r.Here(), Trail: o.trail(r), Form: form, Was: was, Kinds: kinds,
		Zones: including(zones, form.Zone), Locales: including(locales, form.Locale), Currencies: including(currencies, form.Currency),
	}
}

func (o office) firm(r *web.Request) error {
	s, err := firm.Get(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	view := o.firmView(r, firmFormOf(s), firmFormOf(s))
	if view.Latest, err = o.latest(r); err != nil {
		return err
	}
	return r.Show("setup/firm", view)
}

func (o office) saveFirm(r *web.Request) error {
	var form firmForm
	now, others, err := o.changeFirm(r, &form, "firm.settings", "changed the firm's settings", func(s firm.Settings) (firm.Settings, error) { return form.onto(s), nil })
	if err == nil {
		return r.Go(r.Path("setup", "firm"))
	}
	view := o.firmView(r, form, firmFormOf(now))
	view.Meanwhile, view.Latest = others, r.Value("latest")
	if fault.Is(err, fault.Clash) {
		view.Form.Version, view.Latest = now.Version, newest(others, view.Latest)
	}
	return r.Again("setup/firm", view, err)
}

// changeFirm reads a form, saves what it changes of the firm's settings, and records it. On a conflict it answers what
// others changed.
func (o office) changeFirm(r *web.Request, form any, verb, text string, onto func(firm.Settings) (firm.Settings, error)) (now firm.Settings, others []happening, err error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	wrong := r.Bind(form)
	before, err := firm.Get(ctx, tx, v)
	if err != nil || wrong != nil {
		return before, nil, errors.Join(wrong, err)
	}
	after, err := onto(before)
	if err != nil {
		return before, nil, err
	}
	if after.Version == before.Version {
		if was, _ := firmDiff(before, after); len(was) == 0 {
			r.Toast("Nothing was changed.")
			return before, nil, nil
		}
	}
	after, err = firm.Save(ctx, tx, v, after)
	if fault.Is(err, fault.Clash) {
		now, others, err := o.firmMoved(r)
		if err != nil {
			return now, nil, err
		}
		return now, others, moved(others)
	}
	if err != nil {
		return before, nil, err
	}
	was, is := firmDiff(before, after)
	err = activity.Record(ctx, tx, v, activity.Entry{Verb: verb, Text: text, SubjectID: v.FirmID(), Data: map[string]any{"before": was, "after": is}})
	if err != nil {
		return before, nil, err
	}
	r.Toast("Saved.")
	return after, nil, nil
}

// firmMoved reads what the settings are now, and who made them so.
func (o office) firmMoved(r *web.Request) (firm.Settings, []happening, error) {
	now, err := firm.Get(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return now, nil, err
	}
	recent, err := recentOfFirm(r.Context(), r.Tx(), r.Viewer())
	return now, meanwhile(recent, moment(r.Value("latest")), titles(o.catalog())), err
}

// firmDiff gives before and after of all settings that a page of the setup can change.
func firmDiff(before, after firm.Settings) (was, is map[string]any) {
	was, is = diff(told(before), told(after))
	onceOff, nowOff := switchesDiff(before.Switches, after.Switches, firmWords)
	for key := range nowOff {
		was[key], is[key] = onceOff[key], nowOff[key]
	}
	return was, is
}

func told(s firm.Settings) map[string]any {
	return map[string]any{
		"name": s.Name, "kind": s.Kind, "email": s.Email, "phone": s.Phone, "address": s.Address, "website": s.Website,
		"zone": s.Zone, "locale": s.Locale, "currency": s.Currency, "brand_color": s.BrandColor, "logo": tellPicture(s.LogoID),
		"portal_on": s.PortalOn, "links_last": s.LinksLast, "auto_activate": s.AutoActivate, "second_factor": roleNames(s.SecondFactor),
	}
}

// latest is when the newest change of the settings happened, for a page to remember.
func (o office) latest(r *web.Request) (string, error) {
	recent, err := recentOfFirm(r.Context(), r.Tx(), r.Viewer())
	return latest(recent), err
}
