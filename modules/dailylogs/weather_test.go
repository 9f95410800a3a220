package dailylogs_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"portico/modules/dailylogs"
	"portico/platform/portaltest"
)

// TestTheWeatherIsFilledIn asks a double of the provider: only where the firm wants it, and never over what somebody wrote.
func TestTheWeatherIsFilledIn(t *testing.T) {
	var searches, days atomic.Int32
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/search") {
			searches.Add(1)
			_, _ = w.Write([]byte(`{"results":[{"latitude":30.2,"longitude":-97.7,"admin1":"Texas"}]}`))
			return
		}
		days.Add(1)
		_, _ = w.Write([]byte(`{"daily":{"weather_code":[63],"temperature_2m_max":[57.6],"temperature_2m_min":[44.2]}}`))
	}))
	t.Cleanup(provider.Close)
	site := portaltest.Configured(t, map[string]string{"PORTICO_WEATHER": provider.URL}, dailylogs.Module)
	do(t, site, "delete from dailylogs.log where firm_id = ? and state = 'draft'", site.FirmID())
	diego := site.As("diego")

	log := begin(t, site, "diego", "maple-street")
	site.Settle(t)
	if days.Load() != 0 {
		t.Error("it was asked though the firm did not want it")
	}
	site.As("maria").Open("/office/dailylogs/settings").Tick("Fill in the weather").Press("Save changes").Sees(t, "Saved.")
	do(t, site, "delete from dailylogs.log where id = ?", log)

	log = begin(t, site, "diego", "maple-street")
	site.Settle(t)
	diego.Open("/office/dailylogs/"+log+"/edit").Sees(t, "filled in; change what is wrong")
	if diego.Value("High") != "58" || diego.Value("Low") != "44" {
		t.Errorf("%s, %s", diego.Value("High"), diego.Value("Low"))
	}
	if got := one(t, site, "select sky || ' ' || weather_from from dailylogs.log where id = ?", log); got != "rain provider" {
		t.Error(got)
	}
	// what was filled in is not written over by a form that was drawn before
	before := fields(t, site, log, "text", "Fram", "sky", "", "high", "", "low", "", "sky_was", "//")
	if a := diego.Post("/office/dailylogs/"+log+"/draft", before); !strings.Contains(string(a.Body), `"sky":{"sky":"rain","high":"58","low":"44"}`) {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if got := one(t, site, "select sky || ' ' || weather_from from dailylogs.log where id = ?", log); got != "rain provider" {
		t.Error(got)
	}
	// what is said by hand counts
	form := fields(t, site, log, "text", "Framing", "sky", "snow", "high", "30")
	if a := diego.Post("/office/dailylogs/"+log+"/draft", form); !strings.Contains(string(a.Body), "kept") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if got := one(t, site, "select sky || ' ' || weather_from from dailylogs.log where id = ?", log); got != "snow hand" {
		t.Error(got)
	}
	// written by hand before the answer came
	log = begin(t, site, "ben", "maple-street")
	do(t, site, "update dailylogs.log set sky = 'fog', weather_from = 'hand' where id = ?", log)
	site.Settle(t)
	if got := one(t, site, "select sky || ' ' || weather_from from dailylogs.log where id = ?", log); got != "fog hand" {
		t.Error(got)
	}
	begin(t, site, "maria", "maple-street")
	site.Settle(t)
	if searches.Load() != 1 {
		t.Errorf("the town was looked for %d times", searches.Load())
	}
	// a provider that is down delays nobody
	provider.Close()
	log = begin(t, site, "priya", "maple-street")
	if n := site.Refused(t); n != 1 {
		t.Errorf("%d promises wait", n)
	}
	priya := site.As("priya")
	priya.Post("/office/dailylogs/"+log, url.Values{"version": {"1"}, "text": {"By hand."}, "text_shown": {"1"}, "sky": {"clear"}, "do": {"save"}})
	if got := one(t, site, "select sky from dailylogs.log where id = ?", log); got != "clear" {
		t.Error(got)
	}
}
