package modules_test

import (
	"html/template"
	"testing"

	"portico/platform/portaltest"
	"portico/platform/web"
)

func TestWhatStandsAroundAListIsWhatItsViewsDraw(t *testing.T) {
	const nasty = `Ana & "Tom" <b>O'Hara</b> +1`
	type option struct{ Value, Title string }
	tabs := []web.NavItem{{Title: nasty, Href: "/office/billing?client=1&q=a%20b", Current: true}, {Title: "Payments", Href: "/office/billing/payments", Badge: 12}}
	options := []option{{"", "All states"}, {nasty, nasty}, {"paid", "Paid"}}
	portaltest.Within(t, func(r *web.Request) error {
		same := func(name string, data any, got template.HTML) {
			t.Helper()
			want, err := r.Drawn(web.Draw(name, data))
			if err != nil {
				t.Fatal(err)
			}
			if got != want {
				t.Errorf("written:\n%s\nand %s draws\n%s", got, name, want)
			}
		}
		same("_tabs", map[string]any{"Label": nasty, "Items": tabs}, web.DrawTabs(r.Markup(), nasty, tabs))
		for _, value := range []string{"", nasty, "paid", "unknown"} {
			same("_pick", map[string]any{"Name": "state", "Label": nasty, "Value": value, "Options": options}, web.DrawPick(r.Markup(), "state", nasty, value, options))
		}
		for _, sort := range []string{"", "ascending", "descending"} {
			head := web.Head{Title: nasty, Href: "/office/billing?q=%3Cb%3E+x&sort=due", Sort: sort, Class: "money"}
			same("_sort", head, head.Draw(r.Markup()))
		}
		return nil
	})
}
