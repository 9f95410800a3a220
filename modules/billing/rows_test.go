package billing

import (
	"testing"

	"portico/platform/day"
	"portico/platform/id"
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
	portaltest.Within(t, func(r *web.Request) error {
		for _, l := range []rows{{r.Here(), list, "/office/billing/releases", true}, {r.Here(), list, "", false}} {
			want, err := r.Drawn(web.Draw("billing/_rows", l))
			if err != nil {
				return err
			}
			if got := l.draw(r.Markup()); got != want {
				t.Errorf("rows.go writes\n%s\nand _rows.html\n%s", got, want)
			}
		}
		return nil
	}, Module)
}
