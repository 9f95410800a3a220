package envelopes

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
)

// revise makes a draft with everything that a document has but what people did with it: their signatures stay with the old
// one, and with the hash of its file.
func revise(ctx context.Context, tx bun.Tx, v auth.Viewer, e Envelope, now time.Time) (Envelope, error) {
	lines, err := linesOf(ctx, tx, v, e.ID)
	if err != nil {
		return Envelope{}, err
	}
	stages, err := stagesOf(ctx, tx, v, e.ID)
	if err != nil {
		return Envelope{}, err
	}
	next := Envelope{
		ClientID: e.ClientID, ProjectID: e.ProjectID, Kind: e.Kind, Title: e.Title, Message: e.Message, Status: Draft, Ordered: e.Ordered,
		DeadlineDays: e.DeadlineDays, RemindDays: e.RemindDays, AskCode: e.AskCode, Source: e.Source, Body: e.Body, Currency: e.Currency,
		Total: e.Total, AtOnce: e.AtOnce, Revision: e.Revision + 1, SupersedesID: e.ID, FileID: e.FileID, FileHash: e.FileHash, Pages: e.Pages,
		CreatedBy: v.PersonID, CreatedAt: now, ClientName: e.ClientName, ProjectName: e.ProjectName, ProjectKey: e.ProjectKey,
	}
	if next.ID, err = insertDraft(ctx, tx, v, next); err != nil {
		return next, err
	}
	if err := putLines(ctx, tx, v, next, lines); err != nil {
		return next, err
	}
	if err := putStages(ctx, tx, v, next, stages); err != nil {
		return next, err
	}
	known, err := readersOf(ctx, tx, v, e.ClientID)
	if err != nil {
		return next, err
	}
	var was []uuid.UUID
	for _, r := range original(e.Recipients) {
		was = append(was, r.ID)
		heir := Recipient{Position: r.Position, Role: r.Role, ContactID: r.ContactID, PersonID: r.PersonID, Name: r.Name, Email: r.Email}
		for _, k := range known { // as they are called and reached now
			if !k.Staff && k.ID == r.ContactID || k.Staff && k.ID == r.PersonID {
				heir.Name, heir.Email = k.Name, k.Email
			}
		}
		next.Recipients = append(next.Recipients, heir)
	}
	if err := putRecipients(ctx, tx, v, &next); err != nil {
		return next, err
	}
	heirs := map[uuid.UUID]uuid.UUID{}
	for n, one := range was {
		heirs[one] = next.Recipients[n].ID
	}
	for _, f := range e.Fields {
		heir := heirs[heirOf(e, f.RecipientID)]
		if heir == uuid.Nil {
			continue
		}
		next.Fields = append(next.Fields, Field{
			RecipientID: heir, Page: f.Page, X: f.X, Y: f.Y, W: f.W, H: f.H, Kind: f.Kind, Label: f.Label, Required: f.Required,
		})
	}
	if err := putFields(ctx, tx, v, &next); err != nil {
		return next, err
	}
	pages, err := textPages(ctx, tx, v, e.ID)
	if err != nil {
		return next, err
	}
	if err := setTextPages(ctx, tx, v, next, pages); err != nil {
		return next, err
	}
	return next, index(ctx, tx, v, next.ID)
}

// original are those whom staff chose: who acts for somebody else came in by a hand-over.
func original(all []Recipient) []Recipient {
	forwarded := map[uuid.UUID]bool{}
	for _, r := range all {
		if r.ForwardedID != uuid.Nil {
			forwarded[r.ForwardedID] = true
		}
	}
	var list []Recipient
	for _, r := range all {
		if !forwarded[r.ID] {
			list = append(list, r)
		}
	}
	return list
}

// heirOf is whom a field was for before it was handed over.
func heirOf(e Envelope, recipient uuid.UUID) uuid.UUID {
	for range e.Recipients {
		for _, r := range e.Recipients {
			if r.ForwardedID == recipient && recipient != uuid.Nil {
				recipient = r.ID
				break
			}
		}
	}
	return recipient
}
