package sandbox

import (
	"strings"

	"portico/modules/billing/gateway"
)

// Number is a card or an account to practise with, and what it does.
type Number struct {
	Digits string
	Kind   gateway.Kind
	Brand  string
	Does   string // for people

	code   string // refused with it
	later  bool   // not when it is saved or accepted: when it is charged, or after the bank's days
	asks   string // "first", "always": the bank wants a second step
	then   Deed   // what happens after it was paid
	rebels bool   // refunds fail
	most   int64  // more than that at once is declined
}

// Routing is the routing number of the practice bank.
const Routing = "110000000"

// Numbers are all that the provider takes.
var Numbers = []Number{
	{Digits: "4242424242424242", Kind: gateway.Card, Brand: "Visa", Does: "Is paid"},
	{Digits: "5555555555554444", Kind: gateway.Card, Brand: "Mastercard", Does: "Is paid"},
	{Digits: "378282246310005", Kind: gateway.Card, Brand: "American Express", Does: "Is paid"},
	{Digits: "4000002500003155", Kind: gateway.Card, Brand: "Visa", asks: "first", Does: "The bank asks for a second step (3-D Secure) the first time"},
	{Digits: "4000002760003184", Kind: gateway.Card, Brand: "Visa", asks: "always", Does: "The bank asks for a second step every time; automatic payments fail"},
	{Digits: "4000000000000002", Kind: gateway.Card, Brand: "Visa", code: "declined", Does: "Is declined"},
	{Digits: "4000000000009995", Kind: gateway.Card, Brand: "Visa", code: "insufficient_funds", Does: "Is declined: not enough money"},
	{Digits: "4000000000000069", Kind: gateway.Card, Brand: "Visa", code: "expired", Does: "Is declined: the card has expired"},
	{Digits: "4000000000000119", Kind: gateway.Card, Brand: "Visa", code: "other", Does: "Is declined: an error at the bank"},
	{Digits: "4000000000006975", Kind: gateway.Card, Brand: "Visa", most: 1_000_000, Does: "Is declined above 10,000.00: the card's limit"},
	{Digits: "4000000000000341", Kind: gateway.Card, Brand: "Visa", code: "declined", later: true, Does: "Can be saved, and is declined when it is charged"},
	{Digits: "4000000000000259", Kind: gateway.Card, Brand: "Visa", then: Dispute, Does: "Is paid, then disputed"},
	{Digits: "4000000000005126", Kind: gateway.Card, Brand: "Visa", rebels: true, Does: "Is paid; refunds fail a day later"},

	{Digits: "000123456789", Kind: gateway.Bank, Brand: "Practice Bank", Does: "Arrives after 4 days"},
	{Digits: "000111111116", Kind: gateway.Bank, Brand: "Practice Bank", code: "declined", Does: "Is refused at once: no such account"},
	{Digits: "000222222227", Kind: gateway.Bank, Brand: "Practice Bank", code: "insufficient_funds", later: true, Does: "Fails after 4 days: not enough money"},
	{Digits: "000111111113", Kind: gateway.Bank, Brand: "Practice Bank", code: "other", later: true, Does: "Fails after 4 days: the account is closed"},
	{Digits: "000444444440", Kind: gateway.Bank, Brand: "Practice Bank", then: TakeOut, Does: "Arrives after 4 days, and is taken back by the bank 2 days later"},
	{Digits: "000555555559", Kind: gateway.Bank, Brand: "Practice Bank", then: Dispute, Does: "Arrives after 4 days, then is disputed"},
}

// numbered finds a practice number, however it was spaced.
func numbered(kind gateway.Kind, typed string) (Number, bool) {
	digits := strings.NewReplacer(" ", "", "-", "", "\u00a0", "").Replace(typed)
	for _, n := range Numbers {
		if n.Kind == kind && n.Digits == digits {
			return n, true
		}
	}
	return Number{}, false
}

// Spaced writes a number in groups of four, as cards do.
func (n Number) Spaced() string {
	if n.Kind == gateway.Bank {
		return n.Digits
	}
	var b strings.Builder
	for i, d := range n.Digits {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(d)
	}
	return b.String()
}

// failure words a code for the payer.
func failure(code string, kind gateway.Kind) gateway.Failure {
	texts := map[string]string{
		"declined":           "The card was declined.",
		"insufficient_funds": "There is not enough money on it.",
		"expired":            "The card has expired.",
		"authentication":     "Your bank could not confirm that it was you.",
		"canceled":           "The payment was canceled.",
		"limit":              "It is above the card's limit.",
		"returned":           "The bank took the payment back.",
		"other":              "The bank could not process it.",
	}
	text := texts[code]
	if code == "declined" && kind == gateway.Bank {
		text = "The bank does not know this account."
	}
	return gateway.Failure{Code: code, Text: text}
}
