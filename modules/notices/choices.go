package notices

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/notice"
	"portico/platform/post"
	"portico/platform/web"
)

// option is one choice of a list.
type option struct{ Value, Title string }

var mailOptions = []option{{string(notice.Now), "At once"}, {string(notice.Daily), "Once a day"}, {string(notice.Off), "No mail"}}

// section are the kinds of one module.
type section struct {
	Title string
	Kinds []notice.Chosen
}

type choicesView struct {
	*web.Here
	Mails    post.Choice
	Sections []section
	Options  []option
	Pushes   bool
	Action   string

	Quiet        string // firm, own, never
	From, Until  string
	QuietOptions []option
	Settings     bool // the page of the firm
	Digest       string
	Hours        []option
	Others       []section // of the firm's page: what staff are told of
}

func (p pages) choices(r *web.Request) error {
	view, err := p.choicesView(r)
	if err != nil {
		return err
	}
	return r.Show("notices/choices", view)
}

func (p pages) choicesView(r *web.Request) (choicesView, error) {
	r.Title("Notifications")
	v := r.Viewer()
	view := choicesView{Here: r.Here(), Options: mailOptions, Pushes: p.Notices.Push != nil, Action: r.Path("notices", "choices")}
	all, err := p.Notices.Choices(r.Context(), r.Tx(), v.FirmID(), v.PersonID, v.Side)
	if err != nil {
		return view, err
	}
	if view.Sections, err = p.sections(r, all); err != nil {
		return view, err
	}
	if view.Mails, err = notice.Mails(r.Context(), r.Tx(), v); err != nil {
		return view, err
	}
	hours, err := notice.HoursOf(r.Context(), r.Tx(), v.FirmID())
	if err != nil {
		return view, err
	}
	quiet, own, err := notice.QuietOf(r.Context(), r.Tx(), v)
	view.Quiet = "firm"
	if own {
		view.Quiet = "own"
		if quiet.Never() {
			view.Quiet = "never"
		}
	}
	if quiet.Never() {
		quiet = notice.Quiet{From: 21 * 60, Until: 7 * 60}
	}
	view.From, view.Until = clock(quiet.From), clock(quiet.Until)
	view.Digest = r.Here().Reader().Clock(onTheHour(hours.Digest))
	view.QuietOptions = []option{{"firm", firmQuiet(r.Here(), hours.Quiet)}, {"own", r.Say("Between the times below")}, {"never", r.Say("Never: at any hour")}}
	return view, err
}

func firmQuiet(here *web.Here, q notice.Quiet) string {
	if q.Never() {
		return here.Say("As usual here: no quiet hours")
	}
	return here.Say("As usual here: %s to %s", clock(q.From), clock(q.Until))
}

// sections are the kinds by module, of modules that are open to the viewer.
func (p pages) sections(r *web.Request, all []notice.Chosen) ([]section, error) {
	var list []section
	for _, m := range p.Catalog().Modules {
		one := section{Title: m.Title}
		for _, k := range all {
			if k.Section() == m.ID {
				one.Kinds = append(one.Kinds, k)
			}
		}
		if len(one.Kinds) == 0 {
			continue
		}
		open, err := p.Catalog().Sees(r.Context(), r.Tx(), r.Viewer(), m.ID, []uuid.UUID{uuid.Nil})
		if err != nil {
			return nil, err
		}
		if len(open) > 0 {
			list = append(list, one)
		}
	}
	return list, nil
}

// wanted reads the choices of the page; those that are not on it stay.
func wanted(r *web.Request, kinds notice.Kinds) map[string]notice.Ways {
	all := map[string]notice.Ways{}
	shown := map[string]bool{}
	for _, id := range r.Values("kind") {
		shown[id] = true
	}
	for _, k := range kinds {
		w := notice.Ways{Mail: notice.Way(r.Value("mail-" + k.ID)), Bell: r.Value("bell-"+k.ID) == "1", Push: r.Value("push-"+k.ID) == "1"}
		if k.Legal && w.Mail == "" { // the page has no field for it
			w.Mail, w.Bell = notice.Now, true
		}
		if shown[k.ID] {
			all[k.ID] = w
		}
	}
	return all
}

func (p pages) saveChoices(r *web.Request) error {
	if err := p.keepChoices(r); err != nil {
		view, drawn := p.choicesView(r)
		if drawn != nil {
			return drawn
		}
		view.Mails, view.Quiet, view.From, view.Until = post.Choice(r.Value("mails")), r.Value("quiet"), r.Value("quiet_from"), r.Value("quiet_until")
		typed(view.Sections, wanted(r, p.Notices.Kinds))
		return r.Again("notices/choices", view, err)
	}
	r.Toast("Saved.")
	return r.Go(r.Path("notices", "choices"))
}

// typed puts what was chosen back onto a page that is shown again.
func typed(sections []section, all map[string]notice.Ways) {
	for _, s := range sections {
		for i, k := range s.Kinds {
			if w, there := all[k.ID]; there {
				s.Kinds[i].Ways = w
			}
		}
	}
}

func (p pages) keepChoices(r *web.Request) error {
	v := r.Viewer()
	all := wanted(r, p.Notices.Kinds)
	if p.Notices.Push == nil { // the page has no column for it
		chosen, err := p.Notices.Choices(r.Context(), r.Tx(), v.FirmID(), v.PersonID, v.Side)
		if err != nil {
			return err
		}
		keepPush(all, chosen)
	}
	if mails := post.Choice(r.Value("mails")); mails != "" {
		if err := post.SetChoice(r.Context(), r.Tx(), v.FirmID(), v.PersonID, mails); err != nil {
			return err
		}
	}
	if err := p.Notices.Choose(r.Context(), r.Tx(), v.FirmID(), v.PersonID, all); err != nil {
		return err
	}
	quiet, err := quietIn(r)
	if err != nil {
		return err
	}
	return notice.SetQuiet(r.Context(), r.Tx(), v, quiet)
}

