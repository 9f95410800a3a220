package modules_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"portico/platform/portaltest"
	"portico/platform/portaltest/stopwatch"
)

// importMany brings n clients with a contact each in, and answers how long the check and the import took, and by how
// much the program grew meanwhile.
func importMany(t testing.TB, site *portaltest.Site, content []byte, n int) (checked, imported time.Duration, grown int64) {
	maria := site.As("maria")
	before := resident(t)
	peak, stop, over := before, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				peak = max(peak, resident(t))
			}
		}
	}()
	site.Work()
	until := func(state string) {
		t.Helper()
		late, look := time.After(5*time.Minute), time.NewTicker(20*time.Millisecond)
		defer look.Stop()
		for textOf(t, site, "select state from transfer.import") != state {
			select {
			case <-look.C:
			case <-late:
				t.Fatalf("still %s", textOf(t, site, "select state || ' ' || rows_done from transfer.import"))
			}
		}
	}
	begun := time.Now()
	upload(maria, asClients, "many.csv", content).Press("Check the rows").Has(t, 200)
	until("ready")
	checked = time.Since(begun)
	begun = time.Now()
	maria.Open(maria.Path()).Press("Import ")
	until("done")
	imported = time.Since(begun)
	close(stop)
	<-over
	if got := rows(t, site, "select count(*) from client where name like 'Family Number%'"); got != n {
		t.Errorf("%d clients, want %d", got, n)
	}
	return checked, imported, peak - before
}

// resident is the memory of this process.
func resident(t testing.TB) int64 {
	raw, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("only Linux tells")
	}
	var all, held int64
	if _, err := fmt.Sscan(string(raw), &all, &held); err != nil {
		t.Fatal(err)
	}
	return held * int64(os.Getpagesize())
}

func TestFiveThousandRowsComeInAMoment(t *testing.T) {
	site := portaltest.Open(t)
	checked, imported, grown := importMany(t, site, manyFamilies(5000), 5000)
	t.Logf("5,000 rows: checked in %s, imported in %s, %d MB more", checked, imported, grown>>20)
	stopwatch.Holds(t, "the import", 10*time.Second, checked+imported)
	if grown > 150<<20 {
		t.Errorf("it takes %d MB more", grown>>20)
	}
}

// BenchmarkImport is 100,000 rows, each with a client and a contact.
func BenchmarkImport(b *testing.B) {
	for b.Loop() {
		site := portaltest.Open(b)
		checked, imported, grown := importMany(b, site, manyFamilies(100_000), 100_000)
		b.ReportMetric(checked.Seconds(), "s/check")
		b.ReportMetric(imported.Seconds(), "s/import")
		b.ReportMetric(float64(grown>>20), "MB/grown")
		stopwatch.Holds(b, "the import of 100,000 rows", time.Minute, checked+imported)
		if grown > 150<<20 {
			b.Errorf("it takes %d MB more", grown>>20)
		}
		begun := time.Now()
		maria := site.As("maria")
		maria.Open("/office/transfer")
		at := maria.Follow("many.csv").Path()
		maria.Open(at).Press("Undo all of it")
		for !strings.Contains(textOf(b, site, "select state from transfer.import"), "undone") {
			time.Sleep(50 * time.Millisecond)
		}
		b.ReportMetric(time.Since(begun).Seconds(), "s/undo")
	}
}
