package envelopes

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fact"
	"portico/platform/money"
)

// follow tells what is true now that all have signed. It happens in the transaction that completes the document, which
// happens once. Until then nothing of it counts anywhere: what is a draft, waits or was declined touches no sum.
func (d desk) follow(ctx context.Context, tx bun.Tx, v auth.Viewer, e Envelope) error {
	err := d.Bus.Publish(ctx, tx, v.FirmID(), fact.EnvelopeCompleted{
		EnvelopeID: e.ID, ClientID: e.ClientID, ProjectID: e.ProjectID, Kind: string(e.Kind),
	})
	if err != nil || !e.Kind.Priced() {
		return err
	}
	a, err := agreementOf(ctx, tx, v, e)
	if err != nil {
		return err
	}
	switch e.Kind {
	case Contract:
		return d.Bus.Publish(ctx, tx, v.FirmID(), fact.ContractSigned{Agreement: a})
	case Proposal:
		return d.Bus.Publish(ctx, tx, v.FirmID(), fact.ProposalAccepted{Agreement: a})
	case Deposit:
		return d.Bus.Publish(ctx, tx, v.FirmID(), fact.DepositRequested{Agreement: a})
	}
	if e.ProjectID == uuid.Nil || a.Amount == 0 {
		return nil // a change of something that is billed nowhere, or of no price
	}
	return d.Bus.Publish(ctx, tx, v.FirmID(), fact.ChangeOrderApproved{
		Billable: fact.Billable{
			ID: e.ID, ClientID: e.ClientID, ProjectID: e.ProjectID, Text: a.Title, On: a.On, Quantity: int64(money.One), Price: a.Amount,
			Currency: a.Currency, TaxRate: a.TaxRate,
		},
		AtOnce: e.AtOnce,
	})
}

// agreementOf is what a document is about.
func agreementOf(ctx context.Context, tx bun.IDB, v auth.Viewer, e Envelope) (fact.Agreement, error) {
	zone, err := zoneOf(ctx, tx, v)
	if err != nil {
		return fact.Agreement{}, err
	}
	a := fact.Agreement{
		EnvelopeID: e.ID, ClientID: e.ClientID, ProjectID: e.ProjectID, Title: e.Title, On: day.Of(lastSigned(e).In(zone)).String(), Amount: e.Total, Currency: e.Currency,
	}
	lines, err := linesOf(ctx, tx, v, e.ID)
	if err != nil {
		return a, err
	}
	a.TaxRate = taxOf(lines, e.Currency)
	stages, err := stagesOf(ctx, tx, v, e.ID)
	for _, s := range stages {
		a.Stages = append(a.Stages, fact.Stage{Title: s.Title, Share: s.Share, Amount: s.Amount, DueOn: s.DueOn})
	}
	return a, err
}

// lastSigned is when the last one signed: from then on it holds, however long the sealing takes.
func lastSigned(e Envelope) time.Time {
	var last time.Time
	for _, r := range e.Recipients {
		if r.SignedAt.After(last) {
			last = r.SignedAt
		}
	}
	if last.IsZero() {
		return e.CompletedAt
	}
	return last
}

// taxOf is the tax of all lines together: theirs when it is the same for all, else what comes to the same.
func taxOf(lines []Line, currency string) int {
	net, tax := sumOf(lines, currency)
	same := true
	for _, l := range lines {
		same = same && l.TaxRate == lines[0].TaxRate
	}
	switch {
	case len(lines) == 0 || net.IsZero():
		return 0
	case same:
		return lines[0].TaxRate
	}
	return int(min(max(tax.Minor*int64(money.Whole)/net.Minor, 0), int64(money.Whole)))
}
