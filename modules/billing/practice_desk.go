package billing

import (
	"errors"
	"strconv"
	"time"

	"portico/modules/billing/gateway"
	"portico/modules/billing/gateway/sandbox"
	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

// practiceDesk is the practice provider's own office: what banks and payers do there is done here, by buttons.
type practiceDesk struct{ office }

func (d practiceDesk) routes() []web.Route {
	return []web.Route{
		web.Get("/practice", settle, d.page),
		web.Post("/practice/charges/:charge/deeds", settle, d.do),
		web.Post("/practice/faults", settle, d.faults),
		web.Post("/practice/days", settle, d.days),
	}
}

type deskView struct {
	*web.Here
	Trail   []web.NavItem
	Charges []deskCharge
	Form    faultForm
	Reports sandbox.Reports
	Numbers []sandbox.Number
}

// deskCharge is a payment with what can be done to it.
type deskCharge struct {
	sandbox.Listed
	Sum, Back string
	Kind      string // of its badge
	State     string
	Deeds     []choice
}

type faultForm struct {
	Before   int  `form:"before"`
	After    int  `form:"after"`
	Hang     int  `form:"hang"`
	Dropped  int  `form:"dropped"`
	Late     int  `form:"late"`
	LateBy   int  `form:"late_by"`
	Twice    int  `form:"twice"`
	Shuffled bool `form:"shuffled"`
}

// Check keeps percents what they are.
func (f *faultForm) Check() fault.Fields {
	wrong := fault.Fields{}
	for name, n := range map[string]int{"before": f.Before, "after": f.After, "hang": f.Hang, "dropped": f.Dropped, "late": f.Late, "twice": f.Twice} {
		if n < 0 || n > 100 {
			wrong[name] = "Enter a percentage between 0 and 100."
		}
	}
	if f.LateBy < 0 || f.LateBy > 86400 {
		wrong["late_by"] = "Enter between 0 and 86,400 seconds."
	}
	return wrong
}

// client speaks with the firm's own account; where the one in use is another provider's there is no desk.
func (d practiceDesk) client(r *web.Request) (*sandbox.Client, error) {
	a, ok, err := activeAccount(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return nil, err
	}
	if !ok || a.Provider != "sandbox" || d.Sandbox == "" {
		return nil, fault.NotFound()
	}
	c, err := openCredentials(d.Key, a.Credentials, r.Firm().ID, a.ID)
	if err != nil {
		return nil, err
	}
	origin, err := d.Links.Origin(r.Context(), r.Firm().ID)
	if err != nil {
		return nil, err
	}
	return practiceAt(d.Platform, r.Firm().ID, a, c, origin), nil
}

func (d practiceDesk) page(r *web.Request) error {
	view, err := d.view(r)
	if err != nil {
		return err
	}
	return r.Show("billing/practice_desk", view)
}

func (d practiceDesk) view(r *web.Request) (view deskView, err error) {
	r.Title("Practice desk")
	view = deskView{Here: r.Here(), Numbers: sandbox.Numbers, Trail: []web.NavItem{
		{Title: "Billing", Href: r.Path("billing")}, {Title: "Online payments", Href: r.Path("billing", "online")}, {Title: "Practice desk"},
	}}
	client, err := d.client(r)
	if err != nil {
		return view, err
	}
	if err := r.EndTransaction(); err != nil {
		return view, err
	}
	stand, err := client.Stand(r.Context())
	if err != nil {
		return view, unheard(r, err)
	}
	f := stand.Faults
	view.Form = faultForm{f.Before, f.After, f.Hang, f.Dropped, f.Late, f.LateBy, f.Twice, f.Shuffled}
	view.Reports = stand.Reports
	for _, c := range stand.Charges {
		view.Charges = append(view.Charges, shownCharge(r.Here(), c))
	}
	return view, nil
}

// unheard is what a person reads when the practice provider cannot be reached.
func unheard(r *web.Request, err error) error {
	if said, definite := gateway.Definite(err); definite {
		return fault.Conflict(said.Text)
	}
	if errors.Is(err, gateway.ErrUnknown) {
		return fault.NotFound()
	}
	r.Log().Warn("practice provider", "err", err)
	return fault.Unavailable(5 * time.Second)
}

func shownCharge(here *web.Here, c sandbox.Listed) deskCharge {
	shown := deskCharge{Listed: c, Sum: here.Money(money.Of(c.Amount, c.Currency))}
	offer := func(deed sandbox.Deed, title string) {
		shown.Deeds = append(shown.Deeds, choice{string(deed), title})
	}
	switch open := c.Dispute != nil && c.Dispute.Status == "open"; {
	case c.Status == gateway.NeedsAction:
		shown.Kind, shown.State = "info", "Payer is on the page"
	case c.Status == gateway.Pending:
		shown.Kind, shown.State = "info", "On its way"
		offer(sandbox.Settle, "Let it arrive")
		offer(sandbox.Fail, "Let it fail")
	case c.Status != gateway.Succeeded:
		shown.Kind, shown.State = "muted", c.Failure.Text
	case c.Returned:
		shown.Kind, shown.State = "late", "Taken back by the bank"
	case open:
		shown.Kind, shown.State = "due", "Disputed"
		offer(sandbox.Win, "Decide for the firm")
		offer(sandbox.Lose, "Decide for the payer")
	case c.Dispute != nil:
		shown.Kind, shown.State = "muted", "Dispute "+c.Dispute.Status
	case c.Refunded >= c.Amount:
		shown.Kind, shown.State = "muted", "Given back"
	default:
		shown.Kind, shown.State = "ok", "Paid"
		offer(sandbox.Dispute, "Dispute it")
		if c.Kind == gateway.Bank && c.Refunded == 0 {
			offer(sandbox.TakeOut, "Take it back")
		}
		offer(sandbox.Back, "Refund it there")
	}
	if c.Refunded > 0 && c.Refunded < c.Amount {
		shown.Back = here.Money(money.Of(c.Refunded, c.Currency))
	}
	return shown
}

func (d practiceDesk) do(r *web.Request) error {
	client, err := d.client(r)
	if err != nil {
		return err
	}
	charge, deed := r.Param("charge"), sandbox.Deed(r.Value("deed"))
	if err := d.told(r, "did something at the practice provider", map[string]any{"payment": charge, "what": string(deed)}); err != nil {
		return err
	}
	if err := r.EndTransaction(); err != nil {
		return err
	}
	if err := client.Do(r.Context(), charge, deed); err != nil {
		return unheard(r, err)
	}
	r.Toast("Done. It is reported to Portico as a real provider would.")
	return r.Go(r.Path("billing", "practice"))
}

func (d practiceDesk) told(r *web.Request, text string, data map[string]any) error {
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: "billing.practice", Text: text, SubjectID: r.Firm().ID, Data: data})
}

