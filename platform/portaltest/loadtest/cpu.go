package loadtest

import (
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"portico/platform/portaltest"
)

// cpu is processor time: what else the machine does hardly shows in it, as it does in how long things take.
type cpu struct{ here, postgres time.Duration }

func (c cpu) minus(d cpu) cpu { return cpu{c.here - d.here, c.postgres - d.postgres} }
func (c cpu) plus(d cpu) cpu  { return cpu{c.here + d.here, c.postgres + d.postgres} }

// spent is what this process and PostgreSQL's processes that serve the site have used so far; Linux tells.
func spent(t testing.TB, site *portaltest.Site) (c cpu) {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	c.here = time.Duration(used.Utime.Nano() + used.Stime.Nano())
	var pids []int
	err := site.DB(t).NewRaw(`
		select pid from pg_stat_activity
		where datname = current_database() and pid <> pg_backend_pid()`).Scan(t.Context(), &pids)
	if err != nil {
		t.Fatal(err)
	}
	for _, pid := range pids {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/schedstat")
		if err != nil {
			continue
		}
		ns, _ := strconv.ParseInt(strings.Fields(string(stat))[0], 10, 64)
		c.postgres += time.Duration(ns)
	}
	return c
}
