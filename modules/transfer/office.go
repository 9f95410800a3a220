package transfer

import (
	"strconv"
	"time"

	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/web"
)

// office are the pages; there are none on the portal's side.
type office struct{ module.Platform }

// status is how an import stands, in words.
type status struct{ Text, Kind, Icon string }

var statuses = map[string]status{
	choosing:  {"Columns to choose", "due", "columns-3"},
	checking:  {"Being checked", "info", ""},
	checked:   {"Ready to import", "due", ""},
	importing: {"Importing", "info", ""},
	done:      {"Done", "ok", ""},
	stopped:   {"Stopped", "muted", ""},
	undoing:   {"Being undone", "info", ""},
	undone:    {"Undone", "muted", "undo-2"},
}

// line is an import in the list.
type line struct {
	Import
	Title  string
	Status status
	Result string
}

type startView struct {
	*web.Here
	Tabs       []web.NavItem
	Lines      []line
	Prev, Next string
}

func (o office) tabs(r *web.Request, at string) []web.NavItem {
	return []web.NavItem{
		{Title: "Import", Href: r.Path("transfer"), Current: at == "import"},
		{Title: "Export", Href: r.Path("transfer", "exports"), Current: at == "export"},
	}
}

func (o office) start(r *web.Request) error {
	r.Title("Import")
	before := moment(r.Query("before"))
	list, err := importsPage(r.Context(), r.Tx(), r.Viewer(), before)
	if err != nil {
		return err
	}
	view := startView{Here: r.Here(), Tabs: o.tabs(r, "import")}
	if len(list) > listed {
		list = list[:listed]
		view.Next = r.Here().With("before", stamp(list[listed-1].CreatedAt))
	}
	if !before.IsZero() {
		view.Prev = r.Path("transfer")
	}
	for _, i := range list {
		view.Lines = append(view.Lines, o.line(i))
	}
	return r.Show("transfer/start", view)
}

func (o office) line(i Import) line {
	l := line{Import: i, Title: i.Kind, Status: statuses[i.State]}
	if k, ok := o.kind(i.Kind); ok {
		l.Title = k.Title
	}
	if i.Over() {
		l.Result = number(i.Fresh) + " added"
		if i.Changed > 0 {
			l.Result += ", " + number(i.Changed) + " changed"
		}
		if i.Refused > 0 {
			l.Result += ", " + number(i.Refused) + " refused"
		}
	}
	return l
}

// held loads the import that the address names, for a change; nobody else changes it meanwhile.
func (o office) held(r *web.Request) (Import, module.Import, error) {
	id, err := r.ID("import")
	if err != nil {
		return Import{}, module.Import{}, err
	}
	i, err := holdImport(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return i, module.Import{}, err
	}
	k, ok := o.kind(i.Kind)
	if !ok {
		return i, k, fault.NotFound()
	}
	return i, k, nil
}

func (o office) found(r *web.Request) (Import, module.Import, error) {
	id, err := r.ID("import")
	if err != nil {
		return Import{}, module.Import{}, err
	}
	i, err := findImport(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return i, module.Import{}, err
	}
	k, ok := o.kind(i.Kind)
	if !ok {
		return i, k, fault.NotFound()
	}
	return i, k, nil
}

// stepper is the row of the four steps above every page of an import.
type stepper struct {
	N       int
	Title   string
	Href    string
	Current bool
	Past    bool
}

func stepsAt(r *web.Request, n int, i *Import) []stepper {
	all := []stepper{{N: 1, Title: "Upload"}, {N: 2, Title: "Columns"}, {N: 3, Title: "Check"}, {N: 4, Title: "Import"}}
	for at := range all {
		all[at].Current, all[at].Past = all[at].N == n, all[at].N < n
	}
	if i != nil && n == 3 && i.State == checked {
		all[1].Href = r.Path("transfer", "imports", i.ID, "columns")
	}
	return all
}

// stamp and moment carry an instant in an address, as exactly as PostgreSQL knows it.
func stamp(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

func moment(text string) time.Time {
	micros, err := strconv.ParseInt(text, 10, 64)
	if err != nil || micros <= 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

func (o office) trail(r *web.Request, last string) []web.NavItem {
	return []web.NavItem{{Title: "Import & export", Href: r.Path("transfer")}, {Title: last}}
}

func size(bytes int64) string {
	switch {
	case bytes < 1<<10:
		return strconv.FormatInt(bytes, 10) + " bytes"
	case bytes < 1<<20:
		return strconv.FormatInt(bytes>>10, 10) + " KB"
	}
	return strconv.FormatInt(bytes>>20, 10) + " MB"
}
