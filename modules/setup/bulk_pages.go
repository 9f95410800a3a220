package setup

import (
	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

// What a choice says beside on and off: to leave a switch alone, or to leave it to the firm.
const (
	asIs   = "keep"
	asFirm = "firm"
)

// sets are what can be ticked at once: the presets, and the firm's own choice for everything.
var sets = append([]preset{{asFirm, "As the firm in everything"}}, presets...)

// choiceLine is one switch of the form: nothing is chosen until somebody chooses.
type choiceLine struct {
	Key, Field, ID, Title string
	State                 string // keep, firm, on, off
	Areas                 []choiceLine
	Open                  bool
}

type deedView struct {
	*web.Here
	Trail    []web.NavItem
	Hidden   []hidden
	Pick     string // where other clients are chosen
	Chosen   string // who, in words
	Count    int
	Lines    []choiceLine
	PortalOn string // keep, on, off
	Uploads  string
	Presets  []web.NavItem
	Preset   string // the title of the set that is ticked
}

func (o office) deedView(r *web.Request, p picking, value func(string) string) (deedView, error) {
	r.Title("Change many clients")
	view := deedView{
		Here: r.Here(), Trail: append(o.trail(r), web.NavItem{Title: "Change many clients", Href: r.Path("setup", "bulk")}),
		Hidden: p.hidden(), Pick: r.Path("setup", "bulk", "clients"), Chosen: p.words(),
		PortalOn: orAsIs(value("portal_on")), Uploads: orAsIs(value("uploads_on")),
	}
	preset := value("preset")
	for _, set := range sets {
		q := p.values()
		q.Set("preset", set.ID)
		view.Presets = append(view.Presets, web.NavItem{Title: set.Title, Href: r.Path("setup", "bulk", "new") + "?" + q.Encode(), Current: set.ID == preset})
		if set.ID == preset {
			view.Preset = set.Title
		}
	}
	ticks := ticked(o.catalog(), preset)
	state := func(key string) string {
		switch typed := value(fieldOf(key)); {
		case typed != "" || r.Method() == "POST":
			return typed
		case view.Preset == "":
			return asIs
		case preset == asFirm:
			return asFirm
		case ticks[key]:
			return "on"
		}
		return "off"
	}
	for _, s := range o.catalog() {
		l := choiceLine{Key: s.ID, Field: fieldOf(s.ID), ID: idOf(s.ID), Title: s.Title, State: state(s.ID)}
		for _, a := range s.Areas {
			key := s.ID + "/" + a.ID
			area := choiceLine{Key: key, Field: fieldOf(key), ID: idOf(key), Title: a.Title, State: state(key)}
			l.Open = l.Open || area.State != asIs
			l.Areas = append(l.Areas, area)
		}
		view.Lines = append(view.Lines, l)
	}
	var err error
	view.Count, err = countMeant(r.Context(), r.Tx(), r.Viewer(), p, 10_000_000)
	return view, err
}

func orAsIs(text string) string {
	if text == "" {
		return asIs
	}
	return text
}

// deed asks what to change for the clients that were chosen.
func (o office) deed(r *web.Request) error {
	p := pickingFrom(r.Query, r.Queries("id"))
	if p.none() {
		r.Warn("Choose clients first.")
		return r.Go(r.Path("setup", "bulk", "clients"))
	}
	if preset := r.Query("preset"); preset != "" && preset != asFirm && !known(preset) {
		return fault.NotFound()
	}
	view, err := o.deedView(r, p, r.Query)
	if err != nil {
		return err
	}
	return r.Show("setup/bulk_new", view)
}

// deedForm carries what belongs to the form itself; the switches have the names of the sections.
type deedForm struct {
	IDs []string `form:"id"`
}

// prepare keeps a draft: who was chosen, and what would change. Nothing changes for clients before it is begun.
func (o office) prepare(r *web.Request) error {
	var form deedForm
	wrong := r.Bind(&form)
	p := pickingFrom(r.Value, form.IDs)
	b := bulk{State: "draft"}
	var problem error
	if b.deed, problem = o.deedFrom(r.Value); wrong == nil {
		wrong = problem
	}
	if p.none() {
		return fault.BadRequest("No clients were chosen.")
	}
	if wrong == nil && b.empty() {
		wrong = fault.Invalid("Nothing is to change yet: choose what to switch.")
	}
	if wrong != nil {
		view, err := o.deedView(r, p, r.Value)
		if err != nil {
			return err
		}
		return r.Again("setup/bulk_new", view, wrong)
	}
	if err := insertBulk(r.Context(), r.Tx(), r.Viewer(), &b, p); err != nil {
		return err
	}
	return r.Go(r.Path("setup", "bulk", b.ID))
}

// deedFrom reads what is to change; a choice that is none of those offered is refused.
func (o office) deedFrom(value func(string) string) (deed, error) {
	d := deed{Switches: map[string]State{}}
	wrong := fault.Fields{}
	for _, key := range keys(o.catalog()) {
		text := value(fieldOf(key))
		if text == asIs || text == "" {
			continue
		}
		state, ok := parseState(text)
		if text == asFirm {
			state, ok = Inherit, true
		}
		if !ok {
			wrong[idOf(key)] = "Choose one of the four: leave it, as the firm, on, or off."
			continue
		}
		d.Switches[key] = state
	}
	d.PortalOn = onOrOff(wrong, "portal_on", value("portal_on"))
	d.UploadsOn = onOrOff(wrong, "uploads_on", value("uploads_on"))
	return d, fault.InFields(wrong)
}

func onOrOff(wrong fault.Fields, name, text string) *bool {
	on := text == "on"
	switch text {
	case "on", "off":
		return &on
	case "", asIs:
	default:
		wrong[name] = "Choose one of the three: leave it, on, or off."
	}
	return nil
}

type bulksView struct {
	*web.Here
	Trail []web.NavItem
	Items []bulkItem
	Next  string
	First bool
}

// bulkItem is a change of many clients with its words.
type bulkItem struct {
	bulk
	Words []string
}

const bulkItems = 30

// bulks lists earlier changes of many clients.
func (o office) bulks(r *web.Request) error {
	before, _ := uuid.Parse(r.Query("before")) // what is no id is the start
	list, err := bulksBefore(r.Context(), r.Tx(), r.Viewer(), before, bulkItems+1)
	if err != nil {
		return err
	}
	r.Title("Change many clients")
	view := bulksView{Here: r.Here(), Trail: o.trail(r), First: before == uuid.Nil}
	if len(list) > bulkItems {
		list = list[:bulkItems]
		view.Next = r.Here().With("before", list[bulkItems-1].ID)
	}
	named := titles(o.catalog())
	for _, b := range list {
		view.Items = append(view.Items, bulkItem{b, b.words(named)})
	}
	return r.Show("setup/bulks", view)
}

// heldBulk loads the change of the address, and keeps everybody else away from it.
func (o office) heldBulk(r *web.Request) (bulk, error) {
	return web.Find(r, "bulk", holdBulk)
}

// startBulk begins what was looked over. Pressed twice, it begins once.
func (o office) startBulk(r *web.Request) error {
	b, err := o.heldBulk(r)
	if err != nil {
		return err
	}
	id := b.ID
	if !b.Draft() {
		return r.Go(r.Path("setup", "bulk", id))
	}
	if err := startBulk(r.Context(), r.Tx(), r.Viewer(), id); err != nil {
		return err
	}
	if _, err := sweep.Enqueue(r.Context(), r.Tx(), r.Viewer().FirmID(), sweeping{id}); err != nil {
		return err
	}
	o.Bell.Publish(r.Context(), r.Viewer().FirmID(), bulkTopic)
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "bulk.started", Text: "began to change the portal setup of many clients", SubjectID: id,
		Data: map[string]any{"after": map[string]any{"clients": b.Clients, "chosen": b.Chosen, "changes": b.words(titles(o.catalog()))}},
	})
	if err != nil {
		return err
	}
	return r.Go(r.Path("setup", "bulk", id))
}

// stopBulk leaves what waits as it is; what was changed stays changed.
func (o office) stopBulk(r *web.Request) error {
	b, err := o.heldBulk(r)
	if err != nil {
		return err
	}
	id := b.ID
	if b.Running() {
		if err := endBulk(r.Context(), r.Tx(), r.Viewer(), id, "stopped"); err != nil {
			return err
		}
		o.Bell.Publish(r.Context(), r.Viewer().FirmID(), bulkTopic)
		r.Toast("Stopped. What was changed stays changed.")
		err := activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
			Verb: "bulk.stopped", Text: "stopped a change of many clients", SubjectID: id,
		})
		if err != nil {
			return err
		}
	}
	return r.Go(r.Path("setup", "bulk", id))
}

func (o office) discardBulk(r *web.Request) error {
	id, err := r.ID("bulk")
	if err != nil {
		return err
	}
	if err := dropBulk(r.Context(), r.Tx(), r.Viewer(), id); err != nil {
		return err
	}
	r.Toast("Discarded. Nothing was changed.")
	return r.Go(r.Path("setup", "bulk"))
}
