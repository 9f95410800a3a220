package billing

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/people"
	"portico/platform/search"
)

// brought is what a batch of an import writes, in few statements: invoices, payments, and the books of both.
type brought struct {
	v       auth.Viewer
	setting Setting
	ways    ways
	from    []string
	to      map[uuid.UUID][]string
	taken   map[string]bool
	clients map[uuid.UUID]bool // that are there, and held

	newClients map[string]uuid.UUID
	newWorks   map[string]uuid.UUID
	addClients []people.Newcomer
	addWorks   []people.NewWork

	invoices    []invoiceInsert
	lines       []lineInsert
	words       []wordInsert
	payments    []paymentInsert
	allocations []allocationInsert
	journals    []journalInsert
	entries     []entryInsert
	totals      map[totalKey]balance
	spend       map[uuid.UUID]int64 // of invoices that were there
	told        []activity.Entry
	highest     int64 // count in a number of our own form
}

type totalKey struct {
	Client, Project uuid.UUID
	Currency        string
}

// ways are how new invoices can be paid.
type ways struct{ PayCard, PayBank, AllowOver bool }

func newBrought(v auth.Viewer) *brought {
	return &brought{
		v: v, clients: map[uuid.UUID]bool{}, newClients: map[string]uuid.UUID{}, newWorks: map[string]uuid.UUID{}, to: map[uuid.UUID][]string{},
		taken: map[string]bool{}, totals: map[totalKey]balance{}, spend: map[uuid.UUID]int64{},
	}
}

// prepare adds the clients and projects that are missing, and loads what stands around every invoice.
func (b *brought) prepare(ctx context.Context, tx bun.Tx, records []*module.Record) (err error) {
	var numbers []string
	for _, r := range records {
		f := r.State.(*foreign)
		numbers = append(numbers, f.Number)
		if f.ClientID = f.at.ID; f.ClientID == uuid.Nil {
			f.ClientID = b.newClient(r, f)
		} else {
			b.clients[f.ClientID] = true
		}
		if f.ProjectID == uuid.Nil && !f.credit {
			f.ProjectID = b.newWork(r, f)
		}
	}
	if err := people.AddFrom(ctx, tx, b.v, b.addClients, b.addWorks); err != nil {
		return err
	}
	if err := b.hold(ctx, tx); err != nil {
		return err
	}
	if b.setting, err = settingOf(ctx, tx, b.v); err != nil {
		return err
	}
	if b.ways, err = waysOf(ctx, tx, b.v); err != nil {
		return err
	}
	if b.from, err = ownHead(ctx, tx, b.v); err != nil {
		return err
	}
	taken, err := numbersTaken(ctx, tx, b.v, numbers)
	for number := range taken {
		b.taken[number] = true
	}
	return err
}

func (b *brought) newClient(r *module.Record, f *foreign) uuid.UUID {
	key := foldName(f.client)
	if known, there := b.newClients[key]; there {
		return known
	}
	client := id.New()
	b.newClients[key] = client
	b.to[client] = []string{f.client}
	b.addClients = append(b.addClients, people.Newcomer{ID: client, Name: f.client, Email: f.email})
	r.Traces = append(r.Traces, module.Trace{What: "client", ID: client, Client: client, Name: f.client, Version: 1})
	return client
}

func (b *brought) newWork(r *module.Record, f *foreign) uuid.UUID {
	key := f.ClientID.String() + foldName(f.ProjectName) + f.Currency
	if known, there := b.newWorks[key]; there {
		return known
	}
	work := id.New()
	b.newWorks[key] = work
	b.addWorks = append(b.addWorks, people.NewWork{ID: work, ClientID: f.ClientID, Name: f.ProjectName, Currency: f.Currency, Status: "completed"})
	r.Traces = append(r.Traces, module.Trace{What: "project", ID: work, Client: f.ClientID, Name: f.ProjectName + " of " + f.client, Version: 1})
	return work
}

