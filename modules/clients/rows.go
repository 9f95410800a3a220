package clients

import (
	"html/template"

	"portico/platform/view"
)

// rows writes what views/_rows.html draws. The list of clients is the busiest page of the office, and the actions of its
// rows were more than half of its cost.
func (v indexView) rows(m *view.Markup) template.HTML {
	for _, c := range v.Rows {
		m.Raw("\n" + `<tr><td class="tick"><label><input type="checkbox" data-tick name="id" value="`).Text(c.ID.String())
		m.Raw(`" aria-label="Tick `).Text(c.Name).Raw(`"></label></td>` + "\n")
		m.Raw(`<td class="card-title wrap"><a class="row-link" href="`).Path(v.Path("clients", c.ID)).Raw(`">`).Text(c.Name).Raw(`</a>`)
		if c.Kind == "company" {
			m.Raw(`<span class="sub">Company</span>`)
		}
		m.Raw("</td>\n" + `<td data-label="Main contact">`).Text(c.ContactName)
		if c.Contacts > 1 {
			m.Raw(` <span class="muted">+`).Int(c.Contacts - 1).Raw(`</span>`)
		}
		email := c.ContactEmail
		if email == "" {
			email = c.Email
		}
		m.Raw("</td>\n" + `<td class="hide-medium hide-narrow">`).Text(email)
		m.Raw("</td>\n" + `<td class="hide-medium" data-label="Place">`).Text(c.City)
		m.Raw("</td>\n" + `<td class="number`)
		if c.Projects == 0 {
			m.Raw(` blank" data-label="Projects">`)
		} else {
			m.Raw(`" data-label="Projects">`).Int(c.Projects)
		}
		m.Raw("</td>\n" + `<td class="card-status">`)
		if v.CloudOf(c.Client) == "on" {
			m.Raw(`<span class="cloud on">`).Icon("cloud").Raw("On</span>")
		} else {
			m.Raw(`<span class="cloud off">`).Icon("cloud-off").Raw("Off</span>")
		}
		m.Raw("\n</td>\n" + `<td class="hide-narrow"><time datetime="`).Text(view.ISO(c.CreatedAt)).Raw(`">`)
		m.Text(view.Day(v.Local(c.CreatedAt))).Raw("</time></td></tr>\n")
	}
	return m.Done()
}
