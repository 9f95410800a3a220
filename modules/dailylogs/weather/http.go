package weather

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// patience is how long one answer may take.
const patience = 8 * time.Second

// HTTP speaks to a provider with the interface of Open-Meteo: /v1/search finds towns, /v1/forecast tells a day.
type HTTP struct {
	Forecast string // where the weather is asked for, such as https://api.open-meteo.com
	Search   string // where towns are
	client   *http.Client
}

// At is a provider at one address; towns are found at the same one unless it is Open-Meteo's own, which has two.
func At(address string) *HTTP {
	h := &HTTP{Forecast: strings.TrimRight(address, "/"), client: &http.Client{Timeout: patience}}
	h.Search = h.Forecast
	if u, err := url.Parse(h.Forecast); err == nil && strings.HasSuffix(u.Host, "open-meteo.com") {
		h.Search = u.Scheme + "://geocoding-" + u.Host
	}
	return h
}

// Find says where a town is. Of several with the same name the one in the right region counts, then the first.
func (h *HTTP) Find(ctx context.Context, t Town) (Place, error) {
	var answer struct {
		Results []struct {
			Latitude, Longitude json.Number
			Admin1              string
			CountryCode         string `json:"country_code"`
		}
	}
	if t.City == "" {
		return Place{}, ErrUnknown
	}
	q := url.Values{"name": {t.City}, "count": {"10"}, "format": {"json"}}
	if len(t.Country) == 2 {
		q.Set("countryCode", strings.ToUpper(t.Country))
	}
	if err := h.ask(ctx, h.Search+"/v1/search?"+q.Encode(), &answer); err != nil {
		return Place{}, err
	}
	best := -1
	for i, r := range answer.Results {
		if best < 0 || t.Region != "" && (strings.EqualFold(r.Admin1, t.Region) || strings.EqualFold(r.Admin1, states[strings.ToUpper(t.Region)])) {
			best = i
			if i > 0 {
				break
			}
		}
	}
	if best < 0 {
		return Place{}, ErrUnknown
	}
	return Place{answer.Results[best].Latitude.String(), answer.Results[best].Longitude.String()}, nil
}

// Day says what the weather of a day was.
func (h *HTTP) Day(ctx context.Context, at Place, day, unit string) (Report, error) {
	var answer struct {
		Daily struct {
			Code []*json.Number `json:"weather_code"`
			High []*json.Number `json:"temperature_2m_max"`
			Low  []*json.Number `json:"temperature_2m_min"`
		}
	}
	q := url.Values{
		"latitude": {at.Latitude}, "longitude": {at.Longitude}, "daily": {"weather_code,temperature_2m_max,temperature_2m_min"},
		"timezone": {"auto"}, "start_date": {day}, "end_date": {day},
	}
	if unit == "F" {
		q.Set("temperature_unit", "fahrenheit")
	}
	if err := h.ask(ctx, h.Forecast+"/v1/forecast?"+q.Encode(), &answer); err != nil {
		return Report{}, err
	}
	d := answer.Daily
	if len(d.Code) == 0 || len(d.High) == 0 || len(d.Low) == 0 || d.Code[0] == nil || d.High[0] == nil || d.Low[0] == nil {
		return Report{}, ErrUnknown
	}
	code, err := d.Code[0].Int64()
	if err != nil {
		return Report{}, ErrUnknown
	}
	high, err := whole(*d.High[0])
	if err != nil {
		return Report{}, err
	}
	low, err := whole(*d.Low[0])
	return Report{skyOf(int(code)), high, low}, err
}

// whole rounds degrees.
func whole(n json.Number) (int, error) {
	degrees, err := n.Float64()
	if err != nil || degrees < -200 || degrees > 200 {
		return 0, fmt.Errorf("no temperature: %w", ErrUnknown)
	}
	if degrees < 0 {
		return int(degrees - .5), nil
	}
	return int(degrees + .5), nil
}

func (h *HTTP) ask(ctx context.Context, address string, into any) error {
	limited, stop := context.WithTimeout(ctx, patience)
	defer stop()
	request, err := http.NewRequestWithContext(limited, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	request.Header.Set("Accept", "application/json")
	response, err := h.client.Do(request)
	if err != nil {
		return fmt.Errorf("ask for the weather: %w", hideQuery(err))
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("ask for the weather: it answers %d", response.StatusCode)
	}
	return json.NewDecoder(io.LimitReader(response.Body, 256<<10)).Decode(into)
}

// hideQuery keeps a project's whereabouts out of logs.
func hideQuery(err error) error {
	if said, ok := err.(*url.Error); ok {
		return said.Err
	}
	return err
}

// states are the regions that addresses abbreviate.
var states = map[string]string{
	"AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware",
	"FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky",
	"LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri",
	"MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NY": "New York",
	"NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
	"SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington",
	"WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming", "DC": "District of Columbia",
}
