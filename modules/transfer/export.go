package transfer

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/id"
	"portico/platform/job"
	"portico/platform/module"
	"portico/platform/web"
)

// Export is one ZIP of everything, or of one client's records, for the person who asked for it.
type Export struct {
	ID, ClientID     uuid.UUID
	ClientName       string
	PersonID         uuid.UUID
	PersonName       string
	State            string // making, ready, gone, failed
	Done, Total      int
	Size             int64
	CreatedAt        time.Time
	ReadyAt          time.Time
	ExpiresAt        time.Time
	Href, What, Took string `bun:"-"`
	Mine             bool   `bun:"-"`
}

// Status is how it stands, in words.
func (e Export) Status() status {
	return map[string]status{
		"making": {"Being made", "info", ""}, "ready": {"Ready", "ok", ""}, "gone": {"Expired", "muted", ""}, "failed": {"Failed", "late", ""},
	}[e.State]
}

// Fetchable reports whether the file is there for the viewer.
func (e Export) fetchable(v auth.Viewer, now time.Time) bool {
	return e.State == "ready" && e.PersonID == v.PersonID && now.Before(e.ExpiresAt)
}

type exportsView struct {
	*web.Here
	Trail, Tabs []web.NavItem
	Exports     []Export
	Top         module.ClientTop // of one client
	Tables      int
	Days        int
	Post        string
}

// clientHead is the client whose records are exported.
type clientHead struct {
	ID   uuid.UUID
	Name string
}

func (o office) listed(r *web.Request, client uuid.UUID) ([]Export, error) {
	list, err := exportsOf(r.Context(), r.Tx(), r.Viewer(), client)
	for n := range list {
		e := &list[n]
		e.What, e.Href, e.Mine = "Everything", r.Path("transfer", "exports", e.ID), e.PersonID == r.Viewer().PersonID
		if e.ClientID != uuid.Nil {
			e.What = e.ClientName
		}
	}
	return list, err
}

func (o office) exports(r *web.Request) error {
	r.Title("Export")
	list, err := o.listed(r, uuid.Nil)
	if err != nil {
		return err
	}
	return r.Show("transfer/exports", exportsView{Here: r.Here(), Tabs: o.tabs(r, "export"), Exports: list, Days: exportDays})
}

// freshExport asks who it is before it offers the whole firm: a copy of everything is what a thief would want first.
func (o office) freshExport(r *web.Request) error {
	r.Title("Export everything")
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	return r.Show("transfer/export_new", exportsView{Here: r.Here(), Trail: o.trail(r, "Export everything"), Days: exportDays, Post: r.Path("transfer", "exports")})
}

func (o office) export(r *web.Request) error { return o.begin(r, clientHead{}) }

func (o office) begin(r *web.Request, of clientHead) error {
	v := r.Viewer()
	if err := v.Confirmed(r.Now()); err != nil {
		return err
	}
	if already, is, err := underway(r.Context(), r.Tx(), v, of.ID); err != nil || is {
		if err != nil {
			return err
		}
		return r.Go(r.Path("transfer", "exports", already))
	}
	e := Export{ID: id.New(), ClientID: of.ID, ClientName: of.Name}
	if err := insertExport(r.Context(), r.Tx(), v, e); err != nil {
		return err
	}
	if _, err := making.Enqueue(r.Context(), r.Tx(), v.FirmID(), exported{e.ID}, job.ID(e.ID)); err != nil {
		return err
	}
	text := "asked for an export of everything"
	if of.ID != uuid.Nil {
		text = "asked for an export of the records of " + of.Name
	}
	if err := activity.Record(r.Context(), r.Tx(), v, activity.Entry{Verb: "transfer.export_asked", Text: text, ClientID: of.ID, SubjectID: e.ID}); err != nil {
		return err
	}
	return r.Go(r.Path("transfer", "exports", e.ID))
}

type exportView struct {
	*web.Here
	Trail     []web.NavItem
	Export    Export
	Status    status
	Mine      bool
	Fetchable bool
	Text      string
	Size      string
	Days      int
}

func (o office) exportNamed(r *web.Request) (Export, error) {
	named, err := r.ID("export")
	if err != nil {
		return Export{}, err
	}
	return findExport(r.Context(), r.Tx(), r.Viewer(), named)
}

func (o office) showExport(r *web.Request) error {
	e, err := o.exportNamed(r)
	if err != nil {
		return err
	}
	if e.What = "everything"; e.ClientID != uuid.Nil {
		e.What = e.ClientName
	}
	r.Title("Export of " + e.What)
	v := exportView{
		Here: r.Here(), Trail: []web.NavItem{{Title: "Import & export", Href: r.Path("transfer")}, {Title: "Export", Href: r.Path("transfer", "exports")}, {Title: "Export of " + e.What}},
		Export: e, Status: e.Status(), Mine: e.PersonID == r.Viewer().PersonID, Fetchable: e.fetchable(r.Viewer(), r.Now()),
		Text: number(e.Done) + " of " + number(e.Total), Size: size(e.Size), Days: exportDays,
	}
	if r.IsPart() && r.Header("HX-Target") == "transfer-export" {
		return r.Parts(web.Draw("transfer/_export", v))
	}
	return r.Show("transfer/export", v)
}

// download hands the file to the person who asked for it, and to nobody else; a member of staff's mailbox is not enough.
func (o office) download(r *web.Request) error {
	e, err := o.exportNamed(r)
	if err != nil {
		return err
	}
	if !e.fetchable(r.Viewer(), r.Now()) {
		return fault.NotFound()
	}
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	object, err := o.Files.Store.Open(r.Lasting(), files.Key(r.Firm().ID, e.ID, ""))
	if err != nil {
		return err
	}
	if r.Method() == "GET" {
		err = r.Deliver(func(ctx context.Context, tx bun.Tx) error {
			return activity.Record(ctx, tx, r.Viewer(), activity.Entry{Verb: "transfer.export_fetched", Text: "downloaded an export", ClientID: e.ClientID, SubjectID: e.ID})
		})
		if err != nil {
			_ = object.Close()
			return err
		}
	}
	return r.Stream(object, object.Size, files.Download("application/zip", r.Firm().Key+"-"+e.CreatedAt.UTC().Format("2006-01-02")+".zip"))
}

// client is the tab on a client's page.
func (o office) client(r *web.Request) error {
	of, err := o.clientNamed(r)
	if err != nil {
		return err
	}
	r.Title("Export of " + of.Name)
	list, err := o.listed(r, of.ID)
	if err != nil {
		return err
	}
	top, err := o.Catalog().ClientTop(r, of.ID, of.Name, "transfer:client")
	if err != nil {
		return err
	}
	return r.Show("transfer/client", exportsView{Here: r.Here(), Top: top, Exports: list, Days: exportDays, Post: r.Path("transfer", "clients", of.ID, "exports")})
}

func (o office) clientNamed(r *web.Request) (of clientHead, err error) {
	if of.ID, err = r.ID("client"); err != nil {
		return of, err
	}
	of.Name, err = clientName(r.Context(), r.Tx(), r.Viewer(), of.ID)
	return of, err
}

func (o office) exportClient(r *web.Request) error {
	of, err := o.clientNamed(r)
	if err != nil {
		return err
	}
	return o.begin(r, of)
}
