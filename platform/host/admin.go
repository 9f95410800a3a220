package host

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/firm"
	"portico/platform/people"
)

// ListFirms shows the operator all firms.
func (h *Host) ListFirms(ctx context.Context) ([]firm.Summary, error) { return firm.List(ctx, h.Ops) }

// CreateFirm makes a firm with its owner.
func (h *Host) CreateFirm(ctx context.Context, n firm.New, owner people.NewStaff) error {
	id := uuid.Must(uuid.NewV7())
	return db.InTx(ctx, h.Pool, id, func(ctx context.Context, tx bun.Tx) error {
		if err := firm.CreateIn(ctx, tx, id, n); err != nil {
			return err
		}
		_, err := people.AddStaff(ctx, tx, operator(id), owner)
		return err
	})
}

// CreateStaff makes a member of staff of the firm with that key.
func (h *Host) CreateStaff(ctx context.Context, key string, n people.NewStaff) error {
	id, err := h.firmByKey(ctx, key)
	if err != nil {
		return err
	}
	return db.InTx(ctx, h.Pool, id, func(ctx context.Context, tx bun.Tx) error {
		_, err := people.AddStaff(ctx, tx, operator(id), n)
		return err
	})
}

// operator acts with an owner's rights: whoever may run this program may read its database.
func operator(id uuid.UUID) auth.Viewer {
	v := auth.System(id)
	v.Role, v.Name = access.Owner, "The operator"
	return v
}

func (h *Host) firmByKey(ctx context.Context, key string) (uuid.UUID, error) {
	firms, err := h.ListFirms(ctx)
	if err != nil {
		return uuid.Nil, err
	}
	for _, f := range firms {
		if f.Key == key {
			return f.ID, nil
		}
	}
	return uuid.Nil, fault.Field("firm", "there is no firm with the key "+key)
}

// AdminLink makes a sign-in link for the person with that address in the firm with that key, without a mail. It works
// as a mailed one does, and ends the older ones.
func (h *Host) AdminLink(ctx context.Context, key, email string) (string, error) {
	id, err := h.firmByKey(ctx, key)
	if err != nil {
		return "", err
	}
	var token string
	err = db.InTx(ctx, h.Pool, id, func(ctx context.Context, tx bun.Tx) error {
		who, ok, err := link.WhoFor(ctx, tx, id, email)
		if err != nil {
			return err
		}
		if !ok {
			return fault.Field("email", "nobody with this address has access to the portal or the office")
		}
		token, _, err = link.Issue(ctx, tx, h.Key, link.New{
			Firm: id, Purpose: link.SignIn, Outbox: uuid.Must(uuid.NewV7()), Person: who.PersonID, SentTo: who.Email,
		})
		return err
	})
	if err != nil {
		return "", err
	}
	origin, err := h.Links.Origin(ctx, id)
	return origin + "/sign-in/link/" + token, err
}

// MailboxURL is where kept mails are shown; "" when they are sent.
func (h *Host) MailboxURL() string {
	if h.Mailbox == nil {
		return ""
	}
	return h.Config.URL + h.door.MailboxPath()
}

// CheckActivity reads the activity log of every firm and shows what it finds, one firm after the other.
func (h *Host) CheckActivity(ctx context.Context, show func(firm string, r activity.Report)) error {
	firms, err := h.ListFirms(ctx)
	if err != nil {
		return err
	}
	for _, f := range firms {
		r, err := activity.Verify(ctx, h.Ops, h.Key, f.ID)
		if err != nil {
			return fmt.Errorf("%s: %w", f.Key, err)
		}
		show(f.Key, r)
	}
	return nil
}
