package time_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"portico/platform/files/pdftext"
	"portico/platform/portaltest"
)

// told is what a client is told of hours and expenses, whichever way.
type told struct{ Entries, Minutes, Expenses, Cents int }

// onPaper tests the document that a client takes along: what it adds up equals its own rows, the page and the tables, and
// it says nothing of an area that is off.
func onPaper(t *testing.T, site *portaltest.Site) {
	ana := site.As("ana").For(t)
	all := []string{"unbilled_time", "billed_time", "finalised_time", "unbilled_expenses", "billed_expenses", "receipts", "notes", "budget"}
	seen := map[string]bool{}
	for n := range len(all) + 2 { // each area alone, then all of them, then none
		var on []string
		switch {
		case n < len(all):
			on = all[n : n+1]
		case n == len(all):
			on = all
		}
		switches(t, site, on...)
		lines := paperOf(t, ana, "/portal/all/time/document")
		paper := addedUp(t, on, lines)
		if table := tabled(t, ana, ""); paper != table {
			t.Errorf("%v: the document tells %+v, the tables %+v", on, paper, table)
		}
		samePage(t, ana.Open("/portal/all/time").Text(), on, lines)
		saysOnly(t, on, lines)
		if paper.Entries > 0 || paper.Expenses > 0 {
			seen[strings.Join(on, " ")] = true
		}
	}
	for _, area := range all[:5] {
		if !seen[area] {
			t.Errorf("%s alone: nothing was compared", area)
		}
	}
	// and so does the document of one month
	switches(t, site, all...)
	maple := project(t, site, "maple-street")
	of := one[string](t, site, "select to_char(max(work_date), 'YYYY-MM') from time.entry where project_id = ? and state = 'finalised'", maple)
	span := "?project=" + maple + "&month=" + of
	lines := paperOf(t, ana, "/portal/all/time/document"+span)
	month, table := addedUp(t, all, lines), tabled(t, ana, span)
	if month != table || month.Entries == 0 || month.Expenses == 0 {
		t.Errorf("the document of %s tells %+v, the tables %+v", of, month, table)
	}
	if slices.Contains(lines, "Hours budget") {
		t.Error("the hours agreed for all of it stand on the document of a month")
	}
}

