package auth_test

import (
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/auth/authtest"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/portaltest/stopwatch"
	"portico/platform/secret"
)

func TestMain(m *testing.M) { os.Exit(authtest.Main(m)) }

func TestDutyOfStaff(t *testing.T) {
	owners := []string{"owner"}
	for _, c := range []struct {
		name     string
		role     access.Role
		demanded []string
		has      bool
		factors  int
		want     auth.Duty
	}{
		{"a client has none", access.NoRole, owners, false, 1, auth.NoDuty},
		{"nothing set up, nothing demanded", access.Owner, nil, false, 1, auth.NoDuty},
		{"what is set up must be shown", access.Member, nil, true, 1, auth.SecondFactor},
		{"what is demanded must be set up", access.Owner, owners, false, 1, auth.EnrolFactor},
		{"it is demanded of others", access.Member, owners, false, 1, auth.NoDuty},
		{"shown already", access.Owner, owners, true, 2, auth.NoDuty},
		{"a passkey counts as two, also where no other is set up", access.Owner, owners, false, 2, auth.NoDuty},
	} {
		if got := auth.DutyOf(c.role, c.demanded, c.has, c.factors); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestOnlyNewOwnersAreOfferedASecondFactor(t *testing.T) {
	for _, c := range []struct {
		role          access.Role
		welcomed, has bool
		want          bool
	}{
		{access.Owner, false, false, true}, {access.Owner, true, false, false}, {access.Owner, false, true, false},
		{access.Admin, false, false, false}, {access.NoRole, false, false, false},
	} {
		if got := auth.OffersFactor(c.role, c.welcomed, c.has); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestAddressesHaveOneSpelling(t *testing.T) {
	for typed, want := range map[string]string{
		" Ana@Hart.Example ": AnaEmail, "ana@hart.example": AnaEmail,
		"": "", "ana": "", "Ana <ana@hart.example>": "", "ana@hart.example, bob@hart.example": "",
		"ana@hart.example\r\nBcc: x@y.example": "", "a b@c.example": "", strings.Repeat("a", 250) + "@b.example": "",
		"josé@hart.example": "josé@hart.example",
	} {
		if got, ok := auth.CleanEmail(typed); got != want || ok != (want != "") {
			t.Errorf("%q: %q %v, want %q", typed, got, ok, want)
		}
	}
}

const AnaEmail = authtest.AnaEmail

func TestAStrangerKnowsTheFirmOnly(t *testing.T) {
	s := authtest.New(t)
	for _, token := range []string{"", "made-up"} {
		v := s.Load(t, token)
		if v.Side != auth.Stranger || v.Firm.Name != "Oak & Stone" || v.PersonID != uuid.Nil || !v.Firm.Switches["billing"] || v.Zone != "UTC" {
			t.Errorf("%q: %+v", token, v)
		}
	}
	err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := auth.Load(ctx, tx, id.New(), nil, time.Now())
		return err
	})
	if !fault.Is(err, fault.Misdirected) {
		t.Errorf("no firm: %v", err)
	}
}

func TestAnaSeesHerSharedProjects(t *testing.T) {
	s := authtest.New(t)
	token, v := s.Viewer(t, s.AnaPerson, s.Ana)
	if v.Side != auth.Portal || v.ClientName != "The Harts" || v.ContactID != s.Ana || v.Role != access.NoRole || v.Places != 1 {
		t.Errorf("%+v", v)
	}
	if len(v.Projects) != 1 || v.Projects[0].ID != s.Kitchen || v.Projects[0].Switches["billing"] {
		t.Errorf("projects: %+v", v.Projects)
	}
	if !slices.Equal(v.Rights, []access.Right{access.ViewInvoices, access.MakePayments}) || !v.ClientSays["messages"] || !v.Levels().Portal().On {
		t.Errorf("rights: %+v", v)
	}
	if v.Confirmed(time.Now()) != nil || v.Confirmed(time.Now().Add(auth.Fresh+time.Minute)) == nil {
		t.Error("a sign-in is fresh, for a while")
	}

	s.Do(t, "update project set shared = true where firm_id = ? and id = ?", s.Firm, s.Shed)
	s.Do(t, "update contact set limited = true where firm_id = ? and id = ?", s.Firm, s.Ana)
	if got := s.Load(t, token); len(got.Projects) != 0 || !got.Limited {
		t.Errorf("limited to nothing: %+v", got.Projects)
	}
	s.Do(t, "insert into contact_project (firm_id, contact_id, project_id, client_id) values (?, ?, ?, ?)", s.Firm, s.Ana, s.Shed, s.Harts)
	if got := s.Load(t, token); len(got.Projects) != 1 || got.Projects[0].ID != s.Shed {
		t.Errorf("limited to the shed: %+v", got.Projects)
	}
}

func TestStaffWhoAreContactsToo(t *testing.T) {
	s := authtest.New(t)
	contact := id.New()
	s.Contact(t, contact, s.Birch, s.Olive, "olive@oak.example")
	_, v := s.Viewer(t, s.Olive, contact)
	if v.Side != auth.Portal || v.Role != access.Owner || v.Places != 2 || v.ClientName != "The Birches" {
		t.Errorf("%+v", v)
	}
}

func TestADeadSessionIsNoSession(t *testing.T) {
	cases := map[string]string{
		"idle":               "update session set idle_until = now() - interval '1 second' where firm_id = ?",
		"too old":            "update session set absolute_until = now() - interval '1 second' where firm_id = ?",
		"contact disabled":   "update contact set disabled_at = now() where firm_id = ?",
		"contact archived":   "update contact set archived_at = now() where firm_id = ?",
		"access withdrawn":   "update contact set access = 'none' where firm_id = ?",
		"client archived":    "update client set archived_at = now() where firm_id = ?",
		"contact reassigned": "update contact set person_id = null where firm_id = ?",
		"staff disabled":     "update staff set disabled_at = now() where firm_id = ?",
		"staff removed":      "delete from staff where firm_id = ?",
	}
	for name, harm := range cases {
		t.Run(name, func(t *testing.T) {
			s := authtest.New(t)
			person, contact := s.AnaPerson, s.Ana
			if strings.HasPrefix(name, "staff") {
				person, contact = s.Olive, uuid.Nil
			}
			token, v := s.Viewer(t, person, contact)
			if !v.SignedIn() {
				t.Fatal("not signed in to begin with")
			}
			s.Do(t, harm, s.Firm)
			if got := s.Load(t, token); got.SignedIn() || got.PersonID != uuid.Nil || got.Projects != nil || got.Firm.ID != s.Firm {
				t.Errorf("still %+v", got.Viewer)
			}
		})
	}
}

func TestThePortalOffKeepsTheViewerAndClosesTheLevels(t *testing.T) {
	for _, off := range []string{"update firm set portal_on = false where firm_id = ?", "update client set portal_on = false where firm_id = ?"} {
		s := authtest.New(t)
		token, _ := s.Viewer(t, s.AnaPerson, s.Ana)
		s.Do(t, off, s.Firm)
		if got := s.Load(t, token); !got.SignedIn() || got.Levels().Portal().On {
			t.Errorf("%s: %+v", off, got.Levels().Portal())
		}
	}
}

func TestACookieIsWorthNothingInAnotherFirm(t *testing.T) {
	one, two := authtest.New(t), authtest.New(t)
	token, _ := one.Viewer(t, one.AnaPerson, one.Ana)
	if got := two.Load(t, token); got.SignedIn() {
		t.Errorf("signed in: %+v", got.Viewer)
	}
	// even a transaction of the wrong firm sees nothing, whatever the statement asks for
	err := authtest.Try(t, two.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := auth.Load(ctx, tx, one.Firm, secret.Hash(token), time.Now())
		return err
	})
	if !fault.Is(err, fault.Misdirected) {
		t.Errorf("row-level security: %v", err)
	}
}

func TestNobodyStartsASessionWithoutAccess(t *testing.T) {
	s := authtest.New(t)
	s.Do(t, "update contact set disabled_at = now() where firm_id = ?", s.Firm)
	for name, n := range map[string]auth.NewSession{
		"disabled contact":           {Firm: s.Firm, Person: s.AnaPerson, Contact: s.Ana},
		"a client as staff":          {Firm: s.Firm, Person: s.AnaPerson},
		"staff as another's contact": {Firm: s.Firm, Person: s.Olive, Contact: s.Ana},
		"nobody":                     {Firm: s.Firm, Person: id.New()},
	} {
		err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
			_, err := auth.Start(ctx, tx, n)
			return err
		})
		if !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDisableAndSignInAtOnceLeaveNoSession(t *testing.T) {
	s := authtest.New(t)
	ctx := context.Background()
	started, done := make(chan struct{}), make(chan error, 1)
	go func() { // the one who disables holds the contact's row for a while
		done <- authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
			if _, err := tx.NewRaw("update contact set disabled_at = now() where firm_id = ? and id = ?", s.Firm, s.Ana).Exec(ctx); err != nil {
				return err
			}
			close(started)
			time.Sleep(150 * time.Millisecond)
			return auth.EndForContact(ctx, tx, s.Firm, s.Ana)
		})
	}()
	<-started
	err := authtest.Try(t, s.Firm, func(_ context.Context, tx bun.Tx) error {
		_, err := auth.Start(ctx, tx, auth.NewSession{Firm: s.Firm, Person: s.AnaPerson, Contact: s.Ana})
		return err
	})
	if !fault.Is(err, fault.Denied) {
		t.Errorf("the sign-in waited and got %v", err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if n := s.Int(t, "select count(*) from session where firm_id = ?", s.Firm); n != 0 {
		t.Errorf("%d sessions left", n)
	}
}

func TestSessionsLastAsLongAsTheirSide(t *testing.T) {
	s := authtest.New(t)
	for _, c := range []struct {
		person, contact uuid.UUID
		idle, absolute  string
	}{{s.AnaPerson, s.Ana, "30 days", "180 days"}, {s.Olive, uuid.Nil, "12 hours", "7 days"}} {
		token, _ := s.Viewer(t, c.person, c.contact)
		n := s.Int(t, `
			select count(*) from session where firm_id = ? and token_hash = ?
				and idle_until - created_at = ?::interval and absolute_until - created_at = ?::interval`,
			s.Firm, secret.Hash(token), c.idle, c.absolute)
		if n != 1 {
			t.Errorf("want %s idle and %s in all", c.idle, c.absolute)
		}
	}
}

func TestTouchSlidesWhenItIsDueAndNeverPastTheEnd(t *testing.T) {
	s := authtest.New(t)
	token, _ := s.Viewer(t, s.AnaPerson, s.Ana)
	if l := s.Load(t, token); l.TouchDue || l.Session.Stale {
		t.Error("due at once")
	}
	s.Do(t, `update session set last_seen_at = now() - interval '16 minutes', idle_until = now() + interval '1 hour',
		absolute_until = now() + interval '3 days' where firm_id = ?`, s.Firm)
	l := s.Load(t, token)
	if !l.TouchDue || !l.Session.Stale {
		t.Fatal("not due after 16 minutes")
	}
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		until, err := auth.Touch(ctx, tx, l.Viewer)
		if d := time.Until(until); d < 71*time.Hour || d > 73*time.Hour {
			t.Errorf("slid to %v from now, want the end, in three days", d)
		}
		return err
	})
	if l := s.Load(t, token); l.TouchDue {
		t.Error("due again at once")
	}
	s.Do(t, "update session set idle_until = now() - interval '1 second' where firm_id = ?", s.Firm)
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { _, err := auth.Touch(ctx, tx, l.Viewer); return err })
	if s.Load(t, token).SignedIn() {
		t.Error("a touch woke a dead session")
	}
}

