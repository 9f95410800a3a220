package setup

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// atStake is what a change of the address touches.
type atStake struct {
	SignedIn int      // people who are signed in now
	KeysOnly []string // staff whose only second factor is a passkey, which belongs to the address where it was made
	Own      bool     // the viewer is one of them
}

func findAtStake(ctx context.Context, tx bun.IDB, v auth.Viewer) (atStake, error) {
	var row atStake
	err := tx.NewRaw(`
		select (select count(distinct s.person_id) from session s
				where s.firm_id = ?0 and s.idle_until > now() and s.absolute_until > now() and s.person_id <> ?1) as signed_in`,
		v.FirmID(), v.PersonID).Scan(ctx, &row.SignedIn)
	if err != nil {
		return row, err
	}
	var bound []struct {
		Name string
		Own  bool
	}
	err = tx.NewRaw(`
		select p.name, p.id = ?1 as own
		from staff st
		join person p on p.firm_id = st.firm_id and p.id = st.person_id and p.totp_at is null
		where st.firm_id = ?0 and st.disabled_at is null
			and exists (select from passkey k where k.firm_id = p.firm_id and k.person_id = p.id)
		order by p.name, p.id`, v.FirmID(), v.PersonID).Scan(ctx, &bound)
	for _, one := range bound {
		if one.Own {
			row.Own = true
		} else {
			row.KeysOnly = append(row.KeysOnly, one.Name)
		}
	}
	return row, err
}
