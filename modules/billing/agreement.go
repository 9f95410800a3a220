package billing

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	facts "portico/platform/fact"
	"portico/platform/fault"
	"portico/platform/money"
)

// agreement is a signed document that counts here.
type agreement struct {
	EnvelopeID, ClientID, ProjectID uuid.UUID
	Kind                            string // contract, proposal, deposit
	Title                           string
	Total                           int64 `bun:"amount"`
	OnDay                           day.Day
}

const (
	agreedContract = "contract"
	agreedProposal = "proposal"
	agreedDeposit  = "deposit"
)

// comesTo is what a project's agreements come to: its contracts, and before there is one, its proposals.
func comesTo(all []agreement) (sum int64) {
	kind := agreedProposal
	for _, a := range all {
		if a.Kind == agreedContract {
			kind = agreedContract
		}
	}
	for _, a := range all {
		if a.Kind == kind {
			sum += a.Total
		}
	}
	return sum
}

func (h handover) agreementSubscribers() []facts.Subscriber {
	return []facts.Subscriber{
		facts.On("billing:take_contract", func(ctx context.Context, tx bun.Tx, firm uuid.UUID, f facts.ContractSigned) error {
			return takeAgreement(ctx, tx, firm, agreedContract, f.Agreement)
		}),
		facts.On("billing:take_proposal", func(ctx context.Context, tx bun.Tx, firm uuid.UUID, f facts.ProposalAccepted) error {
			return takeAgreement(ctx, tx, firm, agreedProposal, f.Agreement)
		}),
		facts.On("billing:take_deposit", func(ctx context.Context, tx bun.Tx, firm uuid.UUID, f facts.DepositRequested) error {
			return takeDeposit(ctx, tx, firm, f.Agreement)
		}),
	}
}

// readAgreement reads what a fact says. ok is false when it counts already, or nothing here can hold it.
func readAgreement(ctx context.Context, tx bun.Tx, v auth.Viewer, kind string, f facts.Agreement) (a agreement, project party, ok bool, err error) {
	if f.ProjectID == uuid.Nil || f.Amount <= 0 {
		return a, project, false, nil
	}
	project, err = projectByID(ctx, tx, v, f.ProjectID)
	if fault.Is(err, fault.Missing) || err == nil && project.ClientID != f.ClientID {
		return a, project, false, nil
	}
	if err != nil {
		return a, project, false, err
	}
	a = agreement{EnvelopeID: f.EnvelopeID, ClientID: f.ClientID, ProjectID: f.ProjectID, Kind: kind, Title: cutTo(oneLine(f.Title), longestTitle), Total: f.Amount}
	if a.OnDay, err = day.Parse(f.On); err != nil || a.Title == "" || f.Amount > money.Most || f.TaxRate < 0 || f.TaxRate > int(money.Whole) {
		return a, project, false, fmt.Errorf("%s %s cannot be read", kind, f.EnvelopeID)
	}
	if f.Currency != project.Currency { // its invoices would be in another one: staff have to say what it comes to
		return a, project, false, noteAgreement(ctx, tx, v, a, "could not take over the sum of “"+a.Title+"”: it is in "+f.Currency+", the project in "+project.Currency)
	}
	ok, err = addAgreement(ctx, tx, v, a)
	return a, project, ok, err
}

func noteAgreement(ctx context.Context, tx bun.Tx, v auth.Viewer, a agreement, text string) error {
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.agreed", Text: text, ClientID: a.ClientID, ProjectID: a.ProjectID, SubjectID: a.EnvelopeID,
	})
}

