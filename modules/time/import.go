package time

import (
	"context"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/search"
)

func names(line string) []string { return strings.Split(line, ", ") }

// imports are the time entries of other programs.
func imports() []module.Import {
	return []module.Import{{
		ID: "time:entries", Title: "Time entries", One: "time entry", Many: "time entries", Order: 60,
		About: "Hours worked, each for a project that is here already. Nothing is billed and nobody gets a mail.",
		Fields: []module.ImportField{
			{ID: "client", Title: "Client", Help: "Tells two projects of one name apart.", Names: names("client, client name, customer, customer name, company, kunde")},
			{ID: "project", Title: "Project", Needed: true, Help: "Its name or short name.", Names: names("project, project name, job, job name, matter, event, projekt")},
			{ID: "date", Title: "Date", Needed: true, Day: true, Names: names("date, start date, day, work date, spent date, started on, datum")},
			{ID: "hours", Title: "Hours", Needed: true, Help: "1:30, 1.5, 90m or 1h 30m; bare numbers are hours.", Names: names("hours, duration, duration (h), duration (decimal), time, hours (decimal), time (hours), duration (hours), quantity, rounded hours, stunden")},
			{ID: "person", Title: "Person", Help: "Name or email of somebody on your staff.", Names: names("person, user, member, employee, staff, email, team member, name, mitarbeiter")},
			{ID: "task", Title: "Task", Names: names("task, activity, service, task name, work type, category, tätigkeit")},
			{ID: "client_note", Title: "Note for the client", Help: "Clients read it where time is shown to them.", Names: names("note for the client, client note, public notes")},
			{ID: "internal_notes", Title: "Internal notes", Help: "Clients never see them.", Names: names("internal notes, notes, note, description, comment, comments, private notes, memo")},
			{ID: "billable", Title: "Billable", Help: "Yes or no; without it, yes.", Names: names("billable, billable?, is billable, bill")},
		},
		Choices: []module.ImportChoice{
			{ID: "as", Title: "What they are", Help: "Nothing goes to billing by itself.", Options: []module.ImportOption{
				{Value: "approved", Title: "Approved, to be billed here"}, {Value: "finalised", Title: "Settled earlier: finalised, never billed here"}, {Value: "draft", Title: "Drafts of the person who worked"},
			}},
			{ID: "people", Title: "A person who is not on your staff", Options: []module.ImportOption{
				{Value: "refuse", Title: "Refuse the row"}, {Value: "me", Title: "Take it as my own time"},
			}},
		},
		Key: importKey, Look: lookEntries, Write: writeEntries, Undo: undoEntries, Export: exportEntries,
	}}
}

// brought is an entry of another program, as often as the file has it.
type brought struct {
	Entry
	times int
}

func fold(text string) string { return strings.Join(strings.Fields(search.Fold(text)), " ") }

// importKey puts rows together that say the same.
func importKey(row module.ImportRow, s module.ImportSettings) string {
	on, _ := s.Day(row.Get("date"))
	parts := []string{on.String()}
	for _, field := range []string{"client", "project", "hours", "person", "task", "client_note", "internal_notes", "billable"} {
		parts = append(parts, fold(row.Get(field)))
	}
	return strings.Join(parts, "\n")
}

func lookEntries(ctx context.Context, tx bun.Tx, v auth.Viewer, s module.ImportSettings, records []*module.Record) error {
	var wanted []string
	for _, r := range records {
		wanted = append(wanted, strings.ToLower(oneLine(r.First("project"))))
	}
	there, err := worksNamed(ctx, tx, v, wanted)
	if err != nil {
		return err
	}
	people, err := colleaguesWithMail(ctx, tx, v)
	if err != nil {
		return err
	}
	for _, r := range records {
		b := &brought{times: len(r.Rows)}
		r.State = b
		b.place(r, there)
		b.writer(r, s, v, people)
		b.read(r, s)
	}
	return lookSame(ctx, tx, v, records)
}