func TestANewSessionReplacesTheBrowsersOldOne(t *testing.T) {
	s := authtest.New(t)
	before, _ := s.Viewer(t, s.AnaPerson, s.Ana)
	other, _ := s.Viewer(t, s.AnaPerson, s.Ana)
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := auth.Start(ctx, tx, auth.NewSession{Firm: s.Firm, Person: s.Olive, Replaces: secret.Hash(before), Agent: "\xff\x00" + strings.Repeat("é", 400)})
		return err
	})
	if s.Load(t, before).SignedIn() || !s.Load(t, other).SignedIn() {
		t.Error("want the replaced one gone and the other one alive")
	}
}

func TestElevateConfirmAndDuty(t *testing.T) {
	s := authtest.New(t)
	s.Do(t, "update firm set second_factor = '{owner}' where firm_id = ?", s.Firm)
	token, v := s.Viewer(t, s.Olive, uuid.Nil)
	if v.Session.Duty != auth.EnrolFactor || !s.Load(t, token).OffersFactor() {
		t.Errorf("duty %q", v.Session.Duty)
	}
	s.Do(t, "update person set totp_at = now() where firm_id = ? and id = ?", s.Firm, s.Olive)
	if l := s.Load(t, token); l.Session.Duty != auth.SecondFactor || !l.HasFactor || l.OffersFactor() {
		t.Errorf("duty %q", l.Session.Duty)
	}
	s.Do(t, "update session set confirmed_at = now() - interval '11 minutes' where firm_id = ?", s.Firm)
	if s.Load(t, token).Confirmed(time.Now()) == nil {
		t.Error("still fresh after 11 minutes")
	}
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return auth.Elevate(ctx, tx, v) })
	if l := s.Load(t, token); l.Session.Duty != auth.NoDuty || l.Session.Factors != 2 || l.Confirmed(time.Now()) != nil {
		t.Errorf("after the factor: %+v", l.Session)
	}
	// the caller's clock may be an hour off: freshness is PostgreSQL's
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		off := time.Now().Add(time.Hour)
		l, err := auth.Load(ctx, tx, s.Firm, secret.Hash(token), off)
		if l.Confirmed(off) != nil {
			t.Error("a wrong clock asks to step up for ever")
		}
		return err
	})
	s.Do(t, "update session set confirmed_at = now() - interval '11 minutes' where firm_id = ?", s.Firm)
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return auth.Confirm(ctx, tx, v) })
	if l := s.Load(t, token); l.Confirmed(time.Now()) != nil {
		t.Error("not fresh after confirming")
	}
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return auth.Welcome(ctx, tx, v) })
	if !s.Load(t, token).Session.Welcomed {
		t.Error("not welcomed")
	}
}

