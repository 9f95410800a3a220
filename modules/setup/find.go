package setup

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/people"
	"portico/platform/search"
)

// places are the pages of the setup with the words by which people look for them.
var places = []struct{ Title, Words, Icon, Page string }{
	{"Firm settings", "firm settings name address phone website time zone language currency", "building-2", "firm"},
	{"Branding", "branding logo color colour theme", "palette", "branding"},
	{"Mail texts", "mail texts email words subject invitation template", "mail", "mails"},
	{"Portal address", "portal address subdomain domain name url link dns https certificate", "globe", "address"},
	{"Portal and sign-in", "portal sign-in on off links second factor two", "cloud", "portal"},
	{"Sections", "sections areas presets visible clients see defaults", "toggle-right", "sections"},
	{"Change many clients", "change many clients bulk at once preset portal setup uploads", "list-checks", "bulk"},
	{"Staff", "staff team members roles invite people", "user-cog", "staff"},
	{"Single sign-on", "single sign-on sso openid connect oidc okta entra google provider", "shield-check", "sso"},
	{"Background work", "background work jobs mails failed queue", "list-checks", "work"},
	{"Activity", "activity log history who changed audit", "history", "activity"},
}

// find answers the palette: pages of the setup, and who works here.
func (o office) find(ctx context.Context, tx bun.Tx, v auth.Viewer, words string, limit int) ([]search.Hit, error) {
	if !v.May(manage) || len(search.Typed(words)) == 0 {
		return nil, nil
	}
	var hits []search.Hit
	for _, p := range places {
		if p.Page == "sso" && !v.May(ownSSO) {
			continue
		}
		if fits(words, p.Words) {
			hits = append(hits, search.Hit{Title: p.Title, Detail: "Setup", Icon: p.Icon, Href: "/office/setup/" + p.Page})
		}
	}
	staff, err := people.ListStaff(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	for _, s := range staff {
		if fits(words, s.Name, s.Email) {
			hits = append(hits, search.Hit{Title: s.Name, Detail: roleTitles[s.Role], Icon: "user", Href: "/office/setup/staff/" + s.PersonID.String()})
		}
	}
	return hits[:min(limit, len(hits))], nil
}
