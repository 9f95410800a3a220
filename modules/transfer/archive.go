package transfer

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	netmail "net/mail"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/module"
	"portico/platform/people"
	"portico/platform/post"
	"portico/platform/sheet"
)

// making writes the ZIP of an export; ready mails the way to it.
var (
	making = job.New[exported]("transfer:export")
	ready  = job.New[exported]("transfer:mail_export")
)

type exported struct{ ID uuid.UUID }

// make writes all tables and files into one ZIP on disk, and puts that into the store. Made again after a crash, it
// takes the place of what was there.
func (o office) make(ctx context.Context, tx bun.Tx, firm uuid.UUID, x exported) error {
	v := auth.System(firm)
	e, err := findExport(ctx, tx, v, x.ID)
	if err != nil || e.State != "making" {
		return err
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, o.Now())
	if err != nil {
		return err
	}
	v.Firm = loaded.Firm
	out, err := spool()
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	a := &archive{office: o, tx: tx, v: v, e: e, zip: zip.NewWriter(out)}
	if err := a.write(ctx); err != nil {
		return err
	}
	length, err := out.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if _, err := out.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if err := o.Files.Store.Put(ctx, files.Key(firm, e.ID, ""), out); err != nil {
		return err
	}
	if err := finishExport(ctx, tx, v, e.ID, length, o.Now()); err != nil {
		return err
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		ActorID: e.PersonID, ActorName: e.PersonName, Verb: "transfer.exported", Text: "received an export of " + e.of(), ClientID: e.ClientID, SubjectID: e.ID,
		Data: map[string]any{"after": map[string]any{"files": a.files, "bytes": length}},
	})
	if err != nil {
		return err
	}
	o.Bell.Publish(ctx, firm, "transfer")
	_, err = ready.Enqueue(ctx, tx, firm, x)
	return err
}

func (e Export) of() string {
	if e.ClientID == uuid.Nil {
		return "everything"
	}
	return "the records of " + e.ClientName
}

// archive is a ZIP on its way.
type archive struct {
	office
	tx          bun.Tx
	v           auth.Viewer
	e           Export
	zip         *zip.Writer
	done, total int
	files       int
	told        time.Time
}

func (a *archive) write(ctx context.Context) error {
	tables := a.tables()
	n, err := countFiles(ctx, a.tx, a.v, a.e.ClientID)
	if err != nil {
		return err
	}
	kinds := slices.DeleteFunc(a.Catalog().Imports(), func(k module.Import) bool { return k.Export == nil })
	a.total = len(tables) + len(kinds) + n
	if err := a.readme(); err != nil {
		return err
	}
	for _, k := range kinds {
		name := k.ID[strings.IndexByte(k.ID, ':')+1:] + ".csv"
		if err := a.table(name, func(write func(...string) error) error { return k.Export(ctx, a.tx, a.v, a.e.ClientID, write) }); err != nil {
			return err
		}
		a.progress(ctx)
	}
	for _, t := range tables {
		err := a.table("data/"+strings.TrimPrefix(t.Table, "public.")+".csv", func(write func(...string) error) error {
			if err := write(t.Columns...); err != nil {
				return err
			}
			return eachRow(ctx, a.tx, a.v, t, a.e.ClientID, write)
		})
		if err != nil {
			return err
		}
		a.progress(ctx)
	}
	if err := a.all(ctx); err != nil {
		return err
	}
	return a.zip.Close()
}

// tables are those that leave the house; of a client, those that lead to one.
func (a *archive) tables() []module.Kept {
	var all []module.Kept
	for _, m := range a.Catalog().Modules {
		for _, k := range m.Keeps {
			if len(k.Columns) > 0 && (a.e.ClientID == uuid.Nil || k.Of != "") {
				all = append(all, k)
			}
		}
	}
	slices.SortFunc(all, func(x, y module.Kept) int { return strings.Compare(x.Table, y.Table) })
	return all
}

