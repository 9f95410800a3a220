package billing

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/secret"
	"portico/platform/web"
)

// online are the pages on which a firm chooses its provider of payments.
type online struct{ office }

func (o online) routes() []web.Route {
	slow := func(r web.Route) web.Route {
		r.Time = 40 * time.Second // a provider is asked
		return r.Tries("billing-connect", 30, time.Hour)
	}
	return []web.Route{
		web.Get("/online", settle, o.page),
		web.Get("/online/new", settle, o.choose),
		slow(web.Post("/online", settle, o.connect)),
		slow(web.Post("/online/:account", settle, o.save)),
		slow(web.Post("/online/:account/tests", settle, o.test)),
		web.Post("/online/:account/activation", settle, o.activate),
		web.Delete("/online/:account/activation", settle, o.disconnect),
	}
}

// accountForm is an account as it was typed. Keys are never sent back from the database: an empty one stays as it is.
type accountForm struct {
	Provider  string `form:"provider"`
	Key       string `form:"key"`
	Publisher string `form:"publisher"`
	Hook      string `form:"hook"`
	Live      bool   `form:"live"`
	Cards     bool   `form:"cards"`
	Banks     bool   `form:"banks"`
	Where     string `form:"where"` // where cards are entered: "portal", else on the provider's page
	Version   int    `form:"version"`
}

// connected is an account as the page shows it.
type connected struct {
	Account
	Kind     provider
	HookURL  string
	Waiting  int // attempts that are still under way
	Reported time.Time
	HasHook  bool
}

type onlineView struct {
	*web.Here
	Tabs      []web.NavItem
	Trail     []web.NavItem
	Active    *connected
	Others    []connected
	Providers []provider
	Kind      provider // that is being connected
	Wheres    []choice // where cards can be entered
	Form      accountForm
	Confirm   string // the way to a fresh factor, when that is what is missing
}

func (o online) view(r *web.Request) (onlineView, error) {
	r.Title("Online payments")
	view := onlineView{Here: r.Here(), Tabs: o.tabs(r, "online"), Wheres: enteredWhere}
	origin, err := o.Links.Origin(r.Context(), r.Firm().ID)
	if err != nil {
		return view, err
	}
	list, err := accountsOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return view, err
	}
	for _, c := range list {
		c.Kind, c.HookURL = providers[c.Provider], origin+hookPath+c.HookKey
		opened, err := openCredentials(o.Key, c.Credentials, r.Firm().ID, c.ID)
		c.HasHook = err == nil && opened.Hook != ""
		if c.Active {
			view.Active = &c
			view.Form = accountForm{Provider: c.Provider, Cards: c.Cards, Banks: c.Banks, Where: c.Where(), Version: c.Version}
			continue
		}
		view.Others = append(view.Others, c)
	}
	for _, name := range []string{"stripe", "checkbook", "sandbox"} {
		if p, known := providers[name]; known && (name != "sandbox" || o.Sandbox != "") && (view.Active == nil || view.Active.Provider != name) {
			view.Providers = append(view.Providers, p)
		}
	}
	return view, nil
}

func (o online) page(r *web.Request) error {
	view, err := o.view(r)
	if err != nil {
		return err
	}
	return r.Show("billing/online", view)
}

func (o online) newView(r *web.Request, form accountForm) (onlineView, error) {
	p, known := providers[form.Provider]
	if !known || p.ID == "sandbox" && o.Sandbox == "" {
		return onlineView{}, fault.NotFound()
	}
	r.Title("Connect " + p.Title)
	return onlineView{Here: r.Here(), Kind: p, Form: form, Trail: []web.NavItem{
		{Title: "Billing", Href: r.Path("billing")}, {Title: "Online payments", Href: r.Path("billing", "online")}, {Title: "Connect"},
	}}, nil
}

func (o online) choose(r *web.Request) error {
	view, err := o.newView(r, accountForm{Provider: r.Query("provider"), Cards: true, Banks: true})
	if err != nil {
		return err
	}
	return r.Show("billing/connect", view)
}

var errKeysStepUp = fault.Invalid("Where clients' money goes is protected. Confirm that it is you, then press the button again: what you entered is kept here.")

