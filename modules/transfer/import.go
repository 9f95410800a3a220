package transfer

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/module"
	"portico/platform/sheet"
)

// The states of an import, in their order.
const (
	choosing  = "columns"
	checking  = "checking"
	checked   = "ready"
	importing = "importing"
	done      = "done"
	stopped   = "stopped"
	undoing   = "undoing"
	undone    = "undone"
)

// Import is one file on its way in.
type Import struct {
	ID        uuid.UUID
	Kind      string
	State     string
	FileName  string
	Size      int64
	Shape     sheet.Shape
	Sheets    []string `bun:",array"`
	Columns   []sheet.Column
	Rows      int
	Mapping   mapping
	Settings  module.ImportSettings
	Existing  string // what becomes of records that are there already: skip, update, create
	Sorted    bool
	At        int64
	RowsDone  int
	Fresh     int
	Same      int
	Changed   int
	Refused   int
	Mild      int
	Traces    int
	Undone    int
	Kept      int
	Error     string
	ActorID   uuid.UUID
	ActorName string
	CreatedAt time.Time
	UpdatedAt time.Time
	EndedAt   time.Time
	FilesGone bool
}

// Working reports whether a worker has it in hand.
func (i Import) Working() bool {
	return i.State == checking || i.State == importing || i.State == undoing
}

// Over reports whether rows have been brought in, and no more will be.
func (i Import) Over() bool {
	return i.State == done || i.State == stopped || i.State == undone
}

// source is what fills a field: a column of the file, or always the same.
type source struct {
	Column int    `json:"column"` // -1: none
	Fixed  string `json:"fixed,omitempty"`
}

// mapping is what fills each field.
type mapping map[string]source

// row takes the fields out of a row of the file.
func (m mapping) row(r sheet.Row) module.ImportRow {
	values := make(map[string]string, len(m))
	for field, from := range m {
		value := from.Fixed
		if from.Column >= 0 {
			value = ""
			if from.Column < len(r.Cells) {
				value = sheet.Bare(r.Cells[from.Column])
			}
			if value == "" {
				value = from.Fixed // always, or where the column is empty
			}
		}
		if value != "" {
			values[field] = value
		}
	}
	return module.ImportRow{Number: r.Number, Values: values}
}

// named is a mapping by the names of columns, so that it fits another file with the same head.
type named map[string]namedSource

type namedSource struct {
	Column string `json:"column,omitempty"`
	Nth    int    `json:"nth,omitempty"` // among columns of the same name
	Fixed  string `json:"fixed,omitempty"`
}

func (m mapping) named(columns []sheet.Column) named {
	byName := named{}
	for field, from := range m {
		n := namedSource{Fixed: from.Fixed}
		for i, c := range columns {
			if c.At == from.Column {
				n.Column, n.Nth = c.Title(), nth(columns[:i], c.Title())
			}
		}
		byName[field] = n
	}
	return byName
}

func nth(before []sheet.Column, title string) (n int) {
	for _, c := range before {
		if c.Title() == title {
			n++
		}
	}
	return n
}

func (n named) in(columns []sheet.Column) mapping {
	m := mapping{}
	for field, from := range n {
		s := source{Column: -1, Fixed: from.Fixed}
		for i, c := range columns {
			if from.Column != "" && c.Title() == from.Column && nth(columns[:i], c.Title()) == from.Nth {
				s.Column = c.At
			}
		}
		if s.Column >= 0 || s.Fixed != "" {
			m[field] = s
		}
	}
	return m
}

// headOf tells files with the same columns.
func headOf(columns []sheet.Column) string {
	var names []string
	for _, c := range columns {
		names = append(names, plain(c.Title()))
	}
	slices.Sort(names) // empty columns come and go; so does their order
	sum := sha256.Sum256([]byte(strings.Join(names, "\n")))
	return hex.EncodeToString(sum[:16])
}

// plain is how names of columns are compared: small letters and digits.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r > 127:
			return r
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		}
		return -1
	}, name)
}

// known says for a kind which names of columns mean something.
func known(k module.Import) func(string) bool {
	all := map[string]bool{}
	for _, f := range k.Fields {
		all[plain(f.Title)] = true
		for _, name := range f.Names {
			all[plain(name)] = true
		}
	}
	return func(name string) bool { return all[plain(name)] }
}

// guess finds a column for each field: those that are called as the field's likeliest name first, each column once. What
// is left is tried again without words such as "billing" before it.
func guess(k module.Import, columns []sheet.Column) mapping {
	m, used := mapping{}, map[int]bool{}
	for _, called := range []func(string) string{plain, bare} {
		longest := 0
		for _, f := range k.Fields {
			longest = max(longest, len(f.Names))
		}
		for rank := range longest + 1 {
			for _, f := range k.Fields {
				want := wanted(f, rank)
				if _, has := m[f.ID]; has || want == "" {
					continue
				}
				for _, c := range columns {
					if !used[c.At] && called(c.Name) == want {
						m[f.ID], used[c.At] = source{Column: c.At}, true
						break
					}
				}
			}
		}
	}
	return m
}

// likelier is a kind of another section that the columns fit better than the chosen one: a list of invoices that is read
// as clients brings the clients only.
func likelier(all []module.Import, chosen module.Import, columns []sheet.Column) (best module.Import, found bool) {
	room, _, _ := strings.Cut(chosen.ID, ":")
	most := len(guess(chosen, columns))
	for _, k := range all {
		m := guess(k, columns)
		if strings.HasPrefix(k.ID, room+":") || len(m) <= most || !complete(k, m) {
			continue
		}
		best, most, found = k, len(m), true
	}
	return best, found
}

// complete reports whether every field that is needed has its column.
func complete(k module.Import, m mapping) bool {
	return !slices.ContainsFunc(k.Fields, func(f module.ImportField) bool {
		_, has := m[f.ID]
		return f.Needed && !has && !slices.ContainsFunc(f.Or, func(other string) bool { _, is := m[other]; return is })
	})
}

// wanted is the name of that rank by which a field is found: its title first, unless the title says too little.
func wanted(f module.ImportField, rank int) string {
	switch {
	case rank > len(f.Names), rank == 0 && f.Group == "Contact":
		return ""
	case rank == 0:
		return plain(f.Title)
	}
	return plain(f.Names[rank-1])
}

// prefixes are words before a name that say whose it is; of shipping addresses nothing is taken by itself.
var prefixes = []string{"billing", "service", "property", "site", "primary", "main", "customer", "client", "mailing", "home", "work", "company", "default"}

func bare(name string) string {
	name = plain(name)
	for _, prefix := range prefixes {
		if rest, has := strings.CutPrefix(name, prefix); has && rest != "" {
			return strings.TrimSuffix(rest, "1")
		}
	}
	return strings.TrimSuffix(name, "1")
}

// orderOf guesses in which order the dates of the chosen columns stand; sure is false when nothing decides it.
func orderOf(k module.Import, m mapping, columns []sheet.Column, usual sheet.Order) (order sheet.Order, sure bool) {
	var all sheet.Days
	for _, f := range k.Fields {
		from, has := m[f.ID]
		if !f.Day || !has {
			continue
		}
		for _, c := range columns {
			if c.At == from.Column {
				all.Dates += c.Days.Dates
				all.DayFirst += c.Days.DayFirst
				all.MonthOne += c.Days.MonthOne
				all.Dotted = all.Dotted || c.Days.Dotted
			}
		}
	}
	return all.Order(usual)
}

// count writes a number with its noun: "1 client", "1,204 clients".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
