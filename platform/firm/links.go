package firm

import (
	"context"

	"github.com/google/uuid"
)

// Links makes whole addresses for mails and for other firms' pages, from configuration and the database, never from a
// request.
type Links struct {
	Scheme, Port string // "https", and ":8080" or ""
	Directory    *Directory
}

// Origin is where a firm lives now, such as https://acme.example.com.
func (l Links) Origin(ctx context.Context, firm uuid.UUID) (string, error) {
	place, err := l.Directory.ByFirm(ctx, firm)
	if err != nil {
		return "", err
	}
	return l.At(place.Host), nil
}

// At is how a browser names a host of this installation.
func (l Links) At(host string) string { return l.Scheme + "://" + host + l.Port }
