package web_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"portico/platform/access"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/module"
	"portico/platform/portaltest"
	"portico/platform/web"
)

// probe is a section that does what the tests here want to see.
type probe struct {
	mu    sync.Mutex
	kept  []string // words that handlers kept beyond their time
	hold  chan struct{}
	inner chan struct{}
}

func (p *probe) module() module.Module {
	staff := access.Staff("probe:use", access.Member)
	return module.Module{
		ID: "probe", Title: "Probe", Summary: "For tests.", Icon: "bug", Toggle: module.Always,
		Permissions: []access.Permission{staff},
		Views: fstest.MapFS{
			"views/form.html": {Data: []byte(`<h1>Probe</h1><form method="post" action="/office/probe">{{template "_csrf" .}}` +
				`{{template "_field" (args "Label" "Word" "Name" "word" "Value" .Word "Error" (.Error "word"))}}<button class="button">Keep</button></form>`)},
		},
		Mount: func(module.Platform) (module.Section, error) {
			return module.Section{
				Public: []web.Route{
					web.Get("/word/:word", access.Public, p.keep),
					web.Get("/who", access.Public, func(r *web.Request) error {
						return r.Text(r.Firm().Name + "|" + r.IP() + "|" + r.Origin())
					}),
					web.Get("/panic", access.Public, func(*web.Request) error { panic("a bug") }),
					web.Get("/writes", access.Public, func(r *web.Request) error {
						_, err := r.Tx().ExecContext(r.Context(), "update firm set name = 'changed'")
						return err
					}),
					web.Get("/hold", access.Public, func(r *web.Request) error {
						p.inner <- struct{}{}
						<-p.hold
						return r.Text("held")
					}),
					web.Get("/go", access.Public, func(r *web.Request) error { return r.Go(web.LocalPath(r.Query("to"))) }),
					web.Post("/often", access.Public, func(r *web.Request) error { return r.Text("ok") }).Tries("probe", 3, time.Minute),
					web.Post("/word", access.Public, p.word),
					web.Post("/file", access.Public, p.file).Upto(1 << 20),
				},
				Office: []web.Route{
					web.Get("/", staff, func(r *web.Request) error { return r.Show("probe/form", formView{Here: r.Here()}) }),
					web.Post("/", staff, p.change),
					web.Delete("/:id", staff, p.change),
					web.Post("/file", staff, p.file).Upto(1 << 20),
				},
			}, nil
		},
	}
}

func newProbe() *probe { return &probe{hold: make(chan struct{}), inner: make(chan struct{}, 1)} }

type formView struct {
	*web.Here
	Word string
}

// keep is what a careless handler does: it keeps what the request lent it.
func (p *probe) keep(r *web.Request) error {
	p.mu.Lock()
	p.kept = append(p.kept, r.Param("word"), r.Query("q"), r.Header("X-Word"), r.Cookie("word"), r.Host())
	p.mu.Unlock()
	return r.Text(r.Param("word"))
}

func (p *probe) word(r *web.Request) error {
	var form struct {
		Word string `form:"word"`
	}
	if err := r.Bind(&form); err != nil {
		return err
	}
	return r.Text("word " + form.Word)
}

func (p *probe) file(r *web.Request) error {
	var form struct {
		File *web.File `form:"file"`
	}
	if err := r.Bind(&form); err != nil {
		return err
	}
	if form.File == nil {
		return fault.Field("file", "Choose a file.")
	}
	return r.Text("file " + form.File.Name)
}

// change changes something that can be seen in the rows.
func (p *probe) change(r *web.Request) error {
	var form struct {
		Word string `form:"word"`
	}
	if err := r.Bind(&form); err != nil {
		return err
	}
	if form.Word == "" && r.Method() == "POST" && r.Param("id") == "" {
		return r.Again("probe/form", formView{Here: r.Here()}, fault.Field("word", "Enter a word."))
	}
	_, err := r.Tx().ExecContext(r.Context(), "update firm set website = ? where firm_id = ?", form.Word+r.Now().String(), r.Viewer().FirmID())
	if err != nil {
		return err
	}
	return r.Done(r.Path("probe"))
}

// strange is a request by somebody who is no browser of ours.
func strange(t *testing.T, site *portaltest.Site, method, path string, body io.Reader, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+site.Address()+path, body)
	must(t, err)
	r.Host = strings.TrimPrefix(site.URL(), "http://")
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		} else {
			r.Header.Add(headers[i], headers[i+1])
		}
	}
	answer, err := (&http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
	must(t, err)
	t.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	body, err := io.ReadAll(r.Body)
	must(t, err)
	return string(body)
}

var _ = context.Canceled
var _ = db.App
