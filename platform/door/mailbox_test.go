package door_test

import (
	"log/slog"
	netmail "net/mail"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"portico/platform/config"
	"portico/platform/host"
	"portico/platform/id"
	"portico/platform/mail"
	"portico/platform/secret"
)

// mailHouse is a house without stores, whose mails are kept.
func mailHouse(t *testing.T, kept ...mail.Message) *host.Host {
	t.Helper()
	capture, err := mail.OpenCapture(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range kept {
		m.ID, m.Date, m.Kind = id.New(), time.Now(), "door:link"
		m.From = netmail.Address{Name: "Northgate", Address: "portal@example.com"}
		if err := capture.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Parse(map[string]string{
		"DATABASE_URL": "postgres://nobody@localhost/none", "REDIS_URL": "redis://localhost:1/0", "PORTICO_DATA_DIR": t.TempDir(),
	})
	if err != nil {
		t.Fatal(err)
	}
	box := capture.Mailbox()
	h, err := host.Open(host.Options{
		Config: c, Log: slog.New(slog.DiscardHandler), Now: time.Now, Key: secret.NewKey(), Transport: capture, Mailbox: &box,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	return h
}

func fetch(h *host.Host, path string, headers ...string) *fasthttp.Response {
	var c fasthttp.RequestCtx
	c.Request.SetRequestURI(path)
	c.Request.Header.SetHost("localhost")
	for i := 0; i+1 < len(headers); i += 2 {
		c.Request.Header.Set(headers[i], headers[i+1])
	}
	h.Web.Handler()(&c)
	return &c.Response
}

func TestTheMailboxShowsMailsToWhoeverHasItsKey(t *testing.T) {
	ana := netmail.Address{Name: "Ana Rivera", Address: "ana@example.com"}
	h := mailHouse(t,
		mail.Message{To: ana, Subject: "The first one", Text: "Hello"},
		mail.Message{To: ana, Subject: "Tiles & <script>", Text: "Plain words", HTML: "<html><head></head><body><p>Drawn words</p></body></html>"},
	)
	path := strings.TrimPrefix(h.MailboxURL(), h.Config.URL)
	if got := fetch(h, "/mailbox/guessed").StatusCode(); got != 404 {
		t.Errorf("without the key: %d", got)
	}
	list := string(fetch(h, path).Body())
	newest, oldest := strings.Index(list, "Tiles &amp; &lt;script&gt;"), strings.Index(list, "The first one")
	if newest < 0 || oldest < newest {
		t.Errorf("not newest first (%d, %d):\n%s", newest, oldest, list)
	}
	if found := string(fetch(h, path+"?q=plain").Body()); !strings.Contains(found, "Tiles") || strings.Contains(found, "The first one") {
		t.Errorf("search finds:\n%s", found)
	}
	if part := string(fetch(h, path, "HX-Request", "true").Body()); strings.Contains(part, "<html") || !strings.Contains(part, `hx-trigger="every 3s"`) {
		t.Errorf("the poll is answered by:\n%s", part)
	}

	start := strings.Index(list, path+"/")
	mailPath := list[start : start+strings.IndexByte(list[start:], '"')]
	page := string(fetch(h, mailPath).Body())
	if !strings.Contains(page, "Plain words") || !strings.Contains(page, `<iframe`) || strings.Contains(page, "Drawn words") {
		t.Errorf("the mail's page:\n%s", page)
	}
	frame := fetch(h, mailPath+"/html")
	if !strings.Contains(string(frame.Body()), "Drawn words") || string(frame.Header.Peek("Content-Security-Policy")) != mail.FramePolicy {
		t.Errorf("the frame: %s", frame)
	}
	if got := fetch(h, path+"/no-such-mail").StatusCode(); got != 404 {
		t.Errorf("a mail that is not there: %d", got)
	}
}
