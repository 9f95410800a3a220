package mail_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/mail"
)

func TestAMailIsKeptOnceHoweverOftenItIsSent(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "yet", "there")
	m := ana()
	var wg sync.WaitGroup
	for range 20 {
		capture, err := mail.OpenCapture(dir) // as many processes would
		if err != nil {
			t.Fatal(err)
		}
		wg.Go(func() {
			if err := capture.Send(context.Background(), m); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || !regexp.MustCompile(`^\d{19}-`+m.ID.String()+`\.eml$`).MatchString(entries[0].Name()) {
		t.Errorf("got %v", entries)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	capture, _ := mail.OpenCapture(dir)
	if err := capture.Send(stopped, ana()); !mail.IsTemporary(err) {
		t.Errorf("after the end: %v", err)
	}
}

func TestAFullDiskDelaysMail(t *testing.T) {
	dir := t.TempDir()
	capture, err := mail.OpenCapture(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := capture.Send(t.Context(), ana()); !mail.IsTemporary(err) {
		t.Errorf("got %v", err)
	}
}

func TestMailboxListsFindsAndClears(t *testing.T) {
	dir := t.TempDir()
	capture, err := mail.OpenCapture(dir)
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for i := range 5 {
		m := ana()
		m.ID = uuid.Must(uuid.NewV7())
		m.Subject = fmt.Sprintf("Invoice %d", i)
		m.Text = strings.Repeat("Küche ", i)
		if i == 0 {
			m.Text = "Bad"
		}
		ids = append(ids, m.ID.String())
		if err := capture.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	box := mail.OpenMailbox(dir)
	for _, c := range []struct {
		limit, offset int
		search        string
		want          string
		total         int
	}{
		{10, 0, "", "4 3 2 1 0", 5},
		{2, 0, "", "4 3", 5},
		{2, 4, "", "0", 5},
		{2, 9, "", "", 5},
		{-1, -1, "", "", 5},
		{10, 0, "KÜCHE", "4 3 2 1", 4},
		{2, 1, "küche", "3 2", 4},
		{10, 0, "rivera invoice bad", "0", 1},
		{10, 0, "sam@maple.test", "4 3 2 1 0", 5},
		{10, 0, "nobody", "", 0},
	} {
		page, total, err := box.List(c.limit, c.offset, c.search)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range page {
			got = append(got, strings.TrimPrefix(m.Subject, "Invoice "))
		}
		if strings.Join(got, " ") != c.want || total != c.total {
			t.Errorf("%+v: got %v of %d", c, got, total)
		}
	}
	if m, err := box.Get(ids[2]); err != nil || m.Subject != "Invoice 2" {
		t.Errorf("got %q %v", m.Subject, err)
	}
	for _, none := range []string{"", "nobody", "../../etc/passwd", uuid.NewString()} {
		if _, err := box.Get(none); !fault.Is(err, fault.Missing) {
			t.Errorf("%q: got %v", none, err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := box.Clear(); err != nil {
		t.Fatal(err)
	}
	if _, total, err := box.List(10, 0, ""); err != nil || total != 0 {
		t.Errorf("%d left, %v", total, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "notes.txt")); err != nil {
		t.Error("what is no mail was cleared away")
	}
	if page, total, err := mail.OpenMailbox(filepath.Join(dir, "nowhere")).List(10, 0, ""); len(page)+total != 0 || err != nil {
		t.Errorf("a folder that is not there: %v %d %v", page, total, err)
	}
}

func TestMailboxShowsOddFiles(t *testing.T) {
	dir := t.TempDir()
	odd := map[string]string{
		"empty.eml":      "",
		"garbage.eml":    "\x00\xff\xfe no headers at all",
		"noend.eml":      "Subject: cut\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhalf",
		"noboundary.eml": "Subject: no boundary\r\nContent-Type: multipart/mixed\r\n\r\nx",
		"badbase64.eml":  "Subject: bad\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
		"latin1.eml":     "Subject: =?iso-8859-1?q?Gr=FC=DFe?=\r\nFrom: not an address\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe",
		"html.eml":       "Subject: html\r\nContent-Type: text/html\r\n\r\n<b>x</b>",
		"file.eml":       "Subject: file\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"=?utf-8?q?Pl=C3=A4ne.pdf?=\"\r\n\r\nPDF\r\n--b--\r\n",
		"deep.eml":       "Subject: deep\r\n" + strings.Repeat("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n", 40) + "\r\nx",
		"-5-x.eml":       "Subject: odd name\r\n\r\nx",
		".half-1.eml":    "Subject: never seen\r\n\r\nx",
	}
	for name, raw := range odd {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(raw), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.eml"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "link.eml")); err != nil {
		t.Fatal(err)
	}
	box := mail.OpenMailbox(dir)
	page, total, err := box.List(100, 0, "")
	if err != nil || total != len(odd)-1 || len(page) != total {
		t.Fatalf("%d of %d, %v", len(page), total, err)
	}
	for _, m := range page {
		if m.Date.IsZero() || string(m.Raw) != odd[m.ID+".eml"] {
			t.Errorf("%s: date %v raw %q", m.ID, m.Date, m.Raw)
		}
	}
	get := func(id string) mail.Received {
		t.Helper()
		m, err := box.Get(id)
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		return m
	}
	for _, id := range []string{"empty", "garbage", "noend", "noboundary", "badbase64"} {
		if get(id).Problem == "" {
			t.Errorf("%s: nothing is said about it", id)
		}
	}
	if m := get("noend"); m.Subject != "cut" || m.Text != "half" {
		t.Errorf("noend: %q %q", m.Subject, m.Text)
	}
	if m := get("latin1"); m.Subject != "Grüße" || m.Text != "Grüße" || m.From.Name != "not an address" {
		t.Errorf("latin1: %+v", m)
	}
	if m := get("html"); m.HTML != "<b>x</b>" || m.Frame() != m.HTML {
		t.Errorf("html: %+v", m)
	}
	if m := get("file"); m.Text != "hello" || m.Attachments[0].Name != "Pläne.pdf" || string(m.Attachments[0].Data) != "PDF" {
		t.Errorf("file: %+v", m)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := mail.Parse(raw)
		_ = m.Frame()
	})
}
