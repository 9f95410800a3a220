package time

import (
	"strings"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

func lower(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), "")) }

type settingsView struct {
	*web.Here
	Tabs   []web.NavItem
	Form   settingForm
	Steps  []choice
	Rates  []Rate
	Rate   rateForm
	People []choice
	Works  []choice
	Symbol string
	Wrong  string // the form that was refused
}

var stepChoices = []choice{
	{"1", "The minute"}, {"5", "5 minutes"}, {"6", "6 minutes (a tenth of an hour)"}, {"10", "10 minutes"}, {"15", "15 minutes"}, {"30", "30 minutes"},
}

func (o office) settingsView(r *web.Request, form settingForm) (settingsView, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	r.Title("Rates and settings")
	view := settingsView{Here: r.Here(), Form: form, Steps: stepChoices, Symbol: money.Symbol(r.Firm().Currency, r.Here().Locale())}
	var err error
	if view.Tabs, err = o.tabs(r, "settings"); err != nil {
		return view, err
	}
	if view.Rates, err = listRates(ctx, tx, v, uuid.Nil); err != nil {
		return view, err
	}
	people, err := colleagues(ctx, tx, v)
	if err != nil {
		return view, err
	}
	view.People = append([]choice{{"", "Everybody"}}, colleagueChoices(people)...)
	works, err := offered(ctx, tx, v)
	view.Works = append([]choice{{"", "All projects"}}, projectChoices(works)...)
	return view, err
}

func (o office) settings(r *web.Request) error {
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	view, err := o.settingsView(r, settingFormOf(s))
	if err != nil {
		return err
	}
	return r.Show("time/settings", view)
}

func (o office) saveSettings(r *web.Request) error {
	was, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	var form settingForm
	err = r.Bind(&form)
	var is Setting
	if err == nil {
		is, err = form.setting(r.Here().Locale())
	}
	if err == nil {
		err = saveSetting(r.Context(), r.Tx(), r.Viewer(), is)
	}
	if err != nil {
		if fault.Is(err, fault.Clash) {
			form.Version = was.Version
		}
		view, drawn := o.settingsView(r, form)
		if drawn != nil {
			return drawn
		}
		view.Wrong = "settings"
		return r.Again("time/settings", view, err)
	}
	if changes := activity.Changes(was.facts(), is.facts()); changes != nil {
		if err := record(r, uuid.Nil, uuid.Nil, r.Firm().ID, "time.settings", "changed how the firm keeps time", changes); err != nil {
			return err
		}
	}
	r.Toast("Saved.")
	return r.Go(r.Path("time", "settings"))
}

// rateForm is a rate as it was typed.
type rateForm struct {
	Person  uuid.UUID `form:"person"`
	Project uuid.UUID `form:"project"`
	Price   string    `form:"price"`
	Back    bool      `form:"back"` // to the project
}

// PersonID and ProjectID keep the choices.
func (f rateForm) PersonID() string  { return idText(f.Person) }
func (f rateForm) ProjectID() string { return idText(f.Project) }

// keep writes a rate down: in the project's currency, or the firm's.
func (o office) keep(r *web.Request, form rateForm) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	rate := Rate{PersonID: form.Person, ProjectID: form.Project, Currency: r.Firm().Currency}
	var client uuid.UUID
	whom := "the firm"
	if form.Project != uuid.Nil {
		w, err := workByID(ctx, tx, v, form.Project)
		if err != nil {
			return fault.Field("project", "Choose a project from the list.")
		}
		rate.Currency, client, whom = w.Currency, w.ClientID, w.Name
	}
	if form.Person != uuid.Nil {
		people, err := colleagues(ctx, tx, v)
		if err != nil {
			return err
		}
		if !isAmong(people, form.Person) {
			return fault.Field("person", "Choose somebody from the list.")
		}
		for _, c := range people {
			if c.ID == form.Person {
				whom = c.Name
			}
		}
	}
	price, err := money.Parse(form.Price, rate.Currency, r.Here().Locale())
	switch {
	case err != nil:
		return fault.Field("price", money.Advice(err, rate.Currency))
	case !price.Positive() || price.Minor > 1_000_000_000_000:
		return fault.Field("price", "Enter more than nothing.")
	}
	rate.Price = price.Minor
	if err := putRate(ctx, tx, v, rate); err != nil {
		return err
	}
	r.Toast("From now on an hour is " + r.Here().Money(price) + ".")
	return record(r, client, form.Project, r.Firm().ID, "time.rate", "set the rate of an hour for "+whom, map[string]any{"after": map[string]any{"rate": price.Plain() + " " + rate.Currency}})
}

func (o office) addRate(r *web.Request) error {
	var form rateForm
	err := r.Bind(&form)
	if err == nil {
		err = o.keep(r, form)
	}
	if err == nil {
		return r.Go(r.Path("time", "settings") + "#rates")
	}
	s, again := settingOf(r.Context(), r.Tx(), r.Viewer())
	if again != nil {
		return again
	}
	view, again := o.settingsView(r, settingFormOf(s))
	if again != nil {
		return again
	}
	view.Rate, view.Wrong = form, "rate"
	return r.Again("time/settings", view, err)
}

func (o office) addProjectRate(r *web.Request) error {
	w, err := o.loadWork(r)
	if err != nil {
		return err
	}
	var form rateForm
	err = r.Bind(&form)
	form.Project = w.ID
	if err == nil {
		err = o.keep(r, form)
	}
	if err != nil {
		return o.refused(r, w, "rate", err, func(view *projectView) { view.RateForm = form })
	}
	return r.Go(r.Path("time", "projects", w.ID))
}

func (o office) dropRate(r *web.Request) error {
	id, err := r.ID("rate")
	if err != nil {
		return err
	}
	rate, err := rateByID(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	if err := dropRate(r.Context(), r.Tx(), r.Viewer(), id); err != nil {
		return err
	}
	err = record(r, uuid.Nil, rate.ProjectID, r.Firm().ID, "time.rate_deleted", "deleted a rate of an hour", map[string]any{"before": map[string]any{"rate": rate.Amount().Plain() + " " + rate.Currency}})
	if err != nil {
		return err
	}
	r.Toast("The rate is deleted.")
	if rate.ProjectID != uuid.Nil && r.Query("from") == "project" {
		return r.Go(r.Path("time", "projects", rate.ProjectID))
	}
	return r.Go(r.Path("time", "settings") + "#rates")
}
