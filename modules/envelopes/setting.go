package envelopes

import (
	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

// Setting is what a firm's documents begin with.
type Setting struct {
	DeadlineDays, RemindDays int
	AskCode                  bool
	Version                  int
}

// usual is what a firm has that has set nothing.
var usual = Setting{DeadlineDays: 14, RemindDays: 3}

type settingForm struct {
	Deadline int  `form:"deadline_days"`
	Remind   int  `form:"remind_days"`
	AskCode  bool `form:"ask_code"`
	Version  int  `form:"version"`
}

// Check is what can be wrong with it.
func (f *settingForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if f.Deadline < 0 || f.Deadline > 365 {
		wrong["deadline_days"] = "Enter up to 365 days, or 0 for none."
	}
	if f.Remind < 0 || f.Remind > 60 {
		wrong["remind_days"] = "Enter up to 60 days, or 0 for none."
	}
	return wrong
}

type settingView struct {
	*web.Here
	Tabs   []web.NavItem
	Form   settingForm
	Portal string // where is set whether sending opens the portal
}

func (o office) settingView(r *web.Request) (settingView, Setting, error) {
	r.Title("Contract settings")
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	return settingView{
		Here: r.Here(), Tabs: o.tabs(r, "settings"), Form: settingForm{s.DeadlineDays, s.RemindDays, s.AskCode, s.Version}, Portal: r.Path("setup", "portal"),
	}, s, err
}

func (o office) settings(r *web.Request) error {
	view, _, err := o.settingView(r)
	if err != nil {
		return err
	}
	return r.Show("envelopes/settings", view)
}

func (o office) saveSettings(r *web.Request) error {
	view, was, err := o.settingView(r)
	if err != nil {
		return err
	}
	view.Form = settingForm{}
	wrong := r.Bind(&view.Form)
	if wrong == nil {
		wrong = saveSetting(r.Context(), r.Tx(), r.Viewer(), Setting{view.Form.Deadline, view.Form.Remind, view.Form.AskCode, view.Form.Version})
	}
	if wrong != nil {
		if fault.Is(wrong, fault.Clash) {
			view.Form.Version = was.Version
		}
		return r.Again("envelopes/settings", view, wrong)
	}
	changes := activity.Changes(
		map[string]any{"deadline": was.DeadlineDays, "reminders": was.RemindDays, "code": was.AskCode},
		map[string]any{"deadline": view.Form.Deadline, "reminders": view.Form.Remind, "code": view.Form.AskCode})
	if changes != nil {
		if err := note(r.Context(), r.Tx(), r.Viewer(), Envelope{}, "envelopes.set", "changed the settings of contracts", changes); err != nil {
			return err
		}
	}
	r.Toast("Saved.")
	return r.Go(r.Path("envelopes", "settings"))
}
