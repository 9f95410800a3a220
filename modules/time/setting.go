package time

import (
	"slices"
	"strconv"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/money"
)

// Setting is how a firm keeps time.
type Setting struct {
	RoundTo      int  // minutes
	RoundUp      bool // else to the nearest
	SundayFirst  bool
	LeadsApprove bool
	ShowPeople   bool // clients read who worked
	ShowRate     bool // invoices say hours and rate, not the amount alone
	Markup       money.Rate
	TimeTax      money.Rate
	ExpenseTax   money.Rate
	Version      int // 0: nothing was ever saved
}

var defaults = Setting{RoundTo: 1, RoundUp: true}

var steps = []int{1, 5, 6, 10, 15, 30}

// weekOf is the first day of the week in which a day is.
func (s Setting) weekOf(d day.Day) day.Day {
	first := 1 // Monday
	if s.SundayFirst {
		first = 0
	}
	return d.Add(-((int(d.Weekday()) - first + 7) % 7))
}

// facts are what the log keeps of it.
func (s Setting) facts() map[string]any {
	return map[string]any{
		"timer rounds to": s.RoundTo, "rounds up": s.RoundUp, "weeks begin on Sunday": s.SundayFirst, "leads approve": s.LeadsApprove,
		"clients read who worked": s.ShowPeople, "invoices say the rate": s.ShowRate, "markup": s.Markup.String(), "tax on time": s.TimeTax.String(), "tax on expenses": s.ExpenseTax.String(),
	}
}

type settingForm struct {
	RoundTo      int    `form:"round_to"`
	RoundUp      string `form:"round_up"` // up or near
	WeekStart    string `form:"week_start"`
	LeadsApprove bool   `form:"leads_approve"`
	ShowPeople   bool   `form:"show_people"`
	ShowRate     bool   `form:"show_rate"`
	Markup       string `form:"markup"`
	TimeTax      string `form:"time_tax"`
	ExpenseTax   string `form:"expense_tax"`
	Version      int    `form:"version"`
}

func settingFormOf(s Setting) settingForm {
	f := settingForm{
		RoundTo: s.RoundTo, RoundUp: "near", WeekStart: "monday", LeadsApprove: s.LeadsApprove, ShowPeople: s.ShowPeople, ShowRate: s.ShowRate,
		Markup: s.Markup.String(), TimeTax: s.TimeTax.String(), ExpenseTax: s.ExpenseTax.String(), Version: s.Version,
	}
	if s.RoundUp {
		f.RoundUp = "up"
	}
	if s.SundayFirst {
		f.WeekStart = "sunday"
	}
	return f
}

func (f settingForm) setting(locale string) (Setting, error) {
	s := Setting{
		RoundTo: f.RoundTo, RoundUp: f.RoundUp == "up", SundayFirst: f.WeekStart == "sunday", LeadsApprove: f.LeadsApprove,
		ShowPeople: f.ShowPeople, ShowRate: f.ShowRate, Version: f.Version,
	}
	wrong := fault.Fields{}
	if !slices.Contains(steps, f.RoundTo) {
		wrong["round_to"] = "Choose one from the list."
	}
	for name, one := range map[string]struct {
		text string
		into *money.Rate
	}{"markup": {f.Markup, &s.Markup}, "time_tax": {f.TimeTax, &s.TimeTax}, "expense_tax": {f.ExpenseTax, &s.ExpenseTax}} {
		var err error
		if *one.into, err = money.ParseShare(one.text, locale); err != nil {
			wrong[name] = "Enter a percentage between 0 and 100."
		}
	}
	return s, fault.InFields(wrong)
}

// Rate is what an hour costs: of a person in a project, of a project, of a person, or of the firm.
type Rate struct {
	ID                  uuid.UUID
	PersonID, ProjectID uuid.UUID
	Person, Project     string
	Price               int64
	Currency            string
}

// Amount is the price of an hour.
func (r Rate) Amount() money.Amount { return money.Of(r.Price, r.Currency) }

// Terms are what was agreed for a project.
type Terms struct {
	ProjectID, ClientID uuid.UUID
	AgreedMinutes       int // 0: nothing was agreed
	LeadID              uuid.UUID
	Lead                string
	Version             int
}

// Agreed writes the agreed hours.
func (t Terms) Agreed() string {
	if t.AgreedMinutes == 0 {
		return ""
	}
	return agreedText(t.AgreedMinutes)
}

// agreedText writes whole hours as 120, others as 7:30.
func agreedText(minutes int) string {
	if minutes%60 == 0 {
		return strconv.Itoa(minutes / 60)
	}
	return clock(minutes)
}
