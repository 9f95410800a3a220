package portaltest_test

import (
	"slices"
	"testing"

	"portico/platform/portaltest"
)

func TestASiteIsAWholeHouse(t *testing.T) {
	site := portaltest.Open(t)
	site.As("ana").Open("/no/such/page").Has(t, 404).Sees(t, "There is nothing here", "Ana Rivera", "Maple Street remodel")
	site.Firm("harbor").As("noor").Open("/no/such/page").Sees(t, "Noor Dalgaard").SeesNot(t, "Maple Street")
	site.Stranger().Open("/no/such/page").Has(t, 404).SeesNot(t, "Ana")
	site.Settle(t)
}

func TestASnapshotBringsEverythingBack(t *testing.T) {
	site := portaltest.Open(t)
	ana := site.As("ana")
	before := site.Hash(t)
	back := site.Snapshot(t)
	changed := site.Changed(t, func() { site.As("tom") })
	if !slices.Equal(changed, []string{"public.contact", "public.person", "public.session"}) {
		t.Errorf("a sign-in changed %v", changed)
	}
	back()
	if site.Hash(t) != before {
		t.Error("the rows are not as they were")
	}
	ana.Open("/no/such/page").Sees(t, "Ana Rivera")
}

func TestAClientSignsInByMail(t *testing.T) {
	site := portaltest.Open(t)
	ana := site.SignInByMail("grace")
	ana.Sees(t, "Grace").Press("Continue").Open("/no/such/page").Sees(t, "Grace Chen", "Lakeview house")
	if mail := site.MailTo("grace"); !mail.TLS || mail.User == "" {
		t.Errorf("the mail went without TLS or login: %+v", mail)
	}
}
