package schedule

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

// colors are what an item may be drawn in; the first is the firm's own.
var colors = []choice{{"", "Your brand"}, {"blue", "Blue"}, {"green", "Green"}, {"amber", "Amber"}, {"violet", "Violet"}, {"red", "Red"}, {"grey", "Grey"}}

// choice is one of a select's.
type choice struct{ Value, Title string }

var relations = []choice{
	{"FS", "after it ends"}, {"SS", "with its start"}, {"FF", "ends with it"},
}

// itemForm is an item as staff write it.
type itemForm struct {
	Title         string    `form:"title"`
	Kind          Kind      `form:"kind"`
	Phase         uuid.UUID `form:"phase"`
	Start         day.Day   `form:"start"`
	Workdays      int       `form:"workdays"`
	Follows       bool      `form:"follows"` // it begins as soon as what it waits for lets it
	Progress      int       `form:"progress"`
	Color         string    `form:"color"`
	Visible       bool      `form:"client_visible"`
	ClientTitle   string    `form:"client_title"`
	ClientText    string    `form:"client_text"`
	InternalNotes string    `form:"internal_notes"`
	Vendor        string    `form:"vendor"`
	Assignee      uuid.UUID `form:"assignee"`
	Reason        string    `form:"reason"`
	Version       int       `form:"version"`
	Confirm       int       `form:"confirm"` // the revision whose preview was looked at

	After []linkForm // parallel fields: after, relation, lag
}

// linkForm is one dependency as it is typed.
type linkForm struct{ After, Relation, Lag string }

// read adds the dependencies, which are fields side by side.
func (f *itemForm) read(r *web.Request) {
	after, relation, lag := r.Values("after"), r.Values("relation"), r.Values("lag")
	at := func(list []string, n int) string {
		if n < len(list) {
			return strings.TrimSpace(list[n])
		}
		return ""
	}
	for n := range min(len(after), 60) {
		f.After = append(f.After, linkForm{at(after, n), at(relation, n), at(lag, n)})
	}
}

const (
	longTitle  = 120
	longText   = 2000
	mostDays   = 2000
	longVendor = 120
)

// Check is what can be wrong with it.
func (f *itemForm) Check() fault.Fields {
	wrong := fault.Fields{}
	long := func(field, text string, most int) {
		if utf8.RuneCountInString(text) > most {
			wrong[field] = "Use at most " + strconv.Itoa(most) + " characters."
		}
	}
	f.Title, f.ClientTitle = strings.Join(strings.Fields(f.Title), " "), strings.Join(strings.Fields(f.ClientTitle), " ")
	if f.Title == "" {
		wrong["title"] = "Enter a name, such as Framing."
	}
	long("title", f.Title, longTitle)
	long("client_title", f.ClientTitle, longTitle)
	long("client_text", f.ClientText, longText)
	long("internal_notes", f.InternalNotes, longText)
	long("vendor", f.Vendor, longVendor)
	long("reason", f.Reason, longReason)
	if f.Kind != Phase && f.Kind != Task && f.Kind != Milestone {
		wrong["kind"] = "Choose what it is."
	}
	if f.Start.IsZero() {
		wrong["start"] = "Enter the first day."
	}
	if f.Kind == Milestone {
		f.Workdays = 0
	} else if f.Workdays < 1 || f.Workdays > mostDays {
		wrong["workdays"] = "Enter how many days of work it takes: 1 or more."
	}
	if f.Progress < 0 || f.Progress > 100 {
		wrong["progress"] = "Enter 0 to 100 percent."
	}
	if !slices.ContainsFunc(colors, func(c choice) bool { return c.Value == f.Color }) {
		wrong["color"] = "Choose one from the list."
	}
	if f.Kind == Phase {
		f.Phase = uuid.Nil
	}
	return wrong
}

const longReason = 300

// links are the dependencies of an item, as far as they can be read.
func (f itemForm) links(b board, item uuid.UUID) ([]Link, error) {
	var list []Link
	for _, row := range f.After {
		if row.After == "" {
			continue
		}
		from, err := uuid.Parse(row.After)
		other, known := b.item(from)
		if err != nil || !known {
			return nil, fault.Field("after", "Choose what it waits for from the list.")
		}
		lag, err := strconv.Atoi(strings.ReplaceAll(row.Lag, "−", "-"))
		if row.Lag == "" {
			lag, err = 0, nil
		}
		if err != nil || lag < -365 || lag > 365 {
			return nil, fault.Field("after", "Enter the days between as a whole number from -365 to 365.")
		}
		relation := Relation(row.Relation)
		if relation != StartStart && relation != FinishFinish {
			relation = FinishStart
		}
		if relation == FinishFinish && b.spans(item) {
			return nil, fault.Field("after", "A phase ends with its last item: let that one end with “"+other.Title+"” instead.")
		}
		if slices.ContainsFunc(list, func(l Link) bool { return l.From == from }) {
			return nil, fault.Field("after", "“"+other.Title+"” is there twice.")
		}
		list = append(list, Link{from, item, relation, lag})
	}
	return list, nil
}

