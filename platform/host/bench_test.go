package host_test

import (
	"bytes"
	"testing"

	"portico/platform/portaltest"
	"portico/platform/portaltest/loadtest"
)

// BenchmarkListPage measures a list page of a section made for it: 20 of a client's 100 invoices, four statements.
func BenchmarkListPage(b *testing.B) {
	site := portaltest.Open(b, ledger)
	loadtest.ListPage(b, site, keepLedger(b, site, 200).path)
}

// TestLedgerPageShowsItsRows keeps the measure honest: the page must be the one that it stands for.
func TestLedgerPageShowsItsRows(t *testing.T) {
	site := portaltest.Open(t, ledger)
	book := keepLedger(t, site, 20)
	session := site.Session("maria")
	page := loadtest.Once(t, site.Address(), loadtest.Ask("demo.localhost", book.path, session))
	slowly := loadtest.Once(t, site.Address(), loadtest.Ask("demo.localhost", book.path+"?slowly=1", session))
	if rows(page) != rows(slowly) {
		t.Error("rows written in Go are not what the template draws")
	}
	if n := bytes.Count(page, []byte("<tr><td")); n != 20 {
		t.Errorf("%d rows, want 20", n)
	}
	if size := len(page); size < 15_000 || size > 25_000 {
		t.Errorf("%d bytes; the page stands for one of about 19 KB", size)
	}
}

func rows(page []byte) string {
	_, from, _ := bytes.Cut(page, []byte("<tbody>"))
	body, _, _ := bytes.Cut(from, []byte("</tbody>"))
	return string(body)
}
