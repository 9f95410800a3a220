package clients

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/people"
)

// undertaking is a project as the file has it.
type undertaking struct {
	projectForm
	client string
	at     known
}

func projectKey(row module.ImportRow, _ module.ImportSettings) string {
	client, name := fold(row.Get("client")), fold(row.Get("name"))
	if client == "" || name == "" {
		return ""
	}
	return client + "\n" + name + "\n" + strings.ToLower(row.Get("key"))
}

// statusWords are what other programs call the states of work.
var statusWords = map[string][]string{
	planned:   names("planned, pending, new, lead, open lead, estimate, estimating, quoted, quote, proposal, not started, upcoming, scheduled, draft, prospect, presale, pre-construction, approved, on hold"),
	active:    names("active, in progress, started, open, won, ongoing, current, underway, under way, in production, construction, working"),
	completed: names("completed, complete, done, finished, closed, invoiced, paid, warranty, delivered"),
	archived:  names("archived, cancelled, canceled, lost, inactive, declined, deleted, void"),
}

func statusFrom(text string) (string, bool) {
	word := strings.ToLower(tidy(text))
	if word == "" {
		return planned, true
	}
	for _, status := range statuses {
		if slices.Contains(statusWords[status], word) {
			return status, true
		}
	}
	return "", false
}

func lookProjects(ctx context.Context, tx bun.Tx, v auth.Viewer, s module.ImportSettings, records []*module.Record) error {
	wanted, all := make([]string, len(records)), make([]*undertaking, len(records))
	var clientIDs []uuid.UUID
	for i, r := range records {
		all[i] = readProject(r, s, v.Firm.Currency)
		wanted[i], r.State = all[i].client, all[i]
	}
	there, err := people.ClientsNamed(ctx, tx, v, wanted)
	if err != nil {
		return err
	}
	for i, r := range records {
		if all[i].at = meant(r, there[i], "", s); all[i].at.ID != uuid.Nil {
			clientIDs = append(clientIDs, all[i].at.ID)
		}
	}
	projects, err := projectsAmong(ctx, tx, v, clientIDs)
	if err != nil {
		return err
	}
	taken, err := keysAmong(ctx, tx, v, records)
	if err != nil {
		return err
	}
	for i, r := range records {
		for _, p := range projects[all[i].at.ID] {
			if fold(p.Name) == fold(all[i].Name) && (all[i].Key == "" || all[i].Key == p.Key) {
				r.Existing, r.Same = p.ID, p.Name+" of "+all[i].at.Name
				break
			}
		}
		if key := all[i].Key; key != "" && r.Existing == uuid.Nil && taken[key] {
			r.Refuse(r.Rows[0].Number, "Short name", "Another project has this short name.", key)
		}
	}
	return nil
}

func readProject(r *module.Record, s module.ImportSettings, currency string) *undertaking {
	row := r.Rows[0]
	a := addressIn(row)
	u := &undertaking{client: row.Get("client"), projectForm: projectForm{
		Name: r.First("name"), Key: r.First("key"), Street: a.Street, City: a.City, Region: a.Region, Postcode: a.Postcode, Country: a.Country,
		Summary: r.First("summary"), NextSteps: r.First("next_steps"), Notes: r.First("notes"), Currency: r.First("currency"),
	}}
	if u.Currency == "" {
		u.Currency = currency
	}
	if u.Currency == "" {
		u.Currency = "USD"
	}
	switch strings.ToLower(r.First("shared")) {
	case "yes", "true", "1", "x", "y", "shared", "ja", "oui":
		u.Shared = true
	}
	status, known := statusFrom(r.First("status"))
	u.Status = status
	var good bool
	if u.StartsOn, good = s.Day(r.First("starts_on")); !good {
		r.Refuse(row.Number, "Start", "This is not a date.", r.First("starts_on"))
	}
	if u.EndsOn, good = s.Day(r.First("ends_on")); !good {
		r.Refuse(row.Number, "End", "This is not a date.", r.First("ends_on"))
	}
	if !known {
		r.Refuse(row.Number, "Status", "Use planned, active, completed or archived.", r.First("status"))
		u.Status = planned
	}
	titles := map[string]string{"name": "Project", "key": "Short name", "ends_on": "End", "currency": "Currency", "region": "State or region", "postcode": "Postal code"}
	complain(r, row.Number, u.projectForm.Check(), titles, map[string]*string{"name": &u.Name, "key": &u.Key, "currency": &u.Currency})
	readClientName(r, &u.client)
	return u
}

func writeProjects(ctx context.Context, tx bun.Tx, v auth.Viewer, s module.ImportSettings, records []*module.Record) error {
	b, fresh := &brought{}, newcomers{}
	free, err := keysFor(ctx, tx, v, records)
	if err != nil {
		return err
	}
	for _, r := range records {
		u := r.State.(*undertaking)
		if r.Existing != uuid.Nil {
			if err := mergeProject(ctx, tx, v, r, u); err != nil {
				return err
			}
			continue
		}
		client := Client{ID: u.at.ID}
		if client.ID == uuid.Nil {
			client, _ = fresh.client(b, r, u.client, s)
		}
		p := u.onto(Project{ID: id.New(), ClientID: client.ID, Version: 1})
		p.Key = free(u.Key, u.Name)
		b.project(r, p)
	}
	return b.keep(ctx, tx, v)
}

func mergeProject(ctx context.Context, tx bun.Tx, v auth.Viewer, r *module.Record, u *undertaking) error {
	if _, err := holdClient(ctx, tx, v, u.at.ID); err != nil {
		return fault.IgnoreNotFound(err)
	}
	before, err := findProject(ctx, tx, v, r.Existing)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	after := before
	for _, pair := range []struct {
		is   *string
		with string
	}{{&after.Summary, u.Summary}, {&after.NextSteps, u.NextSteps}, {&after.Notes, u.Notes}} {
		fillIn(pair.is, pair.with)
	}
	if u.Street+u.City+u.Postcode != "" {
		after.Street, after.City, after.Region, after.Postcode = u.Street, u.City, u.Region, u.Postcode
	}
	fillIn(&after.Country, u.Country)
	if r.First("status") != "" {
		after.Status = u.Status
	}
	if !u.StartsOn.IsZero() {
		after.StartsOn = u.StartsOn
	}
	if !u.EndsOn.IsZero() {
		after.EndsOn = u.EndsOn
	}
	if len(differences(before.fields(), after.fields())) == 0 {
		return nil
	}
	if err := updateProject(ctx, tx, v, before, after); err != nil {
		return err
	}
	return changedBy(r, "project", before.ID, before.ClientID, before.Name, before.Version+1, before)
}
