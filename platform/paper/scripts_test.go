package paper_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/platform/paper"
	"portico/platform/portaltest/stopwatch"
)

// names in eight scripts, and what else people write with them.
var names = map[string]string{
	"Latin":      "Łukasz Żółć & Ørsted ApS",
	"Vietnamese": "Nguyễn Thị Hồng Đào",
	"Greek":      "Αλέξανδρος Παπαδόπουλος",
	"Cyrillic":   "Щербаков и Ёлкина ООО",
	"Arabic":     "شركة علاء الدين للمقاولات",
	"Hebrew":     "משפחת כהן־לוי",
	"Devanagari": "श्रीमती क्षितिज्ञा हिन्दुस्तानी",
	"Thai":       "บริษัท น้ำผึ้งสร้างบ้าน จำกัด",
	"Chinese":    "北京建筑工程有限公司",
	"Japanese":   "株式会社 山田工務店",
	"Korean":     "주식회사 한강건설",
}

// extracted is the text of a PDF as another program reads it.
func extracted(t testing.TB, body []byte) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("needs pdftotext")
	}
	file := filepath.Join(t.TempDir(), "sheet.pdf")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	var out, wrong bytes.Buffer
	cmd := exec.CommandContext(t.Context(), "pdftotext", "-enc", "UTF-8", "-layout", file, "-")
	cmd.Stdout, cmd.Stderr = &out, &wrong
	if err := cmd.Run(); err != nil || wrong.Len() > 0 {
		t.Fatalf("%v: %s", err, wrong.String())
	}
	// marks that say which way a line runs are the reader's own
	return strings.NewReplacer("\u200e", "", "\u200f", "", "\u202a", "", "\u202b", "", "\u202c", "").Replace(out.String())
}

func sheetFor(name string) paper.Sheet {
	s := sheet(0)
	s.Title, s.From, s.To = "Invoice INV-0007", []string{name, "1 Main Street"}, []string{name, "2 Side Street"}
	s.Facts = []paper.Pair{{Name: "Project", Value: name}}
	s.Rows = [][]string{{name + " (12 m²)", "1", "$1,234.50", "$1,234.50"}, {"Work for " + name + ", part 2", "1", "$1.00", "$1.00"}}
	s.Words = []string{"Thank you, " + name + "."}
	return s
}

// TestNamesInEightScriptsAreOnPaper: what another program reads out of the document is what was written into it.
func TestNamesInEightScriptsAreOnPaper(t *testing.T) {
	for script, name := range names {
		t.Run(script, func(t *testing.T) {
			body, err := paper.Draw(sheetFor(name))
			if err != nil {
				t.Fatal(err)
			}
			if again, _ := paper.Draw(sheetFor(name)); !bytes.Equal(body, again) {
				t.Error("two drawings differ")
			}
			if len(body) > 120<<10 {
				t.Errorf("%d bytes", len(body))
			}
			if at := os.Getenv("PAPER_OUT"); at != "" {
				_ = os.WriteFile(filepath.Join(at, script+".pdf"), body, 0o600)
			}
			text := extracted(t, body)
			if n := strings.Count(text, name); n < 6 {
				t.Errorf("%q is read %d times in\n%s", name, n, text)
			}
			for _, want := range []string{"$1,234.50", "$98,765,432.10", "INV-0007", "12 m²", "Work for", "part 2"} {
				if !strings.Contains(text, want) {
					t.Errorf("no %q in\n%s", want, text)
				}
			}
		})
	}
}

func TestLongNamesAreBrokenIntoLines(t *testing.T) {
	for script, name := range names {
		s := sheetFor(strings.TrimSpace(strings.Repeat(name+" ", 12)))
		body, err := paper.Draw(s)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(strings.Join(strings.Fields(extracted(t, body)), " "), strings.Fields(name)[0]); n < 40 {
			t.Errorf("%s: %d of its words are left", script, n)
		}
	}
}

// TestADocumentInAnyScriptIsQuick: fonts are unpacked once, and a document takes the few glyphs that it needs.
func TestADocumentInAnyScriptIsQuick(t *testing.T) {
	for script, name := range names {
		s := sheetFor(name)
		for len(s.Rows) < 20 {
			s.Rows = append(s.Rows, s.Rows[0])
		}
		if _, err := paper.Draw(s); err != nil { // unpacks
			t.Fatal(err)
		}
		best := stopwatch.Quick(t, script, 250*time.Millisecond, func() { _, _ = paper.Draw(s) })
		t.Logf("%s: %s", script, best)
	}
}
