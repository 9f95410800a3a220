package seal_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/modules/envelopes/seal"
	"portico/platform/paper"
	"portico/platform/portaltest/stopwatch"
	"portico/platform/signet"
)

var now = time.Date(2026, 11, 26, 15, 4, 5, 0, time.UTC)

func signer(t testing.TB) seal.Signer {
	t.Helper()
	text, err := signet.New("portal.example.com", now)
	if err != nil {
		t.Fatal(err)
	}
	s, err := signet.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return seal.Signer{Signet: s}
}

func draft(sections int) seal.Draft {
	var b strings.Builder
	b.WriteString("This contract is between **Northgate Builders** and *Ana & Tom Rivera*.\n\n{prices}\n\n")
	for n := range sections {
		fmt.Fprintf(&b, "## %d. Work\n\nThe builder does what the plans say, in a good and workmanlike manner. %s\n\n- Cabinets\n- Floors, **oak**\n  1. upstairs\n  2. downstairs\n\n> The owner chooses the colour.\n\n",
			n+1, strings.Repeat("Everything that is not named here is extra and is agreed in writing before it is begun. ", 12))
	}
	return seal.Draft{
		Letterhead: seal.Letterhead{Lang: "en-US", Color: "#1f5c4d", From: []string{"Northgate Builders", "12 Mill Road", "Austin, TX"}},
		Title:      "Kitchen contract", Sub: "418 Maple Street", Markdown: b.String(), Page: "Page", Made: now,
		Prices: &seal.Prices{
			Columns: []paper.Column{{Title: "What"}, {Title: "Amount", Right: true, Width: 40}},
			Rows:    [][]string{{"Cabinets", "$24,500.00"}, {"Floors", "$9,800.00"}}, Sums: []paper.Pair{{Name: "Contract sum", Value: "$34,300.00", Strong: true}},
		},
	}
}

