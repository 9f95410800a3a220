// Package seal works on the PDFs of contracts: it looks at what was uploaded, draws contracts from text, writes onto pages
// what people signed, adds the certificate page, and signs the whole so that every later change shows. Bytes come in and
// bytes go out; it knows no database and no request. Files of strangers are taken apart in a child process: see child.go.
package seal

import (
	"crypto/sha256"
	"errors"
)

// Limits of one file.
const (
	Largest   = 40 << 20 // bytes
	MostPages = 300
)

// What may be wrong with a file. Everything else is trouble of our own, and worth another try.
var (
	ErrLocked  = errors.New("protected by a password")
	ErrDamaged = errors.New("not a readable pdf")
	ErrActive  = errors.New("has scripts, attachments or other active content")
	ErrLong    = errors.New("too many pages")
	ErrHeavy   = errors.New("too large, or takes too long to read")
)

// Words say what is wrong with a file to whoever chose it; "" when it is trouble of our own.
func Words(err error) string {
	switch {
	case errors.Is(err, ErrLocked):
		return "This PDF is protected by a password. Save it without protection and choose it again."
	case errors.Is(err, ErrDamaged):
		return "This file cannot be read as a PDF. Open it on your computer, save it as a PDF again, and choose that one."
	case errors.Is(err, ErrActive):
		return "This PDF has scripts, attachments or other active parts, which have no place in a contract. Print it to a new PDF and choose that one."
	case errors.Is(err, ErrLong):
		return "This PDF has too many pages. A contract can have up to 300."
	case errors.Is(err, ErrHeavy):
		return "This PDF is too large or too complicated. A contract can have up to 40 MB."
	}
	return ""
}

// Size is that of a page as it is seen, in points: what is turned by 90 degrees is measured so.
type Size struct{ W, H float64 }

// Facts are what there is to know about a file before it is used.
type Facts struct {
	Pages  int
	Sizes  []Size
	SHA256 [32]byte

	filled []filled
}

// Inspect says whether a file can become a contract, and how its pages look.
func Inspect(pdf []byte) (Facts, error) {
	if len(pdf) > Largest {
		return Facts{}, ErrHeavy
	}
	a, err := ask(order{What: inspecting, PDF: pdf})
	if err != nil {
		return Facts{}, err
	}
	return Facts{Pages: len(a.Sizes), Sizes: a.Sizes, SHA256: sha256.Sum256(pdf), filled: a.Filled}, nil
}
