package clients

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/people"
	"portico/platform/search"
	"portico/platform/sheet"
)

// incoming is a client as the file has it.
type incoming struct {
	clientForm
	contacts []contactForm
}

func (i incoming) emails() []string {
	var all []string
	if i.Email != "" {
		all = append(all, i.Email)
	}
	for _, c := range i.contacts {
		if c.Email != "" {
			all = append(all, c.Email)
		}
	}
	return all
}

func contactNameOf(row module.ImportRow) string {
	if name := sheet.JoinName(row.Get("contact_first"), row.Get("contact_last")); name != "" {
		return name
	}
	return sheet.PersonName(row.Get("contact_name"))
}

// clientNameOf is the client's name, or the contact's where a list knows people only.
func clientNameOf(row module.ImportRow) string {
	if name := tidy(row.Get("name")); name != "" {
		return name
	}
	return contactNameOf(row)
}

func clientKey(row module.ImportRow, s module.ImportSettings) string {
	name := fold(clientNameOf(row))
	how := s.Choices["rows"]
	if how == "" || how == "auto" {
		how = "email"
		if contact := contactNameOf(row); contact != "" && fold(contact) != name {
			how = "name"
		}
	}
	email := row.Get("email")
	if email == "" {
		email = row.Get("contact_email")
	}
	switch {
	case name == "" || how == "row":
		return ""
	case how == "email":
		return name + "\n" + strings.ToLower(email)
	}
	return name
}

var clientTitles = map[string]string{"name": "Client", "email": "Email", "phone": "Phone", "region": "State or region", "postcode": "Postal code", "notes": "Internal notes"}
var contactTitles = map[string]string{"name": "Contact: name", "title": "Contact: title", "email": "Contact: email", "phone": "Contact: phone", "notes": "Internal notes"}

var companyWords = regexp.MustCompile(`(?i)(^|[\s,&.])(inc|llc|ltd|co|corp|corporation|company|gmbh|ag|kg|plc|pty|s\.?a\.?|bv|ab|oy|sons|partners|group|associates|properties|holdings|foundation|church|school|university|hotel|restaurant|clinic|bank|association|hoa|studio|services|solutions|enterprises|consulting|construction|design|builders|homes|management|realty|bakery|baking)\.?($|[\s,&)])`)

func kindFrom(text, name, company, contact string, s module.ImportSettings) string {
	switch word := strings.ToLower(tidy(text)); {
	case word == "" || word == "none":
	case strings.Contains(word, "compan") || strings.Contains(word, "business") || strings.Contains(word, "commercial") || strings.Contains(word, "organi") || strings.Contains(word, "corporate") || word == "b2b":
		return "company"
	case strings.Contains(word, "house") || strings.Contains(word, "individual") || strings.Contains(word, "resident") || strings.Contains(word, "person") || strings.Contains(word, "home") || strings.Contains(word, "private") || word == "b2c":
		return "household"
	}
	if kind := s.Choices["kind"]; kind == "household" || kind == "company" {
		return kind
	}
	if companyWords.MatchString(name) || company != "" && contact != "" && fold(company) != fold(contact) && !sharesWord(company, contact) {
		return "company"
	}
	return "household"
}

// sharesWord: "Ana & Tom Rivera" is a household when Ana Rivera is its contact.
func sharesWord(client, contact string) bool {
	words := search.Words(client)
	return slices.ContainsFunc(search.Words(contact), func(w string) bool { return len(w) > 2 && slices.Contains(words, w) })
}

// lookClients reads the records and looks for those that are there already: of the same name, and with one of the same
// addresses where both sides have any.
func lookClients(ctx context.Context, tx bun.Tx, v auth.Viewer, s module.ImportSettings, records []*module.Record) error {
	for _, r := range records {
		r.State = readClient(r, s)
	}
	wanted := make([]string, len(records))
	for i, r := range records {
		wanted[i] = r.State.(*incoming).Name
	}
	there, err := people.ClientsNamed(ctx, tx, v, wanted)
	if err != nil {
		return err
	}
	for i, r := range records {
		emails := r.State.(*incoming).emails()
		for _, c := range there[i] {
			if len(emails) == 0 || len(c.Emails) == 0 || slices.ContainsFunc(emails, func(e string) bool { return slices.Contains(c.Emails, e) }) {
				r.Existing, r.Same = c.ID, c.Name
				break
			}
		}
	}
	return nil
}

