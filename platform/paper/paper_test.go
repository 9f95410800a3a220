package paper_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"portico/platform/paper"
)

func sheet(rows int) paper.Sheet {
	s := paper.Sheet{
		Lang: "en-US", Title: "Invoice INV-1026", Sub: "Cabinets", Color: "#1f5c4d", From: []string{"Northgate Builders", "Austin, TX"},
		ToLabel: "For", To: []string{"Ana & Tom Rivera", "418 Maple Street"}, Page: "Page", Made: time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC),
		Facts:   []paper.Pair{{Name: "Due", Value: "Tue, Dec 8, 2026", Strong: true}},
		Columns: []paper.Column{{Title: "What"}, {Title: "Quantity", Right: true, Width: 20}, {Title: "Price", Right: true, Width: 30}, {Title: "Amount", Right: true, Width: 34}},
		Sums:    []paper.Pair{{Name: "Total", Value: "$98,765,432.10", Strong: true}},
		Words:   []string{"Thank you."},
	}
	for n := range rows {
		s.Rows = append(s.Rows, []string{fmt.Sprintf("Line %d with a text that is long enough to be broken once or twice before it ends, as people write them", n), "1.5", "$1,234.50", "$1,851.75"})
	}
	return s
}

func TestTheSameSheetIsTheSameDocument(t *testing.T) {
	t.Parallel()
	a, err := paper.Draw(sheet(60))
	if err != nil {
		t.Fatal(err)
	}
	b, err := paper.Draw(sheet(60))
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("two drawings differ (%v)", err)
	}
	if !bytes.HasPrefix(a, []byte("%PDF-")) || len(a) > 200<<10 {
		t.Errorf("%d bytes", len(a))
	}
}

// A logo that cannot be read is left out; the rest is drawn.
func TestABrokenLogoIsLeftOut(t *testing.T) {
	t.Parallel()
	s := sheet(1)
	s.Logo, s.LogoKind = []byte("no picture"), "PNG"
	if body, err := paper.Draw(s); err != nil || len(body) < 1000 {
		t.Errorf("%d bytes, %v", len(body), err)
	}
}

func BenchmarkDraw(b *testing.B) {
	s := sheet(20)
	for b.Loop() {
		if _, err := paper.Draw(s); err != nil {
			b.Fatal(err)
		}
	}
}
