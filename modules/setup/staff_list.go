package setup

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"portico/platform/people"
	"portico/platform/web"
)

const staffRows = 50

var (
	staffStates = []option{{"", "Everybody"}, {"active", "Active"}, {"invited", "Invited"}, {"disabled", "Switched off"}, {"unprotected", "Without second factor"}}
	staffRoles  = []option{{"", "All roles"}, {"owner", "Owners"}, {"admin", "Admins"}, {"member", "Members"}}
)

// staffState is where a member of staff stands.
func staffState(s people.Staff) string {
	switch {
	case !s.Active():
		return "disabled"
	case s.LastSignInAt.IsZero():
		return "invited"
	}
	return "active"
}

// staffFilter is what the list of staff can be narrowed to.
type staffFilter struct{ Words, State, Role string }

func (f staffFilter) lets(s people.Staff) bool {
	switch {
	case f.Role != "" && string(s.Role) != f.Role,
		f.State == "unprotected" && (s.SecondFactor || !s.Active()),
		f.State != "" && f.State != "unprotected" && staffState(s) != f.State:
		return false
	}
	return fits(f.Words, s.Name, s.Email, s.Title, string(s.Role))
}

// staffSorts are the ways to sort the list; the first names of those who are switched off stand last, as they come.
var staffSorts = map[string]func(a, b people.Staff) int{
	"name": func(a, b people.Staff) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) },
	"role": func(a, b people.Staff) int { return cmp.Compare(rankOf(a), rankOf(b)) },
	"seen": func(a, b people.Staff) int { return b.LastSignInAt.Compare(a.LastSignInAt) },
}

func rankOf(s people.Staff) int {
	return slices.IndexFunc(staffRoles, func(o option) bool { return o.Value == string(s.Role) })
}

type staffView struct {
	*web.Here
	Trail         []web.NavItem
	Filter        staffFilter
	States, Roles []option
	Sort          string
	Members       []member
	All           int
	Counted       string
	Prev, Next    string
}

// Head is a column's head that sorts.
func (v staffView) Head(column, title string) map[string]any {
	to, direction := column, ""
	switch v.Sort {
	case column:
		to, direction = "-"+column, "ascending"
	case "-" + column:
		direction = "descending"
	}
	if to == "name" {
		to = ""
	}
	return map[string]any{"Title": title, "Href": v.With("sort", to), "Sort": direction}
}

func (o office) staff(r *web.Request) error {
	r.Title("Staff")
	all, err := people.ListStaff(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	view := staffView{
		Here: r.Here(), Trail: o.trail(r), All: len(all), States: staffStates, Roles: staffRoles, Sort: r.Query("sort"),
		Filter: staffFilter{r.Query("q"), offered(staffStates, r.Query("state")), offered(staffRoles, r.Query("role"))},
	}
	found := slices.DeleteFunc(slices.Clone(all), func(s people.Staff) bool { return !view.Filter.lets(s) })
	view.Sort = sortStaff(found, view.Sort)
	page := pageOf(r.Query("page"), len(found), staffRows)
	from, to := (page-1)*staffRows, min(page*staffRows, len(found))
	for _, s := range found[from:to] {
		view.Members = append(view.Members, memberOf(r, s))
	}
	if page > 1 {
		view.Prev = view.With("page", page-1)
	}
	if to < len(found) {
		view.Next = view.With("page", page+1)
	}
	if len(found) > 0 {
		view.Counted = fmt.Sprintf("%d–%d of %d", from+1, to, len(found))
	}
	return r.Show("setup/staff", view)
}

// offered is what was asked for if it is one of the options, else the first.
func offered(options []option, asked string) string {
	for _, o := range options {
		if o.Value == asked {
			return asked
		}
	}
	return options[0].Value
}

func sortStaff(all []people.Staff, asked string) string {
	column, down := strings.CutPrefix(asked, "-")
	by := staffSorts[column]
	if by == nil {
		column, down = "name", false
		if asked == "" {
			return column // as they come: those who are switched off last
		}
		by = staffSorts[column]
	}
	slices.SortStableFunc(all, func(a, b people.Staff) int {
		if down {
			a, b = b, a
		}
		return by(a, b)
	})
	if down {
		return "-" + column
	}
	return column
}

// pageOf is the page that was asked for, as far as there is one.
func pageOf(asked string, rows, each int) int {
	n, err := strconv.Atoi(asked)
	if err != nil {
		return 1
	}
	return max(1, min(n, (rows+each-1)/each))
}
