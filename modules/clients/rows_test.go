package clients

import (
	"testing"
	"time"

	"portico/platform/id"
	"portico/platform/portaltest"
	"portico/platform/web"
)

func TestRowsAreWhatTheirTemplateDraws(t *testing.T) {
	const nasty = `Ana & "Tom" <b>O'Hara</b> +1`
	full := clientRow{
		Client:      Client{ID: id.New(), Name: nasty, Kind: "company", Email: nasty, City: nasty, PortalOn: true, CreatedAt: time.Now()},
		ContactName: nasty, ContactEmail: nasty, Contacts: 3, Projects: 12,
	}
	portaltest.Within(t, func(r *web.Request) error {
		v := indexView{Here: r.Here(), Rows: []clientRow{full, {Client: Client{ID: id.New(), Name: "Chen", Email: "a@b.example"}, Contacts: 1}}}
		want, err := r.Drawn(web.Draw("clients/_rows", v))
		if got := v.rows(r.Markup()); err == nil && got != want {
			t.Errorf("rows.go writes\n%s\nand _rows.html\n%s", got, want)
		}
		return err
	}, Module)
}
