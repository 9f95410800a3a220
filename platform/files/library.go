package files

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/job"
)

// Library is the store with a row for each file: who may see it, what it is, and which variants are made.
type Library struct{ Store Store }

// Upload is a file as it comes from a person.
type Upload struct {
	Purpose  string   // logo, photo, or a module's own word
	Audience Audience // who may see it
	ClientID uuid.UUID
	PersonID uuid.UUID
	Name     string
	From     io.Reader
	Pictures bool  // only pictures are taken
	Most     int64 // bytes; 0: Usual.Bytes
}

// Audience says who may see a file.
type Audience string

const (
	ForAnyone Audience = "public" // the firm's logo: also before sign-in
	ForFirm   Audience = "firm"   // everybody who is signed in here
	ForClient Audience = "client" // staff, and the contacts of one client
	ForStaff  Audience = "staff"
	ForPerson Audience = "person" // one person, and staff
)

// original is the variant that came from the person; it is never served to clients, for it tells where it was taken.
const originalVariant = ""

// Render is the job that makes the variants of a picture.
var Render = job.New[Rendering]("files:render")

// Rendering names the file.
type Rendering struct{ ID uuid.UUID }

// Keep stores an upload and promises its variants. The bytes are written before the row commits: a rollback leaves
// bytes without a row, which the sweep removes, never a row without bytes.
func (l *Library) Keep(ctx context.Context, tx bun.IDB, v auth.Viewer, u Upload) (uuid.UUID, error) {
	most := u.Most
	if most == 0 {
		most = Usual.Bytes
	}
	spooled, err := Spool(u.From, most)
	if err != nil {
		return uuid.Nil, err
	}
	defer func() { _ = spooled.Close() }()
	kind, err := spooled.Kind(u.Name)
	if err != nil {
		return uuid.Nil, err
	}
	if u.Pictures && !kind.Picture() {
		return uuid.Nil, fault.WrongType("Choose a picture: JPEG, PNG, WebP, GIF or HEIC.")
	}
	if u.Pictures {
		if err := checkPixels(ctx, spooled, kind); err != nil {
			return uuid.Nil, err
		}
	}
	sum, err := hex.DecodeString(spooled.SHA256)
	if err != nil {
		return uuid.Nil, err
	}
	row := Row{
		FirmID: v.FirmID(), ID: id.New(), Purpose: u.Purpose, Audience: u.Audience, ClientID: u.ClientID, PersonID: u.PersonID,
		Name: CleanName(u.Name), Media: string(kind), Size: spooled.Size, SHA256: sum, CreatedBy: v.PersonID, State: "ready",
	}
	if err := l.Store.Put(ctx, Key(row.FirmID, row.ID, originalVariant), spooled); err != nil {
		if errors.Is(err, ErrFull) {
			return uuid.Nil, &fault.Error{Kind: fault.Busy, Message: "There is no room for this file right now. Nothing was saved."}
		}
		return uuid.Nil, err
	}
	if kind.Picture() {
		row.State = "new"
		if _, err := Render.Enqueue(ctx, tx, row.FirmID, Rendering{row.ID}); err != nil {
			return uuid.Nil, err
		}
	}
	return row.ID, insert(ctx, tx, &row)
}

// Handlers are the library's jobs.
func (l *Library) Handlers() []job.Handler { return []job.Handler{Render.Handle(l.render)} }

func (l *Library) render(ctx context.Context, tx bun.Tx, firm uuid.UUID, r Rendering) error {
	row, err := byID(ctx, tx, firm, r.ID)
	if err != nil || row.State != "new" {
		return fault.IgnoreNotFound(err)
	}
	original, err := l.Store.Open(ctx, Key(firm, row.ID, originalVariant))
	if errors.Is(err, fs.ErrNotExist) {
		return finish(ctx, tx, &row, "damaged", nil)
	}
	if err != nil {
		return err
	}
	defer func() { _ = original.Close() }()
	picture, err := Image(ctx, original, Usual)
	if _, words := fault.Of(err); words {
		return finish(ctx, tx, &row, "damaged", nil)
	}
	if err != nil {
		return err
	}
	for _, variant := range picture.Variants() {
		if err := l.put(ctx, Key(firm, row.ID, variant.Variant), variant.Data); err != nil {
			return err
		}
	}
	return finish(ctx, tx, &row, "ready", picture)
}

// Find gives a file's row if the viewer may see it.
func (l *Library) Find(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (Row, error) {
	row, err := byID(ctx, tx, v.FirmID(), file)
	if err != nil {
		return Row{}, err
	}
	if !row.seenBy(v) {
		return Row{}, fault.NotFound()
	}
	return row, nil
}

// Read gives a small variant whole, for a mail.
func (l *Library) Read(ctx context.Context, firm, file uuid.UUID, variant string) ([]byte, Kind, error) {
	object, err := l.Store.Open(ctx, Key(firm, file, variant))
	if err != nil {
		return nil, "", fmt.Errorf("read %s: %w", variant, err)
	}
	defer func() { _ = object.Close() }()
	body, err := io.ReadAll(io.LimitReader(object, 2<<20))
	return body, object.Kind, err
}

// URL is where a variant is served; "" for no file.
func URL(file uuid.UUID, variant string) string {
	if file == uuid.Nil {
		return ""
	}
	return "/files/" + file.String() + "/" + variant
}

// checkPixels refuses a picture that would be too large to read, from its header alone.
func checkPixels(ctx context.Context, upload *Spooled, kind Kind) error {
	_, err := measure(ctx, upload, kind, Usual.Pixels)
	if _, again := upload.Seek(0, io.SeekStart); err == nil {
		err = again
	}
	return err
}
