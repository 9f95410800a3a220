package clients

import (
	"strings"
	"testing"
	"time"

	"portico/platform/day"
)

func TestContactStates(t *testing.T) {
	now := time.Date(2026, 12, 3, 9, 0, 0, 0, time.UTC)
	before := now.Add(-time.Hour)
	for _, c := range []struct {
		contact Contact
		want    state
		invite  bool
	}{
		{Contact{Access: "none"}, stateNone, false},
		{Contact{Access: "none", Email: "ana@example.com"}, stateNone, true},
		{Contact{Access: "none", InvitedAt: now}, stateNone, false},
		{Contact{Access: "portal"}, stateNotInvited, true},
		{Contact{Access: "portal", InvitedAt: now}, stateInvited, true},
		{Contact{Access: "portal", InvitedAt: before, AcceptedAt: now}, stateAccepted, false},
		{Contact{Access: "portal", InvitedAt: before, BouncedAt: now}, stateBounced, true},
		{Contact{Access: "portal", BouncedAt: before, AcceptedAt: now}, stateAccepted, false},
		{Contact{Access: "portal", AcceptedAt: now, DisabledAt: now}, stateDisabled, false},
		{Contact{Access: "portal", AcceptedAt: now, ArchivedAt: now}, stateArchived, false},
	} {
		if got := c.contact.State(); got != c.want || c.contact.MayInvite() != c.invite {
			t.Errorf("%+v: %s, invite %v", c.contact, got.Name, c.contact.MayInvite())
		}
	}
}

func TestKeysAreSuggestedFromNames(t *testing.T) {
	for name, want := range map[string]string{
		"Maple Street remodel": "maple-street-remodel", "Jana Nováková's deck": "jana-novakovas-deck", "  12 / B  ": "12-b", "All": "project",
		"Ελένη": "project", "!!!": "project",
		strings.Repeat("long ", 30): "long-long-long-long-long-long-long-long", strings.Repeat("x", 90): strings.Repeat("x", 40),
	} {
		if got := keyFrom(name); got != want || !keyShape.MatchString(got) {
			t.Errorf("%q: %q, not %q", name, got, want)
		}
	}
}

func TestFormsSayWhatIsWrong(t *testing.T) {
	good := func() *clientForm { return &clientForm{Name: "Rivera", Kind: "household"} }
	for name, c := range map[string]struct {
		change func(*clientForm)
		field  string // "": nothing is wrong
	}{
		"good":           {func(*clientForm) {}, ""},
		"no name":        {func(f *clientForm) { f.Name = " \t " }, "name"},
		"long name":      {func(f *clientForm) { f.Name = strings.Repeat("ä", 121) }, "name"},
		"other kind":     {func(f *clientForm) { f.Kind = "robot" }, "kind"},
		"email":          {func(f *clientForm) { f.Email = "ana at example" }, "email"},
		"good email":     {func(f *clientForm) { f.Email = " Ana@Example.com " }, ""},
		"phone":          {func(f *clientForm) { f.Phone = "call me" }, "phone"},
		"phone with ext": {func(f *clientForm) { f.Phone = "+1 (512) 555-0141 ext. 12" }, ""},
		"long notes":     {func(f *clientForm) { f.Notes = strings.Repeat("x", 10_001) }, "notes"},
		"nameless":       {func(f *clientForm) { f.ContactEmail = "ana@example.com" }, "contact_name"},
	} {
		form := good()
		c.change(form)
		wrong := form.Check()
		if c.field == "" && len(wrong) > 0 || c.field != "" && (len(wrong) != 1 || wrong[c.field] == "") {
			t.Errorf("%s: %v", name, wrong)
		}
	}
	project := projectForm{Name: "Deck", Status: "planned", Currency: "usd", Key: "all", StartsOn: day.New(2026, 5, 2), EndsOn: day.New(2026, 5, 1)}
	if wrong := project.Check(); len(wrong) != 2 || wrong["key"] == "" || wrong["ends_on"] == "" || project.Currency != "USD" {
		t.Errorf("%v %+v", wrong, project)
	}
	contact := contactForm{Name: "Ana", Grant: true, Limited: true, Rights: []string{"fly"}}
	if wrong := contact.Check(); len(wrong) != 3 || wrong["email"] == "" || wrong["limited"] == "" || wrong["rights"] == "" {
		t.Errorf("%v", wrong)
	}
}

func TestSpreadsheetsRunNothing(t *testing.T) {
	for cell, want := range map[string]string{"": "", "Ana": "Ana", "=1+1": "'=1+1", "@SUM": "'@SUM", "-2": "'-2", "+1 512": "'+1 512"} {
		if got := harmless(cell); got != want {
			t.Errorf("%q: %q", cell, got)
		}
	}
}
