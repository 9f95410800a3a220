package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/modules/billing/gateway"
	"portico/platform/secret"
)

// Who asks, and where they are told, comes with every request: the account begins with its first one.
const (
	firmHeader   = "Sandbox-Firm"
	hookHeader   = "Sandbox-Hook"
	secretHeader = "Sandbox-Hook-Secret" //nolint:gosec // a name
	keyPrefix    = "sk_practice_"
)

const hangs = 30 * time.Second

// problem is a refusal on the wire.
type problem struct{ Code, Text string }

// Handler is the provider's address.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/ping", s.commands(func(*ledger, *http.Request) (any, error) { return struct{}{}, nil }))
	s.chargeRoutes(mux)
	s.pageRoutes(mux)
	s.controlRoutes(mux)
	return mux
}

func (s *Service) chargeRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/charges", s.writes(func(l *ledger, q *http.Request) (any, error) {
		o, err := body[gateway.Order](q)
		if err != nil {
			return nil, err
		}
		return shown(l.create(o))
	}))
	mux.HandleFunc("GET /v1/charges", s.reads(func(l *ledger, q *http.Request) (any, error) {
		if key := q.FormValue("key"); key != "" {
			id, err := l.byKey("charge", key)
			if err != nil {
				return nil, err
			}
			c, err := l.charge(id)
			return shown(&c, err)
		}
		return l.since(q.FormValue("since"))
	}))
	mux.HandleFunc("GET /v1/charges/{id}", s.reads(func(l *ledger, q *http.Request) (any, error) {
		c, err := l.charge(q.PathValue("id"))
		return shown(&c, err)
	}))
	mux.HandleFunc("POST /v1/charges/{id}/cancel", s.writes(func(l *ledger, q *http.Request) (any, error) { return shown(l.cancel(q.PathValue("id"))) }))
	mux.HandleFunc("POST /v1/refunds", s.writes(func(l *ledger, q *http.Request) (any, error) {
		o, err := body[gateway.RefundOrder](q)
		if err != nil {
			return nil, err
		}
		r, err := l.giveBack(o)
		return r.Refund, err
	}))
	mux.HandleFunc("GET /v1/refunds/{id}", s.reads(func(l *ledger, q *http.Request) (any, error) {
		r, err := l.refund(q.PathValue("id"))
		return r.Refund, err
	}))
	mux.HandleFunc("GET /v1/refunds", s.reads(func(l *ledger, q *http.Request) (any, error) {
		id, err := l.byKey("refund", q.FormValue("key"))
		if err != nil {
			return nil, err
		}
		r, err := l.refund(id)
		return r.Refund, err
	}))
	mux.HandleFunc("POST /v1/setups", s.writes(func(l *ledger, q *http.Request) (any, error) {
		o, err := body[gateway.SaveOrder](q)
		if err != nil {
			return nil, err
		}
		return shownSetup(l.save(o))
	}))
	mux.HandleFunc("GET /v1/setups/{id}", s.reads(func(l *ledger, q *http.Request) (any, error) {
		s, err := l.setup(q.PathValue("id"))
		return shownSetup(&s, err)
	}))
	mux.HandleFunc("DELETE /v1/methods/{token}", s.writes(func(l *ledger, q *http.Request) (any, error) {
		return struct{}{}, l.forget(q.PathValue("token"))
	}))
}

// shown is a charge as the API gives it: where the payer goes on is its page's token, as long as there is something to do.
func shown(c *charge, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if c.Status == gateway.NeedsAction {
		c.URL = c.Page
	}
	return c.Charge, nil
}

func shownSetup(s *setup, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	if s.Status == gateway.NeedsAction {
		s.URL = s.Page
	}
	return s.Setup, nil
}

func (l *ledger) byKey(kind, text string) (id string, err error) {
	key, err := uuid.Parse(text)
	if err != nil {
		return "", refused("request", "That is no key.")
	}
	if id, err = l.made(kind, key); err == nil && id == "" {
		err = gateway.ErrUnknown
	}
	return id, err
}

