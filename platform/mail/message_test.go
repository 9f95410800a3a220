package mail_test

import (
	"bytes"
	"context"
	"io"
	netmail "net/mail"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/mail"
)

func ana() mail.Message {
	return mail.Message{
		ID:      uuid.Must(uuid.NewV7()),
		From:    netmail.Address{Name: "Maple Builders", Address: "mail@portico.test"},
		ReplyTo: netmail.Address{Name: "Sam Maple", Address: "sam@maple.test"},
		To:      netmail.Address{Name: "Ana Rivera", Address: "ana@rivera.test"},
		Subject: "Your sign-in link",
		Text:    "Good morning, Ana\n",
		HTML:    "<p>Good morning, Ana</p>",
		Kind:    "auth:sign_in",
	}
}

// sent gives the mail as it lies in a mailbox.
func sent(t *testing.T, m mail.Message) mail.Received {
	t.Helper()
	capture, err := mail.OpenCapture(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if err := capture.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, err := capture.Mailbox().Get(m.ID.String())
	if err != nil {
		t.Fatal(err)
	}
	if got.Problem != "" {
		t.Errorf("problem: %s", got.Problem)
	}
	for line := range bytes.Lines(got.Raw) {
		if len(line) > 998 || !bytes.HasSuffix(line, []byte("\r\n")) {
			t.Errorf("line of %d bytes: %q", len(line), line)
		}
		for _, b := range line {
			if b > '~' {
				t.Fatalf("not ASCII on the wire: %q", line)
			}
		}
	}
	return got
}

func TestNamesOfTheWorldArriveAsWritten(t *testing.T) {
	for script, name := range map[string]string{
		"Latin":    "Zoë Núñez-O'Brien, Jr. \"Zo\"",
		"Greek":    "Αλέξανδρος Παπαδόπουλος",
		"Cyrillic": "Юлия Щербакова",
		"Arabic":   "محمد بن عبد الله",
		"Hebrew":   "שרה לוי",
		"Chinese":  "欧阳娜娜",
		"Japanese": "山田 太郎、東京",
		"Thai":     "สมชาย ใจดี",
		"long":     strings.TrimSpace(strings.Repeat("Ståle Ødegård-Ångström ", 8)),
		"ASCII":    strings.TrimSpace(strings.Repeat("Bartholomew Featherstonehaugh ", 6)),
		"one word": strings.Repeat("x", 199),
	} {
		t.Run(script, func(t *testing.T) {
			m := ana()
			m.To.Name, m.From.Name, m.ReplyTo.Name = name, name, name
			m.Subject = "A message from " + name
			if utf8.RuneCountInString(m.Subject) > 200 {
				m.Subject = name
			}
			m.Text = name + "\n" + strings.Repeat(name+" ", 50) + "\n"
			got := sent(t, m)
			if got.To[0] != m.To || got.From != m.From || got.ReplyTo != m.ReplyTo {
				t.Errorf("to %q\nfrom %q\nreply %q", got.To, got.From, got.ReplyTo)
			}
			if got.Subject != m.Subject {
				t.Errorf("subject %q, want %q", got.Subject, m.Subject)
			}
			if got.Text != m.Text {
				t.Errorf("text %q, want %q", got.Text, m.Text)
			}
		})
	}
}

func TestASubjectThatIsALetterIsCut(t *testing.T) {
	m := ana()
	m.Subject = strings.Repeat("Щ", 900)
	got := sent(t, m).Subject
	if utf8.RuneCountInString(got) > 200 || !strings.HasSuffix(got, "…") {
		t.Errorf("got %d characters: %q", utf8.RuneCountInString(got), got)
	}
}

func TestNoHeaderCanBeBrokenOutOf(t *testing.T) {
	for _, evil := range []string{"x\r\nBcc: all@victim.test", "x\nBcc: all@victim.test", "x\rBcc: all@victim.test", "x\x00y"} {
		for field, plant := range map[string]func(*mail.Message){
			"from name":     func(m *mail.Message) { m.From.Name = evil },
			"from address":  func(m *mail.Message) { m.From.Address = evil + "@x.test" },
			"reply name":    func(m *mail.Message) { m.ReplyTo.Name = evil },
			"reply address": func(m *mail.Message) { m.ReplyTo.Address = "x@x.test" + evil },
			"to name":       func(m *mail.Message) { m.To.Name = evil },
			"to address":    func(m *mail.Message) { m.To.Address = evil },
			"subject":       func(m *mail.Message) { m.Subject = evil },
			"unsubscribe":   func(m *mail.Message) { m.Unsubscribe = "https://x.test/" + evil },
			"kind":          func(m *mail.Message) { m.Kind = evil },
			"picture's ID":  func(m *mail.Message) { m.Inline = []mail.Inline{{CID: evil, Type: "image/png"}} },
			"picture's type": func(m *mail.Message) {
				m.Inline = []mail.Inline{{CID: "logo", Type: evil}}
			},
		} {
			m := ana()
			plant(&m)
			capture, err := mail.OpenCapture(t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if err := capture.Send(t.Context(), m); !mail.IsPermanent(err) {
				t.Errorf("%s: %q: got %v", field, evil, err)
			}
		}
	}
}

func TestAnAddressThatIsNoneBounces(t *testing.T) {
	capture, err := mail.OpenCapture(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, none := range []string{"", "ana", "@x.test", "ana@", "ana@x.test, bob@x.test", "ana@x test", "<ana@x.test>", "ana@x_.test>",
		strings.Repeat("a", 300) + "@x.test"} {
		m := ana()
		m.To.Address = none
		if err := capture.Send(t.Context(), m); !mail.IsBounced(err) {
			t.Errorf("%q: got %v", none, err)
		}
	}
	for in, want := range map[string]string{
		"ana+portal@x.test": "ana+portal@x.test",
		"o'brien@x.test":    "o'brien@x.test",
		"ana@bücher.test":   "ana@xn--bcher-kva.test",
	} {
		m := ana()
		m.To.Address = in
		if got := sent(t, m).To[0].Address; got != want {
			t.Errorf("%q: got %q", in, got)
		}
	}
}

func TestHeadersOfANotice(t *testing.T) {
	m := ana()
	m.Firm = uuid.Must(uuid.NewV7())
	m.Date = time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC)
	m.Unsubscribe = "https://portal.test/unsubscribe/" + strings.Repeat("t", 200)
	got := sent(t, m)
	for name, want := range map[string]string{
		"Message-Id":            "<" + m.ID.String() + "@portico.test>",
		"List-Unsubscribe":      "<" + m.Unsubscribe + ">",
		"List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
		"Auto-Submitted":        "auto-generated",
		"Date":                  "Thu, 03 Dec 2026 09:00:00 +0000",
		"Mime-Version":          "1.0",
		"User-Agent":            "",
		"X-Mailer":              "",
	} {
		if got := got.Headers.Get(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got.Firm != m.Firm || got.Kind != m.Kind || !got.Date.Equal(m.Date) {
		t.Errorf("got %v %v %v", got.Firm, got.Kind, got.Date)
	}

	m = ana() // not a notice: nothing to unsubscribe from; the date is the ID's
	got = sent(t, m)
	if got.Headers.Get("List-Unsubscribe")+got.Headers.Get("List-Unsubscribe-Post") != "" {
		t.Error("a sign-in link can be unsubscribed from")
	}
	sec, _ := m.ID.Time().UnixTime()
	if got.Date.Unix() != sec {
		t.Errorf("date %v", got.Date)
	}

	m = ana() // one click needs https (RFC 8058), a demo on this machine has none
	m.Unsubscribe = "http://localhost:8080/unsubscribe/t"
	got = sent(t, m)
	if got.Headers.Get("List-Unsubscribe") == "" || got.Headers.Get("List-Unsubscribe-Post") != "" {
		t.Error("one click without https")
	}
	for _, bad := range []string{"mailto:x@x.test", "javascript:alert(1)", "/unsubscribe"} {
		m.Unsubscribe = bad
		capture, _ := mail.OpenCapture(t.TempDir())
		if err := capture.Send(context.Background(), m); !mail.IsPermanent(err) {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}

func TestBothPartsAndThePictureParseBack(t *testing.T) {
	logo := []byte("\x89PNG\r\n\x1a\n" + strings.Repeat("pixels", 100))
	m := ana()
	m.HTML = `<html><head></head><body><img src="cid:logo"><img src="cid:logo2"><p>Grüße = <b>viel</b></p></body></html>`
	m.Inline = []mail.Inline{{CID: "logo", Type: "image/png", Data: logo}}
	got := sent(t, m)
	if got.Text != m.Text || got.HTML != m.HTML {
		t.Errorf("text %q html %q", got.Text, got.HTML)
	}
	if len(got.Attachments) != 1 || got.Attachments[0].CID != "logo" || !bytes.Equal(got.Attachments[0].Data, logo) {
		t.Fatalf("attachments %+v", got.Attachments)
	}
	frame := got.Frame()
	if !strings.Contains(frame, `<img src="data:image/png;base64,iVBORw0KGgp`) || !strings.Contains(frame, `"cid:logo2"`) {
		t.Errorf("frame %q", frame)
	}
	if !strings.Contains(frame, `<head><base target="_blank">`) {
		t.Errorf("links stay in the frame: %q", frame)
	}
	// The standard library agrees about the outermost layer.
	std, err := netmail.ReadMessage(bytes.NewReader(got.Raw))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(std.Header.Get("Content-Type"), "multipart/related") {
		t.Errorf("content type %q", std.Header.Get("Content-Type"))
	}
	if _, err := io.Copy(io.Discard, std.Body); err != nil {
		t.Fatal(err)
	}
}