func TestSwitchingBetweenIdentities(t *testing.T) {
	s := authtest.New(t)
	birch := id.New()
	s.Contact(t, birch, s.Birch, s.AnaPerson, AnaEmail)
	s.Do(t, "insert into staff (firm_id, person_id, role) values (?, ?, 'member')", s.Firm, s.AnaPerson)
	var all []auth.Identity
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		all, err = auth.Identities(ctx, tx, s.Firm, s.AnaPerson)
		return err
	})
	if len(all) != 3 || all[0].Side != auth.Office || all[0].Role != access.Member || all[1].ClientName != "The Birches" || !all[1].PortalOn {
		t.Fatalf("%+v", all)
	}
	if p := auth.Preferred(all); p.Side != auth.Office {
		t.Errorf("preferred: %+v", p)
	}

	token, v := s.Viewer(t, s.AnaPerson, s.Ana)
	s.Do(t, "update session set created_at = now() - interval '5 days', factors = 2 where firm_id = ?", s.Firm)
	var next string
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		next, err = auth.SwitchTo(ctx, tx, v, all[1])
		return err
	})
	if s.Load(t, token).SignedIn() {
		t.Error("two identities at once")
	}
	now := s.Load(t, next)
	if now.ContactID != birch || len(now.Projects) != 1 || now.Projects[0].ID != s.Birchs || now.Session.Factors != 2 {
		t.Errorf("%+v", now.Viewer)
	}
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		next, err = auth.SwitchTo(ctx, tx, now.Viewer, all[0])
		return err
	})
	office := s.Load(t, next)
	if office.Side != auth.Office {
		t.Fatalf("%+v", office.Viewer)
	}
	if n := s.Int(t, `select count(*) from session where firm_id = ? and absolute_until between now() + interval '47 hours' and now() + interval '49 hours'`, s.Firm); n != 1 {
		t.Error("switching made a sign-in of five days ago last longer than two more")
	}

	// what is not one's own cannot be switched to
	for _, to := range []auth.Identity{{Side: auth.Portal, ContactID: id.New()}, {Side: auth.Portal, ContactID: s.Ana}} {
		who := office.Viewer
		if to.ContactID == s.Ana {
			_, who = s.Viewer(t, s.Olive, uuid.Nil)
		}
		err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { _, err := auth.SwitchTo(ctx, tx, who, to); return err })
		if !fault.Is(err, fault.Denied) {
			t.Errorf("switch to %v: %v", to, err)
		}
	}
	// nor does an old sign-in open the office
	_, v = s.Viewer(t, s.AnaPerson, s.Ana)
	s.Do(t, "update session set created_at = now() - interval '8 days' where firm_id = ?", s.Firm)
	err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { _, err := auth.SwitchTo(ctx, tx, v, all[0]); return err })
	if !fault.Is(err, fault.SignInNeeded) {
		t.Errorf("office from a sign-in of last week: %v", err)
	}
}

