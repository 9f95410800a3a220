package billing

import (
	"errors"
	"testing"

	"portico/platform/access"
	"portico/platform/day"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/portaltest"
	"portico/platform/web"
)

func TestRowsAreWhatTheirTemplateDraws(t *testing.T) {
	const nasty = `Ana & "Tom" <b>O'Hara</b> +1`
	due := day.New(2026, 12, 15)
	var list []row
	for _, m := range []mark{{"ok", "Paid", ""}, {"due", "Due soon", ""}, {"late", "Overdue", ""}, {"info", "Processing", "loader-circle"}, {"outline", "Open", "circle"}, {"muted", nasty, ""}} {
		list = append(list, row{Mark: m, Href: "/office/billing/invoices/1", Changed: m.Kind == "due", Invoice: Invoice{
			ID: id.New(), Stage: Released, State: Open, Number: "INV-1", Title: nasty, ClientName: nasty, ProjectName: nasty, Currency: "USD", Total: 123456789, Paid: 1, DueOn: due,
		}})
	}
	list = append(list, row{Mark: mark{"outline", "Draft", "circle-dashed"}, Href: "/x", Invoice: Invoice{Stage: Draft, Currency: "JPY"}}, row{Mark: mark{"muted", "Void", "x"}, Href: "/y", Invoice: Invoice{Stage: Void, Number: "INV-2", Currency: "KWD", Total: 5}})
	see := access.Staff("probe:see", access.Member)
	differ := errors.New("not asked")
	probe := module.Module{
		ID: "probe", Title: "Probe", Summary: "Draws rows both ways", Icon: "circle", Toggle: module.Always, Permissions: []access.Permission{see},
		Mount: func(module.Platform) (module.Section, error) {
			return module.Section{Office: []web.Route{web.Get("/", see, func(r *web.Request) error {
				for _, l := range []rows{{r.Here(), list, "/office/billing/releases", true}, {r.Here(), list, "", false}} {
					want, err := r.Drawn(web.Draw("billing/_rows", l))
					differ = err
					if got := l.draw(r.Markup()); err == nil && got != want {
						t.Errorf("rows.go writes\n%s\nand _rows.html\n%s", got, want)
					}
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