// bring takes an invoice over, with what is paid on it.
func (b *brought) bring(r *module.Record, f *foreign) {
	if f.credit {
		reference := f.Title
		if f.Number != "" {
			reference = shortened("Credit "+f.Number+": "+f.Title, longestTitle)
		}
		b.pay(r, Payment{
			ID: id.New(), ClientID: f.ClientID, Method: Credit, Currency: f.Currency, Total: -f.Total - f.Paid, ReceivedOn: f.IssuedOn,
			Reference: reference, Notes: f.Notes,
		}, Invoice{}, 0)
		return
	}
	b.taken[f.Number] = f.Number != ""
	f.ID = id.New()
	paid := min(f.Paid, f.Total)
	if f.Stage != Released {
		paid = 0
	}
	row := invoiceInsert{
		FirmID: b.v.FirmID(), ID: f.ID, ClientID: f.ClientID, ProjectID: f.ProjectID, Stage: f.Stage, Number: nullText(f.Number), Title: f.Title,
		Currency: f.Currency, IssuedOn: f.IssuedOn, DueOn: f.DueOn, Net: f.Net, Tax: f.Tax, Total: f.Total, Paid: paid, Message: f.Message,
		Notes: f.Notes, DraftedBy: db.NullID(b.v.PersonID), Writers: []uuid.UUID{}, Imported: true, PayCard: b.ways.PayCard, PayBank: b.ways.PayBank, AllowOver: b.ways.AllowOver,
		NoReminders: true, NoFees: true, // until staff want them for it
	}
	if b.v.PersonID != uuid.Nil {
		row.Writers = []uuid.UUID{b.v.PersonID}
	}
	if f.Stage != Draft {
		at := f.IssuedOn.Midnight()
		row.IssuedFrom, row.IssuedTo, row.IssuedTaxName, row.ReleasedAt = b.from, b.to[f.ClientID], b.setting.TaxName, &at
		if f.Stage == Void {
			row.VoidedAt, row.VoidReason = &at, "Void in the program that it came from."
		}
	}
	if n, ours := ordinalIn(f.Number, b.setting.InvoicePrefix); ours {
		b.highest = max(b.highest, n)
	}
	b.invoices = append(b.invoices, row)
	for _, l := range f.lines {
		b.lines = append(b.lines, lineInsert{
			FirmID: b.v.FirmID(), InvoiceID: f.ID, Position: l.Position, Text: l.Text, Quantity: int64(l.Quantity), Price: l.Price,
			Discount: int(l.Discount), TaxRate: int(l.TaxRate), Net: l.Net, Tax: l.Tax,
		})
	}
	for _, word := range search.Words(f.Title, f.Number) {
		b.words = append(b.words, wordInsert{FirmID: b.v.FirmID(), Word: word, InvoiceID: f.ID})
	}
	r.Traces = append(r.Traces, module.Trace{What: "invoice", ID: f.ID, Client: f.ClientID, Name: importedAs(f.Number, f.Title) + " of " + f.client, Version: 1})
	b.told = append(b.told, activity.Entry{
		Verb: "billing.imported", Text: "took over the invoice " + importedAs(f.Number, f.Title) + " over " + f.Amount().Format("en-US") + " from another program",
		ClientID: f.ClientID, ProjectID: f.ProjectID, SubjectID: f.ID,
		Data: map[string]any{"after": map[string]any{"stage": f.Stage, "total": f.Total, "paid": paid, "currency": f.Currency}},
	})
	if f.Stage != Released {
		return
	}
	b.book(f.ClientID, "issue", "invoice", f.ID, f.Currency, f.IssuedOn,
		entry{"receivable", f.ID, f.Total}, entry{"revenue", f.ID, -f.Net}, entry{"tax", f.ID, -f.Tax})
	b.total(f.ClientID, f.ProjectID, balance{Currency: f.Currency, Invoiced: f.Total})
	if f.Paid > 0 {
		b.pay(r, Payment{
			ID: id.New(), ClientID: f.ClientID, Method: Other, Currency: f.Currency, Total: f.Paid, ReceivedOn: f.paidOn, Reference: "Paid before the move",
		}, f.Invoice, paid)
	}
}

// importedAs is how an invoice is named where it may have no number.
func importedAs(number, title string) string {
	if number == "" {
		return "“" + title + "”"
	}
	return number
}

