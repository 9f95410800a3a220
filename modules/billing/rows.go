package billing

import (
	"html/template"

	"portico/platform/view"
	"portico/platform/web"
)

// rows are invoices in a list of staff's.
type rows struct {
	Here   *web.Here
	Rows   []row
	Ticks  string // where ticked ones are sent; "": nothing can be ticked
	Client bool   // each says whose it is
}

// draw writes what views/_rows.html draws: the list is among the busiest pages, and the actions of its rows were most of its
// cost.
func (l rows) draw(m *view.Markup) template.HTML {
	for _, i := range l.Rows {
		m.Raw("<tr")
		if i.IsVoid() {
			m.Raw(` class="billing-void"`)
		}
		m.Raw(">\n")
		if l.Ticks != "" {
			m.Raw(`<td class="tick"><label><input type="checkbox" data-tick name="id" value="`).Text(i.Tick()).Raw(`" aria-label="Tick `).Text(i.Title).Raw(`"></label></td>`)
		}
		m.Raw("\n" + `<td class="card-title wrap"><a class="row-link" href="`).Path(i.Href).Raw(`">`).Text(i.Title).Raw(`</a><span class="sub">`).Text(i.Name())
		if i.ProjectName != "" {
			m.Raw(" · ").Text(i.ProjectName)
		}
		m.Raw("</span>")
		if i.Changed {
			m.Raw(`<span class="sub billing-late">Changed meanwhile, not released</span>`)
		}
		m.Raw("</td>\n")
		if l.Client {
			m.Raw(`<td data-label="Client">`).Text(i.ClientName).Raw("</td>")
		}
		m.Raw("\n" + `<td data-label="Due">`)
		if i.DueOn.IsZero() {
			m.Raw(`<span class="muted">–</span>`)
		} else {
			m.Raw(`<time datetime="`).Text(view.ISO(i.DueOn)).Raw(`">`).Text(view.Day(i.DueOn)).Raw("</time>")
		}
		m.Raw("</td>\n"+`<td class="card-status">`).Badge(i.Mark.Kind, i.Mark.Text.String(), i.Mark.Icon).Raw("\n</td>\n")
		m.Raw(`<td class="money card-amount">`).Text(l.Here.Money(i.Amount())).Raw("</td>\n" + `<td class="money hide-medium" data-label="Balance">`)
		if i.IsReleased() {
			m.Text(l.Here.Money(i.Balance()))
		} else {
			m.Raw(`<span class="muted">–</span>`)
		}
		m.Raw("</td></tr>")
	}
	return m.Raw("\n").Done()
}
