package documents_test

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"

	"portico/modules/documents"
	"portico/platform/portaltest"
)

func TestAFirmHasSoMuchRoom(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	maple := projectOf(t, site, "maple-street")
	maria := site.As("maria")
	maria.Open("/office/documents/settings").Fill("Most room for documents", "x").Press("Save changes").Has(t, 422).Sees(t, "whole number")
	maria.Fill("Most room for documents", "2").Press("Save changes").Sees(t, "Saved.", "of 2.0 GB")
	do(t, site, "update documents.setting set quota = used + 100 where firm_id = ?", site.FirmID())
	maria.Open("/office/documents/projects/"+maple).Attach("Upload files", "large.txt", bytes.Repeat([]byte("x"), 101)).Press("Upload").Has(t, 422).
		Sees(t, "large.txt: There is no room for this file", "old versions and trash included")
	a := maria.Post("/office/documents/places/"+maple+"/uploads", url.Values{"name": {"x.txt"}, "size": {"101"}})
	if a.Status != 422 || !strings.Contains(string(a.Body), "There is no room") {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := maria.Post("/office/documents/places/"+maple+"/uploads", url.Values{"name": {"x.txt"}, "size": {"60"}}); a.Status != 200 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	if a := maria.Post("/office/documents/places/"+maple+"/uploads", url.Values{"name": {"y.txt"}, "size": {"60"}}); a.Status != 422 {
		t.Errorf("what is on its way takes no room: %d", a.Status)
	}
	clip(t, site, true)
	site.As("ana").Open("/portal/maple-street/documents").Attach("Upload files", "large.txt", bytes.Repeat([]byte("x"), 101)).Press("Upload").Has(t, 422).
		Sees(t, "has no room left for this file").SeesNot(t, "trash")
}

// TestUploadsAtTheSameTimeShareTheRoom: each alone would fit, all of them do not.
func TestUploadsAtTheSameTimeShareTheRoom(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	maple := projectOf(t, site, "maple-street")
	do(t, site, "update documents.setting set quota = used + 100 where firm_id = ?", site.FirmID())
	var all sync.WaitGroup
	for n := range 8 {
		maria := site.As("maria").For(t)
		maria.Open("/office/documents/projects/"+maple).Attach("Upload files", fmt.Sprintf("same-%d.txt", n), bytes.Repeat([]byte("x"), 40))
		all.Go(func() { maria.Press("Upload") })
	}
	all.Wait()
	var came int
	err := site.DB(t).NewRaw("select count(*) from documents.document where firm_id = ? and name like 'same-%'", site.FirmID()).Scan(t.Context(), &came)
	if err != nil || came != 2 {
		t.Errorf("%d files of 40 bytes in 100: %v", came, err)
	}
	var over bool
	err = site.DB(t).NewRaw("select used > quota from documents.setting where firm_id = ?", site.FirmID()).Scan(t.Context(), &over)
	if err != nil || over {
		t.Errorf("the quota is overshot: %v", err)
	}
}
