package domain_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/auth/authtest"
	"portico/platform/domain"
	"portico/platform/domain/dnstest"
	"portico/platform/fault"
	"portico/platform/firm"
)

func TestMain(m *testing.M) { os.Exit(authtest.Main(m)) }

var hosts = firm.Hosts{Base: "portico.example", Own: []string{"old.portico.example.net"}, MainFirm: "nobody"}

func TestNamesHaveOneSpelling(t *testing.T) {
	for typed, want := range map[string]string{
		"Portal.Oak.Example.com": "portal.oak.example.com", " https://portal.oak.example.com/portal?x=1 ": "portal.oak.example.com",
		"portal.oak.example.com.": "portal.oak.example.com", "bücher.example.com": "xn--bcher-kva.example.com", "BÜCHER.example.com": "xn--bcher-kva.example.com",
		"xn--bcher-kva.example.com": "xn--bcher-kva.example.com", "oak.co.uk": "oak.co.uk", "portal。example。com": "portal.example.com",
		"": "", "oak": "", "203.0.113.7": "", "[::1]": "", "2001:db8::1": "", "0x7f.1": "", "co.uk": "", "com": "", "github.io": "", "oak_stone.example.com": "",
		"portico.example": "", "oak.portico.example": "", "OAK.Portico.Example": "", "old.portico.example.net": "", "*.example.com": "",
		"portal.example.com:8443": "", "a@portal.example.com": "", "-a.example.com": "", "a..example.com": "", "exa mple.com": "", "localhost": "",
		strings.Repeat("a", 64) + ".example.com": "", strings.Repeat("a.", 130) + "example.com": "", "xn--a.example.com": "", "portal.example.com\x00": "", "ex\u202eample.com": "",
	} {
		got, err := domain.Clean(hosts, typed)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", typed, got, err)
		}
	}
	if !domain.Apex("oak.co.uk") || domain.Apex("www.oak.co.uk") || domain.Shown("xn--bcher-kva.example.com") != "bücher.example.com" || domain.Shown("oak.example.com") != "" {
		t.Error("what a domain looks like")
	}
}

func create(t *testing.T, key string) auth.Viewer {
	t.Helper()
	made, err := firm.Create(t.Context(), authtest.Pool, firm.New{Key: key, Name: key})
	if err != nil {
		t.Fatal(err)
	}
	return auth.Viewer{Side: auth.Office, Firm: auth.Firm{ID: made}, Role: access.Owner}
}

// desk is the domains of one firm, with a clock and a name server of its own.
type desk struct {
	t   *testing.T
	v   auth.Viewer
	dns *dnstest.Server
	now time.Time
}

func (d *desk) add(name string) (c domain.Claim, err error) {
	err = authtest.Try(d.t, d.v.FirmID(), func(ctx context.Context, tx bun.Tx) (err error) {
		c, err = domain.Add(ctx, tx, hosts, d.v, name, d.now)
		return err
	})
	return c, err
}

func (d *desk) look(c domain.Claim) (domain.Claim, domain.News) {
	d.t.Helper()
	found := domain.Ask(d.t.Context(), domain.DNS{Server: d.dns.Address}, c)
	var news domain.News
	authtest.In(d.t, d.v.FirmID(), func(ctx context.Context, tx bun.Tx) (err error) {
		c, news, err = domain.Look(ctx, tx, hosts, d.v, c.Name, c.Token, found, d.now)
		return err
	})
	return c, news
}

func (d *desk) at(name string) uuid.UUID {
	d.t.Helper()
	place, err := firm.NewDirectory(authtest.Pool, hosts).ByHost(d.t.Context(), name)
	if err != nil && !fault.Is(err, fault.Misdirected) {
		d.t.Fatal(err)
	}
	return place.Firm
}

