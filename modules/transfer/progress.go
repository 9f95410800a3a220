package transfer

import (
	"errors"
	"io"
	"strconv"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/sheet"
	"portico/platform/web"
)

const findingsShown = 100

// example is one record as it would be kept.
type example struct {
	Row   int
	Cells []string
}

type showView struct {
	*web.Here
	Trail             []web.NavItem
	Steps             []stepper
	Import            Import
	Kind              module.Import
	Status            status
	Label             string // of the progress
	Value, Max        int
	Text              string
	Heads             []string
	Examples          []example
	Refused, Mild     []finding
	Same              []finding
	MoreRefused       int // the row behind which there are more
	MoreMild          int
	Kept              []trace
	Fresh, FreshWord  string
	Undoable          bool
	Rejected          bool // there is a file of refused rows to fetch
	SameHelp          string
	Unsure            bool
	First             bool
	RefusedRows       int
	ExistingIs        string
	KeptDays, GoneDay int
}

func (o office) show(r *web.Request) error {
	i, k, err := o.found(r)
	if err != nil {
		return err
	}
	if i.State == choosing {
		return r.Go(r.Path("transfer", "imports", i.ID, "columns"))
	}
	r.Title("Import of " + i.FileName)
	at := 4
	if i.State == checking || i.State == checked {
		at = 3
	}
	v := showView{
		Here: r.Here(), Trail: o.trail(r, i.FileName), Steps: stepsAt(r, at, &i), Import: i, Kind: k, Status: statuses[i.State],
		Fresh: number(i.Fresh), FreshWord: count(i.Fresh, k.One, k.Many), KeptDays: keptDays, GoneDay: abandonedDays, ExistingIs: i.Existing,
	}
	v.Label, v.Value, v.Max = "Checking", i.RowsDone, i.Rows
	switch i.State {
	case importing:
		v.Label = "Importing"
	case undoing:
		v.Label, v.Value, v.Max = "Undoing", i.Undone+i.Kept, i.Traces
	}
	v.Text = number(v.Value) + " of " + number(v.Max)
	v.Undoable = (i.State == done || i.State == stopped) && i.Traces > 0 && !i.FilesGone
	v.Rejected = i.Refused > 0 && !i.FilesGone && (i.State == checked || i.Over())
	if i.Working() {
		return o.drawn(r, v)
	}
	if err := o.details(r, &v, i, k); err != nil {
		return err
	}
	return o.drawn(r, v)
}

func (o office) drawn(r *web.Request, v showView) error {
	if r.IsPart() && r.Header("HX-Target") == "transfer-import" {
		return r.Parts(web.Draw("transfer/_import", v))
	}
	return r.Show("transfer/import", v)
}

// details are what is shown when nothing moves: what was found, and how records would look.
func (o office) details(r *web.Request, v *showView, i Import, k module.Import) error {
	after, _ := strconv.Atoi(r.Query("after"))
	v.First = after == 0
	var err error
	find := func(sort string, after, limit int) (list []finding) {
		if err == nil {
			list, err = findingsOf(r.Context(), r.Tx(), r.Viewer(), i.ID, sort, after, limit)
		}
		return list
	}
	v.Refused = find("refused", after, findingsShown+1)
	v.Mild, v.Same = find("mild", 0, 20), find("same", 0, 20)
	if err != nil {
		return err
	}
	if len(v.Refused) > findingsShown {
		v.Refused = v.Refused[:findingsShown]
		v.MoreRefused = v.Refused[findingsShown-1].Row
	}
	if v.Kept, err = keptTraces(r.Context(), r.Tx(), r.Viewer(), i.ID, 200); err != nil {
		return err
	}
	if i.State != checked {
		return nil
	}
	_, sure := orderOf(k, i.Mapping, i.Columns, i.Settings.Order)
	v.Unsure = !sure
	return o.examples(r, v, i, k)
}

func (o office) examples(r *web.Request, v *showView, i Import, k module.Import) error {
	i.At = 0
	w, err := o.walk(r.Context(), r.Viewer(), i)
	if err != nil {
		return err
	}
	defer w.close()
	var ids []string
	for _, f := range k.Fields {
		if _, has := i.Mapping[f.ID]; has && len(ids) < 8 {
			title := f.Title
			if f.Group == "Contact" {
				title = "Contact: " + f.Title
			}
			v.Heads, ids = append(v.Heads, title), append(ids, f.ID)
		}
	}
	for range topRows {
		row, err := w.rows.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		e, values := example{Row: row.Number}, i.Mapping.row(row)
		for _, id := range ids {
			e.Cells = append(e.Cells, short(values.Get(id)))
		}
		v.Examples = append(v.Examples, e)
	}
	return nil
}

// run brings the rows in.
func (o office) run(r *web.Request) error {
	i, _, err := o.held(r)
	if err != nil {
		return err
	}
	if i.State != checked {
		r.Warn("This import has gone on meanwhile.")
		return r.Go(r.Path("transfer", "imports", i.ID))
	}
	switch existing := r.Value("existing"); existing {
	case "update", "create":
		i.Existing = existing
	default:
		i.Existing = "skip"
	}
	i.State = importing
	if err := beginWalk(r.Context(), r.Tx(), r.Viewer(), i); err != nil {
		return err
	}
	if _, err := steps.Enqueue(r.Context(), r.Tx(), r.Firm().ID, step{i.ID}); err != nil {
		return err
	}
	return r.Go(r.Path("transfer", "imports", i.ID))
}

