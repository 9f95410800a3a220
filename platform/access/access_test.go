package access

import "testing"

func TestTheFirstLevelThatSaysNoDecides(t *testing.T) {
	on := Switches{"help": true, "help/faq": true}
	user := &Contact{Portal: true, Rights: []Right{MakePayments}}
	open := Levels{FirmOn: true, FirmSays: on, ClientOn: true, Contact: user}
	with := func(change func(*Levels)) Levels {
		l := open
		change(&l)
		return l
	}
	see, pay := Client("help:see", "help"), Client("help:pay", "help").With(MakePayments)
	for _, c := range []struct {
		name   string
		levels Levels
		ask    Permission
		want   Answer
	}{
		{"all on", open, see, Answer{true, ByFirm}},
		{"firm off", with(func(l *Levels) { l.FirmOn = false }), see, Answer{false, ByFirm}},
		{"client off", with(func(l *Levels) { l.ClientOn = false }), see, Answer{false, ByClient}},
		{"contact without access", with(func(l *Levels) { l.Contact = &Contact{} }), see, Answer{false, ByContact}},
		{"nothing is on by itself", with(func(l *Levels) { l.FirmSays = nil }), see, Answer{false, ByFirm}},
		{"client overrides to off", with(func(l *Levels) { l.ClientSays = Switches{"help": false} }), see, Answer{false, ByClient}},
		{"client overrides to on", with(func(l *Levels) { l.FirmSays = nil; l.ClientSays = Switches{"help": true} }), see, Answer{true, ByClient}},
		{"the only project says no", with(func(l *Levels) { l.ProjectSays = []Switches{{"help": false}} }), see, Answer{false, ByProject}},
		{"one of two projects says no", with(func(l *Levels) { l.ProjectSays = []Switches{{"help": false}, {}} }), see, Answer{true, ByFirm}},
		{"a project cannot switch on", with(func(l *Levels) { l.FirmSays = nil; l.ProjectSays = []Switches{{"help": true}} }), see, Answer{false, ByFirm}},
		{"no project leaves the area open", with(func(l *Levels) { l.ProjectSays = []Switches{{"help": false}, {"help/faq": false}} }), see.InArea("faq"), Answer{false, ByProject}},
		{"one project leaves the area open", with(func(l *Levels) { l.ProjectSays = []Switches{{"help": false}, {"help/tips": false}} }), see.InArea("faq"), Answer{true, ByFirm}},
		{"right given", open, pay, Answer{true, ByFirm}},
		{"right missing", with(func(l *Levels) { l.Contact = &Contact{Portal: true} }), pay, Answer{false, ByContact}},
		{"area on", open, see.InArea("faq"), Answer{true, ByFirm}},
		{"area never said", open, see.InArea("money"), Answer{false, ByFirm}},
		{"no area in a section that is off", with(func(l *Levels) { l.ClientSays = Switches{"help": false, "help/faq": true} }), see.InArea("faq"), Answer{false, ByClient}},
	} {
		if got := c.levels.May(c.ask); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestARightIsTheContactsOwn(t *testing.T) {
	levels := Levels{FirmOn: true, ClientOn: true, Contact: &Contact{Portal: true, Rights: []Right{SignDocuments}}}
	if got := levels.Right(SignDocuments); got != (Answer{true, ByContact}) {
		t.Error(got)
	}
	if got := levels.Right(MakePayments); got != (Answer{false, ByContact}) {
		t.Error(got)
	}
	levels.ClientOn = false
	if got := levels.Right(SignDocuments); got != (Answer{false, ByClient}) {
		t.Error(got)
	}
}

func TestARoleIncludesTheOnesBeforeIt(t *testing.T) {
	roles := []Role{NoRole, Member, Admin, Owner}
	for i, has := range roles {
		for j, least := range roles {
			if want := i > 0 && i >= j; has.AtLeast(least) != want {
				t.Errorf("%q at least %q: %v", has, least, !want)
			}
		}
	}
	if Role("janitor").AtLeast(Member) {
		t.Error("a role nobody knows counts as one")
	}
}