// since lists what was made or changed since then, the oldest first.
func (l *ledger) since(text string) (list []gateway.Charge, err error) {
	from, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return nil, refused("request", "That is no time.")
	}
	err = each(l, charges, func(c charge) bool {
		if !c.Changed.Before(from) {
			if c.Status == gateway.NeedsAction {
				c.URL = c.Page
			}
			list = append(list, c.Charge)
		}
		return true
	})
	return list, err
}

type answer func(*ledger, *http.Request) (any, error)

// reads answers an account without changing anything.
func (s *Service) reads(fn answer) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		of, err := accountOf(q)
		if err != nil {
			say(w, nil, err)
			return
		}
		var faults Faults
		var v any
		err = s.read(of, func(l *ledger) (err error) {
			faults = l.Faults
			v, err = fn(l, q)
			return err
		})
		if chance(faults.Before) {
			http.Error(w, "practice fault", http.StatusInternalServerError)
			return
		}
		say(w, v, err)
	}
}

// writes answers an account in one transaction; what goes wrong goes wrong here.
func (s *Service) writes(fn answer) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		of, err := accountOf(q)
		if err != nil {
			say(w, nil, err)
			return
		}
		fault, err := s.strike(of, q)
		if err != nil || fault == "before" {
			http.Error(w, "practice fault", http.StatusInternalServerError)
			return
		}
		var v any
		err = s.write(of, func(l *ledger) (err error) {
			v, err = fn(l, q)
			return err
		})
		switch fault {
		case "after":
			http.Error(w, "practice fault", http.StatusInternalServerError)
			return
		case "hang":
			hang(q)
		}
		say(w, v, err)
	}
}

// strike says what befalls a request, and learns where the account is told.
func (s *Service) strike(of string, q *http.Request) (fault string, err error) {
	err = s.write(of, func(l *ledger) error {
		if hook := q.Header.Get(hookHeader); hook != "" {
			l.Hook, l.Secret = hook, q.Header.Get(secretHeader)
			l.Firm, _ = uuid.Parse(q.Header.Get(firmHeader))
		}
		switch f := &l.Faults; {
		case len(f.Next) > 0:
			fault, f.Next = f.Next[0], f.Next[1:]
		case chance(f.Before):
			fault = "before"
		case chance(f.After):
			fault = "after"
		case chance(f.Hang):
			fault = "hang"
		}
		return nil
	})
	return fault, err
}

func chance(percent int) bool { return percent > 0 && rand.IntN(100) < percent }

// hang answers nothing until the caller gives up.
func hang(q *http.Request) {
	enough := time.NewTimer(hangs)
	defer enough.Stop()
	select {
	case <-q.Context().Done():
	case <-enough.C:
	}
}

// accountOf tells accounts apart by their keys: whoever makes up a key has a new, empty account.
func accountOf(q *http.Request) (string, error) {
	key, found := strings.CutPrefix(q.Header.Get("Authorization"), "Bearer "+keyPrefix)
	if !found || len(key) < 20 {
		return "", refused("credentials", "The key is not one of this provider's.")
	}
	return fmt.Sprintf("%x", secret.Hash(key)[:12]), nil
}

func body[T any](q *http.Request) (v T, err error) {
	if err = json.NewDecoder(http.MaxBytesReader(nil, q.Body, 64<<10)).Decode(&v); err != nil {
		err = refused("request", "The request cannot be read.")
	}
	return v, err
}

func say(w http.ResponseWriter, v any, err error) {
	status := http.StatusOK
	if said, definite := gateway.Definite(err); definite {
		status, v = http.StatusUnprocessableEntity, problem{said.Code, said.Text}
	} else if errors.Is(err, gateway.ErrUnknown) {
		status, v = http.StatusNotFound, problem{Code: "unknown"}
	} else if err != nil {
		status, v = http.StatusInternalServerError, problem{Code: "internal"}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
