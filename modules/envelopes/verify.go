package envelopes

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"time"

	"portico/modules/envelopes/seal"
	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/web"
)

// largestVerified is how large a file may be that somebody lets us check: as the largest contract, with what is added.
const largestVerified = seal.Largest + 8<<20

func verifyRoutes(d desk) []web.Route {
	on := verifier{d}
	return []web.Route{
		web.Get("/verify", access.Public, on.ask),
		web.Post("/verify", access.Public, on.answer).Upto(largestVerified).Tries("verify-file", 30, 10*time.Minute),
	}
}

// inMemory is how many files of strangers are looked at in one moment; others wait for their turn on disk.
var inMemory = make(chan struct{}, 2)

// verifier is the page where anybody lets a file be checked. It speaks of a document only to whoever holds its sealed
// file: a hash, a title or a number get no answer here.
type verifier struct{ desk }

// finding is the answer.
type finding string

const (
	holds    finding = "holds"     // sealed by this firm, byte for byte
	other    finding = "elsewhere" // sealed by this installation and unchanged, for another firm
	changed  finding = "changed"   // sealed here once, and not as it was
	foreign  finding = "foreign"   // signed by another program or another installation
	unsealed finding = "unsealed"  // no signature
)

type verifyForm struct {
	File *web.File `form:"file"`
}

// Check wants a file.
func (f verifyForm) Check() fault.Fields {
	if f.File == nil || f.File.Size == 0 {
		return fault.Fields{"file": "Choose a PDF first."}
	}
	return nil
}

type verifyView struct {
	*web.Here
	Finding  finding
	File     string
	Hash     string
	Report   seal.Report
	Document Envelope
	People   []Recipient
}

// Asked reports whether there is an answer.
func (v verifyView) Asked() bool { return v.Finding != "" }

func (v verifier) ask(r *web.Request) error {
	unlisted(r)
	r.Title("Check a signed document")
	return r.Show("envelopes/verify", verifyView{Here: r.Here()})
}

func (v verifier) answer(r *web.Request) error {
	unlisted(r)
	r.Title("Check a signed document")
	view := verifyView{Here: r.Here()}
	var form verifyForm
	if err := r.Bind(&form); err != nil {
		return r.Again("envelopes/verify", view, err)
	}
	from, err := form.File.Open()
	if err != nil {
		return err
	}
	inMemory <- struct{}{}
	defer func() { <-inMemory }()
	pdf := make([]byte, form.File.Size)
	if _, err := io.ReadFull(from, pdf); err != nil {
		return err
	}
	if view, err = v.look(r, view, pdf); err != nil {
		return err
	}
	view.File = form.File.Name
	return r.Show("envelopes/verify", view)
}

// look finds out about a file. Only one that is here byte for byte says whose it is.
func (v verifier) look(r *web.Request, view verifyView, pdf []byte) (verifyView, error) {
	system := auth.System(r.Firm().ID)
	signer := seal.Signer{Signet: v.Signet}
	chains, err := chainsOf(r.Context(), r.Tx(), system)
	if err != nil {
		return view, err
	}
	signer.Earlier = append(signer.Earlier, chains...)
	view.Report = signer.Verify(pdf)
	sum := sha256.Sum256(pdf)
	view.Hash = hex.EncodeToString(sum[:])
	switch {
	case view.Report.OK():
		view.Finding = other
		envelope, err := sealedAs(r.Context(), r.Tx(), system, sum[:])
		if err != nil {
			return view, fault.IgnoreNotFound(err)
		}
		view.Finding = holds
		if view.Document, err = byID(r.Context(), r.Tx(), system, envelope); err != nil {
			return view, err
		}
		for _, one := range view.Document.Recipients {
			if !one.SignedAt.IsZero() {
				view.People = append(view.People, one)
			}
		}
	case view.Report.Ours:
		view.Finding = changed
	case view.Report.Signatures > 0:
		view.Finding = foreign
	default:
		view.Finding = unsealed
	}
	return view, nil
}
