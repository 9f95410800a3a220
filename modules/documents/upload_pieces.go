package documents

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/web"
)

// progress is what our script hears of an upload.
type progress struct {
	ID      uuid.UUID `json:"id"`
	Offset  int64     `json:"offset"`
	Size    int64     `json:"size"`
	Piece   int       `json:"piece"` // the most of one request
	State   string    `json:"state"`
	Problem string    `json:"problem,omitempty"`
}

func (u sending) tell(r *web.Request) error {
	text, err := json.Marshal(progress{u.ID, u.Arrived, u.Size, pieceBytes, u.State, u.Problem})
	if err != nil {
		return err
	}
	return r.JSON(text)
}

// refused answers our script in words; what is not there, and who must sign in, stays what it is.
func refused(r *web.Request, err error) error {
	said, ok := fault.Of(err)
	if !ok || said.Kind == fault.Missing || said.Kind == fault.SignInNeeded {
		return err
	}
	problem := said.Message
	for _, field := range said.Fields {
		problem = field
	}
	text, err := json.Marshal(progress{State: "refused", Problem: problem})
	if err != nil {
		return err
	}
	r.Status(422)
	return r.JSON(text)
}

// begin promises room for a file that comes in pieces, or finds the one that broke off.
func (a archive) begin(r *web.Request, p place, as uuid.UUID) error {
	var form sendForm
	if err := r.Bind(&form); err != nil {
		return refused(r, err)
	}
	form = form.allowed(r.Viewer())
	size, err := strconv.ParseInt(form.Size, 10, 64)
	switch {
	case err != nil || size < 0 || strings.TrimSpace(form.Name) == "" || len(form.Mark) > 200:
		return refused(r, fault.Invalid("This file cannot be sent."))
	case size == 0:
		return refused(r, fault.Invalid("This file is empty."))
	case size > mostBytes:
		return refused(r, fault.TooLarge("This file is too large. The most we can take is 500 MB."))
	}
	u := sending{
		DocumentID: as, Name: files.CleanName(form.Name), Size: size, Mark: form.Mark, Remark: form.Remark, Shared: form.Shared, Tells: form.Tells,
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	same, err := sameSending(ctx, tx, v, p, u)
	if err == nil {
		if err := choose(ctx, tx, v, same, u); err != nil {
			return err
		}
		return same.tell(r)
	}
	if !fault.Is(err, fault.Missing) {
		return err
	}
	promised, atOnce, err := underWay(ctx, tx, v)
	if err != nil {
		return err
	}
	if atOnce >= mostAtOnce {
		return refused(r, fault.Invalid("Many files are on their way already. Wait until some of them have arrived."))
	}
	if err := a.room(ctx, tx, v, promised+size); err != nil {
		return refused(r, err)
	}
	if err := addSending(ctx, tx, v, p, &u); err != nil {
		return err
	}
	return u.tell(r)
}

// offset says how much of an upload is here.
func (a archive) offset(r *web.Request) error {
	u, err := a.sending(r, false)
	if err != nil {
		return err
	}
	return u.tell(r)
}

func (a archive) sending(r *web.Request, hold bool) (sending, error) {
	id, err := r.ID("upload")
	if err != nil {
		return sending{}, err
	}
	return sendingByID(r.Context(), r.Tx(), r.Viewer(), id, hold)
}

// piece takes the next bytes of an upload. A piece that does not begin where the last one ended is refused with the
// place where to go on.
func (a archive) piece(r *web.Request) error {
	u, err := a.sending(r, true)
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	p, err := placeByID(ctx, tx, v, u.PlaceID)
	if err != nil {
		return err
	}
	body, err := r.Piece()
	if err != nil {
		return refused(r, err)
	}
	at, err := strconv.ParseInt(r.Query("offset"), 10, 64)
	if err != nil || at != u.Arrived || u.State != "arriving" {
		r.Status(409)
		return u.tell(r)
	}
	if body.Size == 0 || u.Arrived+body.Size > u.Size {
		return refused(r, fault.Invalid("This is not the file that was begun. Choose it again."))
	}
	from, err := body.Open()
	if err != nil {
		return err
	}
	if err := a.Files.Store.Put(ctx, files.Key(v.FirmID(), u.ID, pieceName(u.Pieces)), from); err != nil {
		if errors.Is(err, files.ErrFull) {
			return refused(r, &fault.Error{Kind: fault.Busy, Message: "There is no room for this file right now."})
		}
		return err
	}
	u.Arrived, u.Pieces = u.Arrived+body.Size, u.Pieces+1
	if u.Arrived < u.Size {
		if err := tookPiece(ctx, tx, v, u); err != nil {
			return err
		}
		return u.tell(r)
	}
	u.State = "joining"
	if err := tookPiece(ctx, tx, v, u); err != nil {
		return err
	}
	if u.Size > joinedNow {
		if _, err := joinPieces.Enqueue(ctx, tx, v.FirmID(), joining{u.ID}); err != nil {
			return err
		}
		return u.tell(r)
	}
	if u, err = a.join(ctx, tx, v, p, u); err != nil {
		return err
	}
	return u.tell(r)
}

func pieceName(n int) string { return fmt.Sprintf("piece-%06d", n) }

// forget ends an upload that its person gives up.
func (a archive) forget(r *web.Request) error {
	u, err := a.sending(r, true)
	if err != nil {
		return err
	}
	if err := dropSending(r.Context(), r.Tx(), r.Viewer(), u); err != nil {
		return err
	}
	if err := a.Files.DropKeys(r.Context(), r.Tx(), r.Viewer().FirmID(), u.ID); err != nil {
		return err
	}
	r.Status(204)
	return nil
}

// joinLater is join by a worker, in the name of whoever sent the file, if they still may.
func (a archive) joinLater(ctx context.Context, tx bun.Tx, firm uuid.UUID, j joining) error {
	u, err := sendingByID(ctx, tx, auth.System(firm), j.ID, true)
	if err != nil || u.State != "joining" {
		return fault.IgnoreNotFound(err)
	}
	v, err := a.sender(ctx, tx, firm, u)
	var p place
	if err == nil {
		p, err = placeByID(ctx, tx, v, u.PlaceID)
	}
	if fault.Is(err, fault.Missing) {
		u.State, u.Problem = "refused", "This folder is not there any more."
		return a.endSending(ctx, tx, auth.System(firm), u)
	}
	if err != nil {
		return err
	}
	_, err = a.join(ctx, tx, v, p, u)
	return err
}

// join makes the pieces one file, and the file a document. What people can mend is written down, not returned.
func (a archive) join(ctx context.Context, tx bun.Tx, v auth.Viewer, p place, u sending) (sending, error) {
	err := a.room(ctx, tx, v, u.Size)
	var d Document
	if err == nil {
		d, err = a.joined(ctx, tx, v, p, u)
	}
	if said, ok := fault.Of(err); ok && said.Kind != fault.Busy {
		u.State, u.Problem = "refused", said.Message
		return u, a.endSending(ctx, tx, v, u)
	}
	if err != nil {
		return u, err
	}
	u.State, u.MadeID = "done", d.ID
	return u, a.endSending(ctx, tx, v, u)
}

func (a archive) endSending(ctx context.Context, tx bun.IDB, v auth.Viewer, u sending) error {
	if err := endSending(ctx, tx, v, u); err != nil {
		return err
	}
	return a.Files.DropKeys(ctx, tx, v.FirmID(), u.ID)
}

func (a archive) joined(ctx context.Context, tx bun.Tx, v auth.Viewer, p place, u sending) (Document, error) {
	row := files.Row{ // joined again after a crash, it takes the place of what was left behind
		FirmID: v.FirmID(), ID: uuid.NewSHA1(u.ID, []byte("file")), Purpose: purpose, Audience: files.ForSection, ClientID: p.ClientID, Name: u.Name, Size: u.Size, CreatedBy: v.PersonID,
	}
	pieces := &pieces{ctx: ctx, store: a.Files.Store, upload: u, firm: v.FirmID()}
	defer pieces.close()
	from := bufio.NewReaderSize(pieces, files.HeadSize)
	head, err := from.Peek(files.HeadSize)
	if err != nil && err != io.EOF {
		return Document{}, err
	}
	head = append([]byte(nil), head...)
	row.Media = string(files.Sniff(head, u.Name))
	sum := sha256.New()
	if err := a.Files.Store.Put(ctx, files.Key(row.FirmID, row.ID, ""), io.TeeReader(from, sum)); err != nil {
		if errors.Is(err, fs.ErrNotExist) { // a piece has gone
			return Document{}, fault.Invalid("A part of this file was lost on the way. Please send it again.")
		}
		return Document{}, err
	}
	row.SHA256 = sum.Sum(nil)
	if pieces.read != u.Size {
		return Document{}, fault.Invalid("A part of this file was lost on the way. Please send it again.")
	}
	if err := a.Files.Enter(ctx, tx, &row); err != nil {
		return Document{}, err
	}
	return a.enter(ctx, tx, v, p, arrived{
		Row: row, Sort: sortOf(files.Kind(row.Media), row.Name, head), Remark: u.Remark, Shared: u.Shared, Tells: u.Tells, As: u.DocumentID,
	})
}

// pieces reads the pieces of an upload one after the other: none is held whole.
type pieces struct {
	ctx    context.Context
	store  files.Store
	firm   uuid.UUID
	upload sending
	next   int
	open   *files.Object
	read   int64
}

func (p *pieces) Read(b []byte) (int, error) {
	for {
		if p.open == nil {
			if p.next == p.upload.Pieces {
				return 0, io.EOF
			}
			var err error
			if p.open, err = p.store.Open(p.ctx, files.Key(p.firm, p.upload.ID, pieceName(p.next))); err != nil {
				return 0, err
			}
			p.next++
		}
		n, err := p.open.Read(b)
		p.read += int64(n)
		if err == io.EOF {
			p.close()
			err = nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

func (p *pieces) close() {
	if p.open != nil {
		_ = p.open.Close()
		p.open = nil
	}
}
