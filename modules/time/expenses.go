package time

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db/paging"
	"portico/platform/files"
	"portico/platform/id"
	"portico/platform/money"
	"portico/platform/view"
	"portico/platform/web"
)

// purpose marks the files of this section: photos and PDFs of receipts.
const purpose = "time"

// guard lets staff see the receipts of expenses that they see, and clients those that are shown to them. A client reads
// nothing in the name: it may say where something was bought.
func guard(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (string, error) {
	if v.Side == auth.Portal {
		e, err := shownReceipt(ctx, tx, v, file)
		return "Receipt " + e.SpentOn.String() + ending(e.ReceiptMedia), err
	}
	e, err := receiptOf(ctx, tx, v, file)
	return "Receipt " + e.SpentOn.String() + ending(e.ReceiptMedia), err
}

func ending(media string) string {
	if files.Kind(media) == files.PDF {
		return ".pdf"
	}
	return ".jpg"
}

// receipt is how a receipt is looked at.
type receipt struct{ Thumb, Large, Open string }

func receiptAt(file uuid.UUID, media string) receipt {
	switch {
	case file == uuid.Nil:
		return receipt{}
	case files.Kind(media) == files.PDF:
		return receipt{Open: files.URL(file, "shown")}
	}
	return receipt{Thumb: files.URL(file, "thumb"), Large: files.URL(file, "large"), Open: files.URL(file, "large")}
}

// cursor is where an expense stands in a list.
func (e Expense) cursor(sort string) paging.Cursor {
	if strings.HasSuffix(sort, "length") {
		return paging.Cursor{ID: e.ID, Key: strconv.FormatInt(e.Cost, 10)}
	}
	return paging.Cursor{ID: e.ID, Key: e.SpentOn.String()}
}

// categories are what people spend on, beside what they write themselves.
var categories = []string{"Materials", "Tools and rental", "Travel", "Mileage", "Permits and fees", "Subcontractor", "Meals", "Software", "Printing", "Other"}

type expenseRow struct {
	Expense
	Mark mark
	Href string
}

type expensesView struct {
	listed
	Rows []expenseRow
	Sums []spentSum
}

// Every offers to do something with all of the list, when not all of it stands on the page.
func (v expensesView) Every() string { return every(v.count(), len(v.Rows)) }

func (v expensesView) count() (n int) {
	for _, s := range v.Sums {
		n += s.Count
	}
	return n
}

// Counted says how much all of the list comes to.
func (v expensesView) Counted() string {
	n, parts := v.count(), []string{}
	for _, s := range v.Sums {
		parts = append(parts, v.Money(money.Of(s.Cost, s.Currency))+" spent")
	}
	if n == 0 {
		return ""
	}
	return counted(n, "expense", "expenses") + ", " + strings.Join(parts, ", ")
}

func (o office) expenses(r *web.Request) error {
	r.Title("Expenses")
	page, err := o.listed(r, "expenses")
	if err != nil {
		return err
	}
	view := expensesView{listed: page}
	list, turns, err := listOf[Expense](r.Context(), r.Tx(), r.Viewer(), ofExpense, view.Filter, r.Place().If(sortedBy(view.Filter.Sort)))
	if err != nil {
		return err
	}
	view.Turns = turns
	if view.Sums, err = spentSums(r.Context(), r.Tx(), r.Viewer(), view.Filter); err != nil {
		return err
	}
	for _, e := range list {
		view.Rows = append(view.Rows, expenseRow{e, markOf(e.State, e.Handed(), e.Billable), r.Path("time", "expenses", e.ID)})
	}
	return r.Show("time/expenses", view)
}

var expenseColumns = []string{"Client", "Project", "Date", "Person", "Category", "Vendor", "Cost", "Tax in it", "Markup %", "Price", "Currency", "Note for the client", "Internal notes", "Billable", "State"}

// expensesTable is the list as a table of other programs.
func (o office) expensesTable(r *web.Request) error {
	return table(o, r, ofExpense, "expenses.csv", expenseColumns, func(e Expense) (uuid.UUID, []string) {
		return e.ID, []string{
			e.Client, e.Project, e.SpentOn.String(), e.Person, e.Category, e.Vendor, e.Spent().Plain(), money.Of(e.Tax, e.Currency).Plain(), e.Markup.String(),
			e.Charged().Plain(), e.Currency, e.ClientNote, e.InternalNotes, yesNo(e.Billable), string(e.State),
		}
	})
}

type expenseView struct {
	*web.Here
	Trail      []web.NavItem
	IsNew      bool
	Expense    Expense
	Mark       mark
	Form       expenseForm
	Projects   []choice
	Categories []string
	Symbol     string
	Action     string
	Writes     bool
	Approves   bool
	Rules      bool
	Own        bool
	Receipt    receipt
	Hidden     bool // the receipt stays with staff, because of the markup
	Invoice    string
}

func (o office) expenseView(r *web.Request, e Expense, form expenseForm) (expenseView, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	here := r.Here()
	view := expenseView{
		Here: here, IsNew: e.ID == uuid.Nil, Expense: e, Form: form, Action: r.Path("time", "expenses"), Mark: markOf(e.State, e.Handed(), e.Billable), Rules: v.May(rule),
		Trail: []web.NavItem{{Title: "Expenses", Href: r.Path("time", "expenses")}, {Title: "New expense"}}, Own: e.PersonID == v.PersonID, Categories: categories,
		Receipt: receiptAt(e.ReceiptID, e.ReceiptMedia), Hidden: e.ReceiptID != uuid.Nil && !e.OpenReceipt(),
	}
	currency := e.Currency
	if currency == "" {
		currency = r.Firm().Currency
	}
	view.Symbol = money.Symbol(currency, here.Locale())
	r.Title("New expense")
	view.Writes = view.IsNew || view.Own && e.Editable()
	if !view.IsNew {
		title := e.Category + ", " + here.Money(e.Spent())
		r.Title(title)
		view.Action, view.Trail[1].Title = r.Path("time", "expenses", e.ID), title
		s, err := settingOf(ctx, tx, v)
		if err != nil {
			return view, err
		}
		view.Approves = mayApprove(v, s.LeadsApprove, e.LeadID, e.PersonID)
		if e.InvoiceID != uuid.Nil && o.bills() {
			view.Invoice = r.Path("billing", "invoices", e.InvoiceID)
		}
	}
	if form.Category != "" && !slices.Contains(categories, form.Category) {
		view.Categories = append(slices.Clone(categories), form.Category)
	}
	if !view.Writes {
		return view, nil
	}
	projects, err := offered(ctx, tx, v)
	if err != nil {
		return view, err
	}
	view.Projects = withChoice(projectChoices(projects), e.ProjectID, e.Project)
	return view, nil
}

func (o office) loadExpense(r *web.Request) (Expense, error) {
	id, err := r.ID("expense")
	if err != nil {
		return Expense{}, err
	}
	return expenseByID(r.Context(), r.Tx(), r.Viewer(), id)
}

func (o office) newExpense(r *web.Request) error {
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	form := expenseForm{SpentOn: today(r), Billable: true, Markup: s.Markup.String(), Key: id.New()}
	w, err := o.named(r)
	if err != nil {
		return err
	}
	form.Project = w.ID
	view, err := o.expenseView(r, Expense{PersonID: r.Viewer().PersonID, ProjectID: w.ID, Project: w.Name, Currency: w.Currency}, form)
	if err != nil {
		return err
	}
	return r.Show("time/expense", view)
}

func (o office) expense(r *web.Request) error {
	e, err := o.loadExpense(r)
	if err != nil {
		return err
	}
	view, err := o.expenseView(r, e, expenseFormOf(e))
	if err != nil {
		return err
	}
	return r.Show("time/expense", view)
}

func spentText(r *web.Request, e Expense) string {
	return r.Here().Money(e.Spent()) + " for “" + e.Category + "” on " + view.Day(e.SpentOn)
}
