package time

import (
	"strings"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/brand"
	"portico/platform/paper"
	"portico/platform/view"
	"portico/platform/web"
)

// mostOnPaper is how many rows a document holds; with more it has the sums alone, and says so.
const mostOnPaper = 3000

// document is what the client sees as a PDF: all of it, or one month of a project.
func (p portal) document(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	project, month := spanIn(r)
	s := newShelf(r.Here(), v)
	if err := s.fill(ctx, tx, v, project, month, mostOnPaper); err != nil {
		return err
	}
	story := paper.Story{
		Lang: r.Here().Locale(), Title: "Time and expenses", Sub: v.ClientName, Color: brand.Of(r.Firm().BrandColor).Light.Brand, From: letterhead(r.Firm()),
		Page: "Page", Made: r.Now(),
	}
	story.Logo, story.LogoKind = p.Files.Logo(ctx, r.Firm().ID, r.Firm().LogoID)
	story.Parts = append(story.Parts, paper.Part{Kind: paper.Small, Spans: paper.Say("As of " + view.Day(today(r)) + ".")})
	list := s.list()
	for _, j := range list {
		story.Parts = append(story.Parts, jobOnPaper(r, j)...)
	}
	if len(list) == 0 {
		story.Parts = append(story.Parts, paper.Part{Kind: paper.Text, Spans: paper.Say("There is nothing to show yet.")})
	}
	if project == uuid.Nil {
		bs, err := budgets(ctx, tx, v, openIn(v, budget))
		if err != nil {
			return err
		}
		story.Parts = append(story.Parts, budgetsOnPaper(bs)...)
	}
	body, err := paper.Tell(story)
	if err != nil {
		return err
	}
	return r.Download("time.pdf", "application/pdf", body)
}

func letterhead(f auth.Firm) (lines []string) {
	for _, line := range append([]string{f.Name}, append(strings.Split(f.Address, "\n"), f.Phone, f.Email)...) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func budgetsOnPaper(list []Budget) (parts []paper.Part) {
	if len(list) == 0 {
		return nil
	}
	grid := paper.Part{Kind: paper.Grid, Columns: []paper.Column{
		{Title: "Hours agreed"}, {Title: "Agreed", Right: true, Width: 28}, {Title: "Used", Right: true, Width: 28}, {Title: "Invoiced", Right: true, Width: 28}, {Title: "Left", Right: true, Width: 28},
	}}
	for _, b := range list {
		grid.Rows = append(grid.Rows, []string{b.Name, b.AgreedText(), b.UsedText(), b.InvoicedText(), b.LeftText()})
	}
	return []paper.Part{{Kind: paper.Head, Level: 2, Spans: paper.Say("Hours budget")}, grid}
}

// jobOnPaper is a project: each month a table of its tasks with their entries and sums.
func jobOnPaper(r *web.Request, j *jobShown) (parts []paper.Part) {
	parts = append(parts, paper.Part{Kind: paper.Head, Level: 2, Spans: paper.Say(j.Name)})
	var sums []paper.Pair
	for _, m := range j.Months {
		parts = append(parts, paper.Part{Kind: paper.Head, Level: 3, Spans: paper.Say(m.Title)})
		if len(m.Tasks) > 0 {
			parts = append(parts, timeOnPaper(m))
		}
		if len(m.Expenses) > 0 {
			parts = append(parts, expensesOnPaper(r, m))
		}
	}
	if j.Times {
		sums = append(sums, paper.Pair{Name: "Hours", Value: j.Sum(), Strong: true})
	}
	if len(j.Spent) > 0 {
		sums = append(sums, paper.Pair{Name: "Expenses", Value: j.Spent.in(r.Here()), Strong: true})
	}
	return append(parts, paper.Part{Kind: paper.Pairs, Pairs: sums})
}

func timeOnPaper(m *monthShown) paper.Part {
	grid := paper.Part{Kind: paper.Grid, Columns: []paper.Column{{Title: "Work"}, {Title: "Day", Width: 36}, {Title: "State", Width: 30}, {Title: "Hours", Right: true, Width: 22}}}
	for _, t := range m.Tasks {
		for _, row := range t.Rows {
			text := t.What()
			if row.Person != "" {
				text += ", " + row.Person
			}
			if row.ClientNote != "" {
				text += ": " + row.ClientNote
			}
			grid.Rows = append(grid.Rows, []string{text, view.Day(row.WorkDate), row.Mark().Text, row.Hours()})
		}
		what := "Sum of " + t.What()
		if !m.Complete {
			what += " (" + counted(t.Count, "entry", "entries") + ", not all of them listed)"
		}
		grid.Rows = append(grid.Rows, []string{what, "", "", t.Sum()})
	}
	grid.Rows = append(grid.Rows, []string{"All of " + m.Title, "", "", m.Sum()})
	return grid
}

func expensesOnPaper(r *web.Request, m *monthShown) paper.Part {
	grid := paper.Part{Kind: paper.Grid, Columns: []paper.Column{{Title: "Expense"}, {Title: "Day", Width: 36}, {Title: "State", Width: 30}, {Title: "Amount", Right: true, Width: 28}}}
	for _, e := range m.Expenses {
		text := e.Category
		if e.ClientNote != "" {
			text += ": " + e.ClientNote
		}
		grid.Rows = append(grid.Rows, []string{text, view.Day(e.SpentOn), e.shownExpense.Mark().Text, r.Here().Money(e.Charged())})
	}
	grid.Rows = append(grid.Rows, []string{"Expenses of " + m.Title, "", "", m.SpentSum})
	return grid
}
