package billing

import (
	"slices"
	"strconv"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

// ruleRoutes are the pages of reminders and late fees.
func ruleRoutes(o office) []web.Route {
	return []web.Route{
		web.Get("/reminders", settle, o.rules),
		web.Post("/reminders", settle, o.addRule),
		web.Delete("/reminders/:rule", settle, o.deleteRule),
		web.Post("/reminders/:rule/pause", settle, o.pauseRule),
		web.Delete("/reminders/:rule/pause", settle, o.resumeRule),
		web.Post("/late-fees", settle, o.saveLate),
		web.Post("/invoices/:invoice/sparing", settle, o.spareInvoice),
		web.Post("/clients/:client/sparing", settle, o.spareClient),
		web.Get("/invoices/:invoice/waiver", settle, o.askWaive),
		web.Post("/invoices/:invoice/waiver", settle, o.waive),
	}
}

// ruleForm is a reminder rule as it was typed.
type ruleForm struct {
	When  string `form:"when"` // before, on, after
	Days  string `form:"days"`
	Again string `form:"again"`
	Most  string `form:"most"`
	Set   bool   `form:"set"` // the usual ones instead
}

const mostRules = 12

// usualRules are what most firms want.
var usualRules = []reminderRule{{Days: -3, Most: 1}, {Days: 0, Most: 1}, {Days: 7, AgainDays: 14, Most: 3}}

func (f ruleForm) rule() (reminderRule, fault.Fields) {
	wrong := fault.Fields{}
	r := reminderRule{Most: 1}
	number := func(field, text string, least, most int) int {
		n, err := strconv.Atoi(text)
		if err != nil || n < least || n > most {
			wrong[field] = "Enter a whole number from " + strconv.Itoa(least) + " to " + strconv.Itoa(most) + "."
		}
		return n
	}
	switch f.When {
	case "before":
		r.Days = -number("days", f.Days, 1, 60)
	case "on":
	case "after":
		r.Days = number("days", f.Days, 1, 365)
		if f.Again != "" && f.Again != "0" {
			r.AgainDays, r.Most = number("again", f.Again, 1, 90), number("most", f.Most, 2, 24)
		}
	default:
		wrong["when"] = "Choose one from the list."
	}
	return r, wrong
}

type rulesView struct {
	*web.Here
	Tabs   []web.NavItem
	Rules  []reminderRule
	Form   ruleForm
	Whens  []choice
	Late   lateForm
	Kinds  []choice
	Often  []choice
	Symbol string
	Second bool // a second person approves: fees never leave by themselves
}

func (o office) rulesView(r *web.Request, form ruleForm, late *lateForm) (rulesView, error) {
	r.Title("Reminders and late fees")
	view := rulesView{
		Here: r.Here(), Tabs: o.tabs(r, "reminders"), Form: form, Symbol: money.Symbol(r.Firm().Currency, r.Here().Locale()),
		Whens: []choice{{"before", "Before it is due"}, {"on", "On the day it is due"}, {"after", "After it was due"}},
		Kinds: []choice{{"percent", "A part of what is overdue"}, {"flat", "A fixed amount"}},
		Often: []choice{{"once", "Once for each invoice"}, {"monthly", "Every month, as long as it is overdue"}},
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return view, err
	}
	view.Second = s.SecondPerson
	rule, err := lateRuleOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return view, err
	}
	view.Late = lateFormOf(rule, r.Firm().Currency)
	if late != nil {
		view.Late = *late
	}
	view.Rules, err = reminderRules(r.Context(), r.Tx(), r.Viewer())
	return view, err
}

func (o office) rules(r *web.Request) error {
	view, err := o.rulesView(r, ruleForm{When: "after", Days: "7"}, nil)
	if err != nil {
		return err
	}
	return r.Show("billing/rules", view)
}

func (o office) addRule(r *web.Request) error {
	var form ruleForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	list := usualRules
	if !form.Set {
		rule, problems := form.rule()
		list = []reminderRule{rule}
		if wrong == nil {
			wrong = fault.InFields(problems)
		}
	}
	if wrong == nil {
		wrong = o.added(r, list)
	}
	if wrong != nil {
		view, err := o.rulesView(r, form, nil)
		if err != nil {
			return err
		}
		return r.Again("billing/rules", view, wrong)
	}
	r.Toast("Saved. It holds from today on.")
	return r.Go(r.Path("billing", "reminders"))
}

