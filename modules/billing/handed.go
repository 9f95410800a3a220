package billing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/web"
)

// billCharges puts the ticked things on a new draft, or on one that is there.
func (o office) billCharges(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	project, err := o.jobOf(r)
	if err != nil {
		return err
	}
	if project, err = o.billable(r, project.ID.String()); err != nil {
		return err
	}
	back := r.Path("billing", "projects", project.ID)
	ticked := r.Values("id")
	if len(ticked) == 0 {
		r.Warn("Nothing was ticked.")
		return r.Go(back)
	}
	var ids []uuid.UUID
	for _, text := range ticked[:min(len(ticked), mostCharges)] {
		id, err := uuid.Parse(text)
		if err != nil {
			return fault.NotFound()
		}
		ids = append(ids, id)
	}
	list, err := unbilledOf(ctx, tx, v, project.ID, ids)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		r.Warn("All of that is on an invoice already.")
		return r.Go(back)
	}
	to, err := o.draftFor(r, project)
	if err != nil {
		return err
	}
	room, err := roomOn(ctx, tx, v, to)
	if err != nil {
		return err
	}
	if room == 0 {
		return errFull
	}
	left := max(0, len(list)-room)
	list = list[:len(list)-left]
	gone, err := recalled(ctx, tx, o.Board, v, list)
	if err != nil {
		return err
	}
	if gone {
		return errRecalled
	}
	net := int64(0)
	for _, c := range list {
		if c.Currency != project.Currency {
			return fault.Conflict("“" + c.Text + "” is in " + c.Currency + ", and this project is billed in " + project.Currency + ".")
		}
		l := c.line()
		net += l.Net + l.Tax
	}
	if to.ID == uuid.Nil {
		if net < 0 {
			return fault.Conflict("What is ticked comes to less than nothing. Put it on a draft with more on it, or give a credit.")
		}
		invoice, err := draftCharges(ctx, tx, v, project, titleOf(list), list)
		if err != nil {
			return err
		}
		return o.billedCharges(r, Invoice{ID: invoice, ClientID: project.ClientID, ProjectID: project.ID, Title: titleOf(list)}, len(list), left)
	}
	if err := addCharges(ctx, tx, v, to, list); err != nil {
		return err
	}
	return o.billedCharges(r, to, len(list), left)
}

// draftFor is the draft that things are to go on; the zero one for a new one.
func (o office) draftFor(r *web.Request, project party) (Invoice, error) {
	if r.Value("to") == "" || r.Value("to") == "new" {
		return Invoice{}, nil
	}
	id, err := uuid.Parse(r.Value("to"))
	if err != nil {
		return Invoice{}, fault.NotFound()
	}
	i, err := invoiceByID(r.Context(), r.Tx(), r.Viewer(), id)
	switch {
	case err != nil:
		return i, err
	case i.ProjectID != project.ID || i.Kind != Work || i.Currency != project.Currency:
		return i, fault.NotFound()
	case !i.IsDraft():
		return i, errNotDraft
	}
	return i, nil
}

// roomOn is how many lines more a draft can hold.
func roomOn(ctx context.Context, tx bun.IDB, v auth.Viewer, draft Invoice) (int, error) {
	if draft.ID == uuid.Nil {
		return mostLines, nil
	}
	lines, err := linesOf(ctx, tx, v, draft.ID)
	return max(0, mostLines-len(byHand(lines))), err
}

var errFull = fault.Conflict("This draft has 100 lines, and an invoice holds no more. Put it on another draft.")

var errRecalled = fault.Conflict("Some of this was taken back from billing meanwhile. Please look again.")

// billedCharges says what is on the draft now, and how much of what was ticked did not fit on it.
func (o office) billedCharges(r *web.Request, i Invoice, n, left int) error {
	words := counted(n, false, "thing", "things")
	if err := record(r, i, "billing.drafted", "put "+words+" to be billed on the draft invoice “"+i.Title+"”", nil); err != nil {
		return err
	}
	said := "On the draft: " + words + ". Only staff see it."
	if left > 0 {
		said += " An invoice holds 100 lines: the other " + grouped(left) + " stand under “Not billed yet” still, for a draft of their own."
	}
	r.Toast(said)
	return r.Go(r.Path("billing", "invoices", i.ID))
}

// titleOf says what a draft of such things is for.
func titleOf(list []charge) string {
	if len(list) == 1 {
		title := []rune(list[0].Text)
		return string(title[:min(len(title), longestTitle)])
	}
	what := list[0].What()
	for _, c := range list {
		if c.What() != what {
			return "Work and expenses"
		}
	}
	return map[string]string{"Time": "Hours worked", "Expense": "Expenses", "Selection": "Selections", "Change order": "Changes to the contract"}[what]
}