// pay takes a payment over, and puts a part of it on an invoice.
func (b *brought) pay(r *module.Record, p Payment, i Invoice, part int64) {
	b.payments = append(b.payments, paymentInsert{
		FirmID: b.v.FirmID(), ID: p.ID, ClientID: p.ClientID, Method: p.Method, Number: p.Number, Currency: p.Currency, Amount: p.Total, Allocated: part,
		ReceivedOn: p.ReceivedOn, Reference: p.Reference, Notes: p.Notes, FormKey: p.ID, RecordedBy: db.NullID(b.v.PersonID), Imported: true,
	})
	account, version := "cash", 0
	if p.IsCredit() {
		account = "credits"
	}
	b.book(p.ClientID, "receive", "payment", p.ID, p.Currency, p.ReceivedOn, entry{Account: account, Amount: p.Total}, entry{Account: "unapplied", Amount: -p.Total})
	b.total(p.ClientID, uuid.Nil, balance{Currency: p.Currency, Unapplied: p.Total})
	if part > 0 {
		b.put(p, i, part, latest(p.ReceivedOn, i.IssuedOn))
		version = 1
	}
	amount := p.Amount().Format("en-US")
	name := amount
	if i.Number != "" {
		name += " on " + i.Number
	}
	r.Traces = append(r.Traces, module.Trace{What: "payment", ID: p.ID, Client: p.ClientID, Name: name, Version: version})
	b.told = append(b.told, activity.Entry{
		Verb: "billing.imported", Text: "took over a " + p.Noun() + " of " + amount + " from another program", ClientID: p.ClientID, SubjectID: p.ID,
		Data: map[string]any{"after": map[string]any{"amount": p.Total, "currency": p.Currency, "on": p.ReceivedOn.String()}},
	})
}

// put writes that a part of a payment stands on an invoice, or, with a minus, no longer does.
func (b *brought) put(p Payment, i Invoice, amount int64, on day.Day) {
	allocation := id.New()
	b.allocations = append(b.allocations, allocationInsert{
		FirmID: b.v.FirmID(), ID: allocation, PaymentID: p.ID, InvoiceID: i.ID, Amount: amount, OnDay: on, ByID: db.NullID(b.v.PersonID),
	})
	b.book(p.ClientID, "apply", "allocation", allocation, p.Currency, on, entry{Account: "unapplied", Amount: amount}, entry{"receivable", i.ID, -amount})
	b.total(p.ClientID, i.ProjectID, balance{Currency: p.Currency, Paid: amount})
	b.total(p.ClientID, uuid.Nil, balance{Currency: p.Currency, Unapplied: -amount})
}

// spent remembers what came onto an invoice that was there before.
func (b *brought) spent(invoice uuid.UUID, amount int64) {
	if invoice != uuid.Nil && amount != 0 {
		b.spend[invoice] += amount
	}
}

func (b *brought) book(client uuid.UUID, kind, sourceType string, source uuid.UUID, currency string, on day.Day, entries ...entry) {
	journal := id.New()
	b.journals = append(b.journals, journalInsert{
		FirmID: b.v.FirmID(), ID: journal, ClientID: client, Kind: kind, SourceType: sourceType, SourceID: source, OnDay: on, ByID: db.NullID(b.v.PersonID),
	})
	for n, e := range entries {
		if e.Amount != 0 {
			b.entries = append(b.entries, entryInsert{
				FirmID: b.v.FirmID(), JournalID: journal, N: n, Account: e.Account, InvoiceID: db.NullID(e.Invoice), Currency: currency, Amount: e.Amount,
			})
		}
	}
}

func (b *brought) total(client, project uuid.UUID, more balance) {
	key := totalKey{client, project, more.Currency}
	sum := b.totals[key]
	sum.Invoiced, sum.Paid, sum.Unapplied = sum.Invoiced+more.Invoiced, sum.Paid+more.Paid, sum.Unapplied+more.Unapplied
	b.totals[key] = sum
}

// keep writes all of it. Payments without a number of their own get one that is counted apart from ours.
func (b *brought) keep(ctx context.Context, tx bun.Tx, what string) error {
	var nameless []*paymentInsert
	for n := range b.payments {
		if b.payments[n].Number == "" {
			nameless = append(nameless, &b.payments[n])
		}
	}
	if len(nameless) > 0 {
		first, err := takeNumbers(ctx, tx, b.v, "earlier", len(nameless))
		if err != nil {
			return err
		}
		for n, p := range nameless {
			p.Number = numbered("E-", first+int64(n))
		}
	}
	if err := insertBrought(ctx, tx, b); err != nil {
		return fmt.Errorf("import %s: %w", what, err)
	}
	if b.highest > 0 {
		if err := goOnFrom(ctx, tx, b.v, b.highest); err != nil {
			return err
		}
	}
	return activity.RecordEach(ctx, tx, b.v, b.told)
}

// staysReason is why something stays when an import is taken back.
const staysReason = "It has been changed, paid or used since."

