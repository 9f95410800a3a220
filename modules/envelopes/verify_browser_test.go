package envelopes_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"portico/modules/envelopes"
	"portico/platform/portaltest"
)

// TestTheAnswerFitsOnAPhone and can be read by everybody.
func TestTheAnswerFitsOnAPhone(t *testing.T) {
	if testing.Short() {
		t.Skip("a real browser is not a unit test")
	}
	portaltest.Chromium(t)
	site := portaltest.Open(t, envelopes.Module)
	envelope := signedByAll(t, site, envelopes.Contract, "Whole-house remodel at 418 Maple Street, with the garage and the garden", 2)
	closed(t, site, envelope)
	site.Settle(t)
	folder := t.TempDir()
	whole, changed := filepath.Join(folder, "contract, signed.pdf"), filepath.Join(folder, "changed.pdf")
	pdf := final(t, site, envelope)
	for name, body := range map[string][]byte{whole: pdf, changed: append(append([]byte{}, pdf...), 'x')} {
		if err := os.WriteFile(name, body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, look := range []struct {
		width int
		dark  bool
	}{{360, false}, {768, true}, {1280, false}} {
		tab := site.Chrome(t, "", look.width, look.dark).Open("/verify").Quiet().Fits(t).Axe(t)
		shot(t, tab, fmt.Sprintf("ask-%d", look.width))
		for name, says := range map[string]string{whole: "Unchanged since it was sealed", changed: "Changed after it was sealed"} {
			tab.Open("/verify").Quiet().Attach("PDF", name).Press("Check").Until("there is an answer", `document.querySelector("h1")?.textContent !== "Check a signed document"`)
			tab.Sees(t, says).Fits(t).Axe(t)
			shot(t, tab, fmt.Sprintf("%s-%d", filepath.Base(name), look.width))
		}
	}
}

func shot(t *testing.T, tab *portaltest.Tab, name string) {
	if at := os.Getenv("SEAL_OUT"); at != "" {
		if err := os.WriteFile(filepath.Join(at, name+".png"), tab.Shot(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
