package envelopes

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// record appends an event to an envelope that the transaction holds (see hold), in its place in the chain.
func record(ctx context.Context, tx bun.IDB, v auth.Viewer, e *Envelope, what Event) error {
	what.EnvelopeID, what.ClientID, what.N, what.Prev = e.ID, e.ClientID, e.Events+1, e.Head
	if what.FileHash == nil {
		what.FileHash = e.FileHash
	}
	if what.IP == "" && what.Agent == "" {
		what.IP, what.Agent = v.From.IP, v.From.Agent
	}
	if what.Side == "" {
		what.Side = string(v.Side)
	}
	what.At = what.At.Truncate(1000) // as it is kept
	what.Hash = what.seal()
	_, err := tx.NewRaw(`
		insert into envelopes.event (firm_id, envelope_id, n, client_id, kind, at, side, recipient_id, person_id, name, email, ip, agent, file_hash, note, prev, hash)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		v.FirmID(), what.EnvelopeID, what.N, what.ClientID, what.Kind, what.At, what.Side, db.NullID(what.RecipientID), db.NullID(what.PersonID),
		what.Name, what.Email, what.IP, what.Agent, what.FileHash, what.Note, what.Prev, what.Hash).Exec(ctx)
	if err != nil {
		return err
	}
	err = db.One(tx.NewRaw(`
		update envelopes.envelope set events = ?, head = ? where firm_id = ? and id = ? and events = ?`,
		what.N, what.Hash, v.FirmID(), e.ID, e.Events).Exec(ctx))
	e.Events, e.Head = what.N, what.Hash
	return err
}

// eventsOf are those of an envelope that the viewer was found to see, the first one first.
func eventsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, envelope uuid.UUID) ([]Event, error) {
	var list []Event
	err := tx.NewRaw(`
		select envelope_id, client_id, n, kind, at, side, recipient_id, person_id, name, email, ip, agent, file_hash, note, prev, hash
		from envelopes.event
		where firm_id = ? and envelope_id = ?
		order by n`, v.FirmID(), envelope).Scan(ctx, &list)
	return list, err
}
