package activity_test

import (
	"fmt"
	"testing"
	"time"

	"portico/platform/activity"
	"portico/platform/portaltest"
)

// BenchmarkAMillionEntries seals and checks a log of a million entries; b.N is 1.
func BenchmarkAMillionEntries(b *testing.B) {
	site := portaltest.OpenEmpty(b)
	run := func(statement string) {
		if _, err := site.DB(b).ExecContext(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	run("insert into firm (firm_id, key, name) values ('00000000-0000-7000-8000-00000000000f', 'demo', 'Demo')")
	run(`insert into activity (firm_id, id, at, actor_id, actor_name, verb, text, client_id, data)
		select f.firm_id, ('019b0000-' || lpad(to_hex(n / 65536), 4, '0') || '-7' || lpad(to_hex(n % 4096), 3, '0') || '-8000-' || lpad(to_hex(n), 12, '0'))::uuid, now() - (1000000 - n) * interval '30 seconds', gen_random_uuid(), 'Maria Okafor', 'client.changed',
			'changed the client Rivera ' || n, gen_random_uuid(), '{"before": {"name": "Ana"}, "after": {"name": "Ana & Tom"}}'
		from firm f, generate_series(1, 1000000) n`)
	run("insert into activity_unsealed (firm_id, id) select firm_id, id from activity")
	run("analyze")
	for b.Loop() {
		begun := time.Now()
		if err := site.Activity.SealAll(b.Context()); err != nil {
			b.Fatal(err)
		}
		sealed := time.Now()
		r, err := activity.Verify(b.Context(), site.Ops, site.Options.Key, site.FirmID())
		if err != nil || !r.Sound() || r.Entries != 1_000_000 {
			b.Fatal(err, fmt.Sprintf("%+v", r))
		}
		b.ReportMetric(sealed.Sub(begun).Seconds(), "s-to-seal")
		b.ReportMetric(time.Since(sealed).Seconds(), "s-to-check")
	}
}
