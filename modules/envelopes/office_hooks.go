package envelopes

import (
	"strconv"

	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/search"
	"portico/platform/web"
)

func hitsOf(v auth.Viewer, list []Envelope) []search.Hit {
	here := web.Here{Viewer: v}
	var hits []search.Hit
	for _, e := range list {
		detail := e.Kind.Title()
		if v.Side == auth.Office {
			detail += ", " + e.ClientName
		}
		if e.ProjectName != "" {
			detail += ", " + e.ProjectName
		}
		if e.Total != 0 {
			detail += ", " + here.Money(e.Amount())
		}
		hits = append(hits, search.Hit{Title: e.Title, Detail: detail, Icon: "signature", Href: here.Path("envelopes", e.ID)})
	}
	return hits
}

func officeCards(d desk) []module.Card {
	on := office{d}
	return []module.Card{
		{ID: "envelopes:waiting", Title: "Contracts", Side: auth.Office, Who: keep, Order: 25, Path: "envelopes", Draw: on.card},
	}
}

func officeTabs() []module.Tab {
	return []module.Tab{
		{ID: "envelopes:client", Title: "Contracts", Of: "client", Who: keep, Order: 42, Path: func(id string) string { return "/office/envelopes/clients/" + id }},
		{ID: "envelopes:project", Title: "Contracts", Of: "project", Who: keep, Order: 42, Path: func(id string) string { return "/office/envelopes/projects/" + id }},
	}
}

func officeSetups() []module.SetupPage {
	return []module.SetupPage{
		{Title: "Contract settings", Summary: "How long people have to sign, when they are reminded, and whether a code is asked for.", Icon: "signature", Who: rule, Path: "envelopes/settings"},
		{Title: "Contract templates", Summary: "The texts that contracts, change orders and proposals are made from.", Icon: "file-text", Who: rule, Path: "envelopes/templates"},
	}
}

type deskCard struct {
	*web.Here
	Lines []deskLine
}

type deskLine struct{ Title, Sub, Href, Kind, Icon string }

// mostNamed is how many documents a card names one by one.
const mostNamed = 3

// card says what the office has to do: to sign for the firm, to follow up, to finish.
func (o office) card(r *web.Request) (web.Part, bool, error) {
	view := deskCard{Here: r.Here()}
	for _, one := range []struct{ state, one, many, sub, kind, icon string }{
		{"us", "waits for our signature", "wait for our signature", "all clients have signed", "sign", "pen-line"},
		{"expired", "without an answer in time", "without an answer in time", "give more time, or correct them", "late", "clock"},
		{"clients", "waits for clients", "wait for clients", "", "info", "send"},
		{"draft", "draft", "drafts", "to finish and send", "", "pencil"},
	} {
		f := filter{State: one.state, Sort: "-made"}
		n, err := count(r.Context(), r.Tx(), r.Viewer(), f)
		if err != nil {
			return web.Part{}, false, err
		}
		if n == 0 {
			continue
		}
		title := strconv.Itoa(min(n, few)) + " " + one.many
		if n == 1 {
			title = "1 " + one.one
		}
		line := deskLine{Title: title, Sub: one.sub, Href: r.Path("envelopes") + "?state=" + one.state, Kind: one.kind, Icon: one.icon}
		view.Lines = append(view.Lines, line)
	}
	lately, err := declinedLately(r.Context(), r.Tx(), r.Viewer(), r.Now())
	if err != nil {
		return web.Part{}, false, err
	}
	for _, e := range lately {
		line := deskLine{Title: "Declined: " + e.Title, Sub: e.ClientName, Href: r.Path("envelopes", e.ID), Kind: "late", Icon: "circle-x"}
		for _, one := range e.Recipients {
			if !one.DeclinedAt.IsZero() {
				line.Sub = one.Name + ": " + one.Reason
			}
		}
		view.Lines = append(view.Lines, line)
	}
	return web.Draw("envelopes/_desk_card", view), len(view.Lines) > 0, nil
}
