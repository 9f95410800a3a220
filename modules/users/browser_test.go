package users_test

import (
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"portico/modules/users"
	"portico/platform/portaltest"
)

// TestTheListInARealBrowser looks at every page on a phone in the dark and at a desk in the light, and does what only
// scripts do: the box for all that match, and a page that follows by itself.
func TestTheListInARealBrowser(t *testing.T) {
	site := portaltest.Open(t, users.Module)
	crowd(t, site, 120)
	var sending string
	if err := site.DB(t).NewRaw("select id::text from users.sending limit 1").Scan(t.Context(), &sending); err != nil {
		t.Fatal(err)
	}
	ids := "?id=" + site.Person("ana").ContactID.String() + "&id=" + site.Person("lina").ContactID.String()
	tab := site.Chrome(t, "priya", 360, true)
	for i, path := range []string{
		"/office/users", "/office/users?q=zzz", "/office/users?state=bounced", "/office/users/sendings", "/office/users/sendings/" + sending,
		"/office/users/invitation?all=1", "/office/users/invitation" + ids + "&way=again", "/office/users/disabled" + ids, "/office/users/enabled" + ids,
	} {
		tab.LookOver(t, path)
		if folder := os.Getenv("PORTICO_USERS_SHOTS"); folder != "" {
			_ = os.WriteFile(filepath.Join(folder, strconv.Itoa(i)+".png"), tab.Shot(), 0o600)
		}
	}
	priya := site.Chrome(t, "priya", 1280, false)
	priya.Open("/office/users?q=crowd").Press("All 120 that match, on every page").
		Until("the buttons wake up", `!document.querySelector("[data-tick-bar] button").disabled`).Press("Send portal invite").
		Until("everybody is meant", `document.body.textContent.includes("120 contacts will be invited")`).
		Fill("Mails a minute", "6000").Press("Send 120 invitations").
		Until("the page of the sending", `document.querySelector("#sending")`)
	site.Work()
	priya.Until("it follows by itself", `document.querySelector("#sending").textContent.includes("120 of 120 mails")`).Fits(t).Axe(t)
}
