package dailylogs

import (
	"strings"

	"portico/platform/lang"
)

// Weather of a day, as somebody saw it or the provider reported it. High and Low are nil when nobody knows.
type Weather struct {
	Sky         string `json:"sky,omitempty"`
	High        *int   `json:"high,omitempty"`
	Low         *int   `json:"low,omitempty"`
	Unit        string `json:"unit,omitempty"` // F or C
	WeatherNote string `json:"note,omitempty"`
	WeatherFrom string `json:"from,omitempty"` // hand, provider; "": not known
}

// Sky is one sort of weather.
type Sky struct{ ID, Title, Icon string }

// skies in the order of the form.
var skies = []Sky{
	{"clear", "Clear", "sun"}, {"partly", "Partly cloudy", "cloud-sun"}, {"cloudy", "Cloudy", "cloud"}, {"rain", "Rain", "cloud-rain"},
	{"storm", "Storm", "zap"}, {"snow", "Snow", "snowflake"}, {"wind", "Windy", "wind"}, {"fog", "Fog", "cloud-off"},
}

// SkyOf is the sort of weather; the zero Sky when nobody said.
func (w Weather) SkyOf() Sky {
	for _, s := range skies {
		if s.ID == w.Sky {
			return s
		}
	}
	return Sky{}
}

// Known reports whether anything is known of it.
func (w Weather) Known() bool {
	return w.Measured() || w.WeatherNote != ""
}

// Measured reports whether the sky or the temperatures are known; a note alone is no weather.
func (w Weather) Measured() bool { return w.Sky != "" || w.High != nil || w.Low != nil }

// Degrees are the temperatures for people: "58° to 41° F".
func (w Weather) Degrees() lang.Message {
	switch {
	case w.High != nil && w.Low != nil:
		return lang.M("%s° to %s° %s", degrees(*w.High), degrees(*w.Low), w.Unit)
	case w.High != nil:
		return lang.M("%s° %s", degrees(*w.High), w.Unit)
	case w.Low != nil:
		return lang.M("from %s° %s", degrees(*w.Low), w.Unit)
	}
	return lang.Message{}
}

// WeatherText is all of it in a line: "Rain, 58° to 41° F".
func (w Weather) WeatherText() lang.Message {
	sky, much := w.SkyOf().Title, w.Degrees()
	if sky == "Clear" {
		sky = "Clear¦weather"
	}
	switch {
	case sky != "" && (w.High != nil || w.Low != nil):
		return lang.M("%s, %s", lang.Text(sky), much)
	case sky != "":
		return lang.M("%s", lang.Text(sky))
	}
	return much
}

func degrees(n int) string { return strings.Replace(itoa(n), "-", "−", 1) }

// usualUnit is what a firm's readers think in.
func usualUnit(locale string) string {
	for _, region := range []string{"-US", "-BS", "-BZ", "-KY", "-PW", "-LR"} {
		if strings.HasSuffix(locale, region) {
			return "F"
		}
	}
	return "C"
}
