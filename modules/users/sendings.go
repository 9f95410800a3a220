package users

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

const sendingsShown = 30

type sendingsView struct {
	*web.Here
	Trail []web.NavItem
	List  []Sending
	First bool
	Next  string
}

// sendings lists what was sent, the newest first.
func (o office) sendings(r *web.Request) error {
	after, err := uuid.Parse(r.Query("after"))
	if err != nil {
		after = uuid.Nil
	}
	view := sendingsView{Here: r.Here(), Trail: crumbs(r.Here(), web.NavItem{Title: "Sendings"}), First: after == uuid.Nil}
	if view.List, err = latestSendings(r.Context(), r.Tx(), r.Viewer(), after, sendingsShown+1); err != nil {
		return err
	}
	if len(view.List) > sendingsShown {
		view.List = view.List[:sendingsShown]
		view.Next = r.Here().With("after", view.List[sendingsShown-1].ID)
	}
	r.Title("Sendings")
	return r.Show("users/sendings", view)
}

// group is what people call one or more states of rows.
type group struct {
	Name, Title string
	States      []string
	Badge, Icon string
}

var groups = []group{
	{"queued", "Queued", []string{"waiting", "released"}, "info", "clock"},
	{"sent", "Sent", []string{"sent"}, "info", "send"},
	{perhaps, "Perhaps sent", []string{perhaps}, "due", "circle-help"},
	{"opened", "Opened", []string{"opened"}, "info", "mail-open"},
	{"accepted", "Accepted", []string{"accepted"}, "ok", ""},
	{"bounced", "Came back", []string{"bounced"}, "late", "mail-x"},
	{"failed", "Not sent", []string{"failed"}, "late", ""},
	{"skipped", "Skipped", []string{"skipped"}, "muted", ""},
	{"cancelled", "Cancelled", []string{"cancelled"}, "muted", "circle-x"},
}

func groupOf(state string) group {
	for _, g := range groups {
		if slices.Contains(g.States, state) {
			return g
		}
	}
	return group{}
}

// sendingRow is one contact of a sending.
type sendingRow struct {
	ContactID, ClientID     uuid.UUID
	Name, Email, ClientName string
	State, Reason           string
	At                      time.Time
}

// Group is its state as people see it.
func (r sendingRow) Group() group { return groupOf(r.State) }

// Why says why it was skipped, or what the mail server said.
func (r sendingRow) Why() string {
	if r.State == perhaps {
		return "We cannot tell whether it arrived."
	}
	return reason(r.Reason)
}

// Doubtful reports whether it may be sent again because nobody knows.
func (r sendingRow) Doubtful() bool { return r.State == perhaps }

type sendingView struct {
	*web.Here
	Trail      []web.NavItem
	S          Sending
	Tabs       []web.NavItem
	State      string
	Rows       []sendingRow
	First      bool
	Next       string
	MayControl bool
}

