package activity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/db"
	"portico/platform/secret"
)

// content is all that an entry says, in the one spelling that is sealed. What is added to the table later is not in it:
// a new spelling would break every seal.
const content = `json_build_array(a.id, (extract(epoch from a.at) * 1000000)::bigint, a.actor_id, a.actor_name, a.verb, a.text,
	a.client_id, a.project_id, a.subject_id, a.data, a.for_client, a.side, a.behalf, a.ip, a.agent)::text`

// sealedAtOnce bounds a transaction of the sealer.
const sealedAtOnce = 2000

// Unsealed are the firms with entries that wait for their seals. It takes the ops pool, because it looks across firms.
func Unsealed(ctx context.Context, ops bun.IDB) (firms []uuid.UUID, err error) {
	err = ops.NewRaw(`select distinct u.firm_id from activity_unsealed u order by u.firm_id limit 1000`).Scan(ctx, &firms)
	return firms, err
}

// SealSome seals waiting entries of the firm, the oldest first, and answers after which one to go on; Nil: nothing waits.
// Whoever comes at the same time waits: the head's row is held.
func SealSome(ctx context.Context, tx bun.Tx, key secret.Key, firm, after uuid.UUID) (next uuid.UUID, err error) {
	s := newSealer(key, firm)
	end, last, err := holdHead(ctx, tx, s)
	if err != nil {
		return uuid.Nil, err
	}
	var list []waiting
	err = tx.NewRaw(`
		select u.id, `+content+` as content
		from activity_unsealed u
		join activity a on a.firm_id = u.firm_id and a.id = u.id
		where u.firm_id = ? and u.id > ?
		order by u.id
		limit ?`, firm, after, sealedAtOnce).Scan(ctx, &list)
	if err != nil || len(list) == 0 {
		return uuid.Nil, err
	}
	seq, prev := s.after(end, last)
	seals, end := s.chain(seq, prev, list)
	return list[len(list)-1].ID, put(ctx, tx, firm, seals, end)
}

// holdHead gives the end of the chain, and the number of the last seal that is there.
func holdHead(ctx context.Context, tx bun.Tx, s sealer) (end head, last int64, err error) {
	none := head{Mac: s.mac(0, nil)}
	err = tx.NewRaw("select coalesce(max(s.seq), 0) from activity_seal s where s.firm_id = ?", s.firm).Scan(ctx, &last)
	if err != nil {
		return end, 0, fmt.Errorf("last seal: %w", err)
	}
	if last > 0 { // seals without a head: somebody has taken it
		none.Mac = []byte{}
	}
	_, err = tx.NewRaw(`
		insert into activity_head (firm_id, seq, hash, mac) values (?, 0, '', ?)
		on conflict do nothing`, s.firm, none.Mac).Exec(ctx)
	if err != nil {
		return end, 0, fmt.Errorf("head of the log: %w", err)
	}
	err = tx.NewRaw(`
		select h.seq, h.hash, h.mac,
			coalesce((select max(s.seq) from activity_seal s where s.firm_id = h.firm_id), 0) as last
		from activity_head h
		where h.firm_id = ?
		for update of h`, s.firm).Scan(ctx, &end.Seq, &end.Hash, &end.Mac, &last)
	return end, last, err
}

// put keeps the seals and the new end, and lets the entries wait no longer.
func put(ctx context.Context, tx bun.Tx, firm uuid.UUID, seals []seal, end head) error {
	seqs, ids, prevs, hashes := make([]int64, len(seals)), make([]uuid.UUID, len(seals)), make([][]byte, len(seals)), make([][]byte, len(seals))
	for i, s := range seals {
		seqs[i], ids[i], prevs[i], hashes[i] = s.Seq, s.EntryID, s.Prev, s.Hash
		if prevs[i] == nil {
			prevs[i] = []byte{}
		}
	}
	_, err := tx.NewRaw(`
		insert into activity_seal (firm_id, seq, entry_id, prev, hash)
		select ?, n.seq, n.entry_id, n.prev, n.hash
		from unnest(?::bigint[], ?::uuid[], ?::bytea[], ?::bytea[]) as n (seq, entry_id, prev, hash)`,
		firm, pgdialect.Array(seqs), pgdialect.Array(ids), pgdialect.Array(prevs), pgdialect.Array(hashes)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("seals: %w", err)
	}
	_, err = tx.NewRaw("delete from activity_unsealed where firm_id = ? and id = any(?::uuid[])", firm, pgdialect.Array(ids)).Exec(ctx)
	if err != nil {
		return err
	}
	return db.One(tx.NewRaw("update activity_head set seq = ?, hash = ?, mac = ? where firm_id = ?", end.Seq, end.Hash, end.Mac, firm).Exec(ctx))
}

