package dashboard

import (
	"slices"
	"strings"
	"time"

	"portico/platform/day"
	"portico/platform/lang"
	"portico/platform/module"
)

// greeting is what one says at that hour, in the reader's own zone.
func greeting(reader *lang.Reader, now time.Time, name string) string {
	words := lang.T("Good evening")
	switch hour := now.Hour(); {
	case hour >= 4 && hour < 12:
		words = lang.T("Good morning")
	case hour >= 12 && hour < 18:
		words = lang.T("Good afternoon")
	}
	if first, _, _ := strings.Cut(strings.TrimSpace(name), " "); first != "" {
		return reader.Say(string(words)) + ", " + first
	}
	return reader.Say(string(words))
}

// badge is how a state of a project looks: a word, a colour, an icon.
type badge struct {
	Text       lang.Text
	Kind, Icon string
}

func badgeOf(status string) badge {
	switch status {
	case "planned":
		return badge{lang.T("Planned"), "info", "calendar"}
	case "active":
		return badge{lang.T("Active"), "brand", "circle-dot"}
	case "completed":
		return badge{lang.T("Completed"), "ok", "circle-check"}
	}
	return badge{lang.T("Archived"), "muted", "archive"}
}

// lines are those of a text that say something.
func lines(text string) []string {
	var found []string
	for _, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			found = append(found, line)
		}
	}
	return found
}

// course is how far a project has come by the calendar; Of is 0 when the calendar does not tell.
type course struct{ Day, Of int }

func courseOf(today, starts, ends day.Day) course {
	if starts.IsZero() || ends.IsZero() || today.Before(starts) || today.After(ends) {
		return course{}
	}
	return course{Day: starts.Until(today) + 1, Of: starts.Until(ends) + 1}
}

// urgent puts what has a day before what has none, and the nearest day first.
func urgent(todos []module.Todo) {
	slices.SortStableFunc(todos, func(a, b module.Todo) int {
		switch {
		case a.Due.IsZero() != b.Due.IsZero():
			if a.Due.IsZero() {
				return 1
			}
			return -1
		case a.Due.Before(b.Due):
			return -1
		case b.Due.Before(a.Due):
			return 1
		}
		return 0
	})
}
