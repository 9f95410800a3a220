package search_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"portico/platform/search"
)

func TestNearWordsAreOneSlipAway(t *testing.T) {
	t.Parallel()
	for typed, meant := range map[string]string{
		"hendrson": "henderson", "hednerson": "henderson", "hendersson": "henderson", "hemderson": "henderson", "kichen": "kitchen", "tiels": "tiles", "invoic1": "invoice",
	} {
		if near := search.Near(typed); !slices.Contains(near, meant) {
			t.Errorf("%s is not near to %s", meant, typed)
		} else if n := len(near); n > 1000 {
			t.Errorf("%d words are near to %s", n, typed)
		}
	}
	if near := search.Near("abc"); near != nil {
		t.Errorf("a short word is near to %d", len(near))
	}
	if near := search.Near("größe"); !slices.Contains(near, "größ") {
		t.Error("letters of more bytes are cut")
	}
}

func TestCorrectionsKeepWhatIsKnown(t *testing.T) {
	t.Parallel()
	vocabulary := []string{"kitchen", "kitten", "tiles", "title", "henderson"}
	known := func(_ context.Context, words []string) (known []string, err error) {
		for _, word := range words {
			if slices.ContainsFunc(vocabulary, func(v string) bool { return strings.HasPrefix(v, word) }) {
				known = append(known, word)
			}
		}
		return known, nil
	}
	for _, c := range []struct{ typed, want string }{
		{"kichen", "kitchen"},
		{"kitchen tiels", "kitchen tiles"},
		{"kitchen", ""},        // there is nothing to mend
		{"kitchen zzzzzz", ""}, // and nothing to be had
		{"abc kitchan", ""},    // a short word that is not known
		{"henders kitchne", "henders kitchen"},
	} {
		got, err := search.Corrections(t.Context(), strings.Fields(c.typed), known)
		if err != nil {
			t.Fatal(err)
		}
		first := ""
		if len(got) > 0 {
			first = got[0]
		}
		if first != c.want {
			t.Errorf("%q: %q, want %q", c.typed, got, c.want)
		}
	}
}

func TestWhatWasTypedIsMarked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, typed, want string }{
		{"Kitchen for Nováková", "kit nova", "[Kit]chen for [Nová]ková"},
		{"INV-1042: Kitchen", "inv 1042", "[INV]-[1042]: Kitchen"},
		{"Straße 7", "strass", "[Straß]e 7"},
		{"Skitchen", "kit", "Skitchen"},
		{"", "kit", ""},
		{"<b>kit</b>", "kit b", "<[b]>[kit]</[b]>"},
		{"kitchen", "", "kitchen"},
	} {
		var got strings.Builder
		for _, piece := range search.Mark(c.text, search.Typed(c.typed)) {
			if piece.Hit {
				got.WriteString("[" + piece.Text + "]")
			} else {
				got.WriteString(piece.Text)
			}
		}
		if got.String() != c.want {
			t.Errorf("%q in %q: %s, want %s", c.typed, c.text, got.String(), c.want)
		}
	}
}
