package messages

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// part is somebody who takes part in a conversation.
type part struct {
	PersonID, ContactID uuid.UUID
	Name, Title         string
	PhotoID             uuid.UUID
	Works               bool // staff who may still sign in
}

// ByClient reports whether it is a contact.
func (p part) ByClient() bool { return p.ContactID != uuid.Nil }

func partsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, conversation uuid.UUID) (list []part, err error) {
	err = tx.NewRaw(`
		select pt.person_id, pt.contact_id, coalesce(ct.name, p.name) as name, coalesce(ct.title, s.title, '') as title,
			case when pt.contact_id is null and s.show_photo then p.photo_id end as photo_id,
			coalesce(s.disabled_at is null and s.person_id is not null, false) as works
		from messages.participant pt
		join person p on p.firm_id = pt.firm_id and p.id = pt.person_id
		left join contact ct on ct.firm_id = pt.firm_id and ct.id = pt.contact_id
		left join staff s on s.firm_id = pt.firm_id and s.person_id = pt.person_id and pt.contact_id is null
		where pt.firm_id = ? and pt.conversation_id = ?
		order by pt.as_client, pt.added_at, pt.person_id
		limit 100`, v.FirmID(), conversation).Scan(ctx, &list)
	return list, err
}

// choice is one entry of a list to choose from.
type choice struct {
	Value uuid.UUID
	Title string
}

// colleagues are those whom a conversation can be given to.
func colleagues(ctx context.Context, tx bun.IDB, v auth.Viewer) (list []choice, err error) {
	err = tx.NewRaw(`
		select p.id as value, p.name as title
		from staff s
		join person p on p.firm_id = s.firm_id and p.id = s.person_id
		where s.firm_id = ? and s.disabled_at is null
		order by p.name, p.id
		limit 500`, v.FirmID()).Scan(ctx, &list)
	return list, err
}

// projectsOf are those of a client that a conversation can belong to.
func projectsOf(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (list []choice, err error) {
	err = tx.NewRaw(`
		select pr.id as value, pr.name as title
		from project pr
		where pr.firm_id = ? and pr.client_id = ? and pr.status <> 'archived'
		order by pr.sort_name, pr.id
		limit 500`, v.FirmID(), client).Scan(ctx, &list)
	return list, err
}

func clientName(ctx context.Context, tx bun.IDB, v auth.Viewer, client uuid.UUID) (name string, err error) {
	err = tx.NewRaw("select cl.name from client cl where cl.firm_id = ? and cl.id = ?", v.FirmID(), client).Scan(ctx, &name)
	return name, db.Found(err)
}

// clientOfProject is whose project it is.
func clientOfProject(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID) (client uuid.UUID, err error) {
	err = tx.NewRaw("select pr.client_id from project pr where pr.firm_id = ? and pr.id = ?", v.FirmID(), project).Scan(ctx, &client)
	return client, db.Found(err)
}

// someClients are the first ones whose name begins like that, or has it in it.
func someClients(ctx context.Context, tx bun.IDB, v auth.Viewer, typed string) (list []choice, err error) {
	err = tx.NewRaw(`
		select cl.id as value, cl.name as title
		from client cl
		where cl.firm_id = ? and cl.archived_at is null and strpos(lower(cl.name), lower(?)) > 0
		order by cl.name, cl.id
		limit 30`, v.FirmID(), typed).Scan(ctx, &list)
	return list, err
}
