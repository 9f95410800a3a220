package documents

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/job"
	"portico/platform/lang"
	"portico/platform/web"
)

const (
	pieceBytes  = 8 << 20        // of one request
	joinedNow   = 32 << 20       // what is longer is joined by a worker
	abandonedIn = 48 * time.Hour // an upload that nobody goes on with
	mostAtOnce  = 100            // uploads of one person
)

// join makes the pieces of an upload one file.
type joining struct{ ID uuid.UUID }

var joinPieces = job.New[joining]("documents:join")

// sendForm is what is said beside files, whichever way they come.
type sendForm struct {
	Files  []*web.File `form:"files"`
	Name   string      `form:"name"`
	Size   string      `form:"size"`
	Mark   string      `form:"mark"`
	Remark string      `form:"remark"`
	Shared bool        `form:"shared"`
	Tells  bool        `form:"tells"`
}

func (f sendForm) Check() fault.Fields {
	if utf8.RuneCountInString(f.Remark) > longRemark {
		return fault.Fields{"remark": fmt.Sprintf("Use at most %d characters.", longRemark)}
	}
	return nil
}

// allowed says what becomes of the wishes: a client's files are always shared, and the team is always told.
func (f sendForm) allowed(v auth.Viewer) sendForm {
	if v.Side == auth.Portal {
		f.Shared, f.Tells = true, true
	}
	f.Tells = f.Tells && f.Shared
	return f
}

// receive takes the files of a plain form: all of them or none.
func (a archive) receive(r *web.Request, p place, as uuid.UUID) (n int, err error) {
	var form sendForm
	if err := r.Bind(&form); err != nil {
		return 0, err
	}
	form = form.allowed(r.Viewer())
	if len(form.Files) == 0 || len(form.Files) == 1 && form.Files[0].Name == "" && form.Files[0].Size == 0 {
		return 0, fault.Field("files", "Choose a file first.")
	}
	if as != uuid.Nil && len(form.Files) > 1 {
		return 0, fault.Field("files", "Choose one file.")
	}
	for _, f := range form.Files {
		if err := a.receiveOne(r, p, as, f, form); err != nil {
			if said, ok := fault.Of(err); ok && said.Kind != fault.Missing {
				return 0, fault.Field("files", f.Name+": "+said.Message)
			}
			return 0, err
		}
	}
	return len(form.Files), nil
}

func (a archive) receiveOne(r *web.Request, p place, as uuid.UUID, f *web.File, form sendForm) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if err := a.room(ctx, tx, v, f.Size); err != nil {
		return err
	}
	from, err := f.Open()
	if err != nil {
		return err
	}
	head := make([]byte, files.HeadSize)
	n, err := io.ReadFull(from, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && err != io.EOF {
		return err
	}
	if from, err = f.Open(); err != nil {
		return err
	}
	row, err := a.Files.Take(ctx, tx, v, files.Upload{
		Purpose: purpose, Audience: files.ForSection, ClientID: p.ClientID, Name: f.Name, From: from, Most: mostBytes,
	})
	if err != nil {
		return err
	}
	_, err = a.enter(ctx, tx, v, p, arrived{
		Row: row, Sort: sortOf(files.Kind(row.Media), row.Name, head[:n]), Remark: form.Remark, Shared: form.Shared, Tells: form.Tells, As: as,
	})
	return err
}

// room asks whether there is room for so much more.
func (a archive) room(ctx context.Context, tx bun.IDB, v auth.Viewer, more int64) error {
	u, err := usageOf(ctx, tx, v, a.Files.Quota)
	if err != nil {
		return err
	}
	return u.fits(v, more)
}

// enter makes a document of what has come, and promises what follows from it.
func (a archive) enter(ctx context.Context, tx bun.Tx, v auth.Viewer, p place, came arrived) (Document, error) {
	came.Scans, came.ByClient = a.Files.Scanner != nil, v.Side == auth.Portal
	d, fresh, err := enter(ctx, tx, v, p, came)
	if err != nil {
		return d, err
	}
	if err := take(ctx, tx, v, came.Size, a.Files.Quota); err != nil {
		return d, err
	}
	switch {
	case came.Scans:
		_, err = scanFile.Enqueue(ctx, tx, v.FirmID(), looking{d.VersionID})
	case came.Sort == "pdf" || came.Sort == "text":
		_, err = readFile.Enqueue(ctx, tx, v.FirmID(), looking{d.VersionID})
	}
	if err != nil {
		return d, err
	}
	if came.Tells && (v.Side == auth.Portal || d.Shared && p.Open()) {
		if err := a.tellOf(ctx, tx, v, d); err != nil {
			return d, err
		}
	}
	a.ring(ctx, v.FirmID(), d.ClientID)
	text := lang.M("uploaded “%s”", d.Name)
	if !fresh {
		text = lang.M("uploaded version %s of “%s”", strconv.Itoa(d.Number), d.Name)
	}
	return d, activity.Record(ctx, tx, v, activity.Entry{
		Verb: "documents.uploaded", Said: text, ClientID: d.ClientID, ProjectID: d.ProjectID, SubjectID: d.ID, ForClient: d.Shared && p.Open(),
	})
}
