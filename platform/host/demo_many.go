package host

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/demo"
	"portico/platform/firm"
	"portico/platform/people"
)

// demoEpoch is when a big demo begins: its data depend on the seed alone, not on the day.
var demoEpoch = time.Date(2026, 1, 5, 15, 0, 0, 0, time.UTC)

// LoadMany makes a believable demo of any size, by COPY. The same seed makes the same rows.
func (h *Host) LoadMany(ctx context.Context, size demo.Size) (made demo.Made, err error) {
	for n := range size.Firms {
		part := demo.Size{
			Clients: share(size.Clients, size.Firms, n), Projects: share(size.Projects, size.Firms, n),
			Invoices: share(size.Invoices, size.Firms, n), Seed: size.Seed,
		}
		if err := h.loadOne(ctx, n, part, &made); err != nil {
			return made, fmt.Errorf("demo firm %d: %w", n+1, err)
		}
	}
	h.Firms.Forget()
	return made, nil
}

// share is how many of a total the n-th of several gets.
func share(total, of, n int) int {
	whole := total / of
	if n < total%of {
		whole++
	}
	return whole
}

func (h *Host) loadOne(ctx context.Context, n int, size demo.Size, made *demo.Made) error {
	crowd := &crowd{Rand: rand.New(rand.NewPCG(size.Seed, uint64(n)))}
	firmID := crowd.id()
	name := crowd.pick(surnames) + " " + crowd.pick([]string{"Builders", "Homes", "Design & Build", "Construction", "Studio", "Events"})
	key := fmt.Sprintf("demo-%d-%d", size.Seed, n+1)
	story := &demo.Story{
		Firm: auth.Firm{ID: firmID}, Now: demoEpoch, Rand: crowd.Rand, Size: size,
		People: map[string]demo.Person{}, Clients: map[string]demo.Client{}, Projects: map[string]demo.Project{},
	}
	err := db.InTx(ctx, h.Pool, firmID, func(ctx context.Context, tx bun.Tx) error {
		err := makeDemoFirm(ctx, tx, story, firm.New{
			Key: key, Name: name, Kind: "builder", Zone: "America/Chicago", Email: "office@" + key + ".example",
		}, "#1f5c4d", "+1 512 555 0100", "1 Main Street, Austin, TX", "https://"+key+".example")
		if err != nil {
			return err
		}
		return makeDemoStaff(ctx, tx, story, []people.NewStaff{
			{Name: "Olivia " + crowd.pick(surnames), Email: "owner@" + key + ".example", Role: access.Owner, Title: "Owner"},
		})
	})
	if err != nil {
		return err
	}
	err = db.InCopy(ctx, h.Pool, firmID, func(ctx context.Context, tx pgx.Tx) error {
		return copyCrowd(ctx, tx, crowd.people(firmID, key, size))
	})
	if err != nil {
		return err
	}
	made.Firms++
	made.Clients += size.Clients
	made.Contacts += len(crowd.contacts)
	made.Projects += len(crowd.projects)
	return db.InTx(ctx, h.Pool, firmID, func(ctx context.Context, tx bun.Tx) error {
		if err := indexClients(ctx, tx, firmID, uuid.Nil); err != nil {
			return err
		}
		if err := h.tellSections(ctx, tx, story); err != nil {
			return err
		}
		made.Invoices += story.Made.Invoices
		return nil
	})
}

// crowd makes people up.
type crowd struct {
	*rand.Rand
	made                                 int
	clients, contacts, projects, persons [][]any
}

// id is a UUIDv7 that depends on the seed alone.
func (c *crowd) id() uuid.UUID {
	var u uuid.UUID
	binary.BigEndian.PutUint64(u[:8], uint64(demoEpoch.UnixMilli()+int64(c.made))<<16|c.Uint64()&0x0fff)
	binary.BigEndian.PutUint64(u[8:], c.Uint64())
	u[6] = u[6]&0x0f | 0x70
	u[8] = u[8]&0x3f | 0x80
	c.made++
	return u
}

func (c *crowd) pick(of []string) string { return of[c.IntN(len(of))] }

