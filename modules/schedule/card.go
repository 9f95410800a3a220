package schedule

import "portico/platform/web"

type nextCard struct {
	*web.Here
	Rows   []seenRow
	Single bool
}

const nextOnCard = 4

// card is what comes next, on the dashboard.
func (p portal) card(r *web.Request) (web.Part, bool, error) {
	list, err := comingUp(r.Context(), r.Tx(), r.Viewer(), r.Here().Today(), nextOnCard)
	if err != nil {
		return web.Part{}, false, err
	}
	return web.Draw("schedule/_next_card", nextCard{r.Here(), p.rowsOf(r, list), single(list)}), len(list) > 0, nil
}

type deskCard struct {
	*web.Here
	Lines []deskLine
}

type deskLine struct{ Title, Sub, Href, Kind, Icon string }

// card says what the office has to do about schedules.
func (o office) card(r *web.Request) (web.Part, bool, error) {
	view := deskCard{Here: r.Here()}
	today := r.Here().Today()
	pending, err := pick(r.Context(), r.Tx(), r.Viewer(), filter{State: "pending", Sort: "-changed"}, today, r.Place())
	if err != nil {
		return web.Part{}, false, err
	}
	if pending.Count > 0 {
		line := deskLine{Title: counted(pending.Count, "schedule") + " with changes to publish", Sub: "clients still see the old dates", Href: r.Path(section) + "?state=pending", Kind: "due", Icon: "send"}
		if pending.Count == 1 {
			line.Sub, line.Href = pending.Plans[0].ProjectName, r.Path(section, "projects", pending.Plans[0].ProjectID)
		}
		view.Lines = append(view.Lines, line)
	}
	late, err := lateItems(r.Context(), r.Tx(), r.Viewer(), today, few)
	if err != nil {
		return web.Part{}, false, err
	}
	if late > 0 {
		view.Lines = append(view.Lines, deskLine{Title: counted(late, "item") + " should be done by now", Sub: "of projects under way", Href: r.Path(section) + "?sort=end", Kind: "late", Icon: "clock"})
	}
	return web.Draw("schedule/_desk_card", view), len(view.Lines) > 0, nil
}
