package billing

import (
	"context"
	"strconv"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/module"
	"portico/platform/money"
	"portico/platform/web"
)

// lateRule is what a firm asks for being late.
type lateRule struct {
	Active    bool
	Kind      string // flat or percent
	Amount    int64  // flat, in the firm's currency
	Rate      money.Rate
	GraceDays int
	Monthly   bool
	Cap       int64  // of all fees for one invoice; 0: none
	Currency  string // of both amounts; "": nothing was ever said
	Releases  bool   // goes to the client at once
	Since     day.Day
	Writer    uuid.UUID
	Version   int
}

// of reports whether the rule's amounts are of this currency: those of another one mean nothing.
func (r lateRule) of(currency string) bool {
	return r.Currency == "" || r.Currency == currency || r.Kind == "percent" && r.Cap == 0
}

// fee is what is asked for a balance, when so much was asked before.
func (r lateRule) fee(balance money.Amount, before int64) int64 {
	fee := r.Amount
	if r.Kind == "percent" {
		fee = balance.Part(r.Rate).Minor
	}
	if r.Cap > 0 {
		fee = min(fee, r.Cap-before)
	}
	return max(fee, 0)
}

// lateTurn is an invoice of which a fee is due, for the n-th time.
type lateTurn struct {
	Invoice uuid.UUID
	Turn    int
}

var chargeLate = job.New[lateTurn]("billing:charge_late")

// collector asks for fees by the firm's rule.
type collector struct{ module.Platform }

func (c collector) handlers() []job.Handler {
	return []job.Handler{job.Every("27 * * * *", "billing:find_late", c.find), chargeLate.Handle(c.charge)}
}

func (c collector) find(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	f, at, goes, err := firmAt(ctx, tx, firm, c.Now())
	if err != nil || !goes {
		return err
	}
	list, err := lateTurns(ctx, tx, f, at)
	if err != nil {
		return err
	}
	return chargeLate.EnqueueEach(ctx, tx, firm, list)
}

// charge makes the fee's invoice: a document of its own, because an issued one stays as it is.
func (c collector) charge(ctx context.Context, tx bun.Tx, firm uuid.UUID, l lateTurn) error {
	f, at, goes, err := firmAt(ctx, tx, firm, c.Now())
	if err != nil || !goes {
		return err
	}
	v := auth.Viewer{Side: auth.Program, Firm: f}
	late, err := invoiceByID(ctx, tx, v, l.Invoice)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	if err := holdClient(ctx, tx, v, late.ClientID); err != nil {
		return err
	}
	rule, err := lateRuleOf(ctx, tx, v)
	if err != nil {
		return err
	}
	before, still, err := stillLate(ctx, tx, f, at, l)
	if err != nil || !still {
		return err
	}
	if late, err = invoiceByID(ctx, tx, v, l.Invoice); err != nil {
		return err
	}
	fee := rule.fee(late.Balance(), before)
	if fee == 0 {
		return nil
	}
	return c.ask(ctx, tx, v, rule, late, l.Turn, fee, at)
}

func (collector) ask(ctx context.Context, tx bun.Tx, v auth.Viewer, rule lateRule, late Invoice, turn int, fee int64, at day.Day) error {
	here := web.Here{Viewer: v}
	text := "Late fee"
	if rule.Kind == "percent" {
		text = "Late fee: " + rule.Rate.String() + "% of " + here.Money(late.Balance())
	}
	line := Line{Position: 1, Text: text + " for " + late.Number + ", overdue since " + dateText(late.DueOn), Quantity: money.One, Price: fee}
	line.work()
	form := draftForm{
		Title:   cutTo("Late fee for "+late.Number, longestTitle),
		Message: late.Number + ", " + late.Title + ", was due on " + dateText(late.DueOn) + ". " + here.Money(late.Balance()) + " of it is still owed.",
	}
	invoice, err := addDraft(ctx, tx, v, party{ID: late.ProjectID, ClientID: late.ClientID, Currency: late.Currency}, form, []Line{line})
	if err != nil {
		return err
	}
	if err := addLateFee(ctx, tx, v, late, turn, invoice, fee, at); err != nil {
		return err
	}
	entry := activity.Entry{
		Verb: "billing.late_fee", Text: "drafted a late fee of " + here.Money(line.amount(late.Currency)) + " for " + late.Number,
		ClientID: late.ClientID, ProjectID: late.ProjectID, SubjectID: invoice, ActorName: "Portico",
	}
	s, err := settingOf(ctx, tx, v)
	if err != nil {
		return err
	}
	if rule.Releases && rule.Writer != uuid.Nil && !s.SecondPerson {
		person := v
		person.PersonID = rule.Writer
		if err := setApproved(ctx, tx, person, Invoice{ID: invoice, Version: 1}, true); err != nil {
			return err
		}
		list, err := release(ctx, tx, person, []tick{{invoice, 2}}, at)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return errMoved
		}
		if _, err := announce.Enqueue(ctx, tx, v.FirmID(), announced{invoice}); err != nil {
			return err
		}
		entry.Text = "charged a late fee of " + here.Money(line.amount(late.Currency)) + " for " + late.Number + ", " + list[0].Number
	}
	return activity.Record(ctx, tx, v, entry)
}

