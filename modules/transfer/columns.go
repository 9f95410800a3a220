package transfer

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"portico/platform/module"
	"portico/platform/sheet"
	"portico/platform/web"
)

// option is one choice of a select.
type option struct{ Value, Title string }

// fieldLine is one field with what fills it.
type fieldLine struct {
	module.ImportField
	Column  string // its place; "": none
	Fixed   string
	Error   string
	Samples []string
}

// fieldGroup are fields that stand together.
type fieldGroup struct {
	Title string
	Lines []fieldLine
}

// choiceLine is a question for the whole file.
type choiceLine struct {
	module.ImportChoice
	Value string
}

type columnsView struct {
	*web.Here
	Trail            []web.NavItem
	Steps            []stepper
	Import           Import
	Kind             module.Import
	Groups           []fieldGroup
	Options          []option
	Choices          []choiceLine
	Order            string
	Orders           []option // none: no dates
	Unsure           bool     // about the order of dates
	Comma            bool
	Amounts          bool
	Saved            []saved
	Applied          string // the saved columns in use
	Save             string
	Delimiters       []option
	Encodings        []option
	Sheets           []option
	Header           string
	Head             []string // of the file, as it is read
	Top              [][]string
	MoreCols, RowsIn int
	Rather           *rather // nil: the file is what it was said to be
}

// rather is another kind of record that the columns look like.
type rather struct{ Text, Href, Action string }

func (o office) columns(r *web.Request) error {
	i, k, err := o.found(r)
	if err != nil {
		return err
	}
	if i.State != choosing && i.State != checked {
		return r.Go(r.Path("transfer", "imports", i.ID))
	}
	view, err := o.columnsView(r, k, i)
	if err != nil {
		return err
	}
	if wanted := r.Query("saved"); wanted != "" {
		for _, s := range view.Saved {
			if s.ID.String() == wanted {
				i.Mapping, i.Settings = s.Mapping.in(i.Columns), s.Settings
				view.fill(i)
				view.Applied = s.Name
			}
		}
	}
	return r.Show("transfer/columns", view)
}

func (o office) columnsView(r *web.Request, k module.Import, i Import) (*columnsView, error) {
	r.Title("Columns of " + i.FileName)
	v := &columnsView{Here: r.Here(), Trail: o.trail(r, i.FileName), Steps: stepsAt(r, 2, &i), Import: i, Kind: k, RowsIn: i.Rows}
	var err error
	if v.Saved, err = savedOf(r.Context(), r.Tx(), r.Viewer(), k.ID); err != nil {
		return nil, err
	}
	for _, s := range v.Saved {
		if s.Head == headOf(i.Columns) && v.Applied == "" && asJSON(s.Mapping) == asJSON(i.Mapping.named(i.Columns)) {
			v.Applied = s.Name
		}
	}
	if other, found := likelier(o.Catalog().Imports(), k, i.Columns); found {
		v.Rather = &rather{
			"These columns look like " + other.Many + ". Read as " + k.Many + ", the file brings only the " + k.Many + " in it.",
			r.Path("transfer", "imports", "new") + "?kind=" + other.ID, "Import it as " + other.Many,
		}
	}
	for _, c := range i.Columns {
		title := c.Title()
		if len(c.Samples) > 0 {
			title += " · " + short(c.Samples[0])
		}
		v.Options = append(v.Options, option{strconv.Itoa(c.At), title})
	}
	for _, e := range sheet.Encodings {
		v.Encodings = append(v.Encodings, option{e.ID, e.Title})
	}
	v.Delimiters = []option{{",", "Comma"}, {";", "Semicolon"}, {"\t", "Tab"}, {"|", "Bar |"}}
	for _, name := range i.Sheets {
		v.Sheets = append(v.Sheets, option{name, name})
	}
	if i.Shape.Header > 0 {
		v.Header = strconv.Itoa(i.Shape.Header)
	}
	v.fill(i)
	return v, o.top(r, v, i)
}

func short(s string) string {
	if runes := []rune(s); len(runes) > 32 {
		return string(runes[:31]) + "…"
	}
	return s
}

// fill shows the mapping and settings of an import.
func (v *columnsView) fill(i Import) {
	v.Groups, v.Choices = nil, nil
	v.Import.Mapping, v.Import.Settings = i.Mapping, i.Settings
	dates := false
	for _, f := range v.Kind.Fields {
		l := fieldLine{ImportField: f, Error: v.Error("f_" + f.ID)}
		if from, has := i.Mapping[f.ID]; has {
			l.Fixed = from.Fixed
			for _, c := range i.Columns {
				if c.At == from.Column {
					l.Column, l.Samples = strconv.Itoa(c.At), c.Samples
				}
			}
		}
		dates, v.Amounts = dates || f.Day, v.Amounts || f.Amount
		at := slices.IndexFunc(v.Groups, func(g fieldGroup) bool { return g.Title == f.Group })
		if at < 0 {
			v.Groups, at = append(v.Groups, fieldGroup{Title: f.Group}), len(v.Groups)
		}
		v.Groups[at].Lines = append(v.Groups[at].Lines, l)
	}
	slices.SortStableFunc(v.Groups, func(a, b fieldGroup) int { return min(len(a.Title), 1) - min(len(b.Title), 1) })
	for _, c := range v.Kind.Choices {
		v.Choices = append(v.Choices, choiceLine{c, i.Settings.Choices[c.ID]})
	}
	v.Order, v.Comma = string(i.Settings.Order), i.Settings.Comma
	if dates {
		v.Orders = []option{{"mdy", "Month, day, year (12/31/2026)"}, {"dmy", "Day, month, year (31/12/2026)"}, {"ymd", "Year, month, day (2026-12-31)"}}
		_, sure := orderOf(v.Kind, i.Mapping, i.Columns, sheet.MonthFirst)
		v.Unsure = !sure
	}
}

const (
	topRows = 5
	topCols = 12
)

// top shows the first rows as the file is read: whoever sees garbled letters corrects it here.
func (o office) top(r *web.Request, v *columnsView, i Import) error {
	i.At, i.Sorted = 0, false
	w, err := o.walk(r.Context(), r.Viewer(), i)
	if err != nil {
		return err
	}
	defer w.close()
	shown := i.Columns[:min(len(i.Columns), topCols)]
	v.MoreCols = len(i.Columns) - len(shown)
	for _, c := range shown {
		v.Head = append(v.Head, c.Title())
	}
	for range topRows {
		row, err := w.rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		cells := []string{strconv.Itoa(row.Number)}
		for _, c := range shown {
			cell := ""
			if c.At < len(row.Cells) {
				cell = short(strings.Join(strings.Fields(row.Cells[c.At]), " "))
			}
			cells = append(cells, cell)
		}
		v.Top = append(v.Top, cells)
	}
	return nil
}
