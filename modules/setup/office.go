package setup

import (
	"portico/platform/fault"
	"portico/platform/firm"
	"portico/platform/module"
	"portico/platform/outbox"
	"portico/platform/web"
)

// office are the pages; all of them are the office's.
type office struct{ module.Platform }

func (o office) catalog() []section { return sectionsOf(o.Catalog()) }

// group is a part of the start page.
type group struct {
	Title string
	Items []entry
}

// entry is one way into a part of the setup.
type entry struct {
	Title, Summary, Icon, Href string
	Kind, State                string // a badge, when there is something to know before going there
}

type startView struct {
	*web.Here
	Groups []group
}

func (o office) start(r *web.Request) error {
	r.Title("Setup")
	s, err := firm.Get(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	counts, err := outbox.Count(r.Context(), r.Tx(), r.Firm().ID)
	if err != nil {
		return err
	}
	return r.Show("setup/start", startView{r.Here(), append(groups(r, s, counts), o.ofSections(r)...)})
}

// ofSections are the settings that other sections bring, as far as the viewer may change them.
func (o office) ofSections(r *web.Request) []group {
	var found []entry
	for _, m := range o.Catalog().Modules {
		for _, page := range m.Setups {
			if r.Viewer().May(page.Who) {
				found = append(found, entry{Title: page.Title, Summary: page.Summary, Icon: page.Icon, Href: r.Path() + "/" + page.Path})
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	return []group{{"Settings of sections", found}}
}

func groups(r *web.Request, s firm.Settings, counts outbox.Counts) []group {
	to := func(page string) string { return r.Path("setup", page) }
	portal := entry{"Portal and sign-in", "Open or close the portal for all clients, and choose how people sign in.", "cloud", to("portal"), "ok", "Portal on"}
	if !s.PortalOn {
		portal.Kind, portal.State = "muted", "Portal off"
	}
	work := entry{Title: "Background work", Summary: "Mails and other work that waits, runs or needs a look.", Icon: "list-checks", Href: to("work")}
	if counts.Failed > 0 {
		work.Kind, work.State, work.Href = "late", "Needs a look", work.Href+"?state=failed"
	}
	staff := []entry{{Title: "Staff", Summary: "Who works here, with which role, and what clients see of them.", Icon: "user-cog", Href: to("staff")}}
	if r.Viewer().May(ownSSO) {
		sso := entry{Title: "Single sign-on", Summary: "Let staff sign in with your own provider, such as Okta, Entra ID or Google.", Icon: "shield-check", Href: to("sso")}
		if r.Firm().SSO != "" {
			sso.Kind, sso.State = "ok", "On"
		}
		staff = append(staff, sso)
	}
	return []group{
		{"Your firm", []entry{
			{Title: "Firm settings", Summary: "Name, address, time zone, language and currency.", Icon: "building-2", Href: to("firm")},
			{Title: "Branding", Summary: "Your logo and color in the portal and in every mail.", Icon: "palette", Href: to("branding")},
			{Title: "Mail texts", Summary: "What invitations and reminders say: subject and words, with a preview.", Icon: "mail", Href: to("mails")},
			{Title: "Portal address", Summary: "The name in your portal's address, and domains of your own.", Icon: "globe", Href: to("address")},
		}},
		{"What clients see", []entry{
			portal,
			{Title: "Sections", Summary: "What every client sees unless you decide otherwise for one of them.", Icon: "toggle-right", Href: to("sections")},
			{Title: "Change many clients", Summary: "Switch sections, the portal or uploads for many clients at once.", Icon: "list-checks", Href: to("bulk")},
		}},
		{"People", staff},
		{"Behind the scenes", []entry{
			work,
			{Title: "Activity", Summary: "Who changed what, and what it was before.", Icon: "history", Href: to("activity")},
		}},
	}
}

// trail is the way back from a page of the setup.
func (o office) trail(r *web.Request) []web.NavItem {
	return []web.NavItem{{Title: "Setup", Href: r.Path("setup")}}
}

// moved is the fault for a second saver; what others changed is told beside it.
func moved(others []happening) error {
	if len(others) == 0 {
		return fault.Conflict("Somebody has changed this while you had the page open. What you entered is kept below: look it over, then save again.")
	}
	return fault.Conflict(others[0].Who + " has changed this while you had the page open. What you entered is kept below: look it over, then save again.")
}
