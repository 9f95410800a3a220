package sandbox

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"
	"go.etcd.io/bbolt"

	"portico/modules/billing/gateway"
	"portico/platform/id"
)

// The file's drawers. Every write is on the disk before it is answered.
var (
	accounts = []byte("accounts")
	charges  = []byte("charges")
	refunds  = []byte("refunds")
	setups   = []byte("setups")
	methods  = []byte("methods")
	keys     = []byte("keys")    // of an account: what was made with it
	pages    = []byte("pages")   // a page's token: whose it is
	due      = []byte("due")     // by time: what happens by itself
	reports  = []byte("reports") // by time: what is to be told
)

var drawers = [][]byte{accounts, charges, refunds, setups, methods, keys, pages, due, reports}

// account is a firm at this provider. It begins with its first request.
type account struct {
	ID     string
	Firm   uuid.UUID
	Hook   string // where it is told
	Secret string // what that is signed with
	Faults Faults
	Told   Reports // Waiting is counted when it is asked for
}

// charge is a payment as we keep it.
type charge struct {
	gateway.Charge
	Order   gateway.Order
	Page    string // its page's token
	Step    Step
	Number  string // what it is tried with
	Tries   int
	Changed time.Time
	Next    time.Time
}

// setup is the saving of a method as we keep it.
type setup struct {
	gateway.Setup
	Order   gateway.SaveOrder
	Page    string
	Step    Step
	Number  string
	Changed time.Time
}

// method is a saved card or account.
type method struct {
	gateway.Method
	Number string
	Proved bool // its bank has been asked once
}

// happening is what is due by itself.
type happening struct {
	Account, Charge, Refund string
	Deed                    Deed
}

// report is what is to be told.
type report struct {
	Account string
	Event   string
	Body    []byte
	Tries   int
}

// where is whose a page is.
type where struct {
	Account, Charge, Setup string
}

func openBook(path string) (*bbolt.DB, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: 5 * time.Second})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range drawers {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
	return db, err
}

// ledger is one account's part of the book, within one transaction.
type ledger struct {
	tx *bbolt.Tx
	account
	now time.Time
}

func (s *Service) write(of string, fn func(*ledger) error) error {
	return s.db.Update(func(tx *bbolt.Tx) error {
		l := &ledger{tx: tx, now: s.now().UTC()}
		if _, err := l.get(accounts, of, &l.account); err != nil {
			return err
		}
		before, err := json.Marshal(l.account)
		if err != nil {
			return err
		}
		l.ID = of
		if err := fn(l); err != nil {
			return err
		}
		if after, err := json.Marshal(l.account); err != nil || bytes.Equal(before, after) {
			return err
		}
		return l.put(accounts, of, l.account)
	})
}

func (s *Service) read(of string, fn func(*ledger) error) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		l := &ledger{tx: tx, now: s.now().UTC()}
		if _, err := l.get(accounts, of, &l.account); err != nil {
			return err
		}
		l.ID = of
		return fn(l)
	})
}

func (l *ledger) get(drawer []byte, key string, into any) (found bool, err error) {
	text := l.tx.Bucket(drawer).Get([]byte(key))
	if text == nil {
		return false, nil
	}
	return true, json.Unmarshal(text, into)
}

func (l *ledger) put(drawer []byte, key string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return l.tx.Bucket(drawer).Put([]byte(key), text)
}

// own is a key within the account's part.
func (l *ledger) own(id string) string { return l.ID + "/" + id }

// each goes through the account's part of a drawer, the newest first.
func each[T any](l *ledger, drawer []byte, fn func(T) (more bool)) error {
	start, c := []byte(l.ID+"/"), l.tx.Bucket(drawer).Cursor()
	var text []byte
	k, _ := c.Seek([]byte(l.ID + "0")) // the first key behind ours: 0 follows /
	if k == nil {
		k, text = c.Last()
	} else {
		k, text = c.Prev()
	}
	for ; bytes.HasPrefix(k, start); k, text = c.Prev() {
		var v T
		if err := json.Unmarshal(text, &v); err != nil {
			return err
		}
		if !fn(v) {
			return nil
		}
	}
	return nil
}

func (l *ledger) charge(id string) (c charge, err error) {
	found, err := l.get(charges, l.own(id), &c)
	if err == nil && !found {
		err = gateway.ErrUnknown
	}
	return c, err
}

// keep writes a charge that has changed.
func (l *ledger) keep(c *charge) error {
	c.Changed = l.now
	return l.put(charges, l.own(c.ID), c)
}

