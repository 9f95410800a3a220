package activity

import (
	"bytes"
	"crypto/hmac"
	"encoding/binary"
	"hash"

	"github.com/google/uuid"

	"portico/platform/secret"
)

// sealer makes the hashes of one firm's chain. It holds the installation's secret: who has the database alone can make
// none of them.
type sealer struct {
	firm  uuid.UUID
	seals hash.Hash
	heads hash.Hash
}

func newSealer(key secret.Key, firm uuid.UUID) sealer {
	return sealer{firm, key.Hash("activity seal"), key.Hash("activity head")}
}

// seal is the hash of an entry at its place: of its number, the hash before it, and all that it says.
func (s sealer) seal(seq int64, prev []byte, content string) []byte {
	s.seals.Reset()
	s.seals.Write(s.firm[:])
	s.seals.Write(binary.BigEndian.AppendUint64(nil, uint64(seq)))
	s.seals.Write([]byte{byte(len(prev))}) // none or 32 bytes
	s.seals.Write(prev)
	s.seals.Write([]byte(content))
	return s.seals.Sum(nil)
}

// mac proves which seal is the last one.
func (s sealer) mac(seq int64, hash []byte) []byte {
	s.heads.Reset()
	s.heads.Write(s.firm[:])
	s.heads.Write(binary.BigEndian.AppendUint64(nil, uint64(seq)))
	s.heads.Write(hash)
	return s.heads.Sum(nil)
}

// head is the end of a chain.
type head struct {
	Seq       int64
	Hash, Mac []byte
}

// proved reports whether the head is the one that the program wrote last.
func (s sealer) proved(h head) bool { return hmac.Equal(h.Mac, s.mac(h.Seq, h.Hash)) }

// after is where the next seal goes. When the end cannot be proved a number is left out, so that the place is found by
// every later check: to seal on as if nothing had happened would hide it.
func (s sealer) after(h head, last int64) (seq int64, prev []byte) {
	if s.proved(h) {
		return h.Seq + 1, h.Hash
	}
	return max(h.Seq, last) + 2, nil
}

// seal is one link.
type seal struct {
	Seq     int64
	EntryID uuid.UUID
	Prev    []byte
	Hash    []byte
}

// chain seals entries one after the other.
func (s sealer) chain(seq int64, prev []byte, waiting []waiting) (seals []seal, end head) {
	for _, w := range waiting {
		hash := s.seal(seq, prev, w.Content)
		seals = append(seals, seal{seq, w.ID, bytes.Clone(prev), hash})
		seq, prev = seq+1, hash
	}
	end = head{Seq: seq - 1, Hash: prev}
	end.Mac = s.mac(end.Seq, end.Hash)
	return seals, end
}

// waiting is an entry without its seal.
type waiting struct {
	ID      uuid.UUID
	Content string
}
