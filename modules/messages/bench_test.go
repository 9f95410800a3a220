package messages_test

import (
	"testing"
	"time"

	"portico/modules/messages"
	"portico/platform/portaltest"
	"portico/platform/portaltest/stopwatch"
)

// BenchmarkWhatIsNewAmong20000Conversations is what every page of staff pays for the mark in the menu: under 10 ms.
func BenchmarkWhatIsNewAmong20000Conversations(b *testing.B) {
	site := portaltest.Open(b, messages.Module)
	do := func(query string, args ...any) {
		if _, err := site.DB(b).NewRaw(query, args...).Exec(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	do(`insert into messages.conversation (firm_id, id, client_id, subject, last_at, noted_at, created_by)
		select ?0, gen_random_uuid(), ?1, 'Talk ' || n, now() - n * interval '1 minute', now() - n * interval '1 minute', ?2 from generate_series(1, 20000) n`,
		site.FirmID(), site.Person("ana").ClientID, site.Person("ben").ID)
	do(`insert into messages.message (firm_id, id, client_id, conversation_id, person_id, body, created_at)
		select firm_id, gen_random_uuid(), client_id, id, created_by, 'Hello', noted_at from messages.conversation where subject like 'Talk %'`)
	do("analyze messages.conversation; analyze messages.message")
	maria := site.As("maria")
	ask := func(path string) time.Duration {
		begun := time.Now()
		if a := maria.Get(path, "HX-Request", "true"); a.Status != 200 {
			b.Fatal(a.Status)
		}
		return time.Since(begun)
	}
	best := time.Hour
	for b.Loop() {
		best = min(best, ask("/office/messages/unread"))
	}
	b.ReportMetric(float64(best.Microseconds())/1000, "ms/best")
	stopwatch.Holds(b, "counting what is new", 10*time.Millisecond, best)
}