func (l *ledger) setup(id string) (s setup, err error) {
	found, err := l.get(setups, l.own(id), &s)
	if err == nil && !found {
		err = gateway.ErrUnknown
	}
	return s, err
}

func (l *ledger) keepSetup(s *setup) error {
	s.Changed = l.now
	return l.put(setups, l.own(s.ID), s)
}

// made is what was made with a key; "" when nothing was.
func (l *ledger) made(kind string, key uuid.UUID) (id string, err error) {
	_, err = l.get(keys, l.own(kind+"/"+key.String()), &id)
	return id, err
}

func (l *ledger) remember(kind string, key uuid.UUID, id string) error {
	return l.put(keys, l.own(kind+"/"+key.String()), id)
}

// later has something happen by itself.
func (l *ledger) later(after time.Duration, h happening) error {
	h.Account = l.ID
	return l.put(due, string(dated(l.now.Add(after))), h)
}

// tell promises a report, or loses it, as chance and the account's faults have it.
func (l *ledger) tell(kind string, about gateway.Object, ref string) error {
	if l.Hook == "" {
		return nil
	}
	if l.happens(l.Faults.Dropped) {
		l.Told.Dropped++
		return nil
	}
	event := "evt_" + newID()
	body, err := json.Marshal(told{ID: event, Type: kind, Object: about, Ref: ref, Made: l.now})
	if err != nil {
		return err
	}
	times := 1
	if l.happens(l.Faults.Twice) {
		times = 2
	}
	for range times {
		at := l.now
		if l.happens(l.Faults.Late) {
			at = at.Add(time.Duration(l.Faults.LateBy) * time.Second)
		}
		if l.Faults.Shuffled {
			at = at.Add(rand.N(3 * time.Second))
		}
		if err := l.put(reports, string(dated(at)), report{Account: l.ID, Event: event, Body: body}); err != nil {
			return err
		}
	}
	return nil
}

// told is a report's body.
type told struct {
	ID     string         `json:"id"`
	Type   string         `json:"type"`
	Object gateway.Object `json:"object"`
	Ref    string         `json:"ref"`
	Made   time.Time      `json:"made"`
}

func (l *ledger) happens(percent int) bool { return percent > 0 && rand.IntN(100) < percent }

// dated is a key that sorts by time, and is no other's.
func dated(at time.Time) []byte {
	own := id.New()
	return append(binary.BigEndian.AppendUint64(nil, uint64(max(0, at.UnixNano()))), own[:]...)
}

func dateOf(key []byte) time.Time {
	if len(key) < 8 {
		return time.Time{}
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(key))).UTC() //nolint:gosec // we wrote it
}

// ripe gives what is due in a drawer, at most so many; take says whether they leave it.
func ripe[T any](tx *bbolt.Tx, drawer []byte, now time.Time, most int, take bool) (found []T, at [][]byte, err error) {
	c := tx.Bucket(drawer).Cursor()
	for k, text := c.First(); k != nil && len(found) < most && !dateOf(k).After(now); k, text = c.Next() {
		var v T
		if err := json.Unmarshal(text, &v); err != nil {
			return nil, nil, err
		}
		found, at = append(found, v), append(at, slices.Clone(k))
	}
	if take {
		for _, k := range at {
			err = errors.Join(err, tx.Bucket(drawer).Delete(k))
		}
	}
	return found, at, err
}

// forward brings what is due in a drawer forward, for one account.
func (l *ledger) forward(drawer []byte, by time.Duration) error {
	var from, to, texts [][]byte
	c := l.tx.Bucket(drawer).Cursor()
	for k, text := c.First(); k != nil; k, text = c.Next() {
		var of struct{ Account string }
		if err := json.Unmarshal(text, &of); err != nil {
			return err
		}
		if of.Account == l.ID {
			from, texts = append(from, slices.Clone(k)), append(texts, slices.Clone(text))
			to = append(to, append(binary.BigEndian.AppendUint64(nil, uint64(max(0, dateOf(k).Add(-by).UnixNano()))), k[8:]...))
		}
	}
	b := l.tx.Bucket(drawer)
	for i := range from {
		if err := errors.Join(b.Delete(from[i]), b.Put(to[i], texts[i])); err != nil {
			return err
		}
	}
	return nil
}

func newID() string {
	own := id.New()
	return fmt.Sprintf("%x", own[:])
}
