package users

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db/paging"
	"portico/platform/web"
)

// selection is whom something is to be done to: those who were ticked, or all that a filter means.
type selection struct {
	Filter filter
	All    bool
	IDs    []uuid.UUID // of a search with All: whom it found
}

// selectionOf reads it from an address.
func selectionOf(r *web.Request) selection {
	s := selection{Filter: filterOf(r.Query("state"), r.Query("portal"), r.Query("q")), All: r.Query("all") == "1" && knows(r.Query("state"), r.Query("portal"))}
	for _, text := range r.Queries("id") {
		if id, err := uuid.Parse(text); err == nil {
			s.IDs = append(s.IDs, id)
		}
	}
	return s
}

// selectionForm is the same in the body of a form.
type selectionForm struct {
	IDs    []uuid.UUID `form:"id"`
	All    bool        `form:"all"`
	State  string      `form:"state"`
	Portal string      `form:"portal"`
	Query  string      `form:"q"`
}

func (f selectionForm) selection() selection {
	return selection{Filter: filterOf(f.State, f.Portal, f.Query), All: f.All && knows(f.State, f.Portal), IDs: f.IDs}
}

// empty reports that nobody was chosen.
func (s selection) empty() bool { return !s.All && len(s.IDs) == 0 }

// resolve finds the contacts that a search means; without one the filter is a condition and needs no list.
func (s selection) resolve(ctx context.Context, tx bun.IDB, v auth.Viewer) (selection, error) {
	if !s.All {
		s.Filter = filter{}
		return s, nil
	}
	s.IDs = nil
	if s.Filter.Query == "" {
		return s, nil
	}
	_, byName := orderOf("name")
	for from := (paging.Place{}); ; {
		page, err := s.Filter.pick(ctx, tx, v, byName, from)
		if err != nil {
			return s, err
		}
		s.IDs = append(s.IDs, page.IDs...)
		if page.Next == "" {
			break
		}
		from = paging.PlaceOf(page.Next, "")
	}
	if len(s.IDs) == 0 { // nobody found is nobody, not everybody
		s.IDs = []uuid.UUID{uuid.Nil}
	}
	return s, nil
}