func (office) added(r *web.Request, list []reminderRule) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	there, err := reminderRules(ctx, tx, v)
	if err != nil {
		return err
	}
	if len(there)+len(list) > mostRules {
		return fault.Conflict("There are enough rules. Remove one first.")
	}
	for _, rule := range list {
		if slices.ContainsFunc(there, func(o reminderRule) bool { return o.Days == rule.Days }) {
			if len(list) > 1 {
				continue
			}
			return fault.Field("days", "There is a rule for this day already.")
		}
		rule.Since = today(r.Firm(), r.Now())
		if err := addReminderRule(ctx, tx, v, rule); err != nil {
			return err
		}
		err := activity.Record(ctx, tx, v, activity.Entry{Verb: "billing.reminder_rule", Text: "added the reminder rule “" + rule.String() + "”", SubjectID: r.Firm().ID})
		if err != nil {
			return err
		}
	}
	return nil
}

// onRule does one thing to a rule as it was seen.
func (o office) onRule(r *web.Request, text string, do func(reminderRule) error) error {
	id, err := r.ID("rule")
	if err != nil {
		return err
	}
	list, err := reminderRules(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	at := slices.IndexFunc(list, func(rule reminderRule) bool { return rule.ID == id })
	if at < 0 {
		return fault.NotFound()
	}
	rule := list[at]
	var form seenForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	rule.Version = form.Version
	if err := do(rule); err != nil {
		view, again := o.rulesView(r, ruleForm{When: "after", Days: "7"}, nil)
		if again != nil {
			return again
		}
		return r.Again("billing/rules", view, err)
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "billing.reminder_rule", Text: text + " the reminder rule “" + rule.String() + "”", SubjectID: r.Firm().ID,
	})
	if err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("billing", "reminders"))
}

func (o office) deleteRule(r *web.Request) error {
	return o.onRule(r, "removed", func(rule reminderRule) error { return deleteReminderRule(r.Context(), r.Tx(), r.Viewer(), rule) })
}

func (o office) pauseRule(r *web.Request) error {
	return o.onRule(r, "paused", func(rule reminderRule) error {
		return setReminderRule(r.Context(), r.Tx(), r.Viewer(), rule, false, rule.Since)
	})
}

func (o office) resumeRule(r *web.Request) error {
	return o.onRule(r, "resumed", func(rule reminderRule) error {
		return setReminderRule(r.Context(), r.Tx(), r.Viewer(), rule, true, today(r.Firm(), r.Now()))
	})
}

func (o office) saveLate(r *web.Request) error {
	var form lateForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	rule, problems := form.rule(r.Firm().Currency, r.Here().Locale())
	if wrong == nil {
		wrong = fault.InFields(problems)
	}
	was, err := lateRuleOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	if wrong == nil {
		rule.Since = was.Since
		if !was.Active || !was.of(rule.Currency) || rule.Since.IsZero() {
			rule.Since = today(r.Firm(), r.Now())
		}
		wrong = saveLateRule(r.Context(), r.Tx(), r.Viewer(), rule)
	}
	if wrong != nil {
		if fault.Is(wrong, fault.Clash) {
			form.Version = was.Version
		}
		view, err := o.rulesView(r, ruleForm{When: "after", Days: "7"}, &form)
		if err != nil {
			return err
		}
		return r.Again("billing/rules", view, wrong)
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "billing.late_rule", Text: "changed what is asked for being late", SubjectID: r.Firm().ID, Data: activity.Changes(was.facts(), rule.facts()),
	})
	if err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("billing", "reminders"))
}

func (r lateRule) facts() map[string]any {
	return map[string]any{
		"active": r.Active, "kind": r.Kind, "amount": r.Amount, "rate": r.Rate.String(), "days of grace": r.GraceDays, "monthly": r.Monthly,
		"cap": r.Cap, "currency": r.Currency, "sent at once": r.Releases,
	}
}
