package users_test

import (
	"net/url"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/portaltest"
)

// BenchmarkInvitations sends invitations to a mail server in this process, from the press of the button to the last
// mail: mails a second, with everything that belongs to one.
func BenchmarkInvitations(b *testing.B) {
	const many = 2000
	for b.Loop() {
		b.StopTimer()
		site := portaltest.Open(b)
		crowd(b, site, many)
		ben := site.As("ben")
		site.Work()
		b.StartTimer()
		begun := time.Now()
		ben.Post("/office/users/sendings", url.Values{"all": {"1"}, "q": {"crowd"}, "rate": {"60000"}, "key": {uuid.NewString()}})
		accepted := time.Since(begun)
		portaltest.Eventually(b, 90*time.Second, "all are sent", func() bool { return len(site.Smtp.Messages()) >= many })
		took := time.Since(begun)
		b.ReportMetric(many/took.Seconds(), "mails/s")
		b.ReportMetric(float64(site.Smtp.Visits()), "connections")
		b.ReportMetric(float64(accepted.Milliseconds()), "accepted-ms")
		b.ReportMetric(0, "ns/op")
		site.Rest()
	}
}
