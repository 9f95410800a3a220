package dashboard_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/uptrace/bun"

	"portico/modules/dashboard"
	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/portaltest"
	"portico/platform/search"
	"portico/platform/web"
)

// rough is a section whose cards do what cards must never do, one each; and some that behave.
type rough struct {
	cards   []module.Card
	waiting func(context.Context, bun.Tx, auth.Viewer) ([]module.Todo, error)
	search  func(context.Context, bun.Tx, auth.Viewer, string, int) ([]search.Hit, error)
}

var (
	seeRough   = access.Client("rough:see", "")
	workRough  = access.Staff("rough:work", access.Member)
	ownRough   = access.Staff("rough:own", access.Owner)
	roughViews = fstest.MapFS{
		"views/_word.html":   {Data: []byte(`<p>{{.}}</p>`)},
		"views/_broken.html": {Data: []byte(`<p>half of it {{.Missing.Thing}}</p>`)},
	}
)

func (r rough) module() module.Module {
	return module.Module{
		ID: "rough", Title: "Rough", Icon: "zap", Summary: "For tests.", Toggle: module.Always, Views: roughViews,
		OfficeNav: []module.Nav{
			{Title: "Rough work", Icon: "zap", Who: workRough, Order: 500},
			{Title: "Rough ledger", Path: "ledger", Icon: "zap", Who: ownRough, Order: 510},
		},
		Mount: func(module.Platform) (module.Section, error) {
			return module.Section{Cards: r.cards, Waiting: r.waiting, Search: r.search}, nil
		},
	}
}

func word(text string) func(*web.Request) (web.Part, bool, error) {
	return func(*web.Request) (web.Part, bool, error) { return web.Draw("rough/_word", text), true, nil }
}

func roughCards(side auth.Side, who access.Permission) []module.Card {
	cards := []module.Card{
		{ID: "rough:panics", Title: "It panics", Order: 1, Wide: true, Draw: func(*web.Request) (web.Part, bool, error) {
			var none *rough
			return web.Part{}, len(none.cards) > 0, nil
		}},
		{ID: "rough:sql", Title: "It errs in SQL", Order: 2, Draw: func(r *web.Request) (part web.Part, ok bool, err error) {
			_, err = r.Tx().NewRaw("select no_such_thing").Exec(r.Context())
			return part, true, err
		}},
		{ID: "rough:writes", Title: "It writes", Order: 3, Draw: func(r *web.Request) (part web.Part, ok bool, err error) {
			_, err = r.Tx().NewRaw("delete from project_member").Exec(r.Context())
			return part, true, err
		}},
		{ID: "rough:drawing", Title: "It breaks while it is drawn", Order: 4, Wide: true, Draw: func(*web.Request) (web.Part, bool, error) {
			return web.Draw("rough/_broken", struct{ Missing *rough }{}), true, nil
		}},
		{ID: "rough:unnamed", Title: "It names no view", Order: 5, Draw: func(*web.Request) (web.Part, bool, error) {
			return web.Draw("rough/_nowhere", nil), true, nil
		}},
		{ID: "rough:swallows", Title: "It swallows its error", Order: 6, Draw: func(r *web.Request) (web.Part, bool, error) {
			_, _ = r.Tx().NewRaw("select no_such_thing").Exec(r.Context())
			return web.Draw("rough/_word", "swallowed"), true, nil
		}},
		{ID: "rough:gone", Title: "It is not there", Order: 7, Draw: func(*web.Request) (web.Part, bool, error) {
			return web.Part{}, true, fault.NotFound()
		}},
		{ID: "rough:empty", Title: "It has nothing", Order: 8, Draw: func(*web.Request) (web.Part, bool, error) { return web.Part{}, false, nil }},
		{ID: "rough:good", Title: "It is fine", Order: 900, Draw: word("the good one stands")},
	}
	for i := range cards {
		cards[i].Side, cards[i].Who = side, who
	}
	return cards
}

