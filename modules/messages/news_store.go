package messages

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// untold are the messages of others that the viewer has neither read nor been told of, the first ones first.
func untold(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation uuid.UUID, most int) (list []Message, err error) {
	asClient := v.Side == auth.Portal
	err = messages(tx, v, &list).
		Where("m.conversation_id = ?", conversation).
		Where("m.withdrawn_at IS NULL").
		Where("NOT (m.person_id = ? AND (m.contact_id IS NOT NULL) = ?)", v.PersonID, asClient).
		Where(`m.created_at > coalesce(
			(SELECT greatest(r.read_to, r.told_to) FROM messages.reading AS r
			WHERE r.firm_id = m.firm_id AND r.conversation_id = m.conversation_id AND r.person_id = ? AND r.as_client = ?),
			'-infinity')`, v.PersonID, asClient).
		Order("m.created_at", "m.id").
		Limit(int64(most)).
		Scan(ctx)
	if err != nil {
		return nil, err
	}
	return list, attach(ctx, tx, v, list)
}

// noteTold keeps up to where a mail has told.
func noteTold(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation uuid.UUID, to time.Time) error {
	_, err := tx.NewRaw(`
		insert into messages.reading as r (firm_id, conversation_id, person_id, as_client, told_to)
		values (?, ?, ?, ?, ?)
		on conflict (firm_id, conversation_id, person_id, as_client) do update set told_to = greatest(r.told_to, excluded.told_to)`,
		v.FirmID(), conversation, v.PersonID, v.Side == auth.Portal, to).Exec(ctx)
	return err
}

func forgetTyping(ctx context.Context, tx bun.IDB, v auth.Viewer, now time.Time) error {
	_, err := tx.NewRaw("delete from messages.typing where firm_id = ? and until < ?", v.FirmID(), now).Exec(ctx)
	return err
}
