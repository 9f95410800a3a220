package time

import (
	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/module"
	"portico/platform/sight"
	"portico/platform/web"
)

// clientPage is a client's Time tab in the office.
type clientPage struct {
	*web.Here
	Top   module.ClientTop
	Seen  seenView
	Jobs  []clientJob
	All   clientJob // the sums of them
	Rows  []entryRow
	More  string // the list of all entries
	Spent string // the list of all expenses
}

// clientJob is how far the work in one project of a client has come, in minutes, and what the client sees of it.
type clientJob struct {
	ProjectID                            uuid.UUID
	Name                                 string
	Written, Approved, Handed, Out, Seen int
	SpentCount, SeenSpent                int // expenses: all, and those that the client sees
	Href                                 string
}

// Clock writes minutes.
func (clientJob) Clock(minutes int) string { return clock(minutes) }

// Expenses names how many expenses there are.
func (j clientJob) Expenses() string { return counted(j.SpentCount, "expense", "expenses") }

func (j *clientJob) add(other clientJob) {
	j.Written += other.Written
	j.Approved += other.Approved
	j.Handed += other.Handed
	j.Out += other.Out
	j.Seen += other.Seen
	j.SpentCount += other.SpentCount
	j.SeenSpent += other.SeenSpent
}

func (o office) client(r *web.Request) error {
	id, err := r.ID("client")
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	c, err := sight.Load(ctx, tx, v, id)
	if err != nil {
		return err
	}
	r.Title("Time of " + c.Name)
	of := "?client=" + c.ID.String()
	view := clientPage{
		Here: r.Here(), More: r.Path("time", "entries") + of, Spent: r.Path("time", "expenses") + of, Seen: o.seenOf(r, c, uuid.Nil),
	}
	if view.Top, err = o.Catalog().ClientTop(r, c.ID, c.Name, "time:client"); err != nil {
		return err
	}
	if view.Jobs, err = jobsOf(ctx, tx, v, c.ID); err != nil {
		return err
	}
	eyes := eyesOf(r.Firm(), c)
	hours, err := shownSums(ctx, tx, eyes)
	if err != nil {
		return err
	}
	spent, err := shownCounts(ctx, tx, eyes)
	if err != nil {
		return err
	}
	for n := range view.Jobs {
		j := &view.Jobs[n]
		j.Seen, j.SeenSpent, j.Href = hours[j.ProjectID], spent[j.ProjectID], r.Path("time", "projects", j.ProjectID)
		view.All.add(*j)
	}
	view.Seen.Sum = clock(view.All.Seen) + " hours"
	if view.All.SeenSpent > 0 {
		view.Seen.Sum += ", " + counted(view.All.SeenSpent, "expense", "expenses")
	}
	rows, err := latest[Entry](ctx, tx, v, ofTime, filter{Client: c.ID}, shownOfProject)
	if err != nil {
		return err
	}
	for _, e := range rows {
		view.Rows = append(view.Rows, entryRowOf(r, e))
	}
	return r.Show("time/client", view)
}

// eyesOf looks as a contact of the client would, with the portal open.
func eyesOf(firm auth.Firm, c sight.Client) auth.Viewer {
	firm.PortalOn, c.PortalOn, c.Archived = true, true, false
	return c.Viewer(firm, anybody)
}
