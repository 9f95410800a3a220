package sheet_test

import (
	"testing"

	"portico/platform/sheet"
)

func TestAmountsOfManyPrograms(t *testing.T) {
	for text, want := range map[string]string{
		"$-142.85": "-142.85 USD", "$1,234.50": "1234.50 USD", "(1,234.50)": "-1234.50 ", "-$5": "-5 USD", "99-": "-99 ", "$13.50 ": "13.50 USD",
		"1.234,50 €": "1234.50 EUR", "€ 1.234.567": "1234567 EUR", "1 234,50": "1234.50 ", "1\u202f234,50\u00a0€": "1234.50 EUR", "1'234.50 CHF": "1234.50 CHF", "Fr. 12.50": "12.50 CHF",
		"1,234": "1234 ", "1.234": "1.234 ", "0,5": "0.5 ", "12,34": "12.34 ", "1,234,567": "1234567 ", "−7.10": "-7.10 ", "USD 45.00": "45.00 USD", "10.00 CR": "-10.00 ", "£.99": "0.99 GBP", "-0.05": "-0.05 ",
	} {
		a, err := sheet.ParseAmount(text, false)
		if got := a.String() + " " + a.Currency; err != nil || got != want {
			t.Errorf("%q: %q %v, want %q", text, got, err, want)
		}
	}
	if a, _ := sheet.ParseAmount("1.234", true); a.String() != "1234" {
		t.Errorf("with decimal commas: %s", a)
	}
	if a, _ := sheet.ParseAmount("1,234", true); a.String() != "1.234" {
		t.Errorf("with decimal commas: %s", a)
	}
	for _, text := range []string{"", "abc", "12 apples", "--5", "1/2", "99999999999999999999999"} {
		if a, err := sheet.ParseAmount(text, false); err == nil {
			t.Errorf("%q: %s", text, a)
		}
	}
	for _, c := range []struct {
		text   string
		places int
		minor  int64
		fits   bool
	}{{"12.5", 2, 1250, true}, {"12.505", 2, 0, false}, {"12.500", 2, 1250, true}, {"12", 0, 12, true}, {"12.345", 3, 12345, true}} {
		a, _ := sheet.ParseAmount(c.text, false)
		if got, fits := a.Minor(c.places); got != c.minor || fits != c.fits {
			t.Errorf("%s: %d %v", c.text, got, fits)
		}
	}
}

func TestDatesOfManyPrograms(t *testing.T) {
	for _, c := range []struct {
		text  string
		order sheet.Order
		want  string
	}{
		{"2021-01-28", "", "2021-01-28"}, {"2021-01-28 05:14:15", "", "2021-01-28"}, {"2021-01-28T05:14:15Z", "", "2021-01-28"}, {"2021/1/8", "", "2021-01-08"},
		{"10/20/2019", sheet.MonthFirst, "2019-10-20"}, {"3/4/2021", sheet.MonthFirst, "2021-03-04"}, {"3/4/2021", sheet.DayFirst, "2021-04-03"}, {"3.4.2021", "", "2021-04-03"},
		{"28-01-21", sheet.DayFirst, "2021-01-28"}, {"1/2/69", sheet.MonthFirst, "2069-01-02"}, {"1/2/75", sheet.MonthFirst, "1975-01-02"}, {"20210128", "", "2021-01-28"}, {"44224", "", "2021-01-28"},
		{"Jan 28, 2021", "", "2021-01-28"}, {"28 January 2021", "", "2021-01-28"}, {"28-Jan-21", "", "2021-01-28"}, {"Thu, Jan 28, 2021", "", "2021-01-28"}, {"January 28th, 2021", "", "2021-01-28"}, {"Jan 28, 2021 5:00 PM", "", "2021-01-28"}, {"21-01-28", sheet.YearFirst, "2021-01-28"},
		{"28. Januar 2021", "", "2021-01-28"}, {"3. März 2021", "", "2021-03-03"}, {"28 janv. 2021", "", "2021-01-28"}, {"28 de enero de 2021", "", "2021-01-28"}, {"28 gennaio 2021", "", "2021-01-28"}, {"5 Dez 2021", "", "2021-12-05"},
	} {
		if d, err := sheet.ParseDay(c.text, c.order); err != nil || d.String() != c.want {
			t.Errorf("%q: %s %v, want %s", c.text, d, err, c.want)
		}
	}
	for _, text := range []string{"", "soon", "31.02.2021", "13/13/2021", "2021-13-01", "0000-00-00", "1/2/3", "5", "2021-02-30"} {
		if d, err := sheet.ParseDay(text, sheet.DayFirst); err == nil {
			t.Errorf("%q: %s", text, d)
		}
	}
}

func TestAddressesInOneCell(t *testing.T) {
	for text, want := range map[string]sheet.Address{
		"12 Main St, Austin, TX 78701":                    {Street: "12 Main St", City: "Austin", Region: "TX", Postcode: "78701"},
		"12 Main St\nSuite 4\nAustin, TX 78701-0001\nUSA": {Street: "12 Main St, Suite 4", City: "Austin", Region: "TX", Postcode: "78701-0001", Country: "USA"},
		"12 Main St, Austin TX 78701":                     {Street: "12 Main St", City: "Austin", Region: "TX", Postcode: "78701"},
		"12 Main St, Austin, TX, 78701, United States":    {Street: "12 Main St", City: "Austin", Region: "TX", Postcode: "78701", Country: "United States"},
		"Lindenallee 4, 10115 Berlin, Deutschland":        {Street: "Lindenallee 4", City: "Berlin", Postcode: "10115", Country: "Deutschland"},
		"10 Downing Street, London, SW1A 2AA, UK":         {Street: "10 Downing Street", City: "London", Postcode: "SW1A 2AA", Country: "UK"},
		"1 Wellington St, Ottawa, ON K1A 0A9, Canada":     {Street: "1 Wellington St", City: "Ottawa", Region: "ON", Postcode: "K1A 0A9", Country: "Canada"},
		"12 Main St":         {Street: "12 Main St"},
		"12 Main St, Austin": {Street: "12 Main St", City: "Austin"},
		"":                   {},
	} {
		if got := sheet.SplitAddress(text); got != want {
			t.Errorf("%q: %+v", text, got)
		}
	}
	for name, want := range map[string]string{"Rivera, Ana": "Ana Rivera", "Ana Rivera": "Ana Rivera", "Ana Rivera, MD": "Ana Rivera, MD", "Smith, Jones, Miller": "Smith, Jones, Miller", "Oak & Elm, Inc.": "Oak & Elm, Inc."} {
		if got := sheet.PersonName(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}
