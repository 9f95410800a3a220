package modules_test

import (
	"context"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing"
	"portico/modules/schedule"
	"portico/modules/selections"
	"portico/platform/db"
	"portico/platform/fact"
	"portico/platform/portaltest"
)

// TestADrawFollowsItsMilestone: staff move what a milestone waits for, and with the publication, not before, the draw
// that is named after it becomes due on the new day.
func TestADrawFollowsItsMilestone(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, billing.Module, schedule.Module)
	text := func(query string, args ...any) (s string) {
		t.Helper()
		if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	project := text("select id::text from project where key = 'maple-street' and firm_id = ?", site.FirmID())
	due := func() string {
		return text("select coalesce(due_on::text, '') from billing.draw where project_id = ? and title = 'Third draw'", project)
	}
	planned := func() string {
		return text("select end_on::text from schedule.item where project_id = ? and title = 'Cabinets are in'", project)
	}
	ben := site.As("ben")
	at := "/office/schedule/projects/" + project
	ben.Open(at+"/items/"+text("select id::text from schedule.item where project_id = ? and title = 'Set the cabinets'", project)+"/shift?start=2027-03-01").
		Sees(t, "Cabinets are in").Press("Move")
	site.Settle(t)
	was := due()
	if was == planned() {
		t.Fatal("it was told before it was published")
	}
	ben.Open(at + "/publication").Press("Publish")
	site.Settle(t)
	if due() != planned() {
		t.Errorf("the draw is due on %s, the milestone is planned for %s", due(), planned())
	}
	site.As("ana").Open("/portal/maple-street/billing").Has(t, 200)
}

// TestWhatTheScheduleToldBeforeComesLate: facts are delivered in any order. A day that was true two publications ago, and is
// told last, moves neither a draw nor a deadline; and what staff only plan, moves nothing at all.
func TestWhatTheScheduleToldBeforeComesLate(t *testing.T) {
	t.Parallel()
	site := portaltest.Open(t, billing.Module, schedule.Module, selections.Module)
	text := func(query string, args ...any) (s string) {
		t.Helper()
		if err := site.DB(t).NewRaw(query, args...).Scan(t.Context(), &s); err != nil {
			t.Fatal(err)
		}
		return s
	}
	do := func(statement string, args ...any) {
		t.Helper()
		if _, err := site.DB(t).ExecContext(t.Context(), statement, args...); err != nil {
			t.Fatal(err)
		}
	}
	tell := func(all ...fact.Fact) {
		t.Helper()
		err := db.InTx(t.Context(), site.Pool, site.FirmID(), func(ctx context.Context, tx bun.Tx) error {
			for _, one := range all {
				if err := site.Bus.Publish(ctx, tx, site.FirmID(), one); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		site.Settle(t)
	}
	project := uuid.MustParse(text("select id::text from project where key = 'maple-street' and firm_id = ?", site.FirmID()))
	item := uuid.MustParse(text("select id::text from schedule.item where project_id = ? and title = 'Cabinets are in'", project))
	draw := func() string {
		return text("select coalesce(due_on::text, '') from billing.draw where project_id = ? and title = 'Third draw'", project)
	}
	deadline := func() string {
		return text("select due_on::text || ' ' || item_title from selections.selection where title = 'Backsplash tile'")
	}
	day := func(of string, offset int) string {
		return text("select (end_on + ?)::text from schedule."+of+" where project_id = ? and "+map[string]string{"item": "id", "shown": "item_id"}[of]+" = ?", offset, project, item)
	}
	do("update selections.selection set item_id = ?, item_title = 'Cabinets are in', item_offset = -10, due_on = '2026-12-01' where title = 'Backsplash tile'", item)
	ben := site.As("ben")
	at := "/office/schedule/projects/" + project.String()
	ben.Open(at+"/items/"+text("select id::text from schedule.item where project_id = ? and title = 'Set the cabinets'", project)+"/shift?start=2027-03-01").
		Sees(t, "Cabinets are in").Press("Move")
	ben.Open(at + "/publication").Press("Publish")
	site.Settle(t)
	published := day("shown", 0)
	if draw() != published || deadline() != day("shown", -10)+" Cabinets are in" {
		t.Fatalf("after the publication of %s: the draw is due on %s, the choice %s", published, draw(), deadline())
	}
	told := func(on string) []fact.Fact {
		return []fact.Fact{
			fact.MilestoneMoved{ProjectID: project, Milestone: "Cabinets are in", On: on},
			fact.ScheduleItemMoved{ProjectID: project, ItemID: item, Title: "Cabinets, as they were called", Start: on, End: on},
		}
	}
	holds := func(when string) {
		t.Helper()
		if draw() != published || deadline() != day("shown", -10)+" Cabinets are in" {
			t.Errorf("%s: published is %s, the draw is due on %s, the choice %s", when, published, draw(), deadline())
		}
	}
	notes := func() string {
		return text("select count(*)::text from activity where verb in ('billing.draw_moved', 'selections.moved')")
	}
	before := notes()
	tell(told("2026-11-30")...)
	holds("an old fact came late")
	if now := notes(); now != before {
		t.Errorf("%s notes of what did not move, after %s", now, before)
	}
	ben.Open(at + "/items/" + text("select id::text from schedule.item where project_id = ? and title = 'Set the cabinets'", project) + "/shift?start=2027-05-03").Press("Move")
	if day("item", 0) == published {
		t.Fatal("nothing is planned that differs from what is published")
	}
	tell(told("2026-11-30")...)
	tell(told(day("item", 0))...)
	holds("staff plan what they have not published")

	// a deadline may hang on what clients do not see: staff read its name, and clients only the day
	do("update schedule.shown set visible = false where item_id = ?", item)
	do("update schedule.item set title = 'CANARY cabinets' where id = ?", item)
	do("update selections.selection set due_on = '2026-12-01' where title = 'Backsplash tile'")
	tell(told(published)...)
	if got := deadline(); got != day("shown", -10)+" CANARY cabinets" {
		t.Errorf("the deadline hangs on something hidden: %q", got)
	}
	site.As("ana").Open("/portal/all/selections/"+text("select id::text from selections.selection where title = 'Backsplash tile'")).Has(t, 200).SeesNot(t, "CANARY")
	// what is gone moves nothing: the deadline keeps its day, and is free
	tell(fact.ScheduleItemRemoved{ProjectID: project, ItemID: item})
	do("delete from schedule.shown where item_id = ?", item)
	do("update selections.selection set item_id = ?, due_on = '2026-12-01' where title = 'Backsplash tile'", item)
	tell(told("2027-01-20")[1])
	if got := deadline(); got != "2026-12-01 " {
		t.Errorf("something that is gone moved it: %q", got)
	}
	// a milestone that no schedule knows is whatever it is told: a firm may name draws as it likes
	do("update billing.draw set milestone = 'The keys' where project_id = ? and title = 'Third draw'", project)
	tell(fact.MilestoneMoved{ProjectID: project, Milestone: "the keys", On: "2027-02-11"})
	if draw() != "2027-02-11" {
		t.Errorf("the draw is due on %s", draw())
	}
}
