package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/fault"
	"portico/platform/web"
)

// account is the one that the address names.
func (o online) account(r *web.Request) (Account, error) {
	account, err := r.ID("account")
	if err != nil {
		return Account{}, err
	}
	return accountByID(r.Context(), r.Tx(), r.Viewer(), account)
}

func (o online) save(r *web.Request) error {
	was, err := o.account(r)
	if err != nil {
		return err
	}
	var form accountForm
	wrong := r.Bind(&form)
	view, err := o.view(r)
	if err != nil {
		return err
	}
	view.Form = form
	if wrong == nil {
		wrong = fresh(r)
	}
	if wrong == nil {
		wrong = fault.InFields(form.check(providers[was.Provider], false))
	}
	if wrong == nil {
		wrong = o.change(r, was, form)
	}
	if wrong == nil {
		return r.Go(r.Path("billing", "online"))
	}
	if fault.Is(wrong, fault.Clash) {
		view.Form.Version = was.Version
	}
	view.Confirm = confirmOnline(r, wrong)
	return r.Again("billing/online", view, wrong)
}

// change keeps what was typed. New keys are tried before they replace those that work.
func (o online) change(r *web.Request, was Account, form accountForm) error {
	p := providers[was.Provider]
	c, err := openCredentials(o.Key, was.Credentials, r.Firm().ID, was.ID)
	if err != nil {
		return err
	}
	is := was
	is.Cards, is.Banks, is.Version = form.Cards && p.takes(gateway.Card), form.Banks && p.takes(gateway.Bank), form.Version
	is.Fields = p.Fields && form.Where == "portal"
	before, after := was.facts(), is.facts()
	if p.Fields && form.Publisher != "" { // it moves nothing, so there is nothing to try
		c.Publisher = form.Publisher
	}
	if err := is.checkFields(c); err != nil {
		return err
	}
	if form.Key != "" || p.TwoKeys() && form.Publisher != "" {
		if form.Key != "" {
			c.Key = form.Key
		}
		if form.Publisher != "" {
			c.Publisher = form.Publisher
		}
		if err := o.tryKeys(r, was, c); err != nil {
			return err
		}
		is.CheckedAt, is.Wrong = r.Now(), ""
		before["key"], after["key"] = "", "a new one"
	}
	if form.Hook != "" && form.Hook != c.Hook {
		c.Hook, c.OldHook = form.Hook, c.Hook
		before["secret of reports"], after["secret of reports"] = "", "a new one"
	}
	if is.Credentials, err = c.seal(o.Key, r.Firm().ID, is.ID); err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Deliver(func(ctx context.Context, tx bun.Tx) error {
		if err := saveAccount(ctx, tx, r.Viewer(), is); err != nil {
			return err
		}
		return o.told(ctx, tx, r, "changed online payments", before, after)
	})
}

func (o online) tryKeys(r *web.Request, was Account, c credentials) error {
	if err := r.EndTransaction(); err != nil {
		return err
	}
	live, err := o.probe(r.Context(), was, c)
	switch {
	case err != nil:
		return said(err)
	case live != was.Live && was.Live:
		return fault.Field("key", "This is a test key, and the account takes real money. Connect it as a new account instead.")
	case live != was.Live:
		return fault.Field("key", "This key moves real money, and the account is for tests. Connect it as a new account instead.")
	}
	return nil
}

// test asks the provider whether the keys still work.
func (o online) test(r *web.Request) error {
	a, err := o.account(r)
	if err != nil {
		return err
	}
	c, err := openCredentials(o.Key, a.Credentials, r.Firm().ID, a.ID)
	if err != nil {
		return err
	}
	if err := r.EndTransaction(); err != nil {
		return err
	}
	text := ""
	if _, err := o.probe(r.Context(), a, c); err != nil {
		text = "The provider did not answer."
		if said, definite := gateway.Definite(err); definite {
			text = said.Text
		}
		r.Warn(text)
	} else {
		r.Toast("The connection works.")
	}
	err = r.Deliver(func(ctx context.Context, tx bun.Tx) error { return noteCheck(ctx, tx, r.Viewer(), a.ID, r.Now(), text) })
	if err != nil {
		return err
	}
	return r.Go(r.Path("billing", "online"))
}

func (o online) activate(r *web.Request) error {
	a, err := o.account(r)
	if err != nil {
		return err
	}
	return o.use(r, a, a.ID, "connected online payments again", a.Title+" is in use again.")
}

func (o online) disconnect(r *web.Request) error {
	a, err := o.account(r)
	if err != nil {
		return err
	}
	return o.use(r, a, uuid.Nil, "disconnected online payments", "Clients cannot pay online now. What is under way is still looked after.")
}

func (o online) use(r *web.Request, a Account, account uuid.UUID, text, toast string) error {
	if err := fresh(r); err != nil {
		view, looked := o.view(r)
		if looked != nil {
			return looked
		}
		view.Confirm = confirmOnline(r, err)
		return r.Again("billing/online", view, err)
	}
	if err := activateAccount(r.Context(), r.Tx(), r.Viewer(), account); err != nil {
		return err
	}
	was, is := a, a
	is.Active = account == a.ID
	r.Toast(toast)
	if err := o.told(r.Context(), r.Tx(), r, text, was.facts(), is.facts()); err != nil {
		return err
	}
	return r.Go(r.Path("billing", "online"))
}
