package host_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/platform/portaltest"
)

// watcher reads from PostgreSQL's own log what it did for a page: each statement with the plan that it really ran.
type watcher struct {
	t             testing.TB
	database, log string
}

// plan is one statement as PostgreSQL ran it.
type plan struct {
	Text string `json:"Query Text"`
	Root node   `json:"Plan"`
}

// node is one step of a plan. What it looked at is what it gave on and what it threw away, as often as it ran.
type node struct {
	Kind      string  `json:"Node Type"`
	Table     string  `json:"Relation Name"`
	Index     string  `json:"Index Name"`
	Rows      float64 `json:"Actual Rows"`
	Loops     float64 `json:"Actual Loops"`
	Filtered  float64 `json:"Rows Removed by Filter"`
	Rechecked float64 `json:"Rows Removed by Index Recheck"`
	Steps     []node  `json:"Plans"`
}

func (n node) looked() float64 { return (n.Rows + n.Filtered + n.Rechecked) * max(1, n.Loops) }

// each walks the steps of a plan.
func (n node) each(fn func(node)) {
	fn(n)
	for _, step := range n.Steps {
		step.each(fn)
	}
}

// watch lets PostgreSQL log the plans of the site's database from now on.
func watch(t testing.TB, site *portaltest.Site) *watcher {
	t.Helper()
	owner := site.DB(t)
	var database, data string
	if err := owner.NewRaw("select current_database(), current_setting('data_directory')").Scan(t.Context(), &database, &data); err != nil {
		t.Fatal(err)
	}
	for _, setting := range []string{
		"session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0", "auto_explain.log_analyze = on",
		"auto_explain.log_timing = off", "auto_explain.log_format = json",
	} {
		if _, err := owner.ExecContext(t.Context(), "alter database "+database+" set "+setting); err != nil {
			t.Skip("SKIPPED: this PostgreSQL cannot tell its plans: ", err)
		}
	}
	reconnect(site)
	return &watcher{t, database, filepath.Join(filepath.Dir(data), "server.log")}
}

// reconnect lets the site hear of settings: what is connected already does not.
func reconnect(site *portaltest.Site) {
	site.Pool.SetMaxIdleConns(-1)
	site.Pool.SetMaxIdleConns(site.Config.Connections)
}

// stop ends the logging: it costs.
func (w *watcher) stop(site *portaltest.Site) {
	if _, err := site.DB(w.t).ExecContext(w.t.Context(), "alter database "+w.database+" reset all"); err != nil {
		w.t.Fatal(err)
	}
	reconnect(site)
}

// during gives the plans of what fn lets happen.
func (w *watcher) during(fn func()) (plans []plan) {
	w.t.Helper()
	before := w.size()
	fn()
	log, err := os.ReadFile(w.log)
	if err != nil {
		w.t.Fatal(err)
	}
	var text strings.Builder
	inside := false
	flush := func() {
		if inside {
			var p plan
			if err := json.Unmarshal([]byte(text.String()), &p); err != nil {
				w.t.Fatalf("a plan that cannot be read: %v\n%s", err, text.String())
			}
			plans = append(plans, p)
		}
		inside = false
		text.Reset()
	}
	for line := range strings.Lines(string(log[before:])) {
		if strings.HasPrefix(line, "\t") && inside {
			text.WriteString(line[1:])
			continue
		}
		flush()
		inside = strings.HasSuffix(line, "plan:\n")
	}
	flush()
	return plans
}

func (w *watcher) size() int64 {
	w.t.Helper()
	info, err := os.Stat(w.log)
	if err != nil {
		w.t.Fatal(err)
	}
	return info.Size()
}
