package documents_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"portico/modules/documents"
	"portico/platform/portaltest"
)

// id reads one id, or whatever else a statement gives.
func id(t testing.TB, site *portaltest.Site, query string, args ...any) (text string) {
	t.Helper()
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &text); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text
}

func do(t *testing.T, site *portaltest.Site, query string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

func fileOf(t testing.TB, site *portaltest.Site, name string) string {
	t.Helper()
	return id(t, site, "select file_id::text from documents.document where firm_id = ? and name = ? and trashed_at is null", site.FirmID(), name)
}

func documentOf(t *testing.T, site *portaltest.Site, name string) string {
	t.Helper()
	return id(t, site, "select id::text from documents.document where firm_id = ? and name = ?", site.FirmID(), name)
}

func folderOf(t *testing.T, site *portaltest.Site, name string) string {
	t.Helper()
	return id(t, site, "select id::text from documents.folder where firm_id = ? and name = ? order by created_at limit 1", site.FirmID(), name)
}

func projectOf(t testing.TB, site *portaltest.Site, key string) string {
	t.Helper()
	return id(t, site, "select id::text from project where firm_id = ? and key = ?", site.FirmID(), key)
}

func clip(t *testing.T, site *portaltest.Site, on bool) {
	t.Helper()
	do(t, site, "update client set uploads_on = ? where firm_id = ? and id = ?", on, site.FirmID(), site.Person("ana").ClientID)
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestClientsSeeWhatIsSharedAndNothingElse(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	site.Develop(t)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open("/portal/maple-street/documents").Has(t, 200).
			Sees(t, "Plans", "Photos", "Where we saw the lamp.jpg").SeesNot(t, "Purchasing", "Notes for the bank", "Lakeview")
		ana.Follow("Plans").Sees(t, "Kitchen plan.pdf", "The island is 10 cm longer.").Follow("Kitchen plan.pdf").Sees(t, "Version", "2", "4 pages").SeesNot(t, "Versions", "Make current")
		ana.Open("/portal/all/documents").Sees(t, "Maple Street remodel", "Contracts").SeesNot(t, "Attic")
		ana.Open("/portal/maple-garden/documents").Sees(t, "Nothing here yet").SeesNot(t, "Kitchen")
	})
	// tom sees one project only: what is the client's own is not his
	site.As("tom").Open("/portal/all/documents").Sees(t, "Maple Street remodel").SeesNot(t, "Contracts")
	site.As("tom").Open("/portal/all/documents/folders/"+folderOf(t, site, "Contracts")).Has(t, 404)
}

// everyAddress are all ways to a document and its bytes.
func everyAddress(t *testing.T, site *portaltest.Site, name string) []string {
	document, file := documentOf(t, site, name), fileOf(t, site, name)
	all := []string{"/portal/all/documents/files/" + document, "/portal/maple-street/documents/files/" + document}
	for _, variant := range []string{"thumb", "medium", "large", "original", "shown"} {
		all = append(all, "/files/"+file+"/"+variant)
	}
	return all
}

