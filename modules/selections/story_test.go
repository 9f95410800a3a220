package selections_test

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"portico/platform/db"
	"portico/platform/fact"
	"portico/platform/id"
	"portico/platform/portaltest"
)

func do(t *testing.T, site *portaltest.Site, statement string, args ...any) {
	t.Helper()
	if _, err := site.DB(t).ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

func ask(t *testing.T, site *portaltest.Site, query string, args ...any) string {
	t.Helper()
	var answer string
	if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

// called is the id of a selection, by its title.
func called(t *testing.T, site *portaltest.Site, title string) string {
	t.Helper()
	return ask(t, site, "select id::text from selections.selection where title = ?", title)
}

func state(t *testing.T, site *portaltest.Site, title string) string {
	t.Helper()
	return ask(t, site, "select state from selections.selection where title = ?", title)
}

// changes are the changes to the contract that count, as billing was told.
func changes(t *testing.T, site *portaltest.Site) string {
	t.Helper()
	return ask(t, site, "select coalesce(string_agg(text || ' ' || amount, '; ' order by created_at), '') from selections.change where voided_at is null")
}

func picture(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// ordered reports whether a text has these words, one after the other.
func ordered(text string, words ...string) bool {
	for _, w := range words {
		_, rest, there := strings.Cut(text, w)
		if !there {
			return false
		}
		text = rest
	}
	return true
}

const floor = "Bathroom floor"

// audit asks the section whether its figures are right.
func audit(t *testing.T, site *portaltest.Site) (wrong []string) {
	t.Helper()
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) (err error) {
		for _, m := range site.Catalog.Modules {
			if m.ID == "selections" {
				wrong, err = m.Audit(ctx, tx, site.FirmID())
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return wrong
}

// job runs clock work now.
func job(t *testing.T, site *portaltest.Site, name string) {
	t.Helper()
	do(t, site, "insert into outbox (firm_id, id, kind, payload) values (?, ?, ?, '{}')", site.FirmID(), id.New(), name)
	site.Settle(t)
}

func publish(t *testing.T, site *portaltest.Site, told fact.Fact) {
	t.Helper()
	err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
		return site.Bus.Publish(ctx, tx, site.FirmID(), told)
	})
	if err != nil {
		t.Fatal(err)
	}
	site.Settle(t)
}
