package schedule

import (
	"context"
	"strings"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/search"
	"portico/platform/web"
)

// find answers the search of either side.
func find(ctx context.Context, tx bun.Tx, v auth.Viewer, typed string, limit int) ([]search.Hit, error) {
	if !v.May(see) && !v.May(keep) {
		return nil, nil
	}
	list, err := findItems(ctx, tx, v, typed, limit)
	here := &web.Here{Viewer: v}
	var hits []search.Hit
	for _, h := range list {
		start, _ := day.Parse(h.Start)
		end, _ := day.Parse(h.End)
		one := search.Hit{Title: h.Title, Detail: v.Reader().Value(Span{start, end}.Words()).(string) + ", " + h.Project, Icon: h.Kind.Icon(), Href: here.Path(section, "items", h.ID)}
		if v.Side == auth.Office {
			one.Href = here.Path(section, "projects", h.ProjectID, "items", h.ID)
		}
		hits = append(hits, one)
	}
	return hits, err
}

// fits reports whether each word begins one of the text's.
func fits(text string, words []string) bool {
	there := search.Words(text)
	for _, word := range words {
		begins := false
		for _, one := range there {
			begins = begins || strings.HasPrefix(one, word)
		}
		if !begins {
			return false
		}
	}
	return true
}

// Icon is how a kind looks.
func (k Kind) Icon() string {
	switch k {
	case Phase:
		return "layers"
	case Milestone:
		return "flag"
	}
	return "calendar-days"
}

// Title names a kind for people.
func (k Kind) Title() string {
	switch k {
	case Phase:
		return "Phase"
	case Milestone:
		return "Milestone"
	}
	return "Task"
}