func TestWhatIsHiddenIsNowhere(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	site.Develop(t)
	gone := func(who string, names ...string) {
		t.Helper()
		b := site.As(who)
		for _, name := range names {
			for _, address := range everyAddress(t, site, name) {
				if a := b.Get(address); a.Status != 404 && !(who == "" && (a.Status == 303 || a.Status == 401)) {
					t.Errorf("%s gets %d at %s of %s", who, a.Status, address, name)
				}
			}
		}
	}
	there := func(who, name string, variants ...string) {
		t.Helper()
		for _, variant := range variants {
			if a := site.As(who).Get("/files/" + fileOf(t, site, name) + "/" + variant); a.Status != 200 || len(a.Body) == 0 {
				t.Errorf("%s gets %d at %s of %s", who, a.Status, variant, name)
			}
		}
	}
	there("ana", "Living room wall.jpg", "thumb", "medium", "large")
	there("ana", "Kitchen plan.pdf", "original", "shown")
	there("ben", "Tile quotes.pdf", "original")
	gone("ana", "Tile quotes.pdf", "Notes for the bank.md")
	gone("grace", "Living room wall.jpg", "Kitchen plan.pdf", "Terms of work.pdf")
	gone("tom", "Terms of work.pdf")
	harbor := site.Firm("harbor").As("ruth")
	if a := harbor.Get("/files/" + fileOf(t, site, "Kitchen plan.pdf") + "/original"); a.Status != 404 {
		t.Errorf("another firm gets %d", a.Status)
	}
	if a := site.Stranger().Get("/files/" + fileOf(t, site, "Kitchen plan.pdf") + "/original"); a.Status == 200 {
		t.Error("a stranger gets a file")
	}
	// the original of a photo tells where it was taken
	if a := site.As("ana").Get("/files/" + fileOf(t, site, "Where we saw the lamp.jpg") + "/original"); a.Status != 404 {
		t.Errorf("ana gets an original: %d", a.Status)
	}
	// a folder inside a folder: one of the two is enough to hide
	do(t, site, "update documents.folder set shared = false where id = ?", folderOf(t, site, "Plans"))
	gone("ana", "Kitchen plan.pdf")
	site.As("ana").Open("/portal/maple-street/documents").SeesNot(t, "Plans")
	site.As("ana").Open("/portal/maple-street/documents/folders/"+folderOf(t, site, "Plans")).Has(t, 404)
	site.As("ana").Open("/portal/all/documents?q=kitchen").SeesNot(t, "Kitchen plan")
	do(t, site, "update documents.folder set shared = true")
	there("ana", "Kitchen plan.pdf", "original")
	do(t, site, "update documents.folder set shared = false where name = 'Purchasing'")
	do(t, site, "update project set switches = '{\"documents\": false}' where key = 'maple-street'")
	gone("ana", "Kitchen plan.pdf", "Living room wall.jpg")
	do(t, site, "update project set switches = '{}'")
	do(t, site, "update project set shared = false where key = 'maple-street'")
	gone("ana", "Kitchen plan.pdf")
	do(t, site, "update project set shared = true where key = 'maple-street'")
	there("ana", "Kitchen plan.pdf", "original")
	do(t, site, "update contact set disabled_at = now() where person_id = ?", site.Person("ana").ID)
	for _, address := range everyAddress(t, site, "Kitchen plan.pdf") {
		if a := site.Browser().Get(address); a.Status == 200 {
			t.Errorf("without access: %s", address)
		}
	}
}

