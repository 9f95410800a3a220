package billing

import (
	"errors"
	"net/url"
	"time"

	"portico/modules/billing/gateway"
	"portico/modules/billing/gateway/sandbox"
	"portico/platform/access"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/web"
)

// practice are the pages of the practice provider that payers see. What is entered goes straight on to it.
type practice struct {
	module.Platform
	desk *sandbox.Desk
}

func (p practice) routes() []web.Route {
	return []web.Route{
		web.Get("/practice/:token", access.Public, p.page),
		web.Post("/practice/:token", access.Public, p.enter).Tries("practice", 60, time.Minute),
		web.Post("/practice/:token/answer", access.Public, p.answer).Tries("practice", 60, time.Minute),
		web.Post("/practice/:token/leaving", access.Public, p.leave).Tries("practice", 60, time.Minute),
	}
}

type practiceView struct {
	*web.Here
	sandbox.Page
	Self    string
	Card    bool
	Sum     string
	Routing string
	Form    practiceForm
	Numbers []sandbox.Number
}

// practiceForm is a card or an account. Its number is never shown again, not even after an error.
type practiceForm struct {
	Number  string `form:"number"`
	Routing string `form:"routing"`
}

func (p practice) page(r *web.Request) error {
	return p.at(r, practiceForm{}, func() (sandbox.Page, error) { return p.desk.Page(r.Context(), r.Param("token")) })
}

func (p practice) enter(r *web.Request) error {
	var form practiceForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	return p.at(r, form, func() (sandbox.Page, error) {
		return p.desk.Enter(r.Context(), r.Param("token"), sandbox.Entry{Number: form.Number, Routing: form.Routing})
	})
}

func (p practice) answer(r *web.Request) error {
	yes := r.Value("yes") != ""
	return p.at(r, practiceForm{}, func() (sandbox.Page, error) { return p.desk.Answer(r.Context(), r.Param("token"), yes) })
}

func (p practice) leave(r *web.Request) error {
	return p.at(r, practiceForm{}, func() (sandbox.Page, error) { return p.desk.Leave(r.Context(), r.Param("token")) })
}

// at shows where the payer is, or sends them back when there is nothing more to do here. The provider is asked after our
// own transaction has ended: it may be slow.
func (p practice) at(r *web.Request, form practiceForm, ask func() (sandbox.Page, error)) error {
	if p.Sandbox == "" {
		return fault.NotFound()
	}
	if err := r.EndTransaction(); err != nil {
		return err
	}
	page, err := ask()
	said, definite := gateway.Definite(err)
	if definite {
		page, err = p.desk.Page(r.Context(), r.Param("token"))
	}
	switch {
	case errors.Is(err, gateway.ErrUnknown), err == nil && page.Firm != r.Firm().ID:
		return fault.NotFound()
	case err != nil:
		r.Log().Warn("practice provider", "err", err)
		return fault.Unavailable(5 * time.Second)
	}
	back, err := p.back(r, page)
	if err != nil {
		return err
	}
	if page.Step == sandbox.Over && back != "" {
		return r.GoTo(page.Return)
	}
	if r.Method() == "POST" && !definite { // so that the browser's own way back repeats nothing
		return r.Go(practicePath + page.Token)
	}
	if back != "" { // the firm may have been reached by another of its names
		r.FormsTo(back)
	}
	return p.show(r, page, form, said)
}

// back is the origin that the payer comes from; "" when that is none of the firm's.
func (p practice) back(r *web.Request, page sandbox.Page) (string, error) {
	u, err := url.Parse(page.Return)
	if err != nil || u.Host == "" {
		return "", nil
	}
	place, err := p.Firms.ByHost(r.Context(), u.Host)
	if fault.Is(err, fault.Misdirected) || err == nil && place.Firm != r.Firm().ID {
		return "", nil
	}
	return u.Scheme + "://" + u.Host, err
}

func (p practice) show(r *web.Request, page sandbox.Page, form practiceForm, said *gateway.Error) error {
	r.StandAlone()
	r.NameVisit()
	r.SetHeader("X-Robots-Tag", "noindex")
	r.SetHeader("Referrer-Policy", "no-referrer")
	form.Number = ""
	view := practiceView{
		Here: r.Here(), Page: page, Form: form, Self: practicePath + page.Token, Card: page.Kind == gateway.Card, Routing: sandbox.Routing,
		Sum: r.Here().Money(money.Of(page.Amount, page.Currency)),
	}
	for _, n := range sandbox.Numbers {
		if n.Kind == page.Kind {
			view.Numbers = append(view.Numbers, n)
		}
	}
	r.Title(view.title())
	if said == nil {
		return r.Show("billing/practice", view)
	}
	field := "number"
	if said.Code == "unknown_routing" {
		field = "routing"
	}
	return r.Again("billing/practice", view, fault.Field(field, said.Text))
}

func (v practiceView) title() string {
	switch {
	case v.Step == sandbox.Ask:
		return "Your bank asks"
	case v.Saving && v.Card:
		return "Save a card"
	case v.Saving:
		return "Save a bank account"
	}
	return "Pay " + v.Sum
}
