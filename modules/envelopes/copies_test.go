package envelopes_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/envelopes"
	"portico/platform/auth"
	"portico/platform/id"
	"portico/platform/portaltest"
)

// TestWhoGetsACopyKnowsOfItOnceThereIsOne: not by the export of their own data either, and not at all once shut out. Who
// has signed keeps the right to the paper, whatever became of the access.
func TestWhoGetsACopyKnowsOfItOnceThereIsOne(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	envelope := signedByAll(t, site, envelopes.Other, `Rules w/ "neighbours" 3\4`, 1)
	firm, ana, tom := site.FirmID(), site.Person("ana"), site.Person("tom")
	lucia := one[uuid.UUID](t, site, "select id from contact where firm_id = ? and client_id = ? and name like 'Luc%'", firm, ana.ClientID)
	mail := one[string](t, site, "select email from contact where id = ?", lucia)
	do(t, site, `
		insert into envelopes.recipient (firm_id, id, envelope_id, client_id, position, role, contact_id, name, email)
		select firm_id, ?, ?, client_id, 9, 'copy', id, name, email from contact where id = ?`, id.New(), envelope, lucia)
	known := func() (rows int) {
		v := auth.Viewer{Side: auth.Portal, Firm: auth.Firm{ID: firm}, ClientID: ana.ClientID, ContactID: lucia}
		inTx(t, site, func(ctx context.Context, tx bun.Tx) error {
			tables, err := envelopes.OwnParts(ctx, tx, v)
			for _, table := range tables {
				rows += len(table.Rows)
			}
			return err
		})
		return rows
	}
	if known() != 0 {
		t.Error("she knows of it before it is signed")
	}
	do(t, site, "update contact set disabled_at = now() where id in (?, ?)", lucia, tom.ContactID)
	closed(t, site, envelope)
	site.Settle(t)
	if known() != 1 {
		t.Error("she does not know of it afterwards")
	}
	got := map[string]int{}
	for _, m := range site.Mails() {
		if strings.HasPrefix(m.Subject, "Signed by all: Rules") {
			got[m.Recipient]++
		}
	}
	if got[mail] != 0 || got[ana.Email] != 1 || got[tom.Email] != 1 {
		t.Errorf("%v", got)
	}
	file := one[string](t, site, "select sealed_id::text from envelopes.envelope where id = ?", envelope)
	a := site.As("maria").Open("/files/" + file + "/original")
	if name := a.Header("Content-Disposition"); !strings.Contains(name, "Rules w- neighbours 3-4, signed.pdf") {
		t.Error(name)
	}
}

// TestListsAreWithoutInk: a drawing may be large, and a list shows none.
func TestListsAreWithoutInk(t *testing.T) {
	site := portaltest.Open(t, envelopes.Module)
	envelope, v := signedByAll(t, site, envelopes.Other, "House rules", 1), auth.System(site.FirmID())
	inTx(t, site, func(ctx context.Context, tx bun.Tx) error {
		whole, err := envelopes.RecipientsOf(ctx, tx, v, envelope)
		if err != nil {
			return err
		}
		listed, err := envelopes.ListedOf(ctx, tx, v, []uuid.UUID{envelope})
		if err == nil && (len(whole) != len(listed) || len(whole) < 2 || whole[0].Signature == nil || listed[0].Signature != nil || listed[0].SignedAt.IsZero()) {
			t.Errorf("%+v\n%+v", whole, listed)
		}
		return err
	})
}