func TestFoldersAreMadeMovedDeletedAndTakenBack(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	maple := projectOf(t, site, "maple-street")
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		top := "/office/documents/projects/" + maple
		ben.Open(top).Follow("New folder").Press("Make folder").Has(t, 422).Sees(t, "Enter a name.")
		ben.Fill("Name", "plans").Press("Make folder").Has(t, 422).Sees(t, "There is a folder with this name already.")
		ben.Fill("Name", "Permits").Tick("Share with Ana & Tom Rivera").Press("Make folder").Sees(t, "Permits", "Nothing here yet", "sees this folder")
		permits := ben.Path()
		ben.Follow("New folder").Fill("Name", "City").Press("Make folder").Sees(t, "City", "neither this folder")
		city := ben.Path()
		ben.Attach("Upload files", "permit.txt", []byte("Permit 77 for the stairwell")).Press("Upload").Sees(t, "The file has arrived.", "permit.txt")
		site.Settle(t)
		ben.Open("/office/documents?q=stairwell").Sees(t, "permit.txt")
		ana := site.As("ana").For(t)
		ana.Open("/portal/maple-street/documents").Sees(t, "Permits").Follow("Permits").SeesNot(t, "City")
		ana.Open("/portal/all/documents?q=stairwell").SeesNot(t, "permit.txt")

		// a folder does not go into itself; to another project it goes with all that is in it
		ben.Open(permits+"/place").SeesNot(t, "City")
		cityID := city[strings.LastIndex(city, "/")+1:]
		ben.Post(permits+"/place", url.Values{"to": {cityID}})
		ben.Open(permits).Sees(t, "Permits")
		ben.Open(permits + "/place")
		ben.Tick("Maple Street garden").Press("Move").Sees(t, "Maple Street garden")
		ben.Open(city).Sees(t, "Maple Street garden", "permit.txt")
		ben.Open(city+"/edit").Tick("Share with Ana & Tom Rivera").Press("Save").Sees(t, "sees this folder")
		if n := id(t, site, "select count(*)::text from documents.document d where d.name = 'permit.txt' and d.trashed_at is null and d.project_id = (select id from project where key = 'maple-garden')"); n != "1" {
			t.Errorf("%s files went along", n)
		}
		ana.Open("/portal/maple-garden/documents").Follow("Permits").Follow("City").SeesNot(t, "permit.txt") // not shared itself
		ben.Open(city).Follow("permit.txt").Press("Share with the client")
		ana.Open("/portal/maple-garden/documents").Follow("Permits").Follow("City").Sees(t, "permit.txt").Follow("permit.txt").Sees(t, "Permit 77 for the stairwell")
		file := ana.Path()
		ana.Open("/portal/all/documents?q=stairwell").Sees(t, "permit.txt")

		// into the trash and back
		ben.Open(permits).Press("Put into the trash").Sees(t, "in the trash for 30 days")
		ana.Open(file).Has(t, 404)
		ana.Open("/portal/all/documents?q=stairwell").SeesNot(t, "permit.txt")
		ben.Open("/office/documents?q=stairwell").SeesNot(t, "permit.txt")
		ben.Open("/office/documents/trash").Sees(t, "Permits").Press("Take back Permits").Sees(t, "The folder is back.")
		ana.Open(file).Has(t, 200)
		ben.Open(permits).Press("Put into the trash")
		do(t, site, "update documents.folder set trashed_at = now() - interval '31 days' where name = 'Permits'")
		maria := site.As("maria").For(t)
		maria.Open("/office/documents/trash").Press("Delete for good").Sees(t, "The trash is empty")
		site.Settle(t)
		if n := id(t, site, "select count(*)::text from documents.document where name = 'permit.txt'"); n != "0" {
			t.Errorf("%s rows are left", n)
		}
		if n := id(t, site, "select count(*)::text from file where name = 'permit.txt'"); n != "0" {
			t.Errorf("%s files are left", n)
		}
	})
}

func TestSeveralFilesAtOnce(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	maple := projectOf(t, site, "maple-street")
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		top := "/office/documents/projects/" + maple
		ana := site.As("ana").For(t)
		ben.Open(top).Press("Share").Sees(t, "Tick some files first.")
		ben.Open(top).Tick("Tick Notes for the bank.md").Tick("Tick Site rules.md").Press("Hide").Sees(t, "2 files are hidden from the client.")
		ana.Open("/portal/maple-street/documents").SeesNot(t, "Site rules.md", "Notes for the bank.md")
		ben.Open(top).Tick("Tick Site rules.md").Press("Share").Sees(t, "1 file is shared with the client.")
		ana.Open("/portal/maple-street/documents").Sees(t, "Site rules.md").SeesNot(t, "Notes for the bank.md")
		ben.Open(top).Tick("Tick Notes for the bank.md").Press("Trash").Sees(t, "1 file is in the trash").SeesNot(t, "Notes for the bank.md")
		ben.Open("/office/documents/folders/"+folderOf(t, site, "Purchasing")).Tick("Tick Tile quotes.pdf").Press("Share").Sees(t, "a folder on the way is not shared")
		// what lies elsewhere is left alone
		ben.Post("/office/documents/places/"+maple+"/files?_method=DELETE", url.Values{"id": {documentOf(t, site, "Terms of work.pdf")}})
		ana.Open("/portal/all/documents/files/"+documentOf(t, site, "Terms of work.pdf")).Has(t, 200)
		do(t, site, "update documents.document set trashed_at = null")
	})
}

