package host

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/demo"
	"portico/platform/firm"
	"portico/platform/people"
)

// LoadDemo tells the default story in two firms: Northgate Builders ("demo"), who remodel, build and sell, and Harbor
// Events ("harbor"), a stranger to them. Ana Rivera is a client of both. Each section adds its own chapter.
func (h *Host) LoadDemo(ctx context.Context, seed uint64) error {
	for _, tell := range []func(context.Context, bun.Tx, *demo.Story) error{tellNorthgate, tellHarbor} {
		firmID := uuid.Must(uuid.NewV7())
		err := db.InTx(ctx, h.Pool, firmID, func(ctx context.Context, tx bun.Tx) error {
			story := &demo.Story{
				Firm: auth.Firm{ID: firmID}, Now: h.Now(), Rand: rand.New(rand.NewPCG(seed, seed)),
				People: map[string]demo.Person{}, Clients: map[string]demo.Client{}, Projects: map[string]demo.Project{},
			}
			if err := tell(ctx, tx, story); err != nil {
				return err
			}
			return h.tellSections(ctx, tx, story)
		})
		if err != nil {
			return fmt.Errorf("demo: %w", err)
		}
	}
	h.Firms.Forget()
	return nil
}

// tellSections lets every module add to the story.
func (h *Host) tellSections(ctx context.Context, tx bun.Tx, story *demo.Story) error {
	for _, m := range h.Catalog.Modules {
		if m.Demo == nil {
			continue
		}
		if err := m.Demo(ctx, tx, story); err != nil {
			return fmt.Errorf("%s: %w", m.ID, err)
		}
	}
	return nil
}

type demoContact struct {
	key, name, title, email, phone, access string
	rights                                 []access.Right
	primary, accepted, limited             bool
	notes                                  string
}

type demoProject struct {
	key, name, street, status, summary, next, notes string
	starts, ends                                    int // days from now
	shared                                          bool
}

type demoClient struct {
	key, name, kind, email, phone, street, city, region, postcode, notes string
	on                                                                   bool
	contacts                                                             []demoContact
	projects                                                             []demoProject
}

