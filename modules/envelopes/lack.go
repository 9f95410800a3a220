package envelopes

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/money"
)

// lack is what a draft still needs before it can go out, and the page where it is mended.
type lack struct{ Text, Page string }

// unreachable are contacts whom no mail of ours reaches, or who could not do what it asks for, and why.
type unreachable map[uuid.UUID]string

// lacks are all that a draft needs. It is asked when the page is shown and again when it is sent.
func lacks(e Envelope, stages []Stage, deaf unreachable) []lack {
	var list []lack
	need := func(page, text string, args ...any) { list = append(list, lack{fmt.Sprintf(text, args...), page}) }
	if e.FileID == uuid.Nil {
		need("edit", "The document itself is missing.")
	}
	if e.Kind == Contract || e.Kind == ChangeOrder || e.Kind == Deposit {
		if e.Total == 0 {
			need("edit", "Enter the amount: the %s goes on to billing with it.", e.Kind.Noun().String())
		}
		if e.ProjectID == uuid.Nil {
			need("edit", "Choose the project: a %s belongs to one.", e.Kind.Noun().String())
		}
	}
	if _, all := planned(stages, e.Amount()); len(stages) > 0 && all.Minor > e.Total {
		need("edit", "The payment schedule comes to more than the contract: %s of %s.", all.Plain(), money.Of(e.Total, e.Currency).Plain())
	}
	acts := false
	for _, r := range e.Recipients {
		acts = acts || r.Role == Signer || r.Role == Approver
		switch {
		case r.Email == "":
			need("people", "%s has no mail address.", r.Name)
		case deaf[r.ID] != "":
			need("people", "%s %s", r.Name, deaf[r.ID])
		}
		if (r.Role == Signer || r.Role == Countersigner) && !signsSomewhere(e, r) && e.FileID != uuid.Nil {
			need("fields", "%s has no place to sign.", r.Name)
		}
	}
	if !acts {
		need("people", "Choose who signs or approves.")
	}
	return list
}

func signsSomewhere(e Envelope, r Recipient) bool {
	for _, f := range e.Fields {
		if f.RecipientID == r.ID && f.Kind == SignatureField {
			return true
		}
	}
	return false
}

// lacking asks for what is not in the document itself, too.
func lacking(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope) ([]lack, error) {
	stages, err := stagesOf(ctx, tx, v, e.ID)
	if err != nil {
		return nil, err
	}
	deaf, err := unreachableOf(ctx, tx, v, e.ID)
	if err != nil {
		return nil, err
	}
	list := lacks(e, stages, deaf)
	shut, err := putAway(ctx, tx, v, e)
	if shut {
		list = append(list, lack{"The client or the project is archived. Restore it first.", "edit"})
	}
	return list, err
}
