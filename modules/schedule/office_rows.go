package schedule

import (
	"github.com/google/uuid"

	"portico/platform/search"
	"portico/platform/web"
)

// itemRow is an item in staff's list.
type itemRow struct {
	Item
	Href     string
	Late     bool
	Variance variance
	Waits    []string // the names of what it waits for
	Grouped  bool
}

// Less is how much earlier it ends than it was to.
func (v variance) Less() int { return -v.Days }

var officeShows = []choice{{"", "All items"}, {"open", "Not done"}, {"late", "Late"}, {"milestones", "Milestones"}, {"hidden", "Hidden from the client"}, {"varies", "Other than the baseline"}}

// list fills the rows of staff's list.
func (o office) list(r *web.Request, view *projectView, b board) {
	today := r.Here().Today()
	view.Query, view.Shows = r.Query("q"), officeShows
	for _, s := range officeShows {
		if s.Value == r.Query("show") {
			view.Show = s.Value
		}
	}
	words := search.Typed(view.Query)
	titles := make(map[uuid.UUID]string, len(b.Items))
	for _, i := range b.Items {
		titles[i.ID] = i.Title
	}
	waits := map[uuid.UUID][]string{}
	for _, l := range b.Links {
		waits[l.To] = append(waits[l.To], titles[l.From])
	}
	grouped := map[uuid.UUID]bool{}
	for _, i := range b.Items {
		grouped[i.PhaseID] = true
	}
	var rows []itemRow
	for _, i := range b.Items {
		row := itemRow{Item: i, Href: view.At + "/items/" + i.ID.String(), Late: i.Late(today), Variance: i.variance(b.Calendar), Waits: waits[i.ID], Grouped: grouped[i.ID]}
		if (len(words) == 0 || fits(i.Title+" "+i.ClientTitle+" "+i.Vendor+" "+i.Assignee, words)) && row.shown(view.Show) {
			rows = append(rows, row)
		}
	}
	view.Rows, view.Pages = paged(r, rows, "item")
}

func (i itemRow) shown(show string) bool {
	switch show {
	case "open":
		return i.Progress < 100
	case "late":
		return i.Late
	case "milestones":
		return i.Kind == Milestone
	case "hidden":
		return !i.ClientVisible
	case "varies":
		return i.Variance.Known && i.Variance.Days != 0
	}
	return true
}
