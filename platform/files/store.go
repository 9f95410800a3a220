package files

import (
	"bytes"
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/db"
)

// Row is what the database knows of a file.
type Row struct {
	bun.BaseModel `bun:"table:file,alias:file"`

	FirmID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	Purpose   string
	Audience  Audience
	ClientID  uuid.UUID `bun:",nullzero"`
	PersonID  uuid.UUID `bun:",nullzero"`
	Name      string
	Media     string
	Size      int64
	SHA256    []byte `bun:"sha256"`
	Width     int
	Height    int
	Variants  []string `bun:",array"`
	State     string
	CreatedAt time.Time `bun:",nullzero,default:now()"`
	CreatedBy uuid.UUID `bun:",nullzero"`
	DeletedAt time.Time `bun:",nullzero"`
}

func (f Row) seenBy(v auth.Viewer) bool {
	if v.Session.Duty != auth.NoDuty || v.Firm.Suspended { // the second factor has not been shown: a stranger still
		v = auth.Viewer{}
	}
	if v.Side == auth.Office || v.Side == auth.Program {
		return true
	}
	switch f.Audience {
	case ForAnyone:
		return true
	case ForFirm:
		return v.SignedIn()
	case ForClient:
		return v.Side == auth.Portal && v.ClientID == f.ClientID && v.Levels().Portal().On
	case ForPerson:
		return v.SignedIn() && v.PersonID == f.PersonID
	}
	return false
}

// Shown reports whether a variant has been made.
func (f Row) Shown(variant string) bool {
	for _, made := range f.Variants {
		if made == variant {
			return true
		}
	}
	return false
}

func byID(ctx context.Context, tx bun.IDB, firm, file uuid.UUID) (Row, error) {
	var row Row
	err := tx.NewSelect().
		Model(&row).
		Where("file.firm_id = ?", firm).
		Where("file.id = ?", file).
		Where("file.deleted_at IS NULL").
		Scan(ctx)
	return row, db.Found(err)
}

func insert(ctx context.Context, tx bun.IDB, row *Row) error {
	if row.Variants == nil {
		row.Variants = []string{}
	}
	_, err := tx.NewInsert().Model(row).Exec(ctx)
	return err
}

func remove(ctx context.Context, tx bun.IDB, firm uuid.UUID, all []uuid.UUID) error {
	_, err := tx.NewRaw(`delete from file where firm_id = ? and id = any(?::uuid[])`, firm, pgdialect.Array(all)).Exec(ctx)
	return err
}

func exists(ctx context.Context, tx bun.IDB, firm, file uuid.UUID) (there bool, err error) {
	err = tx.NewRaw(`select exists (select from file f where f.firm_id = ? and f.id = ?)`, firm, file).Scan(ctx, &there)
	return there, err
}

func finish(ctx context.Context, tx bun.Tx, row *Row, state string, picture *Picture) error {
	row.State = state
	if picture != nil {
		row.Width, row.Height = picture.Width, picture.Height
		row.Variants = nil
		for _, variant := range picture.Variants() {
			row.Variants = append(row.Variants, variant.Variant)
		}
	}
	_, err := tx.NewUpdate().
		Model(row).
		Column("state", "width", "height", "variants").
		WherePK().
		Exec(ctx)
	return err
}

func (l *Library) put(ctx context.Context, key string, body []byte) error {
	return l.Store.Put(ctx, key, bytes.NewReader(body))
}
