package sandbox

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"go.etcd.io/bbolt"

	"portico/modules/billing/gateway"
	"portico/platform/id"
)

const mostShown = 50

func (s *Service) controlRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /v1/stand", s.commands(func(l *ledger, _ *http.Request) (any, error) { return l.stand() }))
	mux.HandleFunc("PUT /v1/faults", s.commands(func(l *ledger, q *http.Request) (any, error) {
		f, err := body[Faults](q)
		if err == nil {
			l.Faults = f
		}
		return l.Faults, err
	}))
	mux.HandleFunc("POST /v1/advance", s.commands(func(l *ledger, q *http.Request) (any, error) {
		by, err := body[time.Duration](q)
		if err != nil || by < 0 {
			return nil, refused("request", "Time goes forward.")
		}
		return struct{}{}, l.advance(by)
	}))
	mux.HandleFunc("POST /v1/charges/{id}/{deed}", s.commands(func(l *ledger, q *http.Request) (any, error) {
		return struct{}{}, l.command(q.PathValue("id"), Deed(q.PathValue("deed")))
	}))
}

// commands are free of the account's faults: who repairs something must be able to.
func (s *Service) commands(fn answer) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		of, err := accountOf(q)
		var v any
		if err == nil {
			err = s.write(of, func(l *ledger) (err error) {
				v, err = fn(l, q)
				return err
			})
		}
		say(w, v, err)
	}
}

// command does something to a charge at the provider's own desk.
func (l *ledger) command(of string, deed Deed) error {
	if deed != Back {
		return l.happen(of, deed, false)
	}
	c, err := l.charge(of)
	if err != nil {
		return err
	}
	_, err = l.giveBack(gateway.RefundOrder{Key: id.New(), Charge: of, Amount: c.Amount - c.Refunded, Reason: "given back at the provider"})
	return err
}

func (l *ledger) stand() (s Stand, err error) {
	s.Faults, s.Reports, s.Hook = l.Faults, l.Told, l.Hook
	err = each(l, charges, func(c charge) bool {
		n, _ := numbered(c.Kind, c.Number)
		s.Charges = append(s.Charges, Listed{Charge: c.Charge, Description: c.Order.Description, Changed: c.Changed, Next: c.Next, Does: n.Does})
		return len(s.Charges) < mostShown
	})
	err = errors.Join(err, each(l, refunds, func(r refund) bool {
		s.Refunds = append(s.Refunds, r.Refund)
		return len(s.Refunds) < mostShown
	}))
	return s, errors.Join(err, l.tx.Bucket(reports).ForEach(func(_, text []byte) error {
		var r report
		if err := json.Unmarshal(text, &r); err != nil {
			return err
		}
		if r.Account == l.ID {
			s.Reports.Waiting++
		}
		return nil
	}))
}

func (s *Service) pageRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /pages/{token}", s.page(func(*ledger, *http.Request, *charge, *setup) error { return nil }))
	mux.HandleFunc("POST /pages/{token}/entry", s.page(func(l *ledger, q *http.Request, c *charge, s *setup) error {
		e, err := body[Entry](q)
		if err != nil {
			return err
		}
		if s != nil {
			return l.enterSetup(s, e)
		}
		return l.enter(c, e)
	}))
	mux.HandleFunc("POST /pages/{token}/answer", s.page(func(l *ledger, q *http.Request, c *charge, s *setup) error {
		yes, err := body[bool](q)
		if err != nil {
			return err
		}
		if s != nil {
			return l.answerSetup(s, yes)
		}
		return l.answer(c, yes)
	}))
	mux.HandleFunc("POST /pages/{token}/leaving", s.page(func(l *ledger, _ *http.Request, c *charge, s *setup) error {
		if s != nil {
			return l.leaveSetup(s)
		}
		left, err := l.cancel(c.ID)
		if err == nil {
			*c = *left
		}
		return err
	}))
}

// page answers a payer: the page's token is all that is needed, and all that it opens.
func (s *Service) page(fn func(*ledger, *http.Request, *charge, *setup) error) http.HandlerFunc {
	return func(w http.ResponseWriter, q *http.Request) {
		var of where
		token := q.PathValue("token")
		err := s.db.View(func(tx *bbolt.Tx) error {
			found, err := (&ledger{tx: tx}).get(pages, token, &of)
			if err == nil && !found {
				err = gateway.ErrUnknown
			}
			return err
		})
		if err != nil {
			say(w, nil, err)
			return
		}
		var p Page
		err = s.write(of.Account, func(l *ledger) error {
			if of.Setup != "" {
				saving, err := l.setup(of.Setup)
				if err == nil {
					err = fn(l, q, nil, &saving)
				}
				p = saving.page(l)
				return err
			}
			c, err := l.charge(of.Charge)
			if err == nil {
				err = fn(l, q, &c, nil)
			}
			p = c.page(l)
			return err
		})
		say(w, p, err)
	}
}
