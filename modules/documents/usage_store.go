package documents

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
)

// usage is how much room the firm's documents take, and may take.
type usage struct {
	Used  int64
	Own   int64 // the firm's own limit; 0: none
	Tells bool
	Limit int64 `bun:"-"` // what counts; 0: none
}

// usageOf counts every version, and what is in the trash. most is the installation's limit.
func usageOf(ctx context.Context, tx bun.IDB, v auth.Viewer, most int64) (usage, error) {
	var u usage
	err := tx.NewRaw(`
		select coalesce(max(s.used), 0) as used, coalesce(max(s.quota), 0) as own, coalesce(bool_and(s.tells), true) as tells
		from documents.setting s
		where s.firm_id = ?`, v.FirmID()).Scan(ctx, &u)
	u.Limit = u.Own
	if most > 0 && (u.Limit == 0 || most < u.Limit) {
		u.Limit = most
	}
	return u, err
}

// Left is what still fits; ok is false when there is no limit.
func (u usage) Left() (bytes int64, ok bool) { return max(0, u.Limit-u.Used), u.Limit > 0 }

// UsedText is for people.
func (u usage) UsedText() string { return sizeText(u.Used) }

// LimitText is for people.
func (u usage) LimitText() string { return sizeText(u.Limit) }

// Percent is how full it is.
func (u usage) Percent() int {
	if u.Limit == 0 {
		return 0
	}
	return int(min(100, u.Used*100/u.Limit))
}

// fits refuses what has no room, before it is sent and again when it is there.
func (u usage) fits(v auth.Viewer, more int64) error {
	left, limited := u.Left()
	if !limited || more <= left {
		return nil
	}
	return u.full(v, more)
}

// full says that there is no room for so much more.
func (u usage) full(v auth.Viewer, more int64) error {
	if v.Side == auth.Portal {
		return fault.TooLarge(fmt.Sprintf("%s has no room left for this file (%s). Please tell the team.", v.Firm.Name, sizeText(more)))
	}
	return fault.TooLarge(fmt.Sprintf("There is no room for this file (%s): your documents take %s of %s, old versions and trash included. Empty the trash, or raise the limit.",
		sizeText(more), u.UsedText(), u.LimitText()))
}

// take adds what has come to what is taken, if it fits: the row decides, so that uploads at the same time cannot take
// the same room. most is the installation's limit.
func take(ctx context.Context, tx bun.IDB, v auth.Viewer, bytes, most int64) error {
	_, err := tx.NewRaw("insert into documents.setting (firm_id) values (?) on conflict (firm_id) do nothing", v.FirmID()).Exec(ctx)
	if err != nil {
		return err
	}
	err = db.One(tx.NewRaw(`
		update documents.setting s set used = s.used + ?0
		where s.firm_id = ?1 and (coalesce(least(s.quota, nullif(?2, 0)), 0) = 0 or s.used + ?0 <= least(s.quota, nullif(?2, 0)))`,
		bytes, v.FirmID(), most).Exec(ctx))
	if !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	u, err := usageOf(ctx, tx, v, most)
	if err != nil {
		return err
	}
	return u.full(v, bytes)
}

// use changes what is taken, in the transaction of the change: what is thrown away, and the story of the demo.
func use(ctx context.Context, tx bun.IDB, v auth.Viewer, bytes int64) error {
	_, err := tx.NewRaw(`
		insert into documents.setting (firm_id, used) values (?0, greatest(0, ?1))
		on conflict (firm_id) do update set used = greatest(0, setting.used + ?1)`, v.FirmID(), bytes).Exec(ctx)
	return err
}

func saveSetting(ctx context.Context, tx bun.IDB, v auth.Viewer, quota int64, tells bool) error {
	_, err := tx.NewRaw(`
		insert into documents.setting (firm_id, quota, tells) values (?0, nullif(?1, 0), ?2)
		on conflict (firm_id) do update set quota = nullif(?1, 0), tells = ?2, updated_at = now()`, v.FirmID(), quota, tells).Exec(ctx)
	return err
}