func (c *crowd) people(firmID uuid.UUID, key string, size demo.Size) *crowd {
	for i := range size.Clients {
		c.household(firmID, key, i, share(size.Projects, size.Clients, i))
	}
	return c
}

func (c *crowd) household(firmID uuid.UUID, key string, n, projects int) {
	surname, first, second := c.pick(surnames), c.pick(firstNames), c.pick(firstNames)
	for second == first { // they share a surname and must not share an address
		second = c.pick(firstNames)
	}
	client, at := c.id(), demoEpoch.Add(time.Duration(n)*time.Minute)
	street := fmt.Sprintf("%d %s %s", 1+c.IntN(9900), c.pick(streets), c.pick([]string{"Street", "Lane", "Court", "Drive", "Avenue"}))
	city := c.pick(cities)
	name, kind := first+" & "+second+" "+surname, "household"
	switch c.IntN(10) {
	case 0:
		name, kind = surname+" & "+c.pick(surnames)+" LLC", "company"
	case 1, 2, 3:
		name = first + " " + surname
	}
	email := func(who string) string { return fmt.Sprintf("%s.%s.%d@%s.example", plain(who), plain(surname), n, key) }
	on := c.IntN(10) < 7
	c.clients = append(c.clients, []any{firmID, client, name, kind, email(first), phone(c), street, city, "TX", fmt.Sprint(73301 + c.IntN(6000)), "US", "", on, at, at})
	var archived any
	for i, who := range []string{first, second} {
		if i == 1 && c.IntN(3) == 0 {
			break
		}
		person, access, invited, accepted := any(nil), "none", any(nil), any(nil)
		if on && c.IntN(10) < 8 {
			access = "portal"
			p := c.id()
			person = p
			c.persons = append(c.persons, []any{firmID, p, email(who), who + " " + surname, at})
			if invited = at.Add(time.Hour); c.IntN(10) < 8 {
				accepted = at.Add(26 * time.Hour)
			}
		}
		c.contacts = append(c.contacts, []any{firmID, c.id(), client, person, who + " " + surname, "", email(who), phone(c), i == 0, access,
			[]string{"view_invoices", "make_payments", "make_selections", "sign_documents", "send_messages", "edit_profile"}, invited, accepted, archived, at, at})
	}
	for i := range projects {
		kind := c.pick([]string{"remodel", "kitchen", "addition", "bathroom", "new house", "deck", "garden", "roof"})
		status := []string{"planned", "active", "active", "completed", "completed", "archived"}[c.IntN(6)]
		starts := demoEpoch.AddDate(0, 0, c.IntN(700)-500)
		c.projects = append(c.projects, []any{firmID, c.id(), client, fmt.Sprintf("p-%d-%d", n+1, i+1), street + " " + kind, street, city, "TX", "US",
			status, "", "", starts, starts.AddDate(0, 2+c.IntN(8), 0), "USD", c.IntN(10) < 8, at, at})
	}
}

func phone(c *crowd) string { return fmt.Sprintf("+1 512 555 %04d", c.IntN(10000)) }

// plain is a name as it stands in an address.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, strings.ToLower(name))
}

var (
	firstNames = strings.Fields("Ana Tom Grace Wei Omar Lina Maya Noah Emma Liam Sofia Lucas Aisha Yusuf Ines Pavel Jana Kofi Amara Hiro Yuki Leila Marco Nina Oskar Freya Rosa Mateo Zoe Ivan Clara Hugo Mira Anton Elsa Theo")
	surnames   = strings.Fields("Rivera Chen Haddad Okafor Lindqvist Novak Santos Raman Fischer Moreau Rossi Kowalski Silva Haas Nguyen Tanaka Mensah Dubois Larsen Petrov Garcia Murphy Khan Ali Schmidt Costa Berg Cohen Park Singh Weaver Marsh Doyle Ferris Quinn Abbott")
	streets    = strings.Fields("Maple Oak Lakeview Orchard Pecan Cedar Hillcrest Juniper Meadow River Sunset Walnut Willow Bluebonnet Mesquite Canyon")
	cities     = []string{"Austin", "Round Rock", "Lakeway", "Pflugerville", "Georgetown", "Cedar Park", "San Marcos"}
)
