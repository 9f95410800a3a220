package modules_test

import (
	"strings"
	"testing"

	"portico/platform/portaltest"
)

// TestOneSearchForClients finds what a client may see, in whatever section it stands, and nothing else.
func TestOneSearchForClients(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t)
	ana := site.As("ana")
	ana.Open("/portal/all/search").Sees(t, "Billing", "Documents") // where one can go
	ana.Open("/portal/all/search?q=first+draw").Sees(t, "Billing", "demolition and framing").SeesNot(t, "Nothing found")
	part := ana.Get("/portal/all/search?q=draw", "HX-Request", "true", "HX-Target", "palette-list")
	if body := string(part.Body); part.Status != 200 || strings.Contains(body, "<html") || !strings.Contains(body, "<mark>draw</mark>") && !strings.Contains(body, "<mark>Draw</mark>") {
		t.Errorf("the palette gets %d %s", part.Status, body)
	}

	// what somebody else has is not found, and not offered as what was meant either
	for _, typed := range []string{"demolition", "demoliton"} {
		site.As("grace").Open("/portal/all/search?q="+typed).Sees(t, "Nothing found").SeesNot(t, "demolition and framing", "results for")
		site.As("tom").Open("/portal/all/search?q="+typed).SeesNot(t, "demolition and framing") // without the right
	}
	ana.Open("/portal/all/search?q=demoliton").Sees(t, "demolition and framing", "These are the results for demolition")
	site.As("maria").Open("/office/palette?q=demoliton").Sees(t, "demolition and framing")
	ana.Open("/portal/maple-garden/search?q=first+draw").SeesNot(t, "demolition and framing") // of another project

	// a removed right removes the hit at once
	exec(t, site, "update contact set rights = array_remove(rights, 'view_invoices') where id = ?", site.Person("ana").ContactID)
	ana.Open("/portal/all/search?q=first+draw").SeesNot(t, "demolition and framing")
	ana.Open("/portal/all/search?q=demoliton").SeesNot(t, "demolition and framing")
	site.Stranger().Open("/portal/all/search?q=draw").SeesNot(t, "demolition")
}
