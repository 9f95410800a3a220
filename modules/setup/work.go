package setup

import (
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/outbox"
	"portico/platform/post"
	"portico/platform/web"
)

const workRows = 50

// piece is one promise in the list.
type piece struct {
	outbox.Row
	Title          string
	Badge, Word    string
	When           time.Time // of the next try, or the end
	WhenWord       string
	MayRun, Failed bool
	RunWord        string
	Href           string
}

type workView struct {
	*web.Here
	Trail  []web.NavItem
	Counts outbox.Counts
	Tabs   []web.NavItem
	State  outbox.State
	Pieces []piece
	Next   string
	First  bool
}

type workTab struct {
	State outbox.State
	Title string
}

var workTabs = []workTab{{"", "All"}, {outbox.Failed, "Failed"}, {outbox.Waiting, "Waiting"}, {outbox.Working, "Running"}, {outbox.Done, "Done"}, {outbox.Dismissed, "Dismissed"}}

func (o office) work(r *web.Request) error {
	r.Title("Background work")
	view := workView{Here: r.Here(), Trail: o.trail(r), State: outbox.State(r.Query("state"))}
	filter := outbox.Filter{State: view.State, Limit: workRows + 1, Before: moment(r.Query("before"))}
	view.First = filter.Before.IsZero()
	var err error
	if view.Counts, err = outbox.Count(r.Context(), r.Tx(), r.Firm().ID); err != nil {
		return err
	}
	if !isState(string(view.State)) {
		return fault.NotFound()
	}
	for _, tab := range workTabs {
		href := r.Path("setup", "work")
		if tab.State != "" {
			href += "?state=" + string(tab.State)
		}
		item := web.NavItem{Title: tab.Title, Href: href, Current: tab.State == view.State}
		if tab.State == outbox.Failed {
			item.Badge = view.Counts.Failed
		}
		view.Tabs = append(view.Tabs, item)
	}
	rows, err := outbox.List(r.Context(), r.Tx(), r.Firm().ID, filter)
	if err != nil {
		return err
	}
	if len(rows) > workRows {
		rows = rows[:workRows]
		view.Next = r.Here().With("before", stamp(rows[workRows-1].CreatedAt))
	}
	unsure, err := unsureAmong(r.Context(), r.Tx(), r.Viewer(), rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		p := o.pieceOf(r, row)
		if slices.Contains(unsure, row.ID) {
			p.Badge, p.Word, p.LastError = "due", "Perhaps sent", post.Unsure
		}
		view.Pieces = append(view.Pieces, p)
	}
	if r.IsPart() && r.Header("HX-Target") == "work" {
		return r.Parts(web.Draw("setup/_work", view))
	}
	return r.Show("setup/work", view)
}

func (o office) pieceOf(r *web.Request, row outbox.Row) piece {
	p := piece{Row: row, Title: o.kindTitle(row.Kind), RunWord: "Run again", Href: r.Path("setup", "work", row.ID)}
	p.Failed = row.State == outbox.Failed
	p.MayRun = p.Failed || row.State == outbox.Waiting && (row.Tries > 0 || row.NextAt.After(r.Now()))
	p.When = row.EndedAt
	switch row.State {
	case outbox.Waiting:
		p.Badge, p.Word, p.When, p.WhenWord, p.RunWord = "due", "Waiting", row.NextAt, "Next try", "Run now"
		if row.Tries == 0 {
			p.Badge, p.WhenWord = "muted", "Due"
		}
	case outbox.Working:
		p.Badge, p.Word = "info", "Running"
	case outbox.Failed:
		p.Badge, p.Word, p.WhenWord = "late", "Failed", "Given up"
	case outbox.Done:
		p.Badge, p.Word, p.WhenWord = "ok", "Done", "Done"
	case outbox.Dismissed:
		p.Badge, p.Word, p.WhenWord = "muted", "Dismissed", "Dismissed"
	}
	return p
}

// kindTitle says what a kind of work does: "billing:find_overdue" is "Billing: find overdue".
func (o office) kindTitle(kind string) string {
	if title := works[kind]; title != "" {
		return title
	}
	of, deed, _ := strings.Cut(kind, ":")
	for _, m := range o.Catalog().Modules {
		if m.ID == of {
			of = m.Title
		}
	}
	if of != "" {
		of = strings.ToUpper(of[:1]) + of[1:]
	}
	return of + ": " + strings.ReplaceAll(deed, "_", " ")
}

func (o office) runAgain(r *web.Request) error {
	return o.decide(r, func(r *web.Request, kind string) (string, string, error) {
		id, _ := r.ID("promise")
		return "It runs again.", "ran background work again", outbox.RunAgain(r.Context(), r.Tx(), r.Firm().ID, id)
	})
}

func (o office) dismiss(r *web.Request) error {
	return o.decide(r, func(r *web.Request, kind string) (string, string, error) {
		id, _ := r.ID("promise")
		return "Dismissed.", "dismissed background work", outbox.Dismiss(r.Context(), r.Tx(), r.Firm().ID, id)
	})
}

func (o office) decide(r *web.Request, deed func(*web.Request, string) (toast, text string, err error)) error {
	id, err := r.ID("promise")
	if err != nil {
		return err
	}
	kind, err := openWork(r.Context(), r.Tx(), r.Viewer(), id)
	if err != nil {
		return err
	}
	toast, text, err := deed(r, kind)
	if errors.Is(err, sql.ErrNoRows) {
		r.Warn("This has gone on meanwhile: there was nothing to do.")
		return r.Go(o.backToWork(r))
	}
	if err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "work.decided", Text: text + ": " + o.kindTitle(kind), SubjectID: id, Data: map[string]any{"kind": kind},
	})
	if err != nil {
		return err
	}
	o.Bell.Publish(r.Context(), r.Firm().ID, "jobs")
	r.Toast(toast)
	return r.Go(o.backToWork(r))
}

// backToWork keeps the filter.
func (o office) backToWork(r *web.Request) string {
	back := r.Path("setup", "work")
	if state := r.Value("state"); state != "" && isState(state) {
		back += "?state=" + state
	}
	return back
}

func isState(text string) bool {
	return slices.ContainsFunc(workTabs, func(tab workTab) bool { return string(tab.State) == text })
}

type workCardView struct {
	*web.Here
	Failed int
	Pieces []piece
	Href   string
}

// workCard asks for a look when something has been given up.
func (o office) workCard(r *web.Request) (web.Part, bool, error) {
	counts, err := outbox.Count(r.Context(), r.Tx(), r.Firm().ID)
	if err != nil || counts.Failed == 0 {
		return web.Part{}, false, err
	}
	rows, err := outbox.List(r.Context(), r.Tx(), r.Firm().ID, outbox.Filter{State: outbox.Failed, Limit: 3})
	if err != nil {
		return web.Part{}, false, err
	}
	view := workCardView{Here: r.Here(), Failed: counts.Failed, Href: r.Path("setup", "work") + "?state=failed"}
	for _, row := range rows {
		view.Pieces = append(view.Pieces, o.pieceOf(r, row))
	}
	return web.Draw("setup/_work_card", view), true, nil
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