// paperOf are the lines of a document, as a reader of PDFs finds them: each field of a table is one.
func paperOf(t *testing.T, b *portaltest.Browser, path string) (lines []string) {
	t.Helper()
	a := b.Get(path)
	if a.Status != 200 {
		t.Fatalf("%s: %d", path, a.Status)
	}
	name := filepath.Join(t.TempDir(), "time.pdf")
	if err := os.WriteFile(name, a.Body, 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := pdftext.Read(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(text.Words) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

var (
	clockForm = regexp.MustCompile(`^\d+:\d\d$`)
	moneyForm = regexp.MustCompile(`^\$[\d,]+\.\d\d$`)
)

// addedUp compares each sum of a document with what stands above it, and answers all of it.
func addedUp(t *testing.T, on, lines []string) (all told) {
	t.Helper()
	var task, month, job told
	equal := func(what string, said, is int) {
		t.Helper()
		if said != is {
			t.Errorf("%v: %q is %d on paper, over rows of %d", on, what, said, is)
		}
	}
	for n, line := range lines[:max(0, len(lines)-1)] {
		next := lines[n+1]
		hours, money := clockForm.MatchString(next), moneyForm.MatchString(next)
		isState := line == "Not billed yet" || line == "Billed" || line == "Finalised"
		switch {
		case isState && hours:
			task.Entries, task.Minutes = task.Entries+1, task.Minutes+minutesOf(t, next)
		case isState && money:
			month.Expenses, month.Cents = month.Expenses+1, month.Cents+centsOf(t, next)
		case isState:
			t.Errorf("%v: a row of %q ends with %q", on, line, next)
		case strings.HasPrefix(line, "Sum of ") && hours:
			equal(line, minutesOf(t, next), task.Minutes)
			month.Entries, month.Minutes = month.Entries+task.Entries, month.Minutes+task.Minutes
			task = told{}
		case strings.HasPrefix(line, "All of ") && hours:
			equal(line, minutesOf(t, next), month.Minutes)
			job.Entries, job.Minutes = job.Entries+month.Entries, job.Minutes+month.Minutes
			month = told{}
		case strings.HasPrefix(line, "Expenses of ") && money:
			equal(line, centsOf(t, next), month.Cents)
			job.Expenses, job.Cents = job.Expenses+month.Expenses, job.Cents+month.Cents
			month = told{}
		case line == "Hours" && hours:
			equal("the hours of a project", minutesOf(t, next), job.Minutes)
			all.Entries, all.Minutes = all.Entries+job.Entries, all.Minutes+job.Minutes
			job.Entries, job.Minutes = 0, 0
		case line == "Expenses" && money:
			equal("the expenses of a project", centsOf(t, next), job.Cents)
			all.Expenses, all.Cents = all.Expenses+job.Expenses, all.Cents+job.Cents
			job.Expenses, job.Cents = 0, 0
		}
	}
	if left := (told{}); task != left || month != left || job != left {
		t.Errorf("%v: rows without a sum: %+v %+v %+v", on, task, month, job)
	}
	return all
}

// tabled adds up what the tables tell.
func tabled(t *testing.T, b *portaltest.Browser, span string) (all told) {
	t.Helper()
	for _, row := range rowsOf(t, b, "/portal/all/time/hours.csv"+span) {
		all.Entries, all.Minutes = all.Entries+1, all.Minutes+minutesOf(t, row[5])
	}
	for _, row := range rowsOf(t, b, "/portal/all/time/expenses.csv"+span) {
		if row[5] != "USD" {
			t.Fatalf("the demo has an expense in %s", row[5])
		}
		all.Expenses, all.Cents = all.Expenses+1, all.Cents+centsOf(t, row[4])
	}
	return all
}

// rowsOf are the rows of a table below its head; none where the client has no such table.
func rowsOf(t *testing.T, b *portaltest.Browser, path string) [][]string {
	t.Helper()
	a := b.Get(path)
	if a.Status == 404 {
		return nil
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(a.Body), "\ufeff"))).ReadAll()
	if err != nil || len(rows) == 0 {
		t.Fatalf("%s: %v, %d rows", path, err, len(rows))
	}
	return rows[1:]
}

// samePage finds the sums of each project and month of the document on the page again.
func samePage(t *testing.T, page string, on, lines []string) {
	t.Helper()
	whole := 0
	for n, line := range lines[:max(0, len(lines)-1)] {
		next, say := lines[n+1], ""
		switch {
		case line == "Hours" && clockForm.MatchString(next):
			say, whole = next+" hours", whole+minutesOf(t, next)
		case strings.HasPrefix(line, "All of ") && clockForm.MatchString(next):
			say = next + " h"
		case strings.HasPrefix(line, "Expenses of "):
			say = next
		}
		if !strings.Contains(page, say) {
			t.Errorf("%v: %q is %s on paper, and not on the page", on, line, next)
		}
	}
	if say := fmt.Sprintf("%d:%02d hours in all", whole/60, whole%60); whole > 0 && !strings.Contains(page, say) {
		t.Errorf("%v: the document has %s, the page not", on, say)
	}
}

// saysOnly looks for words of an area that is off.
func saysOnly(t *testing.T, on, lines []string) {
	t.Helper()
	some := func(areas ...string) bool {
		return slices.ContainsFunc(areas, func(area string) bool { return slices.Contains(on, area) })
	}
	text := strings.Join(lines, "\n") + "\n"
	for word, may := range map[string]bool{
		"Not billed yet\n": some("unbilled_time", "unbilled_expenses"),
		"\nBilled\n":       some("billed_time", "billed_expenses"),
		"Finalised\n":      some("finalised_time", "billed_expenses"),
		"Sum of ":          some("unbilled_time", "billed_time", "finalised_time"),
		"All of ":          some("unbilled_time", "billed_time", "finalised_time"),
		"Expenses of ":     some("unbilled_expenses", "billed_expenses"),
		"$":                some("unbilled_expenses", "billed_expenses"),
		"Hours budget":     some("budget"),
		"Agreed":           some("budget"),
		"SECRETVENDOR":     false,
		"Keep an eye":      false, // a note for staff
		"Diego Santos":     false, // the firm does not say who worked
	} {
		if strings.Contains(text, word) && !may {
			t.Errorf("%v: the document says %q", on, word)
		}
	}
	nothing := !some("unbilled_time", "billed_time", "finalised_time", "unbilled_expenses", "billed_expenses")
	if is := strings.Contains(text, "There is nothing to show yet."); is != nothing {
		t.Errorf("%v: the document says that there is nothing: %v", on, is)
	}
}
