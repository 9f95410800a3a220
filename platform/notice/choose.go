package notice

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/post"
)

// Chosen is a kind with how it comes to somebody now, and how it would without a choice of their own.
type Chosen struct {
	Kind
	Ways, Usual Ways
}

// Choices are the kinds for one side as they come to a person; to uuid.Nil: to everybody who has not chosen.
func (d *Desk) Choices(ctx context.Context, tx bun.IDB, firm, person uuid.UUID, side auth.Side) ([]Chosen, error) {
	r, err := choicesOf(ctx, tx, firm, person)
	if err != nil {
		return nil, err
	}
	var all []Chosen
	for _, k := range d.Kinds {
		if !k.Fits(side) {
			continue
		}
		both := r.choices[k.ID]
		one := Chosen{k, k.usual(), k.usual()}
		one.Ways = k.over(one.Usual, both[0])
		if person != uuid.Nil {
			one.Usual = one.Ways
			one.Ways = k.over(one.Usual, both[1])
		}
		all = append(all, one)
	}
	return all, nil
}

// refuse says no to what only a hand-made request asks for: legal mails cannot be switched off.
func (d *Desk) refuse(id string, w Ways) (Kind, error) {
	k, declared := d.Kinds.Find(id)
	switch {
	case !declared || !w.Mail.Valid():
		return k, fault.Field("mail-"+id, "Choose one from the list.")
	case k.Legal && (w.Mail != Now || !w.Bell):
		return k, fault.Field("mail-"+id, "These must be sent: they cannot be switched off.")
	}
	return k, nil
}

// Choose keeps what a person has chosen for some kinds, as far as it differs from what the firm has set.
func (d *Desk) Choose(ctx context.Context, tx bun.IDB, firm, person uuid.UUID, wanted map[string]Ways) error {
	r, err := choicesOf(ctx, tx, firm, person)
	if err != nil {
		return err
	}
	for id, w := range wanted {
		k, err := d.refuse(id, w)
		if err != nil {
			return err
		}
		if err := saveChoice(ctx, tx, firm, person, k.but(w, k.over(k.usual(), r.choices[id][0]))); err != nil {
			return err
		}
	}
	return nil
}

// ChooseMail keeps how the mails of one kind come to a person; their other channels stay.
func (d *Desk) ChooseMail(ctx context.Context, tx bun.IDB, firm, person uuid.UUID, id string, way Way) error {
	k, declared := d.Kinds.Find(id)
	if !declared {
		return fault.NotFound()
	}
	r, err := choicesOf(ctx, tx, firm, person)
	if err != nil {
		return err
	}
	both := r.choices[id]
	w := k.over(k.over(k.usual(), both[0]), both[1])
	w.Mail = way
	return d.Choose(ctx, tx, firm, person, map[string]Ways{id: w})
}

// Set keeps what the firm has set for everybody who has not chosen.
func (d *Desk) Set(ctx context.Context, tx bun.Tx, v auth.Viewer, wanted map[string]Ways, hours Hours) error {
	before, was, err := d.set(ctx, tx, v)
	if err != nil {
		return err
	}
	for id, w := range wanted {
		k, err := d.refuse(id, w)
		if err != nil {
			return err
		}
		if err := saveDefault(ctx, tx, v, k.but(w, k.usual())); err != nil {
			return err
		}
	}
	if err := hours.check(); err != nil {
		return err
	}
	if err := saveHours(ctx, tx, v, hours); err != nil {
		return err
	}
	after, is, err := d.set(ctx, tx, v)
	if err != nil {
		return err
	}
	before["hours"], after["hours"] = was, is
	changes := activity.Changes(before, after)
	if changes == nil {
		return nil
	}
	return activity.Record(ctx, tx, v, activity.Entry{Verb: "notices.set", Text: "changed how notices come to everybody who has not chosen", Data: changes})
}

func (d *Desk) set(ctx context.Context, tx bun.IDB, v auth.Viewer) (map[string]any, Hours, error) {
	r, err := choicesOf(ctx, tx, v.FirmID(), uuid.Nil)
	if err != nil {
		return nil, Hours{}, err
	}
	all := map[string]any{}
	for _, k := range d.Kinds {
		all[k.ID] = k.over(k.usual(), r.choices[k.ID][0])
	}
	hours, err := HoursOf(ctx, tx, v.FirmID())
	return all, hours, err
}

func (h Hours) check() error {
	if h.Digest < 0 || h.Digest > 23 {
		return fault.Field("digest", "Choose an hour from the list.")
	}
	return h.Quiet.check()
}

func (q Quiet) check() error {
	if q.From < 0 || q.From > 1439 || q.Until < 0 || q.Until > 1439 {
		return fault.Field("quiet_from", "Enter times such as 21:00 and 07:00.")
	}
	return nil
}

// QuietOf are the quiet hours of the viewer; own is false for those of the firm.
func QuietOf(ctx context.Context, tx bun.IDB, v auth.Viewer) (q Quiet, own bool, err error) {
	if q, own, err = quietOf(ctx, tx, v.FirmID(), v.PersonID); err != nil || own {
		return q, own, err
	}
	hours, err := HoursOf(ctx, tx, v.FirmID())
	return hours.Quiet, false, err
}

// SetQuiet keeps the viewer's own; nil: as the firm.
func SetQuiet(ctx context.Context, tx bun.IDB, v auth.Viewer, q *Quiet) error {
	if q != nil {
		if err := q.check(); err != nil {
			return err
		}
	}
	return saveQuiet(ctx, tx, v, q)
}

// Mails is what a person has chosen for all mails at once.
func Mails(ctx context.Context, tx bun.IDB, v auth.Viewer) (post.Choice, error) {
	return post.ChoiceOf(ctx, tx, v.FirmID(), v.PersonID)
}
