package seal_test

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"portico/modules/envelopes/seal"
	"portico/platform/portaltest/stopwatch"
)

// byHand is a file of these objects, the first of which is the catalog.
func byHand(objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	var offsets []int
	for n, o := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", n+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, at := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return b.Bytes()
}

// onePage is a page with more in its catalog and in itself.
func onePage(catalog, page string, more ...string) []byte {
	stream := "BT ET"
	return byHand(append([]string{
		"<</Type/Catalog/Pages 2 0 R" + catalog + ">>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
		"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents 4 0 R" + page + ">>", fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(stream), stream),
	}, more...)...)
}

func TestWhatHasNoPlaceInAContract(t *testing.T) {
	many := []string{"<</Type/Catalog/Pages 2 0 R>>", ""}
	var kids []string
	for n := range seal.MostPages + 1 {
		kids = append(kids, fmt.Sprintf("%d 0 R", n+3))
		many = append(many, "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]>>")
	}
	many[1] = fmt.Sprintf("<</Type/Pages/Kids[%s]/Count %d>>", strings.Join(kids, " "), len(kids))
	whole := onePage("", "")
	for name, c := range map[string]struct {
		pdf  []byte
		want error
	}{
		"as it should be":        {whole, nil},
		"a script":               {onePage("/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>", ""), seal.ErrActive},
		"a script in a name":     {onePage("/Names<</JavaScript<</Names[(a) 5 0 R]>>>>", "", "<</S/JavaScript/JS(1)>>"), seal.ErrActive},
		"a program":              {onePage("", "/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(x.exe)>>>>]"), seal.ErrActive},
		"a file in the file":     {onePage("/Names<</EmbeddedFiles<</Names[(a)<</Type/Filespec/F(a)/EF<</F 4 0 R>>>>]>>>>", ""), seal.ErrActive},
		"a form of another kind": {onePage("/AcroForm<</Fields[]/XFA 4 0 R>>", ""), seal.ErrActive},
		"sends itself":           {onePage("", "/AA<</O<</S/SubmitForm/F(http://x)>>>>"), seal.ErrActive},
		"an unused script":       {onePage("", "", "<</S/JavaScript/JS(1)>>"), seal.ErrActive},
		"pages in a ring":        {byHand("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>"), seal.ErrDamaged},
		"no pages":               {byHand("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 0>>"), seal.ErrDamaged},
		"too many pages":         {byHand(many...), seal.ErrLong},
		"half of it":             {contract(t, 2)[:2000], seal.ErrDamaged},
		"a picture":              {[]byte("\xFF\xD8\xFF\xE0 not a pdf"), seal.ErrDamaged},
		"nothing":                {nil, seal.ErrDamaged},
		"too large":              {make([]byte, seal.Largest+1), seal.ErrHeavy},
	} {
		if _, err := seal.Inspect(c.pdf); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		} else if err != nil && seal.Words(err) == "" {
			t.Errorf("%s: no words", name)
		}
	}
}

// TestASealedFileHasNothingOfTheOldOne: what is not reached from its pages stays behind, and so do earlier revisions.
func TestASealedFileHasNothingOfTheOldOne(t *testing.T) {
	pdf := onePage("/Outlines 5 0 R/Metadata 6 0 R", "/PieceInfo<</X 5 0 R>>", "<</Secret(of the first draft)>>", "<</Other(notes)>>")
	out := sealed(t, signer(t), pdf)
	for _, old := range []string{"first draft", "notes"} {
		if bytes.Contains(out, []byte(old)) {
			t.Errorf("%q is still in it", old)
		}
	}
	if n := bytes.Count(out, []byte("%%EOF")); n != 1 {
		t.Errorf("%d revisions", n)
	}
}

// TestMarksStandWhereTheyWerePut: fractions are those of the page as it is seen, however it is turned and cut.
func TestMarksStandWhereTheyWerePut(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("needs pdftotext")
	}
	word := regexp.MustCompile(`<page width="([\d.]+)" height="([\d.]+)">\s*<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">Ana`)
	for _, page := range []string{"", "/Rotate 90", "/Rotate 180", "/Rotate 270", "/CropBox[30 50 280 390]", "/CropBox[30 50 280 390]/Rotate 90"} {
		pdf := onePage("", page)
		facts, err := seal.Inspect(pdf)
		if err != nil {
			t.Fatal(err)
		}
		out, err := seal.Stamp(pdf, []seal.Mark{{Page: 1, X: 0.5, Y: 0.25, W: 0.4, H: 0.05, Kind: seal.Text, Text: "Ana"}})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "f.pdf")
		_ = os.WriteFile(file, out, 0o600)
		said, err := exec.CommandContext(t.Context(), "pdftotext", "-bbox", file, "-").CombinedOutput()
		if err != nil {
			t.Fatal(err)
		}
		var w, h, x0, y0, x1, y1 float64
		m := word.FindStringSubmatch(string(said))
		if m == nil {
			t.Errorf("%s: not there: %s", page, said)
			continue
		}
		for n, into := range []*float64{&w, &h, &x0, &y0, &x1, &y1} {
			_, _ = fmt.Sscan(m[n+1], into)
		}
		if size := facts.Sizes[0]; size.W*size.H != w*h {
			t.Errorf("%s: %v by %v, seen %v", page, w, h, size)
		}
		if size := facts.Sizes[0]; x0 < 0.49*size.W || x1 > 0.9*size.W || y0 < 0.24*size.H || y1 > 0.32*size.H {
			t.Errorf("%s: at %v %v to %v %v of %v", page, x0, y0, x1, y1, size)
		}
	}
}

// TestBrokenFilesHarmNothing: files that were damaged at random are taken or refused in words, quickly.
func TestBrokenFilesHarmNothing(t *testing.T) {
	all, _ := filepath.Glob("testdata/*.pdf")
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // the same every time
	for _, file := range all {
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			pdf := bytes.Clone(whole)
			for range 1 + random.IntN(40) {
				pdf[random.IntN(len(pdf))] = byte(random.IntN(256))
			}
			if random.IntN(3) == 0 {
				pdf = pdf[:random.IntN(len(pdf))]
			}
			if _, err := seal.Inspect(pdf); err != nil {
				if seal.Words(err) == "" {
					t.Errorf("%s: %v", file, err)
				}
				continue
			}
			if _, err := seal.Stamp(pdf, []seal.Mark{{Page: 1, X: 0.1, Y: 0.1, W: 0.3, H: 0.1, Kind: seal.Signature, Text: "Ana"}}); err != nil && seal.Words(err) == "" {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

// TestAFileThatEatsMemoryIsLetGo: its streams become far larger than they are.
func TestAFileThatEatsMemoryIsLetGo(t *testing.T) {
	var packed bytes.Buffer
	w, _ := zlib.NewWriterLevel(&packed, zlib.BestSpeed)
	for range 800 {
		_, _ = w.Write(make([]byte, 1<<20))
	}
	_ = w.Close()
	body := packed.String()
	pdf := byHand("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 400]/Contents 4 0 R>>",
		fmt.Sprintf("<</Type/ObjStm/N 1/First 10/Filter/FlateDecode/Length %d>>\nstream\n%s\nendstream", len(body), body))
	begun := time.Now()
	if _, err := seal.Inspect(pdf); err != nil && seal.Words(err) == "" {
		t.Error(err)
	}
	stopwatch.Holds(t, "it", 2*seal.Patience, time.Since(begun))
}
