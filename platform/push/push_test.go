package push_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/authtest"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/job"
	"portico/platform/push"
	"portico/platform/push/pushtest"
)

func TestMain(m *testing.M) { os.Exit(authtest.Main(m)) }

func desk(private bool) *push.Desk {
	d := &push.Desk{Key: authtest.Key, Contact: "portal@portico.test", Private: private, Now: time.Now, Log: slog.New(slog.DiscardHandler)}
	return d.Open()
}

// keep lets the desk keep what was promised and is due, and answers how many promises wait for later.
func keep(t *testing.T, s authtest.Story, d *push.Desk) (later int) {
	t.Helper()
	send := d.Handlers()[0]
	for {
		var open []struct {
			ID      uuid.UUID
			Payload []byte
		}
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
			return tx.NewRaw("select id, payload from outbox where firm_id = ? and kind = ? and done_at is null and next_at <= now()", s.Firm, send.Name).Scan(ctx, &open)
		})
		for _, p := range open {
			authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
				if err := send.Run(job.With(ctx, job.Running{ID: p.ID, Firm: s.Firm, Kind: send.Name}), tx, s.Firm, p.Payload); err != nil {
					return err
				}
				_, err := tx.NewRaw("update outbox set done_at = now() where firm_id = ? and id = ?", s.Firm, p.ID).Exec(ctx)
				return err
			})
		}
		if len(open) == 0 {
			authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
				return tx.NewRaw("select count(*) from outbox where firm_id = ? and kind = ? and done_at is null", s.Firm, send.Name).Scan(ctx, &later)
			})
			return later
		}
	}
}

func tell(t *testing.T, s authtest.Story, person uuid.UUID, m push.Message) {
	t.Helper()
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return push.Send(ctx, tx, s.Firm, person, m) })
}

func register(t *testing.T, d *push.Desk, v auth.Viewer, b *pushtest.Browser) (device uuid.UUID) {
	t.Helper()
	authtest.In(t, v.FirmID(), func(ctx context.Context, tx bun.Tx) (err error) {
		device, err = d.Register(ctx, tx, v, push.Subscription{Endpoint: b.Endpoint, P256dh: b.P256dh, Auth: b.Auth}, "Mozilla/5.0 (iPhone) Safari/604.1")
		return err
	})
	return device
}

func devices(t *testing.T, v auth.Viewer) (list []push.Device) {
	t.Helper()
	authtest.In(t, v.FirmID(), func(ctx context.Context, tx bun.Tx) (err error) {
		list, err = push.Devices(ctx, tx, v)
		return err
	})
	return list
}

func TestAMessageArrivesOnceOnEachDevice(t *testing.T) {
	s, d, service := authtest.New(t), desk(true), pushtest.Open(t)
	_, ana := s.Viewer(t, s.AnaPerson, s.Ana)
	_, again := s.Viewer(t, s.AnaPerson, s.Ana)
	phone, tablet := service.Subscribe(d.PublicKey()), service.Subscribe(d.PublicKey())
	register(t, d, ana, phone)
	register(t, d, again, tablet)
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		reached, err := push.Reaches(ctx, tx, s.Firm, []uuid.UUID{s.Max, s.AnaPerson})
		if len(reached) != 1 || reached[0] != s.AnaPerson {
			t.Errorf("reached are %v", reached)
		}
		return err
	})
	event := id.New()
	message := push.Message{Title: "A new message from Olive " + strings.Repeat("é", 200), Body: "The tiles\nhave  arrived.", Path: "/portal/all/messages/1?token=secret", Event: event}
	tell(t, s, s.AnaPerson, message)
	tell(t, s, s.AnaPerson, message)
	if later := keep(t, s, d); later != 0 {
		t.Errorf("%d promises wait", later)
	}
	tell(t, s, s.AnaPerson, message) // also when it was kept
	keep(t, s, d)
	for name, b := range map[string]*pushtest.Browser{"phone": phone, "tablet": tablet} {
		got := b.Got()
		if len(got) != 1 {
			t.Fatalf("the %s got %d messages", name, len(got))
		}
		m := got[0]
		if m.Body != "The tiles have arrived." || m.Path != "/portal/all/messages/1" || len([]rune(m.Title)) > 100 || !strings.HasSuffix(m.Title, "é…") || m.Tag == "" || m.ID == "" {
			t.Errorf("the %s got %q", name, m.Raw)
		}
		if m.Subject != "mailto:portal@portico.test" || m.TTL != 24*60*60 || m.Urgency != "normal" || len(m.Topic) != 32 || time.Until(m.Expires) <= 0 || time.Until(m.Expires) > 24*time.Hour {
			t.Errorf("sent as %+v", m)
		}
	}
	if list := devices(t, ana); len(list) != 2 || list[0].LastOkAt.IsZero() || !list[1].Here || list[0].Here || list[0].Agent == "" {
		t.Errorf("devices: %+v", list)
	}
	tell(t, s, s.AnaPerson, push.Message{Title: "x", Path: "/portal/all"})
	keep(t, s, d)
	if one, two := phone.Got(), tablet.Got(); one[0].Length != one[1].Length || len(two) != 2 {
		t.Errorf("the length tells what is in it: %d, %d", one[0].Length, one[1].Length)
	}
}