// undoImport takes back what an import brought and nobody has touched since. The books keep the way there and back, each
// on its own day, so that no sum of any day changes; nobody is shown it any more.
func undoImport(ctx context.Context, tx bun.Tx, v auth.Viewer, traces []module.Trace) (kept []module.Trace, err error) {
	b, of := newBrought(v), map[string][]module.Trace{}
	for _, t := range traces {
		b.clients[t.Client] = true
		of[t.What] = append(of[t.What], t)
	}
	if err := b.hold(ctx, tx); err != nil {
		return nil, err
	}
	gone := map[uuid.UUID]bool{}
	if err := b.undoPayments(ctx, tx, of["payment"], gone); err != nil {
		return nil, err
	}
	if err := b.undoInvoices(ctx, tx, of["invoice"], gone); err != nil {
		return nil, err
	}
	if err := insertBrought(ctx, tx, b); err != nil {
		return nil, fmt.Errorf("undo: %w", err)
	}
	works, err := unbilled(ctx, tx, v, of["project"])
	if err != nil {
		return nil, err
	}
	var clients []uuid.UUID
	for _, t := range of["client"] {
		clients = append(clients, t.ID)
	}
	if len(works)+len(clients) > 0 {
		put, err := people.PutAway(ctx, tx, v, clients, works)
		if err != nil {
			return nil, err
		}
		for _, one := range put {
			gone[one] = true
		}
	}
	for _, t := range traces {
		if !gone[t.ID] {
			t.Kept = staysReason
			kept = append(kept, t)
		}
	}
	return kept, activity.RecordEach(ctx, tx, v, b.told)
}

// undoPayments takes payments off their invoices and out of the books.
func (b *brought) undoPayments(ctx context.Context, tx bun.Tx, traces []module.Trace, gone map[uuid.UUID]bool) error {
	list, standing, err := untouchedPayments(ctx, tx, b.v, traces)
	if err != nil {
		return err
	}
	for _, a := range standing {
		p, i := Payment{ID: a.PaymentID, ClientID: a.ClientID, Currency: a.Currency}, Invoice{ID: a.InvoiceID, ProjectID: a.ProjectID}
		b.put(p, i, -a.Amount, a.OnDay)
		b.spent(a.InvoiceID, -a.Amount)
	}
	for _, p := range list {
		gone[p.ID] = true
		account := "cash"
		if p.IsCredit() {
			account = "credits"
		}
		b.book(p.ClientID, "reverse", "payment", p.ID, p.Currency, p.ReceivedOn, entry{Account: account, Amount: -p.Total}, entry{Account: "unapplied", Amount: p.Total})
		b.total(p.ClientID, uuid.Nil, balance{Currency: p.Currency, Unapplied: -p.Total})
		b.told = append(b.told, activity.Entry{
			Verb: "billing.import_undone", Text: "took back the imported " + p.Noun() + " of " + p.Amount().Format("en-US"), ClientID: p.ClientID, SubjectID: p.ID,
			Data: map[string]any{"before": map[string]any{"amount": p.Total, "currency": p.Currency}},
		})
	}
	if err := hidePayments(ctx, tx, b.v, list); err != nil {
		return err
	}
	return b.settleSpent(ctx, tx)
}

// undoInvoices removes drafts, and takes what was sent out of the books and out of sight.
func (b *brought) undoInvoices(ctx context.Context, tx bun.Tx, traces []module.Trace, gone map[uuid.UUID]bool) error {
	list, err := untouchedInvoices(ctx, tx, b.v, traces)
	if err != nil {
		return err
	}
	for _, i := range list {
		gone[i.ID] = true
		b.told = append(b.told, activity.Entry{
			Verb: "billing.import_undone", Text: "took back the imported invoice " + importedAs(i.Number, i.Title) + " over " + i.Amount().Format("en-US"),
			ClientID: i.ClientID, ProjectID: i.ProjectID, SubjectID: i.ID,
			Data: map[string]any{"before": map[string]any{"stage": i.Stage, "total": i.Total, "currency": i.Currency}},
		})
		if i.Stage != Released {
			continue
		}
		b.book(i.ClientID, "void", "invoice", i.ID, i.Currency, i.IssuedOn,
			entry{"receivable", i.ID, -i.Total}, entry{"revenue", i.ID, i.Net}, entry{"tax", i.ID, i.Tax})
		b.total(i.ClientID, i.ProjectID, balance{Currency: i.Currency, Invoiced: -i.Total})
	}
	return hideInvoices(ctx, tx, b.v, list)
}