func (d practiceDesk) faults(r *web.Request) error {
	var form faultForm
	if err := r.Bind(&form); err != nil {
		view, looked := d.view(r)
		if looked != nil {
			return looked
		}
		view.Form = form
		return r.Again("billing/practice_desk", view, err)
	}
	client, err := d.client(r)
	if err != nil {
		return err
	}
	if err := d.told(r, "changed the faults of the practice provider", nil); err != nil {
		return err
	}
	if err := r.EndTransaction(); err != nil {
		return err
	}
	f := sandbox.Faults{
		Before: form.Before, After: form.After, Hang: form.Hang, Dropped: form.Dropped, Late: form.Late, LateBy: form.LateBy, Twice: form.Twice, Shuffled: form.Shuffled,
	}
	if err := client.SetFaults(r.Context(), f); err != nil {
		return unheard(r, err)
	}
	r.Toast("Saved.")
	return r.Go(r.Path("billing", "practice"))
}

// days lets days pass at the provider: debits arrive or fail.
func (d practiceDesk) days(r *web.Request) error {
	days, err := strconv.Atoi(r.Value("days"))
	if err != nil || days < 1 || days > 30 {
		return fault.BadRequest("Between 1 and 30 days can pass at once.")
	}
	client, err := d.client(r)
	if err != nil {
		return err
	}
	if err := d.told(r, "let days pass at the practice provider", map[string]any{"days": days}); err != nil {
		return err
	}
	if err := r.EndTransaction(); err != nil {
		return err
	}
	if err := client.Advance(r.Context(), time.Duration(days)*24*time.Hour); err != nil {
		return unheard(r, err)
	}
	r.Toast("Time has passed at the practice provider.")
	return r.Go(r.Path("billing", "practice"))
}
