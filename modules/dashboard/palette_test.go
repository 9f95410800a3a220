package dashboard

import (
	"fmt"
	"testing"

	"portico/platform/module"
	"portico/platform/search"
	"portico/platform/web"
)

func TestHitsStandUnderTheirHeadings(t *testing.T) {
	var hits []search.Hit
	for i := range 2 * hitsAlone {
		hits = append(hits, search.Hit{Title: fmt.Sprint("Smith ", i)})
	}
	hits = append(hits, search.Hit{Title: "Smith kitchen", Group: "Projects", Icon: "hammer"})
	groups := grouped(&web.Here{}, module.Mounted{Module: module.Module{Title: "Clients", Icon: "users"}}, hits, nil)
	if len(groups) != 2 || groups[0].Title != "Clients" || groups[1].Title != "Projects" {
		t.Fatalf("%+v", groups)
	}
	if len(groups[0].Items) != hitsAlone || groups[0].Items[0].Icon != "users" {
		t.Errorf("clients: %+v", groups[0].Items)
	}
	if len(groups[1].Items) != 1 || groups[1].Items[0].Icon != "hammer" {
		t.Errorf("many clients of a name hide its project: %+v", groups[1].Items)
	}
}
