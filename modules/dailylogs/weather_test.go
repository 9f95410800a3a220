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

// TestTheWeatherIsOfTheLogsDay changes the day of a log: the weather that was filled in goes with the old one, and the new
// day's comes. While the provider is asked no transaction is open, and what it has said of the place stays.
func TestTheWeatherIsOfTheLogsDay(t *testing.T) {
	var searches, open atomic.Int32
	var site *portaltest.Site
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/search") {
			searches.Add(1)
			_, _ = w.Write([]byte(`{"results":[{"latitude":30.2,"longitude":-97.7,"admin1":"Texas"}]}`))
			return
		}
		holds := func() bool { // the worker holds the promise, in a transaction
			return one(t, site, "select exists (select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database()))::text") == "true"
		}
		for tries := 0; holds(); tries++ { // others hold theirs for a moment
			if tries == 2000 {
				open.Add(1)
				break
			}
			one(t, site, "select pg_sleep(0.01)::text")
		}
		switch r.URL.Query().Get("start_date") {
		case "2024-02-29":
			_, _ = w.Write([]byte(`{"daily":{"weather_code":[75],"temperature_2m_max":[20],"temperature_2m_min":[10]}}`))
		case "2024-03-01":
			w.WriteHeader(500)
		default:
			_, _ = w.Write([]byte(`{"daily":{"weather_code":[63],"temperature_2m_max":[57.6],"temperature_2m_min":[44.2]}}`))
		}
	}))
	t.Cleanup(provider.Close)
	site = portaltest.Configured(t, map[string]string{"PORTICO_WEATHER": provider.URL}, dailylogs.Module)
	do(t, site, "delete from dailylogs.log where firm_id = ? and state = 'draft'", site.FirmID())
	do(t, site, "insert into dailylogs.setting (firm_id, weather) values (?, true) on conflict (firm_id) do update set weather = true", site.FirmID())
	diego := site.As("diego")
	is := func(log string) string {
		return one(t, site, "select concat_ws(' ', sky, high, low, weather_from, weather_note) from dailylogs.log where id = ?", log)
	}
	log := begin(t, site, "diego", "maple-street")
	site.Settle(t)
	if got := is(log); !strings.HasPrefix(got, "rain 58 44 provider") {
		t.Fatal(got)
	}
	moved := fields(t, site, log, "on", "2024-02-29", "sky", "rain", "high", "58", "low", "44", "sky_was", "rain/58/44", "sky_note", "Mud.")
	if a := diego.Post("/office/dailylogs/"+log+"/draft", moved); !strings.Contains(string(a.Body), `"sky":{"sky":"","high":"","low":""}`) {
		t.Errorf("the form keeps the other day's weather: %s", a.Body)
	}
	if got := is(log); strings.TrimSpace(got) != "Mud." {
		t.Errorf("the log keeps the other day's weather: %s", got)
	}
	// what is typed meanwhile does not stop it
	diego.Post("/office/dailylogs/"+log+"/draft", fields(t, site, log, "on", "2024-02-29", "text", "x", "sky", "", "high", "", "low", "", "sky_was", "//", "sky_note", "Mud."))
	site.Settle(t)
	if got := is(log); got != "snow 20 10 provider Mud." {
		t.Errorf("the new day's weather: %s", got)
	}
	// written by hand, it stays whatever the day
	diego.Post("/office/dailylogs/"+log+"/draft", fields(t, site, log, "on", "2024-02-29", "sky", "fog", "high", "20", "low", "10", "sky_was", "snow/20/10"))
	diego.Post("/office/dailylogs/"+log+"/draft", fields(t, site, log, "on", "2024-02-28", "sky", "fog", "high", "20", "low", "10", "sky_was", "fog/20/10"))
	site.Settle(t)
	if got := is(log); !strings.HasPrefix(got, "fog 20 10 hand") {
		t.Error(got)
	}
	// a day that the provider fails to tell does not take the place back
	do(t, site, "delete from dailylogs.place where firm_id = ?", site.FirmID())
	searches.Store(0)
	log = begin(t, site, "ben", "maple-street")
	do(t, site, "update dailylogs.log set log_date = '2024-03-01' where id = ?", log)
	if n := site.Refused(t); n != 1 {
		t.Errorf("%d promises wait", n)
	}
	if one(t, site, "select count(*) from dailylogs.place where firm_id = ?", site.FirmID()) != "1" || searches.Load() != 1 {
		t.Errorf("the place was found %d times, and is not kept", searches.Load())
	}
	if open.Load() > 0 {
		t.Errorf("%d times a transaction was open while the provider was asked", open.Load())
	}
}
