package setup_test

import (
	"net/url"
	"strings"
	"testing"
)

func TestAStolenSessionInvitesNobody(t *testing.T) {
	site := open(t)
	maria := site.As("maria")
	if _, err := site.DB(t).NewRaw("update session set confirmed_at = now() - interval '1 hour'").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	form := url.Values{"name": {"Eve"}, "email": {"eve@example.com"}, "role": {"owner"}}
	if a := maria.Post("/office/setup/staff", form); !strings.HasPrefix(a.Header.Get("Location"), "/sign-in/confirm") {
		t.Errorf("no proof is asked for: %d", a.Status)
	}
	if a := maria.Get("/office/setup/staff/new"); !strings.HasPrefix(a.Header.Get("Location"), "/sign-in/confirm?to=") {
		t.Errorf("the form is shown first: %d", a.Status)
	}
	if one[bool](t, site, "select exists (select from person where email = 'eve@example.com')") {
		t.Error("Eve is staff")
	}
}