func TestOnlyWhatIsOldIsPurged(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	site.Develop(t)
	do(t, site, "update documents.document set trashed_at = now() - interval '31 days' where name = 'Notes for the bank.md'")
	do(t, site, "update documents.document set trashed_at = now() - interval '29 days' where name = 'Site rules.md'")
	do(t, site, "update documents.folder set trashed_at = now() - interval '31 days' where name = 'Purchasing'")
	key := "firm/" + site.FirmID().String() + "/" + fileOf(t, site, "Tile quotes.pdf")
	before := id(t, site, "select used::text from documents.setting where firm_id = ?", site.FirmID())
	purge(t, site)
	site.Settle(t)
	left := id(t, site, "select coalesce(string_agg(name, ', ' order by name), '') from documents.document where firm_id = ? and name in ('Notes for the bank.md', 'Site rules.md', 'Tile quotes.pdf')", site.FirmID())
	if left != "Site rules.md" {
		t.Errorf("left: %s", left)
	}
	if n := id(t, site, "select count(*)::text from documents.folder where firm_id = ? and name = 'Purchasing'", site.FirmID()); n != "0" {
		t.Error("the folder is still there")
	}
	if _, err := site.Store.Stat(t.Context(), key); err == nil {
		t.Error("the bytes are still there")
	}
	if after := id(t, site, "select used::text from documents.setting where firm_id = ?", site.FirmID()); after == before {
		t.Error("the room is not free")
	}
}

func TestVersionsAreKeptAndTakenBack(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	site.Develop(t)
	site.Both(t, "ben", func(t *testing.T, ben *portaltest.Browser) {
		ben.Open("/office/documents/projects/"+projectOf(t, site, "maple-garden")).
			Attach("Upload files", "Planting.txt", []byte("first: birch")).Tick("Share with the client").Press("Upload")
		ben.Open("/office/documents/projects/"+projectOf(t, site, "maple-garden")).
			Attach("Upload files", "planting.txt", []byte("second: maple")).Fill("What is new", "Maple instead of birch").Press("Upload").Sees(t, "Planting.txt", "Maple instead of birch")
		ben.Follow("Planting.txt").Sees(t, "Version 2 (current)", "Version 1", "second: maple")
		page := ben.Path()
		ana := site.As("ana").For(t)
		document := page[strings.LastIndex(page, "/")+1:]
		ana.Open("/portal/all/documents/files/"+document).Sees(t, "second: maple", "Maple instead of birch").SeesNot(t, "birch instead", "first")
		old := id(t, site, "select file_id::text from documents.version where document_id = ? and number = 1", document)
		if a := ana.Get("/files/" + old + "/original"); a.Status != 404 {
			t.Errorf("ana gets an old version: %d", a.Status)
		}
		if a := ben.Get("/files/" + old + "/original"); string(a.Body) != "first: birch" {
			t.Errorf("%d %s", a.Status, a.Body)
		}
		ben.Open(page).Press("Make current").Sees(t, "Version 1 is the current one again.", "Version 3 (current)", "first: birch", "Version 1, taken back")
		ana.Open("/portal/all/documents/files/"+document).Sees(t, "first: birch")
		ben.Open(page).Attach("New version", "other name.txt", []byte("fourth: oak")).Press("Upload").Sees(t, "Version 4 (current)", "fourth: oak")
		site.Settle(t)
		ben.Open("/office/documents?q=oak").Sees(t, "Planting.txt")
		ben.Open("/office/documents?q=birch").SeesNot(t, "Planting.txt")
		ben.Open(page).Press("Put into the trash")
		do(t, site, "delete from documents.word where document_id = ?", document)
	})
}

