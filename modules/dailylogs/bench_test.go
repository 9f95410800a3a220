package dailylogs_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"syscall"
	"testing"
	"time"

	"portico/modules/dailylogs"
	"portico/platform/files"
	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
	"portico/platform/portaltest/stopwatch"
)

// many adds logs with photos to Ana's project, as if they had been submitted, shared and developed.
func many(t testing.TB, site *portaltest.Site, logs, photos int) {
	t.Helper()
	firm := site.FirmID()
	for _, query := range []string{`
		insert into dailylogs.log (firm_id, id, client_id, project_id, log_date, told_date, author_id, state, text, shared, revision, submitted_at, sky, high, low)
		select ?0, gen_random_uuid(), p.client_id, p.id, current_date - n / 2, current_date - n / 2, (select id from person where firm_id = ?0 and email like 'diego%'),
			'submitted', 'Day ' || n || ': framing, deliveries and a visit of the inspector.', true, 1, now(), 'clear', 70, 50
		from project p, generate_series(1, ?1) n
		where p.firm_id = ?0 and p.key = 'maple-street'`, `
		insert into dailylogs.revision (firm_id, log_id, number, told, kept, submitted_by)
		select l.firm_id, l.id, 1, jsonb_build_object('text', l.text, 'weather', jsonb_build_object('sky', 'clear', 'high', 70, 'low', 50, 'unit', 'F')), '{}', l.author_id
		from dailylogs.log l
		where l.firm_id = ?0 and l.text like 'Day %'`, `
		insert into file (firm_id, id, purpose, audience, client_id, name, media, size, sha256, width, height, variants, state)
		select l.firm_id, gen_random_uuid(), 'dailylogs', 'section', l.client_id, l.id || '|' || n, 'image/jpeg', 1000, '\x00', 1600, 1200, '{thumb,medium,large}', 'ready'
		from dailylogs.log l, generate_series(1, ?2) n
		where l.firm_id = ?0 and l.text like 'Day %'`, `
		insert into dailylogs.photo (firm_id, id, log_id, client_id, key, file_id, caption, since, told, told_caption, position, created_by)
		select f.firm_id, gen_random_uuid(), l.id, l.client_id, gen_random_uuid(), f.id, 'Photo ' || split_part(f.name, '|', 2), 1, true, 'Photo', split_part(f.name, '|', 2)::int, l.author_id
		from file f
		join dailylogs.log l on l.firm_id = f.firm_id and l.id = split_part(f.name, '|', 1)::uuid
		where f.firm_id = ?0 and f.purpose = 'dailylogs' and f.name like '%|%'`,
		"analyze",
	} {
		if _, err := site.DB(t).ExecContext(t.Context(), query, firm, logs, photos); err != nil {
			t.Fatal(err)
		}
	}
}

// BenchmarkFeed measures the first page of 1,000 logs with 20,000 photos, as a client opens it: under 80 ms.
func BenchmarkFeed(b *testing.B) {
	site := portaltest.Open(b, dailylogs.Module)
	many(b, site, 1000, 20)
	ana := site.As("ana")
	if a := ana.Get("/portal/all/dailylogs"); a.Status != 200 {
		b.Fatal(a.Status)
	}
	for b.Loop() {
		ana.Get("/portal/all/dailylogs")
	}
	stopwatch.Holds(b, "the first page of the feed", 80*time.Millisecond, b.Elapsed()/time.Duration(b.N))
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/page")
}

// BenchmarkOfficeList measures the office's list of the same logs.
func BenchmarkOfficeList(b *testing.B) {
	site := portaltest.Open(b, dailylogs.Module)
	many(b, site, 1000, 20)
	loadtest.ListPage(b, site, "/office/dailylogs")
}

// BenchmarkThumbnails measures how fast photos, as our script sends them, become their three sizes on the cores that a
// worker has: 20 a second on two. On a machine that does other things, too, the processor's own time says what it could:
// 100 ms of it for each photo are 20 a second on two cores.
func BenchmarkThumbnails(b *testing.B) {
	img := image.NewRGBA(image.Rect(0, 0, 2048, 1536))
	for y := range 1536 {
		for x := range 2048 {
			img.SetRGBA(x, y, color.RGBA{uint8(x / 10), uint8(y / 8), uint8((x*x/4000 + y) / 9), 255})
		}
	}
	var body bytes.Buffer
	if err := jpeg.Encode(&body, img, &jpeg.Options{Quality: 86}); err != nil {
		b.Fatal(err)
	}
	before := processor(b)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := files.Image(context.Background(), bytes.NewReader(body.Bytes()), files.Usual); err != nil {
				b.Error(err)
				return
			}
		}
	})
	each := (processor(b) - before) / time.Duration(b.N)
	if b.N > 1 { // the first one pays for what is made once
		stopwatch.Holds(b, "a photo's three sizes, of the processor's time,", 100*time.Millisecond, each)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "photos/s")
	b.ReportMetric(float64(each.Milliseconds()), "cpu-ms/photo")
}

// processor is how long this program has kept a processor busy.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}
