package selections

import (
	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/money"
	"portico/platform/web"
)

// poolView is an allowance and what became of it.
type poolView struct {
	Allowance
	Href                          string
	Whole, Firm, Wish, Left, Over money.Amount // the allowance; approved; chosen; what is left, or more than it has
	Share, Both                   int          // percent of the bar: approved, and with what is chosen
}

func poolOf(a Allowance) poolView {
	v := poolView{Allowance: a, Whole: money.Of(a.Amount, a.Currency), Firm: money.Of(a.Approved, a.Currency), Wish: money.Of(a.Chosen, a.Currency)}
	used := a.Approved + a.Chosen
	if rest := a.Amount - used; rest >= 0 {
		v.Left = money.Of(rest, a.Currency)
	} else {
		v.Over = money.Of(-rest, a.Currency)
	}
	v.Share, v.Both = percent(a.Approved, a.Amount), percent(used, a.Amount)
	return v
}

func percent(part, whole int64) int {
	switch {
	case part <= 0:
		return 0
	case whole <= 0 || part >= whole:
		return 100
	}
	return int(part * 100 / whole)
}

// group is a category with what is in it.
type group struct {
	Title string
	Rows  []row
}

type projectView struct {
	*web.Here
	Trail, Tabs []web.NavItem
	Project     project
	Groups      []group
	Pools       []poolView
	Changes     money.Amount // what approvals have changed in the contract
	Drafts      int
	Waiting     int
	Opens       []option
	Templates   bool
}

// Empty reports whether nothing is there yet.
func (v projectView) Empty() bool { return len(v.Groups) == 0 }

// project is the tab of a project's page: all that is to be chosen for it.
func (o office) project(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	r.Title("Selections of " + p.Name)
	list, err := ofProjects(ctx, tx, v, []uuid.UUID{p.ID})
	if err != nil {
		return err
	}
	allowances, err := allowancesOf(ctx, tx, v, p)
	if err != nil {
		return err
	}
	told, err := toldOf(ctx, tx, v, p)
	if err != nil {
		return err
	}
	view := projectView{
		Here: r.Here(), Project: p, Changes: money.Of(told, p.Currency),
		Opens: []option{{OpensNothing, "Price only"}, {OpensChosen, "Cost and markup of what is chosen"}, {OpensAll, "Cost and markup of every choice"}},
		Trail: []web.NavItem{
			{Title: "Clients", Href: r.Path("clients")}, {Title: p.ClientName, Href: r.Path("clients", p.ClientID)},
			{Title: p.Name, Href: r.Path("clients", "projects", p.ID)}, {Title: "Selections"},
		},
	}
	for _, tab := range o.Catalog().Tabs("project", v) {
		view.Tabs = append(view.Tabs, web.NavItem{Title: tab.Title, Href: tab.Path(p.ID.String()), Current: tab.ID == "selections:project"})
	}
	for _, one := range rowsOf(r.Here(), list, r.Here().Today()) {
		title := one.Category
		if title == "" {
			title = "Without a category"
		}
		if n := len(view.Groups); n == 0 || view.Groups[n-1].Title != title {
			view.Groups = append(view.Groups, group{Title: title})
		}
		at := &view.Groups[len(view.Groups)-1]
		at.Rows = append(at.Rows, one)
		switch {
		case one.State == Draft:
			view.Drafts++
		case one.Open():
			view.Waiting++
		}
	}
	for _, a := range allowances {
		one := poolOf(a)
		one.Href = r.Path("selections", "allowances", a.ID)
		view.Pools = append(view.Pools, one)
	}
	return r.Show("selections/project", view)
}

// openBook says what of the cost the project's client sees.
func (o office) openBook(r *web.Request) error {
	p, err := o.at(r)
	if err != nil {
		return err
	}
	var form struct {
		Opens string `form:"opens"`
	}
	if err := r.Bind(&form); err != nil {
		return err
	}
	if form.Opens != OpensNothing && form.Opens != OpensChosen && form.Opens != OpensAll {
		return fault.BadRequest("There is no such setting.")
	}
	if form.Opens != p.Opens {
		if err := setOpens(r.Context(), r.Tx(), r.Viewer(), p, form.Opens); err != nil {
			return err
		}
		err := o.noteProject(r, p, "selections.book", "changed what the client sees of the cost of selections",
			activity.Changes(map[string]any{"opens": p.Opens}, map[string]any{"opens": form.Opens}))
		if err != nil {
			return err
		}
		o.ring(r.Context(), r.Viewer().FirmID(), p.ClientID)
	}
	r.Toast("Saved.")
	return r.Go(r.Path("selections", "projects", p.ID))
}

func (o office) noteProject(r *web.Request, p project, verb, text string, data map[string]any) error {
	return activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{Verb: verb, Text: text, ClientID: p.ClientID, ProjectID: p.ID, SubjectID: p.ID, Data: data})
}
