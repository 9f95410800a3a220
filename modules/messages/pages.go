package messages

import (
	"strconv"
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/web"
)

// inboxView is the list, and the conversation beside it.
type inboxView struct {
	*web.Here
	Office     bool
	MayWrite   bool
	Filter     filter
	Boxes      []web.NavItem
	Rows       []row
	Prev, Next string
	Held       int // mails that wait for a decision
	New        string
	Thread     *threadView
	Top        *module.ClientTop // above the conversations of one client
	Base       string            // where the list is
}

type row struct {
	Conversation
	Href    string
	Current bool
	Asleep  bool
}

// threadView is one conversation.
type threadView struct {
	*web.Here
	Conversation Conversation
	Office       bool
	MayWrite     bool
	Messages     []Message
	Earlier      string // where more of it is shown
	Self         string // the thread alone, as live pages ask for it
	Base         string // of its addresses
	Back         string
	Parts        []part
	Thing        *module.Thing
	Asleep       bool
	Typing       []string
	ReadTo       string // of the last message in view; what reading it means
	Unread       bool
	Editing      bool // one of the messages is being changed: nothing moves below the hands
	OOB          bool // it comes beside something else

	Compose composeView
	Staff   []choice // office: whom it can be given to
	Sleeps  []sleep
	Others  []part // office: contacts who could take part
}

// composeView is the form below a thread.
type composeView struct {
	*web.Here
	Base     string
	ID       uuid.UUID
	Body     string
	Internal bool
	Office   bool
	Alone    bool // the whole conversation is for staff
	Closed   bool
	Answers  []Canned
	Clears   bool // what was sent is gone from the form
	Kept     bool // it holds what was begun before
}

// Brief says when, as shortly as a list can: the time of today, the day of this year, the date of another.
func (v inboxView) Brief(t time.Time) string {
	at := v.Local(t)
	switch {
	case at.YearDay() == v.Now.YearDay() && at.Year() == v.Now.Year():
		return v.Reader().Clock(at)
	case at.Year() == v.Now.Year():
		return v.Reader().Date(at, "Jan 2")
	}
	return v.Reader().Date(at, "Jan 2, 2006")
}

// First is somebody's first name.
func (v inboxView) First(name string) string { return firstName(name) }

// DayOf is the day of a message in the reader's zone.
func (v threadView) DayOf(t time.Time) string {
	if v.Local(t).YearDay() == v.Now.YearDay() && v.Local(t).Year() == v.Now.Year() {
		return v.Say("Today")
	}
	return v.Reader().Day(v.Local(t))
}

// TimeOf is the time of day.
func (v threadView) TimeOf(t time.Time) string { return v.Reader().Clock(v.Local(t)) }

func boxesOf(v auth.Viewer) []titled {
	if v.Side == auth.Office {
		return officeBoxes
	}
	return portalBoxes
}

// filterOf reads what the list shows from the address; the start is what is open, for clients everything.
func filterOf(r *web.Request) filter {
	boxes := boxesOf(r.Viewer())
	f := filter{Box: boxes[0].Box, Query: cut(r.Query("q"), 100)}
	for _, b := range boxes {
		if string(b.Box) == r.Query("box") {
			f.Box = b.Box
		}
	}
	f.Client, _ = uuid.Parse(r.Query("client"))
	return f
}

// stamped reports whether a cursor's key is a time, by which the list is sorted.
func stamped(key string) bool {
	_, err := time.Parse(time.RFC3339Nano, key)
	return err == nil
}

func (d desk) index(r *web.Request) error {
	r.Title("Messages")
	view, err := d.list(r, filterOf(r), uuid.Nil, r.Path(section))
	if err != nil {
		return err
	}
	return r.Show("messages/inbox", view)
}

// list is the left side of the page. The addresses of its rows keep what is filtered.
func (d desk) list(r *web.Request, f filter, current uuid.UUID, base string) (inboxView, error) {
	v, here := r.Viewer(), r.Here()
	view := inboxView{
		Here: here, Office: v.Side == auth.Office, MayWrite: v.May(write) || v.May(keep), Filter: f, Base: base, New: r.Path(section, "new"),
	}
	place := r.Place().If(stamped)
	list, turns, err := listConversations(r.Context(), r.Tx(), v, f, place, r.Now())
	if err != nil {
		return view, err
	}
	at := web.Here{Viewer: v, URL: base}
	query := func(key, value string) string { return tail(here.With(key, value)) }
	for _, b := range boxesOf(v) {
		view.Boxes = append(view.Boxes, web.NavItem{Title: r.Say(b.Title), Href: base + query("box", string(b.Box)), Current: b.Box == f.Box})
	}
	kept := query("show", "") // and where the page begins: beside a conversation stands the list it was opened from
	switch {
	case place.Back:
		kept = query("before", place.At.String())
	case !place.At.IsZero():
		kept = query("after", place.At.String())
	}
	for _, c := range list {
		view.Rows = append(view.Rows, row{Conversation: c, Href: at.Path(section, c.ID) + kept, Current: c.ID == current, Asleep: c.Snoozed(r.Now())})
	}
	if turns.Prev != "" {
		view.Prev = base + query("before", turns.Prev)
	}
	if turns.Next != "" {
		view.Next = base + query("after", turns.Next)
	}
	if view.Office {
		view.Held, err = heldCount(r.Context(), r.Tx(), v)
	}
	return view, err
}

// tail is the query of an address, with its question mark.
func tail(address string) string {
	for i := range address {
		if address[i] == '?' {
			return address[i:]
		}
	}
	return ""
}

func (d desk) conversation(r *web.Request) (Conversation, error) {
	id, err := r.ID("conversation")
	if err != nil {
		return Conversation{}, err
	}
	return conversationByID(r.Context(), r.Tx(), r.Viewer(), id)
}

