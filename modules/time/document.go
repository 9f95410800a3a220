package time

import (
	"strings"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/brand"
	"portico/platform/paper"
	"portico/platform/web"
)

// mostOnPaper is how many rows a document holds; with more it has the sums alone, and says so.
const mostOnPaper = 3000

// document is what the client sees as a PDF: all of it, or one month of a project.
func (p portal) document(r *web.Request) error {
	ctx, tx, v, here := r.Context(), r.Tx(), r.Viewer(), r.Here()
	project, month := spanIn(r)
	s := newShelf(here, v)
	if err := s.fill(ctx, tx, v, project, month, mostOnPaper); err != nil {
		return err
	}
	story := paper.Story{
		Lang: here.Reader().Code, Title: here.Say("Time and expenses"), Sub: v.ClientName, Color: brand.Of(r.Firm().BrandColor).Light.Brand, From: letterhead(r.Firm()),
		Page: here.Say("Page"), Made: r.Now(),
	}
	story.Logo, story.LogoKind = p.Files.Logo(ctx, r.Firm().ID, r.Firm().LogoID)
	story.Parts = append(story.Parts, paper.Part{Kind: paper.Small, Spans: paper.Say(here.Say("As of %s.", today(r)))})
	list := s.list()
	for _, j := range list {
		story.Parts = append(story.Parts, jobOnPaper(here, j)...)
	}
	if len(list) == 0 {
		story.Parts = append(story.Parts, paper.Part{Kind: paper.Text, Spans: paper.Say(here.Say("There is nothing to show yet."))})
	}
	if project == uuid.Nil {
		bs, err := budgets(ctx, tx, v, openIn(v, budget))
		if err != nil {
			return err
		}
		story.Parts = append(story.Parts, budgetsOnPaper(here, bs)...)
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

func budgetsOnPaper(here *web.Here, list []Budget) (parts []paper.Part) {
	if len(list) == 0 {
		return nil
	}
	grid := paper.Part{Kind: paper.Grid, Columns: []paper.Column{
		{Title: here.Say("Hours agreed")}, {Title: here.Say("Agreed"), Right: true, Width: 28}, {Title: here.Say("Used"), Right: true, Width: 28}, {Title: here.Say("Invoiced"), Right: true, Width: 28}, {Title: here.Say("Left"), Right: true, Width: 28},
	}}
	for _, b := range list {
		grid.Rows = append(grid.Rows, []string{b.Name, b.AgreedText(), b.UsedText(), b.InvoicedText(), b.LeftText()})
	}
	return []paper.Part{{Kind: paper.Head, Level: 2, Spans: paper.Say(here.Say("Hours budget"))}, grid}
}

// jobOnPaper is a project: each month a table of its tasks with their entries and sums.
func jobOnPaper(here *web.Here, j *jobShown) (parts []paper.Part) {
	parts = append(parts, paper.Part{Kind: paper.Head, Level: 2, Spans: paper.Say(j.Name)})
	var sums []paper.Pair
	for _, m := range j.Months {
		parts = append(parts, paper.Part{Kind: paper.Head, Level: 3, Spans: paper.Say(m.Title)})
		if len(m.Tasks) > 0 {
			parts = append(parts, timeOnPaper(here, m))
		}
		if len(m.Expenses) > 0 {
			parts = append(parts, expensesOnPaper(here, m))
		}
	}
	if j.Times {
		sums = append(sums, paper.Pair{Name: here.Say("Hours"), Value: j.Sum(), Strong: true})
	}
	if len(j.Spent) > 0 {
		sums = append(sums, paper.Pair{Name: here.Say("Expenses"), Value: j.Spent.in(here), Strong: true})
	}
	return append(parts, paper.Part{Kind: paper.Pairs, Pairs: sums})
}

func timeOnPaper(here *web.Here, m *monthShown) paper.Part {
	grid := paper.Part{Kind: paper.Grid, Columns: []paper.Column{{Title: here.Say("Work")}, {Title: here.Say("Day"), Width: 36}, {Title: here.Say("State"), Width: 30}, {Title: here.Say("Hours"), Right: true, Width: 22}}}
	for _, t := range m.Tasks {
		for _, row := range t.Rows {
			text := t.What(here)
			if row.Person != "" {
				text += ", " + row.Person
			}
			if row.ClientNote != "" {
				text += ": " + row.ClientNote
			}
			grid.Rows = append(grid.Rows, []string{text, here.Reader().Day(row.WorkDate), here.Say(string(row.Mark().Text)), row.Hours()})
		}
		what := here.Say("Sum of %s", t.What(here))
		if !m.Complete {
			what = here.Count(t.Count, "Sum of %[2]s (%[1]s entry, not all of them listed)", "Sum of %[2]s (%[1]s entries, not all of them listed)", t.What(here))
		}
		grid.Rows = append(grid.Rows, []string{what, "", "", t.Sum()})
	}
	grid.Rows = append(grid.Rows, []string{here.Say("All of %s", m.Title), "", "", m.Sum()})
	return grid
}

func expensesOnPaper(here *web.Here, m *monthShown) paper.Part {
	grid := paper.Part{Kind: paper.Grid, Columns: []paper.Column{{Title: here.Say("Expense")}, {Title: here.Say("Day"), Width: 36}, {Title: here.Say("State"), Width: 30}, {Title: here.Say("Amount"), Right: true, Width: 28}}}
	for _, e := range m.Expenses {
		text := e.Category
		if e.ClientNote != "" {
			text += ": " + e.ClientNote
		}
		grid.Rows = append(grid.Rows, []string{text, here.Reader().Day(e.SpentOn), here.Say(string(e.shownExpense.Mark().Text)), here.Money(e.Charged())})
	}
	grid.Rows = append(grid.Rows, []string{here.Say("Expenses of %s", m.Title), "", "", m.SpentSum})
	return grid
}
