package documents

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/files/pdftext"
	"portico/platform/job"
	"portico/platform/search"
)

// looking names a version that somebody is to look into.
type looking struct{ ID uuid.UUID }

var (
	scanFile = job.New[looking]("documents:scan")
	readFile = job.New[looking]("documents:read")
)

func (a archive) handlers() []job.Handler {
	return []job.Handler{
		joinPieces.Handle(a.joinLater).Within(15 * time.Minute),
		scanFile.Handle(a.scan).Within(10 * time.Minute),
		readFile.Handle(a.read).Within(2 * time.Minute),
		tellNews.Handle(a.news),
		newsMail.Handle(a.mailNews).Within(time.Minute),
		virusMail.Handle(a.mailVirus).Within(time.Minute),
		job.Every("23 4 * * *", "documents:purge", a.purge).Within(10 * time.Minute),
		job.Every("17 * * * *", "documents:tidy", a.tidy),
	}
}

// scan shows a version to the virus scanner. Until then nobody opens it; what is infected nobody ever does.
func (a archive) scan(ctx context.Context, tx bun.Tx, firm uuid.UUID, l looking) error {
	v := auth.System(firm)
	n, err := versionByID(ctx, tx, v, l.ID)
	if err != nil || n.Scan != "waiting" {
		return fault.IgnoreNotFound(err)
	}
	virus, err := a.Files.Look(ctx, firm, n.FileID)
	if err != nil {
		return err
	}
	a.ring(ctx, firm, n.ClientID)
	if virus == "" {
		if err := scanned(ctx, tx, v, n, "clean", ""); err != nil {
			return err
		}
		if n.Reading == "waiting" {
			_, err = readFile.Enqueue(ctx, tx, firm, l)
		}
		return err
	}
	return a.quarantine(ctx, tx, v, n, virus)
}

// quarantine shuts an infected version away and lets both sides know. A document that had a clean version before shows
// that one again.
func (a archive) quarantine(ctx context.Context, tx bun.Tx, v auth.Viewer, n looked, virus string) error {
	if err := scanned(ctx, tx, v, n, "infected", virus); err != nil {
		return err
	}
	err := activity.Record(ctx, tx, v, activity.Entry{
		Verb: "documents.infected", Text: "locked “" + n.Document + "”: the virus scanner found " + virus, ClientID: n.ClientID, ProjectID: n.ProjectID, SubjectID: n.DocumentID,
	})
	if err != nil {
		return err
	}
	to, err := a.warned(ctx, tx, v, n)
	if err != nil {
		return err
	}
	return virusMail.EnqueueEach(ctx, tx, v.FirmID(), to)
}

// read finds the words inside a version, so that it is found by them.
func (a archive) read(ctx context.Context, tx bun.Tx, firm uuid.UUID, l looking) error {
	v := auth.System(firm)
	n, err := versionByID(ctx, tx, v, l.ID)
	if err != nil || n.Reading != "waiting" || n.Scan == "waiting" || n.Scan == "infected" {
		return fault.IgnoreNotFound(err)
	}
	object, err := a.Files.Store.Open(ctx, files.Key(firm, n.FileID, ""))
	if errors.Is(err, fs.ErrNotExist) {
		return readAs(ctx, tx, v, n, "damaged", 0)
	}
	if err != nil {
		return err
	}
	defer func() { _ = object.Close() }()
	var text pdftext.Text
	if files.Kind(n.Media) == files.PDF {
		text, err = readPDF(ctx, object)
	} else {
		text, err = readText(object)
	}
	switch {
	case errors.Is(err, pdftext.ErrLocked):
		return readAs(ctx, tx, v, n, "locked", text.Pages)
	case errors.Is(err, pdftext.ErrDamaged):
		return readAs(ctx, tx, v, n, "damaged", text.Pages)
	case errors.Is(err, pdftext.ErrHeavy):
		return readAs(ctx, tx, v, n, "heavy", text.Pages)
	case err != nil:
		return err
	}
	if err := readAs(ctx, tx, v, n, "read", text.Pages); err != nil || !n.Current {
		return err
	}
	words := search.Words(text.Words)
	return indexInside(ctx, tx, v, Document{ID: n.DocumentID, ClientID: n.ClientID}, words[:min(len(words), mostWords)])
}

// mostWords is how many different words of one document are kept: a long book has no more.
const mostWords = 5000

func readPDF(ctx context.Context, object *files.Object) (pdftext.Text, error) {
	if object.Size > pdftext.Largest {
		return pdftext.Text{}, pdftext.ErrHeavy
	}
	temp, err := os.CreateTemp("", "portico-read-*")
	if err != nil {
		return pdftext.Text{}, err
	}
	defer func() { _ = temp.Close() }()
	_ = os.Remove(temp.Name())
	if _, err := io.Copy(temp, object); err != nil {
		return pdftext.Text{}, err
	}
	return pdftext.Read(ctx, temp)
}

func readText(object *files.Object) (pdftext.Text, error) {
	raw, err := io.ReadAll(io.LimitReader(object, 2<<20))
	return pdftext.Text{Words: strings.ToValidUTF8(string(raw), " ")}, err
}

// beginning is as much of a text as a page shows.
func (a archive) beginning(ctx context.Context, firm uuid.UUID, d Document) (text string, more bool, err error) {
	object, err := a.Files.Store.Open(ctx, files.Key(firm, d.FileID, ""))
	if err != nil {
		return "", false, err
	}
	defer func() { _ = object.Close() }()
	raw, err := io.ReadAll(io.LimitReader(object, textPreview+1))
	if err != nil {
		return "", false, err
	}
	if more = len(raw) > textPreview; more {
		for raw = raw[:textPreview]; len(raw) > 0 && !utf8.RuneStart(raw[len(raw)-1]); {
			raw = raw[:len(raw)-1]
		}
		raw = raw[:len(raw)-1]
	}
	return strings.ToValidUTF8(strings.ReplaceAll(string(raw), "\x00", ""), "\uFFFD"), more, nil
}

// purge forgets for good what has lain in the trash for 30 days.
func (a archive) purge(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	return a.purgeBefore(ctx, tx, auth.System(firm), a.Now().Add(-keptInTrash))
}

func (a archive) purgeBefore(ctx context.Context, tx bun.Tx, v auth.Viewer, before time.Time) error {
	const atOnce = 500
	for {
		ids, err := overdueInTrash(ctx, tx, v, before, atOnce)
		if err != nil {
			return err
		}
		if len(ids) > 0 {
			free, bytes, err := purge(ctx, tx, v, ids)
			if err != nil {
				return err
			}
			if err := a.Files.Drop(ctx, tx, v.FirmID(), free...); err != nil {
				return err
			}
			if err := use(ctx, tx, v, -bytes); err != nil {
				return err
			}
		}
		if len(ids) < atOnce {
			break
		}
	}
	_, err := purgeFolders(ctx, tx, v, before)
	return err
}

// tidy forgets uploads that nobody goes on with.
func (a archive) tidy(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	gone, err := dropSendings(ctx, tx, auth.System(firm), a.Now().Add(-abandonedIn))
	if err != nil {
		return err
	}
	return a.Files.DropKeys(ctx, tx, firm, gone...)
}
