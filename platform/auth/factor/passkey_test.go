package factor_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/authtest"
	"portico/platform/auth/factor"
	"portico/platform/fault"
)

func TestPasskeys(t *testing.T) {
	s := authtest.New(t)
	token, v := s.Viewer(t, s.Olive, uuid.Nil)
	site, err := factor.PasskeysAt("http://acme.localhost:8080", "Oak & Stone")
	if err != nil {
		t.Fatal(err)
	}
	device := newDevice(t, "acme.localhost", "http://acme.localhost:8080")

	add := func(d *authenticator, v auth.Viewer) (added factor.Passkey, err error) {
		var options []byte
		var ticket string
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			options, ticket, err = site.BeginAdd(ctx, tx, v)
			return err
		})
		answer := d.create(options)
		err = authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			added, err = site.FinishAdd(ctx, tx, v, ticket, "  Olive's laptop ", answer)
			return err
		})
		return added, err
	}
	key, err := add(device, v)
	if err != nil || key.Name != "Olive's laptop" {
		t.Fatal(key, err)
	}
	if _, err := add(device, v); !fault.Is(err, fault.Clash) {
		t.Errorf("the same one again: %v", err)
	}

	var ask = func() (options []byte, ticket string) {
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			options, ticket, err = site.BeginSignIn(ctx, tx, s.Firm)
			return err
		})
		return options, ticket
	}
	answer := func(firm uuid.UUID, ticket string, response []byte) (person uuid.UUID, err error) {
		err = authtest.Try(t, firm, func(ctx context.Context, tx bun.Tx) (err error) {
			person, err = site.FinishSignIn(ctx, tx, firm, ticket, response)
			return err
		})
		return person, err
	}
	options, ticket := ask()
	response := device.get(options)
	if person, err := answer(s.Firm, ticket, response); err != nil || person != s.Olive {
		t.Fatal(person, err)
	}
	for name, try := range map[string]func() error{
		"the same answer again": func() error { _, err := answer(s.Firm, ticket, response); return err },
		"an answer to another question": func() error {
			_, other := ask()
			options, _ := ask()
			_, err := answer(s.Firm, other, device.get(options))
			return err
		},
		"a question of too long ago": func() error {
			options, old := ask()
			s.Do(t, "update challenge set expires_at = now() - interval '1 second' where firm_id = ?", s.Firm)
			_, err := answer(s.Firm, old, device.get(options))
			return err
		},
		"another firm's question": func() error {
			options, ticket := ask()
			_, err := answer(authtest.New(t).Firm, ticket, device.get(options))
			return err
		},
		"another site": func() error {
			options, ticket := ask()
			_, err := answer(s.Firm, ticket, device.at("http://evil.localhost:8080").get(options))
			return err
		},
		"nobody was verified": func() error {
			options, ticket := ask()
			lazy := *device
			lazy.unverified = true
			_, err := answer(s.Firm, ticket, lazy.get(options))
			return err
		},
		"an unknown passkey": func() error {
			options, ticket := ask()
			stranger := newDevice(t, "acme.localhost", "http://acme.localhost:8080")
			stranger.handle = device.handle
			_, err := answer(s.Firm, ticket, stranger.get(options))
			return err
		},
		"rubbish": func() error { _, ticket := ask(); _, err := answer(s.Firm, ticket, []byte("{}")); return err },
	} {
		if err := try(); !fault.Is(err, fault.Bad) {
			t.Errorf("%s: %v", name, err)
		}
	}

	// a copy of the device lags behind with its counter
	copied := *device
	options, ticket = ask()
	if _, err := answer(s.Firm, ticket, device.get(options)); err != nil {
		t.Fatal(err)
	}
	options, ticket = ask()
	if _, err := answer(s.Firm, ticket, copied.get(options)); !fault.Is(err, fault.Bad) || !strings.Contains(err.Error(), "copied") {
		t.Errorf("a copy: %v", err)
	}

	// second factor and step-up
	if l := s.Load(t, token); l.Session.Duty != auth.SecondFactor {
		t.Errorf("duty %q", l.Session.Duty)
	}
	confirm := func() error {
		var options []byte
		var ticket string
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			options, ticket, err = site.BeginConfirm(ctx, tx, v)
			return err
		})
		response := device.get(options)
		return authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return site.FinishConfirm(ctx, tx, v, ticket, response) })
	}
	if err := confirm(); err != nil || s.Load(t, token).Session.Factors != 2 {
		t.Errorf("confirm: %v", err)
	}

	_, max := s.Viewer(t, s.Max, uuid.Nil)
	err = authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, _, err := site.BeginConfirm(ctx, tx, max)
		if !fault.Is(err, fault.Missing) {
			t.Errorf("without a passkey: %v", err)
		}
		if err := factor.RenamePasskey(ctx, tx, max, key.ID, "mine"); !fault.Is(err, fault.Missing) {
			t.Errorf("rename another's: %v", err)
		}
		if err := factor.DeletePasskey(ctx, tx, max, key.ID); !fault.Is(err, fault.Missing) {
			t.Errorf("delete another's: %v", err)
		}
		if err := factor.DeletePasskey(ctx, tx, v, "%%"); !fault.Is(err, fault.Missing) {
			t.Errorf("rubbish: %v", err)
		}
		if err := factor.RenamePasskey(ctx, tx, v, key.ID, strings.Repeat("é", 100)); err != nil {
			return err
		}
		list, err := factor.ListPasskeys(ctx, tx, v)
		if err != nil || len(list) != 1 || len([]rune(list[0].Name)) != 60 || list[0].LastUsedAt.IsZero() {
			t.Errorf("%+v", list)
		}
		return errors.Join(err, factor.DeletePasskey(ctx, tx, v, key.ID))
	})
	if err != nil {
		t.Fatal(err)
	}
	options, ticket = ask()
	if _, err := answer(s.Firm, ticket, device.get(options)); !fault.Is(err, fault.Bad) {
		t.Errorf("a deleted one: %v", err)
	}
}
