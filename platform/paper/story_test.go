package paper_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"portico/platform/paper"
)

// TestAStoryIsReadAsItWasWritten in any script, over many pages, in all kinds of parts.
func TestAStoryIsReadAsItWasWritten(t *testing.T) {
	for script, name := range names {
		s := paper.Story{Lang: "en-US", Title: "Contract", From: []string{name}, Color: "#1f5c4d", Page: "Page", Made: time.Unix(0, 0)}
		for range 12 {
			s.Parts = append(s.Parts,
				paper.Part{Kind: paper.Head, Level: 2, Spans: paper.Say(name)},
				paper.Part{Kind: paper.Text, Spans: []paper.Span{{Text: "Between "}, {Text: name, Bold: true}, {Text: " and "}, {Text: strings.Repeat(name+" ", 9), Italic: true}}},
				paper.Part{Kind: paper.Item, Mark: "•", Spans: paper.Say(name)},
				paper.Part{Kind: paper.Item, Mark: "1.", Level: 1, Spans: paper.Say(strings.Repeat("x", 300))},
				paper.Part{Kind: paper.Grid, Columns: []paper.Column{{Title: "Who"}, {Title: "What"}}, Rows: [][]string{{name, strings.Repeat("word ", 40)}}},
				paper.Part{Kind: paper.Pairs, Pairs: []paper.Pair{{Name: "Name", Value: name}}},
			)
		}
		body, err := paper.Tell(s)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := paper.Tell(s); !bytes.Equal(body, again) {
			t.Errorf("%s: two drawings differ", script)
		}
		text := strings.Join(strings.Fields(extracted(t, body)), " ")
		if n := strings.Count(text, strings.Fields(name)[0]); n < 12*12 {
			t.Errorf("%s: %d of its first words are left", script, n)
		}
		if n := strings.Count(strings.ReplaceAll(text, " ", ""), "x"); n < 12*300 {
			t.Errorf("%s: a word that is wider than the page is cut off: %d letters", script, n)
		}
	}
}
