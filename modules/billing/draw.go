package billing

import (
	"context"
	"fmt"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	facts "portico/platform/fact"
	"portico/platform/fault"
	"portico/platform/money"
	asks "portico/platform/plan"
)

// contract is what was agreed for a project, and what of its invoices is kept back.
type contract struct {
	ProjectID, ClientID uuid.UUID
	Currency            string
	Total               int64      `bun:"amount"` // as signed
	Changes             int64      // what approved change orders added
	TaxRate             money.Rate // on draws
	RetainageRate       money.Rate // on new invoices
	Shared              bool       // the client sees the payment schedule
	Retained, Asked     int64      // kept back, and of that asked for since
	Version             int
}

func (c contract) of(minor int64) money.Amount { return money.Of(minor, c.Currency) }

// Of is so much in its currency.
func (c contract) Of(minor int64) money.Amount { return c.of(minor) }

// SumAmount is what was signed, ChangesAmount what changed since, NowAmount both; KeptAmount is what is kept back still.
func (c contract) SumAmount() money.Amount     { return c.of(c.Total) }
func (c contract) ChangesAmount() money.Amount { return c.of(c.Changes) }
func (c contract) NowAmount() money.Amount     { return c.of(c.Total + c.Changes) }
func (c contract) KeptAmount() money.Amount    { return c.of(c.Retained - c.Asked) }

// draw is one instalment of a contract.
type draw struct {
	ID, ProjectID uuid.UUID
	Position      int
	Title         string
	Milestone     string
	DueOn         day.Day
	ByItself      bool
	Share         money.Rate // of the contract; 0: an amount
	Minor         int64      `bun:"amount"`

	InvoiceID uuid.UUID // the draft or invoice that it is on; Nil: none yet
	AskedID   uuid.UUID // that, or the consolidated invoice that it was merged into
	Stage     Stage
	State     State
	Number    string
	Billed    int64 // what the invoice's line says
	Currency  string
}

// Amount is what it comes to: by the schedule, and once it is on an invoice as that says.
func (d draw) Amount() money.Amount {
	if d.InvoiceID != uuid.Nil {
		return money.Of(d.Billed, d.Currency)
	}
	return money.Of(d.Minor, d.Currency)
}

// Open reports whether it is on no invoice.
func (d draw) Open() bool { return d.InvoiceID == uuid.Nil }

// Out reports whether it is on an invoice that the client has.
func (d draw) Out() bool { return d.Stage == Released }

// line is how it reads on an invoice.
func (d draw) line(tax money.Rate) Line {
	l := Line{Position: 1, Text: d.Title, Quantity: money.One, Price: d.Minor, TaxRate: tax, Source: "draw", SourceID: d.ID}
	if d.Share != 0 {
		l.Text += ", " + d.Share.String() + "% of the contract"
	}
	l.work()
	return l
}

// progress is how far a contract is billed.
type progress struct {
	Planned, Drafted, Drawn, Left money.Amount // of the draws: all, in drafts, with the client, in neither
	Shares                        money.Rate   // the planned ones, in percent of the contract
	Gap                           money.Amount // of the contract without a draw
}

func progressOf(c contract, draws []draw) progress {
	p := progress{Planned: c.of(0), Drafted: c.of(0), Drawn: c.of(0), Left: c.of(0)}
	for _, d := range draws {
		p.Planned = p.Planned.Add(d.Amount())
		switch {
		case d.Out():
			p.Drawn = p.Drawn.Add(d.Amount())
		case d.Open():
			p.Left = p.Left.Add(d.Amount())
		default:
			p.Drafted = p.Drafted.Add(d.Amount())
		}
	}
	p.Gap = c.SumAmount().Sub(p.Planned)
	if c.Total > 0 {
		p.Shares = money.Rate(p.Planned.Minor * int64(money.Whole) / c.Total)
	}
	return p
}

// Complete reports whether the draws come to the contract exactly.
func (p progress) Complete() bool { return p.Gap.IsZero() }

