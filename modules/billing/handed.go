package billing

import (
	"github.com/google/uuid"

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
	if len(list) > mostLines {
		return fault.Conflict("An invoice holds 100 lines. Tick fewer.")
	}
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
	if r.Value("to") == "" || r.Value("to") == "new" {
		if net < 0 {
			return fault.Conflict("What is ticked comes to less than nothing. Put it on a draft with more on it, or give a credit.")
		}
		invoice, err := draftCharges(ctx, tx, v, project, titleOf(list), list)
		if err != nil {
			return err
		}
		return o.billedCharges(r, Invoice{ID: invoice, ClientID: project.ClientID, ProjectID: project.ID, Title: titleOf(list)}, len(list))
	}
	id, err := uuid.Parse(r.Value("to"))
	if err != nil {
		return fault.NotFound()
	}
	i, err := invoiceByID(ctx, tx, v, id)
	if err != nil {
		return err
	}
	if i.ProjectID != project.ID || i.Kind != Work || i.Currency != project.Currency {
		return fault.NotFound()
	}
	if !i.IsDraft() {
		return errNotDraft
	}
	if err := addCharges(ctx, tx, v, i, list); err != nil {
		return err
	}
	return o.billedCharges(r, i, len(list))
}

var errRecalled = fault.Conflict("Some of this was taken back from billing meanwhile. Please look again.")

func (o office) billedCharges(r *web.Request, i Invoice, n int) error {
	words := counted(n, false, "thing", "things")
	if err := record(r, i, "billing.drafted", "put "+words+" to be billed on the draft invoice “"+i.Title+"”", nil); err != nil {
		return err
	}
	r.Toast("On the draft: " + words + ". Only staff see it.")
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
