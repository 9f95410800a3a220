package post

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/mail"
)

// sent is the record of one mail.
type sent struct {
	bun.BaseModel `bun:"table:mail,alias:mail"`

	FirmID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	Kind      string
	PersonID  uuid.UUID `bun:",nullzero"`
	ContactID uuid.UUID `bun:",nullzero"`
	SentTo    string
	Subject   string
	State     string
	Detail    string
	At        time.Time `bun:",nullzero,default:now()"`
}

func record(ctx context.Context, tx bun.Tx, s sent) error {
	_, err := tx.NewInsert().Model(&s).On("CONFLICT DO NOTHING").Exec(ctx)
	return err
}

func bounce(ctx context.Context, tx bun.Tx, firm uuid.UUID, e Envelope, subject string, b *mail.Bounced) error {
	err := record(ctx, tx, sent{
		FirmID: firm, ID: e.ID, Kind: e.Kind, PersonID: e.PersonID, ContactID: e.ContactID,
		SentTo: e.To.Address, Subject: subject, State: "bounced", Detail: b.Error(),
	})
	if err != nil {
		return err
	}
	_, err = tx.NewUpdate().
		Table("contact").
		Set("bounced_at = now()").
		Set("bounce_reason = ?", fmt.Sprintf("%d %s", b.Code, b.Text)).
		Where("firm_id = ?", firm).
		Where("email = ?", e.To.Address).
		Exec(ctx)
	return err
}
