package envelopes

import "portico/platform/web"

type office struct{ desk }

func officeRoutes(d desk) []web.Route {
	on := office{d}
	return []web.Route{web.Get("/", keep, on.index)}
}

type officeView struct {
	*web.Here
	Envelopes []Envelope
}

// index is the list of all envelopes.
func (o office) index(r *web.Request) error {
	r.Title("Contracts")
	view := officeView{Here: r.Here()}
	if err := envelopes(r.Tx(), r.Viewer()).OrderExpr("e.id DESC").Limit(200).Scan(r.Context(), &view.Envelopes); err != nil {
		return err
	}
	return r.Show("envelopes/office", view)
}
