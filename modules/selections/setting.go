package selections

import (
	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

// Setting is how a firm works with choices.
type Setting struct {
	AtOnce     bool // a change becomes a draft invoice right away
	Credits    bool // what an allowance is not used up for is given back
	RemindDays int  // before the deadline; 0: not by itself
	TaxRate    money.Rate
	Version    int
}

var usual = Setting{RemindDays: 3}

type settingForm struct {
	AtOnce     bool   `form:"at_once"`
	Credits    bool   `form:"credits"`
	RemindDays int    `form:"remind_days"`
	TaxRate    string `form:"tax_rate"`
	Version    int    `form:"version"`
}

func (s Setting) facts() map[string]any {
	return map[string]any{"billed at once": s.AtOnce, "unused allowances given back": s.Credits, "reminded days before": s.RemindDays, "tax": s.TaxRate.String()}
}

type settingView struct {
	*web.Here
	Tabs []web.NavItem
	Form settingForm
}

func (o office) settingView(r *web.Request) (settingView, Setting, error) {
	r.Title("Selections: settings")
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	return settingView{Here: r.Here(), Tabs: o.tabs(r, "settings"), Form: settingForm{s.AtOnce, s.Credits, s.RemindDays, s.TaxRate.String(), s.Version}}, s, err
}

func (o office) settings(r *web.Request) error {
	view, _, err := o.settingView(r)
	if err != nil {
		return err
	}
	return r.Show("selections/settings", view)
}

func (o office) saveSettings(r *web.Request) error {
	view, was, err := o.settingView(r)
	if err != nil {
		return err
	}
	view.Form = settingForm{}
	wrong := r.Bind(&view.Form)
	s := Setting{AtOnce: view.Form.AtOnce, Credits: view.Form.Credits, RemindDays: view.Form.RemindDays, Version: view.Form.Version}
	if wrong == nil && (s.RemindDays < 0 || s.RemindDays > 60) {
		wrong = fault.Field("remind_days", "Enter up to 60 days, or 0 for none.")
	}
	if wrong == nil {
		if s.TaxRate, err = money.ParseShare(view.Form.TaxRate, r.Here().Locale()); err != nil {
			wrong = fault.Field("tax_rate", "Enter a percentage between 0 and 100.")
		}
	}
	if wrong == nil {
		wrong = saveSetting(r.Context(), r.Tx(), r.Viewer(), s)
	}
	if wrong != nil {
		if fault.Is(wrong, fault.Clash) {
			view.Form.Version = was.Version
		}
		return r.Again("selections/settings", view, wrong)
	}
	if changes := activity.Changes(was.facts(), s.facts()); changes != nil {
		err := activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
			Verb: "selections.set", Text: "changed the settings of selections", SubjectID: r.Firm().ID, Data: changes,
		})
		if err != nil {
			return err
		}
	}
	r.Toast("Saved.")
	return r.Go(r.Path("selections", "settings"))
}
