package documents_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/uptrace/bun"

	"portico/modules/documents"
	"portico/platform/db"
	"portico/platform/portaltest"
)

// purge runs the nightly job of the firm.
func purge(t *testing.T, site *portaltest.Site) {
	t.Helper()
	for _, j := range site.Jobs {
		if j.Name != "documents:purge" {
			continue
		}
		err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
			return j.Run(ctx, tx, site.FirmID(), nil)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

const piece = "application/offset+octet-stream"

// noise is a file that no packer makes smaller.
func noise(size int) []byte {
	body := make([]byte, size)
	r := rand.NewChaCha8([32]byte{7})
	_, _ = r.Read(body)
	return body
}

func TestAnUploadGoesOnWhereItBrokeOff(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	clip(t, site, true)
	maple := projectOf(t, site, "maple-street")
	base := "/portal/maple-street/documents/"
	ana := site.As("ana")
	body := noise(300_000)
	begin := func() told {
		return hear(t, ana.Post(base+"places/"+maple+"/uploads", url.Values{"name": {"walk.mp4"}, "size": {fmt.Sprint(len(body))}, "mark": {"17"}}))
	}
	send := func(who *portaltest.Browser, upload string, from, to int) portaltest.Answer {
		return who.Ask("POST", fmt.Sprintf("%suploads/%s/pieces?offset=%d", base, upload, from), bytes.NewReader(body[from:to]), "Content-Type", piece)
	}
	first := begin()
	if p := hear(t, send(ana, first.ID, 0, 100_000)); p.Offset != 100_000 || p.State != "arriving" {
		t.Fatalf("%+v", p)
	}
	// a piece that came already, one that leaves a hole, and one that is too long
	if a := send(ana, first.ID, 0, 100_000); a.Status != 409 || hear(t, a).Offset != 100_000 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := send(ana, first.ID, 200_000, 300_000); a.Status != 409 {
		t.Errorf("%d", a.Status)
	}
	if a := ana.Ask("POST", base+"uploads/"+first.ID+"/pieces?offset=100000", bytes.NewReader(noise(250_000)), "Content-Type", piece); a.Status != 422 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	// it is nobody else's, on neither side
	if a := send(site.As("tom"), first.ID, 100_000, 300_000); a.Status != 404 {
		t.Errorf("tom: %d", a.Status)
	}
	if a := site.As("ben").Get("/office/documents/uploads/" + first.ID); a.Status != 404 {
		t.Errorf("ben: %d", a.Status)
	}
	// the same file, chosen again after the page was closed
	if again := begin(); again.ID != first.ID || again.Offset != 100_000 {
		t.Errorf("%+v", again)
	}
	if p := hear(t, ana.Get(base+"uploads/"+first.ID)); p.Offset != 100_000 {
		t.Errorf("%+v", p)
	}
	if p := hear(t, send(ana, first.ID, 100_000, 300_000)); p.State != "done" {
		t.Fatalf("%+v", p)
	}
	if a := ana.Get("/files/" + fileOf(t, site, "walk.mp4") + "/original"); !bytes.Equal(a.Body, body) {
		t.Errorf("%d, %d bytes", a.Status, len(a.Body))
	}
	site.Settle(t)
	for info, err := range site.Store.List(t.Context(), "") {
		if err != nil || strings.Contains(info.Key, "piece") {
			t.Errorf("%v is left: %v", info.Key, err)
		}
	}
	// given up
	other := hear(t, ana.Post(base+"places/"+maple+"/uploads", url.Values{"name": {"b.mp4"}, "size": {"300000"}}))
	send(ana, other.ID, 0, 1000)
	if a := ana.Ask("DELETE", base+"uploads/"+other.ID, strings.NewReader("")); a.Status != 204 {
		t.Errorf("%d", a.Status)
	}
	if a := ana.Get(base + "uploads/" + other.ID); a.Status != 404 {
		t.Errorf("%d", a.Status)
	}
	// too large, empty, switched off on the way
	for size, want := range map[string]string{"600000000": "500 MB", "0": "empty", "x": "cannot be sent"} {
		if a := ana.Post(base+"places/"+maple+"/uploads", url.Values{"name": {"c.mp4"}, "size": {size}}); a.Status != 422 || !strings.Contains(string(a.Body), want) {
			t.Errorf("%s: %d %s", size, a.Status, a.Body)
		}
	}
	last := hear(t, ana.Post(base+"places/"+maple+"/uploads", url.Values{"name": {"d.mp4"}, "size": {"300000"}}))
	clip(t, site, false)
	if a := send(ana, last.ID, 0, 1000); a.Status != 404 {
		t.Errorf("the paper clip is off: %d", a.Status)
	}
}

// TestALargeFileTakesNoMemory sends 500 MB in pieces, lets a worker join them, and reads them back.
func TestALargeFileTakesNoMemory(t *testing.T) { largeFile(t, 200<<20) }

// BenchmarkALargeFile sends the largest that is promised.
func BenchmarkALargeFile(b *testing.B) {
	for b.Loop() {
		largeFile(b, 500<<20)
	}
}

func largeFile(t testing.TB, size int64) {
	site := portaltest.Open(t, documents.Module)
	site.Develop(t)
	body := noise(8 << 20)
	ben := site.As("ben")
	maple := projectOf(t, site, "maple-street")
	grown := watch()
	p := hear(t, ben.Post("/office/documents/places/"+maple+"/uploads", url.Values{"name": {"drone.mov"}, "size": {fmt.Sprint(size)}}))
	for p.State == "arriving" {
		n := min(int64(len(body)), size-p.Offset)
		p = hear(t, ben.Ask("POST", fmt.Sprintf("/office/documents/uploads/%s/pieces?offset=%d", p.ID, p.Offset), bytes.NewReader(body[:n]), "Content-Type", piece))
	}
	if p.State != "joining" {
		t.Fatalf("%+v", p)
	}
	site.Settle(t)
	most := grown()
	if p = hear(t, ben.Get("/office/documents/uploads/"+p.ID)); p.State != "done" {
		t.Fatalf("%+v", p)
	}
	info, err := site.Store.Stat(t.Context(), "firm/"+site.FirmID().String()+"/"+fileOf(t, site, "drone.mov"))
	if err != nil || info.Size != size {
		t.Errorf("%d bytes arrived: %v", info.Size, err)
	}
	t.Logf("the heap grew by %d MB", most>>20)
	if most > 96<<20 { // of which the test's own pieces are some
		t.Errorf("the heap grew by %d MB", most>>20)
	}
}

// TestManyUploadsAtOnceTakeLittleMemory: twenty people send at the same time.
func TestManyUploadsAtOnceTakeLittleMemory(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	site.Develop(t)
	body := noise(8 << 20)
	maple := projectOf(t, site, "maple-street")
	var people []*portaltest.Browser
	for range 20 {
		people = append(people, site.As("ben"))
	}
	grown := watch()
	var all sync.WaitGroup
	for n, ben := range people {
		all.Go(func() {
			p := told{State: "none"}
			a := ben.Post("/office/documents/places/"+maple+"/uploads", url.Values{"name": {fmt.Sprintf("film %d.mov", n)}, "size": {fmt.Sprint(2 * len(body))}})
			for json.Unmarshal(a.Body, &p) == nil && p.State == "arriving" {
				a = ben.Ask("POST", fmt.Sprintf("/office/documents/uploads/%s/pieces?offset=%d", p.ID, p.Offset), bytes.NewReader(body), "Content-Type", piece)
			}
			if p.State != "done" {
				t.Errorf("film %d: %d %s", n, a.Status, a.Body)
			}
		})
	}
	all.Wait()
	most := grown()
	t.Logf("the heap grew by %d MB", most>>20)
	if most > 128<<20 {
		t.Errorf("the heap grew by %d MB", most>>20)
	}
}

// watch begins to look at the heap; grown ends it, and answers by how much the heap had grown at most.
func watch() (grown func() int64) {
	runtime.GC()
	was := debug.SetGCPercent(100) // as the program runs
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	before, peak := stats.HeapInuse, uint64(0)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		var stats runtime.MemStats
		for {
			runtime.ReadMemStats(&stats)
			peak = max(peak, stats.HeapInuse)
			select {
			case <-done:
				return
			case <-tick.C:
			}
		}
	}()
	return func() int64 {
		close(done)
		<-ended
		debug.SetGCPercent(was)
		return int64(peak) - int64(before)
	}
}
