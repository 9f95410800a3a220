package host

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/notice"
	"portico/platform/push"
)

// openNotices gathers what the modules tell people of.
func (h *Host) openNotices() (err error) {
	var all []notice.Kind
	for _, m := range h.Modules {
		all = append(all, m.Notices...)
	}
	h.Notices = &notice.Desk{
		Post: h.Post, Links: h.Links, Bell: h.Bell, Notes: h.notes, Log: h.Log, Now: h.Now,
		Sees: func(ctx context.Context, tx bun.Tx, v auth.Viewer, section string, items []uuid.UUID) ([]uuid.UUID, error) {
			return h.Catalog.Sees(ctx, tx, v, section, items)
		},
	}
	if h.Push.PublicKey() != "" {
		h.Notices.Push = pusher{}
	}
	h.Notices.Kinds, err = notice.NewKinds(all)
	return err
}

// pusher hands notices over to people's devices.
type pusher struct{}

func (pusher) Reaches(ctx context.Context, tx bun.IDB, firm uuid.UUID, people []uuid.UUID) ([]uuid.UUID, error) {
	return push.Reached(ctx, tx, firm, people)
}

func (pusher) Send(ctx context.Context, tx bun.IDB, firm uuid.UUID, p notice.Push) error {
	return push.Send(ctx, tx, firm, p.Person, push.Message{Title: p.Title, Body: p.Body, Path: p.Path, Tag: p.Tag, Contact: p.Contact, Event: p.ID})
}
