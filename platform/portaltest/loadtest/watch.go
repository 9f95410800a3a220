package loadtest

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"portico/platform/portaltest"
)

// Watcher reads from PostgreSQL's own log what it did for a page: each statement with the plan that it really ran.
type Watcher struct {
	t             testing.TB
	database, log string
}

// Plan is one statement as PostgreSQL ran it.
type Plan struct {
	Text string   `json:"Query Text"`
	Root Node     `json:"Plan"`
	Args []string `json:"-"` // $1, $2 as text
}

// Node is one step of a plan. What it looked at is what it gave on and what it threw away, as often as it ran.
type Node struct {
	Kind      string  `json:"Node Type"`
	Schema    string  `json:"Schema"`
	Table     string  `json:"Relation Name"`
	Index     string  `json:"Index Name"`
	Rows      float64 `json:"Actual Rows"`
	Loops     float64 `json:"Actual Loops"`
	Filtered  float64 `json:"Rows Removed by Filter"`
	Rechecked float64 `json:"Rows Removed by Index Recheck"`
	Steps     []Node  `json:"Plans"`
}

// Looked is how many rows it looked at.
func (n Node) Looked() float64 { return (n.Rows + n.Filtered + n.Rechecked) * max(1, n.Loops) }

// Each walks the steps of a plan.
func (n Node) Each(fn func(Node)) {
	fn(n)
	for _, step := range n.Steps {
		step.Each(fn)
	}
}

// Watch lets PostgreSQL log the plans of the site's database from now on.
func Watch(t testing.TB, site *portaltest.Site) *Watcher {
	t.Helper()
	owner := site.DB(t)
	var database, data string
	if err := owner.NewRaw("select current_database(), current_setting('data_directory')").Scan(t.Context(), &database, &data); err != nil {
		t.Fatal(err)
	}
	for _, setting := range []string{
		"session_preload_libraries = 'auto_explain'", "auto_explain.log_min_duration = 0", "auto_explain.log_analyze = on",
		"auto_explain.log_timing = off", "auto_explain.log_verbose = on", "auto_explain.log_format = json",
		"log_statement = 'all'", "log_error_verbosity = 'default'", // for the arguments
	} {
		if _, err := owner.ExecContext(t.Context(), "alter database "+database+" set "+setting); err != nil {
			t.Skip("SKIPPED: this PostgreSQL cannot tell its plans: ", err)
		}
	}
	reconnect(site)
	return &Watcher{t, database, filepath.Join(filepath.Dir(data), "server.log")}
}

// reconnect lets the site hear of settings: what is connected already does not.
func reconnect(site *portaltest.Site) {
	renew(site.Pool.DB, site.Config.Connections)
}

// reconnectOwner is the same for the owner's connections.
func reconnectOwner(t testing.TB, site *portaltest.Site) {
	renew(site.DB(t).DB, 2)
}

// renew ends all connections of a pool: idle ones at once, those in use when they come back. A single one that stayed
// would leave out of the log whatever runs on it.
func renew(pool *sql.DB, idle int) {
	pool.SetMaxIdleConns(-1)
	for end := time.Now().Add(10 * time.Second); pool.Stats().OpenConnections > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	pool.SetMaxIdleConns(idle)
}

// Stop ends the logging: it costs.
func (w *Watcher) Stop(site *portaltest.Site) {
	if _, err := site.DB(w.t).ExecContext(w.t.Context(), "alter database "+w.database+" reset all"); err != nil {
		w.t.Fatal(err)
	}
	reconnect(site)
}

// During gives the plans of what fn lets happen.
func (w *Watcher) During(fn func()) (plans []Plan) {
	w.t.Helper()
	before := w.size()
	fn()
	portaltest.Eventually(w.t, 10*time.Second, "a log of plans that can be read", func() (whole bool) { // PostgreSQL may still be writing
		var err error
		plans, err = plansIn(w.since(before))
		return err == nil
	})
	return plans
}

// plansIn reads the plans of a log.
func plansIn(log string) (plans []Plan, wrong error) {
	var text strings.Builder
	var args []string
	inside := false
	flush := func() {
		if inside {
			var p Plan
			if err := json.Unmarshal([]byte(text.String()), &p); err != nil {
				wrong = fmt.Errorf("a plan that cannot be read: %w\n%s", err, text.String())
			}
			p.Args, args = args, nil
			plans = append(plans, p)
		}
		inside = false
		text.Reset()
	}
	for line := range strings.Lines(log) {
		if strings.HasPrefix(line, "\t") && inside {
			text.WriteString(line[1:])
			continue
		}
		flush()
		inside = strings.HasSuffix(line, "plan:\n")
		if _, given, ok := strings.Cut(line, "DETAIL:  parameters: "); ok {
			args = argument.FindAllString(given, -1)
			for i, arg := range args {
				_, text, _ := strings.Cut(arg, " = ")
				args[i] = strings.ReplaceAll(strings.Trim(text, "'"), "''", "'")
			}
		}
	}
	flush()
	return plans, wrong
}

var argument = regexp.MustCompile(`\$\d+ = '(?:[^']|'')*'`)

// since is what was logged after so many bytes.
func (w *Watcher) since(before int64) string {
	w.t.Helper()
	file, err := os.Open(w.log)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	log, err := io.ReadAll(io.NewSectionReader(file, before, 1<<40))
	if err != nil {
		w.t.Fatal(err)
	}
	return string(log)
}

func (w *Watcher) size() int64 {
	w.t.Helper()
	info, err := os.Stat(w.log)
	if err != nil {
		w.t.Fatal(err)
	}
	return info.Size()
}