func tellNorthgate(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	s.Main = true
	err := makeDemoFirm(ctx, tx, s, firm.New{
		Key: "demo", Name: "Northgate Builders", Kind: "builder", Zone: "America/Chicago", Locale: "en-US", Currency: "USD",
		Email: "office@northgate.example",
	}, "#1f5c4d", "+1 512 555 0100", "2200 Northgate Ave, Austin, TX 78723", "https://northgate.example")
	if err != nil {
		return err
	}
	staff := []people.NewStaff{
		{Name: "Maria Okafor", Email: "maria@northgate.example", Role: access.Owner, Title: "Owner", Phone: "+1 512 555 0101"},
		{Name: "Ben Lindqvist", Email: "ben@northgate.example", Role: access.Member, Title: "Project manager", Phone: "+1 512 555 0102"},
		{Name: "Priya Raman", Email: "priya@northgate.example", Role: access.Admin, Title: "Office manager", Phone: "+1 512 555 0103"},
		{Name: "Diego Santos", Email: "diego@northgate.example", Role: access.Member, Title: "Site lead", Phone: "+1 512 555 0104"},
	}
	if err := makeDemoStaff(ctx, tx, s, staff); err != nil {
		return err
	}
	clients := []demoClient{
		{
			key: "rivera", name: "Ana & Tom Rivera", kind: "household", email: "ana.rivera@example.com", phone: "+1 512 555 0141",
			street: "418 Maple Street", city: "Austin", region: "TX", postcode: "78704", on: true,
			notes: "Tom decides on money, Ana on looks. Margin on the kitchen is thin.",
			contacts: []demoContact{
				{key: "ana", name: "Ana Rivera", title: "Homeowner", email: "ana.rivera@example.com", phone: "+1 512 555 0141", access: "portal", rights: access.AllRights, primary: true, accepted: true, notes: "Calls before nine."},
				{key: "tom", name: "Tom Rivera", title: "Homeowner", email: "tom.rivera@example.com", phone: "+1 512 555 0142", access: "portal", rights: []access.Right{access.SignDocuments, access.SendMessages, access.EditProfile}, accepted: true, limited: true},
				{key: "lucia", name: "Lucía Rivera", title: "Ana's mother", email: "lucia.rivera@example.com", access: "none"},
			},
			projects: []demoProject{
				{key: "maple-street", name: "Maple Street remodel", street: "418 Maple Street", status: "active", shared: true, starts: -45, ends: 60,
					summary: "New kitchen, opened living room and a second bathroom upstairs.",
					next:    "Cabinets are delivered on Thursday\nChoose the backsplash tile by the end of next week\nPlumbing inspection before the walls are closed",
					notes:   "Subcontractor asks 12% more for the tile work; do not pass on yet."},
				{key: "maple-garden", name: "Maple Street garden", street: "418 Maple Street", status: "planned", shared: true, starts: 75, ends: 110,
					summary: "Terrace, steps and planting, once the house is done.", next: "We send the first plan after the kitchen is finished"},
				{key: "maple-attic", name: "Attic study", street: "418 Maple Street", status: "planned", starts: 120, ends: 150, notes: "Only an idea, no price."},
			},
		},
		{
			key: "chen", name: "Chen Family", kind: "household", email: "grace.chen@example.com", phone: "+1 512 555 0151",
			street: "9 Lakeview Court", city: "Lakeway", region: "TX", postcode: "78734", on: true,
			contacts: []demoContact{
				{key: "grace", name: "Grace Chen", title: "Homeowner", email: "grace.chen@example.com", phone: "+1 512 555 0151", access: "portal", rights: access.AllRights, primary: true, accepted: true},
				{key: "wei", name: "Wei Chen", title: "Homeowner", email: "wei.chen@example.com", access: "portal", rights: []access.Right{access.ViewInvoices, access.SendMessages}},
			},
			projects: []demoProject{
				{key: "lakeview-house", name: "Lakeview house", street: "9 Lakeview Court", status: "completed", shared: true, starts: -420, ends: -30,
					summary: "A new house on the lake: three bedrooms, two baths, a boat shed.",
					next:    "Eleven-month walk-through: we will call you a month before"},
			},
		},
		{
			key: "haddad", name: "Haddad & Sons LLC", kind: "company", email: "omar@haddad.example", phone: "+1 512 555 0161",
			street: "77 Orchard Lane", city: "Round Rock", region: "TX", postcode: "78664", on: true,
			contacts: []demoContact{
				{key: "omar", name: "Omar Haddad", title: "Managing partner", email: "omar@haddad.example", phone: "+1 512 555 0161", access: "portal", rights: access.AllRights, primary: true, accepted: true},
				{key: "lina", name: "Lina Haddad", title: "Accounts", email: "lina@haddad.example", access: "portal", rights: []access.Right{access.ViewInvoices, access.MakePayments}},
			},
			projects: []demoProject{
				{key: "orchard-lane", name: "Orchard Lane addition", street: "77 Orchard Lane", status: "planned", shared: true, starts: 21, ends: 140,
					summary: "Two offices and a workshop behind the shop.",
					next:    "Sign the contract\nWe apply for the permit the day after\nGround breaking about three weeks later"},
			},
		},
		{
			key: "novak", name: "Jana Nováková", kind: "household", email: "jana.novakova@example.com",
			street: "15 Pecan Drive", city: "Austin", region: "TX", postcode: "78745",
			contacts: []demoContact{
				{key: "jana", name: "Jana Nováková", title: "Homeowner", email: "jana.novakova@example.com", access: "none", primary: true},
			},
			projects: []demoProject{{key: "pecan-deck", name: "Pecan Drive deck", status: "planned", starts: 40, ends: 55, notes: "Waiting for her decision."}},
		},
	}
	for _, c := range clients {
		if err := makeDemoClient(ctx, tx, s, c); err != nil {
			return err
		}
	}
	return makeDemoTeam(ctx, tx, s, map[string][]demoMember{
		"maple-street":   {{"maria", "Your builder"}, {"ben", "Project manager"}, {"diego", "Site lead"}},
		"maple-garden":   {{"ben", "Planner"}, {"priya", "Paperwork"}},
		"lakeview-house": {{"maria", "Your builder"}, {"diego", "Site lead"}},
		"orchard-lane":   {{"ben", "Project manager"}, {"priya", "Contract and permit"}},
	})
}

