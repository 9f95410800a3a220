package setup

import (
	"strings"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/people"
	"portico/platform/web"
)

const activityRows = 50

type activityView struct {
	*web.Here
	Trail  []web.NavItem
	Staff  []option
	Who    string
	Items  []happening
	Next   string
	First  bool
	Narrow bool
}

// activity is the log of the firm: who changed what, and what it was before.
func (o office) activity(r *web.Request) error {
	r.Title("Activity")
	view := activityView{Here: r.Here(), Trail: o.trail(r), Who: r.Query("who")}
	who, _ := uuid.Parse(view.Who) // what is no id is nobody's filter
	after := placeOf(r.Query("after"))
	view.First, view.Narrow = after.At.IsZero(), who != uuid.Nil
	list, err := activity.Page(r.Context(), r.Tx(), r.Viewer(), who, after, activityRows+1)
	if err != nil {
		return err
	}
	if len(list) > activityRows {
		list = list[:activityRows]
		last := list[activityRows-1]
		view.Next = r.Here().With("after", stamp(last.At)+"."+last.ID.String())
	}
	named := titles(o.catalog())
	for _, e := range list {
		h := happeningOf(e, named)
		if e.ClientID != uuid.Nil {
			h.Href = r.Path("clients", e.ClientID)
		}
		view.Items = append(view.Items, h)
	}
	staff, err := people.ListStaff(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	for _, s := range staff {
		view.Staff = append(view.Staff, option{s.PersonID.String(), s.Name})
	}
	return r.Show("setup/activity", view)
}

// placeOf reads where the page before ended.
func placeOf(text string) activity.Place {
	at, id, _ := strings.Cut(text, ".")
	parsed, err := uuid.Parse(id)
	if err != nil {
		return activity.Place{}
	}
	return activity.Place{At: moment(at), ID: parsed}
}
