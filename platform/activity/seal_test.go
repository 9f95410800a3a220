package activity_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/portaltest"
	"portico/platform/secret"
)

// diary is a firm's log with nine sealed entries.
func diary(t *testing.T) *portaltest.Site {
	t.Helper()
	site := portaltest.OpenEmpty(t)
	exec(t, site, "insert into firm (firm_id, key, name) values ('00000000-0000-7000-8000-00000000000f', 'demo', 'Demo')")
	write(t, site, 9)
	seal(t, site)
	if r := verify(t, site); !r.Sound() || r.Entries != 9 || r.Waiting != 0 {
		t.Fatalf("nine entries are sealed, and then there is: %+v", r)
	}
	return site
}

func exec(t *testing.T, site *portaltest.Site, statement string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func write(t *testing.T, site *portaltest.Site, n int) {
	t.Helper()
	for i := range n {
		err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
			return activity.Record(ctx, tx, auth.System(site.FirmID()), activity.Entry{
				Verb: "client.changed", Text: fmt.Sprintf("did thing %d", i), Data: map[string]any{"after": map[string]any{"n": i, "words": "ä\"\\ 漢"}},
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func seal(t *testing.T, site *portaltest.Site) {
	t.Helper()
	if err := site.Activity.SealAll(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func verify(t *testing.T, site *portaltest.Site) activity.Report {
	t.Helper()
	r, err := activity.Verify(t.Context(), site.Ops, site.Options.Key, site.FirmID())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// nth is the id of an entry by the number of its seal.
const nth = "(select entry_id from activity_seal where seq = %d)"

// TestWhatIsDoneToTheLogShows does to the tables what somebody with the database alone could do.
func TestWhatIsDoneToTheLogShows(t *testing.T) {
	t.Parallel()
	site := diary(t)
	back := site.Snapshot(t)
	of := func(n int) string { return fmt.Sprintf(nth, n) }
	for _, c := range []struct {
		what string
		do   []string
		want []string
	}{
		{"nothing", nil, nil},
		{"a word is changed", []string{"update activity set text = text || '!' where id = " + of(4)}, []string{"entry 4 (", "was changed after it was sealed"}},
		{"the time is changed", []string{"update activity set at = at - interval '1 microsecond' where id = " + of(1)}, []string{"entry 1 (", "was changed after it was sealed"}},
		{"who did it is changed", []string{"update activity set actor_name = 'Somebody' where id = " + of(9)}, []string{"entry 9 (", "was changed after it was sealed"}},
		{"before and after are changed", []string{`update activity set data = '{"after": {"n": 99}}' where id = ` + of(2)}, []string{"entry 2 (", "was changed after it was sealed"}},
		{"where from is changed", []string{"update activity set ip = '10.0.0.1' where id = " + of(2)}, []string{"entry 2 (", "was changed after it was sealed"}},
		{"it is shown to the client", []string{"update activity set for_client = true where id = " + of(3)}, []string{"entry 3 (", "was changed after it was sealed"}},
		{"the first is removed", []string{"delete from activity where id = " + of(1)}, []string{"entry 1 was removed (it was sealed "}},
		{"one is removed", []string{"delete from activity where id = " + of(5)}, []string{"entry 5 was removed (it was sealed "}},
		{"the last is removed", []string{"delete from activity where id = " + of(9)}, []string{"entry 9 was removed (it was sealed "}},
		{"the first two with their seals", []string{"delete from activity where id in (" + of(1) + ", " + of(2) + ")", "delete from activity_seal where seq <= 2"}, []string{"entries 1 to 2 were removed, together with their seals"}},
		{"one with its seal", []string{"delete from activity where id = " + of(5), "delete from activity_seal where seq = 5"}, []string{"entry 5 was removed, together with its seal"}},
		{"one with its seal, and the numbers closed up", []string{"delete from activity where id = " + of(5), "delete from activity_seal where seq = 5",
			"update activity_seal set seq = seq + 100 where seq > 5", "update activity_seal set seq = seq - 101 where seq > 100"}, []string{"entry 5 (", "was changed", "entry 9 was removed from the end"}},
		{"the end is cut off", []string{"delete from activity where id in (" + of(8) + ", " + of(9) + ")", "delete from activity_seal where seq >= 8"}, []string{"entries 8 to 9 were removed from the end, together with their seals"}},
		{"the end is cut off, and the head follows", []string{"delete from activity where id in (" + of(8) + ", " + of(9) + ")", "delete from activity_seal where seq >= 8",
			"update activity_head set seq = 7, hash = (select hash from activity_seal where seq = 7)"}, []string{"the end of the log was tampered with: entries after 7"}},
		{"the head is taken", []string{"delete from activity_head"}, []string{"the end of the log was tampered with"}},
		{"everything but the head", []string{"delete from activity", "delete from activity_seal"}, []string{"entries 1 to 9 were removed from the end"}},
		{"two change places", []string{"update activity a set text = b.text, at = b.at, data = b.data from activity b where a.id in (" + of(3) + "," + of(6) + ") and b.id in (" + of(3) + "," + of(6) + ") and a.id <> b.id"},
			[]string{"entries 3 and 6 changed places"}},
		{"two change seals", []string{"update activity_seal set seq = 100 where seq = 3", "update activity_seal set seq = 3 where seq = 6", "update activity_seal set seq = 6 where seq = 100"},
			[]string{"entry 3 (", "entry 6 (", "was changed after it was sealed"}},
		{"one is put in", []string{"insert into activity (firm_id, id, verb, text) select firm_id, gen_random_uuid(), 'client.changed', 'never happened' from firm"}, []string{"was put in past the program: it has no seal"}},
		{"one is put in, with a made-up seal", []string{"insert into activity (firm_id, id, verb, text) select firm_id, '00000000-0000-7000-8000-000000000001', 'x.y', 'never happened' from firm",
			"insert into activity_seal (firm_id, seq, entry_id, prev, hash) select firm_id, 10, '00000000-0000-7000-8000-000000000001', hash, sha256('x') from activity_seal where seq = 9"},
			[]string{"entry 10 (", "was changed", "entry 10 was put in at the end"}},
		{"a seal is changed", []string{"update activity_seal set hash = sha256('x') where seq = 9"}, []string{"entry 9 (", "was changed"}},
	} {
		for _, statement := range c.do {
			exec(t, site, statement)
		}
		r := verify(t, site)
		said := strings.Join(r.Troubles, "\n")
		for _, want := range c.want {
			if !strings.Contains(said, want) {
				t.Errorf("%s: no word of %q in:\n%s", c.what, want, said)
			}
		}
		if c.want == nil && !r.Sound() {
			t.Errorf("%s: %s", c.what, said)
		}
		back()
	}
}

// TestWhatWasDoneStaysVisible: the program seals on, and does not heal what was broken.
func TestWhatWasDoneStaysVisible(t *testing.T) {
	t.Parallel()
	site := diary(t)
	back := site.Snapshot(t)
	for what, c := range map[string]struct{ do, want string }{
		"the end is cut off":         {"delete from activity_seal where seq >= 8", "entries 8 to 9 were removed, together with their seals"},
		"the head is taken":          {"delete from activity_head", "entry 10 was removed, together with its seal"},
		"the head follows a cut":     {"delete from activity_seal where seq = 9; update activity_head set seq = 8", "removed, together with"},
		"one is removed unsealed":    {"delete from activity where id in (select id from activity_unsealed)", "was removed before it was sealed"},
		"the queue loses one of two": {"delete from activity_unsealed where id = (select id from activity_unsealed order by id limit 1)", "was put in past the program: it has no seal"},
	} {
		write(t, site, 2)
		if _, err := site.DB(t).DB.ExecContext(t.Context(), c.do); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			seal(t, site)
			write(t, site, 2)
			seal(t, site)
		}
		if said := strings.Join(verify(t, site).Troubles, "\n"); !strings.Contains(said, c.want) {
			t.Errorf("%s: no word of %q in:\n%s", what, c.want, said)
		}
		back()
	}
}

func TestNobodySealsWithoutTheSecret(t *testing.T) {
	t.Parallel()
	site := diary(t)
	r, err := activity.Verify(t.Context(), site.Ops, secret.NewKey(), site.FirmID())
	if err != nil || r.Sound() {
		t.Errorf("another secret fits: %+v, %v", r, err)
	}
	if !strings.Contains(strings.Join(r.Troubles, "\n"), "PORTICO_SECRET") {
		t.Errorf("it says nothing of the secret: %v", r.Troubles)
	}
	err = db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, "update activity set text = 'x'")
		return err
	})
	if err == nil {
		t.Error("the program may change entries")
	}
	for _, statement := range []string{"delete from activity", "delete from activity_seal", "update activity_seal set seq = seq"} {
		err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.ExecContext(ctx, statement)
			return err
		})
		if err == nil {
			t.Errorf("the program may: %s", statement)
		}
	}
}

// TestWritersAndSealersDoNotDisturbEachOther: many write and several seal at once, and the chain has no hole. Whoever
// rolls back leaves nothing.
func TestWritersAndSealersDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	site := diary(t)
	errBack := fmt.Errorf("back")
	writing, sealing := sync.WaitGroup{}, sync.WaitGroup{}
	stop := make(chan struct{})
	for range 3 {
		sealing.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					if err := site.Activity.SealAll(t.Context()); err != nil {
						t.Error(err)
						return
					}
				}
			}
		})
	}
	for range 8 {
		writing.Go(func() {
			for i := range 40 {
				err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
					entries := make([]activity.Entry, 1+i%3)
					for n := range entries {
						entries[n] = activity.Entry{Verb: "client.changed", Text: "did something"}
					}
					if err := activity.RecordEach(ctx, tx, auth.System(site.FirmID()), entries); err != nil {
						return err
					}
					if i%4 == 3 {
						return errBack
					}
					return nil
				})
				if err != nil && err != errBack {
					t.Error(err)
				}
			}
		})
	}
	writing.Wait()
	close(stop)
	sealing.Wait()
	seal(t, site)
	var entries int64
	if err := site.DB(t).NewRaw("select count(*) from activity").Scan(t.Context(), &entries); err != nil {
		t.Fatal(err)
	}
	if r := verify(t, site); !r.Sound() || r.Waiting != 0 || r.Entries != entries || entries < 9+8*30 {
		t.Errorf("%d entries, and the chain says: %+v", entries, r)
	}
}