func contract(t testing.TB, sections int) []byte {
	t.Helper()
	pdf, err := seal.Render(draft(sections))
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

func marks() []seal.Mark {
	return []seal.Mark{
		{Page: 1, X: 0.1, Y: 0.8, W: 0.3, H: 0.06, Kind: seal.Signature, Text: "Ana Rivera"},
		{Page: 1, X: 0.5, Y: 0.8, W: 0.3, H: 0.06, Kind: seal.Signature, Strokes: [][]seal.Point{{{X: 0, Y: 0.9}, {X: 0.3, Y: 0.1}, {X: 0.6, Y: 0.9}}, {{X: 0.8, Y: 0.2}}}},
		{Page: 1, X: 0.1, Y: 0.9, W: 0.2, H: 0.03, Kind: seal.Date, Text: "11/26/2026"},
		{Page: 1, X: 0.5, Y: 0.9, W: 0.03, H: 0.03, Kind: seal.Checkbox, Checked: true},
	}
}

func certificate() seal.Certificate {
	return seal.Certificate{
		Letterhead: draft(0).Letterhead, Title: "Kitchen contract", Kind: "Contract", ID: "019abc", Firm: "Northgate Builders", Made: now, Zone: time.FixedZone("CST", -6*3600),
		VerifyAt: "https://portal.example.com/verify", Head: strings.Repeat("ab", 32),
		Versions: []seal.Version{{Name: "As sent", SHA256: strings.Repeat("0f", 32), At: now}},
		People: []seal.Person{
			{Name: "Ana Rivera", Email: "ana@example.com", Role: "Signer", Sent: now, Opened: now, Consented: now, Done: now, How: "Typed", IP: "203.0.113.9", Agent: "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15", Second: "Code by mail", HandedOver: "From Tom Rivera"},
			{Name: "Щербаков και 山田 شركة علاء", Email: "x@example.com", Role: "Counter-signer", Done: now},
		},
		Events: []seal.Event{{At: now, What: "Sent", Who: "Marta Cole", From: "203.0.113.1", Hash: "abcdef01"}, {At: now, What: "Signed", Who: "Ana Rivera", From: "203.0.113.9", Hash: "12345678"}},
	}
}

func sealed(t testing.TB, s seal.Signer, pdf []byte) []byte {
	t.Helper()
	whole, err := seal.Assemble(pdf, marks(), certificate())
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.Sign(context.Background(), whole, "Northgate Builders", "Completed by all parties", now)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// run is what another program says about a file; the test is skipped where it is not installed.
func run(t testing.TB, pdf []byte, program string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skip("needs " + program)
	}
	file := filepath.Join(t.TempDir(), "file.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, append(args, file)...).CombinedOutput()
	if err != nil && program != "pdfsig" {
		t.Fatalf("%s: %v\n%s", program, err, out)
	}
	return string(out)
}

// written is the text of a file.
func written(t testing.TB, pdf []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "f.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "pdftotext", "-layout", file, "-").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// picture is how the first page looks.
func picture(t testing.TB, pdf []byte) string {
	t.Helper()
	return run(t, pdf, "pdftoppm", "-r", "40", "-l", "1")
}

func keep(t testing.TB, name string, pdf []byte) {
	if at := os.Getenv("SEAL_OUT"); at != "" {
		if err := os.WriteFile(filepath.Join(at, name+".pdf"), pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestASealedContractHolds(t *testing.T) {
	s := signer(t)
	pdf := sealed(t, s, contract(t, 8))
	keep(t, "sealed", pdf)
	if r := s.Verify(pdf); !r.OK() || !r.At.Equal(now) {
		t.Errorf("%+v", r)
	}
	said := run(t, pdf, "pdfsig")
	for _, want := range []string{"Signature Type: ETSI.CAdES.detached", "Total document signed", "Signature is Valid"} {
		if !strings.Contains(said, want) {
			t.Errorf("pdfsig does not say %q:\n%s", want, said)
		}
	}
}

// TestOtherReadersTrustTheCertificate once its authority is known to them.
func TestOtherReadersTrustTheCertificate(t *testing.T) {
	if _, err := exec.LookPath("certutil"); err != nil {
		t.Skip("needs certutil")
	}
	s := signer(t)
	pdf, folder := sealed(t, s, contract(t, 1)), t.TempDir()
	top := filepath.Join(folder, "top.pem")
	if err := os.WriteFile(top, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Chain[1].Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-N", "-d", folder, "--empty-password"}, {"-A", "-d", folder, "-n", "portico", "-t", "CT,C,C", "-i", top}} {
		if out, err := exec.CommandContext(t.Context(), "certutil", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	if said := run(t, pdf, "pdfsig", "-nssdir", folder); !strings.Contains(said, "Signature is Valid") || !strings.Contains(said, "Certificate is Trusted") {
		t.Error(said)
	}
}

func TestTheCertificateTellsEverything(t *testing.T) {
	text := run(t, sealed(t, signer(t), contract(t, 1)), "pdftotext")
	if strings.Contains(text, "Syntax") {
		t.Error(text)
	}
	out := written(t, sealed(t, signer(t), contract(t, 1)))
	said := strings.Join(strings.Fields(out), " ")
	for _, want := range []string{
		"Contract sum", "$34,300.00", "Ana Rivera", "11/26/2026", "Certificate of completion", "019abc", "ana@example.com", "26 Nov 2026, 09:04:05 (UTC-06:00)",
		"203.0.113.9", "iPhone OS 19_0", "Code by mail", "From Tom Rivera", strings.Repeat("0f", 32), strings.Repeat("ab", 32), "Щербаков", "山田", "abcdef01", "/verify",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestFilesOfOtherPrograms(t *testing.T) {
	s := signer(t)
	all, _ := filepath.Glob("testdata/*.pdf")
	more, _ := filepath.Glob(os.Getenv("SEAL_PDFS") + "/*.pdf")
	for _, file := range append(all, more...) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			body, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			facts, err := seal.Inspect(body)
			if strings.Contains(file, "password") {
				if err != seal.ErrLocked {
					t.Errorf("%v", err)
				}
				return
			}
			if err != nil || facts.Pages == 0 || facts.Pages != len(facts.Sizes) {
				t.Fatalf("%v %+v", err, facts)
			}
			out := sealed(t, s, body)
			keep(t, strings.TrimSuffix(filepath.Base(file), ".pdf"), out)
			if r := s.Verify(out); !r.OK() {
				t.Errorf("%+v", r)
			}
			if said := run(t, out, "pdfsig"); !strings.Contains(said, "Total document signed") || !strings.Contains(said, "Signature is Valid") {
				t.Error(said)
			}
			if _, err := exec.LookPath("qpdf"); err == nil {
				if said := run(t, out, "qpdf", "--check"); !strings.Contains(said, "No syntax or stream encoding errors found") {
					t.Error(said)
				}
			}
			bare, err := seal.Stamp(body, nil)
			if strings.Contains(file, "form") { // its fields have no looks: each reader draws them in its own way
				if text := written(t, bare); !strings.Contains(text, "Alice") || !strings.Contains(text, "Bob") {
					t.Errorf("what was filled in is lost: %s", text)
				}
			} else if err != nil || picture(t, bare) != picture(t, body) {
				t.Errorf("its first page looks otherwise than before (%v)", err)
			}
			if said := run(t, out, "pdfinfo"); strings.Contains(said, "Error") || strings.Contains(said, "Warning") {
				t.Error(said)
			}
		})
	}
}

func TestTheSamePartsGiveTheSameBytes(t *testing.T) {
	pdf := contract(t, 3)
	a, err := seal.Assemble(pdf, marks(), certificate())
	if err != nil {
		t.Fatal(err)
	}
	b, err := seal.Assemble(pdf, marks(), certificate())
	if err != nil || !bytes.Equal(a, b) {
		t.Error("two assemblies differ", err)
	}
}

// TestALongContractIsSealedInASecond: twenty pages, with the certificate and the signature.
func TestALongContractIsSealedInASecond(t *testing.T) {
	s := signer(t)
	pdf := contract(t, 62)
	if facts, err := seal.Inspect(pdf); err != nil || facts.Pages < 20 {
		t.Fatalf("%d pages, %v", facts.Pages, err)
	}
	t.Log(stopwatch.Quick(t, "sealing", time.Second, func() { sealed(t, s, pdf) })) // alone it takes a seventh
}

func BenchmarkSeal20Pages(b *testing.B) {
	s := signer(b)
	pdf := contract(b, 62)
	facts, err := seal.Inspect(pdf)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(facts.Pages), "pages")
	for b.Loop() {
		sealed(b, s, pdf)
	}
}
