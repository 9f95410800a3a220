package billing

import (
	"strconv"
	"unicode/utf8"

	"portico/platform/fault"
	"portico/platform/money"
)

// Setting is how a firm bills.
type Setting struct {
	InvoicePrefix, CreditPrefix, ReceiptPrefix string
	TermsDays                                  int
	SecondPerson                               bool // who drafts does not approve
	ShowUpcoming                               bool // clients see approved invoices before their release
	TaxRate                                    money.Rate
	TaxName                                    string
	Footer                                     string
	PayCard, PayBank                           bool  // how new invoices may be paid online
	PartPayment                                bool  // a part of the balance may be paid
	MinPayment                                 int64 // at least that much, in the firm's currency; 0: any part
	AllowOver                                  bool  // more than is owed may be paid
	Version                                    int   // 0: nothing was ever saved
}

var defaults = Setting{InvoicePrefix: "INV-", CreditPrefix: "CM-", ReceiptPrefix: "R-", TermsDays: 14, TaxName: "Tax", PayCard: true, PayBank: true, PartPayment: true}

// guarded is what decides where clients send their money and who lets it be asked for: changed only with a fresh factor.
func (s Setting) guarded() [3]string {
	return [3]string{s.Footer, s.TaxName, strconv.FormatBool(s.SecondPerson)}
}

// settingForm is it as it was typed.
type settingForm struct {
	InvoicePrefix string `form:"invoice_prefix"`
	CreditPrefix  string `form:"credit_prefix"`
	ReceiptPrefix string `form:"receipt_prefix"`
	First         string `form:"first"` // the first invoice's number, as long as there is none
	TermsDays     string `form:"terms_days"`
	SecondPerson  bool   `form:"second_person"`
	ShowUpcoming  bool   `form:"show_upcoming"`
	TaxRate       string `form:"tax_rate"`
	TaxName       string `form:"tax_name"`
	Footer        string `form:"footer"`
	PayCard       bool   `form:"pay_card"`
	PayBank       bool   `form:"pay_bank"`
	PartPayment   bool   `form:"part_payment"`
	MinPayment    string `form:"min_payment"`
	AllowOver     bool   `form:"allow_over"`
	Version       int    `form:"version"`
}

func settingFormOf(s Setting, currency string) settingForm {
	f := settingForm{
		InvoicePrefix: s.InvoicePrefix, CreditPrefix: s.CreditPrefix, ReceiptPrefix: s.ReceiptPrefix,
		TermsDays: strconv.Itoa(s.TermsDays), SecondPerson: s.SecondPerson, ShowUpcoming: s.ShowUpcoming,
		TaxRate: s.TaxRate.String(), TaxName: s.TaxName, Footer: s.Footer, Version: s.Version,
		PayCard: s.PayCard, PayBank: s.PayBank, PartPayment: s.PartPayment, AllowOver: s.AllowOver,
	}
	if s.MinPayment > 0 {
		f.MinPayment = money.Of(s.MinPayment, currency).Plain()
	}
	return f
}

// setting reads what was typed; first is 0 when none was asked for.
func (f *settingForm) setting(currency, locale string) (s Setting, first int64, wrong fault.Fields) {
	wrong = fault.Fields{}
	s = Setting{
		InvoicePrefix: f.InvoicePrefix, CreditPrefix: f.CreditPrefix, ReceiptPrefix: f.ReceiptPrefix,
		SecondPerson: f.SecondPerson, ShowUpcoming: f.ShowUpcoming, TaxName: oneLine(f.TaxName), Footer: f.Footer, Version: f.Version,
		PayCard: f.PayCard, PayBank: f.PayBank, PartPayment: f.PartPayment, AllowOver: f.AllowOver,
	}
	if f.MinPayment != "" {
		least, err := money.Parse(f.MinPayment, currency, locale)
		switch {
		case err != nil:
			wrong["min_payment"] = money.Advice(err, currency)
		case least.Negative():
			wrong["min_payment"] = "Enter more than nothing, or leave it open."
		}
		s.MinPayment = least.Minor
	}
	for name, prefix := range map[string]string{"invoice_prefix": s.InvoicePrefix, "credit_prefix": s.CreditPrefix, "receipt_prefix": s.ReceiptPrefix} {
		if utf8.RuneCountInString(prefix) > 12 {
			wrong[name] = "Use at most 12 characters."
		}
	}
	if s.CreditPrefix == s.ReceiptPrefix {
		wrong["credit_prefix"] = "Receipts begin like that. Choose another one, so that no number stands twice."
	}
	var err error
	if s.TermsDays, err = strconv.Atoi(f.TermsDays); err != nil || s.TermsDays < 0 || s.TermsDays > 365 {
		wrong["terms_days"] = "Enter a number of days between 0 and 365."
	}
	if s.TaxRate, err = money.ParseShare(f.TaxRate, locale); err != nil {
		wrong["tax_rate"] = "Enter a percentage between 0 and 100."
	}
	switch n := utf8.RuneCountInString(s.TaxName); {
	case n == 0:
		wrong["tax_name"] = "Say what the tax is called."
	case n > 30:
		wrong["tax_name"] = "Use at most 30 characters."
	}
	if utf8.RuneCountInString(s.Footer) > longestText {
		wrong["footer"] = "Use at most 2,000 characters."
	}
	if f.First != "" {
		if first, err = strconv.ParseInt(f.First, 10, 64); err != nil || first < 1 || first > 1_000_000_000 {
			wrong["first"] = "Enter a whole number from 1."
		}
	}
	return s, first, wrong
}

// numbered is how a number reads: four digits at least.
func numbered(prefix string, n int64) string {
	text := strconv.FormatInt(n, 10)
	for len(text) < 4 {
		text = "0" + text
	}
	return prefix + text
}
