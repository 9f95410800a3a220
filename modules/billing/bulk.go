package billing

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

// mostAtOnce is how many invoices one press releases or mails.
const mostAtOnce = 10_000

// bulkRoutes are what is done with many invoices: they are shown first, and then it is done.
func bulkRoutes(o office) []web.Route {
	release, mail := web.Post("/releases", settle, o.releaseMany).Upto(2<<20), web.Post("/mailings", settle, o.mailMany).Upto(2<<20)
	release.Time, mail.Time = 28*time.Second, 28*time.Second
	return []web.Route{
		web.Get("/releases", settle, o.askReleases),
		release,
		web.Get("/mailings/new", settle, o.askMailing),
		mail,
		web.Get("/mailings/:mailing", settle, o.mailing),
	}
}

// bulk is what the list offers to do with many of its rows.
type bulk struct {
	Action, Button, Icon, None string
	All, AllText               string // with all that the filter finds, where they are more than the page shows
}

func bulkOf(r *web.Request, f filter, p page) bulk {
	var b bulk
	switch f.State {
	case "approved":
		b = bulk{Action: r.Path("billing", "releases"), Button: "Release ticked", Icon: "send", None: "Tick invoices to release them", AllText: "Release all "}
	case "owed", "overdue":
		b = bulk{Action: r.Path("billing", "mailings", "new"), Button: "Mail ticked again", Icon: "mail", None: "Tick invoices to mail them again", AllText: "Mail all "}
	default:
		return b
	}
	if p.Count <= len(p.IDs) {
		return b
	}
	q := url.Values{"all": {"1"}, "state": {f.State}}
	for name, value := range map[string]string{"q": f.Query, "client": idText(f.Client), "project": idText(f.Project)} {
		if value != "" {
			q.Set(name, value)
		}
	}
	b.All = b.Action + "?" + q.Encode()
	if p.More {
		b.AllText += "that are found"
	} else {
		b.AllText += grouped(p.Count)
	}
	return b
}

// chosen is one of many invoices, as it was seen.
type chosen struct {
	ID, ClientID uuid.UUID
	Version      int
	Number       string
	Title        string
	ClientName   string
	Currency     string
	Total        int64
}

// choosing is what was ticked, or the filter of which all are meant.
type choosing struct {
	All    bool
	Filter filter
	Ticks  []tick
	List   []chosen
	Seen   string // a print of what was shown, when all are meant
}

var errBulkMoved = fault.Conflict("These invoices have changed meanwhile. They are shown as they are now: please look again.")

// chosenBy reads which invoices are meant, in one of the states, from the address or from a form.
func (office) chosenBy(r *web.Request, one func(string) string, many func(string) []string, states ...string) (choosing, error) {
	c := choosing{All: one("all") == "1", Seen: one("seen")}
	f := filter{Query: one("q"), State: one("state"), Today: today(r.Firm(), r.Now())}
	f.Client, _ = uuid.Parse(one("client"))
	f.Project, _ = uuid.Parse(one("project"))
	if !c.All {
		var err error
		if c.Ticks, err = ticksOf(many("id")); err != nil || len(c.Ticks) > pageSize {
			return c, fault.BadRequest("Those invoices could not be read.")
		}
	}
	if !slices.Contains(states, f.State) {
		f.State = states[0]
	}
	c.Filter = f
	var err error
	if c.All {
		c.List, err = matching(r.Context(), r.Tx(), r.Viewer(), f, mostAtOnce)
		for _, i := range c.List {
			c.Ticks = append(c.Ticks, tick{i.ID, i.Version})
		}
		return c, err
	}
	if len(c.Ticks) > 0 {
		c.List, err = chosenAmong(r.Context(), r.Tx(), r.Viewer(), c.Ticks)
	}
	return c, err
}

// print says of invoices which they are, and as of when.
func (c choosing) print() string {
	h := sha256.New()
	for _, t := range c.Ticks {
		h.Write([]byte(t.String()))
	}
	return hex.EncodeToString(h.Sum(nil)[:12])
}

// hidden is what the form carries on.
func (c choosing) hidden() []choice {
	if !c.All {
		list := make([]choice, len(c.Ticks))
		for n, t := range c.Ticks {
			list[n] = choice{"id", t.String()}
		}
		return list
	}
	return []choice{{"all", "1"}, {"seen", c.print()}, {"state", c.Filter.State}, {"q", c.Filter.Query}, {"client", idText(c.Filter.Client)}, {"project", idText(c.Filter.Project)}}
}