func TestCardsThatBreakHarmNobody(t *testing.T) {
	site := portaltest.Open(t, dashboard.Module, rough{cards: append(roughCards(auth.Portal, seeRough), roughCards(auth.Office, workRough)...)}.module())
	for who, path := range map[string]string{"ana": "/portal/all", "ben": "/office"} {
		b := site.As(who).Open(path).Has(t, 200)
		b.Sees(t, "the good one stands", "It panics", "It errs in SQL", "It writes", "It breaks while it is drawn", "It names no view",
			"This part takes longer than usual", "swallowed", "Try again").
			SeesNot(t, "half of it", "It is not there", "It has nothing")
		if n := b.Count(".dash-late"); n != 5 {
			t.Errorf("%s: %d cards are late, not 5", who, n)
		}
	}
	site.As("ana").Open("/portal/all").Sees(t, "Cabinets are delivered on Thursday", "Nothing waits for you", "Maple Street garden")
	site.As("ben").Open("/office").Sees(t, "Your projects", "Recent activity")
}

func TestASlowCardIsLeftForLater(t *testing.T) {
	slow := func(name string, order int, draw func(*web.Request) error) module.Card {
		return module.Card{ID: "rough:" + name, Title: "Slow " + name, Side: auth.Portal, Who: seeRough, Order: order,
			Draw: func(r *web.Request) (web.Part, bool, error) {
				return web.Draw("rough/_word", "done at last"), true, draw(r)
			}}
	}
	query := func(seconds string, times int) func(*web.Request) error {
		return func(r *web.Request) error {
			for range times {
				if _, err := r.Tx().NewRaw("select pg_sleep(?::float)", seconds).Exec(r.Context()); err != nil {
					return err
				}
			}
			return nil
		}
	}
	waits := func(r *web.Request) error { <-r.Context().Done(); return r.Context().Err() }
	for name, card := range map[string]module.Card{
		"one statement":             slow("statement", 1, query("30", 1)),
		"many statements":           slow("statements", 1, query("0.4", 60)),
		"something else altogether": slow("wait", 1, waits),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			site := portaltest.Open(t, dashboard.Module, rough{cards: []module.Card{
				card, {ID: "rough:good", Title: "It is fine", Side: auth.Portal, Who: seeRough, Order: 2, Draw: word("the good one stands")},
			}}.module())
			began := time.Now()
			ana := site.As("ana").Open("/portal/all").Has(t, 200).Sees(t, card.Title, "This part takes longer than usual", "It is fine", "What comes next")
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("the page took %s", took)
			}
			if name != "many statements" { // which cost the connection: the rest fetches itself
				ana.Sees(t, "the good one stands", "Cabinets are delivered on Thursday")
			}
			// with scripts the rest comes by itself, whatever was lost
			site.As("ana").WithHTMX().Open("/portal/all").Sees(t, "the good one stands", "Cabinets are delivered on Thursday",
				"This part does not answer right now")
			// and without them each by its own address
			site.As("ana").Open("/portal/all/cards/rough:good").Has(t, 200).Sees(t, "the good one stands")
		})
	}
}

func TestACardIsFetchedByThoseWhoMaySeeIt(t *testing.T) {
	site := portaltest.Open(t, dashboard.Module, rough{cards: append(roughCards(auth.Portal, seeRough), roughCards(auth.Office, ownRough)...)}.module())
	ana := site.As("ana")
	ana.Open("/portal/all/cards/rough:good").Has(t, 200).Sees(t, "the good one stands", "Back to the start")
	ana.Open("/portal/maple-street/cards/dashboard:next").Sees(t, "Cabinets").SeesNot(t, "first plan")
	for _, path := range []string{"/portal/all/cards/rough:nothing", "/portal/all/cards/dashboard:recent", "/portal/orchard-lane/cards/dashboard:next", "/office/cards/rough:good"} {
		ana.Open(path).Has(t, 404)
	}
	if a := ana.Get("/portal/all/cards/rough:empty", "HX-Request", "true"); a.Status != 200 || strings.TrimSpace(string(a.Body)) != "" {
		t.Errorf("a card with nothing to show answers %d %q", a.Status, a.Body)
	}
	if a := ana.Get("/portal/all/cards/rough:panics", "HX-Request", "true"); a.Status != 200 || strings.Contains(string(a.Body), "hx-trigger") {
		t.Errorf("a card that broke again would ask for ever: %d %s", a.Status, a.Body)
	}
	site.As("ben").Open("/office/cards/rough:good").Has(t, 404)
	site.As("maria").Open("/office/cards/rough:good").Has(t, 200)
	site.Stranger().Open("/portal/all/cards/rough:good").SeesNot(t, "the good one stands")
}

