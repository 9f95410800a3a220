package seal

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/digitorus/timestamp"
)

// timestamp asks the authority when a signature was there (RFC 3161), and answers its token.
func (s Signer) timestamp(ctx context.Context, signature []byte) ([]byte, error) {
	query, err := timestamp.CreateRequest(bytes.NewReader(signature), &timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true})
	if err != nil {
		return nil, err
	}
	body, err := s.Time(ctx, query)
	if err != nil {
		return nil, err
	}
	answer, err := timestamp.ParseResponse(body)
	if err != nil {
		return nil, err
	}
	if _, err := stamped(answer.RawToken, signature); err != nil {
		return nil, err
	}
	return answer.RawToken, nil
}

// stamped checks a token: it must be of this signature, and signed. Whether its authority is to be trusted is for the
// reader to say.
func stamped(token, signature []byte) (time.Time, error) {
	t, err := timestamp.Parse(token)
	if err != nil {
		return time.Time{}, err
	}
	sum := sha256.Sum256(signature)
	if t.HashAlgorithm != crypto.SHA256 || !bytes.Equal(t.HashedMessage, sum[:]) {
		return time.Time{}, errors.New("it is of something else")
	}
	if len(t.Certificates) == 0 {
		return time.Time{}, errors.New("it has no certificate")
	}
	return t.Time, nil
}

// AskTime asks the timestamp authority for the time, to see whether it answers.
func (s Signer) AskTime(ctx context.Context) error {
	_, err := s.timestamp(ctx, []byte("is anybody there"))
	return err
}
