package billing

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/money"
)

// Kind is what an invoice asks for.
type Kind string

const (
	Work         Kind = "work"
	Deposit      Kind = "deposit"      // held for the client, and earned only where it is used
	Retainage    Kind = "retainage"    // what was kept back of earlier work
	Consolidated Kind = "consolidated" // the work of several projects in one document
)

// Title names a kind for people; "" for what most invoices are.
func (k Kind) Title() string {
	return map[Kind]string{Deposit: "Deposit", Retainage: "Retainage", Consolidated: "Consolidated invoice"}[k]
}

// Numbered is what an invoice of a kind is called with its number.
func (k Kind) Numbered() string {
	if named, other := map[Kind]string{Deposit: "Deposit %s", Retainage: "Retainage %s", Consolidated: "Consolidated invoice %s"}[k]; other {
		return named
	}
	return "Invoice %s"
}

// Fixed reports whether the lines follow from something else and are not written by hand.
func (k Kind) Fixed() bool { return k == Deposit || k == Retainage || k == Consolidated }

// IsDeposit, IsRetainage, IsConsolidated and IsMerged are what an invoice asks for, and whether another asks instead.
func (i Invoice) IsDeposit() bool      { return i.Kind == Deposit }
func (i Invoice) IsRetainage() bool    { return i.Kind == Retainage }
func (i Invoice) IsConsolidated() bool { return i.Kind == Consolidated }
func (i Invoice) IsMerged() bool       { return i.Stage == Merged }

// WorkAmount is the work before taxes and before what is kept back, GrossAmount with its taxes.
func (i Invoice) WorkAmount() money.Amount     { return i.amount(i.Net + i.Retained) }
func (i Invoice) GrossAmount() money.Amount    { return i.amount(i.Total + i.Retained) }
func (i Invoice) RetainedAmount() money.Amount { return i.amount(i.Retained) }

// Held is what of a deposit was paid and is not used yet; UsedAmount is what went on from it.
func (i Invoice) Held() money.Amount       { return i.amount(i.Paid - i.Used) }
func (i Invoice) UsedAmount() money.Amount { return i.amount(i.Used) }

// home is the project whose sums an invoice counts in; Nil: it is of the client as such, as money on account is.
func (i Invoice) home() uuid.UUID {
	if i.Kind == Consolidated {
		return uuid.Nil
	}
	return i.ProjectID
}

// sources are where so much of a payment comes from in the books, or, with a minus, goes back to: money, what was held, or
// what is not earned after all, with its tax.
func (p Payment) sources(amount int64) []entry {
	switch p.Method {
	case Credit:
		tax := p.Tax
		if amount < 0 {
			tax = -tax
		}
		return []entry{{Account: "credits", Amount: amount - tax}, {Account: "tax", Amount: tax}}
	case FromDeposit:
		return []entry{{"deposits", p.DepositID, amount}}
	}
	return []entry{{Account: accountOf(p.Method), Amount: amount}}
}

const (
	depositPrefix = "D-"
	ofRetainage   = "retainage"
)

// keepBack adds the line that keeps a share of the work back, in place of an older one. Taxes are asked for in full.
func keepBack(lines []Line, rate money.Rate) (all []Line, retained int64) {
	all = slices.DeleteFunc(slices.Clone(lines), func(l Line) bool { return l.Source == ofRetainage })
	work := money.Amount{Minor: sumOf(all).Net}
	kept := work.Part(rate)
	if !kept.Positive() {
		return all, 0
	}
	l := Line{
		Position: len(all) + 1, Text: "Retainage, " + rate.String() + "%, kept back", Quantity: money.One, Price: -kept.Minor, Source: ofRetainage,
	}
	l.work()
	return append(all, l), kept.Minor
}

// byHand are the lines that a form shows.
func byHand(lines []Line) []Line {
	return slices.DeleteFunc(slices.Clone(lines), func(l Line) bool { return l.Source == ofRetainage })
}

// source reads where a typed line says that it comes from.
func (f lineForm) source() (string, uuid.UUID) {
	source, text, _ := strings.Cut(f.From, ":")
	from, err := uuid.Parse(text)
	if err != nil {
		return "", uuid.Nil
	}
	return source, from
}

// known believes what lines say of their source only if it stands on the invoice already, and once.
func known(kept, lines []Line) []Line {
	from := map[uuid.UUID]string{}
	for _, l := range kept {
		if l.SourceID != uuid.Nil {
			from[l.SourceID] = l.Source
		}
	}
	believed := slices.Clone(lines)
	for n := range believed {
		l := &believed[n]
		source, stands := from[l.SourceID]
		delete(from, l.SourceID)
		if l.Source = source; !stands {
			l.SourceID = uuid.Nil
		}
	}
	return believed
}

// sharesOf splits what was paid over parts by what each comes to: every cent goes to exactly one, and none gets more
// than it comes to. What rounding leaves goes to those that lost most by it.
func sharesOf(paid int64, totals []int64) []int64 {
	var all int64
	for _, t := range totals {
		all += t
	}
	shares := make([]int64, len(totals))
	if all <= 0 {
		return shares
	}
	type lost struct {
		n    int
		rest uint64
	}
	var losses []lost
	left := paid
	for n, t := range totals {
		high, low := bits.Mul64(uint64(paid), uint64(t))
		part, rest := bits.Div64(high, low, uint64(all))
		shares[n] = int64(part)
		left -= shares[n]
		if rest > 0 {
			losses = append(losses, lost{n, rest})
		}
	}
	slices.SortStableFunc(losses, func(a, b lost) int { return cmp.Compare(b.rest, a.rest) })
	for n := int64(0); n < left; n++ {
		shares[losses[n].n]++
	}
	return shares
}

var (
	errHeld       = fault.Conflict("Less than that is held of this deposit. Please look at it again.")
	errFromHeld   = fault.Conflict("Money of a deposit goes on invoices of work, not on a deposit.")
	errGivenBack  = fault.Conflict("Part of this deposit went back to the client, so this payment cannot be taken off it.")
	errMoreThan   = fault.Conflict("That is more than is kept back in this project. Please look at its billing tab.")
	errAskedSince = fault.Conflict("Retainage of this invoice has been invoiced since. Void that invoice first, then this one.")
)
