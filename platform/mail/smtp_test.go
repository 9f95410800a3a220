package mail_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/mail"
	"portico/platform/mail/mailtest"
)

func open(t *testing.T, url string) *mail.SMTP {
	t.Helper()
	transport, err := mail.OpenSMTP(url)
	if err != nil {
		t.Fatal(err)
	}
	return transport
}

// discreet fails when an error tells what must not stand in a log.
func discreet(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, secret := range []string{mailtest.Password, url.QueryEscape(mailtest.Password), mailtest.User, "@rivera", "rivera.test"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q is told in: %v", secret, err)
		}
	}
}

func TestMailArrives(t *testing.T) {
	for name, c := range map[string]struct {
		options []mailtest.Option
		tls     bool
	}{
		"STARTTLS": {nil, true},
		"TLS":      {[]mailtest.Option{mailtest.Implicit}, true},
		"clear":    {[]mailtest.Option{mailtest.Plain}, false},
		"UTF8":     {[]mailtest.Option{mailtest.UTF8}, true},
	} {
		t.Run(name, func(t *testing.T) {
			server := mailtest.Start(t, c.options...)
			transport := open(t, server.URL)
			if err := transport.Check(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := len(server.Messages()); n != 0 {
				t.Fatalf("a check sent %d mails", n)
			}
			m := ana()
			m.From.Address = "" // the installation's
			m.Text = ".\n..\nFrom the beginning\n" + strings.Repeat("long ", 500) + "\n"
			if err := transport.Send(t.Context(), m); err != nil {
				t.Fatal(err)
			}
			got := server.WaitFor(1)[0]
			if got.Sender != "mail@portico.test" || got.Recipient != "ana@rivera.test" || got.TLS != c.tls {
				t.Errorf("envelope %q %q %v", got.Sender, got.Recipient, got.TLS)
			}
			if c.tls && got.User != mailtest.User {
				t.Errorf("user %q", got.User)
			}
			if got.From.Name != "Maple Builders" || got.From.Address != "mail@portico.test" || got.ReplyTo != m.ReplyTo {
				t.Errorf("from %v, reply to %v", got.From, got.ReplyTo)
			}
			if got.ID != m.ID.String() || got.Text != m.Text || got.HTML != m.HTML {
				t.Errorf("id %q text %q html %q", got.ID, got.Text, got.HTML)
			}
			if latest := server.WaitForTo("ANA@rivera.test"); latest.ID != got.ID {
				t.Errorf("latest %q", latest.ID)
			}
			server.Forget()
			if len(server.Messages()) != 0 {
				t.Error("remembers")
			}
		})
	}
}

func TestRefusalsOfOnePerson(t *testing.T) {
	server := mailtest.Start(t)
	transport := open(t, server.URL)
	for who, want := range map[string]func(error) bool{
		mailtest.Bounce: mail.IsBounced,
		mailtest.Full:   mail.IsBounced,
		mailtest.Slow:   mail.IsTemporary,
		mailtest.Policy: mail.IsPermanent,
	} {
		m := ana()
		m.To.Address = who + "@rivera.test"
		err := transport.Send(t.Context(), m)
		if !want(err) {
			t.Errorf("%s: got %v", who, err)
		}
		discreet(t, err)
	}
	var bounced *mail.Bounced
	m := ana()
	m.To.Address = "bounce@rivera.test"
	if err := transport.Send(t.Context(), m); !errors.As(err, &bounced) || bounced.Code != 550 || !strings.HasPrefix(bounced.Text, "5.1.1 ") {
		t.Errorf("got %+v", bounced)
	}
	if n := len(server.Messages()); n != 0 {
		t.Errorf("%d arrived", n)
	}
}

func TestFaultsOfTheServer(t *testing.T) {
	server := mailtest.Start(t)
	for _, c := range []struct {
		fault mailtest.Fault
		want  func(error) bool
		kept  int
	}{
		{mailtest.Down, mail.IsTemporary, 0},
		{mailtest.Busy, mail.IsTemporary, 0},
		{mailtest.NoLogin, mail.IsPermanent, 0},
		{mailtest.Unsigned, mail.IsPermanent, 0},
		{mailtest.LostMail, mail.IsTemporary, 0},
		{mailtest.LostWord, mail.IsTemporary, 1},
	} {
		server.Forget()
		server.BreakFor(1, c.fault)
		transport := open(t, server.URL) // no conversation goes on from before
		m := ana()
		err := transport.Send(t.Context(), m)
		if !c.want(err) {
			t.Errorf("fault %d: got %v", c.fault, err)
		}
		discreet(t, err)
		if n := len(server.WaitFor(c.kept)); n != c.kept {
			t.Errorf("fault %d: %d arrived", c.fault, n)
		}
		if err := transport.Send(t.Context(), m); err != nil {
			t.Errorf("fault %d: after it healed: %v", c.fault, err)
		}
		mails := server.WaitFor(c.kept + 1)
		for _, got := range mails {
			if got.ID != m.ID.String() {
				t.Errorf("fault %d: a repetition is called %q", c.fault, got.ID)
			}
		}
		if len(mails) != c.kept+1 {
			t.Errorf("fault %d: %d arrived in the end", c.fault, len(mails))
		}
	}
}

func TestAServerThatNeverAnswersIsLeft(t *testing.T) {
	server := mailtest.Start(t)
	server.Break(mailtest.Silent)
	transport := open(t, server.URL)

	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- transport.Send(ctx, ana()) }()
	server.WaitForVisits(1)
	cancel()
	if err := <-done; !mail.IsTemporary(err) || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}

	ctx, cancel = context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := transport.Check(ctx); !mail.IsTemporary(err) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "in time") {
		t.Errorf("late: %v", err)
	}

	server.Heal()
	if err := transport.Send(t.Context(), ana()); err != nil {
		t.Errorf("healed: %v", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	server := mailtest.Start(t)
	transport := open(t, server.URL)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if err := transport.Send(t.Context(), ana()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	ids := map[string]bool{}
	for _, m := range server.WaitFor(20) {
		ids[m.ID] = true
	}
	if len(ids) != 20 {
		t.Errorf("%d arrived", len(ids))
	}
}

func TestOneConversationCarriesManyMails(t *testing.T) {
	server := mailtest.Start(t)
	transport := open(t, server.URL)
	for range 150 {
		if err := transport.Send(t.Context(), ana()); err != nil {
			t.Fatal(err)
		}
	}
	if n := server.Visits(); n != 2 || len(server.WaitFor(150)) != 150 {
		t.Errorf("%d connections for 150 mails, of which %d arrived", n, len(server.Messages()))
	}
	// the caller of the first mail is gone, that of the second stays
	ctx, cancel := context.WithCancel(t.Context())
	if err := transport.Send(ctx, ana()); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := transport.Send(t.Context(), ana()); err != nil {
		t.Error(err)
	}
	if n := server.Visits(); n != 2 {
		t.Errorf("a cancelled caller took the connection along: %d", n)
	}
}

func TestAServerThatHungUpMeanwhileIsCalledAgain(t *testing.T) {
	server := mailtest.Start(t)
	transport := open(t, server.URL)
	if err := transport.Send(t.Context(), ana()); err != nil {
		t.Fatal(err)
	}
	for _, f := range []mailtest.Fault{mailtest.Busy, mailtest.HungUp} {
		server.BreakFor(1, f)
		if err := transport.Send(t.Context(), ana()); err != nil {
			t.Errorf("fault %d: %v", f, err)
		}
	}
	if n := len(server.Messages()); n != 3 {
		t.Errorf("%d arrived, not 3", n)
	}
	// after DATA nobody knows: it is the job that says it again, with the same Message-ID
	server.BreakFor(1, mailtest.LostWord)
	if err := transport.Send(t.Context(), ana()); !mail.IsTemporary(err) {
		t.Errorf("a lost word: %v", err)
	}
	if n := len(server.WaitFor(4)); n != 4 {
		t.Errorf("%d arrived, not 4", n)
	}
}

func TestCheckSaysWhatToMend(t *testing.T) {
	starttls, implicit, plain := mailtest.Start(t), mailtest.Start(t, mailtest.Implicit), mailtest.Start(t, mailtest.Plain)
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := nobody.Addr().String()
	nobody.Close()
	for name, c := range map[string]struct {
		url  string
		want func(error) bool
		says string
	}{
		"wrong password":    {strings.Replace(starttls.URL, "100%25", "99", 1), mail.IsPermanent, "does not accept this user and password"},
		"no password":       {withoutUser(starttls.URL), mail.IsPermanent, "wants a user and password"},
		"unknown authority": {starttls.With("ca", ""), mail.IsPermanent, "is not trusted"},
		"unknown to smtps":  {implicit.With("ca", ""), mail.IsPermanent, "is not trusted"},
		"smtps on 587":      {strings.Replace(starttls.With("tls", ""), "smtp:", "smtps:", 1), mail.IsPermanent, "does not speak TLS at once"},
		"no STARTTLS":       {plain.With("tls", "required"), mail.IsPermanent, "offers no encryption"},
		"no login offered":  {strings.Replace(plain.URL, "//", "//ana:secret@", 1), mail.IsPermanent, "offers no login"},
		"nobody listens":    {"smtp://ana:secret@" + gone, mail.IsTemporary, "no answer from " + gone},
	} {
		err := open(t, c.url).Check(t.Context())
		if !c.want(err) || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), "SMTP_URL") {
			t.Errorf("%s: %v", name, err)
		}
		discreet(t, err)
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	starttls.Break(mailtest.Busy)
	if err := open(t, starttls.URL).Check(t.Context()); !mail.IsTemporary(err) {
		t.Errorf("busy: %v", err)
	}
	// On this machine encryption is taken when offered, whoever signed for it.
	starttls.Heal()
	local, _ := url.Parse(starttls.With("ca", ""))
	query := local.Query()
	query.Del("tls")
	local.RawQuery = query.Encode()
	if err := open(t, local.String()).Send(t.Context(), ana()); err != nil {
		t.Errorf("local: %v", err)
	}
	if got := starttls.WaitFor(1)[0]; !got.TLS {
		t.Error("local: STARTTLS was offered and not taken")
	}
}

func withoutUser(raw string) string {
	u, _ := url.Parse(raw)
	u.User = nil
	return u.String()
}

func TestAddressesBeyondASCII(t *testing.T) {
	old, modern := mailtest.Start(t), mailtest.Start(t, mailtest.UTF8)
	m := ana()
	m.To.Address = "анна@bücher.test"
	if err := open(t, old.URL).Send(t.Context(), m); !mail.IsBounced(err) {
		t.Errorf("a server that knows only ASCII: %v", err)
	}
	if err := open(t, modern.URL).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := modern.WaitFor(1)[0].Recipient; got != "анна@xn--bcher-kva.test" {
		t.Errorf("recipient %q", got)
	}
}

func TestSMTPURLIsCheckedWithoutTellingIt(t *testing.T) {
	none := t.TempDir() + "/none.pem"
	empty := t.TempDir() + "/empty.pem"
	if err := os.WriteFile(empty, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	for raw, says := range map[string]string{
		"":                                                  "write smtp://",
		"mail.example.com":                                  "write smtp://",
		"mail.example.com:587":                              "write smtp://",
		"http://mail.example.com":                           "begins with smtp://",
		"smtp://":                                           "write smtp://",
		"smtp://u:sec/ret@mail.example.com":                 "percent-encode",
		"smtp://u:sec#ret@mail.example.com":                 "percent-encode",
		"smtp://u:123#secret@mail.x.com":                    "percent-encode",
		"smtp://u:1?secret@mail.x.com":                      "%3F",
		"smtp://u:se%zzcret@mail.x.com":                     "percent-encode",
		"smtp://mail.x.com:99999?from=a@x.y":                "1 to 65535",
		"smtp://mail.x.com:0?from=a@x.y":                    "1 to 65535",
		"smtp://mail.x.com/path":                            "write smtp://",
		"smtp://mail.x.com":                                 "from=",
		"smtp://mail.x.com?from=nobody":                     "from is a mail address",
		"smtp://mail.x.com?from=a%0d%0ab@x.y":               "from is a mail address",
		"smtp://mail.x.com?from=a@x.y&tls=yes":              "required, opportunistic or none",
		"smtp://mail.x.com?from=a@x.y&tsl=none":             "the options are",
		"smtp://mail.x.com?from=a@x.y&ehlo=a%20b":           "ehlo",
		"smtp://mail.x.com?from=%zz":                        "percent-encode",
		"smtps://mail.x.com?from=a@x.y&tls=none":            "always encrypted",
		"smtp://u:secret@mail.x.com?from=a@x.y&tls=none":    "readable",
		"smtp://mail.x.com?from=a@x.y&ca=" + none:           "readable file",
		"smtp://u:secret@mail.x.com?from=a@x.y&ca=" + empty: "no certificate",
	} {
		_, err := mail.OpenSMTP(raw)
		if err == nil || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), "SMTP_URL") {
			t.Errorf("%q: got %v, want %q", raw, err, says)
			continue
		}
		if strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "sec/") || strings.Contains(err.Error(), ":sec") {
			t.Errorf("%q tells the password: %v", raw, err)
		}
	}
	for raw, from := range map[string]string{
		"smtp://a%40x.test:s@mail.x.test":                         "<a@x.test>",
		"smtps://mail.x.test?from=Maple%20%3Cmail@x.test%3E":      `"Maple" <mail@x.test>`,
		"smtp://localhost:1025":                                   `"Portico" <portico@localhost>`,
		"smtp://[::1]:25/":                                        `"Portico" <portico@localhost>`,
		"smtp://mail.x.test:2525?tls=opportunistic&from=a@x.test": "<a@x.test>",
		"smtp://mail.x.test:25?tls=none&from=a%2Bb@x.test":        "<a+b@x.test>",
		"smtp://u:p@mail.x.test?from=a@x.test&ehlo=portal.x.test": "<a@x.test>",
	} {
		transport, err := mail.OpenSMTP(raw)
		if err != nil {
			t.Errorf("%q: %v", raw, err)
			continue
		}
		if got := transport.From(); got.String() != from {
			t.Errorf("%q: from %s", raw, got.String())
		}
	}
}

func TestAServerThatRepeatsThePasswordIsNotQuoted(t *testing.T) {
	server := mailtest.Start(t) // it does, see mailtest
	server.Break(mailtest.NoLogin)
	err := open(t, server.URL).Send(t.Context(), ana())
	if !mail.IsPermanent(err) || !strings.Contains(err.Error(), "[password]") {
		t.Errorf("got %v", err)
	}
	discreet(t, err)
}

var _ mail.Transport = (*mail.SMTP)(nil)
var _ mail.Transport = (*mail.Capture)(nil)

func BenchmarkEncode(b *testing.B) {
	capture, err := mail.OpenCapture(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	m := ana()
	m.HTML = string(bytes.Repeat([]byte("<p>Good morning</p>\n"), 500))
	for b.Loop() {
		m.ID = uuid.Must(uuid.NewV7())
		if err := capture.Send(b.Context(), m); err != nil {
			b.Fatal(err)
		}
	}
}