// TestTheNightlyCheckRemembers what it found, and since when all is well.
func TestTheNightlyCheckRemembers(t *testing.T) {
	t.Parallel()
	site := diary(t)
	check := func() activity.State {
		t.Helper()
		var state activity.State
		err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
			if _, err := activity.VerifyNow.Enqueue(ctx, tx, site.FirmID(), struct{}{}); err != nil {
				return err
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		site.Settle(t)
		err = db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) (err error) {
			state, err = activity.StateOf(ctx, tx, site.FirmID())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return state
	}
	write(t, site, 3) // it seals them itself
	first := check()
	if first.CheckedAt.IsZero() || first.Checked != 12 || first.SoundSince.IsZero() || len(first.Troubles) != 0 {
		t.Errorf("a sound log: %+v", first)
	}
	if second := check(); !second.SoundSince.Equal(first.SoundSince) {
		t.Errorf("sound since %s, and then since %s", first.SoundSince, second.SoundSince)
	}
	exec(t, site, "delete from activity where id = "+fmt.Sprintf(nth, 3))
	if broken := check(); !broken.SoundSince.IsZero() || len(broken.Troubles) != 1 || !strings.Contains(broken.Troubles[0], "entry 3 was removed") {
		t.Errorf("a broken log: %+v", broken)
	}
}
