package module

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/sheet"
)

// Import is a kind of record that a section takes over from other programs' tables. The import pages do all that is the
// same for every kind: files, columns, batches, progress, undo. A kind says what its fields are called, what makes a
// record good, and how it is kept.
type Import struct {
	ID        string // "clients:contacts"
	Title     string // "Contacts"
	One, Many string // "contact", "contacts": within a sentence
	About     string // what it brings, in one sentence
	Order     int    // among all kinds; 10, 20, ...
	Fields    []ImportField
	Choices   []ImportChoice

	// Key puts rows together: those with the same key are one record, wherever they stand in the file, such as the lines
	// of one invoice. "" is a record of its own. nil: every row is.
	Key func(ImportRow, ImportSettings) string
	// Look says of each record what is wrong with it (Refuse) and which one is there already (Existing, Same). It tidies
	// what Write will keep into State. It writes nothing.
	Look func(context.Context, bun.Tx, auth.Viewer, ImportSettings, []*Record) error
	// Write keeps the records: it changes the Existing one, or adds a new one. It leaves a Trace of all that it did. The
	// viewer is a job's that acts for the person who imports.
	Write func(context.Context, bun.Tx, auth.Viewer, ImportSettings, []*Record) error
	// Undo takes traces back, the latest first: what was added is removed, what was changed is set back. What has been
	// changed or used since stays as it is and is answered with Kept.
	Undo func(context.Context, bun.Tx, auth.Viewer, []Trace) (kept []Trace, err error)
	// Export writes what is there with the names that the kind's own fields are found by. nil: nothing.
	Export func(ctx context.Context, tx bun.Tx, v auth.Viewer, client uuid.UUID, write func(row ...string) error) error
}

// ImportField is one thing that a column can be.
type ImportField struct {
	ID, Title string
	Help      string
	Needed    bool     // a column must be chosen
	Or        []string // one of these fields will do instead
	Day       bool     // a date: its order is asked for
	Amount    bool     // a sum of money: its decimal sign is asked for
	Group     string   // fields with the same word stand together: "Contact"
	Names     []string // what other programs call it, in small letters; the likeliest first
}

// ImportChoice is a question that the person answers once for the whole file.
type ImportChoice struct {
	ID, Title, Help string
	Options         []ImportOption // the first one is usual
}

// ImportOption is one answer.
type ImportOption struct{ Value, Title string }

// ImportSettings are the answers.
type ImportSettings struct {
	Choices map[string]string
	Order   sheet.Order // of dates
	Comma   bool        // decimals have a comma
}

// ImportRow is a row of the file, by field.
type ImportRow struct {
	Number int
	Values map[string]string
}

// Get is what stands in a field; "" when there is none.
func (r ImportRow) Get(field string) string { return r.Values[field] }

// Day reads a date; ok is false for what is none. Nothing is the zero day.
func (s ImportSettings) Day(text string) (d day.Day, ok bool) {
	if text == "" {
		return d, true
	}
	d, err := sheet.ParseDay(text, s.Order)
	return d, err == nil
}

// Record is one thing to be kept, of one row or some.
type Record struct {
	Rows     []ImportRow
	Wrong    []Problem
	Existing uuid.UUID // what is there already
	Same     string    // and what it is called
	Traces   []Trace
	State    any // what the kind wants to know again when it writes
}

// Problem is one thing that is wrong with a row.
type Problem struct {
	Row    int
	Field  string // its title
	Reason string
	Value  string
	Mild   bool // the value is left out, the rest is taken
}

// Refuse says what is wrong with a record.
func (r *Record) Refuse(row int, field, reason, value string) {
	r.Wrong = append(r.Wrong, Problem{Row: row, Field: field, Reason: reason, Value: value})
}

// Refused reports whether the record cannot be taken.
func (r *Record) Refused() bool {
	return slices.ContainsFunc(r.Wrong, func(p Problem) bool { return !p.Mild })
}

// First is the first value that stands in a field of the record's rows.
func (r *Record) First(field string) string {
	for _, row := range r.Rows {
		if value := row.Get(field); value != "" {
			return value
		}
	}
	return ""
}

// Trace is one thing that an import added or changed, enough to take it back.
type Trace struct {
	What    string // of the kind's own words: "client", "contact"
	ID      uuid.UUID
	Name    string // for people
	Version int    // after the import
	Before  json.RawMessage
	Kept    string // why an undo left it
	Client  uuid.UUID
}

// Changed reports whether the thing had been there before.
func (t Trace) Changed() bool { return len(t.Before) > 0 }

// Imports are all kinds of records that can be imported, in their order.
func (c *Catalog) Imports() []Import {
	var all []Import
	for _, m := range c.Modules {
		all = append(all, m.Imports...)
	}
	slices.SortStableFunc(all, func(a, b Import) int { return a.Order - b.Order })
	return all
}

// Kept is a table of the database as the export of everything has it: an allow-list, so that a new column stays at home
// until somebody has thought about it.
type Kept struct {
	Table   string   // "help.question"
	Columns []string // those that leave the house; none: the table stays at home, and Why says why
	Why     string
	// Of names the column that leads to one client, for the export of a client's records: "client_id", "contact_id",
	// "project_id", or "id" for the client itself. "": the table is the firm's.
	Of string
	// Through names the section's own table with a client_id whose id stands in Of: lines leave with their invoices.
	Through string
}

// Words makes a list of columns of a line of text.
func Words(line string) []string { return strings.Fields(line) }
