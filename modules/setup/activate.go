package setup

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fact"
	"portico/platform/fault"
	"portico/platform/invite"
)

func (o office) subscribers() []fact.Subscriber {
	return []fact.Subscriber{fact.On("setup:auto_activate", o.autoActivate)}
}

// autoActivate opens the portal of a client with the first document that is sent for signature, and invites the signers,
// where the firm wants that. Told again, it finds all done. A portal that staff closed after that stays closed, and so
// does the access of a contact that was disabled.
func (o office) autoActivate(ctx context.Context, tx bun.Tx, firm uuid.UUID, sent fact.EnvelopeSent) error {
	v := auth.System(firm)
	client, err := holdForActivation(ctx, tx, v, sent.ClientID)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	if !client.Wanted || !client.FirmOn || client.Archived {
		return nil
	}
	if !client.PortalOn {
		if client.Done {
			return nil
		}
		if err := openPortal(ctx, tx, v, client.ID); err != nil {
			return err
		}
		err := activity.Record(ctx, tx, v, activity.Entry{
			Verb: "portal.activated", Text: "activated the portal of " + client.Name + " with the first document for signature",
			ClientID: client.ID, ProjectID: sent.ProjectID, SubjectID: client.ID, Data: activity.Changes(map[string]any{"portal": false}, map[string]any{"portal": true}),
		})
		if err != nil {
			return err
		}
	}
	signers := slices.Clone(sent.SignerIDs)
	slices.SortFunc(signers, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }) // rows are held in one order
	waiting, err := notInvited(ctx, tx, v, client.ID, slices.Compact(signers))
	if err != nil {
		return err
	}
	for _, contact := range waiting {
		if err := invite.Invite(ctx, tx, v, contact, ""); err != nil {
			return err
		}
	}
	return nil
}
