package modules_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/platform/portaltest"
)

// TestAnImportInARealBrowser goes all four steps on a phone in the dark and at a desk in the light, watches the progress
// come by itself, and undoes it; then an export. Every page fits and passes the accessibility checks.
func TestAnImportInARealBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	portaltest.Chromium(t)
	folder := t.TempDir()
	small, large := filepath.Join(folder, strings.Repeat("long-name-", 6)+"of-clients.csv"), filepath.Join(folder, "families.csv")
	for path, content := range map[string][]byte{small: []byte(smallFile), large: manyFamilies(2500)} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	site := portaltest.Open(t)
	site.Work()
	for _, width := range []int{360, 1280} {
		maria := site.Chrome(t, "maria", width, width == 360)
		look := func(name string) {
			maria.Quiet().Fits(t).Axe(t)
			picture(t, maria, name, width)
		}
		maria.Open("/office/transfer")
		look("start")
		maria.Press("Import a file").Until("the form", `document.querySelector("input[type=file]")`)
		look("upload")
		maria.Attach("File", small).Press("Upload and go on").Until("the columns", `document.querySelector(".transfer-fields")`)
		look("columns")
		maria.Press("Check the rows").Until("the check", `document.querySelector(".transfer-counts")`)
		look("check")
		maria.Press("Import 2 clients").Until("the end, by itself", `document.querySelector("#transfer-import")?.innerText.includes("Added")`)
		look("done")
		maria.Press("Undo this import").Press("Undo all of it").Until("undone, by itself", `document.querySelector("#transfer-import")?.innerText.includes("Taken back")`)
		look("undone")

		if width == 360 { // one that takes its time
			maria.Open("/office/transfer/imports/new").Attach("File", large).Press("Upload and go on").Until("the columns", `document.querySelector(".transfer-fields")`)
			maria.Press("Check the rows").Until("the check, by itself", `document.querySelector(".transfer-counts")`)
			maria.Press("Import 2,500 clients").Until("the end, by itself", `document.querySelector("#transfer-import")?.innerText.includes("Added")`)
			maria.Press("Undo this import").Press("Undo all of it").Until("undone, by itself", `document.querySelector("#transfer-import")?.innerText.includes("Taken back")`)
		}

		maria.Open("/office/transfer/exports/new")
		look("export-new")
		maria.Press("Make the export").Until("the ZIP", `document.querySelector("#transfer-export a[download]")`)
		look("export")
		maria.Open("/office/transfer/exports")
		look("exports")
		maria.Open("/office/transfer/clients/" + site.Person("ana").ClientID.String())
		look("client")
	}
}

// picture keeps what a page looks like, where somebody wants to look.
func picture(t testing.TB, b *portaltest.Tab, name string, width int) {
	folder := os.Getenv("PORTICO_PICTURES")
	if folder == "" {
		return
	}
	file := filepath.Join(folder, name+map[bool]string{true: "-phone", false: ""}[width < 640]+".png")
	if err := os.WriteFile(file, b.Shot(), 0o600); err != nil {
		t.Fatal(err)
	}
}
