package time

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/money"
	"portico/platform/web"
)

// jobShown is a project's time and expenses as a client sees them.
type jobShown struct {
	ID      uuid.UUID
	Name    string
	Months  []*monthShown
	Minutes int
	Spent   purse
	Times   bool // there are hours
}

// monthShown is a month of a project.
type monthShown struct {
	Month    int
	Title    string // November 2026
	Key      string // 2026-11
	Href     string
	Tasks    []*taskShown
	Minutes  int
	Count    int
	Complete bool // every row is here; else they are on a page of their own
	Expenses []expenseShown
	Spent    purse
	SpentSum string // in words
	Open     bool
}

// taskShown is a task of a month.
type taskShown struct {
	Task    string
	Minutes int
	Count   int
	Rows    []shownRow
}

// What names the task.
func (t taskShown) What(here *web.Here) string {
	if t.Task == "" {
		return here.Say(noTask)
	}
	return t.Task
}

// expenseShown is an expense with its receipt.
type expenseShown struct {
	shownExpense
	Receipt receipt
}

// The sums in words.
func (j jobShown) Sum() string   { return clock(j.Minutes) }
func (m monthShown) Sum() string { return clock(m.Minutes) }
func (t taskShown) Sum() string  { return clock(t.Minutes) }
func (r shownRow) Hours() string { return clock(r.Minutes) }

// purse is money in the currencies that it came in: a project may have had another one once.
type purse []money.Amount

func (p *purse) add(a money.Amount) {
	at := slices.IndexFunc(*p, func(one money.Amount) bool { return one.Currency == a.Currency })
	if at < 0 {
		*p = append(*p, a)
		return
	}
	(*p)[at] = (*p)[at].Add(a)
}

// in writes it, one currency after the other.
func (p purse) in(here *web.Here) string {
	all := make([]string, len(p))
	for n, a := range p {
		all[n] = here.Money(a)
	}
	return strings.Join(all, ", ")
}

// Charged is what the client pays for it.
func (e shownExpense) Charged() money.Amount { return money.Of(e.Price, e.Currency) }

// Mark is how far work has come, in a client's words.
func (r shownRow) Mark() mark     { return shownMark(r.State) }
func (e shownExpense) Mark() mark { return shownMark(e.State) }

func shownMark(s State) mark {
	switch s {
	case Invoiced:
		return mark{"ok", "Billed", "receipt"}
	case Finalised:
		return mark{"brand", "Finalised", "lock"}
	}
	return mark{"info", "Not billed yet", "clock"}
}

// monthKey writes a month as 2026-11, and monthTitle as November 2026, in the reader's language.
func monthKey(month int) string {
	n := strconv.Itoa(month%12 + 1)
	if len(n) < 2 {
		n = "0" + n
	}
	return strconv.Itoa(month/12) + "-" + n
}

func monthTitle(here *web.Here, month int) string {
	return here.Reader().Date(day.New(month/12, time.Month(month%12+1), 1), "January 2006")
}

// monthIn reads 2026-11.
func monthIn(text string) (month int, ok bool) {
	t, err := time.Parse("2006-01", text)
	if err != nil || t.Year() < 1900 || t.Year() > 2200 {
		return 0, false
	}
	return t.Year()*12 + int(t.Month()) - 1, true
}

// shelf gathers what a client sees: projects in the viewer's order, months the newest first, tasks by name.
type shelf struct {
	here  *web.Here
	names map[uuid.UUID]string
	order []uuid.UUID
	jobs  map[uuid.UUID]*jobShown
}

func newShelf(here *web.Here, v auth.Viewer) *shelf {
	s := &shelf{here: here, names: map[uuid.UUID]string{}, jobs: map[uuid.UUID]*jobShown{}}
	for _, p := range v.Projects {
		s.names[p.ID] = p.Name
		s.order = append(s.order, p.ID)
	}
	return s
}

func (s *shelf) month(project uuid.UUID, month int) (*jobShown, *monthShown) {
	j := s.jobs[project]
	if j == nil {
		j = &jobShown{ID: project, Name: s.names[project]}
		s.jobs[project] = j
	}
	for _, m := range j.Months {
		if m.Month == month {
			return j, m
		}
	}
	m := &monthShown{Month: month, Title: monthTitle(s.here, month), Key: monthKey(month), Complete: true}
	m.Href = s.here.Path("time", "projects", project, "months", m.Key)
	j.Months = append(j.Months, m)
	return j, m
}

// sums take what the database added up.
func (s *shelf) sums(list []sumRow) {
	for _, row := range list {
		j, m := s.month(row.ProjectID, row.Month)
		m.Tasks = append(m.Tasks, &taskShown{Task: row.Task, Minutes: row.Minutes, Count: row.Count})
		m.Minutes += row.Minutes
		m.Count += row.Count
		j.Minutes += row.Minutes
		j.Times = true
	}
}

// rows put entries below their sums.
func (s *shelf) rows(list []shownRow) {
	for _, row := range list {
		_, m := s.month(row.ProjectID, row.Month)
		for _, t := range m.Tasks {
			if t.Task == row.Task {
				t.Rows = append(t.Rows, row)
			}
		}
	}
	for _, j := range s.jobs {
		for _, m := range j.Months {
			n := 0
			for _, t := range m.Tasks {
				n += len(t.Rows)
			}
			m.Complete = n == m.Count
		}
	}
}

func (s *shelf) spent(list []shownExpense) {
	for _, e := range list {
		j, m := s.month(e.ProjectID, e.Month)
		m.Expenses = append(m.Expenses, expenseShown{e, receiptAt(e.ReceiptID, e.ReceiptMedia)})
		m.Spent.add(e.Charged())
		m.SpentSum = m.Spent.in(s.here)
		j.Spent.add(e.Charged())
	}
}

// list is all of it in order.
func (s *shelf) list() (all []*jobShown) {
	for _, id := range s.order {
		if j := s.jobs[id]; j != nil {
			slices.SortFunc(j.Months, func(a, b *monthShown) int { return b.Month - a.Month })
			all = append(all, j)
		}
	}
	for n, j := range all {
		if n == 0 && len(j.Months) > 0 {
			j.Months[0].Open = true
		}
	}
	return all
}