// formOf is an item as its form shows it.
func formOf(b board, i Item) itemForm {
	f := itemForm{
		Title: i.Title, Kind: i.Kind, Phase: i.PhaseID, Start: i.StartOn, Workdays: i.Workdays, Follows: i.NotBefore.IsZero(), Progress: i.Progress,
		Color: i.Color, Visible: i.ClientVisible, ClientTitle: i.ClientTitle, ClientText: i.ClientText, InternalNotes: i.InternalNotes,
		Vendor: i.Vendor, Assignee: i.AssigneeID, Version: i.Version,
	}
	for _, l := range b.Links {
		if l.To == i.ID {
			f.After = append(f.After, linkForm{l.From.String(), string(l.Relation), strconv.Itoa(l.Lag)})
		}
	}
	return f
}

// hidden repeats the form for the page between it and the deed.
func (f itemForm) hidden() []choice {
	flag := func(on bool) string {
		if on {
			return "1"
		}
		return ""
	}
	id := func(id uuid.UUID) string {
		if id == uuid.Nil {
			return ""
		}
		return id.String()
	}
	list := []choice{
		{"title", f.Title}, {"kind", string(f.Kind)}, {"phase", id(f.Phase)}, {"start", f.Start.String()}, {"workdays", strconv.Itoa(f.Workdays)},
		{"follows", flag(f.Follows)}, {"progress", strconv.Itoa(f.Progress)}, {"color", f.Color}, {"client_visible", flag(f.Visible)},
		{"client_title", f.ClientTitle}, {"client_text", f.ClientText}, {"internal_notes", f.InternalNotes}, {"vendor", f.Vendor},
		{"assignee", id(f.Assignee)}, {"version", strconv.Itoa(f.Version)},
	}
	for _, row := range f.After {
		list = append(list, choice{"after", row.After}, choice{"relation", row.Relation}, choice{"lag", row.Lag})
	}
	return list
}

// apply puts the form into an item and its dependencies, and plans the whole schedule with it.
func (f itemForm) apply(b board, i Item) (next board, item Item, links []Link, moved []Moved, err error) {
	if f.Phase != uuid.Nil {
		if p, known := b.item(f.Phase); !known || p.Kind != Phase || f.Kind == Phase {
			return b, i, nil, nil, fault.Field("phase", "Choose a phase from the list.")
		}
	}
	was := i
	if was.Kind == Phase && f.Kind != Phase && b.spans(i.ID) {
		return b, i, nil, nil, fault.Field("kind", "There are items in this phase. Move them to another one first.")
	}
	if links, err = f.links(b, i.ID); err != nil {
		return b, i, nil, nil, err
	}
	i.Title, i.Kind, i.PhaseID, i.Progress, i.Color, i.ClientVisible = f.Title, f.Kind, f.Phase, f.Progress, f.Color, f.Visible
	i.ClientTitle, i.ClientText, i.InternalNotes, i.Vendor, i.AssigneeID = f.ClientTitle, f.ClientText, f.InternalNotes, f.Vendor, f.Assignee
	trial := b
	trial.Links = slices.DeleteFunc(slices.Clone(b.Links), func(l Link) bool { return l.To == i.ID })
	trial.Links = append(trial.Links, links...)
	trial.Items = slices.Clone(b.Items)
	at := slices.IndexFunc(trial.Items, func(o Item) bool { return o.ID == i.ID })
	var wish *Wish
	if b.spans(i.ID) {
		if f.Start != was.StartOn {
			wish = &Wish{i.ID, f.Start, 0}
		}
	} else {
		i.Workdays = f.Workdays
		switch {
		case f.Follows && len(links) > 0:
			i.NotBefore = day.Day{}
		case f.Start != was.StartOn || was.NotBefore.IsZero():
			i.NotBefore = f.Start
		}
		asked := f.Start != was.StartOn || f.Workdays != was.Workdays || f.Kind != was.Kind
		if was.StartOn.IsZero() || i.Progress > 0 && asked { // what has begun is where it is put
			at := b.Calendar.span(i.step(), f.Start)
			i.StartOn, i.EndOn = at.Start, at.End
		}
	}
	if at < 0 {
		trial.Items = append(trial.Items, i)
	} else {
		trial.Items[at] = i
	}
	trial.Items = arrange(trial.Items)
	next, _, err = trial.planned(wish)
	if err != nil {
		return b, i, nil, nil, err
	}
	i, _ = next.item(i.ID)
	return next, i, links, b.movedTo(next), nil
}

// movedTo compares two boards: what was there before and is on other days now.
func (b board) movedTo(next board) (moved []Moved) {
	before := make(map[uuid.UUID]Span, len(b.Items))
	for _, i := range b.Items {
		before[i.ID] = i.Span()
	}
	for _, i := range next.Items {
		if was, known := before[i.ID]; known && was != i.Span() {
			moved = append(moved, Moved{i.ID, was, i.Span()})
		}
	}
	return moved
}
