package profile

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"portico/platform/auth"
	"portico/platform/auth/factor"
	"portico/platform/files"
	"portico/platform/module"
	"portico/platform/web"
)

type exportView struct {
	*web.Here
	Place string
	Files int
	Bytes string
}

// export tells what will be in the copy. It asks who it is: a copy of everything is what a thief would want first.
func (p pages) export(r *web.Request) error {
	r.Title("Your data")
	v := r.Viewer()
	if err := v.Confirmed(r.Now()); err != nil {
		return err
	}
	uploads, err := uploadsOf(r.Context(), r.Tx(), v)
	if err != nil {
		return err
	}
	view := exportView{Here: r.Here(), Place: "the office of " + v.Firm.Name, Files: len(uploads)}
	if v.Side == auth.Portal {
		view.Place = "the portal of " + v.ClientName
	}
	var bytes int64
	for _, u := range uploads {
		bytes += u.Size
	}
	view.Bytes = sizeOf(bytes)
	return r.Show("profile/export", view)
}

func sizeOf(bytes int64) string {
	switch {
	case bytes < 1<<10:
		return strconv.FormatInt(bytes, 10) + " bytes"
	case bytes < 1<<20:
		return strconv.FormatInt(bytes>>10, 10) + " KB"
	}
	return strconv.FormatInt(bytes>>20, 10) + " MB"
}

// download streams the copy as it is made. A job would leave it lying about, whole, in the firm's files, where staff may
// look and backups go; the rows are few, and files pass through without being held. The rows are read at one moment,
// in the request's transaction; the files follow after it.
func (p pages) download(r *web.Request) error {
	v := r.Viewer()
	if err := v.Confirmed(r.Now()); err != nil {
		return err
	}
	tables, err := p.tables(r)
	if err != nil {
		return err
	}
	uploads, err := uploadsOf(r.Context(), r.Tx(), v)
	if err != nil {
		return err
	}
	headers := map[string]string{
		"Content-Type":        "application/zip",
		"Content-Disposition": `attachment; filename="` + v.Firm.Key + "-" + r.Now().Format("2006-01-02") + `.zip"`,
		"X-Accel-Buffering":   "no",
	}
	lasting := r.Lasting()
	readme := fmt.Sprintf("What %s keeps about %s, as of %s.\n", v.Firm.Name, v.Name, r.Now().UTC().Format(time.RFC1123)) +
		"data.json holds everything; each list is also a CSV file. Times are UTC.\nWhat you uploaded is in the folder files.\n"
	open := func(u upload) (io.ReadCloser, error) {
		return p.Files.Store.Open(lasting, files.Key(v.FirmID(), u.ID, ""))
	}
	return r.Write(headers, func(w io.Writer) error { return archive(w, readme, tables, uploads, open) })
}

// tables are what the platform keeps about the viewer, and what each section does.
func (p pages) tables(r *web.Request) ([]module.Table, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	a, err := accountOf(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	devices, err := auth.Devices(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	keys, err := factor.ListPasskeys(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	deeds, err := deedsOf(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	letters, err := lettersTo(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	uploads, err := uploadsOf(ctx, tx, v)
	if err != nil {
		return nil, err
	}
	tables := []module.Table{a.table(), sessionsTable(devices), passkeysTable(keys), deedsTable(deeds), lettersTable(letters), uploadsTable(uploads)}
	for _, m := range p.Catalog().Modules {
		if m.Own == nil {
			continue
		}
		more, err := m.Own(ctx, tx, v)
		if err != nil {
			return nil, fmt.Errorf("own data of %s: %w", m.ID, err)
		}
		tables = append(tables, more...)
	}
	return tables, nil
}

// table is one column a fact, for there is one person.
func (a account) table() module.Table {
	t := module.Table{Name: "account", Columns: []string{"what", "value"}}
	add := func(what, value string) {
		if value != "" {
			t.Rows = append(t.Rows, []string{what, value})
		}
	}
	add("name", a.Name)
	add("email", a.Email)
	add("language", a.Locale)
	add("time zone", a.Zone)
	add("colors", a.Theme)
	add("mails", a.Mails)
	add("known since", stamp(a.CreatedAt))
	add("last sign-in", stamp(a.LastSignInAt))
	if a.HasPassword {
		add("password", "set (only a hash is kept)")
	}
	add("authenticator app since", stamp(a.TotpAt))
	add("client", a.Client)
	add("name as contact", a.ContactName)
	add("title as contact", a.ContactTitle)
	add("email as contact", a.ContactEmail)
	add("phone as contact", a.ContactPhone)
	add("rights", strings.Join(a.Rights, ", "))
	add("invited", stamp(a.InvitedAt))
	add("accepted", stamp(a.AcceptedAt))
	add("role", a.Role)
	add("title", a.StaffTitle)
	add("phone", a.StaffPhone)
	return t
}

func sessionsTable(list []auth.Device) module.Table {
	t := module.Table{Name: "sessions", Columns: []string{"signed_in_at", "last_seen_at", "place", "ip", "browser"}}
	for _, d := range list {
		place := "office"
		if d.Side == auth.Portal {
			place = "portal" // of which client, is told in that client's portal
		}
		t.Rows = append(t.Rows, []string{stamp(d.SignedInAt), stamp(d.LastSeenAt), place, d.IP, d.Agent})
	}
	return t
}

func passkeysTable(list []factor.Passkey) module.Table {
	t := module.Table{Name: "passkeys", Columns: []string{"name", "created_at", "last_used_at"}}
	for _, k := range list {
		t.Rows = append(t.Rows, []string{k.Name, stamp(k.CreatedAt), stamp(k.LastUsedAt)})
	}
	return t
}

func deedsTable(list []deed) module.Table {
	t := module.Table{Name: "activity", Columns: []string{"at", "what", "text"}}
	for _, d := range list {
		t.Rows = append(t.Rows, []string{stamp(d.At), d.Verb, d.Text})
	}
	return t
}

func lettersTable(list []letter) module.Table {
	t := module.Table{Name: "mails", Columns: []string{"at", "kind", "to", "subject", "state"}}
	for _, l := range list {
		t.Rows = append(t.Rows, []string{stamp(l.At), l.Kind, l.SentTo, l.Subject, l.State})
	}
	return t
}

func uploadsTable(list []upload) module.Table {
	t := module.Table{Name: "files", Columns: []string{"at", "purpose", "name", "media", "bytes", "in_this_archive"}}
	for _, u := range list {
		t.Rows = append(t.Rows, []string{stamp(u.CreatedAt), u.Purpose, u.Name, u.Media, strconv.FormatInt(u.Size, 10), u.place()})
	}
	return t
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
