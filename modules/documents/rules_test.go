package documents

import (
	"path"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/db/paging"
	"portico/platform/files"
)

func TestNamesKeepTheirEnding(t *testing.T) {
	for _, c := range []struct{ typed, was, want string }{
		{"Plan", "old.pdf", "Plan.pdf"}, {"Plan.pdf", "old.pdf", "Plan.pdf"}, {"  Plan  ", "old", "Plan"}, {"v1.2", "old.pdf", "v1.2"},
		{"", "old.pdf", ""}, {"a/b", "old.pdf", ""}, {`a\b`, "old.pdf", ""}, {strings.Repeat("é", 151), "old", ""},
		{"\u202Efdp.exe", "", "fdp.exe"},
	} {
		got, err := nameOf(c.typed, c.was)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%q: %q, %v", c.typed, got, err)
		}
	}
	if numbered("plan.pdf", 1) != "plan.pdf" || numbered("plan.pdf", 3) != "plan (3).pdf" {
		t.Error("numbered")
	}
}

func TestATextIsToldByItsEndingAndItsLetters(t *testing.T) {
	for _, c := range []struct {
		name, head, want string
	}{
		{"a.txt", "hello", "text"}, {"a.csv", "ä,b", "text"}, {"a.md", "half a letter \xc3", "text"}, {"a.txt", "\x00\x01", "other"},
		{"a.txt", "\xff\xfe\xff\xfe\xff", "other"}, {"a.html", "<p>", "other"}, {"a", "hello", "other"}, {"a.txt", "", "text"},
	} {
		if got := sortOf(files.Other, c.name, []byte(c.head)); got != c.want {
			t.Errorf("%s %q: %s", c.name, c.head, got)
		}
	}
	if sortOf(files.PDF, "a.txt", nil) != "pdf" || sortOf(files.HEIC, "a", nil) != "picture" {
		t.Error("what it is by its content counts first")
	}
}

func TestNothingInAZIPLeavesItsFolder(t *testing.T) {
	folder := uuid.New()
	var list []Document
	for _, name := range []string{"../../etc/passwd", "/etc/passwd", `..\..\x`, "plan.pdf", "PLAN.pdf", "plan.pdf", "con:", "..", "a\r\nb"} {
		list = append(list, Document{Name: name, FolderID: folder, Sort: "other", ProjectName: "../x", ProjectID: uuid.New()})
	}
	list = append(list, Document{Name: "virus.exe", Guarded: "infected"}, Document{Name: "new.jpg", Sort: "picture", FileState: "new"})
	all, left := pack(auth.Viewer{Side: auth.Portal}, place{Kind: "client"}, list, map[uuid.UUID]string{folder: "Plans"})
	seen := map[string]bool{}
	for _, one := range all {
		key := strings.ToLower(one.Name)
		if seen[key] || path.IsAbs(one.Name) || path.Clean(one.Name) != one.Name || strings.ContainsAny(one.Name, "\\\r\n:") || !strings.HasPrefix(one.Name, "x/Plans/") {
			t.Errorf("%q", one.Name)
		}
		seen[key] = true
	}
	if len(all) != 9 || len(left) != 2 {
		t.Errorf("%d packed, %v left out", len(all), left)
	}
}

func TestCursorsReadWhatTheyWrote(t *testing.T) {
	d := Document{ID: uuid.New(), Name: "Übersicht (2).pdf", Size: 1 << 40, ChangedAt: time.Now()}
	for _, sort := range []string{"name", "-name", "changed", "-size"} {
		c := d.cursor(sort)
		if got := paging.PlaceOf(c.String(), "").If(sorts.Fits(sort)); got.At != c {
			t.Errorf("%s: %v is not %v", sort, got, c)
		}
	}
	for _, text := range []string{"", "x", strings.Repeat("A", 21), strings.Repeat("A", 30), "%%%"} {
		if c := paging.PlaceOf(text, "").If(sorts.Fits("size")); !c.At.IsZero() {
			t.Errorf("%q: %v", text, c)
		}
	}
}

func TestAPlaceIsOpenWhenAllFoldersOnTheWayAre(t *testing.T) {
	top, folder := place{Kind: "project"}, place{Kind: "folder", Shared: true, Above: []step{{Name: "a", Shared: true}, {Name: "b"}}}
	if !top.Open() || folder.Open() || folder.shut() != "b" {
		t.Error("a folder above is shut")
	}
	folder.Above[1].Shared = true
	if !folder.Open() || folder.shut() != "" {
		t.Error("all is open")
	}
}
