package files

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/job"
)

// Library is the store with a row for each file: who may see it, what it is, and which variants are made.
type Library struct {
	Store   Store
	Scanner *Scanner // nil: nobody looks for viruses
	Quota   int64    // bytes that the documents of one firm may take; 0: any

	guards map[string]Guard
}

// Guard is asked whether the viewer may see a file ForSection, and what it is called now. What it refuses is a
// fault.NotFound.
type Guard func(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (name string, err error)

// Watch lets a section guard its files, by their purpose; it is called when sections are mounted.
func (l *Library) Watch(purpose string, guard Guard) {
	if l.guards == nil {
		l.guards = map[string]Guard{}
	}
	l.guards[purpose] = guard
}

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

	// ForSection leaves it to the section with that purpose, which is asked each time; see Watch.
	ForSection Audience = "section"
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
	row, err := l.Take(ctx, tx, v, u)
	return row.ID, err
}

// Take is Keep that answers the whole row.
func (l *Library) Take(ctx context.Context, tx bun.IDB, v auth.Viewer, u Upload) (Row, error) {
	most := u.Most
	if most == 0 {
		most = Usual.Bytes
	}
	spooled, err := Spool(u.From, most)
	if err != nil {
		return Row{}, err
	}
	defer func() { _ = spooled.Close() }()
	kind, err := spooled.Kind(u.Name)
	if err != nil {
		return Row{}, err
	}
	if u.Pictures && !kind.Picture() {
		return Row{}, fault.WrongType("Choose a picture: JPEG, PNG, WebP, GIF or HEIC.")
	}
	if u.Pictures {
		if err := checkPixels(ctx, spooled, kind); err != nil {
			return Row{}, err
		}
	}
	sum, err := hex.DecodeString(spooled.SHA256)
	if err != nil {
		return Row{}, err
	}
	row := Row{
		FirmID: v.FirmID(), ID: id.New(), Purpose: u.Purpose, Audience: u.Audience, ClientID: u.ClientID, PersonID: u.PersonID,
		Name: CleanName(u.Name), Media: string(kind), Size: spooled.Size, SHA256: sum, CreatedBy: v.PersonID,
	}
	if err := l.Store.Put(ctx, Key(row.FirmID, row.ID, originalVariant), spooled); err != nil {
		if errors.Is(err, ErrFull) {
			return Row{}, &fault.Error{Kind: fault.Busy, Message: "There is no room for this file right now. Nothing was saved."}
		}
		return Row{}, err
	}
	return row, l.Enter(ctx, tx, &row)
}

// Enter adds the row of a file whose bytes are in the store already, and promises its variants.
func (l *Library) Enter(ctx context.Context, tx bun.IDB, row *Row) error {
	row.State = "ready"
	if Kind(row.Media).Picture() {
		row.State = "new"
		if _, err := Render.Enqueue(ctx, tx, row.FirmID, Rendering{row.ID}); err != nil {
			return err
		}
	}
	return insert(ctx, tx, row)
}

// Drop forgets files: the rows now, the bytes once that is certain. What still points at them must be gone.
func (l *Library) Drop(ctx context.Context, tx bun.IDB, firm uuid.UUID, all ...uuid.UUID) error {
	if len(all) == 0 {
		return nil
	}
	if err := remove(ctx, tx, firm, all); err != nil {
		return err
	}
	return l.DropKeys(ctx, tx, firm, all...)
}

// DropKeys promises that the bytes of files go, with all that was made of them.
func (l *Library) DropKeys(ctx context.Context, tx bun.IDB, firm uuid.UUID, all ...uuid.UUID) error {
	payloads := make([]Rendering, len(all))
	for i, file := range all {
		payloads[i] = Rendering{file}
	}
	return dropped.EnqueueEach(ctx, tx, firm, payloads)
}

var dropped = job.New[Rendering]("files:drop")

// drop removes the bytes of a file, unless there is a row of it: then somebody has thought better of it.
func (l *Library) drop(ctx context.Context, tx bun.Tx, firm uuid.UUID, r Rendering) error {
	if there, err := exists(ctx, tx, firm, r.ID); err != nil || there {
		return err
	}
	for info, err := range l.Store.List(ctx, Key(firm, r.ID, "")) {
		if err != nil {
			return err
		}
		if err := l.Store.Delete(ctx, info.Key); err != nil {
			return err
		}
	}
	return nil
}

// Handlers are the library's jobs.
func (l *Library) Handlers() []job.Handler {
	return []job.Handler{Render.Handle(l.render).Within(2 * time.Minute), dropped.Handle(l.drop).Within(2 * time.Minute)}
}

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
	if row.Audience == ForSection {
		return l.guarded(ctx, tx, v, row)
	}
	if !row.seenBy(v) {
		return Row{}, fault.NotFound()
	}
	return row, nil
}

func (l *Library) guarded(ctx context.Context, tx bun.IDB, v auth.Viewer, row Row) (Row, error) {
	guard := l.guards[row.Purpose]
	if guard == nil || !v.SignedIn() || v.Session.Duty != auth.NoDuty || v.Firm.Suspended {
		return Row{}, fault.NotFound()
	}
	name, err := guard(ctx, tx, v, row.ID)
	if err != nil {
		return Row{}, err
	}
	row.Name = name
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

// Look shows the original of a file to the virus scanner, and answers the name of what it found; "" is nothing. Without a
// scanner, switched off meanwhile, nobody can look.
func (l *Library) Look(ctx context.Context, firm, file uuid.UUID) (virus string, err error) {
	if l.Scanner == nil {
		return "", nil
	}
	object, err := l.Store.Open(ctx, Key(firm, file, originalVariant))
	if err != nil {
		return "", err
	}
	defer func() { _ = object.Close() }()
	return l.Scanner.Scan(ctx, object)
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
