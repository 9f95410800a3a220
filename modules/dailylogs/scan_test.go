package dailylogs_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"portico/modules/dailylogs"
	"portico/platform/files/scantest"
	"portico/platform/portaltest"
)

// TestAPhotoIsShownOnceTheScannerHasSeenIt: until then nobody opens it, on neither side, whatever is submitted and shared;
// one in which it found something stays locked, and the team hears of it.
func TestAPhotoIsShownOnceTheScannerHasSeenIt(t *testing.T) {
	scanner, answer := scantest.Slow(t)
	site := portaltest.Configured(t, map[string]string{"PORTICO_CLAMD": scanner}, dailylogs.Module)
	site.Develop(t)
	do(t, site, "delete from dailylogs.log where firm_id = ? and state = 'draft'", site.FirmID())
	diego, ana := site.As("diego"), site.As("ana")
	before := len(site.Mails()) // asked for again, it waits for the scanner
	log := begin(t, site, "diego", "maple-street")
	photo := func(n int, more string) (id, file string) {
		t.Helper()
		key := uuid.NewString()
		if a := send(t, diego, log, key, append(picture(t, n, 64, 48), more...)); a.Status != 200 || !strings.Contains(string(a.Body), "Being looked into") {
			t.Fatalf("%d %s", a.Status, a.Body)
		}
		return one(t, site, "select id::text from dailylogs.photo where key = ?", key), one(t, site, "select file_id::text from dailylogs.photo where key = ?", key)
	}
	good, goodFile := photo(1, "")
	bad, badFile := photo(2, "VIRUS")
	scanOf := func(id string) string { return one(t, site, "select scan from dailylogs.photo where id = ?", id) }
	opens := func(b *portaltest.Browser, file string) bool {
		for _, size := range []string{"thumb", "medium", "large", "original"} {
			if b.Get("/files/"+file+"/"+size).Status == 200 {
				return true
			}
		}
		return false
	}

	// submitted, shared and told, while nobody has looked yet
	diego.Open("/office/dailylogs/"+log+"/edit").Sees(t, "Being looked into, one moment").Fill("What was done", "Tiles are on.").Choose("Was everybody safe?", "Yes").Press("Submit log").Has(t, 200)
	site.As("maria").Open("/office/dailylogs/"+log).Sees(t, "Tiles are on.", "Being looked into, one moment")
	shared := one(t, site, "select (shared and state = 'submitted')::text || ' ' || (select count(*) from dailylogs.photo where log_id = l.id and told) from dailylogs.log l where id = ?", log)
	if shared != "true 2" {
		t.Fatalf("it is not told: %s", shared)
	}
	pages := []string{"/portal/all/dailylogs", "/portal/all/dailylogs/photos", "/portal/all/dailylogs/" + log, "/portal/all", "/portal/all/cards/dailylogs:latest"}
	reads := func(file string) (where []string) {
		for _, page := range pages {
			if strings.Contains(string(ana.Get(page).Body), file) {
				where = append(where, page)
			}
		}
		return where
	}
	ana.Open("/portal/all/dailylogs/"+log).Sees(t, "Tiles are on.")
	for _, file := range []string{goodFile, badFile} {
		for _, b := range []*portaltest.Browser{diego, ana, site.As("maria")} {
			if opens(b, file) {
				t.Errorf("nobody has looked into %s yet", file)
			}
		}
		if where := reads(file); len(where) > 0 {
			t.Errorf("the client finds %s at %v", file, where)
		}
	}
	for _, path := range []string{"/portal/all/dailylogs/" + log + "/photos.zip", "/office/dailylogs/" + log + "/photos.zip"} {
		b := ana
		if strings.HasPrefix(path, "/office") {
			b = diego
		}
		if a := b.Get(path); a.Status != 404 {
			t.Errorf("%s: %d", path, a.Status)
		}
	}

	answer()
	site.Settle(t)
	if scanOf(good) != "clean" || scanOf(bad) != "infected" {
		t.Fatalf("%s and %s", scanOf(good), scanOf(bad))
	}
	for _, b := range []*portaltest.Browser{diego, ana} {
		if !opens(b, goodFile) || opens(b, badFile) {
			t.Errorf("the clean one opens: %v, the infected one: %v", opens(b, goodFile), opens(b, badFile))
		}
	}
	if where := reads(goodFile); len(where) < 3 {
		t.Errorf("the client finds the clean one only at %v", where)
	}
	if where := reads(badFile); len(where) > 0 {
		t.Errorf("the client finds the infected one at %v", where)
	}
	if names := unzip(t, ana.Get("/portal/all/dailylogs/"+log+"/photos.zip")); len(names) != 1 {
		t.Errorf("the client's archive has %v", names)
	}
	if names := unzip(t, diego.Get("/office/dailylogs/"+log+"/photos.zip")); len(names) != 1 {
		t.Errorf("staff's archive has %v", names)
	}
	diego.Open("/office/dailylogs/"+log).Sees(t, "Locked: the virus scanner found something")
	// a photo that is made ready and still waits for the scanner is as shut as one that is not ready
	do(t, site, "update dailylogs.photo set scan = 'waiting' where id = ?", good)
	if opens(diego, goodFile) || opens(ana, goodFile) || len(reads(goodFile)) > 0 {
		t.Error("a photo opens while it waits for the scanner")
	}
	do(t, site, "update dailylogs.photo set scan = 'clean' where id = ?", good)

	// the team is told, once each; the client is not
	var told []string
	for _, m := range site.Mails()[before:] {
		if strings.HasPrefix(m.Subject, "A photo was locked: ") {
			told = append(told, m.Recipient)
		}
	}
	slices.Sort(told)
	if len(told) == 0 || len(slices.Compact(slices.Clone(told))) != len(told) || !slices.Contains(told, site.Person("diego").Email) || slices.Contains(told, site.Person("ana").Email) {
		t.Errorf("told: %v", told)
	}
	if n := one(t, site, "select count(*) from activity where verb = 'dailylogs.infected' and not for_client and text like '%Test.Virus'"); n != "1" {
		t.Errorf("%s entries in the log", n)
	}
	ana.Open("/portal/all").SeesNot(t, "virus", "Locked")

	// removed, its bytes are gone
	diego.Open("/office/dailylogs/" + log).Press("Reopen")
	if a := diego.Post("/office/dailylogs/"+log+"/photos/"+bad+"?_method=DELETE", nil); a.Status >= 400 {
		t.Errorf("it is not removed: %d", a.Status)
	}
	if n := one(t, site, "select count(*) from file where id = ?", badFile); n != "0" {
		t.Error("the infected file is still there")
	}
}
