package documents_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"

	"portico/modules/documents"
	"portico/platform/portaltest"
)

func TestClientsGetPhotosWithoutThePlace(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	site.Develop(t)
	file := fileOf(t, site, "Where we saw the lamp.jpg")
	original := sample(t, "demo/DSCN0010.jpg")
	if !bytes.Contains(original, []byte("Exif")) {
		t.Fatal("the sample tells nothing")
	}
	ana := site.As("ana")
	for _, variant := range []string{"thumb", "medium", "large"} {
		a := ana.Get("/files/" + file + "/" + variant)
		if a.Status != 200 || !bytes.HasPrefix(a.Body, []byte{0xFF, 0xD8}) || bytes.Contains(a.Body, []byte("Exif")) || bytes.Contains(a.Body, []byte("GPS")) {
			t.Errorf("%s: %d, %d bytes", variant, a.Status, len(a.Body))
		}
	}
	if a := site.As("ben").Get("/files/" + file + "/original"); !bytes.Equal(a.Body, original) {
		t.Errorf("staff get %d bytes (%d)", len(a.Body), a.Status)
	}
	// a phone's HEIC is shown as a JPEG, and saved as one
	tiles := fileOf(t, site, "Tile samples.heif")
	a := ana.Get("/files/" + tiles + "/large")
	if !bytes.HasPrefix(a.Body, []byte{0xFF, 0xD8}) || !strings.Contains(a.Header.Get("Content-Disposition"), "Tile samples.jpg") {
		t.Errorf("%d %s", a.Status, a.Header.Get("Content-Disposition"))
	}
}

func TestAFolderIsPacked(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	site.Develop(t)
	maple := projectOf(t, site, "maple-street")
	unpack := func(who, path string) map[string][]byte {
		t.Helper()
		a := site.As(who).Get(path)
		r, err := zip.NewReader(bytes.NewReader(a.Body), int64(len(a.Body)))
		if err != nil {
			t.Fatalf("%s at %s: %d %v", who, path, a.Status, err)
		}
		all := map[string][]byte{}
		for _, f := range r.File {
			body, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			all[f.Name], _ = io.ReadAll(body)
		}
		return all
	}
	got := unpack("ana", "/portal/maple-street/documents/places/"+maple+"/files.zip")
	for name := range got {
		if strings.Contains(name, "Tile quotes") || strings.Contains(name, "bank") || strings.HasPrefix(name, "/") || strings.Contains(name, "..") {
			t.Errorf("ana gets %s", name)
		}
	}
	if !bytes.Equal(got["Plans/Kitchen plan.pdf"], sample(t, "demo/pdflatex-4-pages.pdf")) || got["Photos/Tile samples.jpg"] == nil || bytes.Contains(got["Where we saw the lamp.jpg"], []byte("Exif")) {
		t.Errorf("%d files", len(got))
	}
	got = unpack("ben", "/office/documents/places/"+maple+"/files.zip")
	if got["Purchasing/Tile quotes.pdf"] == nil || !bytes.Equal(got["Photos/Tile samples.heif"], sample(t, "demo/samplefilehub.heif")) {
		t.Error("staff do not get all of it")
	}
	got = unpack("ana", "/portal/all/documents/places/"+site.Person("ana").ClientID.String()+"/files.zip")
	if got["Contracts/Terms of work.pdf"] == nil || got["Maple Street remodel/Plans/Kitchen plan.pdf"] == nil {
		t.Errorf("%d files of everything", len(got))
	}
	if a := site.As("ana").Get("/portal/all/documents/places/" + folderOf(t, site, "Purchasing") + "/files.zip"); a.Status != 404 {
		t.Errorf("a hidden folder: %d", a.Status)
	}
}

func TestStrangePDFsHarmNobody(t *testing.T) {
	site := portaltest.Open(t, documents.Module)
	locked := sample(t, "../../platform/files/pdftext/testdata/libreoffice-writer-password.pdf")
	whole := sample(t, "demo/google-doc-document.pdf")
	page := "/office/documents/projects/" + projectOf(t, site, "maple-garden")
	ben := site.As("ben")
	for name, body := range map[string][]byte{"locked.pdf": locked, "half.pdf": whole[:len(whole)/2], "whole.pdf": whole, "page.pdf": []byte("<html><script>alert(1)</script>")} {
		ben.Open(page).Attach("Upload files", name, body).Press("Upload").Sees(t, name)
	}
	site.Settle(t)
	ben.Open(page).Follow("locked.pdf").Has(t, 200).Sees(t, "protected by a password")
	ben.Open(page).Follow("half.pdf").Has(t, 200).Sees(t, "damaged, or not complete")
	ben.Open(page).Follow("whole.pdf").SeesNot(t, "damaged", "protected")
	ben.Open(page).Follow("page.pdf").Sees(t, "not shown here")
	a := ben.Get("/files/" + fileOf(t, site, "page.pdf") + "/shown")
	if !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") || !strings.Contains(a.Header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%v", a.Header)
	}
	ben.Open("/office/documents?q=beautiful").Sees(t, "whole.pdf").SeesNot(t, "half.pdf", "locked.pdf")
	a = ben.Get("/files/"+fileOf(t, site, "whole.pdf")+"/original", "Range", "bytes=100-199")
	if a.Status != 206 || !bytes.Equal(a.Body, whole[100:200]) {
		t.Errorf("a piece: %d, %d bytes", a.Status, len(a.Body))
	}
}
