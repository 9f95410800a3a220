package money_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"portico/platform/money"
)

func TestPartsAddUp(t *testing.T) {
	t.Parallel()
	got := money.Of(1000, "USD").Split(3)
	if got[0].Minor != 334 || got[1].Minor != 333 || got[2].Minor != 333 {
		t.Errorf("10.00 in three is %v", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		whole := money.Of(rapid.Int64Range(-money.Most, money.Most).Draw(t, "whole"), "USD")
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1_000_000), 1, 20).Draw(t, "weights")
		sum := money.Of(0, "USD")
		for _, part := range whole.Share(weights) {
			sum = sum.Add(part)
		}
		if sum != whole {
			t.Fatalf("%v shared by %v is %v", whole, weights, sum)
		}
	})
}

func TestRoundingIsToTheNearest(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		got, want money.Amount
	}{
		{money.Of(333, "USD").Part(5000), money.Of(167, "USD")},
		{money.Of(-333, "USD").Part(5000), money.Of(-167, "USD")},
		{money.Of(10000, "USD").Part(825), money.Of(825, "USD")},
		{money.Of(9999, "USD").Times(1333), money.Of(13329, "USD")},
		{money.Of(150, "JPY").Times(1500), money.Of(225, "JPY")},
		{money.Of(money.Most, "USD").Times(1_000_000), money.Of(money.Most*1000, "USD")},
	} {
		if c.got != c.want {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
}

func TestWhatPeopleType(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, code, locale string
		want               int64
		err                error
	}{
		{"1234.5", "USD", "en-US", 123450, nil},
		{" $1,234.50 ", "USD", "en-US", 123450, nil},
		{"1,234", "USD", "en-US", 123400, nil},
		{"12,50", "USD", "en-US", 1250, nil},
		{"1.234,50", "EUR", "de", 123450, nil},
		{"1.234", "EUR", "de", 123400, nil},
		{"1.234", "USD", "en-US", 0, money.ErrTooFine},
		{"1.234", "KWD", "en-US", 1234, nil},
		{"1,234.567 KWD", "KWD", "en-US", 1234567, nil},
		{"1,234", "JPY", "en-US", 1234, nil},
		{"1.234", "JPY", "en-US", 1234, nil},
		{"12.00", "JPY", "en-US", 12, nil},
		{"12.50", "JPY", "en-US", 0, money.ErrTooFine},
		{"1 234 567,89 €", "EUR", "fr", 123456789, nil},
		{"1'234.50", "CHF", "de-CH", 123450, nil},
		{"-5", "USD", "en-US", -500, nil},
		{"−5", "USD", "en-US", -500, nil},
		{"(5.00)", "USD", "en-US", -500, nil},
		{"١٢٣٫٥", "USD", "ar", 12350, nil},
		{"0.05", "USD", "en-US", 5, nil},
		{".5", "USD", "en-US", 50, nil},
		{"1.500", "USD", "en-US", 150, nil},
		{"", "USD", "en-US", 0, money.ErrNoNumber},
		{"abc", "USD", "en-US", 0, money.ErrNoNumber},
		{"1/2", "USD", "en-US", 0, money.ErrNoNumber},
		{"5-3", "USD", "en-US", 0, money.ErrNoNumber},
		{"99999999999999999999999999", "USD", "en-US", 0, money.ErrTooMuch},
		{"10000000000000.01", "USD", "en-US", 1000000000000001, money.ErrTooMuch},
	} {
		got, err := money.Parse(c.text, c.code, c.locale)
		if !errors.Is(err, c.err) || err == nil && got != money.Of(c.want, c.code) {
			t.Errorf("%q in %s %s: %v %v, want %d %v", c.text, c.code, c.locale, got.Minor, err, c.want, c.err)
		}
	}
}

func TestWrittenAndReadAgain(t *testing.T) {
	t.Parallel()
	locales := []string{"en-US", "de", "fr", "de-CH", "pl", "es", "hu", "ja", "en-IN", "nb"}
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom([]string{"USD", "EUR", "JPY", "KWD", "CLP", "HUF"}).Draw(t, "currency")
		a := money.Of(rapid.Int64Range(-money.Most, money.Most).Draw(t, "minor"), code)
		locale := rapid.SampledFrom(locales).Draw(t, "locale")
		for what, text := range map[string]string{"plain": a.Plain()} {
			if got, err := money.Parse(text, code, "en-US"); err != nil || got != a {
				t.Fatalf("%s %q is read as %v (%v)", what, text, got, err)
			}
		}
		text := a.Format(locale)
		if got, err := money.Parse(text, code, locale); err != nil || got != a {
			t.Fatalf("%q in %s is read as %v (%v), not %v", text, locale, got, err, a)
		}
	})
}

func TestFormats(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ got, want string }{
		{money.Of(123450, "USD").Format("en-US"), "$1,234.50"},
		{money.Of(-31000, "USD").Format("en-US"), "−$310.00"},
		{money.Of(1234, "JPY").Format("en-US"), "¥1,234"},
		{money.Of(1234567, "KWD").Plain(), "1234.567"},
		{money.Of(-5, "USD").Plain(), "-0.05"},
		{money.Of(7, "JPY").Plain(), "7"},
		{money.Of(100, "DEM").Format("en-US"), "1.00 DEM"},
		{money.Rate(825).String(), "8.25"}, {money.Rate(2000).String(), "20"}, {money.Rate(0).String(), "0"}, {money.Rate(750).String(), "7.5"},
		{money.Quantity(1500).String(), "1.5"}, {money.One.String(), "1"}, {money.Quantity(-333).String(), "-0.333"}, {money.Quantity(10000).String(), "10"},
		{money.Symbol("USD", "en-US"), "$"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestTwoCurrenciesNeverMeet(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("dollars and yen were added up")
		}
	}()
	money.Of(1, "USD").Add(money.Of(1, "JPY"))
}
