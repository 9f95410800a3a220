package lang

import (
	"time"

	"github.com/goodsign/monday"

	"portico/platform/day"
)

// layouts are Go's layouts as the program writes them in English, and how other languages order the same.
var layouts = map[string]map[string]string{
	"es": {
		"Mon, Jan 2, 2006": "Mon, 2 Jan 2006", "Mon, Jan 2, 2006, 3:04 PM": "Mon, 2 Jan 2006, 15:04", "3:04 PM": "15:04",
		"Jan 2, 2006": "2 Jan 2006", "Jan 2": "2 Jan", "Mon, Jan 2": "Mon, 2 Jan", "January 2": "2 de January", "January 2, 2006": "2 de January de 2006",
		"Monday, January 2": "Monday, 2 de January", "Monday, January 2, 2006": "Monday, 2 de January de 2006", "January 2006": "January de 2006",
		"Jan 2, 3:04 PM": "2 Jan, 15:04", "Mon Jan 2": "Mon 2 Jan",
	},
	"fr": {
		"Mon, Jan 2, 2006": "Mon 2 Jan 2006", "Mon, Jan 2, 2006, 3:04 PM": "Mon 2 Jan 2006, 15:04", "3:04 PM": "15:04",
		"Jan 2, 2006": "2 Jan 2006", "Jan 2": "2 Jan", "Mon, Jan 2": "Mon 2 Jan", "January 2": "2 January", "January 2, 2006": "2 January 2006",
		"Monday, January 2": "Monday 2 January", "Monday, January 2, 2006": "Monday 2 January 2006",
		"Jan 2, 3:04 PM": "2 Jan, 15:04", "Mon Jan 2": "Mon 2 Jan",
	},
	"de": {
		"Mon, Jan 2, 2006": "Mon, 2. Jan 2006", "Mon, Jan 2, 2006, 3:04 PM": "Mon, 2. Jan 2006, 15:04", "3:04 PM": "15:04",
		"Jan 2, 2006": "2. Jan 2006", "Jan 2": "2. Jan", "Mon, Jan 2": "Mon, 2. Jan", "January 2": "2. January", "January 2, 2006": "2. January 2006",
		"Monday, January 2": "Monday, 2. January", "Monday, January 2, 2006": "Monday, 2. January 2006",
		"Jan 2, 3:04 PM": "2. Jan, 15:04", "Mon Jan 2": "Mon 2. Jan", "2 Jan 2006, 15:04:05": "2. Jan 2006, 15:04:05",
	},
}

var calendars = map[string]monday.Locale{"es": monday.LocaleEsES, "fr": monday.LocaleFrFR, "de": monday.LocaleDeDE}

// Date writes an instant or a day by a layout of Go in its English order ("Jan 2, 2006"): with the names, and in the
// order, of the reader's language. An instant must be in the reader's zone. Nothing for no date.
func (r *Reader) Date(v any, layout string) string {
	t := Moment(v)
	if t.IsZero() {
		return ""
	}
	calendar, ok := calendars[r.Code]
	if !ok {
		return t.Format(layout)
	}
	if own, ok := layouts[r.Code][layout]; ok {
		layout = own
	}
	return monday.Format(t, layout, calendar)
}

// Day writes a day or instant as "Thu, Dec 3, 2026".
func (r *Reader) Day(v any) string { return r.Date(v, "Mon, Jan 2, 2006") }

// Instant writes "Thu, Dec 3, 2026, 4:05 PM".
func (r *Reader) Instant(v any) string { return r.Date(v, "Mon, Jan 2, 2006, 3:04 PM") }

// Clock writes "4:05 PM".
func (r *Reader) Clock(v any) string { return r.Date(v, "3:04 PM") }

// Moment is a day or an instant as an instant; the zero time for what is neither.
func Moment(v any) time.Time {
	switch v := v.(type) {
	case time.Time:
		return v
	case *time.Time:
		if v != nil {
			return *v
		}
	case day.Day:
		return v.Midnight()
	}
	return time.Time{}
}

// Date is a day or an instant whose reader is known later, in a layout of Go.
type Date struct {
	At     any
	Layout string
}

// String is the date in English.
func (d Date) String() string { return English.Date(d.At, d.Layout) }
