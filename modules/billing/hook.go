package billing

import (
	"time"

	"portico/modules/billing/gateway"
	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

// hooks are where providers report.
type hooks struct{ module.Platform }

func (h hooks) routes() []web.Route {
	return []web.Route{
		web.Post(hookPath+":key", access.Public, h.report).ByPrograms().Upto(256<<10).Tries("billing-report", 3000, time.Minute),
	}
}

// report keeps what a provider says once, and promises to look into it. Nothing is believed yet but the signature.
func (h hooks) report(r *web.Request) error {
	system := auth.System(r.Firm().ID)
	a, err := accountByHook(r.Context(), r.Tx(), system, r.Param("key"))
	if err != nil {
		return err
	}
	c, err := openCredentials(h.Key, a.Credentials, r.Firm().ID, a.ID)
	if err != nil {
		return err
	}
	// the request's own address: to look it up would take a second connection for each report, while many come at once
	provider, err := dial(h.Platform, r.Firm().ID, a, c, r.Origin())
	if err != nil {
		return err
	}
	body, err := r.Raw()
	if err != nil {
		return err
	}
	event, err := provider.Verify(signed(r), body, r.Now())
	if said, definite := gateway.Definite(err); definite {
		return fault.BadRequest(said.Text)
	}
	if err != nil {
		return err
	}
	if event.Object == gateway.AboutNothing {
		return r.Text("heard\n")
	}
	fresh, err := keepEvent(r.Context(), r.Tx(), system, a.ID, event, body)
	if err != nil {
		return err
	}
	if fresh {
		if _, err := eventArrived.Enqueue(r.Context(), r.Tx(), r.Firm().ID, arrived{a.ID, event.ID}); err != nil {
			return err
		}
	}
	return r.Text("heard\n")
}

// signed are the headers that a provider signs in.
func signed(r *web.Request) gateway.Header {
	header := gateway.Header{}
	for _, name := range gateway.SignedIn {
		if value := r.Header(name); value != "" {
			header.Set(name, value)
		}
	}
	return header
}
