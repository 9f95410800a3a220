package mail_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/lang"
	"portico/platform/mail"
)

func composer(t *testing.T) *mail.Composer {
	t.Helper()
	c, err := mail.OpenComposer(os.DirFS("../../views"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func signIn() mail.Letter {
	return mail.Letter{
		Firm: mail.Brand{
			Name: "Maple & Sons", Color: "#0b6e4f", Ink: "#fff", Phone: "555 0100", Email: "office@maple.test",
			Logo: mail.Inline{CID: "logo", Type: "image/png", Data: []byte("\x89PNG")},
		},
		Subject:  "Your link to Maple & Sons",
		Greeting: "Good morning, Ana <Rivera>",
		Lines: []string{"Press the button to see what is new in your project, what is to be paid and what is waiting for your signature.",
			"Nobody else can use it."},
		Button:   mail.Button{Label: "Sign in", URL: "https://portal.maple.test/l/" + strings.Repeat("t", 80) + "?a=1&b=2"},
		Code:     "K7QF-2M9X",
		CodeNote: "Or type this code where you started:",
		Small:    []string{"The link works once, for 15 minutes."},
	}
}

func TestALetterIsDrawnTwice(t *testing.T) {
	m, err := composer(t).Compose(signIn())
	if err != nil {
		t.Fatal(err)
	}
	button := signIn().Button.URL
	for _, want := range []string{"Good morning, Ana &lt;Rivera&gt;", "Maple &amp; Sons", `src="cid:logo"`, "background:#0b6e4f", "color:#fff",
		strings.ReplaceAll(button, "&", "&amp;"), "K7QF-2M9X"} {
		if !strings.Contains(m.HTML, want) {
			t.Errorf("HTML without %q:\n%s", want, m.HTML)
		}
	}
	for _, want := range []string{"Good morning, Ana <Rivera>\n", "Maple & Sons", "\n" + button + "\n", "\n    K7QF-2M9X\n", "\n-- \n", "15 minutes."} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("text without %q:\n%s", want, m.Text)
		}
	}
	if strings.Contains(m.HTML+m.Text, "ZgotmplZ") || strings.Contains(m.Text, "\n\n\n") {
		t.Errorf("drawn badly:\n%s\n%s", m.HTML, m.Text)
	}
	for line := range strings.Lines(m.Text) {
		if utf8.RuneCountInString(line) > 73 && !strings.HasPrefix(line, "https://") {
			t.Errorf("too long: %q", line)
		}
	}
	m.ID, m.To = uuid.Must(uuid.NewV7()), ana().To
	got := sent(t, m)
	if got.From.Name != "Maple & Sons" || got.Subject != "Your link to Maple & Sons" || got.Text != m.Text || len(got.Attachments) != 1 {
		t.Errorf("got %v %q %q", got.From, got.Subject, got.Text)
	}
	if !strings.Contains(got.Frame(), `src="data:image/png;base64,`) {
		t.Errorf("the frame shows no logo: %s", got.Frame())
	}
}

func TestALetterWithLittle(t *testing.T) {
	m, err := composer(t).Compose(mail.Letter{
		Firm: mail.Brand{Name: "Maple", LogoURL: "javascript:alert(1)", Color: "red;x:expression(1)"}, Subject: "Hello", Lines: []string{"Hello."},
		Unsubscribe: "https://portal.maple.test/u/1",
	})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(m.HTML, "<img") || strings.Contains(m.HTML, "expression") || strings.Contains(m.HTML, "javascript") {
		t.Errorf("drawn: %s", m.HTML)
	}
	if m.Unsubscribe == "" || !strings.Contains(m.HTML, m.Unsubscribe) || !strings.Contains(m.Text, m.Unsubscribe) || len(m.Inline) != 0 {
		t.Errorf("got %+v", m)
	}
}

func TestALetterThatCannotBeMeant(t *testing.T) {
	for name, spoil := range map[string]func(*mail.Letter){
		"no firm":         func(l *mail.Letter) { l.Firm.Name = "" },
		"no subject":      func(l *mail.Letter) { l.Subject = "" },
		"no line":         func(l *mail.Letter) { l.Lines = nil },
		"no label":        func(l *mail.Letter) { l.Button.Label = "" },
		"relative button": func(l *mail.Letter) { l.Button.URL = "/portal" },
		"script button":   func(l *mail.Letter) { l.Button.URL = "javascript:alert(1)" },
	} {
		l := signIn()
		spoil(&l)
		if _, err := composer(t).Compose(l); err == nil {
			t.Errorf("%s: composed", name)
		}
	}
}

func TestABrokenFrameStopsTheProgram(t *testing.T) {
	for name, files := range map[string]fstest.MapFS{
		"none":     {},
		"only one": {"mail/frame.html": {Data: []byte("x")}},
		"broken":   {"mail/frame.html": {Data: []byte("{{if}}")}, "mail/frame.txt": {Data: []byte("x")}},
		"unknown":  {"mail/frame.html": {Data: []byte("x")}, "mail/frame.txt": {Data: []byte("{{.Nothing}}")}},
	} {
		if _, err := mail.OpenComposer(files); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

func TestAMailIsReadFromTheRight(t *testing.T) {
	m, err := composer(t).Compose(mail.Letter{Firm: mail.Brand{Name: "A"}, Reader: lang.Of(lang.Mirrored), Subject: "A", Markdown: "- one\n\n> two", Code: "1234"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<html lang="ar" dir="rtl">`, `padding:0 22px 0 0`, `border-right:3px`, `<p class="code big" dir="ltr"`} {
		if !strings.Contains(m.HTML, want) {
			t.Errorf("no %s in\n%s", want, m.HTML)
		}
	}
	if strings.Contains(m.HTML, "border-left:3px") {
		t.Error("a quotation has its bar on the left")
	}
}