// scheduleForm is a contract and its draws as staff write them.
type scheduleForm struct {
	Amount    string `form:"amount"`
	Tax       string `form:"tax"`
	Retainage string `form:"retainage"`
	Shared    bool   `form:"shared"`
	Version   int    `form:"version"`
	Do        string `form:"do"`

	Draws []drawForm
}

// drawForm is a draw as it was typed. One on an invoice is only placed.
type drawForm struct {
	ID, Title, Share, Amount, Milestone, DueOn, By string

	Kept draw // as it is kept; zero: a new one
}

// Fixed reports whether it is on an invoice.
func (f drawForm) Fixed() bool { return !f.Kept.Open() }

func (f drawForm) blank() bool {
	return !f.Fixed() && f.Title == "" && f.Share == "" && f.Amount == ""
}

func drawFormOf(d draw) drawForm {
	f := drawForm{ID: d.ID.String(), Title: d.Title, Milestone: d.Milestone, DueOn: d.DueOn.String(), Kept: d}
	if d.DueOn.IsZero() {
		f.DueOn = ""
	}
	if d.ByItself {
		f.By = "day"
	}
	if d.Share != 0 {
		f.Share = d.Share.String()
	} else {
		f.Amount = money.Of(d.Minor, d.Currency).Plain()
	}
	return f
}

const mostDraws = 60

// read works out the contract and its draws. Each complaint is beside its field: "share-2".
func (f scheduleForm) read(c contract, locale string) (contract, []draw, fault.Fields) {
	wrong := fault.Fields{}
	var err error
	c.Total = 0
	if f.Amount != "" {
		sum, err := money.Parse(f.Amount, c.Currency, locale)
		switch {
		case err != nil:
			wrong["amount"] = money.Advice(err, c.Currency)
		case sum.Negative():
			wrong["amount"] = "Enter what was agreed, or leave it open."
		}
		c.Total = sum.Minor
	}
	if c.TaxRate, err = money.ParseShare(f.Tax, locale); err != nil {
		wrong["tax"] = "Enter a percentage between 0 and 100."
	}
	if c.RetainageRate, err = money.ParseShare(f.Retainage, locale); err != nil {
		wrong["retainage"] = "Enter a percentage between 0 and 100."
	}
	c.Shared, c.Version = f.Shared, f.Version
	var draws []draw
	at := map[int]int{} // of a draw, its row in the form
	for n, row := range f.Draws {
		if row.blank() {
			continue
		}
		d := row.Kept
		if d.Open() {
			d = row.read(c, locale, func(field, text string) { wrong[fmt.Sprintf("%s-%d", field, n)] = text })
		}
		d.Position = len(draws) + 1
		at[len(draws)] = n
		draws = append(draws, d)
	}
	if len(draws) > mostDraws {
		wrong["draws"] = "Use at most 60 draws."
	}
	if len(wrong) > 0 {
		return c, draws, wrong
	}
	inShares(c, draws)
	for n, d := range draws {
		if d.Open() && d.Minor <= 0 {
			wrong[fmt.Sprintf("share-%d", at[n])] = "This comes to nothing. Enter a larger share, or an amount."
		}
	}
	if p := progressOf(c, draws); c.Total > 0 && p.Gap.Negative() {
		wrong["draws"] = "The draws come to " + p.Planned.Format(locale) + ", which is " + p.Gap.Neg().Format(locale) + " more than the contract."
	}
	return c, draws, wrong
}