// facts say how many, whose and how much.
func (c choosing) facts(here *web.Here) []fact {
	clients, sums, currencies := map[uuid.UUID]bool{}, map[string]int64{}, []string(nil)
	for _, i := range c.List {
		clients[i.ClientID] = true
		if _, known := sums[i.Currency]; !known {
			currencies = append(currencies, i.Currency)
		}
		sums[i.Currency] += i.Total
	}
	slices.Sort(currencies)
	list := []fact{{"Invoices", thousands(len(c.List))}, {"Clients", thousands(len(clients))}}
	for _, currency := range currencies {
		list = append(list, fact{"Amount", here.Money(money.Of(sums[currency], currency))})
	}
	for n, i := range c.List {
		if n == 5 && len(c.List) > 6 {
			list = append(list, fact{"and", thousands(len(c.List)-n) + " more"})
			break
		}
		name := i.Title
		if i.Number != "" {
			name = i.Number + ", " + i.Title
		}
		list = append(list, fact{name, i.ClientName + ", " + here.Money(money.Of(i.Total, i.Currency))})
	}
	return list
}

// thousands writes a whole number.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// mails are who gets one, by name as long as they are few.
func (c choosing) mails(r *web.Request, view *confirmView) error {
	ids := make([]uuid.UUID, len(c.List))
	for n, i := range c.List {
		ids[n] = i.ID
	}
	list, err := readersOf(r.Context(), r.Tx(), r.Firm().ID, ids, uuid.Nil)
	people, mails := map[string]bool{}, 0
	var words []string
	for _, to := range list {
		if !to.reads() {
			continue
		}
		mails++
		if !people[to.Email] {
			people[to.Email] = true
			words = append(words, to.Name+", "+to.Email)
		}
	}
	view.NoMail = "Nobody gets a mail: no contact of these clients is invited and may see invoices."
	switch {
	case mails > 0 && len(words) <= 8:
		view.Mails = words
	case mails > 0:
		view.NoMail = thousands(len(words)) + " people get " + thousands(mails) + " mails, one for each invoice that they may see."
	}
	return err
}

func (o office) askReleases(r *web.Request) error {
	c, err := o.chosenBy(r, r.Query, r.Queries, "approved")
	if err != nil {
		return err
	}
	if len(c.Ticks) == 0 {
		r.Warn("Nothing was ticked.")
		return r.Go(r.Path("billing") + "?state=approved")
	}
	view, err := o.releasing(r, c)
	if err != nil {
		return err
	}
	return r.Show("billing/confirm", view)
}

func (office) releasing(r *web.Request, c choosing) (confirmView, error) {
	title := "Release " + thousands(len(c.List)) + " invoices?"
	if len(c.List) == 1 {
		title = "Release this invoice?"
	}
	r.Title(title)
	view := confirmView{
		Here: r.Here(), Part: r.IsPart(), Title: title, Text: "The clients see them and owe them from then on. They get their numbers, and cannot be changed any more.",
		Facts: c.facts(r.Here()), Hidden: c.hidden(), Action: r.Path("billing", "releases"), Back: r.Path("billing") + "?state=approved",
		Do: "Release " + counted(len(c.List), false, "invoice", "invoices"), Icon: "send",
	}
	if len(c.List) > 999 {
		view.Do = "Release " + thousands(len(c.List)) + " invoices"
	}
	return view, c.mails(r, &view)
}

// releaseMany is for the ticked ones, or for all that a filter finds. Ticked ones that are not what was ticked any more
// stay, and their rows say so; of all that were shown none is released when any of them has changed.
func (o office) releaseMany(r *web.Request) error {
	c, err := o.chosenBy(r, r.Value, r.Values, "approved")
	if err != nil {
		return err
	}
	list := r.Path("billing") + "?state=approved"
	if len(c.Ticks) == 0 {
		r.Warn("Nothing was ticked.")
		return r.Go(list)
	}
	if c.All && c.Seen != c.print() {
		view, err := o.releasing(r, c)
		if err != nil {
			return err
		}
		return r.Again("billing/confirm", view, errBulkMoved)
	}
	done, err := o.releaseAll(r, c.Ticks)
	if err != nil {
		return err
	}
	if len(done) == 1 {
		r.Toast("1 invoice released. The client gets a mail.")
	} else if len(done) > 0 {
		r.Toast(thousands(len(done)) + " invoices released. The clients get mails.")
	}
	left := leftOf(c.Ticks, done)
	if len(left) == 0 {
		return r.Go(r.Path("billing") + "?state=owed")
	}
	r.Warn("Changed meanwhile and not released: " + counted(len(left), false, "invoice", "invoices") + ". Look again, then tick.")
	return r.Go(list + "&changed=" + strings.Join(left[:min(len(left), pageSize)], ","))
}
