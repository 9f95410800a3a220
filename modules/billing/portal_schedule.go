package billing

import (
	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/web"
)

type portalSchedules struct {
	*web.Here
	Tabs []web.NavItem
	List []portalSchedule
}

// portalSchedule is one project's payment schedule as its client reads it.
type portalSchedule struct {
	Name     string
	Contract contract
	Draws    []drawRow
	Progress progress
}

// Done is how much of the contract is invoiced, in whole percent.
func (s portalSchedule) Done() int {
	if s.Contract.Total <= 0 {
		return 0
	}
	return int(min(100, s.Progress.Drawn.Minor*100/s.Contract.Total))
}

// schedule shows what was agreed and how it is drawn, where the firm shares it. What is only a draft does not exist.
func (p portal) schedule(r *web.Request) error {
	r.Title("Payment schedule")
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := portalSchedules{Here: r.Here()}
	list, err := schedules(ctx, tx, v)
	if err != nil {
		return err
	}
	var ids, asked []uuid.UUID
	for _, c := range list {
		ids = append(ids, c.ProjectID)
	}
	draws, err := drawsOf(ctx, tx, v, ids...)
	if err != nil {
		return err
	}
	for _, d := range draws {
		if d.Out() {
			asked = append(asked, d.AskedID)
		}
	}
	shown, err := rowsOf(ctx, tx, v, asked)
	if err != nil {
		return err
	}
	at := today(r.Firm(), r.Now())
	for _, c := range list {
		one := portalSchedule{Name: c.ProjectName, Contract: c.contract}
		for _, d := range draws {
			if d.ProjectID != c.ProjectID {
				continue
			}
			if !d.Out() { // as planned: a draft may still change
				d.InvoiceID, d.AskedID, d.Stage, d.State, d.Number = uuid.Nil, uuid.Nil, "", "", ""
			}
			row := drawRow{draw: d, Mark: mark{"outline", "To come", "calendar"}}
			if d.Out() {
				row.Mark = mark{"outline", "Invoiced", "receipt"}
				if d.State == Paid {
					row.Mark = mark{"ok", "Paid", ""}
				}
			}
			for _, i := range shown {
				if i.ID == d.AskedID {
					row.Mark, row.Href = markOf(i, at, auth.Portal), r.Path("billing", "invoices", i.ID)
				}
			}
			one.Draws = append(one.Draws, row)
		}
		var plain []draw
		for _, d := range one.Draws {
			plain = append(plain, d.draw)
		}
		one.Progress = progressOf(c.contract, plain)
		view.List = append(view.List, one)
	}
	view.Tabs = p.tabs(r, "schedule")
	return r.Show("billing/portal_schedule", view)
}
