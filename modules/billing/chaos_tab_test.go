//go:build chaos

package billing

import (
	"context"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/google/uuid"

	"portico/platform/id"
)

// tab is one browser tab of one contact.
type tab struct {
	c       *chaos
	contact uuid.UUID
	session string
	csrf    string
	client  http.Client
}

func (c *chaos) tab(who string) *tab {
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, network, "127.0.0.1:"+c.port)
	}
	t := &tab{c: c, contact: c.site.Person(who).ContactID, session: c.site.Session(who), client: http.Client{
		Timeout: 15 * time.Second, Transport: &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 4},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	found := regexp.MustCompile(`name="csrf" content="([^"]+)"`)
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		if _, body, err := t.ask("GET", "/portal/all/billing", nil); err == nil {
			if m := found.FindSubmatch(body); m != nil {
				t.csrf = string(m[1])
				return t
			}
		}
	}
	c.Fatal("no page of the portal")
	return nil
}

func (t *tab) ask(method, path string, form url.Values) (*http.Response, []byte, error) {
	origin := "http://demo.localhost:" + t.c.port
	r, err := http.NewRequest(method, origin+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, nil, err
	}
	r.Header.Set("Cookie", "portico="+t.session)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept", "text/html")
	if method == "POST" {
		r.Header.Set("Origin", origin)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	a, err := t.client.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = a.Body.Close() }()
	body, err := io.ReadAll(a.Body)
	return a, body, err
}

// pay presses Pay and, when nobody answers, presses again: the same form.
func (t *tab) pay(invoice uuid.UUID, until time.Time) {
	pick, method := rand.IntN(100), 0
	for pick >= practised[method].weight {
		pick -= practised[method].weight
		method++
	}
	key := id.New()
	form := url.Values{"_csrf": {t.csrf}, "key": {key.String()}, "invoice": {invoice.String()}, "with": {t.c.methods[t.contact][method].String()}}
	t.c.sent.Add(1)
	for {
		a, body, err := t.ask("POST", "/portal/all/billing/payments", form)
		switch {
		case err == nil && a.StatusCode == http.StatusSeeOther && strings.Contains(a.Header.Get("Location"), key.String()):
			t.c.taken.Add(1)
			t.c.keys.Store(key, invoice)
			return
		case err == nil && (a.StatusCode == http.StatusConflict || a.StatusCode == http.StatusUnprocessableEntity || a.StatusCode == http.StatusSeeOther):
			t.c.refused.Add(1)
			return
		case err == nil && a.StatusCode < 500 && a.StatusCode != http.StatusTooManyRequests:
			t.c.Errorf("pay: %d %.300s", a.StatusCode, body)
			return
		}
		t.c.again.Add(1)
		if time.Now().After(until.Add(45 * time.Second)) {
			t.c.missing.Add(1)
			return
		}
		time.Sleep(150 * time.Millisecond)
	}
}

// unlimited forgets how often somebody has pressed Pay: nobody is as impatient as this test.
func (c *chaos) unlimited(ctx context.Context) {
	for ctx.Err() == nil {
		keys, err := c.redis.Keys(ctx, "rate:limit:pay*").Result()
		if err == nil && len(keys) > 0 {
			_ = c.redis.Del(ctx, keys...).Err()
		}
		time.Sleep(250 * time.Millisecond)
	}
}
