package firm_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/auth/authtest"
	"portico/platform/fault"
	"portico/platform/firm"
	"portico/platform/id"
)

func TestMain(m *testing.M) { os.Exit(authtest.Main(m)) }

func TestKeys(t *testing.T) {
	for key, fine := range map[string]bool{
		"oak": true, "oak-stone": true, "o4k": true, "1st": true, strings.Repeat("a", 40): true,
		"": false, "ab": false, "-oak": false, "oak-": false, "Oak": false, "oak.stone": false, "oák": false, strings.Repeat("a", 41): false,
		"www": false, "mail": false, "admin": false, "portal": false, "sign-in": false, "xn--oak-stone": false,
	} {
		if err := firm.CheckKey(key); (err == nil) != fine {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func TestHostsHaveOneSpelling(t *testing.T) {
	for header, want := range map[string]string{
		"Oak.Example.com:8080": "oak.example.com", "oak.example.com.": "oak.example.com", "[::1]:8080": "::1", "[::1]": "::1",
		"127.0.0.1:80": "127.0.0.1", "": "",
	} {
		if got := firm.CleanHost(header); got != want {
			t.Errorf("%q: %q", header, got)
		}
	}
}

var hosts = firm.Hosts{Base: "Example.com:8080", Own: []string{"203.0.113.7"}}

func create(t *testing.T, key string) (uuid.UUID, auth.Viewer) {
	t.Helper()
	made, err := firm.Create(context.Background(), authtest.Pool, firm.New{Key: key, Name: " Oak  & Stone "})
	if err != nil {
		t.Fatal(err)
	}
	return made, auth.Viewer{Side: auth.Office, Firm: auth.Firm{ID: made}, Role: access.Owner}
}

// emptied begins without any firm, for what counts them.
func emptied(t *testing.T) {
	t.Helper()
	if _, err := authtest.Owner.Exec("truncate firm, address cascade"); err != nil {
		t.Fatal(err)
	}
}

func TestWhoLivesAtAHost(t *testing.T) {
	emptied(t)
	ctx := context.Background()
	d := firm.NewDirectory(authtest.Pool, hosts)
	at := func(host string) uuid.UUID {
		t.Helper()
		d.Forget()
		place, err := d.ByHost(ctx, host)
		if err != nil && !fault.Is(err, fault.Misdirected) {
			t.Fatal(err)
		}
		return place.Firm
	}
	if at("example.com") != uuid.Nil {
		t.Error("nobody is there yet")
	}
	oak, v := create(t, "oak")
	for _, host := range []string{"example.com", "EXAMPLE.com:8080", "203.0.113.7", "oak.example.com", "oak.example.com:8080"} {
		if at(host) != oak {
			t.Errorf("%s: the only firm answers everywhere", host)
		}
	}
	if place, _ := d.ByFirm(ctx, oak); place.Host != "example.com" || place.Key != "oak" {
		t.Errorf("the only firm lives at the installation's own host: %+v", place)
	}
	elm, elmV := create(t, "elm")
	for host, want := range map[string]uuid.UUID{
		"example.com": uuid.Nil, "203.0.113.7": uuid.Nil, "oak.example.com": oak, "elm.example.com": elm, "fir.example.com": uuid.Nil,
		"a.oak.example.com": uuid.Nil, "oak.example.com.evil.example": uuid.Nil, "oakexample.com": uuid.Nil, "oak": uuid.Nil, "": uuid.Nil,
		"'; drop table firm; --": uuid.Nil, strings.Repeat("a.", 200) + "com": uuid.Nil,
	} {
		if got := at(host); got != want {
			t.Errorf("%q: %v, want %v", host, got, want)
		}
	}
	main := firm.NewDirectory(authtest.Pool, firm.Hosts{Base: "example.com", MainFirm: "elm"})
	if place, err := main.ByHost(ctx, "example.com"); place.Firm != elm || place.Old || place.Host != "example.com" {
		t.Errorf("main firm: %+v %v", place, err)
	}
	if place, _ := main.ByFirm(ctx, oak); place.Host != "oak.example.com" {
		t.Errorf("%+v", place)
	}

	// a domain of its own
	domain := func(name string) error {
		return authtest.Try(t, oak, func(ctx context.Context, tx bun.Tx) error { return firm.AddDomain(ctx, tx, d.Hosts(), v, name) })
	}
	for _, bad := range []string{"", "oak", "elm.example.com", "example.com", "203.0.113.7", "a b.example.org", "-x.example.org"} {
		if err := domain(bad); !fault.Is(err, fault.Bad) {
			t.Errorf("domain %q: %v", bad, err)
		}
	}
	if err := domain("Portal.Oak.Example.org"); err != nil {
		t.Fatal(err)
	}
	if at("portal.oak.example.org") != oak {
		t.Error("not at its domain")
	}
	if place, _ := d.ByFirm(ctx, oak); place.Host != "oak.example.com" {
		t.Errorf("links use a domain that nobody chose: %+v", place)
	}
	choose := func(v auth.Viewer, name string) error {
		return authtest.Try(t, v.FirmID(), func(ctx context.Context, tx bun.Tx) error { return firm.ChooseDomain(ctx, tx, v, name) })
	}
	if err := choose(elmV, "portal.oak.example.org"); !fault.Is(err, fault.Missing) {
		t.Errorf("another firm's domain: %v", err)
	}
	if err := choose(v, "portal.oak.example.org"); err != nil {
		t.Error(err)
	}
	if place, _ := d.ByFirm(ctx, oak); place.Host != "portal.oak.example.org" {
		t.Errorf("%+v", place)
	}
	if place, err := d.WithoutDomain(ctx, oak); err != nil || place.Host != "oak.example.com" {
		t.Errorf("without its domain: %+v %v", place, err)
	}
	if err := choose(v, ""); err != nil {
		t.Error(err)
	}
	authtest.In(t, oak, func(ctx context.Context, tx bun.Tx) error {
		if got, err := firm.Domains(ctx, tx, v); err != nil || len(got) != 1 {
			t.Error(got, err)
		}
		return firm.RemoveDomain(ctx, tx, v, "portal.oak.example.org")
	})
	if at("portal.oak.example.org") != uuid.Nil {
		t.Error("still at its former domain")
	}
}

func TestRenamedFirmsAreFoundAtTheirOldAddress(t *testing.T) {
	emptied(t)
	oak, v := create(t, "oak")
	_, elmV := create(t, "elm")
	d := firm.NewDirectory(authtest.Pool, hosts)
	rename := func(v auth.Viewer, key string) error {
		defer d.Forget()
		return authtest.Try(t, v.FirmID(), func(ctx context.Context, tx bun.Tx) error { return firm.Rename(ctx, tx, v, key) })
	}
	if err := rename(v, "oak-stone"); err != nil {
		t.Fatal(err)
	}
	place, err := d.ByHost(context.Background(), "oak.example.com")
	if err != nil || !place.Old || place.Firm != oak || place.Host != "oak-stone.example.com" || place.Key != "oak-stone" {
		t.Errorf("%+v %v", place, err)
	}
	if err := rename(elmV, "oak"); !fault.Is(err, fault.Bad) {
		t.Errorf("somebody else takes the old address: %v", err)
	}
	if err := rename(elmV, "oak-stone"); !fault.Is(err, fault.Bad) {
		t.Errorf("somebody else takes the new address: %v", err)
	}
	if err := rename(v, "oak"); err != nil {
		t.Errorf("back again: %v", err)
	}
	main := firm.NewDirectory(authtest.Pool, firm.Hosts{Base: "example.com", MainFirm: "oak-stone"})
	if place, err := main.ByHost(context.Background(), "example.com"); err != nil || place.Firm != oak || place.Key != "oak" {
		t.Errorf("the operator's setting names a former key: %+v %v", place, err)
	}
	if _, err := authtest.Owner.Exec("update address set released_at = now() - interval '13 months' where name = 'oak-stone'"); err != nil {
		t.Fatal(err)
	}
	d.Forget()
	if _, err := d.ByHost(context.Background(), "oak-stone.example.com"); !fault.Is(err, fault.Misdirected) {
		t.Errorf("after a year it leads nowhere: %v", err)
	}
	if err := rename(elmV, "oak-stone"); err != nil {
		t.Errorf("after a year: %v", err)
	}
	if _, err := firm.Create(context.Background(), authtest.Pool, firm.New{Key: "oak", Name: "Other"}); !fault.Is(err, fault.Bad) {
		t.Errorf("taken: %v", err)
	}
	if firms, err := firm.List(context.Background(), authtest.Ops); err != nil || len(firms) != 2 {
		t.Errorf("%+v %v", firms, err)
	}
}

// TestNobodyHoardsAddresses: each former one is kept from everybody else for a year.
func TestNobodyHoardsAddresses(t *testing.T) {
	emptied(t)
	oak, v := create(t, "oak-0")
	rename := func(key string) error {
		return authtest.Try(t, oak, func(ctx context.Context, tx bun.Tx) error { return firm.Rename(ctx, tx, v, key) })
	}
	for n := 1; n <= 10; n++ {
		if err := rename(fmt.Sprintf("oak-%d", n)); err != nil {
			t.Fatal(err)
		}
	}
	if err := rename("oak-11"); !fault.Is(err, fault.Bad) {
		t.Errorf("the eleventh change: %v", err)
	}
	if err := rename("oak-3"); err != nil {
		t.Errorf("an own former one: %v", err)
	}
	authtest.In(t, oak, func(ctx context.Context, tx bun.Tx) error {
		formers, err := firm.Formers(ctx, tx, v)
		if len(formers) != 10 || formers[0].Key != "oak-10" {
			t.Errorf("%+v", formers)
		}
		return err
	})
	if taken, err := firm.Taken(context.Background(), authtest.Pool, "oak-7"); !taken || err != nil {
		t.Error(taken, err)
	}
}

func TestAnswersAreRemembered(t *testing.T) {
	emptied(t)
	oak, _ := create(t, "oak")
	d := firm.NewDirectory(authtest.Pool, hosts)
	ctx := context.Background()
	if place, err := d.ByHost(ctx, "oak.example.com"); err != nil || place.Firm != oak {
		t.Fatal(place, err)
	}
	if _, err := d.ByHost(ctx, "elm.example.com"); !fault.Is(err, fault.Misdirected) {
		t.Fatal(err)
	}
	create(t, "elm")
	gone, cancel := context.WithCancel(ctx)
	cancel() // no database is needed
	if place, err := d.ByHost(gone, "OAK.example.com:443"); err != nil || place.Firm != oak {
		t.Error(place, err)
	}
	if _, err := d.ByHost(gone, "elm.example.com"); !fault.Is(err, fault.Misdirected) {
		t.Error("a stranger's name is asked for again and again", err)
	}
	d.Forget()
	if _, err := d.ByHost(ctx, "elm.example.com"); err != nil {
		t.Error(err)
	}
}

func TestSettings(t *testing.T) {
	emptied(t)
	oak, v := create(t, "oak")
	get := func() (s firm.Settings) {
		authtest.In(t, oak, func(ctx context.Context, tx bun.Tx) (err error) { s, err = firm.Get(ctx, tx, v); return err })
		return s
	}
	save := func(s firm.Settings) (saved firm.Settings, err error) {
		err = authtest.Try(t, oak, func(ctx context.Context, tx bun.Tx) (err error) { saved, err = firm.Save(ctx, tx, v, s); return err })
		return saved, err
	}
	first := get()
	if first.Name != "Oak & Stone" || first.Key != "oak" || first.Zone != "UTC" || first.Kind != "builder" || first.PortalOn || first.Version != 1 {
		t.Errorf("%+v", first)
	}
	next := first
	next.PortalOn, next.Switches, next.Zone, next.Currency = true, access.Switches{"billing": true, "billing/paid": false}, "America/Denver", "eur"
	next.SecondFactor, next.BrandColor, next.LogoID, next.Website, next.Address = []string{"owner", "admin"}, "#AA0011", id.New(), "https://oak.example", "1 Oak St\nOakville"
	saved, err := save(next)
	if err != nil || saved.Version != 2 {
		t.Fatal(saved.Version, err)
	}
	got := get()
	if !got.PortalOn || !got.Switches["billing"] || got.Switches["billing/paid"] || got.Currency != "EUR" || got.BrandColor != "#aa0011" ||
		len(got.SecondFactor) != 2 || got.LogoID != next.LogoID || got.Address != next.Address || got.Version != 2 {
		t.Errorf("%+v", got)
	}
	if _, err := save(next); !fault.Is(err, fault.Clash) {
		t.Errorf("an older version: %v", err)
	}
	for name, spoil := range map[string]func(*firm.Settings){
		"name": func(s *firm.Settings) { s.Name = " " }, "kind": func(s *firm.Settings) { s.Kind = "shop" },
		"zone": func(s *firm.Settings) { s.Zone = "Mars/Base" }, "locale": func(s *firm.Settings) { s.Locale = "??" },
		"currency": func(s *firm.Settings) { s.Currency = "ABCD" }, "email": func(s *firm.Settings) { s.Email = "x" },
		"website": func(s *firm.Settings) { s.Website = "javascript:alert(1)" }, "brand_color": func(s *firm.Settings) { s.BrandColor = "red;}" },
		"second_factor": func(s *firm.Settings) { s.SecondFactor = []string{"everybody"} },
	} {
		s := get()
		spoil(&s)
		_, err := save(s)
		if f, ok := fault.Of(err); !ok || f.Fields[name] == "" || len(f.Fields) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	authtest.In(t, oak, func(ctx context.Context, tx bun.Tx) error { return firm.Suspend(ctx, tx, v, true) })
	if !get().Suspended {
		t.Error("not suspended")
	}
	// in another firm's transaction there is nothing to read or save
	elm, _ := create(t, "elm")
	err = authtest.Try(t, elm, func(ctx context.Context, tx bun.Tx) error { _, err := firm.Get(ctx, tx, v); return err })
	if !fault.Is(err, fault.Missing) {
		t.Errorf("row-level security: %v", err)
	}
}
