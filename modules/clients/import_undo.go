package clients

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/search"
)

const changedSince = "It has been changed or used since."

// undo takes back what an import did. Whatever anybody has touched since stays as it is.
func undo(ctx context.Context, tx bun.Tx, v auth.Viewer, traces []module.Trace) (kept []module.Trace, err error) {
	var clients []uuid.UUID
	added := map[string][]module.Trace{}
	for _, t := range traces {
		clients = append(clients, t.Client)
		if !t.Changed() {
			added[t.What] = append(added[t.What], t)
		}
	}
	if err := holdClients(ctx, tx, v, clients); err != nil {
		return nil, err
	}
	back := map[uuid.UUID]bool{}
	for _, what := range []string{"project", "contact", "client"} { // a client goes after what belongs to it
		if err := removeUnused(ctx, tx, v, what, added[what], back); err != nil {
			return nil, err
		}
	}
	for _, t := range traces {
		if t.Changed() {
			err := setBack(ctx, tx, v, t)
			if err == nil {
				back[t.ID] = true
			} else if !errors.Is(err, errMoved) && !fault.Is(err, fault.Missing) {
				return nil, err
			}
		}
		if !back[t.ID] {
			t.Kept = changedSince
			kept = append(kept, t)
		}
	}
	var rest []uuid.UUID // words of contacts and projects that have gone
	for _, client := range clients {
		if !back[client] {
			rest = append(rest, client)
		}
	}
	if len(rest) == 0 {
		return kept, nil
	}
	return kept, search.Index(ctx, tx, v.FirmID(), rest...)
}

var errMoved = errors.New("changed since")

func setBack(ctx context.Context, tx bun.Tx, v auth.Viewer, t module.Trace) error {
	now, err := holdClient(ctx, tx, v, t.Client)
	if err != nil {
		return err
	}
	switch t.What {
	case "client":
		var before Client
		if err := json.Unmarshal(t.Before, &before); err != nil {
			return err
		}
		if now.Version != t.Version {
			return errMoved
		}
		return updateClient(ctx, tx, v, now, before)
	case "contact":
		var before Contact
		if err := json.Unmarshal(t.Before, &before); err != nil {
			return err
		}
		now, err := findContact(ctx, tx, v, t.Client, t.ID)
		if err != nil {
			return err
		}
		if now.Version != t.Version {
			return errMoved
		}
		_, err = updateContact(ctx, tx, v, now, before)
		return err
	}
	var before Project
	if err := json.Unmarshal(t.Before, &before); err != nil {
		return err
	}
	was, err := findProject(ctx, tx, v, t.ID)
	if err != nil {
		return err
	}
	if was.Version != t.Version {
		return errMoved
	}
	return updateProject(ctx, tx, v, was, before)
}

// ignoreReferenced is nil when something else leads to the row.
func ignoreReferenced(err error) error {
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "23503" {
		return nil
	}
	return err
}

// The exports have the names that the imports find, so that what leaves comes in again.

func exportClients(ctx context.Context, tx bun.Tx, v auth.Viewer, client uuid.UUID, write func(...string) error) error {
	if err := write("Client", "Kind", "Email", "Phone", "Street", "City", "State or region", "Postal code", "Country", "Internal notes", "Portal", "Added", "Archived"); err != nil {
		return err
	}
	return exportRows(ctx, tx, func(last uuid.UUID) ([]Client, error) { return clientsPage(ctx, tx, v, client, last) }, func(c Client) (uuid.UUID, error) {
		portal := map[bool]string{true: "on", false: "off"}[c.PortalOn]
		return c.ID, write(c.Name, c.KindTitle(), c.Email, c.Phone, c.Street, c.City, c.Region, c.Postcode, c.Country, c.Notes, portal, c.CreatedAt.UTC().Format("2006-01-02"), yesNo(c.Archived()))
	})
}

func exportContacts(ctx context.Context, tx bun.Tx, v auth.Viewer, client uuid.UUID, write func(...string) error) error {
	if err := write("Client", "Contact", "Title", "Email", "Phone", "Internal notes", "Main contact?", "Access", "Archived"); err != nil {
		return err
	}
	return exportRows(ctx, tx, func(last uuid.UUID) ([]contactOfClient, error) { return contactsPage(ctx, tx, v, client, last) }, func(c contactOfClient) (uuid.UUID, error) {
		as := Contact{Access: c.Access, InvitedAt: c.InvitedAt, AcceptedAt: c.AcceptedAt, DisabledAt: c.DisabledAt, ArchivedAt: c.ArchivedAt}
		return c.ID, write(c.ClientName, c.Name, c.Title, c.Email, c.Phone, c.Notes, yesNo(c.IsPrimary), as.State().Text, yesNo(!c.ArchivedAt.IsZero()))
	})
}

func exportProjects(ctx context.Context, tx bun.Tx, v auth.Viewer, client uuid.UUID, write func(...string) error) error {
	if err := write("Client", "Project", "Short name", "Status", "Street", "City", "State or region", "Postal code", "Country", "Start", "End", "Currency", "Summary", "Next steps", "Internal notes", "Shared with the client"); err != nil {
		return err
	}
	return exportRows(ctx, tx, func(last uuid.UUID) ([]Project, error) { return projectsPage(ctx, tx, v, client, last) }, func(p Project) (uuid.UUID, error) {
		return p.ID, write(p.ClientName, p.Name, p.Key, p.StatusTitle(), p.Street, p.City, p.Region, p.Postcode, p.Country, p.StartsOn.String(), p.EndsOn.String(), p.Currency, p.Summary, p.NextSteps, p.Notes, yesNo(p.Shared))
	})
}
