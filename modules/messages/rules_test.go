package messages

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/auth"
)

func TestAMessageIsItsAuthorsForAQuarterOfAnHour(t *testing.T) {
	me, now := uuid.New(), time.Date(2026, 11, 3, 12, 0, 0, 0, time.UTC)
	staff := auth.Viewer{Side: auth.Office, PersonID: me}
	client := auth.Viewer{Side: auth.Portal, PersonID: me, ContactID: uuid.New()}
	m := Message{PersonID: me, CreatedAt: now.Add(-14 * time.Minute)}
	if !m.editable(staff, now) || m.editable(staff, now.Add(time.Minute)) {
		t.Error("it is not 15 minutes")
	}
	if m.editable(client, now) || m.withdrawable(client) {
		t.Error("the same person, as a client, changes what was said as staff")
	}
	m.WithdrawnAt = now
	if m.editable(staff, now) || m.withdrawable(staff) {
		t.Error("what was withdrawn is changed")
	}
	looking := staff
	looking.ViewAs = uuid.New()
	m.WithdrawnAt = time.Time{}
	if m.editable(looking, now) || m.withdrawable(looking) {
		t.Error("a preview changes something")
	}
}

func TestTheThreadIsArranged(t *testing.T) {
	ana, ben := uuid.New(), uuid.New()
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, time.UTC) }
	list := []Message{
		{PersonID: ben, CreatedAt: at(2, 9, 0)},
		{PersonID: ben, CreatedAt: at(2, 9, 5)},
		{PersonID: ben, CreatedAt: at(2, 9, 6), Internal: true},
		{PersonID: ana, ContactID: uuid.New(), CreatedAt: at(3, 9, 0)},
	}
	utc := func(t time.Time) time.Time { return t }
	got := arranged(list, auth.Viewer{Side: auth.Office, PersonID: ben}, at(3, 10, 0), utc, at(2, 12, 0))
	for i, want := range []struct{ first, day, fresh, mine bool }{{true, true, false, true}, {false, false, false, true}, {true, false, false, true}, {true, true, true, false}} {
		if m := got[i]; m.First != want.first || m.NewDay != want.day || m.NewFrom != want.fresh || m.Mine != want.mine {
			t.Errorf("message %d: %+v", i, m)
		}
	}
	place(got, []receipt{{Name: "Ana", ReadTo: at(2, 9, 30)}})
	if len(got[1].ReadBy) != 1 || len(got[2].ReadBy) != 0 {
		t.Error("the receipt does not stand below what was said to her")
	}
}

func TestSleepsAreLater(t *testing.T) {
	for day := range 8 {
		for _, hour := range []int{0, 12, 13, 23} {
			now := time.Date(2026, 11, 2+day, hour, 30, 0, 0, time.UTC)
			for _, s := range sleeps(now) {
				if !s.At.After(now) {
					t.Errorf("%s at %s is %s", s.Title, now, s.At)
				}
				if s.ID == "monday" && s.At.Weekday() != time.Monday {
					t.Errorf("%s at %s is a %s", s.Title, now, s.At.Weekday())
				}
			}
		}
	}
}

func TestWhatIsTypedBecomesASearch(t *testing.T) {
	for typed, want := range map[string]string{
		"Green Tile": "'green':* & 'tile':*", "a'b": "'a':* & 'b':*", "!!": "", "Größe": "'größe':*",
	} {
		if got := tsquery(typed); got != want {
			t.Errorf("%q: %q", typed, got)
		}
	}
}
