package setup

import (
	"net/url"
	"strings"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/auth/sso"
	"portico/platform/fault"
	"portico/platform/web"
)

// ownSSO is asked for by the pages of single sign-on: whoever sets the provider can come in as anybody, owners included.
var ownSSO = access.Staff("setup:sso", access.Owner)

// ssoForm is the firm's provider as a form carries it.
type ssoForm struct {
	Version      int    `form:"version"`
	Name         string `form:"name"`
	Issuer       string `form:"issuer"`
	ClientID     string `form:"client_id"`
	ClientSecret string `form:"client_secret"`
	Domains      string `form:"domains"`
	Enabled      bool   `form:"enabled"`
	Required     bool   `form:"required"`
	SecondFactor bool   `form:"second_factor"`
	Joins        bool   `form:"joins"`
}

func ssoFormOf(p sso.Provider) ssoForm {
	return ssoForm{p.Version, p.Name, p.Issuer, p.ClientID, "", strings.Join(p.Domains, "\n"), p.Enabled, p.Required, p.SecondFactor, p.Joins}
}

func (f ssoForm) provider() sso.Provider {
	return sso.Provider{
		Name: f.Name, Issuer: f.Issuer, ClientID: f.ClientID, Enabled: f.Enabled, Required: f.Required, SecondFactor: f.SecondFactor, Joins: f.Joins,
		Domains: strings.FieldsFunc(f.Domains, func(r rune) bool { return strings.ContainsRune(" ,;\n\t", r) }), Version: f.Version,
	}
}

type ssoView struct {
	*web.Here
	Trail    []web.NavItem
	Form     ssoForm
	Was      sso.Provider
	Callback string // the address that the provider sends people back to
	Found    *sso.Found
	Confirm  string // where to show a fresh factor before this can be saved; "": not needed now
}

func (o office) ssoView(r *web.Request, form ssoForm, was sso.Provider) (ssoView, error) {
	r.Title("Single sign-on")
	origin, err := o.Links.Origin(r.Context(), r.Firm().ID)
	return ssoView{Here: r.Here(), Trail: o.trail(r), Form: form, Was: was, Callback: origin + sso.Callback}, err
}

func (o office) sso(r *web.Request) error {
	p, err := sso.Get(r.Context(), r.Tx(), r.Firm().ID)
	if err != nil {
		return err
	}
	view, err := o.ssoView(r, ssoFormOf(p), p)
	if err != nil {
		return err
	}
	return r.Show("setup/sso", view)
}

func (o office) saveSSO(r *web.Request) error {
	var form ssoForm
	wrong := r.Bind(&form)
	was, err := sso.Get(r.Context(), r.Tx(), r.Firm().ID)
	if err != nil {
		return err
	}
	if wrong == nil {
		wrong = stepUp(r)
	}
	if wrong == nil {
		wrong = o.keepSSO(r, was, form)
	}
	if wrong == nil {
		return r.Go(r.Path("setup", "sso"))
	}
	view, err := o.ssoView(r, form, was)
	if err != nil {
		return err
	}
	if fault.Is(wrong, fault.Clash) {
		view.Form.Version = was.Version
	}
	view.Confirm = confirmFor(r, wrong, "sso")
	return r.Again("setup/sso", view, wrong)
}

func (o office) keepSSO(r *web.Request, was sso.Provider, form ssoForm) error {
	is, err := o.SSO.Save(r.Context(), r.Tx(), r.Viewer(), form.provider(), form.ClientSecret)
	if err != nil {
		return err
	}
	before, after := diff(toldSSO(was), toldSSO(is))
	if form.ClientSecret != "" {
		before["client_secret"], after["client_secret"] = "", "a new one"
	}
	if len(after) == 0 {
		r.Toast("Nothing was changed.")
		return nil
	}
	r.Toast("Saved.")
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "firm.sso", Text: "changed single sign-on", Data: map[string]any{"before": before, "after": after},
	})
}

func toldSSO(p sso.Provider) map[string]any {
	return map[string]any{
		"provider": p.Name, "issuer": p.Issuer, "client_id": p.ClientID, "domains": strings.Join(p.Domains, ", "), "single_sign_on": p.Enabled,
		"required_of_staff": p.Required, "counts_as_second_factor": p.SecondFactor, "people_of_these_domains_join": p.Joins,
	}
}

// testSSO asks the provider whose address stands in the form. Nothing is saved, and what was typed stays.
func (o office) testSSO(r *web.Request) error {
	var form ssoForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	was, err := sso.Get(r.Context(), r.Tx(), r.Firm().ID)
	if err != nil {
		return err
	}
	view, err := o.ssoView(r, form, was)
	if err != nil {
		return err
	}
	if err := r.EndTransaction(); err != nil { // the provider may be slow
		return err
	}
	found := o.SSO.Test(r.Context(), form.Issuer)
	view.Found = &found
	if r.IsPart() {
		return r.Parts(web.Draw("setup/_sso_test", view))
	}
	return r.Show("setup/sso", view)
}

// errStepUp keeps a form as it is until its sender has shown a fresh factor: on a page of its own, so that nothing that
// was typed is lost.
var errStepUp = fault.Invalid("This is protected. Confirm that it is you, then save again: what you entered is kept here.")

func stepUp(r *web.Request) error {
	if r.Viewer().Confirmed(r.Now()) != nil {
		return errStepUp
	}
	return nil
}

// confirmFor is the way to the page that confirms, when that is what is wrong.
func confirmFor(r *web.Request, wrong error, page string) string {
	if f, ok := fault.Of(wrong); !ok || f != errStepUp {
		return ""
	}
	return "/sign-in/confirm?to=" + url.QueryEscape(r.Path("setup", page))
}