func TestADomainIsProvedByItsRecordAloneAndGoneWithIt(t *testing.T) {
	oak := &desk{t, create(t, "oak-dom"), dnstest.Start(t), time.Now()}
	name := "portal.oak.example.com"
	c, err := oak.add(name)
	if err != nil || c.State != domain.Waiting || oak.at(name) != uuid.Nil {
		t.Fatal(c, err)
	}
	if _, err := oak.add(name); !fault.Is(err, fault.Bad) {
		t.Errorf("twice: %v", err)
	}
	oak.dns.Lead(name, "203.0.113.7") // leading somewhere proves nothing
	if c, news := oak.look(c); c.State != domain.Waiting || c.Problem != domain.Missing || news != domain.NoNews || oak.at(name) != uuid.Nil {
		t.Errorf("%+v %s", c, news)
	}
	oak.dns.Say(domain.Record(name), "v=spf1 -all", c.Token+"x")
	if c, _ := oak.look(c); c.Problem != domain.Other || oak.at(name) != uuid.Nil {
		t.Errorf("%+v", c)
	}
	oak.dns.Say(domain.Record(name), "something else", c.Token)
	if c, news := oak.look(c); c.State != domain.Proved || news != domain.NowProved || oak.at(name) != oak.v.FirmID() {
		t.Errorf("%+v %s", c, news)
	}
	place, _ := firm.NewDirectory(authtest.Pool, hosts).ByFirm(t.Context(), oak.v.FirmID())
	if place.Host != "oak-dom.portico.example" {
		t.Errorf("links use it before anybody chose it: %s", place.Host)
	}
	authtest.In(t, oak.v.FirmID(), func(ctx context.Context, tx bun.Tx) error { return firm.ChooseDomain(ctx, tx, oak.v, name) })
	if place, _ := firm.NewDirectory(authtest.Pool, hosts).ByFirm(t.Context(), oak.v.FirmID()); place.Host != name {
		t.Errorf("chosen: %s", place.Host)
	}

	// another firm cannot have it, also not one that had claimed it before
	elm := &desk{t, create(t, "elm-dom"), oak.dns, oak.now}
	if _, err := elm.add(name); !fault.Is(err, fault.Bad) {
		t.Errorf("claimed by another: %v", err)
	}

	oak.dns.Say(domain.Record(name))
	if c, news := oak.look(c); c.State != domain.Lost || news != domain.NowLost || oak.at(name) != uuid.Nil {
		t.Errorf("without its record: %+v %s", c, news)
	}
	if place, _ := firm.NewDirectory(authtest.Pool, hosts).ByFirm(t.Context(), oak.v.FirmID()); place.Host != "oak-dom.portico.example" {
		t.Errorf("links still use it: %s", place.Host)
	}
	theirs, err := elm.add(name)
	if err != nil {
		t.Fatal(err)
	}
	oak.dns.Say(domain.Record(name), c.Token) // what proves it for one firm proves nothing for another
	if c, _ := elm.look(theirs); c.State != domain.Waiting || elm.at(name) != uuid.Nil {
		t.Errorf("%+v", c)
	}
	oak.dns.Say(domain.Record(name), c.Token, theirs.Token) // both: who was first
	oak.look(c)
	if c, _ := elm.look(theirs); c.Problem != domain.Taken || elm.at(name) != oak.v.FirmID() {
		t.Errorf("%+v", c)
	}
	authtest.In(t, oak.v.FirmID(), func(ctx context.Context, tx bun.Tx) error { return domain.Remove(ctx, tx, oak.v, name) })
	if oak.at(name) != uuid.Nil {
		t.Error("removed, and still there")
	}
	if c, _ := elm.look(theirs); c.State != domain.Proved || elm.at(name) != elm.v.FirmID() {
		t.Errorf("%+v", c)
	}
	if err := authtest.Try(t, oak.v.FirmID(), func(ctx context.Context, tx bun.Tx) error { return domain.Remove(ctx, tx, oak.v, name) }); !fault.Is(err, fault.Missing) {
		t.Errorf("another firm's: %v", err)
	}
}

func TestADNSThatDoesNotAnswerTakesNothingAway(t *testing.T) {
	d := &desk{t, create(t, "ash-dom"), dnstest.Start(t), time.Now()}
	name := "portal.ash.example.com"
	c, err := d.add(name)
	if err != nil {
		t.Fatal(err)
	}
	d.dns.Say(domain.Record(name), c.Token)
	d.look(c)
	d.dns.Break(true)
	c, news := d.look(c)
	if c.State != domain.Unsure || news != domain.NoNews || d.at(name) != d.v.FirmID() || c.NextAt.Sub(d.now) > time.Hour {
		t.Errorf("%+v %s", c, news)
	}
	d.now = d.now.Add(7 * time.Hour)
	if c, news := d.look(c); c.State != domain.Unsure || news != domain.NowUnsure {
		t.Errorf("%+v %s", c, news)
	}
	if _, news := d.look(c); news != domain.NoNews {
		t.Errorf("told twice: %s", news)
	}
	d.dns.Break(false)
	if c, news := d.look(c); c.State != domain.Proved || news != domain.NoNews || !c.UnsureSince.IsZero() {
		t.Errorf("%+v %s", c, news)
	}
	if found := domain.Ask(t.Context(), domain.DNS{Server: d.dns.Address}, domain.Claim{Name: "nothing.example.com", Token: "x"}); found != domain.Missing {
		t.Errorf("a name that does not exist: %s", found)
	}
	d.dns.Silence(true)
	began := time.Now()
	if c, _ := d.look(c); c.State != domain.Unsure || time.Since(began) > time.Minute {
		t.Errorf("%+v after %s", c, time.Since(began))
	}
	d.now = d.now.Add(8 * 24 * time.Hour)
	d.dns.Silence(false)
	d.dns.Break(true)
	if c, news := d.look(c); c.State != domain.Lost || news != domain.NowLost || d.at(name) != uuid.Nil {
		t.Errorf("after a week: %+v %s", c, news)
	}
}

func TestClaimsAreFewAndLookedAtInTime(t *testing.T) {
	d := &desk{t, create(t, "yew-dom"), dnstest.Start(t), time.Now().Add(-time.Hour)}
	for n := range domain.Most {
		if _, err := d.add(string(rune('a'+n)) + ".yew.example.com"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.add("more.yew.example.com"); !fault.Is(err, fault.Bad) {
		t.Errorf("one more: %v", err)
	}
	due := func(now time.Time) (n int) {
		all, err := domain.AllDue(t.Context(), authtest.Ops, now, 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, one := range all {
			if one.FirmID == d.v.FirmID() {
				n++
			}
		}
		return n
	}
	if n := due(time.Now()); n != domain.Most {
		t.Errorf("%d are due", n)
	}
	authtest.In(t, d.v.FirmID(), func(ctx context.Context, tx bun.Tx) error { return firm.Suspend(ctx, tx, d.v, true) })
	if n := due(time.Now()); n != 0 {
		t.Errorf("%d of a suspended firm are due", n)
	}
}
