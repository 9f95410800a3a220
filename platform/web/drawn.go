package web

import (
	"cmp"
	"html/template"

	"portico/platform/view"
)

// What stands around every busy list, written without a template's actions, as view.Markup writes its rows. The views
// draw the same: see TestWhatStandsAroundAListIsWhatItsViewsDraw.

// DrawTabs writes what views/_tabs.html draws.
func DrawTabs(m *view.Markup, label string, items []NavItem) template.HTML {
	m.Raw(`<nav class="tabs" aria-label="`).Text(label).Raw(`"><ul>`)
	for _, i := range items {
		m.Raw(`<li><a href="`).Path(i.Href).Raw(`"`)
		if i.Current {
			m.Raw(` aria-current="page"`)
		}
		m.Raw(">").Text(i.Title)
		if i.Badge != 0 {
			m.Raw(`<span class="count">`).Int(i.Badge).Raw("</span>")
		}
		m.Raw("</a></li>")
	}
	return m.Raw("</ul></nav>\n").Done()
}

// DrawPick writes what views/_pick.html draws of a choice that does not send its form by itself.
func DrawPick[O ~struct{ Value, Title string }](m *view.Markup, name, label, value string, options []O) template.HTML {
	m.Raw(`<label class="visually-hidden" for="pick-`).Text(name).Raw(`">`).Text(label).Raw("</label>\n")
	m.Raw(`<select class="input" id="pick-`).Text(name).Raw(`" name="`).Text(name).Raw(`">`)
	for _, o := range options {
		o := struct{ Value, Title string }(o)
		m.Raw(`<option value="`).Text(o.Value).Raw(`"`)
		if o.Value == value {
			m.Raw(" selected")
		}
		m.Raw(">").Text(o.Title).Raw("</option>")
	}
	return m.Raw("</select>\n").Done()
}

// Draw writes what views/_sort.html draws.
func (h Head) Draw(m *view.Markup) template.HTML {
	m.Raw(`<th scope="col" class="`).Text(h.Class).Raw(`" aria-sort="`).Text(cmp.Or(h.Sort, "none")).Raw(`"><a href="`).Path(h.Href).Raw(`">`).Text(h.Title)
	switch h.Sort {
	case "descending":
		m.Icon("arrow-down")
	case "ascending":
		m.Icon("arrow-up")
	default:
		m.Icon("arrow-up-down")
	}
	return m.Raw("</a></th>\n").Done()
}