func tellHarbor(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	err := makeDemoFirm(ctx, tx, s, firm.New{
		Key: "harbor", Name: "Harbor Events", Kind: "events", Zone: "America/New_York", Locale: "en-US", Currency: "USD",
		Email: "hello@harbor.example",
	}, "#7a3e65", "+1 207 555 0130", "3 Long Wharf, Portland, ME 04101", "https://harbor.example")
	if err != nil {
		return err
	}
	err = makeDemoStaff(ctx, tx, s, []people.NewStaff{
		{Name: "Noor Dalgaard", Email: "noor@harbor.example", Role: access.Owner, Title: "Director", Phone: "+1 207 555 0131"},
		{Name: "Felix Adeyemi", Email: "felix@harbor.example", Role: access.Member, Title: "Producer", Phone: "+1 207 555 0132"},
	})
	if err != nil {
		return err
	}
	clients := []demoClient{
		{key: "rivera", name: "Ana Rivera", kind: "household", email: "ana.rivera@example.com", city: "Austin", region: "TX", on: true,
			contacts: []demoContact{{key: "ana", name: "Ana Rivera", email: "ana.rivera@example.com", access: "portal", rights: access.AllRights, primary: true, accepted: true}},
			projects: []demoProject{{key: "rivera-anniversary", name: "Silver anniversary", status: "active", shared: true, starts: -10, ends: 35,
				summary: "A dinner for sixty on the wharf.", next: "Taste the menu on Saturday"}}},
		{key: "seabrook", name: "Seabrook Foundation", kind: "company", email: "gala@seabrook.example", city: "Portland", region: "ME", on: true,
			notes:    "HARBOR-ONLY internal note.",
			contacts: []demoContact{{key: "ruth", name: "Ruth Seabrook", email: "ruth@seabrook.example", access: "portal", rights: access.AllRights, primary: true, accepted: true}},
			projects: []demoProject{{key: "winter-gala", name: "Winter gala", status: "active", shared: true, starts: -20, ends: 25, summary: "The yearly gala for 300 guests."}}},
	}
	for _, c := range clients {
		if err := makeDemoClient(ctx, tx, s, c); err != nil {
			return err
		}
	}
	return makeDemoTeam(ctx, tx, s, map[string][]demoMember{
		"winter-gala": {{"noor", "Director"}, {"felix", "Producer"}}, "rivera-anniversary": {{"felix", "Producer"}},
	})
}

// DemoLogin is somebody for whom a sign-in link is printed.
type DemoLogin struct{ Who, Firm, Email string }

// DemoLogins are the owner, a member of staff and three clients.
func DemoLogins() []DemoLogin {
	return []DemoLogin{
		{"Maria Okafor, owner", "demo", "maria@northgate.example"},
		{"Ben Lindqvist, staff", "demo", "ben@northgate.example"},
		{"Ana Rivera, remodel under way", "demo", "ana.rivera@example.com"},
		{"Grace Chen, finished house", "demo", "grace.chen@example.com"},
		{"Omar Haddad, just sold", "demo", "omar@haddad.example"},
	}
}

func daysFrom(now time.Time, days int) string { return workday(now, days).Format("2006-01-02") }

// workday is so many days from now, in the middle of the day; instead of a weekend it is the Friday before.
func workday(now time.Time, days int) time.Time {
	day := now.UTC().Truncate(24*time.Hour).AddDate(0, 0, days)
	switch day.Weekday() {
	case time.Saturday:
		day = day.AddDate(0, 0, -1)
	case time.Sunday:
		day = day.AddDate(0, 0, -2)
	}
	return day.Add(16 * time.Hour)
}

// joined is when the client came to the firm: some time before the first project starts.
func (c demoClient) joined(now time.Time) time.Time {
	days := -3
	for _, p := range c.projects {
		days = min(days, p.starts-40)
	}
	return workday(now, days)
}

// told is the day on which the client heard of the project as it stands: planned, started or finished.
func (p demoProject) told(now time.Time) time.Time {
	switch p.status {
	case "active":
		return workday(now, p.starts)
	case "completed":
		return workday(now, p.ends)
	}
	return workday(now, -5)
}
