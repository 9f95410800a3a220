package setup

import (
	"portico/platform/access"
)

// line is one switch on a setup page: a section or an area of one.
type line struct {
	Key, Field, ID string
	Title, Summary string
	Icon           string
	Ticked         bool  // at the firm
	Saved          bool  // at the firm: what is kept now
	Default        bool  // at a client: what the firm says
	State          State // at a client or project
	SavedState     State
	Result         result
	Areas          []line
	Open           bool // areas to be seen at once
}

// result is the resolved answer in words.
type result struct {
	ID    string
	On    bool
	By    string
	Not   []string // on, but narrowed in these projects
	Drawn bool     // as an answer to a change: goes out of band
}

// firmLines are the firm's defaults. shown is what is ticked on the page, saved what is kept now.
func firmLines(sections []section, shown, saved access.Switches) []line {
	one := func(key, title, summary string) line {
		return line{Key: key, Field: fieldOf(key), ID: idOf(key), Title: title, Summary: summary, Ticked: shown[key], Saved: saved[key]}
	}
	return lines(sections, one)
}

func lines(sections []section, one func(key, title, summary string) line) []line {
	var all []line
	for _, s := range sections {
		l := one(s.ID, s.Title, s.Summary)
		l.Icon = s.Icon
		for _, a := range s.Areas {
			area := one(s.ID+"/"+a.ID, a.Title, a.Summary)
			l.Open = l.Open || area.State != Inherit || area.State != area.SavedState || area.Ticked != area.Saved
			l.Areas = append(l.Areas, area)
		}
		all = append(all, l)
	}
	return all
}

// clientLines are a client's switches and what comes of them. The answer is platform/access's; here it gets words.
func clientLines(sections []section, levels access.Levels, saved access.Switches, projects []projectRow) []line {
	one := func(key, title, summary string) line {
		return line{
			Key: key, Field: fieldOf(key), ID: idOf(key), Title: title, Summary: summary,
			Default: levels.FirmSays[key], State: stateOf(levels.ClientSays, key), SavedState: stateOf(saved, key),
			Result: resultOf(levels, key, projects),
		}
	}
	return lines(sections, one)
}

// projectLines are what a project narrows.
func projectLines(sections []section, levels access.Levels, shown, saved access.Switches) []line {
	one := func(key, title, summary string) line {
		above := levels
		above.ProjectSays = nil
		section, area := split(key)
		return line{
			Key: key, Field: fieldOf(key), ID: idOf(key), Title: title, Summary: summary,
			Default: above.Section(section, area).On, State: narrowed(shown, key), SavedState: narrowed(saved, key),
			Result: resultOf(levels, key, nil),
		}
	}
	return lines(sections, one)
}

// narrowed: at a project only "off" counts.
func narrowed(s access.Switches, key string) State {
	if stateOf(s, key) == Off {
		return Off
	}
	return Inherit
}

func resultOf(levels access.Levels, key string, projects []projectRow) result {
	section, area := split(key)
	answer := levels.Section(section, area)
	r := result{ID: idOf(key) + "-result", On: answer.On, By: answer.By.Words()}
	if area != "" && !levels.Section(section, "").On {
		r.By = "the section is off"
	}
	if !answer.On || len(projects) < 2 {
		return r
	}
	for _, p := range projects {
		alone := levels
		alone.ProjectSays = []access.Switches{p.Switches}
		if !alone.Section(section, area).On {
			r.Not = append(r.Not, p.Name)
		}
	}
	return r
}

// shownProjects are those that a client would see: shared and not archived. They narrow what "all projects" shows.
func shownProjects(projects []projectRow) []projectRow {
	var shown []projectRow
	for _, p := range projects {
		if p.Shared && p.Status != "archived" {
			shown = append(shown, p)
		}
	}
	return shown
}

func saysOf(projects []projectRow) []access.Switches {
	var says []access.Switches
	for _, p := range projects {
		says = append(says, p.Switches)
	}
	return says
}

// OutOfBand is the result as an answer to a change on the page.
func (r result) OutOfBand() result {
	r.Drawn = true
	return r
}
