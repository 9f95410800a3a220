package clients

import (
	"errors"
	"testing"
	"time"

	"portico/platform/access"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/portaltest"
	"portico/platform/web"
)

func TestRowsAreWhatTheirTemplateDraws(t *testing.T) {
	const nasty = `Ana & "Tom" <b>O'Hara</b> +1`
	full := clientRow{
		Client:      Client{ID: id.New(), Name: nasty, Kind: "company", Email: nasty, City: nasty, PortalOn: true, CreatedAt: time.Now()},
		ContactName: nasty, ContactEmail: nasty, Contacts: 3, Projects: 12,
	}
	see := access.Staff("probe:see", access.Member)
	differ := errors.New("not asked")
	probe := module.Module{
		ID: "probe", Title: "Probe", Summary: "Draws rows both ways", Icon: "circle", Toggle: module.Always, Permissions: []access.Permission{see},
		Mount: func(module.Platform) (module.Section, error) {
			return module.Section{Office: []web.Route{web.Get("/", see, func(r *web.Request) error {
				v := indexView{Here: r.Here(), Rows: []clientRow{full, {Client: Client{ID: id.New(), Name: "Chen", Email: "a@b.example"}, Contacts: 1}}}
				want, err := r.Drawn(web.Draw("clients/_rows", v))
				differ = err
				if got := v.rows(r.Markup()); err == nil && got != want {
					t.Errorf("rows.go writes\n%s\nand _rows.html\n%s", got, want)
				}
				return r.Text("compared")
			})}}, nil
		},
	}
	portaltest.Open(t, Module, probe).As("ben").Open("/office/probe").Has(t, 200)
	if differ != nil {
		t.Error(differ)
	}
}