func (l Line) amount(currency string) money.Amount { return money.Of(l.Net, currency) }

// lateFee is one that was asked for.
type lateFee struct {
	InvoiceID    uuid.UUID // what was late
	Turn         int
	FeeInvoiceID uuid.UUID // what asks for it
	Total        int64     `bun:"amount"`
	Currency     string
	OnDay        day.Day
	Waived       bool
	WaiveReason  string // staff only
	Number       string // of what was late
	FeeNumber    string // of what asks for it; "": not released, or gone
	FeeStage     Stage
}

// asked reports whether it is still asked for, or about to be.
func (f lateFee) asked() bool {
	return !f.Waived && f.FeeInvoiceID != uuid.Nil && f.FeeStage != Void
}

// Amount is how much it is.
func (f lateFee) Amount() money.Amount { return money.Of(f.Total, f.Currency) }

// withFees adds the fees of an invoice to its history; clients read of those that were sent.
func withFees(here *web.Here, list []happening, fees []lateFee) []happening {
	for _, f := range fees {
		text := "Late fee of " + here.Money(f.Amount())
		switch {
		case f.Waived && here.Viewer.Side == auth.Office:
			text += ", waived"
		case f.Waived:
			continue
		case f.FeeNumber != "":
			text += ", " + f.FeeNumber
		case here.Viewer.Side == auth.Portal:
			continue
		case f.FeeInvoiceID == uuid.Nil:
			text += ", deleted as a draft"
		default:
			text += ", not sent yet"
		}
		list = append(list, happening{text, here.Reader().Day(f.OnDay), "clock", "due", f.OnDay})
	}
	return byDay(list)
}

// lateForm is the rule as it was typed.
type lateForm struct {
	Active    bool   `form:"active"`
	Kind      string `form:"kind"`
	Amount    string `form:"amount"`
	Rate      string `form:"rate"`
	GraceDays string `form:"grace_days"`
	Monthly   string `form:"monthly"`
	Cap       string `form:"cap"`
	Releases  bool   `form:"releases"`
	Version   int    `form:"version"`
}

func lateFormOf(r lateRule, currency string) lateForm {
	f := lateForm{Active: r.Active, Kind: r.Kind, Rate: r.Rate.String(), GraceDays: strconv.Itoa(r.GraceDays), Releases: r.Releases, Version: r.Version, Monthly: "once"}
	if r.Monthly {
		f.Monthly = "monthly"
	}
	if !r.of(currency) { // the firm has another one since
		f.Active = false
		return f
	}
	if r.Amount > 0 {
		f.Amount = money.Of(r.Amount, currency).Plain()
	}
	if r.Cap > 0 {
		f.Cap = money.Of(r.Cap, currency).Plain()
	}
	return f
}

func (f lateForm) rule(currency, locale string) (lateRule, fault.Fields) {
	wrong := fault.Fields{}
	r := lateRule{Active: f.Active, Kind: f.Kind, Monthly: f.Monthly == "monthly", Releases: f.Releases, Version: f.Version, Currency: currency}
	var err error
	if r.Kind != "flat" && r.Kind != "percent" {
		wrong["kind"] = "Choose one from the list."
	}
	if r.Rate, err = money.ParseShare(f.Rate, locale); err != nil || f.Active && r.Kind == "percent" && r.Rate == 0 {
		wrong["rate"] = "Enter a percentage between 0 and 100."
	}
	for _, one := range []struct {
		name, text string
		into       *int64
		needed     bool
	}{{"amount", f.Amount, &r.Amount, f.Active && r.Kind == "flat"}, {"cap", f.Cap, &r.Cap, false}} {
		if one.text == "" && !one.needed {
			continue
		}
		amount, err := money.Parse(one.text, currency, locale)
		switch {
		case err != nil:
			wrong[one.name] = money.Advice(err, currency)
		case amount.Negative(), one.needed && amount.IsZero():
			wrong[one.name] = "Enter more than nothing."
		}
		*one.into = amount.Minor
	}
	if r.GraceDays, err = strconv.Atoi(f.GraceDays); err != nil || r.GraceDays < 0 || r.GraceDays > 365 {
		wrong["grace_days"] = "Enter a number of days between 0 and 365."
	}
	return r, wrong
}
