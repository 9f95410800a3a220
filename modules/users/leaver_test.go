package users_test

import (
	"testing"
	"time"

	"portico/modules/users"
	"portico/platform/portaltest"
)

func TestASendingStopsWithTheAccessOfWhoBeganIt(t *testing.T) {
	site := portaltest.Open(t, users.Module)
	site.Rest()
	crowd(t, site, 3)
	ben := invite(t, site.As("ben"), "first", 600)
	do(t, site, "update staff set disabled_at = now() where person_id = ?", site.Person("ben").ID)
	site.Settle(t)
	if n := number(t, site, "select count(*) from contact where name like 'Guest %' and invited_at is not null"); n != 0 {
		t.Errorf("%d were invited in the name of somebody who has left", n)
	}
	maria := site.As("maria").Open(ben.Path()).Sees(t, "Paused")
	maria.Press("Resume")
	site.Settle(t)
	portaltest.Eventually(t, 90*time.Second, "the others are invited in Maria's name", func() bool {
		return number(t, site, "select count(*) from contact where name like 'Guest %' and invited_at is not null") == 3
	})
}

func TestAllOfAStateThatDoesNotExistIsNobody(t *testing.T) {
	site := portaltest.Open(t, users.Module)
	maria := site.As("maria")
	maria.Open("/office/users/disabled?all=1&state=nonsense").SeesNot(t, "Disable access of")
	maria.Post("/office/users/disabled", map[string][]string{"all": {"1"}, "state": {"nonsense"}})
	if n := number(t, site, "select count(*) from contact where disabled_at is not null and email <> 'karim@haddad.example'"); n != 0 {
		t.Errorf("%d were disabled", n)
	}
}
