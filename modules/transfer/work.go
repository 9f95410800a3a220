package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/module"
)

const (
	batchRows    = 1000 // of one step
	mostGathered = 5000 // rows of one record; what is beyond becomes another one
	undoAtOnce   = 500
	mostSame     = 1000 // of the records that are there already, so many are told by name
	// inPlace is how many rows are checked while the person waits.
	inPlace = 1000
)

// steps walks through an import: each step is a batch in a transaction that also says how far it came, and promises the
// next one. Whatever dies in between, each row is dealt with exactly once.
var steps = job.New[step]("transfer:step")

type step struct{ ID uuid.UUID }

func (o office) work(ctx context.Context, tx bun.Tx, firm uuid.UUID, s step) error {
	v, i, k, err := o.resume(ctx, tx, firm, s.ID)
	if err != nil || !i.Working() {
		return err
	}
	more, err := o.step(ctx, tx, v, k, &i)
	if err != nil {
		return err
	}
	if err := saveWalk(ctx, tx, v, i); err != nil {
		return err
	}
	o.Bell.Publish(ctx, firm, "transfer")
	if !more {
		return nil
	}
	_, err = steps.Enqueue(ctx, tx, firm, s)
	return err
}

// resume loads an import with its kind, and who it is done for: what the job writes is told in that person's name.
func (o office) resume(ctx context.Context, tx bun.Tx, firm, id uuid.UUID) (v auth.Viewer, i Import, k module.Import, err error) {
	v = auth.System(firm)
	if i, err = holdImport(ctx, tx, v, id); err != nil {
		return v, i, k, err
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, o.Now())
	if err != nil {
		return v, i, k, err
	}
	v.Firm, v.PersonID, v.Name = loaded.Firm, i.ActorID, i.ActorName
	k, ok := o.kind(i.Kind)
	if !ok {
		err = fault.NotFound() // the section was taken out
	}
	return v, i, k, err
}

func (o office) kind(id string) (module.Import, bool) {
	for _, k := range o.Catalog().Imports() {
		if k.ID == id {
			return k, true
		}
	}
	return module.Import{}, false
}

// step does the next batch; more is false at the end.
func (o office) step(ctx context.Context, tx bun.Tx, v auth.Viewer, k module.Import, i *Import) (more bool, err error) {
	if i.State == undoing {
		return o.undoStep(ctx, tx, v, k, i)
	}
	if i.State == checking && i.RowsDone == 0 {
		if err := o.sort(ctx, v, k, i); err != nil {
			return false, err
		}
	}
	records, rows, over, err := o.gather(ctx, v, k, i)
	if err != nil {
		return false, err
	}
	if err := o.deal(ctx, tx, v, k, i, records); err != nil {
		return false, err
	}
	i.RowsDone += rows
	if !over {
		return true, nil
	}
	if i.State == checking {
		i.State = checked
		return false, nil
	}
	i.State = done
	return false, o.tell(ctx, tx, v, k, *i)
}

// gather reads the records of the next batch, and moves the import behind them.
func (o office) gather(ctx context.Context, v auth.Viewer, k module.Import, i *Import) (records []*module.Record, rows int, over bool, err error) {
	w, err := o.walk(ctx, v, *i)
	if err != nil {
		return nil, 0, false, err
	}
	defer w.close()
	last := ""
	for {
		row, err := w.rows.Next()
		if errors.Is(err, io.EOF) {
			i.At = w.rows.Offset()
			return records, rows, true, nil
		}
		if err != nil {
			return nil, 0, false, fmt.Errorf("rows of an import: %w", err)
		}
		mapped, key := i.Mapping.row(row), ""
		if k.Key != nil {
			key = k.Key(mapped, i.Settings)
		}
		if n := len(records); key != "" && key == last && n > 0 && len(records[n-1].Rows) < mostGathered {
			records[n-1].Rows = append(records[n-1].Rows, mapped)
		} else if rows >= batchRows {
			return records, rows, false, nil // this row begins the next batch
		} else {
			records = append(records, &module.Record{Rows: []module.ImportRow{mapped}})
		}
		last = key
		rows++
		i.At = w.rows.Offset()
	}
}

// deal looks at the records and, when importing, keeps those that may be kept.
func (o office) deal(ctx context.Context, tx bun.Tx, v auth.Viewer, k module.Import, i *Import, records []*module.Record) error {
	if len(records) == 0 {
		return nil
	}
	if err := k.Look(ctx, tx, v, i.Settings, records); err != nil {
		return fmt.Errorf("look at %s: %w", k.Many, err)
	}
	var findings []finding
	var keep []*module.Record
	for _, r := range records {
		refuseTotals(r)
		findings = append(findings, o.findings(v, i, r)...)
		switch {
		case r.Refused():
			i.Refused++
		case r.Existing != uuid.Nil && i.State == checking:
			i.Same++
		case r.Existing != uuid.Nil && i.Existing == "skip":
			i.Same++
		default:
			if i.Existing == "create" {
				r.Existing = uuid.Nil
			}
			keep = append(keep, r)
		}
	}
	if i.State == checking {
		i.Fresh += len(keep)
		return insertFindings(ctx, tx, findings)
	}
	failed, err := o.keep(ctx, tx, v, k, i, keep)
	if err != nil {
		return err
	}
	return insertFindings(ctx, tx, append(findings, failed...))
}

