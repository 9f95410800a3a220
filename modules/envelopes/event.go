package envelopes

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// The kinds of events, in words for the certificate. What happens to an envelope that went out is an event, for ever.
var happened = map[string]string{
	"created": "Made", "sent": "Sent", "notified": "Asked by mail", "opened": "Opened", "code_sent": "Code mailed", "verified": "Code entered",
	"consented": "Agreed to sign electronically", "signed": "Signed", "approved": "Approved", "declined": "Declined", "forwarded": "Handed over",
	"reminded": "Reminded", "expired": "Time was over", "extended": "Given more time", "corrected": "Replaced by a new version",
	"voided": "Made void", "hosted": "Signed in person", "finished": "All had signed", "sealed": "Sealed",
}

// Event is one thing that happened to an envelope.
type Event struct {
	EnvelopeID, ClientID  uuid.UUID
	N                     int
	Kind                  string
	At                    time.Time
	Side                  string // office, portal, link, system
	RecipientID, PersonID uuid.UUID
	Name, Email           string
	IP, Agent             string
	FileHash              []byte
	Note                  string
	Prev, Hash            []byte
}

// Title is it in words.
func (e Event) Title() string { return happened[e.Kind] }

// seal gives the hash of an event: of all that it says and of the hash before it. Each part is preceded by its length, so
// that nothing can be moved from one part to the next. Times count in microseconds, as they are kept.
func (e Event) seal() []byte {
	h := sha256.New()
	put := func(part []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(part)))
		h.Write(n[:])
		h.Write(part)
	}
	var number, at [8]byte
	binary.BigEndian.PutUint64(number[:], uint64(e.N))
	binary.BigEndian.PutUint64(at[:], uint64(e.At.UnixMicro()))
	for _, part := range [][]byte{
		[]byte("portico envelope event 1"), e.Prev, e.EnvelopeID[:], number[:], []byte(e.Kind), at[:], []byte(e.Side), e.RecipientID[:], e.PersonID[:],
		[]byte(e.Name), []byte(e.Email), []byte(e.IP), []byte(e.Agent), e.FileHash, []byte(e.Note),
	} {
		put(part)
	}
	return h.Sum(nil)
}

// chained reports whether events follow each other unbroken from the first to head.
func chained(all []Event, head []byte) bool {
	var prev []byte
	for i, e := range all {
		if e.N != i+1 || string(e.Prev) != string(prev) || string(e.seal()) != string(e.Hash) {
			return false
		}
		prev = e.Hash
	}
	return string(prev) == string(head)
}
