package notices_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/id"
	"portico/platform/portaltest/stopwatch"
)

// people makes so many persons, a tenth of whom have chosen how they want the gazette's news.
func (g gazette) people(n int) (all []uuid.UUID) {
	g.t.Helper()
	g.do(`
		insert into person (firm_id, id, name, email)
		select ?, gen_random_uuid(), 'Reader ' || n, 'reader' || n || '@example.com' from generate_series(1, ?) n`, g.FirmID(), n)
	g.do(`
		insert into notice_choice (firm_id, person_id, kind, mail)
		select p.firm_id, p.id, ?, 'daily' from person p where p.email like 'reader%0@example.com'`, news.ID)
	g.do("analyze")
	err := g.DB(g.t).NewRaw("select id from person where email like 'reader%@example.com'").Scan(g.t.Context(), &all)
	if err != nil || len(all) != n {
		g.t.Fatal(len(all), err)
	}
	return all
}

// fan tells so many people of one event, and answers how long it took until all bells had rung and all mails were promised.
func (g gazette) fan(n int) time.Duration {
	g.t.Helper()
	all := crowd(id.New(), g.people(n))
	begun := time.Now()
	g.tellAll(all)
	took := time.Since(begun)
	var kept, promised int
	err := g.DB(g.t).NewRaw(`
		select (select count(*) from notice), (select count(*) from outbox where kind = 'notice:mail')`).Scan(g.t.Context(), &kept, &promised)
	if err != nil || kept != n || promised != n-n/10 {
		g.t.Errorf("%d notices and %d mails of %d, %v", kept, promised, n, err)
	}
	return took
}

func TestFiveThousandPeopleAreToldInAMoment(t *testing.T) {
	stopwatch.Holds(t, "telling 5,000 people", 3*time.Second, open(t).fan(5000))
}

// One event, a hundred thousand people: a row in the bell of each, and a mail or a place in the daily one.
func BenchmarkAHundredThousandNotices(b *testing.B) {
	for b.Loop() {
		g := open(b)
		took := g.fan(100_000)
		b.ReportMetric(took.Seconds(), "s/100k")
		stopwatch.Holds(b, "telling 100,000 people", 60*time.Second, took)
	}
}
