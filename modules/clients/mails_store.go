package clients

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/post"
)

// mailsTo are the latest mails to a contact.
func mailsTo(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) (list []sentMail, err error) {
	err = tx.NewRaw(`
		select m.subject, m.at,
			case when m.state = 'handing' and m.at < now() - ? * interval '1 second' then 'unsure' else m.state end as state,
			case when m.state = 'handing' then ? else m.detail end as detail, coalesce(late.reason, '') as late
		from mail m
		left join lateral (
			select b.reason from mail_bounce b
			where b.firm_id = m.firm_id and b.mail_id = m.id
			order by b.at desc
			limit 1
		) late on true
		where m.firm_id = ? and m.contact_id = ?
		order by m.at desc
		limit ?`, post.Lease.Seconds(), post.Unsure, v.FirmID(), contact, mailsShown).Scan(ctx, &list)
	if err != nil {
		return nil, fmt.Errorf("mails to a contact: %w", err)
	}
	return list, nil
}
