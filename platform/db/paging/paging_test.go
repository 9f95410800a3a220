package paging_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun/dialect/pgdialect"
	"github.com/uptrace/bun/schema"

	"portico/platform/db/paging"
)

func TestCursorsAreReadBackAndNonsenseIsTheStart(t *testing.T) {
	c := paging.Cursor{Key: "o'brien \u00a0ä", ID: uuid.New()}
	if got := paging.CursorOf(c.String()); got != c {
		t.Errorf("%+v", got)
	}
	for _, text := range []string{"", "x", "////", "%%%", "AAAA", strings.Repeat("A", 22), "_____________________________________w"} {
		if got := paging.CursorOf(text); !got.IsZero() {
			t.Errorf("%q: %+v", text, got)
		}
	}
}

func TestAPlaceIsTheStartWhenItsKeyIsOfAnotherSort(t *testing.T) {
	p := paging.PlaceOf("", paging.Cursor{Key: "word", ID: uuid.New()}.String())
	if got := p.If(func(key string) bool { return key == "word" }); got != p || !got.Back {
		t.Errorf("%+v", got)
	}
	if got := p.If(func(string) bool { return false }); got != (paging.Place{}) {
		t.Errorf("%+v", got)
	}
}

// Pages of a list that is read piece by piece, and of one that is known whole, meet in both directions.
func TestPagesMeet(t *testing.T) {
	ids := make([]uuid.UUID, 120)
	for i := range ids {
		ids[i] = uuid.New()
	}
	at := func(id uuid.UUID) paging.Cursor { return paging.Cursor{Key: "x", ID: id} }
	whole := func(from paging.Place) ([]uuid.UUID, paging.Turns) { return paging.Slice(ids, 50, from, at) }
	pieces := func(from paging.Place) ([]uuid.UUID, paging.Turns) {
		rest := slices.Clone(ids)
		if n := slices.Index(ids, from.At.ID); n >= 0 && from.Back {
			rest = slices.Clone(ids[:n])
		} else if n >= 0 {
			rest = rest[n+1:]
		}
		if from.Back {
			slices.Reverse(rest)
		}
		return paging.Cut(rest[:min(len(rest), 51)], 50, from, at)
	}
	for name, read := range map[string]func(paging.Place) ([]uuid.UUID, paging.Turns){"whole": whole, "pieces": pieces} {
		var forth []uuid.UUID
		rows, turns := read(paging.Place{})
		if turns.Prev != "" {
			t.Errorf("%s: there is nothing before the first page", name)
		}
		for forth = slices.Clone(rows); turns.Next != ""; {
			rows, turns = read(paging.PlaceOf(turns.Next, ""))
			forth = append(forth, rows...)
		}
		back := slices.Clone(rows)
		for turns.Prev != "" {
			rows, turns = read(paging.PlaceOf("", turns.Prev))
			back = append(slices.Clone(rows), back...)
		}
		if !slices.Equal(forth, ids) || !slices.Equal(back, ids) {
			t.Errorf("%s: %d forth and %d back of %d", name, len(forth), len(back), len(ids))
		}
	}
}

func TestSortsSayTheOrderAndWhatComesAfter(t *testing.T) {
	sorts := paging.Sorts{ID: "s.id", Columns: map[string]paging.Column{"": {By: "lower(s.title)"}, "due": {By: "s.due_on", Type: "date"}}}
	from := paging.Cursor{Key: "o'neill", ID: uuid.MustParse("0192d3a4-5b6c-7d8e-9f00-112233445566")}
	said := func(q schema.QueryAppender) string {
		b, err := q.AppendQuery(schema.NewQueryGen(pgdialect.New()), nil)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	for got, want := range map[string]string{
		said(sorts.By("-due", true)):                           "s.due_on desc, s.id desc",
		said(sorts.By("nonsense", false)):                      "lower(s.title) asc, s.id asc",
		said(paging.Sorts{ID: "s.id"}.By("title", true)):       "s.id desc",
		said(sorts.Beyond("due", false, paging.Cursor{})):      "true",
		said(sorts.Beyond("-due", true, from)):                 "(s.due_on, s.id) < ('o''neill'::date, '0192d3a4-5b6c-7d8e-9f00-112233445566')",
		said(sorts.Beyond("", false, from)):                    "(lower(s.title), s.id) > (lower('o''neill'), '0192d3a4-5b6c-7d8e-9f00-112233445566')",
		said(paging.Sorts{ID: "s.id"}.Beyond("", false, from)): "s.id > '0192d3a4-5b6c-7d8e-9f00-112233445566'",
	} {
		if got != want {
			t.Errorf("%s instead of %s", got, want)
		}
	}
	for sort, keys := range map[string][2]string{"": {"anything", ""}, "-due": {"2026-12-04", "soon"}, "at": {"2026-12-04T10:00:00.123Z", "2026-12-04"}, "sum": {"-12", "1.5"}} {
		fits := paging.Sorts{ID: "s.id", Columns: map[string]paging.Column{
			"due": {By: "s.due_on", Type: "date"}, "at": {By: "s.at", Type: "timestamptz"}, "sum": {By: "s.sum", Type: "bigint"},
		}}.Fits(sort)
		if !fits(keys[0]) || keys[1] != "" && fits(keys[1]) {
			t.Errorf("%q: %v", sort, keys)
		}
	}
}