func TestMessagesGoToTheirSideAndToNobodyWithoutAccess(t *testing.T) {
	s, d, service := authtest.New(t), desk(true), pushtest.Open(t)
	_, ana := s.Viewer(t, s.AnaPerson, s.Ana)
	_, olive := s.Viewer(t, s.Olive, uuid.Nil)
	portal, office := service.Subscribe(d.PublicKey()), service.Subscribe(d.PublicKey())
	register(t, d, ana, portal)
	register(t, d, olive, office)
	tell(t, s, s.AnaPerson, push.Message{Title: "Not for the portal", Path: "/office/clients"})
	tell(t, s, s.Olive, push.Message{Title: "For the office", Path: "/office"})
	if keep(t, s, d); len(portal.Got()) != 0 || len(office.Got()) != 1 {
		t.Errorf("portal %v, office %v", portal.Got(), office.Got())
	}
	for _, wrong := range []string{"", "/", "/pay/abc", "//evil.example/portal", "/portal//evil.example", "https://evil.example/portal", "/officer", "/portal\\x", "/sign/token"} {
		err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
			return push.Send(ctx, tx, s.Firm, s.AnaPerson, push.Message{Title: "x", Path: wrong})
		})
		if err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
	// asked when it leaves, not when it was promised
	for what, query := range map[string]string{
		"disabled":       "update contact set disabled_at = now() where firm_id = ? and id = ?",
		"without portal": "update contact set access = 'none' where firm_id = ? and id = ?",
		"portal off":     "update client set portal_on = false where firm_id = ? and id in (select client_id from contact where id = ?)",
		"archived":       "update client set archived_at = now() where firm_id = ? and id in (select client_id from contact where id = ?)",
	} {
		s := authtest.New(t)
		_, ana := s.Viewer(t, s.AnaPerson, s.Ana)
		phone := service.Subscribe(d.PublicKey())
		register(t, d, ana, phone)
		tell(t, s, s.AnaPerson, push.Message{Title: "Too late", Path: "/portal/all"})
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
			_, err := tx.NewRaw(query, s.Firm, s.Ana).Exec(ctx)
			return err
		})
		if keep(t, s, d); len(phone.Got()) != 0 {
			t.Errorf("%s, and told all the same", what)
		}
	}
	tell(t, s, s.AnaPerson, push.Message{Title: "For another contact", Path: "/portal/all", Contact: s.Ana})
	tell(t, s, s.Olive, push.Message{Title: "Former staff", Path: "/office"})
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("update staff set disabled_at = now() where firm_id = ? and person_id = ?", s.Firm, s.Olive).Exec(ctx)
		return err
	})
	if keep(t, s, d); len(portal.Got()) != 1 || len(office.Got()) != 1 {
		t.Errorf("portal %v, office %v", portal.Got(), office.Got())
	}
}