func TestOwnDevices(t *testing.T) {
	s := authtest.New(t)
	one, v := s.Viewer(t, s.AnaPerson, s.Ana)
	two, _ := s.Viewer(t, s.AnaPerson, s.Ana)
	olive, oliveV := s.Viewer(t, s.Olive, uuid.Nil)
	var devices []auth.Device
	list := func() {
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) { devices, err = auth.Devices(ctx, tx, v); return err })
	}
	list()
	if len(devices) != 2 || devices[0].Current == devices[1].Current || devices[0].ClientName != "The Harts" {
		t.Fatalf("%+v", devices)
	}
	other := devices[slices.IndexFunc(devices, func(d auth.Device) bool { return !d.Current })]
	err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return auth.EndDevice(ctx, tx, oliveV, other.ID) })
	if !fault.Is(err, fault.Missing) {
		t.Errorf("somebody else ends it: %v", err)
	}
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return auth.EndDevice(ctx, tx, v, other.ID) })
	if s.Load(t, two).SignedIn() || !s.Load(t, one).SignedIn() {
		t.Error("the wrong one ended")
	}
	two, _ = s.Viewer(t, s.AnaPerson, s.Ana)
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		return auth.EndAll(ctx, tx, s.Firm, s.AnaPerson, v.Session.Hash)
	})
	if s.Load(t, two).SignedIn() || !s.Load(t, one).SignedIn() || !s.Load(t, olive).SignedIn() {
		t.Error("sign out everywhere else")
	}
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return auth.EndAll(ctx, tx, s.Firm, s.AnaPerson, nil) })
	if s.Load(t, one).SignedIn() {
		t.Error("sign out everywhere")
	}
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return auth.End(ctx, tx, s.Firm, oliveV.Session.Hash) })
	if s.Load(t, olive).SignedIn() {
		t.Error("sign out")
	}
}

