package users

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	invitation "portico/platform/invite"
)

// mailed is what is kept of a mail that was sent, or came back.
type mailed struct {
	ID            uuid.UUID
	State, Detail string
}

// promised is a mail's promise.
type promised struct {
	ID           uuid.UUID
	Tries        int
	Closed, Dead bool
	LastError    string
}

// outcome is what became of one row.
type outcome struct {
	Contact       uuid.UUID
	State, Reason string
}

// settle finds out what became of the mails that were handed out, and of those who got one; it answers what is under way.
func settle(ctx context.Context, tx bun.IDB, v auth.Viewer, sending uuid.UUID) (t traffic, err error) {
	out, err := flying(ctx, tx, v, sending)
	if err != nil {
		return t, err
	}
	ids := make([]uuid.UUID, len(out))
	for i, w := range out {
		ids[i] = w.Mail
	}
	promises, err := promisesOf(ctx, tx, v, ids) // before the mails: one that is kept by now has its mail in the next look
	if err != nil {
		return t, err
	}
	mails, err := mailsOf(ctx, tx, v, ids)
	if err != nil {
		return t, err
	}
	list, t := decide(out, mails, promises)
	var without []uuid.UUID
	for _, o := range list {
		if o.State == "skipped" {
			without = append(without, o.Contact)
		}
	}
	why, err := whyNot(ctx, tx, v, without)
	if err != nil {
		return t, err
	}
	for i, o := range list {
		if text := why[o.Contact]; o.State == "skipped" && text != "" {
			list[i].Reason = text
		}
	}
	if err := note(ctx, tx, v, sending, list); err != nil {
		return t, err
	}
	if list, err = cleared(ctx, tx, v, sending); err != nil {
		return t, err
	}
	if err := note(ctx, tx, v, sending, list); err != nil {
		return t, err
	}
	if list, err = followed(ctx, tx, v, sending); err != nil {
		return t, err
	}
	if err := note(ctx, tx, v, sending, list); err != nil {
		return t, err
	}
	t.Recent, err = recent(ctx, tx, v, sending)
	return t, err
}

// cleared are those of whom it is known by now whether their mail went out.
func cleared(ctx context.Context, tx bun.IDB, v auth.Viewer, sending uuid.UUID) (list []outcome, err error) {
	doubtful, err := mailedIn(ctx, tx, v, sending, perhaps)
	if err != nil || len(doubtful) == 0 {
		return nil, err
	}
	ids := make([]uuid.UUID, len(doubtful))
	for i, w := range doubtful {
		ids[i] = w.Mail
	}
	mails, err := mailsOf(ctx, tx, v, ids)
	for _, w := range doubtful {
		switch m := mails[w.Mail]; m.State {
		case "sent":
			list = append(list, outcome{w.Contact, "sent", ""})
		case "bounced", "failed":
			list = append(list, outcome{w.Contact, m.State, m.Detail})
		}
	}
	return list, err
}

// decide says what became of mails: a promise that was kept without a mail has found somebody who may not be invited.
func decide(out []invitation.Wish, mails map[uuid.UUID]mailed, promises map[uuid.UUID]promised) (list []outcome, t traffic) {
	for _, w := range out {
		m, is := mails[w.Mail]
		p, known := promises[w.Mail]
		switch {
		case is && m.State == "sent":
			list = append(list, outcome{w.Contact, "sent", ""})
		case is && m.State == "bounced":
			list = append(list, outcome{w.Contact, "bounced", m.Detail})
		case is && (m.State == "unsure" || m.State == "handing" && (!known || p.Closed)):
			list = append(list, outcome{w.Contact, perhaps, ""})
		case is && m.State == "handing": // by a worker at this moment, or by the next one that looks
			t.Flying++
		case is:
			list = append(list, outcome{w.Contact, "failed", m.Detail})
		case !known:
			list = append(list, outcome{w.Contact, "failed", ""})
		case p.Dead:
			list = append(list, outcome{w.Contact, "failed", p.LastError})
		case p.Closed:
			list = append(list, outcome{w.Contact, "skipped", string(gone)})
		case p.Tries > 0:
			t.Refused++
		default:
			t.Flying++
		}
	}
	return list, t
}