func TestAPushServiceThatIsBusyIsAskedAgainAndOneThatForgotIsBelieved(t *testing.T) {
	s, d, service := authtest.New(t), desk(true), pushtest.Open(t)
	_, ana := s.Viewer(t, s.AnaPerson, s.Ana)
	phone := service.Subscribe(d.PublicKey())
	register(t, d, ana, phone)
	phone.Next(pushtest.Answer{Status: 429, RetryAfter: "1800"}, pushtest.Answer{Status: 503}, pushtest.Answer{Status: 400})
	tell(t, s, s.AnaPerson, push.Message{Title: "Patience", Path: "/portal/all"})
	wait := func() (seconds float64) {
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
			if err := tx.NewRaw("select extract(epoch from next_at - now()) from outbox where firm_id = ? and kind = 'push:send' and done_at is null", s.Firm).Scan(ctx, &seconds); err != nil {
				return err
			}
			_, err := tx.NewRaw("update outbox set next_at = now() where firm_id = ? and kind = 'push:send' and done_at is null", s.Firm).Exec(ctx)
			return err
		})
		return seconds
	}
	if later := keep(t, s, d); later != 1 || len(phone.Got()) != 0 {
		t.Fatalf("%d promises wait", later)
	}
	if got := wait(); got < 1700 || got > 1800 {
		t.Errorf("after 429 with 1800 seconds it waits %v", got)
	}
	keep(t, s, d)
	if got := wait(); got < 5 || got > 20 {
		t.Errorf("after the second refusal it waits %v", got)
	}
	keep(t, s, d)
	if list := devices(t, ana); len(list) != 1 || list[0].FailedAt.IsZero() {
		t.Errorf("a message that is refused is noted: %+v", list)
	}
	phone.Next(pushtest.Answer{Status: 410})
	tell(t, s, s.AnaPerson, push.Message{Title: "Gone", Path: "/portal/all"})
	if later := keep(t, s, d); later != 0 || len(devices(t, ana)) != 0 {
		t.Errorf("the browser is gone, and still there: %+v", devices(t, ana))
	}
}

// TestAPushServiceThatSaysNothingKeepsFewWorkersWaiting: whoever names one that never answers gets one call out of us, not one
// for each message.
func TestAPushServiceThatSaysNothingKeepsFewWorkersWaiting(t *testing.T) {
	s, d, keys := authtest.New(t), desk(true), pushtest.Open(t)
	now := time.Now()
	d.Now = func() time.Time { return now }
	calls := 0
	silent := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		if conn, _, err := w.(http.Hijacker).Hijack(); err == nil {
			_ = conn.Close()
		}
	}))
	t.Cleanup(silent.Close)
	_, ana := s.Viewer(t, s.AnaPerson, s.Ana)
	browser := keys.Subscribe(d.PublicKey())
	browser.Endpoint = silent.URL + "/push"
	register(t, d, ana, browser)
	for range 5 {
		tell(t, s, s.AnaPerson, push.Message{Title: "Hello?", Path: "/portal/all"})
	}
	if later := keep(t, s, d); later != 5 || calls != 1 {
		t.Errorf("%d calls, %d promises wait", calls, later)
	}
	if list := devices(t, ana); len(list) != 1 || list[0].FailedAt.IsZero() {
		t.Errorf("that nothing arrived is not noted: %+v", list)
	}
	now = now.Add(6 * time.Minute)
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("update outbox set next_at = now() where firm_id = ? and kind = 'push:send' and done_at is null", s.Firm).Exec(ctx)
		return err
	})
	if later := keep(t, s, d); later != 5 || calls != 2 {
		t.Errorf("after the rest: %d calls, %d promises wait", calls, later)
	}
}

func TestAnOldMessageIsNotSent(t *testing.T) {
	s, d, service := authtest.New(t), desk(true), pushtest.Open(t)
	_, ana := s.Viewer(t, s.AnaPerson, s.Ana)
	phone := service.Subscribe(d.PublicKey())
	register(t, d, ana, phone)
	tell(t, s, s.AnaPerson, push.Message{Title: "Yesterday's", Path: "/portal/all"})
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("update push_message set created_at = now() - interval '25 hours' where firm_id = ?", s.Firm).Exec(ctx)
		return err
	})
	if later := keep(t, s, d); later != 0 || len(phone.Got()) != 0 {
		t.Errorf("told %v, %d wait", phone.Got(), later)
	}
}

