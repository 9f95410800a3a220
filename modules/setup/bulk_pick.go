package setup

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/web"
)

const (
	pickRows = 50
	pickMost = 1000 // matches up to which a page counts
	ticksMax = 1000 // ids that one address may carry
)

// pickingFrom reads how clients are chosen, from the address or from a form.
func pickingFrom(value func(string) string, ids []string) picking {
	p := picking{All: value("all") != "", Query: value("q")}
	if kind := value("kind"); kind == "household" || kind == "company" {
		p.Kind = kind
	}
	if portal := value("portal"); portal == "on" || portal == "off" {
		p.Portal = portal
	}
	for _, text := range ids {
		if id, err := uuid.Parse(text); err == nil && !slices.Contains(p.IDs, id) && len(p.IDs) < ticksMax {
			p.IDs = append(p.IDs, id)
		}
	}
	return p
}

// values are the picking as an address carries it.
func (p picking) values() url.Values {
	q := url.Values{}
	set := func(name, value string) {
		if value != "" {
			q.Set(name, value)
		}
	}
	if p.All {
		q.Set("all", "1")
		set("q", p.Query)
		set("kind", p.Kind)
		set("portal", p.Portal)
		return q
	}
	for _, id := range p.IDs {
		q.Add("id", id.String())
	}
	return q
}

// field is one hidden value of a form.
type hidden struct{ Name, Value string }

func (p picking) hidden() []hidden {
	var all []hidden
	values := p.values()
	for _, name := range []string{"all", "q", "kind", "portal", "id"} {
		for _, value := range values[name] {
			all = append(all, hidden{name, value})
		}
	}
	return all
}

type pickView struct {
	*web.Here
	Trail      []web.NavItem
	Query      string
	Kind       string
	Portal     string
	Rows       []pickRow
	Count      int
	More       bool // there are more than Count
	AllHref    string
	Prev, Next string
	Narrowed   bool
}

// pick is where the clients of a change are chosen: by tick, or all that match.
func (o office) pick(r *web.Request) error {
	p := pickingFrom(r.Query, nil)
	p.All = true
	rows, err := pickable(r.Context(), r.Tx(), r.Viewer(), p, placeAfter(r.Query("after")), pickRows+1)
	if err != nil {
		return err
	}
	n, err := countMeant(r.Context(), r.Tx(), r.Viewer(), p, pickMost+1)
	if err != nil {
		return err
	}
	r.Title("Choose clients")
	view := pickView{
		Here: r.Here(), Trail: append(o.trail(r), web.NavItem{Title: "Change many clients", Href: r.Path("setup", "bulk")}),
		Query: p.Query, Kind: p.Kind, Portal: p.Portal, Rows: rows, Count: min(n, pickMost), More: n > pickMost,
		AllHref: r.Path("setup", "bulk", "new") + "?" + p.values().Encode(), Narrowed: p.Query != "" || p.Kind != "" || p.Portal != "",
	}
	if len(rows) > pickRows {
		view.Rows = rows[:pickRows]
		last := rows[pickRows-1]
		view.Next = r.Here().With("after", afterText(last))
	}
	if r.Query("after") != "" {
		view.Prev = r.Here().With("after", "")
	}
	return r.Show("setup/bulk_pick", view)
}

func afterText(row pickRow) string {
	return base64.RawURLEncoding.EncodeToString(append(row.ID[:], row.SortName...))
}

// placeAfter reads what afterText wrote; anything else is the start of the list.
func placeAfter(text string) pickRow {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < 16 || !utf8.Valid(raw[16:]) || strings.ContainsRune(string(raw[16:]), 0) {
		return pickRow{}
	}
	return pickRow{ID: uuid.UUID(raw[:16]), SortName: string(raw[16:])}
}
