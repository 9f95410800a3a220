package clients

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/people"
	"portico/platform/sheet"
)

// arrival is a contact as the file has it, with the client that it belongs to; Nil: to be added.
type arrival struct {
	contactForm
	client string
	at     known
}

func contactOf(row module.ImportRow) (client, name string) {
	client = tidy(row.Get("client"))
	name = sheet.JoinName(row.Get("first"), row.Get("last"))
	if name == "" {
		name = sheet.PersonName(row.Get("name"))
	}
	if client == "" {
		client = name
	}
	if name == "" {
		name = client
	}
	return client, name
}

func contactKey(row module.ImportRow, _ module.ImportSettings) string {
	client, name := contactOf(row)
	if client == "" {
		return ""
	}
	return fold(client) + "\n" + fold(name) + "\n" + strings.ToLower(row.Get("email"))
}

func lookContacts(ctx context.Context, tx bun.Tx, v auth.Viewer, s module.ImportSettings, records []*module.Record) error {
	wanted := make([]string, len(records))
	arrivals := make([]*arrival, len(records))
	for i, r := range records {
		first := r.Rows[0]
		a := &arrival{}
		a.client, a.Name = contactOf(first)
		a.Title, a.Email, a.Phone, a.Notes = r.First("title"), r.First("email"), r.First("phone"), r.First("notes")
		wrong := a.contactForm.Check()
		titles := map[string]string{"name": "Name", "title": "Title", "email": "Email", "phone": "Phone", "notes": "Internal notes"}
		spare(r, first.Number, s, wrong, titles, map[string]*string{"email": &a.Email, "phone": &a.Phone})
		complain(r, first.Number, wrong, titles, map[string]*string{"name": &a.Name, "email": &a.Email, "phone": &a.Phone})
		readClientName(r, &a.client)
		wanted[i], arrivals[i], r.State = a.client, a, a
	}
	there, err := people.ClientsNamed(ctx, tx, v, wanted)
	if err != nil {
		return err
	}
	for i, r := range records {
		arrivals[i].at = meant(r, there[i], arrivals[i].Email, s)
	}
	contacts, err := contactsAmong(ctx, tx, v, clientsOf(arrivals))
	if err != nil {
		return err
	}
	for i, r := range records {
		for _, c := range contacts[arrivals[i].at.ID] {
			if samePerson(c, Contact{Name: arrivals[i].Name, Email: arrivals[i].Email}) {
				r.Existing, r.Same = c.ID, c.Name+" of "+arrivals[i].at.Name
				break
			}
		}
	}
	return nil
}

// readClientName checks the name of the client that a row belongs to.
func readClientName(r *module.Record, name *string) {
	wrong := fault.Fields{}
	*name = checkName(wrong, "client", *name, "Say whose it is: the client is missing.")
	complain(r, r.Rows[0].Number, wrong, map[string]string{"client": "Client"}, map[string]*string{"client": name})
}

// meant picks the client that a row means. Two of one name are told apart by an address, or not at all.
func meant(r *module.Record, there []known, email string, s module.ImportSettings) known {
	if email != "" && len(there) > 1 {
		if i := slices.IndexFunc(there, func(k known) bool { return slices.Contains(k.Emails, email) }); i >= 0 {
			return there[i]
		}
	}
	row := r.Rows[0]
	switch {
	case len(there) == 1:
		return there[0]
	case len(there) > 1:
		r.Refuse(row.Number, "Client", fmt.Sprintf("There are %d clients of this name. Add it by hand.", len(there)), row.Get("client"))
	case s.Choices["missing"] == "refuse":
		r.Refuse(row.Number, "Client", "There is no client of this name.", row.Get("client"))
	}
	return known{}
}

func clientsOf(arrivals []*arrival) []uuid.UUID {
	var ids []uuid.UUID
	for _, a := range arrivals {
		if a.at.ID != uuid.Nil {
			ids = append(ids, a.at.ID)
		}
	}
	return ids
}

// newcomers are clients that a batch adds because something else belongs to them: one of each name.
type newcomers map[string]Client

func (n newcomers) client(b *brought, r *module.Record, name string, s module.ImportSettings) (c Client, fresh bool) {
	if c, there := n[fold(name)]; there {
		return c, false
	}
	c = Client{ID: id.New(), Name: name, Kind: kindFrom("", name, "", "", s), Version: 1}
	n[fold(name)] = c
	b.client(r, c)
	return c, true
}

func writeContacts(ctx context.Context, tx bun.Tx, v auth.Viewer, s module.ImportSettings, records []*module.Record) error {
	b, fresh := &brought{}, newcomers{}
	for _, r := range records {
		a := r.State.(*arrival)
		switch {
		case r.Existing != uuid.Nil:
			if err := mergeContact(ctx, tx, v, r, a); err != nil {
				return err
			}
		case a.at.ID == uuid.Nil:
			client, first := fresh.client(b, r, a.client, s)
			b.contact(r, a.new(client.ID, first), client.Name)
		default:
			b.contact(r, a.new(a.at.ID, false), a.at.Name)
		}
	}
	return b.keep(ctx, tx, v)
}

func mergeContact(ctx context.Context, tx bun.Tx, v auth.Viewer, r *module.Record, a *arrival) error {
	if _, err := holdClient(ctx, tx, v, a.at.ID); err != nil {
		return fault.IgnoreNotFound(err)
	}
	before, err := findContact(ctx, tx, v, a.at.ID, r.Existing)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	after := before
	fillIn(&after.Title, a.Title)
	fillIn(&after.Phone, a.Phone)
	fillIn(&after.Notes, a.Notes)
	if before.Email == "" {
		after.Email = a.Email
	}
	if len(differences(before.fields(), after.fields())) == 0 {
		return nil
	}
	if _, err := updateContact(ctx, tx, v, before, after); err != nil {
		return err
	}
	now, err := findContact(ctx, tx, v, a.at.ID, r.Existing)
	if err != nil {
		return err
	}
	return changedBy(r, "contact", before.ID, before.ClientID, before.Name, now.Version, before)
}