func TestSweepingKeepsWhatCounts(t *testing.T) {
	s := authtest.New(t)
	live, _ := s.Viewer(t, s.Olive, uuid.Nil)
	s.Viewer(t, s.AnaPerson, s.Ana)
	s.Do(t, `
		update session set idle_until = now() - interval '1 second' where firm_id = ?0 and contact_id is not null;
		insert into challenge (firm_id, token_hash, kind, expires_at) values
			(?0, 'a', 'passkey_sign_in', now() + interval '1 minute'), (?0, 'b', 'passkey_sign_in', now() - interval '1 minute');
		insert into link (firm_id, token_hash, id, purpose, person_id, sent_to, expires_at) values
			(?0, 'a', ?1, 'sign_in', ?1, ?2, now() - interval '1 year'), (?0, 'b', ?1, 'sign_in', ?1, ?2, now() - interval '2 years')`,
		s.Firm, s.AnaPerson, AnaEmail)
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return auth.Sweep(ctx, tx, s.Firm) })
	left := s.Int(t, `
		select (select count(*) from session where firm_id = ?0) * 100 + (select count(*) from challenge where firm_id = ?0) * 10
			+ (select count(*) from link where firm_id = ?0)`, s.Firm)
	if left != 111 || !s.Load(t, live).SignedIn() {
		t.Errorf("left (sessions, challenges, links): %03d", left)
	}
}

