package view

import (
	"html/template"
	"strings"
	"testing"
	"testing/fstest"

	"portico/platform/lang"
)

func TestTemplatesAreTranslatedWhereTheyAreParsed(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		`<h1>Your invoices</h1>`:                                                            `<h1>⟦Yöür ínvöíçés⟧</h1>`,
		`<p>Due {{.Day}}.</p>`:                                                              `<p>⟦Düé Friday.⟧</p>`,
		`<p>{{.Name}} · {{.Day}}</p>`:                                                       `<p>Ana &amp; Tom · Friday</p>`,
		`<p>{{.State}}</p>`:                                                                 `<p>⟦Övérdüé⟧</p>`,
		`<p class="Not Read">If <b>{{.Name}}</b> is known</p>`:                              `<p class="Not Read">⟦Íf <b>Ana &amp; Tom</b> ís knöwn⟧</p>`,
		`<p>See <a href="/x">the invoice</a>.</p>`:                                          `<p>⟦Šéé <a href="/x">⟦thé ínvöíçé⟧</a>.⟧</p>`,
		`<input aria-label="Search {{.Name}}" value="Search">`:                              `<input aria-label="⟦Šéárçh Ana &amp; Tom⟧" value="Search">`,
		`{{if .Day}}Paid{{else}}Open{{end}} now`:                                            `⟦Páíd⟧ ⟦nöw⟧`,
		`{{template "part" (args "Label" "Name" "Kind" "Late")}}`:                           `<i class="Late">⟦Námé⟧</i>`,
		`{{template "part" (args "Label" (print "At least " .Day " or more") "Kind" "x")}}`: `<i class="x">⟦Åt léást Friday ör möré⟧</i>`,
		`{{template "part" (args "Label" .State "Kind" "x")}}`:                              `<i class="x">⟦Övérdüé⟧</i>`,
		`<script>let Words = "Not Read"</script><p>Read</p>`:                                `<script>let Words = "Not Read"</script><p>⟦Réád⟧</p>`,
		`{{.N}} {{plural .N "file" "files"}}`:                                               `2 ⟦fílés⟧`,
		`{{if .Day}}<a href="/x">{{end}}Open{{if .Day}}</a>{{end}}`:                         `<a href="/x">⟦Öpén⟧</a>`,
	} {
		e, err := New(fstest.MapFS{
			"page.html": {Data: []byte(source)}, "part.html": {Data: []byte(`<i class="{{.Kind}}">{{.Label}}</i>`)},
		}, nil, template.FuncMap{})
		if err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		data := map[string]any{"Day": "Friday", "Name": "Ana & Tom", "State": lang.T("Overdue"), "N": 2}
		out := Buffer()
		if err := e.In(lang.Of(lang.Accents)).Draw(out, "page", data); err != nil {
			t.Fatalf("%s: %v", source, err)
		}
		if got := strings.TrimSpace(out.String()); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", source, got, want)
		}
	}
}