// TestASharedPhoneForgets: whoever signs out, is signed out, or makes room for somebody else is told nothing more there.
func TestASharedPhoneForgets(t *testing.T) {
	d, service := desk(true), pushtest.Open(t)
	in := func(t *testing.T, s authtest.Story, fn func(ctx context.Context, tx bun.Tx) error) {
		t.Helper()
		authtest.In(t, s.Firm, fn)
	}
	for how, leave := range map[string]func(t *testing.T, s authtest.Story, v auth.Viewer, endpoint string){
		"signs out": func(t *testing.T, s authtest.Story, v auth.Viewer, _ string) {
			in(t, s, func(ctx context.Context, tx bun.Tx) error { return auth.End(ctx, tx, s.Firm, v.Session.Hash) })
		},
		"signs out everywhere": func(t *testing.T, s authtest.Story, _ auth.Viewer, _ string) {
			in(t, s, func(ctx context.Context, tx bun.Tx) error { return auth.EndAll(ctx, tx, s.Firm, s.AnaPerson, nil) })
		},
		"is disabled": func(t *testing.T, s authtest.Story, _ auth.Viewer, _ string) {
			in(t, s, func(ctx context.Context, tx bun.Tx) error { return auth.EndForContact(ctx, tx, s.Firm, s.Ana) })
		},
		"ends that device": func(t *testing.T, s authtest.Story, v auth.Viewer, _ string) {
			in(t, s, func(ctx context.Context, tx bun.Tx) error {
				list, err := auth.Devices(ctx, tx, v)
				if err != nil {
					return err
				}
				return auth.EndDevice(ctx, tx, v, list[0].ID)
			})
		},
		"makes room": func(t *testing.T, s authtest.Story, v auth.Viewer, _ string) {
			in(t, s, func(ctx context.Context, tx bun.Tx) error {
				_, err := auth.Start(ctx, tx, auth.NewSession{Firm: s.Firm, Person: s.Max, Replaces: v.Session.Hash})
				return err
			})
		},
		"is followed by another": func(t *testing.T, s authtest.Story, _ auth.Viewer, endpoint string) {
			_, max := s.Viewer(t, s.Max, uuid.Nil)
			in(t, s, func(ctx context.Context, tx bun.Tx) error {
				known, err := push.Claim(ctx, tx, max, endpoint)
				if known {
					t.Error("Max is told nothing there, and is said to be")
				}
				return err
			})
		},
	} {
		t.Run(how, func(t *testing.T) {
			s := authtest.New(t)
			_, ana := s.Viewer(t, s.AnaPerson, s.Ana)
			phone := service.Subscribe(d.PublicKey())
			register(t, d, ana, phone)
			tell(t, s, s.AnaPerson, push.Message{Title: "On its way", Path: "/portal/all"})
			leave(t, s, ana, phone.Endpoint)
			tell(t, s, s.AnaPerson, push.Message{Title: "After that", Path: "/portal/all"})
			if keep(t, s, d); len(phone.Got()) != 0 {
				t.Errorf("the phone got %q", phone.Got()[0].Raw)
			}
		})
	}
}

func TestTheSamePersonIsStillToldAfterSigningInAgain(t *testing.T) {
	s, d, service := authtest.New(t), desk(true), pushtest.Open(t)
	_, ana := s.Viewer(t, s.AnaPerson, s.Ana)
	phone := service.Subscribe(d.PublicKey())
	register(t, d, ana, phone)
	var token string
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		token, err = auth.Start(ctx, tx, auth.NewSession{Firm: s.Firm, Person: s.AnaPerson, Contact: s.Ana, Replaces: ana.Session.Hash})
		return err
	})
	now := s.Load(t, token).Viewer
	if list := devices(t, now); len(list) != 1 || !list[0].Here {
		t.Errorf("the device is not the new session's: %+v", list)
	}
	// a session that died of age leaves the device; whoever comes back claims it
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := tx.NewRaw("update session set idle_until = now() - interval '1 minute' where firm_id = ? and person_id = ?", s.Firm, s.AnaPerson).Exec(ctx)
		if err != nil {
			return err
		}
		return auth.Sweep(ctx, tx, s.Firm)
	})
	tell(t, s, s.AnaPerson, push.Message{Title: "Still here", Path: "/portal/all"})
	if keep(t, s, d); len(phone.Got()) != 1 {
		t.Error("the person is told nothing, and never signed out")
	}
	_, back := s.Viewer(t, s.AnaPerson, s.Ana)
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		known, err := push.Claim(ctx, tx, back, phone.Endpoint)
		if !known {
			t.Error("the device is not known again")
		}
		return err
	})
	if list := devices(t, back); len(list) != 1 || !list[0].Here {
		t.Errorf("%+v", list)
	}
}

