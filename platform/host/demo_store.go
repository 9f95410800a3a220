package host

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/demo"
	"portico/platform/firm"
	"portico/platform/id"
	"portico/platform/lang"
	"portico/platform/module"
	"portico/platform/people"
	"portico/platform/search"
)

func makeDemoFirm(ctx context.Context, tx bun.Tx, s *demo.Story, n firm.New, color, phone, address, website string) error {
	if err := firm.CreateIn(ctx, tx, s.Firm.ID, n); err != nil {
		return err
	}
	switches, err := json.Marshal(presetOf(n.Kind))
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		update firm
		set portal_on = true, links_last = true, brand_color = ?, phone = ?, address = ?, website = ?, switches = ?
		where firm_id = ?`, color, phone, address, website, string(switches), s.Firm.ID).Exec(ctx)
	s.Firm = auth.Firm{
		ID: s.Firm.ID, Key: n.Key, Name: n.Name, Kind: n.Kind, PortalOn: true, Zone: n.Zone, Locale: n.Locale, Currency: n.Currency,
		Email: n.Email, Phone: phone, Address: address, BrandColor: color, LinksLast: true, Switches: presetOf(n.Kind),
	}
	return err
}

// presetOf is what the button of a kind of firm switches on: every section that names it, with all of its areas.
func presetOf(kind string) access.Switches {
	on := access.Switches{}
	for _, m := range module.All() {
		if m.Toggle != module.Switched || !m.Presets[kind] {
			continue
		}
		on[m.ID] = true
		for _, area := range m.Areas {
			on[m.ID+"/"+area.ID] = true
		}
	}
	return on
}

func makeDemoStaff(ctx context.Context, tx bun.Tx, s *demo.Story, staff []people.NewStaff) error {
	for _, n := range staff {
		p, err := people.Ensure(ctx, tx, s.Firm.ID, n.Name, n.Email)
		if err != nil {
			return err
		}
		_, err = tx.NewRaw(`
			insert into staff (firm_id, person_id, role, title, phone, show_phone) values (?, ?, ?, ?, ?, true)`,
			s.Firm.ID, p.ID, n.Role, n.Title, n.Phone).Exec(ctx)
		if err != nil {
			return err
		}
		s.People[firstName(n.Name)] = demo.Person{ID: p.ID, Name: n.Name, Email: n.Email, Role: string(n.Role)}
	}
	// people of the demo have been here before: nobody is welcomed again
	_, err := tx.NewRaw("update person set welcomed_at = now(), last_sign_in_at = ? where firm_id = ?", s.Now.Add(-19*time.Hour), s.Firm.ID).Exec(ctx)
	return err
}

func firstName(name string) string {
	first, _, _ := strings.Cut(name, " ")
	return strings.ToLower(first)
}

func makeDemoClient(ctx context.Context, tx bun.Tx, s *demo.Story, c demoClient) error {
	client := demo.Client{ID: id.New(), Name: c.name}
	s.Clients[c.key] = client
	_, err := tx.NewRaw(`
		insert into client (firm_id, id, name, kind, email, phone, street, city, region, postcode, country, notes, portal_on, created_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'US', ?, ?, ?)`,
		s.Firm.ID, client.ID, c.name, c.kind, c.email, c.phone, c.street, c.city, c.region, c.postcode, c.notes, c.on, c.joined(s.Now)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("client %s: %w", c.key, err)
	}
	v := auth.System(s.Firm.ID)
	v.Name = "Maria Okafor"
	err = activity.Record(ctx, tx, v, activity.Entry{Verb: "client.created", Text: "added the client " + c.name, ClientID: client.ID, At: c.joined(s.Now)})
	if err != nil {
		return err
	}
	for _, p := range c.projects {
		if err := makeDemoProject(ctx, tx, s, client.ID, c, p); err != nil {
			return fmt.Errorf("project %s: %w", p.key, err)
		}
	}
	for _, contact := range c.contacts {
		if err := makeDemoContact(ctx, tx, s, client.ID, c, contact); err != nil {
			return fmt.Errorf("contact %s: %w", contact.key, err)
		}
	}
	return indexClients(ctx, tx, s.Firm.ID, client.ID)
}

func makeDemoProject(ctx context.Context, tx bun.Tx, s *demo.Story, client uuid.UUID, c demoClient, p demoProject) error {
	project := demo.Project{ID: id.New(), ClientID: client, Key: p.key, Name: p.name, Status: p.status}
	s.Projects[p.key] = project
	_, err := tx.NewRaw(`
		insert into project (firm_id, id, client_id, key, name, street, city, region, postcode, country, status, summary, next_steps,
			notes, starts_on, ends_on, currency, shared)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'US', ?, ?, ?, ?, ?, ?, ?, ?)`,
		s.Firm.ID, project.ID, client, p.key, p.name, p.street, c.city, c.region, c.postcode, p.status, p.summary, p.next, p.notes,
		daysFrom(s.Now, p.starts), daysFrom(s.Now, p.ends), s.Firm.Currency, p.shared).Exec(ctx)
	if err != nil || !p.shared {
		return err
	}
	v := auth.System(s.Firm.ID)
	v.Name = s.Firm.Name
	text := map[string]lang.Message{
		"active": lang.M("started %s", p.name), "completed": lang.M("finished %s", p.name), "planned": lang.M("planned %s", p.name),
	}[p.status]
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "project.shared", Said: text, ClientID: client, ProjectID: project.ID, ForClient: true, At: p.told(s.Now),
	})
}

func makeDemoContact(ctx context.Context, tx bun.Tx, s *demo.Story, client uuid.UUID, c demoClient, d demoContact) error {
	contact := id.New()
	var person uuid.NullUUID
	if d.access == "portal" {
		p, err := people.Ensure(ctx, tx, s.Firm.ID, d.name, d.email)
		if err != nil {
			return err
		}
		person = uuid.NullUUID{UUID: p.ID, Valid: true}
	}
	var invited, accepted any
	if d.accepted {
		invited, accepted = c.joined(s.Now).Add(time.Hour), c.joined(s.Now).AddDate(0, 0, 1)
	}
	rights := []string{}
	for _, r := range d.rights {
		rights = append(rights, string(r))
	}
	_, err := tx.NewRaw(`
		insert into contact (firm_id, id, client_id, person_id, name, title, email, phone, notes, is_primary, access, rights, limited,
			invited_at, accepted_at, signed_in_at)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		s.Firm.ID, contact, client, person, d.name, d.title, d.email, d.phone, d.notes, d.primary, d.access, pgdialect.Array(rights), d.limited,
		invited, accepted, accepted).Exec(ctx)
	if err != nil {
		return err
	}
	if d.limited { // to the client's first project
		_, err = tx.NewRaw(`
			insert into contact_project (firm_id, contact_id, project_id, client_id) values (?, ?, ?, ?)`,
			s.Firm.ID, contact, s.Projects[c.projects[0].key].ID, client).Exec(ctx)
		if err != nil {
			return err
		}
	}
	s.People[d.key] = demo.Person{ID: person.UUID, ContactID: contact, ClientID: client, Name: d.name, Email: d.email}
	_, err = tx.NewRaw(`
		update person set welcomed_at = now() where firm_id = ? and id = ? and ?`, s.Firm.ID, person, d.accepted).Exec(ctx)
	return err
}

type demoMember struct{ person, role string }

func makeDemoTeam(ctx context.Context, tx bun.Tx, s *demo.Story, teams map[string][]demoMember) error {
	for key, members := range teams {
		for i, m := range members {
			_, err := tx.NewRaw(`
				insert into project_member (firm_id, project_id, person_id, role, position) values (?, ?, ?, ?, ?)`,
				s.Firm.ID, s.Projects[key].ID, s.People[m.person].ID, m.role, i).Exec(ctx)
			if err != nil {
				return fmt.Errorf("team of %s: %w", key, err)
			}
		}
	}
	return nil
}

// indexClients writes the words by which clients are found; Nil: of all clients of the firm.
func indexClients(ctx context.Context, tx bun.Tx, firm, client uuid.UUID) error {
	if client == uuid.Nil {
		return search.Index(ctx, tx, firm)
	}
	return search.Index(ctx, tx, firm, client)
}
