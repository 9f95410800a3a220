package transfer

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/id"
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

type shapeForm struct {
	Sheet     string `form:"sheet"`
	Header    string `form:"header"`
	Delimiter string `form:"delimiter,raw"`
	Encoding  string `form:"encoding"`
}

// reshape reads the file again, as the person says that it is written.
func (o office) reshape(r *web.Request) error {
	i, k, err := o.held(r)
	if err != nil {
		return err
	}
	if i.State != choosing && i.State != checked {
		return fault.Conflict("This import has gone on meanwhile.")
	}
	var form shapeForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	before := i
	err = o.read(r, k, &i, form)
	if _, words := fault.Of(err); words {
		view, other := o.columnsView(r, k, before)
		if other != nil {
			return other
		}
		return r.Again("transfer/columns", view, err)
	}
	if err != nil {
		return err
	}
	if err := saveShape(r.Context(), r.Tx(), r.Viewer(), i); err != nil {
		return err
	}
	return r.Go(r.Path("transfer", "imports", i.ID, "columns"))
}

func (o office) read(r *web.Request, k module.Import, i *Import, form shapeForm) error {
	shape := sheet.Shape{Sheet: form.Sheet, Delimiter: form.Delimiter, Encoding: form.Encoding}
	switch n, err := strconv.Atoi(form.Header); {
	case form.Header == "":
		shape.Header = sheet.NoHeader
	case err != nil || n < 1 || n > 1000:
		return fault.Field("header", "Enter the number of a row, or nothing when the columns have no names.")
	default:
		shape.Header = n
	}
	if shape.Sheet != "" && shape.Sheet != i.Shape.Sheet {
		shape.Header = 0 // another sheet has its names elsewhere
	}
	object, err := o.stored(r.Context(), r.Viewer(), i.ID, asItCame)
	if err != nil {
		return err
	}
	defer func() { _ = object.Close() }()
	local, err := spool()
	if err != nil {
		return err
	}
	defer func() { _ = local.Close() }()
	if _, err := io.Copy(local, object); err != nil {
		return err
	}
	i.Shape = shape
	if err := o.stage(r.Context(), r.Viewer(), k, i, local); err != nil {
		return err
	}
	return o.propose(r, k, i)
}

// saveColumns keeps what the person chose and has the file checked.
func (o office) saveColumns(r *web.Request) error {
	i, k, err := o.held(r)
	if err != nil {
		return err
	}
	if i.State != choosing && i.State != checked {
		return fault.Conflict("This import has gone on meanwhile.")
	}
	wrong := fault.Fields{}
	i.Mapping, i.Settings = chosen(r, k, i, wrong)
	save := r.Value("save")
	if utf8.RuneCountInString(save) > 60 {
		wrong["save"] = "Use at most 60 characters."
	}
	if len(wrong) > 0 {
		view, err := o.columnsView(r, k, i)
		if err != nil {
			return err
		}
		r.Here().Errors = wrong
		view.Save = save
		view.fill(i)
		return r.Again("transfer/columns", view, fault.InFields(wrong))
	}
	if save != "" {
		s := saved{Name: save, Head: headOf(i.Columns), Mapping: i.Mapping.named(i.Columns), Settings: i.Settings}
		if err := keepSaved(r.Context(), r.Tx(), r.Viewer(), id.New(), k.ID, s); err != nil {
			return err
		}
		err := activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: "transfer.columns_saved", Text: "saved the columns of " + k.Many + " as " + save, SubjectID: i.ID})
		if err != nil {
			return err
		}
	}
	return o.check(r, i)
}

// chosen reads the mapping of the form.
func chosen(r *web.Request, k module.Import, i Import, wrong fault.Fields) (mapping, module.ImportSettings) {
	m, s := mapping{}, module.ImportSettings{Choices: map[string]string{}}
	for _, f := range k.Fields {
		from := source{Column: -1, Fixed: cut(r.Value("x_" + f.ID))}
		if at, err := strconv.Atoi(r.Value("f_" + f.ID)); err == nil && slices.ContainsFunc(i.Columns, func(c sheet.Column) bool { return c.At == at }) {
			from.Column = at
		}
		switch {
		case from.Column >= 0 || from.Fixed != "":
			m[f.ID] = from
		case f.Needed && !standsIn(r, k, f.ID):
			wrong["f_"+f.ID] = "Choose the column."
		}
	}
	for _, c := range k.Choices {
		for _, option := range c.Options {
			if r.Value("c_"+c.ID) == option.Value {
				s.Choices[c.ID] = option.Value
			}
		}
	}
	switch order := sheet.Order(r.Value("order")); order {
	case sheet.DayFirst, sheet.MonthFirst, sheet.YearFirst:
		s.Order = order
	default:
		s.Order = sheet.MonthFirst
	}
	s.Comma = r.Value("comma") != ""
	return m, s
}

// standsIn: the name of a client may be made of a person's first and last name.
func standsIn(r *web.Request, k module.Import, field string) bool {
	i := slices.IndexFunc(k.Fields, func(f module.ImportField) bool { return f.ID == field })
	if i < 0 || len(k.Fields[i].Or) == 0 {
		return false
	}
	for _, other := range k.Fields[i].Or {
		if r.Value("f_"+other)+r.Value("x_"+other) != "" {
			return true
		}
	}
	return false
}

// check sends the import through its rows: at once when they are few.
func (o office) check(r *web.Request, i Import) error {
	i.State, i.Existing, i.Sorted = checking, "skip", false
	if err := beginWalk(r.Context(), r.Tx(), r.Viewer(), i); err != nil {
		return err
	}
	if i.Rows > inPlace {
		if _, err := steps.Enqueue(r.Context(), r.Tx(), r.Firm().ID, step{i.ID}); err != nil {
			return err
		}
		return r.Go(r.Path("transfer", "imports", i.ID))
	}
	_, i, k, err := o.resume(r.Context(), r.Tx(), r.Firm().ID, i.ID)
	if err != nil {
		return err
	}
	for more := true; more; {
		if more, err = o.step(r.Context(), r.Tx(), r.Viewer(), k, &i); err != nil {
			return err
		}
	}
	if err := saveWalk(r.Context(), r.Tx(), r.Viewer(), i); err != nil {
		return err
	}
	return r.Go(r.Path("transfer", "imports", i.ID))
}

func (o office) forget(r *web.Request) error {
	saved, err := r.ID("saved")
	if err != nil {
		return err
	}
	name, err := dropSaved(r.Context(), r.Tx(), r.Viewer(), saved)
	if err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: "transfer.columns_forgotten", Text: "forgot the saved columns " + name, SubjectID: saved})
	if err != nil {
		return err
	}
	r.Toast("The columns “" + name + "” are forgotten.")
	return r.Go(r.Path("transfer"))
}