// sending shows how far a sending is; the part that changes fetches itself again.
func (o office) sending(r *web.Request) error {
	id, err := r.ID("sending")
	if err != nil {
		return err
	}
	s, err := findSending(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	view := sendingView{
		Here: r.Here(), S: s, State: r.Query("state"), MayControl: r.Viewer().May(inviting),
		Trail: crumbs(r.Here(), web.NavItem{Title: "Sendings", Href: r.Path("users", "sendings")}, web.NavItem{Title: s.Title()}),
	}
	home := r.Path("users", "sendings", s.ID)
	view.Tabs = []web.NavItem{{Title: "All", Href: home, Current: view.State == ""}}
	wanted := []string{}
	for _, g := range groups {
		n := s.of(g.States...)
		if current := view.State == g.Name; n > 0 || current {
			view.Tabs = append(view.Tabs, web.NavItem{Title: g.Title, Href: home + "?state=" + g.Name, Current: current, Badge: n})
		}
		if view.State == "" || view.State == g.Name {
			wanted = append(wanted, g.States...)
		}
	}
	if len(wanted) == 0 {
		return fault.NotFound()
	}
	after, err := uuid.Parse(r.Query("after"))
	view.First = err != nil
	if view.Rows, err = rowsOf(r.Context(), r.Tx(), r.Viewer(), s.ID, wanted, after, pageSize+1); err != nil {
		return err
	}
	if len(view.Rows) > pageSize {
		view.Rows = view.Rows[:pageSize]
		view.Next = r.Here().With("after", view.Rows[pageSize-1].ContactID)
	}
	r.Title(s.Title())
	if r.IsPart() && r.Header("HX-Target") == "sending" {
		return r.Parts(web.Draw("users/_sending", view))
	}
	return r.Show("users/sending", view)
}

// Again is where those of this page are invited again of whom nobody knows whether their mail went out; "" when there
// is nobody, or the viewer may not.
func (v sendingView) Again() string {
	q := url.Values{"way": {"again"}}
	for _, row := range v.Rows {
		if row.Doubtful() {
			q.Add("id", row.ContactID.String())
		}
	}
	if !v.MayControl || !q.Has("id") {
		return ""
	}
	return v.Path("users", "invitation") + "?" + q.Encode()
}

// Doubts counts them.
func (v sendingView) Doubts() (n int) {
	for _, row := range v.Rows {
		if row.Doubtful() {
			n++
		}
	}
	return n
}

// Home is a contact's own page.
func (v sendingView) Home(row sendingRow) string {
	return contactPath(v.Here, row.ClientID, row.ContactID)
}

// At is where this sending is changed.
func (v sendingView) At(deed string) string { return v.Path("users", "sendings", v.S.ID, deed) }

// Reasons are why people were skipped, with how many.
func (v sendingView) Reasons() []web.NavItem {
	var all []web.NavItem
	for name, n := range v.S.Tally {
		if o, is := strings.CutPrefix(name, "skipped:"); is {
			why := reason(o)
			all = append(all, web.NavItem{Title: strings.ToLower(why[:min(1, len(why))]) + why[min(1, len(why)):], Badge: n})
		}
	}
	slices.SortFunc(all, func(a, b web.NavItem) int { return b.Badge - a.Badge })
	return all
}

func (o office) pause(r *web.Request) error {
	return o.control(r, "paused", func(s *Sending) error {
		if s.State != running {
			return nil
		}
		s.State, s.HeldUp = paused, false
		return takeBack(r.Context(), r.Tx(), r.Viewer(), *s)
	})
}

func (o office) resume(r *web.Request) error {
	return o.control(r, "resumed", func(s *Sending) error {
		if s.State != paused {
			return nil
		}
		s.State, s.Turn = running, s.Turn+1
		s.ByID, s.ByName = r.Viewer().PersonID, r.Viewer().Name
		_, err := pumped.Enqueue(r.Context(), r.Tx(), r.Viewer().FirmID(), beat{s.ID, s.Turn})
		return err
	})
}

// cancel ends a sending: who has no mail yet gets none.
func (o office) cancel(r *web.Request) error {
	return o.control(r, "cancelled", func(s *Sending) error {
		if s.State != running && s.State != paused {
			return nil
		}
		if err := takeBack(r.Context(), r.Tx(), r.Viewer(), *s); err != nil {
			return err
		}
		s.State, s.HeldUp, s.FinishedAt, s.Turn = cancelled, false, r.Now(), s.Turn+1
		if err := drop(r.Context(), r.Tx(), r.Viewer(), s.ID); err != nil {
			return err
		}
		_, err := pumped.Enqueue(r.Context(), r.Tx(), r.Viewer().FirmID(), beat{s.ID, s.Turn}) // to follow what is out
		return err
	})
}

// control changes a sending that is held, unless it has gone on meanwhile.
func (o office) control(r *web.Request, deed string, change func(*Sending) error) error {
	id, err := r.ID("sending")
	if err != nil {
		return err
	}
	s, _, err := holdSending(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	before := s.State
	if err := change(&s); err != nil {
		return err
	}
	home := r.Path("users", "sendings", s.ID)
	if s.State == before {
		r.Warn("There was nothing to do: " + strings.ToLower(s.Badge().Text) + ".")
		return r.Go(home)
	}
	if err := saveSending(r.Context(), r.Tx(), r.Viewer(), &s); err != nil {
		return err
	}
	o.p.Bell.Publish(r.Context(), r.Viewer().FirmID(), topic)
	r.Toast("The sending is " + deed + ".")
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "sending." + deed, Text: deed + " a sending of portal invitations", SubjectID: s.ID,
		Data: activity.Changes(map[string]any{"state": before}, map[string]any{"state": s.State}),
	})
	if err != nil {
		return err
	}
	return r.Go(home)
}