// takeAgreement raises the contract sum to what is agreed now, and makes a draft of each stage of the payment schedule.
// The first agreement takes the place of a sum and of open draws that staff had written down before; a contract that of
// the proposal that led to it.
func takeAgreement(ctx context.Context, tx bun.Tx, firm uuid.UUID, kind string, f facts.Agreement) error {
	v := auth.System(firm)
	before, err := holdAgreements(ctx, tx, v, f.ProjectID)
	if err != nil {
		return err
	}
	a, project, ok, err := readAgreement(ctx, tx, v, kind, f)
	if err != nil || !ok {
		return err
	}
	c, err := contractOf(ctx, tx, v, project)
	if err != nil {
		return err
	}
	draws, err := drawsOf(ctx, tx, v, project.ID)
	if err != nil {
		return err
	}
	was, now := comesTo(before), comesTo(append(before, a))
	instead := len(before) == 0 || now-was != a.Total // nothing, or a proposal, stood there before
	if len(before) == 0 {
		c.Total = now
	} else {
		c.Total += now - was
	}
	if c.Total < 0 || c.Total > money.Most {
		return fmt.Errorf("the contract sum of %s would be %d", project.ID, c.Total)
	}
	if f.TaxRate != 0 {
		c.TaxRate = money.Rate(f.TaxRate)
	}
	stay := draws
	if instead && len(f.Stages) > 0 {
		stay = onInvoices(draws)
	}
	stages := stagesOf(c, f, len(stay) == 0)
	draws = slices.Concat(stay, stages)
	if instead && len(stages) == 0 {
		draws = ofNewSum(c, draws)
	}
	for n := range draws {
		draws[n].Position = n + 1
	}
	if err := saveSchedule(ctx, tx, v, c, draws); err != nil {
		return err
	}
	if err := draftStages(ctx, tx, v, project, c, stages); err != nil {
		return err
	}
	return noteAgreement(ctx, tx, v, a, "took the contract sum of "+project.Name+" and its payment schedule from “"+a.Title+"”")
}

// ofNewSum are draws as they are of another contract sum. Where that leaves nothing for one of them, staff have to look.
func ofNewSum(c contract, draws []draw) []draw {
	again := slices.Clone(draws)
	inShares(c, again)
	if slices.ContainsFunc(again, func(d draw) bool { return d.Open() && d.Minor <= 0 }) {
		return draws
	}
	return again
}

// onInvoices are those draws that stand on one: they stay.
func onInvoices(draws []draw) (all []draw) {
	for _, d := range draws {
		if !d.Open() {
			all = append(all, d)
		}
	}
	return all
}

// stagesOf are the draws of an agreement. Shares stay shares while the whole contract is theirs; else they are amounts.
// Either way they come to their part of it to the cent.
func stagesOf(c contract, f facts.Agreement, whole bool) (all []draw) {
	sum := money.Of(f.Amount, f.Currency)
	var weights []int64
	share := money.Rate(0)
	for _, s := range f.Stages {
		weights = append(weights, int64(s.Share))
		share += money.Rate(s.Share)
	}
	if share == 0 {
		weights = nil
	}
	var parts []money.Amount
	if weights != nil {
		parts = sum.Part(share).Share(weights)
	}
	for n, s := range f.Stages {
		d := draw{ProjectID: c.ProjectID, Title: cutTo(oneLine(s.Title), 120), Currency: c.Currency, Minor: s.Amount}
		if on, err := day.Parse(s.DueOn); err == nil {
			d.DueOn = on
		}
		if s.Share > 0 {
			d.Minor = parts[n].Minor
			if whole && f.Amount == c.Total && share <= money.Whole {
				d.Share = money.Rate(s.Share)
			}
		}
		if d.Title != "" && d.Minor > 0 {
			all = append(all, d)
		}
	}
	return all[:min(len(all), mostDraws)]
}

// draftStages makes a draft of each draw that has just been written.
func draftStages(ctx context.Context, tx bun.Tx, v auth.Viewer, project party, c contract, stages []draw) error {
	if len(stages) == 0 {
		return nil
	}
	draws, err := drawsOf(ctx, tx, v, project.ID)
	if err != nil {
		return err
	}
	for _, d := range draws[max(0, len(draws)-len(stages)):] { // they stand behind all others
		if !d.Open() {
			continue
		}
		if _, err := draftDraw(ctx, tx, v, project, c, d); err != nil {
			return err
		}
	}
	return nil
}

// takeDeposit drafts the request of a deposit, once.
func takeDeposit(ctx context.Context, tx bun.Tx, firm uuid.UUID, f facts.Agreement) error {
	v := auth.System(firm)
	a, project, ok, err := readAgreement(ctx, tx, v, agreedDeposit, f)
	if err != nil || !ok {
		return err
	}
	form := draftForm{Title: a.Title, Kind: Deposit}
	if len(f.Stages) > 0 {
		if on, err := day.Parse(f.Stages[0].DueOn); err == nil {
			form.DueOn = on
		}
	}
	line := Line{Position: 1, Text: a.Title, Quantity: money.One, Price: a.Total}
	line.work()
	invoice, err := addDraft(ctx, tx, v, project, form, []Line{line})
	if err != nil {
		return err
	}
	if err := draftedFor(ctx, tx, v, a, invoice); err != nil {
		return err
	}
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.drafted", Text: "drafted the deposit “" + a.Title + "”, which all have signed", ClientID: a.ClientID, ProjectID: a.ProjectID, SubjectID: invoice,
	})
}