func readClient(r *module.Record, s module.ImportSettings) *incoming {
	first := r.Rows[0]
	i := &incoming{clientForm: clientForm{Name: clientNameOf(first), Email: r.First("email"), Phone: r.First("phone"), Notes: r.First("notes")}}
	for _, row := range r.Rows {
		a := addressIn(row)
		if i.Street+i.City+i.Region+i.Postcode == "" {
			i.Street, i.City, i.Region, i.Postcode = a.Street, a.City, a.Region, a.Postcode
		}
		if i.Country == "" {
			i.Country = a.Country
		}
	}
	i.Kind = kindFrom(r.First("kind"), i.Name, first.Get("name"), contactNameOf(first), s)
	wrong := i.clientForm.Check()
	spare(r, first.Number, s, wrong, clientTitles, map[string]*string{"email": &i.Email, "phone": &i.Phone})
	complain(r, first.Number, wrong, clientTitles, map[string]*string{"name": &i.Name, "email": &i.Email, "phone": &i.Phone, "street": &i.Street, "city": &i.City})
	for _, row := range r.Rows {
		readContactOf(r, row, s, i)
	}
	return i
}

// readContactOf takes the contact that stands in the client's row, once.
func readContactOf(r *module.Record, row module.ImportRow, s module.ImportSettings, i *incoming) {
	c := contactForm{Name: contactNameOf(row), Title: row.Get("contact_title"), Email: row.Get("contact_email"), Phone: row.Get("contact_phone")}
	if c.Name == "" {
		if c.Email+c.Phone == "" {
			return
		}
		c.Name = i.Name
	}
	if len(i.contacts) == 0 { // one column for both is the person's
		c.Email, c.Phone = cmp.Or(c.Email, row.Get("email")), cmp.Or(c.Phone, row.Get("phone"))
	}
	wrong := c.Check()
	spare(r, row.Number, s, wrong, contactTitles, map[string]*string{"email": &c.Email, "phone": &c.Phone})
	complain(r, row.Number, wrong, contactTitles, map[string]*string{"name": &c.Name, "email": &c.Email, "phone": &c.Phone})
	if !slices.ContainsFunc(i.contacts, func(o contactForm) bool { return fold(o.Name) == fold(c.Name) && (o.Email == c.Email || c.Email == "") }) {
		i.contacts = append(i.contacts, c)
	}
}

// writeClients adds what is new in few statements; what is there already is changed one by one, as by hand.
func writeClients(ctx context.Context, tx bun.Tx, v auth.Viewer, s module.ImportSettings, records []*module.Record) error {
	b := &brought{}
	for _, r := range records {
		i := r.State.(*incoming)
		if r.Existing != uuid.Nil {
			if err := mergeClient(ctx, tx, v, r, i); err != nil {
				return err
			}
			continue
		}
		c := i.onto(Client{ID: id.New(), Version: 1})
		b.client(r, c)
		for n := range i.contacts {
			b.contact(r, i.contacts[n].new(c.ID, n == 0), c.Name)
		}
	}
	return b.keep(ctx, tx, v)
}

// new is a contact as the form would make it, without access: an import invites nobody.
func (f *contactForm) new(client uuid.UUID, primary bool) Contact {
	return Contact{
		ID: id.New(), ClientID: client, Name: f.Name, Title: f.Title, Email: f.Email, Phone: f.Phone, Notes: f.Notes, IsPrimary: primary,
		Access: "none", Rights: slices.Clone(access.AllRights), Version: 1,
	}
}

// fillIn sets the new value, or the old one where the file says nothing.
func fillIn(is *string, with string) {
	if with != "" {
		*is = with
	}
}