// place finds the project that the file means.
func (b *brought) place(r *module.Record, there []work) {
	row, name, client := r.Rows[0].Number, oneLine(r.First("project")), fold(r.First("client"))
	var meant []work
	for _, w := range there {
		if (strings.EqualFold(w.Name, name) || strings.EqualFold(w.Key, name)) && (client == "" || fold(w.Client) == client) {
			meant = append(meant, w)
		}
	}
	switch {
	case name == "":
		r.Refuse(row, "Project", "The project is missing.", "")
	case len(meant) == 0 && client != "":
		r.Refuse(row, "Project", "This client has no such project. Bring in or add the project first.", name)
	case len(meant) == 0:
		r.Refuse(row, "Project", "There is no such project. Bring in or add the project first.", name)
	case len(meant) > 1:
		r.Refuse(row, "Project", "Several projects are called so. Name the client as well, or use the short name.", name)
	default:
		b.ProjectID, b.ClientID, b.Currency, b.Project, b.Client = meant[0].ID, meant[0].ClientID, meant[0].Currency, meant[0].Name, meant[0].Client
	}
}

// mailed is a member of staff with the address.
type mailed struct {
	ID          uuid.UUID
	Name, Email string
}

func (b *brought) writer(r *module.Record, s module.ImportSettings, v auth.Viewer, people []mailed) {
	who := oneLine(r.First("person"))
	if who == "" {
		b.PersonID, b.Person = v.PersonID, v.Name
		return
	}
	for _, p := range people {
		if strings.EqualFold(p.Email, who) || fold(p.Name) == fold(who) {
			b.PersonID, b.Person = p.ID, p.Name
			return
		}
	}
	if s.Choices["people"] == "me" {
		b.PersonID, b.Person = v.PersonID, v.Name
		return
	}
	r.Refuse(r.Rows[0].Number, "Person", "Nobody on your staff has this name or email.", who)
}

func (b *brought) read(r *module.Record, s module.ImportSettings) {
	row := r.Rows[0].Number
	var good bool
	if b.WorkDate, good = s.Day(r.First("date")); !good {
		r.Refuse(row, "Date", "This is not a date.", r.First("date"))
	} else if b.WorkDate.IsZero() {
		r.Refuse(row, "Date", "The date is missing.", "")
	}
	var err error
	if b.Minutes, err = importedMinutes(r.First("hours")); err != nil {
		r.Refuse(row, "Hours", advice(err), r.First("hours"))
	} else if b.Minutes == 0 {
		r.Refuse(row, "Hours", "There are no hours.", r.First("hours"))
	}
	b.Task, b.ClientNote, b.InternalNotes = oneLine(r.First("task")), r.First("client_note"), r.First("internal_notes")
	for _, one := range []struct {
		title string
		text  *string
		most  int
	}{{"Task", &b.Task, longestTask}, {"Note for the client", &b.ClientNote, longestNote}, {"Internal notes", &b.InternalNotes, longestText}} {
		if tooLong(*one.text, one.most) {
			r.Wrong = append(r.Wrong, module.Problem{Row: row, Field: one.title, Reason: "This is shortened to " + strconv.Itoa(one.most) + " letters.", Value: short(*one.text, 60), Mild: true})
			*one.text = string([]rune(*one.text)[:one.most-1]) + "…"
		}
	}
	b.Billable = true
	switch strings.ToLower(r.First("billable")) {
	case "no", "n", "false", "0", "nein", "non", "non-billable", "not billable":
		b.Billable = false
	}
	b.State = Approved
	switch s.Choices["as"] {
	case "finalised":
		b.State = Finalised
	case "draft":
		b.State = Draft
	}
}

// importedMinutes also reads 1:30:00, with seconds, as other programs write it.
func importedMinutes(text string) (int, error) {
	if parts := strings.Split(strings.TrimSpace(text), ":"); len(parts) == 3 {
		minutes, err := minutesIn(parts[0] + ":" + parts[1])
		seconds, wrong := whole(parts[2], 59)
		if err != nil || wrong != nil {
			return 0, errNoTime
		}
		if seconds >= 30 {
			minutes++
		}
		return min(minutes, mostMinutes), nil
	}
	return minutesIn(text)
}