func (d desk) open(r *web.Request) error {
	c, err := d.conversation(r)
	if err != nil {
		return err
	}
	view, err := d.whole(r, c)
	if err != nil {
		return err
	}
	return r.Show("messages/inbox", view)
}

// whole is the page of one conversation: the list, and the thread.
func (d desk) whole(r *web.Request, c Conversation) (inboxView, error) {
	view, err := d.list(r, filterOf(r), c.ID, r.Path(section))
	if err != nil {
		return view, err
	}
	thread, err := d.threadOf(r, c)
	view.Thread = &thread
	return view, err
}

// threadOf is the right side: all that is shown of a conversation.
func (d desk) threadOf(r *web.Request, c Conversation) (threadView, error) {
	r.Title(c.Subject)
	view, err := d.talk(r, c)
	if err != nil {
		return view, err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if view.Parts, err = partsOf(ctx, tx, v, c.ID); err != nil {
		return view, err
	}
	if c.ItemID != uuid.Nil {
		thing, err := d.Catalog().Thing(ctx, tx, v, c.ItemSection, c.ItemID)
		switch {
		case err == nil:
			view.Thing = &thing
		case !fault.Is(err, fault.Missing):
			return view, err
		}
	}
	view.Compose, err = d.composer(r, c)
	if err != nil || !view.Office {
		return view, err
	}
	if view.Staff, err = colleagues(ctx, tx, v); err != nil {
		return view, err
	}
	view.Sleeps = sleeps(r.Here().Now)
	view.Others, err = d.couldTakePart(r, c, view.Parts)
	return view, err
}

// talk is the thread without what stands around it: what live pages fetch again.
func (d desk) talk(r *web.Request, c Conversation) (threadView, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := threadView{
		Here: r.Here(), Conversation: c, Office: v.Side == auth.Office, MayWrite: v.ViewAs == uuid.Nil && (v.May(write) || v.May(keep)),
		Base: r.Path(section, c.ID), Back: r.Path(section), Asleep: c.Snoozed(r.Now()),
	}
	most := threadLength
	if n, err := strconv.Atoi(r.Query("show")); err == nil && n > most && n <= 2000 {
		most = n
	}
	list, more, err := messagesOf(ctx, tx, v, c.ID, most)
	if err != nil {
		return view, err
	}
	to, err := readTo(ctx, tx, v, c.ID)
	if err != nil {
		return view, err
	}
	view.Messages = arranged(list, v, r.Now(), r.Here().Local, to)
	view.Self = view.Base + "/messages"
	if most > threadLength {
		view.Self += "?show=" + strconv.Itoa(most)
	}
	if more {
		view.Earlier = view.Base + "?show=" + strconv.Itoa(min(most*3, 2000))
	}
	if n := len(list); n > 0 {
		view.ReadTo = stamp(list[n-1].CreatedAt)
		for _, m := range list {
			view.Unread = view.Unread || m.NewFrom
		}
	}
	if editing, err := uuid.Parse(r.Query("edit")); err == nil {
		for i := range view.Messages {
			m := &view.Messages[i]
			m.Editing = m.ID == editing && m.MayEdit
			view.Editing = view.Editing || m.Editing
		}
	}
	all, err := receiptsOf(ctx, tx, v, c)
	place(view.Messages, all)
	return view, err
}

// place puts each receipt below the last message of staff to the client that it covers.
func place(list []Message, all []receipt) {
	for _, one := range all {
		for i := len(list) - 1; i >= 0; i-- {
			if m := &list[i]; !m.ByClient() && !m.Internal && !m.Withdrawn() && !m.CreatedAt.After(one.ReadTo) {
				m.ReadBy = append(m.ReadBy, reader{one.Name, one.ReadAt})
				break
			}
		}
	}
}

func (d desk) composer(r *web.Request, c Conversation) (composeView, error) {
	v := r.Viewer()
	view := composeView{
		Here: r.Here(), Base: r.Path(section, c.ID), ID: id.New(), Body: c.Draft, Kept: c.Draft != "", Office: v.Side == auth.Office, Alone: c.Internal, Closed: c.Closed(),
	}
	if !view.Office {
		return view, nil
	}
	var err error
	if view.Internal, err = draftIsNote(r.Context(), r.Tx(), v, c.ID); err != nil {
		return view, err
	}
	view.Answers, err = cannedAnswers(r.Context(), r.Tx(), v)
	return view, err
}

// thread answers the conversation alone, for pages that are open already.
func (d desk) thread(r *web.Request) error {
	c, err := d.conversation(r)
	if err != nil {
		return err
	}
	if !r.IsPart() {
		return r.Go(r.Path(section, c.ID))
	}
	view, err := d.talk(r, c)
	if err != nil {
		return err
	}
	return r.Parts(web.Draw("messages/_talk", view))
}

func (d desk) attachment(r *web.Request) error {
	c, err := d.conversation(r)
	if err != nil {
		return err
	}
	id, err := r.ID("attachment")
	if err != nil {
		return err
	}
	a, err := attachmentByID(r.Context(), r.Tx(), r.Viewer(), c.ID, id)
	if err == nil && !a.Open() {
		err = fault.NotFound()
	}
	if err != nil {
		return err
	}
	r.Title(a.Name)
	return r.Show("messages/attachment", struct {
		*web.Here
		Attachment Attachment
		Trail      []web.NavItem
		Office     bool
	}{r.Here(), a, []web.NavItem{
		{Title: "Messages", Href: r.Path(section)}, {Title: c.Subject, Href: r.Path(section, c.ID)}, {Title: a.Name},
	}, r.Viewer().Side == auth.Office})
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