func (a *archive) readme() error {
	w, err := a.zip.Create("README.txt")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, `%s: %s, as of %s.

clients.csv, contacts.csv, projects.csv: for people and for other programs. Import & export takes them in again as they are.
data/: every table, with its ids, so that nothing is lost. Times are in UTC.
files/: what was uploaded, each behind its id, as in data/file.csv.

Passwords, keys, links and sessions are not in here. A mark (') before a cell keeps a spreadsheet program from running it as a formula.
`, a.v.Firm.Name, a.e.of(), a.Now().UTC().Format(time.RFC1123))
	return err
}

func (a *archive) table(name string, fill func(write func(...string) error) error) error {
	w, err := a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.Now().UTC()})
	if err != nil {
		return err
	}
	csv, err := sheet.NewWriter(w)
	if err != nil {
		return err
	}
	if err := fill(csv.Write); err != nil {
		return err
	}
	return csv.Flush()
}

// all puts the files in, one after the other; pictures are packed already.
func (a *archive) all(ctx context.Context) error {
	last := uuid.Nil
	for {
		list, err := filesAfter(ctx, a.tx, a.v, a.e.ClientID, last)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, f := range list {
			last = f.ID
			if err := a.file(ctx, f); err != nil {
				return err
			}
			a.progress(ctx)
		}
	}
}

func (a *archive) file(ctx context.Context, f keptFile) error {
	object, err := a.Files.Store.Open(ctx, files.Key(a.v.FirmID(), f.ID, ""))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // the row of a file that is gone is still in data/file.csv
	}
	if err != nil {
		return err
	}
	defer func() { _ = object.Close() }()
	method := zip.Deflate
	if strings.HasPrefix(f.Media, "image/") || strings.HasPrefix(f.Media, "video/") || f.Media == "application/zip" {
		method = zip.Store
	}
	w, err := a.zip.CreateHeader(&zip.FileHeader{Name: "files/" + f.ID.String() + "-" + files.CleanName(f.Name), Method: method, Modified: a.Now().UTC()})
	if err != nil {
		return err
	}
	a.files++
	_, err = io.Copy(w, object)
	return err
}

// progress tells in a transaction of its own, for this one is seen by nobody before it ends; once a second, and what
// cannot be told is no reason to stop.
func (a *archive) progress(ctx context.Context) {
	a.done++
	if now := a.Now(); a.done == 1 || now.Sub(a.told) > time.Second {
		a.told = now
		err := db.InTx(ctx, a.Pool, a.v.FirmID(), func(ctx context.Context, tx bun.Tx) error {
			a.Bell.Publish(ctx, a.v.FirmID(), "transfer")
			return noteProgress(ctx, tx, a.v, a.e.ID, a.done, a.total)
		})
		if err != nil {
			a.Log.Warn("progress of an export is not told", "export", a.e.ID, "err", err)
		}
	}
}

// mail tells the person who asked. The link leads to a page that asks who it is.
func (o office) mail(ctx context.Context, tx bun.Tx, firm uuid.UUID, x exported) error {
	v := auth.System(firm)
	e, err := findExport(ctx, tx, v, x.ID)
	if err != nil || e.State != "ready" {
		return fault.IgnoreNotFound(err)
	}
	s, err := people.FindStaff(ctx, tx, v, e.PersonID)
	if err != nil || !s.Active() {
		return fault.IgnoreNotFound(err)
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, o.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	origin, err := o.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(s.Name, " ")
	return o.Post.Send(ctx, tx, loaded.Firm, post.Envelope{
		ID: job.Current(ctx).ID, Kind: ready.Name(), PersonID: s.PersonID, To: netmail.Address{Name: s.Name, Address: s.Email},
	}, mail.Letter{
		Subject: "Your export is ready", Greeting: "Hello " + first,
		Lines:  []string{"The export of " + e.of() + " that you asked for is ready (" + size(e.Size) + ")."},
		Button: mail.Button{Label: "Go to the download", URL: origin + "/office/transfer/exports/" + e.ID.String()},
		Small:  []string{fmt.Sprintf("Only you can fetch it, for %d days. You will be asked to confirm that it is you.", exportDays)},
	})
}
