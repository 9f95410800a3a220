package view

import (
	"bytes"
	"html/template"
	"testing"
)

// FuzzMarkupEscapesAsTheTemplateDoes holds our one table against html/template itself.
func FuzzMarkupEscapesAsTheTemplateDoes(f *testing.F) {
	for _, text := range []string{"", "Ana & Tom", `<a href="x">'+'</a>`, "\x00\x7f\xff", "é\u2028\ufdd0", "&amp;"} {
		f.Add(text)
	}
	text := template.Must(template.New("").Parse(`<p>{{.}}</p><b title="{{.}}"></b>`))
	f.Fuzz(func(t *testing.T, s string) {
		var want bytes.Buffer
		if err := text.Execute(&want, s); err != nil {
			t.Fatal(err)
		}
		m := NewMarkup(nil)
		if got := string(m.Raw("<p>").Text(s).Raw(`</p><b title="`).Text(s).Raw(`"></b>`).Done()); got != want.String() {
			t.Errorf("%q was written as %s, want %s", s, got, want.String())
		}
	})
}

func TestMarkupWritesOnlyOwnAddresses(t *testing.T) {
	for path, want := range map[string]string{
		"/office/clients/1": "/office/clients/1", "javascript:alert(1)": "#", "//evil.example": "#", "": "#", `/a"b`: "/a&#34;b",
	} {
		m := NewMarkup(nil)
		if got := string(m.Path(path).Done()); got != want {
			t.Errorf("%q was written as %q, want %q", path, got, want)
		}
	}
}