func TestElsewhereListsOtherFirmsOfTheAddress(t *testing.T) {
	here, there, off, gone := authtest.New(t), authtest.New(t), authtest.New(t), authtest.New(t)
	off.Do(t, "update client set portal_on = false where firm_id = ?", off.Firm)
	gone.Do(t, "update firm set status = 'suspended' where firm_id = ?", gone.Firm)
	_, v := here.Viewer(t, here.AnaPerson, here.Ana)
	others, err := auth.FindElsewhere(context.Background(), authtest.Ops, v)
	if err != nil {
		t.Fatal(err)
	}
	found := map[uuid.UUID]auth.Elsewhere{}
	for _, o := range others {
		found[o.FirmID] = o
	}
	if o := found[there.Firm]; o.PersonID != there.AnaPerson || o.Office || !slices.Equal(o.Clients, []string{"The Harts"}) || o.FirmKey != there.Key {
		t.Errorf("%+v", o)
	}
	for _, s := range []authtest.Story{here, off, gone} {
		if _, listed := found[s.Firm]; listed {
			t.Error("listed a firm that is the same, closed or suspended")
		}
	}
	if others, _ := auth.FindElsewhere(context.Background(), authtest.Ops, auth.Viewer{Email: AnaEmail}); others != nil {
		t.Error("a stranger asked")
	}
}

// TestLoadIsFast plans the statement among many rows: every table has an index for it (small ones are read as a whole
// only by choice), and it takes a fraction of a millisecond.
func TestLoadIsFast(t *testing.T) {
	s := authtest.New(t)
	token, _ := s.Viewer(t, s.AnaPerson, s.Ana)
	s.Do(t, `
		insert into person (firm_id, id, email, name) select ?0, gen_random_uuid(), 'p' || n || '@x.example', 'P' from generate_series(1, 5000) n;
		insert into client (firm_id, id, name, portal_on) select ?0, gen_random_uuid(), 'C' || n, true from generate_series(1, 5000) n;
		insert into contact (firm_id, id, client_id, person_id, name, access)
			select ?0, gen_random_uuid(), c.id, p.id, 'X', 'portal'
			from (select id, row_number() over () n from client where firm_id = ?0) c
			join (select id, row_number() over () n from person where firm_id = ?0) p using (n);
		insert into project (firm_id, id, client_id, key, name, shared)
			select ?0, gen_random_uuid(), c.id, 'k-' || row_number() over (), 'P', true from client c where c.firm_id = ?0;
		insert into session (firm_id, token_hash, person_id, contact_id, idle_until, absolute_until)
			select ?0, sha256(ct.id::text::bytea), ct.person_id, ct.id, now() + interval '1 day', now() + interval '1 day'
			from contact ct where ct.firm_id = ?0 and ct.access = 'portal'`, s.Firm)
	if _, err := authtest.Owner.Exec("analyze"); err != nil {
		t.Fatal(err)
	}
	var plan string
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		if _, err := tx.NewRaw("set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off").Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.Tx.ExecContext(ctx, "prepare loading (uuid, bytea) as "+auth.LoadStatement); err != nil {
			return err
		}
		return tx.NewRaw("explain (analyze, timing off, format json) execute loading (?, ?)", s.Firm, secret.Hash(token)).Scan(ctx, &plan)
	})
	if strings.Contains(plan, `"Seq Scan"`) {
		t.Errorf("a table is read as a whole:\n%s", plan)
	}
	var runs []struct {
		Time float64 `json:"Execution Time"`
	}
	if err := json.Unmarshal([]byte(plan), &runs); err != nil {
		t.Fatal(err)
	}
	began, n := time.Now(), 200
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		for range n {
			if _, err := auth.Load(ctx, tx, s.Firm, secret.Hash(token), time.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	each := time.Since(began) / time.Duration(n)
	t.Logf("in the database %.3f ms under explain; %v with the round trip", runs[0].Time, each)
	stopwatch.Holds(t, "a request", 5*time.Millisecond, each)
}
