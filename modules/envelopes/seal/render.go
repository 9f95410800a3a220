package seal

import (
	"strings"
	"time"

	"portico/platform/markdown"
	"portico/platform/paper"
)

// Letterhead is the firm's, as on its invoices.
type Letterhead struct {
	Lang     string
	Color    string // #rrggbb
	Logo     []byte // PNG or JPEG
	LogoKind string // "PNG" or "JPG"
	From     []string
}

// Draft is a contract as text. Its placeholders are filled in already.
type Draft struct {
	Letterhead
	Title, Sub string
	Markdown   string
	Prices     *Prices      // where the text has a paragraph of PricesPlace; below the text when it has none
	Tail       []paper.Part // below everything: where people sign
	Page       string       // "Page"
	Made       time.Time
}

// PricesPlace is the paragraph that the price table takes the place of.
const PricesPlace = "{prices}"

// Prices is a table of what things cost, with sums, as on an invoice. The first column is the wide one.
type Prices struct {
	Columns []paper.Column
	Rows    [][]string
	Sums    []paper.Pair
}

// Render draws a contract. The same draft gives the same bytes.
func Render(d Draft) ([]byte, error) {
	parts := markdown.Story(d.Markdown)
	if d.Prices != nil {
		table := paper.Part{Kind: paper.Prices, Columns: d.Prices.Columns, Rows: d.Prices.Rows, Sums: d.Prices.Sums}
		placed := false
		for n, part := range parts {
			if part.Kind == paper.Text && len(part.Spans) == 1 && strings.TrimSpace(part.Spans[0].Text) == PricesPlace {
				parts[n], placed = table, true
				break
			}
		}
		if !placed {
			parts = append(parts, table)
		}
	}
	return paper.Tell(d.story(d.Title, d.Sub, append(parts, d.Tail...), d.Page, d.Made))
}

func (l Letterhead) story(title, sub string, parts []paper.Part, page string, made time.Time) paper.Story {
	return paper.Story{
		Lang: l.Lang, Title: title, Sub: sub, Color: l.Color, Logo: l.Logo, LogoKind: l.LogoKind, From: l.From, Parts: parts, Page: page, Made: made,
	}
}