// lookSame finds entries that are here already: of one person, on one day, for the same. What the file has more of is new.
func lookSame(ctx context.Context, tx bun.Tx, v auth.Viewer, records []*module.Record) error {
	var all []Entry
	for _, r := range records {
		all = append(all, r.State.(*brought).Entry)
	}
	there, err := entriesLike(ctx, tx, v, all)
	if err != nil {
		return err
	}
	for n, r := range records {
		b := r.State.(*brought)
		if r.Refused() || there[n].Count == 0 {
			continue
		}
		if there[n].Count >= b.times {
			r.Existing, r.Same = there[n].ID, b.Hours()+" h of "+b.What()+" on "+b.WorkDate.String()+", "+b.Project
		} else {
			b.times -= there[n].Count
		}
	}
	return nil
}

func writeEntries(ctx context.Context, tx bun.Tx, v auth.Viewer, _ module.ImportSettings, records []*module.Record) error {
	var fresh []Entry
	byProject := map[uuid.UUID]Entry{}
	counts := map[uuid.UUID]int{}
	var order []uuid.UUID
	for _, r := range records {
		if r.Existing != uuid.Nil {
			continue
		}
		b := r.State.(*brought)
		for range b.times {
			e := b.Entry
			e.ID = id.New()
			fresh = append(fresh, e)
			r.Traces = append(r.Traces, module.Trace{What: "entry", ID: e.ID, Name: e.Hours() + " h of " + e.What() + ", " + e.Project, Version: 1, Client: e.ClientID})
			if counts[e.ProjectID] == 0 {
				order = append(order, e.ProjectID)
			}
			counts[e.ProjectID]++
			byProject[e.ProjectID] = e
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	if err := putEntries(ctx, tx, v, fresh); err != nil {
		return err
	}
	var entries []activity.Entry
	for _, project := range order {
		e := byProject[project]
		entries = append(entries, activity.Entry{
			Verb: "time.imported", Text: "imported " + counted(counts[project], "time entry", "time entries") + " for " + e.Project, ClientID: e.ClientID, ProjectID: project, SubjectID: project, Part: true,
		})
	}
	return activity.RecordEach(ctx, tx, v, entries)
}

// undoEntries takes imported entries back; those that somebody has changed, or handed over to billing, stay.
func undoEntries(ctx context.Context, tx bun.Tx, v auth.Viewer, traces []module.Trace) (kept []module.Trace, err error) {
	gone, err := dropImported(ctx, tx, v, traces)
	if err != nil {
		return nil, err
	}
	back := map[uuid.UUID]bool{}
	for _, one := range gone {
		back[one] = true
	}
	for _, t := range traces {
		if !back[t.ID] {
			t.Kept = "It has been changed or billed since."
			kept = append(kept, t)
		}
	}
	if len(gone) == 0 {
		return kept, nil
	}
	return kept, activity.Record(ctx, tx, v, activity.Entry{Verb: "time.import_undone", Text: "took back " + counted(len(gone), "imported time entry", "imported time entries"), SubjectID: v.PersonID, Part: true})
}

// exportEntries writes what is there with the names that the import finds.
func exportEntries(ctx context.Context, tx bun.Tx, v auth.Viewer, client uuid.UUID, write func(...string) error) error {
	if err := write(entryColumns...); err != nil {
		return err
	}
	for last := uuid.Nil; ; {
		list, err := after[Entry](ctx, tx, v, ofTime, filter{Client: client}, last)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, e := range list {
			last = e.ID
			if err := write(entryCells(e, true)...); err != nil {
				return err
			}
		}
	}
}

// sameAs is how many entries say the same, and one of them.
type sameAs struct {
	N     int
	Count int
	ID    uuid.UUID
}

// onDays are the days of entries, for a statement.
func onDays(list []Entry) (days []string) {
	for _, e := range list {
		d := e.WorkDate
		if d.IsZero() {
			d = day.New(1900, 1, 1)
		}
		days = append(days, d.String())
	}
	return days
}
