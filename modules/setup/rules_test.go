package setup

import (
	"maps"
	"testing"
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/brand"
)

var twoSections = []section{
	{ID: "billing", Title: "Billing", Areas: []access.Area{{ID: "paid", Title: "Paid invoices"}, {ID: "costs", Title: "Costs"}},
		Presets: map[string]bool{"builder": true, "builder/costs": false, "agency": true}},
	{ID: "plans", Title: "Plans", Presets: map[string]bool{"builder": true, "events": false}},
}

func TestAPresetTicksSectionsAndTheirAreas(t *testing.T) {
	for preset, want := range map[string]access.Switches{
		"builder":  {"billing": true, "billing/paid": true, "plans": true},
		"agency":   {"billing": true, "billing/paid": true, "billing/costs": true},
		"services": {},
		"events":   {},
	} {
		if got := ticked(twoSections, preset); !maps.Equal(got, want) {
			t.Errorf("%s ticks %v, want %v", preset, got, want)
		}
	}
}

func TestASwitchSaysOneOfThree(t *testing.T) {
	for text, want := range map[string]struct {
		state State
		ok    bool
	}{"": {Inherit, true}, "on": {On, true}, "off": {Off, true}, "yes": {"yes", false}, "ON": {"ON", false}, "true": {"true", false}} {
		if state, ok := parseState(text); ok != want.ok || state != want.state {
			t.Errorf("%q is %q, %v", text, state, ok)
		}
	}
}

func TestASwitchIsKeptAsItWasChosen(t *testing.T) {
	s := access.Switches{"gone": true}
	with(s, "billing", On)
	with(s, "plans", Off)
	with(s, "plans", Off)
	with(s, "billing/paid", On)
	with(s, "billing/paid", Inherit)
	if want := (access.Switches{"gone": true, "billing": true, "plans": false}); !maps.Equal(s, want) {
		t.Errorf("kept %v, want %v", s, want)
	}
	for key, want := range map[string]State{"billing": On, "plans": Off, "billing/paid": Inherit} {
		if got := stateOf(s, key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}

func TestOnlyWhatDiffersIsRecorded(t *testing.T) {
	was, is := switchesDiff(access.Switches{"a": true, "b": false}, access.Switches{"a": true, "b": true, "c": false}, clientWords)
	if len(is) != 2 || was["b"] != "off" || is["b"] != "on" || was["c"] != "as the firm" || is["c"] != "off" {
		t.Errorf("was %v, is %v", was, is)
	}
	if was, _ := switchesDiff(access.Switches{"a": false}, access.Switches{}, firmWords); len(was) != 0 {
		t.Errorf("off and nothing are the same at the firm: %v", was)
	}
}

func TestTheResultSaysWhoDecided(t *testing.T) {
	front, back := projectRow{Name: "House", Switches: access.Switches{"plans": false}}, projectRow{Name: "Garden", Switches: access.Switches{"plans": false, "billing": false}}
	projects := []projectRow{front, back}
	levels := access.Levels{
		FirmSays: access.Switches{"billing": true, "plans": true}, ClientSays: access.Switches{"billing/paid": true}, ProjectSays: saysOf(projects),
	}
	for key, want := range map[string]result{
		"billing":       {On: true, By: "by the firm", Not: []string{"Garden"}},
		"billing/paid":  {On: true, By: "by this client", Not: []string{"Garden"}},
		"billing/costs": {On: false, By: "by the firm"},
		"plans":         {On: false, By: "by the project"},
	} {
		got := resultOf(levels, key, projects)
		if got.On != want.On || got.By != want.By || len(got.Not) != len(want.Not) {
			t.Errorf("%s: %+v, want %+v", key, got, want)
		}
	}
}

func TestAColorIsReadHoweverItIsTyped(t *testing.T) {
	for _, c := range []struct{ typed, picked, want string }{
		{"", "#1F5C4D", "#1f5c4d"}, {"1f5c4d", "#ffffff", "#1f5c4d"}, {"#3b5", "", "#33bb55"}, {" #AbCdEf ", "#000000", "#abcdef"},
	} {
		if got := colorFrom(c.typed, c.picked); got != c.want {
			t.Errorf("%q, %q: %q, want %q", c.typed, c.picked, got, c.want)
		}
	}
	if brand.Valid(colorFrom("blue green", "")) {
		t.Error("words are no color")
	}
}

func TestAPaleColorIsAdjustedAndSaysSo(t *testing.T) {
	if l := lookOf("#0b6e4f", "A", ""); len(l.Advice) != 0 {
		t.Errorf("a good color needs no advice: %v", l.Advice)
	}
	if l := lookOf("#ffe14d", "A", ""); len(l.Advice) == 0 {
		t.Error("yellow on white cannot be read, and nobody says so")
	}
}

func TestEntriesAreReadWhoeverWroteThem(t *testing.T) {
	changes := changesOf(map[string]any{
		"before": map[string]any{"portal_on": true, "billing/paid": "off", "name": ""},
		"after":  map[string]any{"portal_on": false, "billing/paid": "on", "name": "Northgate"},
	}, titles(twoSections))
	want := []change{{"Billing: Paid invoices", "off", "on"}, {"Name", "nothing", "Northgate"}, {"Portal", "on", "off"}}
	if len(changes) != len(want) {
		t.Fatalf("%v", changes)
	}
	for i := range want {
		if changes[i] != want[i] {
			t.Errorf("%v, want %v", changes[i], want[i])
		}
	}
}

func TestOnlyWhatIsNewerThanThePageIsTold(t *testing.T) {
	noon := time.Date(2026, 12, 3, 12, 0, 0, 0, time.UTC)
	recent := []activity.Entry{{ActorName: "Ben", At: noon.Add(time.Microsecond)}, {ActorName: "Priya", At: noon}}
	if others := meanwhile(recent, moment(latest(recent[1:])), nil); len(others) != 1 || others[0].Who != "Ben" {
		t.Errorf("told %v", others)
	}
	if others := meanwhile(recent, moment(latest(nil)), nil); len(others) != 2 {
		t.Errorf("of a page before all: told %v", others)
	}
}

func TestSeenProjectsComeBack(t *testing.T) {
	id := uuid.New()
	seen := seenProjects(seenText([]projectRow{{ID: id, Version: 7}}) + " nonsense x:y")
	if len(seen) != 1 || seen[id] != 7 {
		t.Errorf("%v", seen)
	}
}
