package time

import (
	"testing"

	"portico/platform/day"
)

// A line says the rate only where the firm wants that, and comes to the same either way.
func TestRatesStandOnInvoicesWhereTheFirmWantsThem(t *testing.T) {
	t.Parallel()
	e := Entry{Task: "Carpentry", Minutes: 90, Worth: 9200, Currency: "USD", WorkDate: day.New(2026, 11, 2), ClientNote: "Trim", InternalNotes: "secret"}
	hidden, shown := (&bill{}).line(e), (&bill{setting: Setting{ShowRate: true}}).line(e)
	if hidden.Text != "Carpentry, Mon, Nov 2, 2026, 1:30 h: Trim" || hidden.Quantity != 1000 || hidden.Price != 13800 {
		t.Errorf("%+v", hidden)
	}
	if shown.Text != "Carpentry, Mon, Nov 2, 2026: Trim" || shown.Quantity != 1500 || shown.Price != 9200 {
		t.Errorf("%+v", shown)
	}
}
