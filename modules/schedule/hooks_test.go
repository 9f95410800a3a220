package schedule_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"portico/modules/schedule"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/portaltest"
	"portico/platform/secret"
)

// viewing runs fn with somebody's eyes.
func viewing(t *testing.T, site *portaltest.Site, who string, fn func(ctx context.Context, tx bun.Tx, v auth.Viewer) error) {
	t.Helper()
	token := site.Session(who)
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		v, err := auth.Load(ctx, tx, site.FirmID(), secret.Hash(token), site.Now())
		if err != nil {
			return err
		}
		return fn(ctx, tx, v.Viewer)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWhatSomebodyLeavesBehind: open items go to a colleague, what is done stays theirs; and a copy of own data has the
// calendar addresses, without the addresses.
func TestWhatSomebodyLeavesBehind(t *testing.T) {
	site := portaltest.Open(t, schedule.Module)
	hooks := site.Catalog.Modules[0]
	open := func(who string) int {
		return one[int](t, site, "select count(*) from schedule.item where assignee_id = ? and progress < 100", site.Person(who).ID)
	}
	before, marias := open("diego"), open("maria")
	if before == 0 {
		t.Fatal("diego has nothing to do")
	}
	viewing(t, site, "maria", func(ctx context.Context, tx bun.Tx, v auth.Viewer) error {
		if n, err := hooks.HandOver(ctx, tx, v, site.Person("diego").ID, [16]byte{}); err != nil || n != before {
			t.Errorf("counted %d, %v", n, err)
		}
		n, err := hooks.HandOver(ctx, tx, v, site.Person("diego").ID, site.Person("maria").ID)
		if n != before {
			t.Errorf("handed over %d of %d", n, before)
		}
		return err
	})
	if open("diego") != 0 || open("maria") != marias+before {
		t.Errorf("diego has %d, maria %d", open("diego"), open("maria"))
	}
	ana := site.As("ana")
	ana.Open("/portal/all/schedule/calendar").Press("Make my calendar address")
	token := strings.TrimSuffix(strings.TrimPrefix(feedAddress.FindString(ana.Body()), "/schedule/feed/"), ".ics")
	for who, want := range map[string]int{"ana": 1, "tom": 0, "ben": 0} {
		viewing(t, site, who, func(ctx context.Context, tx bun.Tx, v auth.Viewer) error {
			tables, err := hooks.Own(ctx, tx, v)
			if len(tables) != want || strings.Contains(fmt.Sprint(tables), token) {
				t.Errorf("%s: %v", who, tables)
			}
			return err
		})
	}
}
