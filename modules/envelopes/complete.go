package envelopes

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/envelopes/seal"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/job"
)

// filePurpose is what our files are kept for: nobody but this section says who may see them.
const filePurpose = "envelopes"

// completing names an envelope that all have signed.
type completing struct{ ID uuid.UUID }

var completeEnvelope = job.New[completing]("envelopes:complete")

func completeHandlers(d desk) []job.Handler {
	return []job.Handler{completeEnvelope.Handle(d.complete).Within(2 * time.Minute), sealedMail.Handle(d.mailSealed).Within(time.Minute)}
}

// finish closes an envelope that all have signed: a worker makes the final file. It belongs to the transaction of the
// last signature, which holds the envelope.
func (d desk) finish(ctx context.Context, tx bun.Tx, v auth.Viewer, e *Envelope, now time.Time) error {
	if err := record(ctx, tx, impersonal(v), e, Event{Kind: "finished", At: now, Side: "system"}); err != nil {
		return err
	}
	if err := markSealing(ctx, tx, v, *e, now); err != nil {
		return err
	}
	e.Status = Sealing
	_, err := completeEnvelope.Enqueue(ctx, tx, v.FirmID(), completing{e.ID})
	return err
}

// complete makes the final file, and with it all that follows: in one transaction, so that whatever becomes of the
// worker, there is one file, one mail for each party, and every effect once. The document is held only once the file is
// made: a timestamp authority may take its time, and nobody who opens the document waits for that.
func (d desk) complete(ctx context.Context, tx bun.Tx, firm uuid.UUID, c completing) error {
	v := auth.System(firm)
	made, err := byID(ctx, tx, v, c.ID)
	if err != nil || made.Status != Sealing {
		return fault.IgnoreNotFound(err)
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil {
		return err
	}
	now := d.Now()
	final, err := d.seal(ctx, tx, v, loaded.Firm, made, now)
	if err != nil {
		return fmt.Errorf("seal %s: %w", made.ID, err)
	}
	e, err := hold(ctx, tx, v, made.ID)
	if err != nil || e.Status != Sealing { // another worker was quicker
		return fault.IgnoreNotFound(err)
	}
	if !bytes.Equal(e.Head, made.Head) {
		return fmt.Errorf("seal %s: its log went on meanwhile", e.ID)
	}
	row, err := d.Files.Take(ctx, tx, v, files.Upload{
		Purpose: filePurpose, Audience: files.ForSection, ClientID: e.ClientID, Name: pdfName(e.Title, ".pdf"), From: bytes.NewReader(final), Most: 2 * seal.Largest,
	})
	if err != nil {
		return err
	}
	head := e.Head
	err = record(ctx, tx, v, &e, Event{Kind: "sealed", At: now, Side: "system", FileHash: row.SHA256})
	if err != nil {
		return err
	}
	e.Status, e.SealedID, e.SealedHash, e.CompletedAt = Complete, row.ID, row.SHA256, now
	if err := markComplete(ctx, tx, v, e); err != nil {
		return err
	}
	if err := keepSeal(ctx, tx, v, e, head, d.Signet.Chain, seal.Signer{Signet: d.Signet}.Verify(final).Stamped); err != nil {
		return err
	}
	if err := d.promiseCopies(ctx, tx, v, e); err != nil {
		return err
	}
	if err := d.follow(ctx, tx, v, e); err != nil {
		return err
	}
	d.ring(ctx, v, &e)
	return note(ctx, tx, v, e, "envelopes.completed", "sealed the "+e.Kind.Noun().String()+" “"+e.Title+"”, which all have signed", nil)
}

// patience is how long a document waits for the timestamp authority before it is sealed without.
const patience = time.Hour

// seal draws the final file.
func (d desk) seal(ctx context.Context, tx bun.Tx, v auth.Viewer, firm auth.Firm, e Envelope, now time.Time) ([]byte, error) {
	pdf, err := d.read(ctx, v.FirmID(), e.FileID)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(pdf); !bytes.Equal(sum[:], e.FileHash) {
		return nil, errors.New("the file is not the one that was signed")
	}
	events, err := eventsOf(ctx, tx, v, e.ID)
	if err != nil {
		return nil, err
	}
	if !chained(events, e.Head) {
		return nil, errors.New("its log was tampered with")
	}
	certificate, err := d.certificate(ctx, tx, v, firm, e, events, now)
	if err != nil {
		return nil, err
	}
	whole, err := seal.Assemble(pdf, marksOf(e, certificate.Reader), certificate)
	if err != nil {
		return nil, err
	}
	signer := seal.Signer{Signet: d.Signet}
	final, err := signer.Sign(ctx, whole, firm.Name, certificate.Reader.Say("Signed by all parties"), now)
	if errors.Is(err, seal.ErrNoTime) && now.Sub(events[len(events)-1].At) > patience {
		signer.TSA = ""
		final, err = signer.Sign(ctx, whole, firm.Name, certificate.Reader.Say("Signed by all parties"), now)
	}
	return final, err
}

// read gives a file of ours whole.
func (d desk) read(ctx context.Context, firm, file uuid.UUID) ([]byte, error) {
	object, err := d.Files.Store.Open(ctx, files.Key(firm, file, ""))
	if err != nil {
		return nil, err
	}
	defer func() { _ = object.Close() }()
	return io.ReadAll(io.LimitReader(object, 2*seal.Largest))
}
