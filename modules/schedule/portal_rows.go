package schedule

import (
	"slices"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/lang"
	"portico/platform/search"
	"portico/platform/web"
)

// seenRow is an item as the client reads it.
type seenRow struct {
	Shown
	Href    string
	Badge   string
	Word    lang.Text // colour and word of its state
	Waits   []string  // the names of what it waits for, as far as they are shown
	Unnamed bool      // it waits for something that is not
	In      bool      // it stands in a phase that is shown
	Project string    // "" where there is only one
}

// portalPart is one project's schedule.
type portalPart struct {
	ID    uuid.UUID
	Name  string
	Chart chart
	Rows  []seenRow
}

func single(all []Shown) bool {
	for _, s := range all {
		if s.ProjectID != all[0].ProjectID {
			return false
		}
	}
	return true
}

// apart puts the rows of each project together; they come in this order already.
func apart(rows []seenRow) (parts []portalPart) {
	for _, row := range rows {
		if len(parts) == 0 || parts[len(parts)-1].ID != row.ProjectID {
			parts = append(parts, portalPart{ID: row.ProjectID, Name: row.ProjectName})
		}
		at := len(parts) - 1
		parts[at].Rows = append(parts[at].Rows, row)
	}
	return parts
}

func projectsOf(parts []portalPart) []uuid.UUID {
	ids := make([]uuid.UUID, len(parts))
	for n, part := range parts {
		ids[n] = part.ID
	}
	return ids
}

// rowsOf says of each item how it stands, and what it waits for; what is not shown has no name.
func (p portal) rowsOf(r *web.Request, all []Shown) []seenRow {
	today := r.Here().Today()
	names := make(map[uuid.UUID]string, len(all))
	for _, s := range all {
		names[s.ID] = s.Title
	}
	rows := make([]seenRow, len(all))
	for n, s := range all {
		row := seenRow{Shown: s, Href: r.Path(section, "items", s.ID)}
		row.Badge, row.Word = s.state(today)
		_, row.In = names[s.PhaseID]
		for _, one := range s.AfterIds {
			if name, shown := names[one]; shown {
				row.Waits = append(row.Waits, name)
			} else {
				row.Unnamed = true
			}
		}
		rows[n] = row
	}
	return rows
}

// state is how an item stands, in a colour and a word.
func (s Shown) state(today day.Day) (kind string, word lang.Text) {
	switch {
	case s.Progress == 100 && s.Kind == Milestone:
		return "ok", "Reached"
	case s.Progress == 100:
		return "ok", "Done"
	case s.Progress > 0 || s.Kind != Milestone && !s.StartOn.After(today):
		return "info", "Under way"
	case s.Kind == Milestone && s.StartOn == today:
		return "due", "Today"
	}
	return "outline", "Planned"
}

// chart draws one project's schedule for its client.
func (p portal) chart(r *web.Request, part portalPart, calendar Calendar) portalPart {
	c := chart{Reader: r.Here().Reader(), Label: r.Say("Chart of %s", part.Name)}
	for _, z := range zooms {
		c.Zooms = append(c.Zooms, zoom{Title: r.Say(z.title), Href: r.Path(section) + "?view=gantt&zoom=" + z.id})
	}
	var links []Link
	for _, row := range part.Rows {
		c.Bars = append(c.Bars, bar{
			ID: row.ID, Title: row.Title, Href: row.Href, Sub: r.Here().Reader().Value(row.Span().Short()).(string), Kind: row.Kind, In: row.In, Span: row.Span(), Progress: row.Progress, Color: row.Color,
		})
		for n, from := range row.AfterIds {
			link := Link{From: from, To: row.ID, Relation: FinishStart}
			if n < len(row.AfterKinds) {
				link.Relation = Relation(row.AfterKinds[n])
			}
			links = append(links, link)
		}
	}
	part.Chart, part.Rows = draw(c, links, calendar, r.Here().Today(), r.Query("zoom")), nil
	return part
}

var portalShows = []choice{{"", "All steps"}, {"coming", "Still to come"}, {"milestones", "Milestones"}}

// list fills the rows of the list.
func (p portal) list(r *web.Request, view *indexPage, rows []seenRow) {
	words := search.Typed(view.Query)
	rows = slices.DeleteFunc(slices.Clone(rows), func(row seenRow) bool {
		switch {
		case view.Show == "coming" && row.Progress == 100, view.Show == "milestones" && row.Kind != Milestone:
			return true
		}
		return len(words) > 0 && !fits(row.Title+" "+row.ProjectName, words)
	})
	view.None = len(rows) == 0
	rows, view.Pages = paged(r, rows, "step")
	for _, part := range apart(rows) {
		at := slices.IndexFunc(view.Parts, func(p portalPart) bool { return p.ID == part.ID })
		if at < 0 {
			view.Parts = append(view.Parts, part)
			continue
		}
		view.Parts[at].Rows = part.Rows
	}
}
