package pdftext_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/platform/files/pdftext"
)

func read(t *testing.T, body []byte) (pdftext.Text, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(name, body, 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return pdftext.Read(t.Context(), f)
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestWordsAreRead(t *testing.T) {
	for name, want := range map[string]string{
		"google-doc-document.pdf": "Beautiful is better than ugly.",
		"minimal-document.pdf":    "consetetur sadipscing elitr", // its program wrote no blanks
	} {
		text, err := read(t, sample(t, name))
		if err != nil || text.Pages != 1 || !strings.Contains(text.Words, want) {
			t.Errorf("%s: %d pages, %v, %.300q", name, text.Pages, err, text.Words)
		}
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	hurry(t)
	whole := sample(t, "google-doc-document.pdf")
	for name, c := range map[string]struct {
		body []byte
		want error
	}{
		"protected":       {sample(t, "libreoffice-writer-password.pdf"), pdftext.ErrLocked},
		"empty":           {nil, pdftext.ErrDamaged},
		"no PDF":          {[]byte("%PDF-1.4\nthis is nothing"), pdftext.ErrDamaged},
		"half of one":     {whole[:len(whole)/2], pdftext.ErrDamaged},
		"its end missing": {whole[:len(whole)-900], pdftext.ErrDamaged},
		"a loop of pages": {built("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 3>>"), pdftext.ErrHeavy},
		"a huge count":    {built("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 99999999>>"), pdftext.ErrDamaged},
	} {
		if _, err := read(t, c.body); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestABombHarmsNobody: a page of a few kilobytes that unpacks to far more than a child may take.
func TestABombHarmsNobody(t *testing.T) {
	hurry(t)
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	line := []byte(strings.Repeat("BT /F1 12 Tf (boom boom boom boom boom boom) Tj ET\n", 1000))
	for range 16 << 10 { // 800 MB
		_, _ = w.Write(line)
	}
	_ = w.Close()
	stream := fmt.Sprintf("<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream", packed.Len(), packed.Bytes())
	body := built("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>>>", stream)
	text, err := read(t, body)
	if err == nil && len(text.Words) > 8<<20 || err != nil && !errors.Is(err, pdftext.ErrHeavy) {
		t.Errorf("%d bytes of words, %v", len(text.Words), err)
	}
}

func hurry(t *testing.T) {
	old := pdftext.Patience
	pdftext.Patience = 5 * time.Second
	t.Cleanup(func() { pdftext.Patience = old })
}

// built writes a PDF of objects, with a table that is right.
func built(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, offset := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	fmt.Fprintf(&b, "trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}
