package envelopes

import "portico/platform/web"

type portal struct{ desk }

func portalRoutes(d desk) []web.Route {
	on := portal{d}
	return []web.Route{web.Get("/", see, on.index)}
}

type portalView struct {
	*web.Here
	Envelopes []Envelope
}

// index are the documents that concern the viewer.
func (p portal) index(r *web.Request) error {
	r.Title("Contracts")
	view := portalView{Here: r.Here()}
	if err := envelopes(r.Tx(), r.Viewer()).OrderExpr("e.id DESC").Limit(200).Scan(r.Context(), &view.Envelopes); err != nil {
		return err
	}
	return r.Show("envelopes/portal", view)
}