// mergeClient writes what the file knows over what is there, and adds the contacts that are not.
func mergeClient(ctx context.Context, tx bun.Tx, v auth.Viewer, r *module.Record, i *incoming) error {
	before, err := holdClient(ctx, tx, v, r.Existing)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	after := before
	fillIn(&after.Email, i.Email)
	fillIn(&after.Phone, i.Phone)
	fillIn(&after.Notes, i.Notes)
	if i.Street+i.City+i.Postcode != "" {
		after.Street, after.City, after.Region, after.Postcode = i.Street, i.City, i.Region, i.Postcode
	}
	fillIn(&after.Country, i.Country)
	if len(differences(before.fields(), after.fields())) > 0 {
		if err := updateClient(ctx, tx, v, before, after); err != nil {
			return err
		}
		if err := changedBy(r, "client", before.ID, before.ID, before.Name, before.Version+1, before); err != nil {
			return err
		}
	}
	there, err := contactsOf(ctx, tx, v, before.ID, false)
	if err != nil {
		return err
	}
	for n := range i.contacts {
		c := i.contacts[n].new(before.ID, len(there) == 0)
		if slices.ContainsFunc(there, func(o Contact) bool { return samePerson(o, c) }) {
			continue
		}
		if err := insertContact(ctx, tx, v, before, &c); err != nil {
			return err
		}
		there = append(there, c)
		added(r, "contact", c.ID, c.ClientID, c.Name)
	}
	return nil
}

// samePerson: one name, and no two addresses.
func samePerson(a, b Contact) bool {
	return fold(a.Name) == fold(b.Name) && (a.Email == b.Email || a.Email == "" || b.Email == "")
}

func added(r *module.Record, what string, thing, client uuid.UUID, name string) {
	r.Traces = append(r.Traces, module.Trace{What: what, ID: thing, Client: client, Name: name, Version: 1})
}

func changedBy(r *module.Record, what string, thing, client uuid.UUID, name string, version int, before any) error {
	kept, err := json.Marshal(before)
	if err != nil {
		return fmt.Errorf("trace of %s: %w", what, err)
	}
	r.Traces = append(r.Traces, module.Trace{What: what, ID: thing, Client: client, Name: name, Version: version, Before: kept})
	return nil
}

// brought collects what is new in a batch.
type brought struct {
	clients  []Client
	contacts []Contact
	projects []Project
	entries  []activity.Entry
	index    []uuid.UUID // of clients
}

func (b *brought) client(r *module.Record, c Client) {
	b.clients, b.index = append(b.clients, c), append(b.index, c.ID)
	added(r, "client", c.ID, c.ID, c.Name)
	b.entries = append(b.entries, activity.Entry{
		Verb: "client.created", Part: true, Text: "added the client " + c.Name + " by an import", ClientID: c.ID, SubjectID: c.ID, Data: map[string]any{"after": asMap(c.fields())},
	})
}

func (b *brought) contact(r *module.Record, c Contact, client string) {
	b.contacts, b.index = append(b.contacts, c), append(b.index, c.ClientID)
	added(r, "contact", c.ID, c.ClientID, c.Name)
	b.entries = append(b.entries, activity.Entry{
		Verb: "contact.created", Part: true, Text: "added " + c.Name + " to " + client + " by an import", ClientID: c.ClientID, SubjectID: c.ID, Data: map[string]any{"after": asMap(c.fields())},
	})
}

func (b *brought) project(r *module.Record, p Project) {
	b.projects, b.index = append(b.projects, p), append(b.index, p.ClientID)
	added(r, "project", p.ID, p.ClientID, p.Name)
	b.entries = append(b.entries, activity.Entry{
		Verb: "project.created", Part: true, Text: "added the project " + p.Name + " by an import", ClientID: p.ClientID, ProjectID: p.ID, SubjectID: p.ID, Data: map[string]any{"after": asMap(p.fields())},
	})
}

func (b *brought) keep(ctx context.Context, tx bun.Tx, v auth.Viewer) error {
	if len(b.index) == 0 {
		return nil
	}
	if err := insertBrought(ctx, tx, v, b); err != nil {
		return err
	}
	slices.SortFunc(b.index, func(a, c uuid.UUID) int { return strings.Compare(a.String(), c.String()) })
	if err := search.Index(ctx, tx, v.FirmID(), slices.Compact(b.index)...); err != nil {
		return err
	}
	return activity.RecordEach(ctx, tx, v, b.entries)
}
