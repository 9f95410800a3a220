package envelopes_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/modules/envelopes"
	"portico/modules/envelopes/seal"
	"portico/platform/portaltest"
)

// TestVictim is a worker that is killed.
func TestVictim(t *testing.T) { portaltest.Victim(t, envelopes.Module) }

// onceEach demands one sealed file, one effect and one mail for each party, of every envelope.
func onceEach(t *testing.T, site *portaltest.Site, all []uuid.UUID) {
	t.Helper()
	for n, e := range all {
		if s := one[string](t, site, "select status from envelopes.envelope where id = ?", e); s != "complete" {
			t.Errorf("%d is %s", n, s)
			continue
		}
		if r := (seal.Signer{Signet: site.Signet}).Verify(final(t, site, e)); !r.OK() {
			t.Errorf("%d: %+v", n, r)
		}
		for to, count := range copies(t, site, fmt.Sprintf("Deal %d.", n)) {
			if count != 1 {
				t.Errorf("%s got %d different mails of %d", to, count, n)
			}
		}
		if got := len(copies(t, site, fmt.Sprintf("Deal %d.", n))); got != 4 {
			t.Errorf("%d addresses got their copy of %d", got, n)
		}
		if k := one[int](t, site, "select count(*) from envelopes.event where envelope_id = ? and kind = 'sealed'", e); k != 1 {
			t.Errorf("%d was sealed %d times", n, k)
		}
	}
	if k := one[int](t, site, "select count(*) from file where name like 'Deal %' and id not in (select file_id from envelopes.envelope)"); k != len(all) {
		t.Errorf("%d sealed files of %d envelopes", k, len(all))
	}
	if k := one[int](t, site, "select count(*) from outbox where kind = 'envelopes:mail_sealed'"); k != 4*len(all) {
		t.Errorf("%d promised mails of %d envelopes", k, len(all))
	}
}

// TestAWorkerThatDiesWhileItSealsLeavesOneFileAndOneMailEach: killed while it waits for the timestamp authority, and when
// the file is written and nothing of it is kept yet.
func TestAWorkerThatDiesWhileItSealsLeavesOneFileAndOneMailEach(t *testing.T) {
	for name, late := range map[string]bool{"in the middle": false, "when the file is written": true} {
		t.Run(name, func(t *testing.T) {
			site := portaltest.Open(t, envelopes.Module)
			asked, held := make(chan struct{}, 100), make(chan struct{})
			authority := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				asked <- struct{}{}
				<-held
			}))
			defer authority.Close()
			defer close(held)
			envelope := signedByAll(t, site, envelopes.Contract, "Deal 0.", 3)
			closed(t, site, envelope)
			var victim *exec.Cmd
			if late {
				tx, err := site.DB(t).BeginTx(t.Context(), nil)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := tx.ExecContext(t.Context(), "lock table envelopes.sealed in exclusive mode"); err != nil {
					t.Fatal(err)
				}
				victim = site.StartVictim(t)
				portaltest.Eventually(t, 90*time.Second, "the worker has written the file and waits", func() bool {
					return one[int](t, site, `select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%insert into envelopes.sealed%'`) > 0
				})
				portaltest.Kill(victim)
				_ = tx.Rollback()
			} else {
				site.Signet.TSA = authority.URL
				victim = site.StartVictim(t)
				<-asked
				if _, err := site.DB(t).ExecContext(t.Context(), "select from envelopes.envelope where id = ? for update nowait", envelope); err != nil {
					t.Errorf("whoever opens the document waits for the authority: %v", err)
				}
				portaltest.Kill(victim)
			}
			if s := one[string](t, site, "select status from envelopes.envelope where id = ?", envelope); s != "sealing" {
				t.Errorf("it is %s", s)
			}
			site.Forget(t)
			site.Work()
			portaltest.Eventually(t, 90*time.Second, "it is complete", func() bool {
				return one[string](t, site, "select status from envelopes.envelope where id = ?", envelope) == "complete"
			})
			onceEach(t, site, []uuid.UUID{envelope})
		})
	}
}

// TestWorkersThatAreKilledAgainAndAgainSealEverythingOnce kills workers with work of all kinds in their hands.
func TestWorkersThatAreKilledAgainAndAgainSealEverythingOnce(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	var all []uuid.UUID
	for n := range 12 {
		all = append(all, signedByAll(t, site, envelopes.Contract, fmt.Sprintf("Deal %d.", n), 2))
	}
	for _, e := range all {
		closed(t, site, e)
	}
	for range 3 {
		victim := site.StartVictim(t)
		before := len(site.Smtp.Messages())
		portaltest.Eventually(t, 90*time.Second, "the new worker mails something", func() bool { return len(site.Smtp.Messages()) >= before+5 })
		portaltest.Kill(victim)
		site.Forget(t)
	}
	site.Work()
	portaltest.Eventually(t, 90*time.Second, "all are complete", func() bool {
		return one[int](t, site, "select count(*) from envelopes.envelope where status = 'complete' and title like 'Deal %'") == len(all)
	})
	onceEach(t, site, all)
}

// TestADocumentWaitsForTheTimeAndNotForEver: while the timestamp authority is silent it is tried again; an hour after the
// last signature it is sealed without.
func TestADocumentWaitsForTheTimeAndNotForEver(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	silent := httptest.NewServer(http.NotFoundHandler())
	defer silent.Close()
	fresh, old := signedByAll(t, site, envelopes.Other, "Fresh one", 1), signedByAll(t, site, envelopes.Other, "Old one", 1)
	closed(t, site, fresh)
	closedAt(t, site, old, site.Now().Add(-2*time.Hour))
	site.Signet.TSA = silent.URL
	site.StartVictim(t)
	status := func(e uuid.UUID) string {
		return one[string](t, site, "select status from envelopes.envelope where id = ?", e)
	}
	portaltest.Eventually(t, 90*time.Second, "the old one is complete, and the fresh one was tried", func() bool {
		return status(old) == "complete" && one[int](t, site, "select count(*) from outbox where kind = 'envelopes:complete' and tries > 0") > 0
	})
	if status(fresh) != "sealing" {
		t.Errorf("the fresh one is %s", status(fresh))
	}
	if n := one[int](t, site, "select count(*) from envelopes.sealed where stamped_at is not null"); n != 0 {
		t.Errorf("%d have a timestamp", n)
	}
}