// found are the links of a stretch of the chain, with what their entries say now.
func stretch(ctx context.Context, tx bun.IDB, firm uuid.UUID, from, to int64, each func(link)) error {
	rows, err := tx.QueryContext(ctx, `
		select s.seq, s.entry_id, s.prev, s.hash, s.sealed_at, a.at, case when a.id is not null then `+content+` end
		from activity_seal s
		left join activity a on a.firm_id = s.firm_id and a.id = s.entry_id
		where s.firm_id = ? and s.seq >= ? and s.seq < ?
		order by s.seq`, firm, from, to)
	if err != nil {
		return fmt.Errorf("seals: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var l link
		var at sql.NullTime
		var says sql.NullString
		if err := rows.Scan(&l.Seq, &l.EntryID, &l.Prev, &l.Hash, &l.SealedAt, &at, &says); err != nil {
			return err
		}
		l.At, l.Content, l.There = at.Time, says.String, says.Valid
		each(l)
	}
	return rows.Err()
}

// ends are both ends of a chain, seen at one instant.
type ends struct {
	head
	HasHead     bool
	First, Last int64
	Since       sql.NullTime
}

func endsOf(ctx context.Context, tx bun.IDB, firm uuid.UUID) (e ends, err error) {
	err = tx.NewRaw(`
		select coalesce(h.seq, 0), coalesce(h.hash, ''), coalesce(h.mac, ''), h.firm_id is not null,
			coalesce(s.first, 0), coalesce(s.last, 0), s.since
		from (select min(seq) as first, max(seq) as last, min(sealed_at) as since from activity_seal where firm_id = ?0) s
		left join activity_head h on h.firm_id = ?0`, firm).
		Scan(ctx, &e.Seq, &e.Hash, &e.Mac, &e.HasHead, &e.First, &e.Last, &e.Since)
	if err != nil {
		return e, fmt.Errorf("ends of the log: %w", err)
	}
	return e, nil
}

// strays are entries that neither have a seal nor wait for one, and places in the queue whose entries are gone.
func strays(ctx context.Context, tx bun.IDB, firm uuid.UUID) (in []stray, out []stray, waits queue, err error) {
	err = tx.NewRaw(`
		select a.id, a.at, count(*) over () as of
		from activity a
		where a.firm_id = ?0 and not exists (select from activity_seal s where s.firm_id = ?0 and s.entry_id = a.id)
			and not exists (select from activity_unsealed u where u.firm_id = ?0 and u.id = a.id)
		order by a.at, a.id
		limit ?1`, firm, mostTroubles).Scan(ctx, &in)
	if err != nil {
		return nil, nil, waits, fmt.Errorf("entries without seals: %w", err)
	}
	err = tx.NewRaw(`
		select u.id, u.at, count(*) over () as of
		from activity_unsealed u
		where u.firm_id = ?0 and not exists (select from activity a where a.firm_id = ?0 and a.id = u.id)
		order by u.id
		limit ?1`, firm, mostTroubles).Scan(ctx, &out)
	if err != nil {
		return nil, nil, waits, fmt.Errorf("seals without entries: %w", err)
	}
	err = tx.NewRaw(`
		select count(*) as entries, coalesce(min(u.at) < now() - interval '10 minutes', false) as late
		from activity_unsealed u where u.firm_id = ?`, firm).Scan(ctx, &waits)
	return in, out, waits, err
}

// keep writes down what a check has found.
func keep(ctx context.Context, tx bun.IDB, r Report) error {
	troubles, err := tell(r.Troubles)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		update activity_head
		set checked_at = now(), checked = ?, troubles = ?::jsonb,
			sound_since = case when ? then coalesce(sound_since, ?, now()) end
		where firm_id = ?`, r.Entries, troubles, r.Sound(), nullTime(r.Since), r.Firm).Exec(ctx)
	return err
}

// StateOf is what the last check of the viewer's firm has found; the zero State before the first.
func StateOf(ctx context.Context, tx bun.IDB, firm uuid.UUID) (State, error) {
	var s State
	err := tx.NewRaw(`
		select h.checked_at, h.checked, h.sound_since, h.troubles from activity_head h
		where h.firm_id = ?`, firm).Scan(ctx, &s)
	if errors.Is(err, sql.ErrNoRows) {
		return State{}, nil
	}
	return s, err
}