func TestOnlyBrowsersAreRegistered(t *testing.T) {
	s, service := authtest.New(t), pushtest.Open(t)
	public := desk(false)
	_, ana := s.Viewer(t, s.AnaPerson, s.Ana)
	good := service.Subscribe(public.PublicKey())
	for what, sub := range map[string]push.Subscription{
		"not encrypted":    {Endpoint: "http://push.example/x", P256dh: good.P256dh, Auth: good.Auth},
		"this machine":     {Endpoint: "https://127.0.0.1/x", P256dh: good.P256dh, Auth: good.Auth},
		"the metadata":     {Endpoint: "https://169.254.169.254/latest", P256dh: good.P256dh, Auth: good.Auth},
		"in IPv6":          {Endpoint: "https://[::1]:8080/", P256dh: good.P256dh, Auth: good.Auth},
		"with a password":  {Endpoint: "https://a:b@push.example/x", P256dh: good.P256dh, Auth: good.Auth},
		"a file":           {Endpoint: "file:///etc/passwd", P256dh: good.P256dh, Auth: good.Auth},
		"no key":           {Endpoint: "https://push.example/x", Auth: good.Auth},
		"no point":         {Endpoint: "https://push.example/x", P256dh: strings.Repeat("B", 87), Auth: good.Auth},
		"no secret":        {Endpoint: "https://push.example/x", P256dh: good.P256dh, Auth: "abc"},
		"without an end":   {Endpoint: "https://push.example/" + strings.Repeat("x", 1000), P256dh: good.P256dh, Auth: good.Auth},
		"nothing whatever": {},
	} {
		err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
			_, err := public.Register(ctx, tx, ana, sub, "")
			return err
		})
		if !fault.Is(err, fault.Bad) {
			t.Errorf("%s: %v", what, err)
		}
	}
	// a name that leads into a private network is found out at the call
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := public.Register(ctx, tx, ana, push.Subscription{Endpoint: "https://localhost:1/x", P256dh: good.P256dh, Auth: good.Auth}, "")
		return err
	})
	tell(t, s, s.AnaPerson, push.Message{Title: "Where to?", Path: "/portal/all"})
	if later := keep(t, s, public); later != 1 {
		t.Errorf("%d promises wait", later)
	}
	off := &push.Desk{Key: authtest.Key, Off: true}
	off.Open()
	err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := off.Register(ctx, tx, ana, push.Subscription{Endpoint: "https://push.example/x", P256dh: good.P256dh, Auth: good.Auth}, "")
		return err
	})
	if !fault.Is(err, fault.Missing) || off.PublicKey() != "" {
		t.Errorf("switched off: %v", err)
	}
}

func TestOnesDevicesAreOnesOwn(t *testing.T) {
	s, d, service := authtest.New(t), desk(true), pushtest.Open(t)
	_, ana := s.Viewer(t, s.AnaPerson, s.Ana)
	_, olive := s.Viewer(t, s.Olive, uuid.Nil)
	device := register(t, d, ana, service.Subscribe(d.PublicKey()))
	for what, fn := range map[string]func(ctx context.Context, tx bun.Tx) error{
		"removed": func(ctx context.Context, tx bun.Tx) error { return push.Remove(ctx, tx, olive, device) },
		"tried": func(ctx context.Context, tx bun.Tx) error {
			return d.Try(ctx, tx, olive, device, push.Message{Title: "x", Path: "/office"})
		},
	} {
		if err := authtest.Try(t, s.Firm, fn); !fault.Is(err, fault.Missing) {
			t.Errorf("%s by somebody else: %v", what, err)
		}
	}
	if len(devices(t, olive)) != 0 {
		t.Error("others' devices are listed")
	}
	var text string
	if err := authtest.Owner.NewRaw("select push_device::text from push_device where id = ?", device).Scan(t.Context(), &text); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "/push/") || strings.Contains(text, "127.0.0.1") {
		t.Error("the endpoint can be read in the table")
	}
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return push.Remove(ctx, tx, ana, device) })
	if len(devices(t, ana)) != 0 {
		t.Error("it is still there")
	}
}