func (f drawForm) read(c contract, locale string, complain func(field, text string)) draw {
	d := f.Kept
	d.Title, d.Milestone, d.Currency, d.ByItself = f.Title, f.Milestone, c.Currency, f.By == "day"
	switch n := utf8.RuneCountInString(f.Title); {
	case n == 0:
		complain("title", "Say what this draw is for.")
	case n > 120:
		complain("title", "Use at most 120 characters.")
	}
	if utf8.RuneCountInString(f.Milestone) > 120 {
		complain("milestone", "Use at most 120 characters.")
	}
	d.DueOn = day.Day{}
	if f.DueOn != "" {
		var err error
		if d.DueOn, err = day.Parse(f.DueOn); err != nil {
			complain("due", "Enter a date.")
		}
	}
	if d.ByItself && f.DueOn == "" {
		complain("due", "Enter the day for which the draft is made.")
	}
	var err error
	d.Share, d.Minor = 0, 0
	switch {
	case f.Share != "" && f.Amount != "":
		complain("share", "Enter a share or an amount, not both.")
	case f.Share != "" && c.Total == 0:
		complain("share", "Enter the contract sum above first, or an amount here.")
	case f.Share != "":
		if d.Share, err = money.ParseShare(f.Share, locale); err != nil || d.Share == 0 {
			complain("share", "Enter a percentage between 0 and 100.")
		}
	default:
		sum, err := money.Parse(f.Amount, c.Currency, locale)
		if err != nil {
			complain("amount", money.Advice(err, c.Currency))
		} else if !sum.Positive() {
			complain("amount", "Enter more than nothing.")
		}
		d.Minor = sum.Minor
	}
	return d
}

// inShares works out the draws that are a share of the contract: together they are their share of it to the cent, so
// that 100 % is all of it. What is on an invoice already stays as it was asked for.
func inShares(c contract, draws []draw) {
	var all money.Rate
	var open []int
	var weights []int64
	asked := c.of(0)
	for n, d := range draws {
		switch {
		case d.Share == 0:
			continue
		case d.Open():
			open, weights = append(open, n), append(weights, int64(d.Share))
		default:
			asked = asked.Add(money.Of(d.Minor, c.Currency))
		}
		all += d.Share
	}
	if len(open) == 0 {
		return
	}
	rest := c.SumAmount().Part(all).Sub(asked)
	if rest.Negative() {
		rest = c.of(0)
	}
	for n, part := range rest.Share(weights) {
		draws[open[n]].Minor = part.Minor
	}
}

// moveDraws has the draws that wait for a milestone become due on its new day: those that are on no invoice, and those whose
// invoice is a draft. What the client has keeps its day.
func (h handover) moveDraws(ctx context.Context, tx bun.Tx, firm uuid.UUID, f facts.MilestoneMoved) error {
	on, err := day.Parse(f.On)
	if err != nil {
		return fmt.Errorf("the milestone of project %s has no day", f.ProjectID)
	}
	v := auth.System(firm)
	if err := holdContract(ctx, tx, v, f.ProjectID); err != nil {
		return err
	}
	items, _, err := asks.Items.Ask(ctx, h.Board, asks.Question{Tx: tx, Viewer: v, ProjectID: f.ProjectID})
	if err != nil {
		return err
	}
	on = dayNow(items, oneLine(f.Milestone), on)
	moved, err := moveDrawsOf(ctx, tx, v, f.ProjectID, oneLine(f.Milestone), on)
	if err != nil {
		return err
	}
	for _, d := range moved {
		err := activity.Record(ctx, tx, v, activity.Entry{
			Verb: "billing.draw_moved", Text: "moved the draw “" + d.Title + "” with its milestone, to " + dateText(on),
			ClientID: d.ClientID, ProjectID: d.ProjectID, SubjectID: d.ID, Data: activity.Changes(map[string]any{"due": dateText(d.DueOn)}, map[string]any{"due": dateText(on)}),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// dayNow is when a milestone is. Facts come in any order: what was told counts only while the schedule says the same of a
// milestone of that name, or knows none.
func dayNow(items []asks.Item, milestone string, told day.Day) day.Day {
	now := told
	for _, i := range items { // in the order of their days
		if !i.Milestone || !i.Called(milestone) {
			continue
		}
		if now = i.End; now == told {
			return told
		}
	}
	return now
}
