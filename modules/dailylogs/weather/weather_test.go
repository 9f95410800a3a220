package weather_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"portico/modules/dailylogs/weather"
)

// double answers as Open-Meteo does.
func double(t *testing.T, forecast string) (*httptest.Server, *[]string) {
	t.Helper()
	var asked []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.String())
		switch {
		case r.URL.Path == "/v1/search" && r.URL.Query().Get("name") == "Nowhere":
			_, _ = w.Write([]byte(`{"generationtime_ms":0.2}`))
		case r.URL.Path == "/v1/search":
			_, _ = w.Write([]byte(`{"results":[{"name":"Austin","latitude":43.66663,"longitude":-92.97464,"admin1":"Minnesota","country_code":"US"},{"name":"Austin","latitude":30.26715,"longitude":-97.74306,"admin1":"Texas","country_code":"US"}]}`))
		case forecast == "slow":
			select {
			case <-r.Context().Done():
			case <-time.After(20 * time.Second):
			}
		case forecast == "":
			w.WriteHeader(503)
		default:
			_, _ = w.Write([]byte(forecast))
		}
	}))
	t.Cleanup(s.Close)
	return s, &asked
}

func TestATownIsFoundInItsRegion(t *testing.T) {
	s, _ := double(t, "")
	h := weather.At(s.URL)
	at, err := h.Find(t.Context(), weather.Town{City: "Austin", Region: "TX", Country: "US"})
	if err != nil || at != (weather.Place{Latitude: "30.26715", Longitude: "-97.74306"}) {
		t.Errorf("%+v, %v", at, err)
	}
	if at, err := h.Find(t.Context(), weather.Town{City: "Austin"}); err != nil || at.Latitude != "43.66663" {
		t.Errorf("%+v, %v", at, err)
	}
	for _, town := range []weather.Town{{City: "Nowhere"}, {}} {
		if _, err := h.Find(t.Context(), town); !errors.Is(err, weather.ErrUnknown) {
			t.Errorf("%+v: %v", town, err)
		}
	}
}

func TestADaysWeather(t *testing.T) {
	for answer, want := range map[string]weather.Report{
		`{"daily":{"time":["2026-11-26"],"weather_code":[61],"temperature_2m_max":[58.5],"temperature_2m_min":[-3.6]}}`: {Sky: "rain", High: 59, Low: -4},
		`{"daily":{"time":["2026-11-26"],"weather_code":[0],"temperature_2m_max":[70],"temperature_2m_min":[50.4]}}`:    {Sky: "clear", High: 70, Low: 50},
		`{"daily":{"time":["2026-11-26"],"weather_code":[75],"temperature_2m_max":[30],"temperature_2m_min":[10]}}`:     {Sky: "snow", High: 30, Low: 10},
	} {
		s, asked := double(t, answer)
		got, err := weather.At(s.URL).Day(t.Context(), weather.Place{Latitude: "30.2", Longitude: "-97.7"}, "2026-11-26", "F")
		if err != nil || got != want {
			t.Errorf("%+v, %v", got, err)
		}
		if (*asked)[0] != "/v1/forecast?daily=weather_code%2Ctemperature_2m_max%2Ctemperature_2m_min&end_date=2026-11-26&latitude=30.2&longitude=-97.7&start_date=2026-11-26&temperature_unit=fahrenheit&timezone=auto" {
			t.Error((*asked)[0])
		}
	}
}

func TestAProviderThatIsNotWellHarmsNobody(t *testing.T) {
	for _, answer := range []string{"", "no JSON", `{"daily":{}}`, `{"daily":{"weather_code":[null],"temperature_2m_max":[null],"temperature_2m_min":[null]}}`, `{"daily":{"weather_code":[1],"temperature_2m_max":[9999],"temperature_2m_min":[1]}}`} {
		s, _ := double(t, answer)
		if got, err := weather.At(s.URL).Day(t.Context(), weather.Place{}, "2026-11-26", "C"); err == nil {
			t.Errorf("%q: %+v", answer, got)
		}
	}
	s, _ := double(t, "slow")
	limited, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer stop()
	if _, err := weather.At(s.URL).Day(limited, weather.Place{}, "2026-11-26", "C"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
	if _, err := weather.At("http://127.0.0.1:1").Day(t.Context(), weather.Place{Latitude: "30.2"}, "2026-11-26", "C"); err == nil || len(err.Error()) > 200 {
		t.Errorf("%v", err)
	}
}
