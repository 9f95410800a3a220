package markdown_test

import (
	"strings"
	"testing"

	"portico/platform/markdown"
)

func TestAMailIsDressedAndHarmsNobody(t *testing.T) {
	html := string(markdown.Mail("## Hello\n\nSee [us](https://a.example) <script>alert(1)</script>\n\n- one\n- two\n\n![x](https://spy.example/x.png)"))
	for _, want := range []string{`<h1 class="ink" style=`, `<p style=`, `<ul style=`, `<li style=`, `<a style=`, `href="https://a.example"`} {
		if !strings.Contains(html, want) {
			t.Errorf("%q is missing in %s", want, html)
		}
	}
	for _, bad := range []string{"<script", "<img", "<p>"} {
		if strings.Contains(html, bad) {
			t.Errorf("%q is in %s", bad, html)
		}
	}
}

func TestWhatIsEscapedIsShownAsItIs(t *testing.T) {
	for _, name := range []string{"*Star* & Sons", "1. First", "<b>x</b>", "[a](http://b.example)", "www.example.com", "a_b_c", "`x`", "# head", "&amp;", `back\slash`, "- dash", "Łucja 李"} {
		escaped := markdown.Escape(name)
		if got := markdown.Plain(escaped); got != name {
			t.Errorf("%q is read as %q", name, got)
		}
		html := string(markdown.HTML(escaped, 0))
		if strings.Contains(html, "<a") || strings.Contains(html, "<em") || strings.Contains(html, "<b>") || !strings.HasPrefix(html, "<p>") {
			t.Errorf("%q is drawn as %s", name, html)
		}
	}
}

func TestPlainTextKeepsItsShape(t *testing.T) {
	got := markdown.Plain("# Welcome\n\nOne line\nand *another* with [a link](https://a.example/x?y=1\\&z=2).\n\n- first\n- second\n  - inner\n\n1. a\n2. b\n\n> said\n> twice\n\n***\nEnd")
	want := "Welcome\n\nOne line\nand another with a link (https://a.example/x?y=1&z=2).\n\n- first\n- second\n  - inner\n\n1. a\n2. b\n\n> said\n> twice\n\n* * *\n\nEnd"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestLinksThatOpenFromAnywhere(t *testing.T) {
	found := markdown.Links("[a](https://a.example) [b](/portal) [c](mailto:x@y.example)")
	if len(found) != 3 || !markdown.Whole(found[0]) || markdown.Whole(found[1]) || !markdown.Whole(found[2]) || markdown.Whole("javascript:alert(1)") {
		t.Errorf("%v", found)
	}
}
