package setup

import (
	"maps"
	"slices"
	"strings"

	"portico/platform/access"
	"portico/platform/module"
)

// section is a module that firms can switch, as setup sees it: all of it comes from the catalog.
type section struct {
	ID, Title, Summary, Icon string
	Areas                    []access.Area
	Presets                  map[string]bool
}

func sectionsOf(c *module.Catalog) []section {
	var all []section
	for _, m := range c.Sections() {
		all = append(all, section{m.ID, m.Title, m.Summary, m.Icon, m.Areas, m.Presets})
	}
	return all
}

// keys are all switches of the sections: "billing", "billing/paid".
func keys(sections []section) []string {
	var all []string
	for _, s := range sections {
		all = append(all, s.ID)
		for _, a := range s.Areas {
			all = append(all, s.ID+"/"+a.ID)
		}
	}
	return all
}

// titles name the switches for people: "Billing", "Billing: Paid invoices".
func titles(sections []section) map[string]string {
	named := map[string]string{}
	for _, s := range sections {
		named[s.ID] = s.Title
		for _, a := range s.Areas {
			named[s.ID+"/"+a.ID] = s.Title + ": " + a.Title
		}
	}
	return named
}

// preset is a sensible set of sections for one kind of firm.
type preset struct{ ID, Title string }

var presets = []preset{{"builder", "Builder"}, {"agency", "Agency"}, {"services", "Professional services"}, {"events", "Events"}}

func known(name string) bool {
	return slices.ContainsFunc(presets, func(p preset) bool { return p.ID == name })
}

// ticked are the switches of a preset. A section's areas go with it, but for those of which the module says otherwise:
// Presets{"builder": true, "builder/expenses": false}.
func ticked(sections []section, preset string) access.Switches {
	on := access.Switches{}
	for _, s := range sections {
		if !s.Presets[preset] {
			continue
		}
		on[s.ID] = true
		for _, a := range s.Areas {
			if says, ok := s.Presets[preset+"/"+a.ID]; !ok || says {
				on[s.ID+"/"+a.ID] = true
			}
		}
	}
	return on
}

// State is what one level says of a switch.
type State string

const (
	Inherit State = "" // as the level above
	On      State = "on"
	Off     State = "off"
)

// parseState reads what a form sent; ok is false for anything else.
func parseState(text string) (s State, ok bool) {
	s = State(text)
	return s, s == Inherit || s == On || s == Off
}

// stateOf is what a level's switches say of a key.
func stateOf(s access.Switches, key string) State {
	switch says, ok := s[key]; {
	case !ok:
		return Inherit
	case says:
		return On
	}
	return Off
}

// with sets the switch; Inherit leaves it to the level above.
func with(s access.Switches, key string, state State) {
	if state == Inherit {
		delete(s, key)
		return
	}
	s[key] = state == On
}

// copied is a set of switches to change. What it says of sections that are not installed now stays: off hides and
// forgets nothing.
func copied(s access.Switches) access.Switches {
	if s == nil {
		return access.Switches{}
	}
	return maps.Clone(s)
}

// switchesDiff tells each switch that differs, in the words of the level.
func switchesDiff(before, after access.Switches, words func(State) string) (was, is map[string]any) {
	was, is = map[string]any{}, map[string]any{}
	for key := range union(before, after) {
		old, now := stateOf(before, key), stateOf(after, key)
		if words(old) != words(now) {
			was[key], is[key] = words(old), words(now)
		}
	}
	return was, is
}

func union(a, b access.Switches) access.Switches {
	all := copied(a)
	maps.Copy(all, b)
	return all
}

// firmWords: at the firm there is nothing above, so that silence is off.
func firmWords(s State) string {
	if s == On {
		return "on"
	}
	return "off"
}

func clientWords(s State) string {
	if s == Inherit {
		return "as the firm"
	}
	return string(s)
}

func projectWords(s State) string {
	if s == Off {
		return "off"
	}
	return "as the client"
}

// fieldOf is the name under which a form carries a switch.
func fieldOf(key string) string { return "s:" + key }

// idOf is fit for an id in a page.
func idOf(key string) string { return "s-" + strings.ReplaceAll(key, "/", "-") }

// split takes a key apart: "billing/paid" is the area "paid" of "billing".
func split(key string) (section, area string) {
	section, area, _ = strings.Cut(key, "/")
	return section, area
}