func (o office) findings(v auth.Viewer, i *Import, r *module.Record) (list []finding) {
	on := map[int]int{}
	add := func(row int, sort, field, reason, value string) {
		on[row]++
		list = append(list, finding{FirmID: v.FirmID(), ImportID: i.ID, Row: row, N: on[row], Sort: sort, Field: field, Reason: reason, Value: cut(value)})
	}
	refused := r.Refused()
	for _, p := range r.Wrong {
		switch {
		case !p.Mild:
			add(p.Row, "refused", p.Field, p.Reason, p.Value)
		case !refused:
			add(p.Row, "mild", p.Field, p.Reason, p.Value)
			i.Mild++
		}
	}
	if refused { // the other rows of the record go with it
		first := r.Wrong[0]
		for _, row := range r.Rows {
			if on[row.Number] == 0 {
				add(row.Number, "refused", first.Field, fmt.Sprintf("It belongs together with row %d, which cannot be taken.", first.Row), "")
			}
		}
	}
	if !refused && r.Existing != uuid.Nil && i.Same < mostSame {
		add(r.Rows[0].Number, "same", "", "", r.Same)
	}
	return list
}

func cut(s string) string {
	if runes := []rune(s); len(runes) > 200 {
		return string(runes[:199]) + "…"
	}
	return s
}

// keep writes the records in a part of the transaction that can fail alone; then the halves are tried, down to the one
// that cannot be kept.
func (o office) keep(ctx context.Context, tx bun.Tx, v auth.Viewer, k module.Import, i *Import, records []*module.Record) (failed []finding, err error) {
	if len(records) == 0 {
		return nil, nil
	}
	apart, err := tx.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	err = k.Write(ctx, apart, v, i.Settings, records)
	if err == nil {
		if err := apart.Commit(); err != nil {
			return nil, err
		}
		return nil, o.trace(ctx, tx, v, i, records)
	}
	if again := apart.Rollback(); again != nil {
		return nil, errors.Join(err, again)
	}
	for _, r := range records {
		r.Traces = nil
	}
	if len(records) > 1 {
		half := len(records) / 2
		if failed, err = o.keep(ctx, tx, v, k, i, records[:half]); err != nil {
			return nil, err
		}
		more, err := o.keep(ctx, tx, v, k, i, records[half:])
		return append(failed, more...), err
	}
	reason := "This row could not be saved. Please try it by hand."
	if f, words := fault.Of(err); words {
		reason = f.Message
		for _, said := range f.Fields {
			reason = said
		}
	} else {
		o.Log.Warn("row of an import refused", "import", i.ID, "kind", k.ID, "err", err)
	}
	i.Refused++
	for _, row := range records[0].Rows {
		failed = append(failed, finding{FirmID: v.FirmID(), ImportID: i.ID, Row: row.Number, N: 1000, Sort: "refused", Reason: reason})
	}
	return failed, nil
}

// trace keeps what was done to the records, and counts it.
func (o office) trace(ctx context.Context, tx bun.Tx, v auth.Viewer, i *Import, records []*module.Record) error {
	var list []trace
	for _, r := range records {
		switch {
		case r.Existing == uuid.Nil:
			i.Fresh++
		case len(r.Traces) > 0:
			i.Changed++
		default:
			i.Same++ // nothing in it was new
		}
		for _, t := range r.Traces {
			i.Traces++
			list = append(list, trace{
				FirmID: v.FirmID(), ImportID: i.ID, N: i.Traces, What: t.What, SubjectID: t.ID, ClientID: t.Client, Name: t.Name, Version: t.Version, Before: t.Before,
			})
		}
	}
	return insertTraces(ctx, tx, list)
}

// tell writes the import's one entry into the activity log.
func (o office) tell(ctx context.Context, tx bun.Tx, v auth.Viewer, k module.Import, i Import) error {
	verb, text := "transfer.imported", "imported "+count(i.Fresh, k.One, k.Many)+" from "+i.FileName
	if i.State == undone {
		verb, text = "transfer.undone", "took the import of "+k.Many+" from "+i.FileName+" back"
	}
	return activity.Record(ctx, tx, v, activity.Entry{Verb: verb, Text: text, SubjectID: i.ID, Data: map[string]any{"page": "transfer/imports/" + i.ID.String(), "after": map[string]any{
		"added": i.Fresh, "changed": i.Changed, "already there": i.Same, "refused": i.Refused, "taken back": i.Undone, "kept": i.Kept,
	}}})
}

func (o office) undoStep(ctx context.Context, tx bun.Tx, v auth.Viewer, k module.Import, i *Import) (more bool, err error) {
	list, err := lastTraces(ctx, tx, v, i.ID, undoAtOnce)
	if err != nil {
		return false, err
	}
	if len(list) == 0 {
		i.State = undone
		return false, o.tell(ctx, tx, v, k, *i)
	}
	traces, byThing := make([]module.Trace, len(list)), map[uuid.UUID]int{}
	for n, t := range list {
		traces[n] = module.Trace{What: t.What, ID: t.SubjectID, Client: t.ClientID, Name: t.Name, Version: t.Version, Before: t.Before}
		byThing[t.SubjectID] = t.N
	}
	left, err := k.Undo(ctx, tx, v, traces)
	if err != nil {
		return false, fmt.Errorf("undo %s: %w", k.Many, err)
	}
	kept := map[int]string{}
	for _, t := range left {
		kept[byThing[t.ID]] = t.Kept
	}
	i.Undone += len(list) - len(kept)
	i.Kept += len(kept)
	return true, settleTraces(ctx, tx, v, i.ID, list[len(list)-1].N, list[0].N, kept)
}
