package billing

import (
	"net/url"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

type settingsView struct {
	*web.Here
	Tabs  []web.NavItem
	Form  settingForm
	First bool   // no invoice has a number yet
	Next  string // the number that comes next

	Symbol string

	Confirm string // the way to a fresh factor, when that is what is missing
	Online  bool   // clients can pay online

	MailLinks bool // mails carry payment links
}

func (o office) settingsView(r *web.Request, form settingForm) (settingsView, error) {
	r.Title("Billing settings")
	view := settingsView{Here: r.Here(), Tabs: o.tabs(r, "settings"), Form: form, Symbol: money.Symbol(r.Firm().Currency, r.Here().Locale())}
	var err error
	if _, view.Online, err = activeAccount(r.Context(), r.Tx(), r.Viewer()); err != nil {
		return view, err
	}
	if view.MailLinks, err = mailsLinks(r.Context(), r.Tx(), r.Viewer()); err != nil {
		return view, err
	}
	any, err := released(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return view, err
	}
	last, err := lastNumber(r.Context(), r.Tx(), r.Viewer(), "invoice")
	view.First, view.Next = !any, numbered(form.InvoicePrefix, last+1)
	return view, err
}

// errStepUp keeps the form as it is until its sender has shown a fresh factor, on a page of its own.
var errStepUp = fault.Invalid("What clients read below an invoice, the tax's name and who approves are protected. Confirm that it is you, then save again: what you entered is kept here.")

func (o office) settings(r *web.Request) error {
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	view, err := o.settingsView(r, settingFormOf(s, r.Firm().Currency))
	if err != nil {
		return err
	}
	return r.Show("billing/settings", view)
}

func (o office) saveSettings(r *web.Request) error {
	was, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	var form settingForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	s, first, problems := form.setting(r.Firm().Currency, r.Here().Locale())
	if wrong == nil {
		wrong = fault.InFields(problems)
	}
	if wrong == nil && s.guarded() != was.guarded() && r.Viewer().Confirmed(r.Now()) != nil {
		wrong = errStepUp
	}
	if wrong == nil {
		wrong = saveSetting(r.Context(), r.Tx(), r.Viewer(), s, first)
	}
	if wrong != nil {
		if fault.Is(wrong, fault.Clash) {
			form.Version = was.Version
		}
		view, err := o.settingsView(r, form)
		if err != nil {
			return err
		}
		if f, ok := fault.Of(wrong); ok && f == errStepUp {
			view.Confirm = "/sign-in/confirm?to=" + url.QueryEscape(r.Path("billing", "settings"))
		}
		return r.Again("billing/settings", view, wrong)
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "billing.settings", Text: "changed how the firm bills", SubjectID: r.Firm().ID,
		Data: activity.Changes(was.facts(), s.facts()),
	})
	if err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("billing", "settings"))
}

// facts are what the log keeps of it.
func (s Setting) facts() map[string]any {
	return map[string]any{
		"invoice numbers": s.InvoicePrefix, "credit numbers": s.CreditPrefix, "receipt numbers": s.ReceiptPrefix,
		"days to pay": s.TermsDays, "second person approves": s.SecondPerson, "upcoming shown": s.ShowUpcoming,
		"tax": s.TaxRate.String(), "tax name": s.TaxName, "footer": s.Footer,
		"by card": s.PayCard, "by bank": s.PayBank, "in parts": s.PartPayment, "least part": s.MinPayment, "more than owed": s.AllowOver,
	}
}
