package web

import "portico/platform/db/paging"

// Place is where the page of a list begins that is asked for.
func (r *Request) Place() paging.Place { return paging.PlaceOf(r.Query("after"), r.Query("before")) }

// Turned gives the addresses of the neighbouring pages.
func (h *Here) Turned(t paging.Turns) paging.Turns {
	if t.Prev != "" {
		t.Prev = h.With("before", t.Prev)
	}
	if t.Next != "" {
		t.Next = h.With("after", t.Next)
	}
	return t
}

// Head is a column's heading that sorts.
type Head struct{ Title, Href, Sort, Class string }

// Sorts is the heading of a column in a list that stands in an order: another press turns it round. What a list is read
// by, a name or a day that nears, rises at the first press; all else begins with the newest and the largest.
func (h *Here) Sorts(sort, column, title, class string, rises bool) Head {
	head, next := Head{Title: h.Say(title), Class: class}, column
	switch sort {
	case column:
		head.Sort, next = "ascending", "-"+column
	case "-" + column:
		head.Sort = "descending"
	default:
		if !rises {
			next = "-" + column
		}
	}
	head.Href = h.With("sort", next)
	return head
}
