package team_test

import (
	"testing"

	"portico/modules/team"
	"portico/platform/portaltest"
)

func TestOpenPagesFollowTheOffice(t *testing.T) {
	site := portaltest.Open(t, team.Module)
	phone, page := site.Chrome(t, "ana", 360, false), site.Chrome(t, "ana", 1280, true)
	phone.Open("/portal/all/team").Sees(t, "Diego Santos").Fits(t).Axe(t)
	page.Open("/portal/maple-street/team").Sees(t, "Diego Santos").Fits(t).Axe(t)
	site.As("ben").Open("/office/team/" + projectID(t, site, "maple-street")).Press("Remove Diego Santos")
	for _, tab := range []*portaltest.Tab{phone, page} {
		tab.Until("Diego has gone", `!document.body.innerText.includes("Diego Santos") && document.body.innerText.includes("Maria Okafor")`)
	}
	office := site.Chrome(t, "maria", 360, true).Open("/office/team/" + projectID(t, site, "maple-street")).Fits(t).Axe(t)
	office.Press("Move Maria Okafor down").Sees(t, "Saved.")
}