func TestThePaperClip(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	clip(t, site, false)
	maple := projectOf(t, site, "maple-street")
	ana := site.As("ana")
	ana.Open("/portal/maple-street/documents").SeesNot(t, "Upload", "Choose")
	for _, path := range []string{"/portal/maple-street/documents/places/" + maple + "/files", "/portal/maple-street/documents/places/" + maple + "/uploads"} {
		if a := ana.Post(path, url.Values{"name": {"x.txt"}, "size": {"3"}}); a.Status != 404 {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	clip(t, site, true)
	site.Both(t, "ana", func(t *testing.T, ana *portaltest.Browser) {
		ana.Open("/portal/maple-street/documents").Press("Upload").Has(t, 422).Sees(t, "Choose a file first.")
		ana.Open("/portal/maple-street/documents").Attach("Upload files", "../../our wish<script>.txt", []byte("A window seat")).Press("Upload").Sees(t, "The file has arrived.", "our wishscript.txt")
		ben := site.As("ben").For(t)
		ben.Open("/office/documents?only=clients").Sees(t, "our wishscript.txt", "From the client")
		// the name of a hidden file tells nothing, and the firm's own file stays its own
		ana.Open("/portal/maple-street/documents").Attach("Upload files", "Notes for the bank.md", []byte("ours")).Press("Upload").Sees(t, "Notes for the bank.md")
		ana.Open("/portal/maple-street/documents").Attach("Upload files", "Site rules.md", []byte("ours")).Press("Upload").Sees(t, "Site rules.md", "Site rules (2).md")
		if n := id(t, site, "select max(number)::text from documents.version n join documents.document d on d.id = n.document_id where d.name = 'Site rules.md'"); n != "1" {
			t.Errorf("the firm's file has version %s", n)
		}
		do(t, site, "update documents.document set trashed_at = now() where by_client and name <> 'Where we saw the lamp.jpg'")
	})
	// into a hidden folder, or another client's project, nothing goes
	for _, place := range []string{folderOf(t, site, "Purchasing"), projectOf(t, site, "lakeview-house"), projectOf(t, site, "maple-attic")} {
		if a := ana.Post("/portal/all/documents/places/"+place+"/uploads", url.Values{"name": {"x.txt"}, "size": {"3"}}); a.Status != 404 {
			t.Errorf("%s: %d", place, a.Status)
		}
	}
}

func TestOneMailTellsOfAll(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	site.Develop(t)
	clip(t, site, true)
	before := len(site.Mails())
	due := func() {
		t.Helper()
		do(t, site, "update outbox set next_at = now() where kind = 'documents:tell' and done_at is null")
		site.Settle(t)
	}
	ben := site.As("ben")
	page := "/office/documents/projects/" + projectOf(t, site, "maple-street")
	for i := range 3 {
		ben.Open(page).Attach("Upload files", fmt.Sprintf("Offer %d.txt", i), []byte("x")).Tick("Share with the client").Tick("Tell them by mail").Press("Upload")
	}
	ben.Open(page).Attach("Upload files", "secret.txt", []byte("x")).Tick("Tell them by mail").Press("Upload") // not shared: nobody is told
	due()
	var to []string
	for _, m := range site.Mails()[before:] {
		to = append(to, m.Recipient)
		if !strings.Contains(m.Text, "Offer 0.txt") || !strings.Contains(m.Text, "Offer 2.txt") || strings.Contains(m.Text, "secret") || m.Subject != "3 new documents from Northgate Builders" {
			t.Errorf("%s: %s", m.Subject, m.Text)
		}
	}
	slices.Sort(to)
	if fmt.Sprint(to) != "[ana.rivera@example.com tom.rivera@example.com]" {
		t.Errorf("mails to %v", to)
	}
	before = len(site.Mails())
	site.As("ana").Open("/portal/maple-street/documents").Attach("Upload files", "Our wish.txt", []byte("A window seat")).Press("Upload")
	due()
	mails := site.Mails()[before:]
	if len(mails) == 0 || mails[0].Subject != "A new document from Ana & Tom Rivera" || strings.Contains(mails[0].Recipient, "rivera") {
		t.Errorf("%d mails", len(mails))
	}
	due()
	if n := len(site.Mails()) - before - len(mails); n != 0 {
		t.Errorf("%d mails again", n)
	}
}

// told is what our script hears.
type told struct {
	ID      string
	Offset  int64
	State   string
	Problem string
}

func hear(t testing.TB, a portaltest.Answer) (p told) {
	t.Helper()
	if err := json.Unmarshal(a.Body, &p); err != nil {
		t.Fatalf("%d %.300s", a.Status, a.Body)
	}
	return p
}
