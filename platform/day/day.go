// Package day holds calendar days: what is due, never an instant.
package day

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Day is a date without a zone. The zero Day is "no date".
type Day struct{ t time.Time }

const layout = "2006-01-02"

// New makes a day from its parts.
func New(year int, month time.Month, date int) Day {
	return Day{time.Date(year, month, date, 0, 0, 0, 0, time.UTC)}
}

// Of gives the day on which the instant falls in its own zone; call t.In(zone) first.
func Of(t time.Time) Day { return New(t.Year(), t.Month(), t.Day()) }

// Parse reads 2006-01-02.
func Parse(s string) (Day, error) {
	t, err := time.Parse(layout, s)
	if err != nil {
		return Day{}, fmt.Errorf("day %q: want YYYY-MM-DD", s)
	}
	return Day{t}, nil
}

func (d Day) IsZero() bool          { return d.t.IsZero() }
func (d Day) Before(e Day) bool     { return d.t.Before(e.t) }
func (d Day) After(e Day) bool      { return d.t.After(e.t) }
func (d Day) Add(days int) Day      { return Day{d.t.AddDate(0, 0, days)} }
func (d Day) Until(e Day) int       { return int(e.t.Sub(d.t).Hours() / 24) }
func (d Day) Year() int             { return d.t.Year() }
func (d Day) Weekday() time.Weekday { return d.t.Weekday() }

// Midnight is the day as a UTC instant, for formatting.
func (d Day) Midnight() time.Time { return d.t }

// String is 2006-01-02, or "" for no date.
func (d Day) String() string {
	if d.IsZero() {
		return ""
	}
	return d.t.Format(layout)
}

// MarshalText and UnmarshalText make a Day travel in JSON and forms.
func (d Day) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

func (d *Day) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Day{}
		return nil
	}
	parsed, err := Parse(string(text))
	*d = parsed
	return err
}

// Value writes a DATE; no date is NULL.
func (d Day) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// Scan reads a DATE.
func (d *Day) Scan(from any) error {
	switch v := from.(type) {
	case nil:
		*d = Day{}
	case time.Time:
		*d = Of(v)
	case string:
		return d.UnmarshalText([]byte(v))
	case []byte:
		return d.UnmarshalText(v)
	default:
		return fmt.Errorf("day from %T", from)
	}
	return nil
}
