// Package weather asks what the weather of a day was. A firm that wants it switches it on; without a provider everything
// works by hand.
package weather

import (
	"context"
	"errors"
)

// Provider knows the weather of past and present days.
type Provider interface {
	// Find says where a town is; ErrUnknown when nobody knows it.
	Find(ctx context.Context, t Town) (Place, error)
	// Day says what the weather of a day was, in Fahrenheit or Celsius; ErrUnknown when nobody knows.
	Day(ctx context.Context, at Place, day, unit string) (Report, error)
}

// ErrUnknown says that the provider answered, and does not know.
var ErrUnknown = errors.New("not known")

// Town is where a project is, as its address says.
type Town struct{ City, Region, Postcode, Country string }

// Place is a point on the earth, in degrees as the provider writes them.
type Place struct{ Latitude, Longitude string }

// Report is the weather of one day. High and Low are whole degrees.
type Report struct {
	Sky       string // clear, partly, cloudy, fog, rain, storm, snow
	High, Low int
}

// skyOf reads a code of the World Meteorological Organization (table 4677), as providers use it.
func skyOf(code int) string {
	switch {
	case code <= 1:
		return "clear"
	case code == 2:
		return "partly"
	case code == 3:
		return "cloudy"
	case code == 45, code == 48:
		return "fog"
	case code >= 71 && code <= 77, code == 85, code == 86:
		return "snow"
	case code >= 95:
		return "storm"
	case code >= 51:
		return "rain"
	}
	return "cloudy"
}