func keepPush(all map[string]notice.Ways, chosen []notice.Chosen) {
	for _, c := range chosen {
		if w, there := all[c.ID]; there {
			w.Push = c.Ways.Push
			all[c.ID] = w
		}
	}
}

func quietIn(r *web.Request) (*notice.Quiet, error) {
	switch r.Value("quiet") {
	case "firm", "":
		return nil, nil
	case "never":
		return &notice.Quiet{}, nil
	case "own":
		return times(r)
	}
	return nil, fault.Field("quiet", "Choose one from the list.")
}

func times(r *web.Request) (*notice.Quiet, error) {
	from, ok := minutes(r.Value("quiet_from"))
	if !ok {
		return nil, fault.Field("quiet_from", "Enter a time such as 21:00.")
	}
	until, ok := minutes(r.Value("quiet_until"))
	if !ok {
		return nil, fault.Field("quiet_until", "Enter a time such as 07:00.")
	}
	if from == until {
		return nil, fault.Field("quiet_until", "Enter another time than the first.")
	}
	return &notice.Quiet{From: from, Until: until}, nil
}

func minutes(text string) (int, bool) {
	at, err := time.Parse("15:04", strings.TrimSpace(text))
	return at.Hour()*60 + at.Minute(), err == nil
}

func clock(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }

func hourTitle(hour int) string { return onTheHour(hour).Format("3 PM") }

func onTheHour(hour int) time.Time { return time.Date(2000, 1, 1, hour, 0, 0, 0, time.UTC) }

// settings is what comes to everybody who has not chosen.
func (p pages) settings(r *web.Request) error {
	view, err := p.settingsView(r)
	if err != nil {
		return err
	}
	return r.Show("notices/choices", view)
}

func (p pages) settingsView(r *web.Request) (choicesView, error) {
	r.Title("Notifications")
	view := choicesView{
		Here: r.Here(), Options: mailOptions, Pushes: p.Notices.Push != nil, Settings: true, Action: r.Path("notices", "settings"),
		QuietOptions: []option{{"never", "Never: at any hour"}, {"own", "Between the times below"}},
	}
	for hour := range 24 {
		view.Hours = append(view.Hours, option{strconv.Itoa(hour), hourTitle(hour)})
	}
	hours, err := notice.HoursOf(r.Context(), r.Tx(), r.Viewer().FirmID())
	if err != nil {
		return view, err
	}
	quiet := hours.Quiet
	view.Digest, view.Quiet = strconv.Itoa(hours.Digest), "own"
	if quiet.Never() {
		view.Quiet, quiet = "never", notice.Quiet{From: 21 * 60, Until: 7 * 60}
	}
	view.From, view.Until = clock(quiet.From), clock(quiet.Until)
	if view.Sections, err = p.usual(r, auth.Portal, nil); err != nil {
		return view, err
	}
	view.Others, err = p.usual(r, auth.Office, view.Sections)
	return view, err
}

// usual are the kinds of one side that are not listed yet.
func (p pages) usual(r *web.Request, side auth.Side, listed []section) ([]section, error) {
	all, err := p.Notices.Choices(r.Context(), r.Tx(), r.Viewer().FirmID(), uuid.Nil, side)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, s := range listed {
		for _, k := range s.Kinds {
			seen[k.ID] = true
		}
	}
	var list []section
	for _, m := range p.Catalog().Modules {
		one := section{Title: m.Title}
		for _, k := range all {
			if k.Section() == m.ID && !seen[k.ID] {
				one.Kinds = append(one.Kinds, k)
			}
		}
		if len(one.Kinds) > 0 {
			list = append(list, one)
		}
	}
	return list, nil
}

func (p pages) saveSettings(r *web.Request) error {
	if err := p.keepSettings(r); err != nil {
		view, drawn := p.settingsView(r)
		if drawn != nil {
			return drawn
		}
		view.Digest, view.Quiet, view.From, view.Until = r.Value("digest"), r.Value("quiet"), r.Value("quiet_from"), r.Value("quiet_until")
		typed(view.Sections, wanted(r, p.Notices.Kinds))
		typed(view.Others, wanted(r, p.Notices.Kinds))
		return r.Again("notices/choices", view, err)
	}
	r.Toast("Saved.")
	return r.Go(r.Path("notices", "settings"))
}

func (p pages) keepSettings(r *web.Request) error {
	digest, err := strconv.Atoi(r.Value("digest"))
	if err != nil {
		return fault.Field("digest", "Choose an hour from the list.")
	}
	quiet, err := quietIn(r)
	if err != nil {
		return err
	}
	if quiet == nil {
		quiet = &notice.Quiet{}
	}
	all := wanted(r, p.Notices.Kinds)
	if p.Notices.Push == nil {
		for _, side := range []auth.Side{auth.Portal, auth.Office} {
			chosen, err := p.Notices.Choices(r.Context(), r.Tx(), r.Viewer().FirmID(), uuid.Nil, side)
			if err != nil {
				return err
			}
			keepPush(all, chosen)
		}
	}
	return p.Notices.Set(r.Context(), r.Tx(), r.Viewer(), all, notice.Hours{Digest: digest, Quiet: *quiet})
}
