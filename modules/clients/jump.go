package clients

import (
	"slices"

	"github.com/google/uuid"

	"portico/platform/db/paging"
	"portico/platform/web"
)

// sorted brings ids into one order, each once: two people who archive the same rows wait for each other, not crosswise.
func sorted(ids []uuid.UUID) []uuid.UUID {
	ids = slices.Clone(ids)
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return slices.Compact(ids)
}

const jumpRows = 12

type jumpView struct {
	*web.Here
	Query string
	Rows  []clientRow
	More  bool
}

// jump finds one client by name: a list that follows the typing, or a page without a script.
func (o office) jump(r *web.Request) error {
	page, err := clientFilter{}.listing().pick(r.Context(), r.Tx(), r.Viewer(), r.Query("q"), sorts["name"], paging.Place{})
	if err != nil {
		return err
	}
	view := jumpView{Here: r.Here(), Query: r.Query("q"), More: len(page.IDs) > jumpRows}
	view.Rows, err = clientRows(r.Context(), r.Tx(), r.Viewer(), page.IDs[:min(len(page.IDs), jumpRows)])
	if err != nil {
		return err
	}
	if r.IsPart() {
		return r.Parts(web.Draw("clients/_jump", view))
	}
	r.Title("Go to a client")
	return r.Show("clients/jump", view)
}