func TestWhatWaitsComesFromAllSections(t *testing.T) {
	todos := []module.Todo{
		{Title: "Choose: kitchen tile", Detail: "Maple Street remodel", Href: "/portal/all/selections", Kind: "due", Due: day.New(2026, 12, 4)},
		{Title: "Answer a question", Href: "/portal/all/messages"},
		{Title: "Sign: change to your contract", Href: "/portal/all/documents", Kind: "sign", Icon: "pen-line", Due: day.New(2026, 12, 3)},
	}
	var fails error
	site := portaltest.Open(t, dashboard.Module, rough{waiting: func(context.Context, bun.Tx, auth.Viewer) ([]module.Todo, error) {
		return todos, fails
	}}.module())
	ana := site.As("ana")
	text := ana.Open("/portal/all").Sees(t, "Choose: kitchen tile", "Maple Street remodel · by Fri, Dec 4, 2026").SeesNot(t, "Nothing waits").Text()
	if sign, choose, answer := strings.Index(text, "Sign:"), strings.Index(text, "Choose:"), strings.Index(text, "Answer a"); sign > choose || choose > answer {
		t.Errorf("what is due first does not come first: %s", text)
	}
	todos, fails = nil, errors.New("the section is broken")
	ana.Open("/portal/all").Has(t, 200).Sees(t, "We could not look everywhere").SeesNot(t, "Nothing waits")
}

func TestThePaletteShowsOnlyWhatTheRoleMayOpen(t *testing.T) {
	site := portaltest.Open(t, dashboard.Module, rough{search: func(_ context.Context, _ bun.Tx, v auth.Viewer, query string, limit int) ([]search.Hit, error) {
		if query == "bang" {
			panic("bang")
		}
		hits := []search.Hit{{Title: "Hit for " + string(v.Role), Detail: query, Href: "/office/rough/1"}}
		for range 40 {
			hits = append(hits, search.Hit{Title: "another", Href: "/office/rough/2"})
		}
		return hits, nil
	}}.module())
	ben, maria := site.As("ben"), site.As("maria")
	ben.Open("/office/palette?q=rough").Sees(t, "Rough work", "Hit for member").SeesNot(t, "Rough ledger")
	maria.Open("/office/palette?q=rough").Sees(t, "Rough work", "Rough ledger", "Hit for owner")
	ben.Open("/office/palette").Sees(t, "Today", "Rough work").SeesNot(t, "Rough ledger", "Hit for")
	ben.Open("/office/palette?q=bang").Has(t, 200).Sees(t, "Not everything could be searched")
	part := ben.Get("/office/palette?q=rough", "HX-Request", "true", "HX-Target", "palette-list")
	if body := string(part.Body); part.Status != 200 || strings.Contains(body, "<html") || strings.Count(body, `role="option"`) > 20 || !strings.Contains(body, `href="/office/rough"`) {
		t.Errorf("the palette's script gets %d %s", part.Status, body)
	}
	site.As("ana").Open("/office/palette?q=rough").Has(t, 404)
	site.Stranger().Open("/office/palette?q=rough").SeesNot(t, "Rough")
}
