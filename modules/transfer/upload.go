package transfer

import (
	"io"

	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/sheet"
	"portico/platform/web"
)

// kindChoice is a kind of record on the first page.
type kindChoice struct {
	module.Import
	Chosen bool
}

type uploadForm struct {
	Kind string    `form:"kind"`
	File *web.File `form:"file"`
}

type uploadView struct {
	*web.Here
	Trail []web.NavItem
	Steps []stepper
	Kinds []kindChoice
	Most  int64 // MB
	Rows  string
}

func (o office) uploadView(r *web.Request, kind string) uploadView {
	r.Title("Import a file")
	v := uploadView{Here: r.Here(), Trail: o.trail(r, "Import a file"), Steps: stepsAt(r, 1, nil), Most: sheet.MostBytes >> 20, Rows: number(sheet.MostRows)}
	for n, k := range o.Catalog().Imports() {
		v.Kinds = append(v.Kinds, kindChoice{k, k.ID == kind || kind == "" && n == 0})
	}
	return v
}

func (o office) fresh(r *web.Request) error {
	return r.Show("transfer/upload", o.uploadView(r, r.Query("kind")))
}

// upload reads the file once, whole, and keeps its rows; nothing of it is brought in yet.
func (o office) upload(r *web.Request) error {
	var form uploadForm
	err := r.Bind(&form)
	if fault.Is(err, fault.Oversize) {
		err = &fault.Error{Kind: fault.Oversize, Message: sheet.TooLarge().Error(), Fields: fault.Fields{"file": sheet.TooLarge().Error()}}
	}
	if err != nil {
		return r.Again("transfer/upload", o.uploadView(r, form.Kind), err)
	}
	k, ok := o.kind(form.Kind)
	switch {
	case !ok:
		err = fault.Field("kind", "Choose what the file holds.")
	case form.File == nil || form.File.Name == "":
		err = fault.Field("file", "Choose a file.")
	}
	if err != nil {
		return r.Again("transfer/upload", o.uploadView(r, form.Kind), err)
	}
	from, err := form.File.Open()
	if err != nil {
		return err
	}
	i := Import{ID: id.New(), Kind: k.ID, State: choosing, FileName: files.CleanName(form.File.Name), Size: form.File.Size}
	if err := o.take(r, k, &i, from); err != nil {
		return r.Again("transfer/upload", o.uploadView(r, form.Kind), beside("file", err))
	}
	return r.Go(r.Path("transfer", "imports", i.ID, "columns"))
}

// take stores the file and its rows, and guesses the columns.
func (o office) take(r *web.Request, k module.Import, i *Import, from io.ReadSeeker) error {
	at, ok := from.(io.ReaderAt)
	if !ok {
		return fault.BadRequest("That file could not be read.")
	}
	if err := o.stage(r.Context(), r.Viewer(), k, i, at); err != nil {
		return err
	}
	if _, err := from.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := o.put(r.Context(), r.Viewer(), i.ID, asItCame, from); err != nil {
		return err
	}
	if err := o.propose(r, k, i); err != nil {
		return err
	}
	return insertImport(r.Context(), r.Tx(), r.Viewer(), *i)
}

// propose chooses columns: as they were saved for a file with the same head, else by their names.
func (o office) propose(r *web.Request, k module.Import, i *Import) error {
	i.Mapping = guess(k, i.Columns)
	i.Settings = module.ImportSettings{Choices: map[string]string{}}
	i.Settings.Order, _ = orderOf(k, i.Mapping, i.Columns, usualOrder(r))
	list, err := savedOf(r.Context(), r.Tx(), r.Viewer(), k.ID)
	if err != nil {
		return err
	}
	for _, s := range list {
		if s.Head == headOf(i.Columns) {
			i.Mapping, i.Settings = s.Mapping.in(i.Columns), s.Settings
			return nil
		}
	}
	return nil
}

// usualOrder is how dates are written where the firm is.
func usualOrder(r *web.Request) sheet.Order {
	if locale := r.Firm().Locale; locale == "" || locale == "en-US" {
		return sheet.MonthFirst
	}
	return sheet.DayFirst
}

// beside puts what is said about a file beside its field.
func beside(field string, err error) error {
	if f, ok := fault.Of(err); ok && len(f.Fields) == 0 && (f.Kind == fault.Bad || f.Kind == fault.Unsupported || f.Kind == fault.Oversize) {
		return &fault.Error{Kind: f.Kind, Message: f.Message, Fields: fault.Fields{field: f.Message}}
	}
	return err
}