func (o online) connect(r *web.Request) error {
	var form accountForm
	wrong := r.Bind(&form)
	view, err := o.newView(r, form)
	if err != nil {
		return err
	}
	if wrong == nil {
		wrong = fresh(r)
	}
	if wrong == nil {
		wrong = fault.InFields(form.check(view.Kind, true))
	}
	if wrong == nil {
		wrong = o.add(r, form)
	}
	if wrong == nil {
		return r.Go(r.Path("billing", "online"))
	}
	view.Confirm = confirmOnline(r, wrong)
	return r.Again("billing/connect", view, wrong)
}

// fresh asks for a fresh factor, on a page of its own.
func fresh(r *web.Request) error {
	if r.Viewer().Confirmed(r.Now()) != nil {
		return errKeysStepUp
	}
	return nil
}

func confirmOnline(r *web.Request, wrong error) string {
	if f, ok := fault.Of(wrong); !ok || f != errKeysStepUp {
		return ""
	}
	return "/sign-in/confirm?to=" + url.QueryEscape(r.Path("billing", "online"))
}

func (f accountForm) check(p provider, first bool) fault.Fields {
	wrong := fault.Fields{}
	if !f.Cards && !f.Banks {
		wrong["cards"] = "Leave one of them on. To take no payments at all, disconnect."
	}
	if !p.Keys || !first {
		return wrong
	}
	if f.Key == "" {
		wrong["key"] = "Enter the key."
	}
	if p.TwoKeys() && f.Publisher == "" {
		wrong["publisher"] = "Enter the key."
	}
	return wrong
}

// add asks the provider first, outside of any transaction, and keeps the account when the keys work.
func (o online) add(r *web.Request, form accountForm) error {
	p := providers[form.Provider]
	a := Account{
		ID: id.New(), Provider: p.ID, Title: p.Title, Live: form.Live, HookKey: secret.Token(), Active: true,
		Cards: form.Cards && p.takes(gateway.Card), Banks: form.Banks && p.takes(gateway.Bank), CheckedAt: r.Now(),
	}
	c := credentials{Key: form.Key, Publisher: form.Publisher, Hook: form.Hook}
	if p.ID == "sandbox" {
		c = newPractice()
	}
	if err := r.EndTransaction(); err != nil {
		return err
	}
	live, err := o.probe(r.Context(), a, c)
	if err != nil {
		return said(err)
	}
	a.Live = live
	if a.Credentials, err = c.seal(o.Key, r.Firm().ID, a.ID); err != nil {
		return err
	}
	r.Toast(p.Title + " is connected. Clients can pay online now.")
	return r.Deliver(func(ctx context.Context, tx bun.Tx) error {
		if err := activateAccount(ctx, tx, r.Viewer(), uuid.Nil); err != nil {
			return err
		}
		if err := addAccount(ctx, tx, r.Viewer(), a); err != nil {
			return err
		}
		return o.told(ctx, tx, r, "connected online payments", nil, a.facts())
	})
}

func (o online) told(ctx context.Context, tx bun.Tx, r *web.Request, text string, was, is map[string]any) error {
	return activity.Record(ctx, tx, r.Viewer(), activity.Entry{
		Verb: "billing.online", Text: text, SubjectID: r.Firm().ID, Data: activity.Changes(was, is),
	})
}

// facts are what the log keeps of an account: never its keys.
func (a Account) facts() map[string]any {
	mode := "test"
	if a.Live {
		mode = "live"
	}
	return map[string]any{"provider": a.Title, "mode": mode, "cards": a.Cards, "bank debits": a.Banks, "in use": a.Active, "cards entered in the portal": a.Fields}
}

// said words what a provider says about keys beside the field that it is about.
func said(err error) error {
	said, definite := gateway.Definite(err)
	switch {
	case !definite:
		return fault.Invalid("The provider did not answer, so nothing was changed. Please try again in a minute.")
	case said.Code == "publishable", said.Code == "shape", said.Code == "credentials", said.Code == "permission":
		return fault.Field("key", said.Text)
	}
	return fault.Invalid(said.Text)
}
