package time

import (
	"github.com/uptrace/bun"

	facts "portico/platform/fact"
)

// kind is what is written down: hours, or money spent. Both go the same way, from draft to invoice, in tables that have
// the same names for it.
type kind struct {
	Table, Day, Length bun.Ident // of time.entry or time.expense
	Source             string    // its name where it is billed
}

var (
	ofTime    = kind{"entry", "work_date", "minutes", facts.FromTime}
	ofExpense = kind{"expense", "spent_on", "cost", facts.FromExpense}
)

// kinds are both.
var kinds = []kind{ofTime, ofExpense}

// kindOf is what a fact of billing is about; false: nothing of ours.
func kindOf(source string) (kind, bool) {
	for _, k := range kinds {
		if k.Source == source {
			return k, true
		}
	}
	return kind{}, false
}

// many names so many of them.
func (k kind) many(n int) string {
	if k == ofExpense {
		return counted(n, "expense", "expenses")
	}
	return counted(n, "entry of time", "entries of time")
}
