package transfer

import (
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/sheet"
	"portico/platform/web"
)

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