// stop ends the work between two batches: what is in stays, and can be undone.
func (o office) stop(r *web.Request) error {
	i, k, err := o.held(r)
	if err != nil {
		return err
	}
	switch i.State {
	case importing:
		i.State = stopped
		if err := o.tell(r.Context(), r.Tx(), r.Viewer(), k, i); err != nil {
			return err
		}
	case checking:
		i.State = choosing
	default:
		r.Warn("There was nothing to stop any more.")
		return r.Go(r.Path("transfer", "imports", i.ID))
	}
	if err := saveWalk(r.Context(), r.Tx(), r.Viewer(), i); err != nil {
		return err
	}
	o.Bell.Publish(r.Context(), r.Firm().ID, "transfer")
	r.Toast("Stopped.")
	return r.Go(r.Path("transfer", "imports", i.ID))
}

// undo takes back what the import did, as far as nobody has touched it since.
func (o office) undo(r *web.Request) error {
	i, _, err := o.held(r)
	if err != nil {
		return err
	}
	if i.State != done && i.State != stopped || i.FilesGone {
		r.Warn("This import cannot be undone any more.")
		return r.Go(r.Path("transfer", "imports", i.ID))
	}
	i.State = undoing
	if err := saveWalk(r.Context(), r.Tx(), r.Viewer(), i); err != nil {
		return err
	}
	if _, err := steps.Enqueue(r.Context(), r.Tx(), r.Firm().ID, step{i.ID}); err != nil {
		return err
	}
	return r.Go(r.Path("transfer", "imports", i.ID))
}

// discard forgets an import that brought nothing in.
func (o office) discard(r *web.Request) error {
	i, _, err := o.held(r)
	if err != nil {
		return err
	}
	if i.State != choosing && i.State != checked {
		return fault.Conflict("This import has gone on meanwhile. Undo it instead.")
	}
	if err := deleteImport(r.Context(), r.Tx(), r.Viewer(), i.ID); err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: "transfer.discarded", Text: "discarded the file " + i.FileName + " before importing it", SubjectID: i.ID})
	if err != nil {
		return err
	}
	o.dropFiles(r.Context(), r.Viewer(), i.ID)
	r.Toast("The file is gone. Nothing was imported.")
	return r.Go(r.Path("transfer"))
}

// rejected gives the rows that were refused, as they came, with the reasons: to be mended and brought in again.
func (o office) rejected(r *web.Request) error {
	i, _, err := o.found(r)
	if err != nil {
		return err
	}
	if i.Refused == 0 || i.FilesGone || !i.Over() && i.State != checked {
		return fault.NotFound()
	}
	out, err := spool()
	if err != nil {
		return err
	}
	if err := o.writeRejected(r, i, out); err != nil {
		_ = out.Close()
		return err
	}
	length, err := out.Seek(0, io.SeekCurrent)
	if err == nil {
		_, err = out.Seek(0, io.SeekStart)
	}
	if err != nil {
		_ = out.Close()
		return err
	}
	return r.Stream(out, length, map[string]string{
		"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": `attachment; filename="rejected-rows.csv"`, "Content-Security-Policy": "sandbox; default-src 'none'",
	})
}

func (o office) writeRejected(r *web.Request, i Import, out io.Writer) error {
	i.At, i.Sorted = 0, false
	w, err := o.walk(r.Context(), r.Viewer(), i)
	if err != nil {
		return err
	}
	defer w.close()
	csv, err := sheet.NewWriter(out)
	if err != nil {
		return err
	}
	width := i.Columns[len(i.Columns)-1].At + 1
	head := make([]string, width+1)
	for _, c := range i.Columns {
		head[c.At] = c.Title()
	}
	head[width] = "Reason"
	if err := csv.Write(head...); err != nil {
		return err
	}
	var page []finding
	after := 0
	for {
		if len(page) == 0 {
			if page, err = findingsOf(r.Context(), r.Tx(), r.Viewer(), i.ID, "refused", after, 1000); err != nil {
				return err
			}
			if len(page) == 0 {
				return csv.Flush()
			}
		}
		at := page[0].Row
		reason := ""
		for len(page) > 0 && page[0].Row == at {
			if reason != "" {
				reason += " "
			}
			if page[0].Field != "" {
				reason += page[0].Field + ": "
			}
			reason += page[0].Reason
			page = page[1:]
		}
		after = at
		for {
			row, err := w.rows.Next()
			if errors.Is(err, io.EOF) {
				return csv.Flush()
			}
			if err != nil {
				return err
			}
			if row.Number == at {
				cells := make([]string, width+1)
				copy(cells, row.Cells[:min(width, len(row.Cells))])
				cells[width] = reason
				if err := csv.Write(cells...); err != nil {
					return err
				}
				break
			}
		}
	}
}
