package selections

import (
	"strings"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/lang"
	"portico/platform/web"
)

type releaseView struct {
	*web.Here
	Trail   []web.NavItem
	Project project
	Rows    []row
	Shown   string // why the client does not see them even then
}

func (o office) releaseView(r *web.Request) (releaseView, error) {
	p, err := o.at(r)
	if err != nil {
		return releaseView{}, err
	}
	r.Title("Show to the client")
	view := releaseView{Here: r.Here(), Project: p, Trail: trail(r, p.ClientName, p.Name, p.ID, web.NavItem{Title: "Show to the client"})}
	if !p.Shared {
		view.Shown = "The client does not see this project yet. What you release shows up as soon as the project is shared."
	}
	list, err := ofProjects(r.Context(), r.Tx(), r.Viewer(), []uuid.UUID{p.ID})
	if err != nil {
		return view, err
	}
	for _, one := range rowsOf(r.Here(), list, r.Here().Today()) {
		if one.State == Draft {
			view.Rows = append(view.Rows, one)
		}
	}
	return view, nil
}

func (o office) askRelease(r *web.Request) error {
	view, err := o.releaseView(r)
	if err != nil {
		return err
	}
	return r.Show("selections/release", view)
}

type releaseForm struct {
	IDs   []uuid.UUID `form:"id"`
	Tells bool        `form:"tells"`
}

// releaseSome shows drafts to the client; telling is an act of its own.
func (o office) releaseSome(r *web.Request) error {
	view, err := o.releaseView(r)
	if err != nil {
		return err
	}
	var form releaseForm
	err = r.Bind(&form)
	if err == nil && len(form.IDs) == 0 {
		err = fault.Invalid("Tick what the client is to see.")
	}
	if err != nil {
		return r.Again("selections/release", view, err)
	}
	n, err := o.showNow(r, view.Project, form.IDs, form.Tells)
	if err != nil {
		return err
	}
	r.Toast(counted(n, "selection is", "selections are") + " released.")
	return r.Go(r.Path("selections", "projects", view.Project.ID))
}

// showNow releases, and tells if that is wanted.
func (o office) showNow(r *web.Request, p project, ids []uuid.UUID, tells bool) (int, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	released, err := release(ctx, tx, v, p, ids, r.Now())
	if err != nil || len(released) == 0 {
		return 0, err
	}
	list, err := byIDs(ctx, tx, v, released)
	if err != nil {
		return 0, err
	}
	var titles []string
	for _, s := range list {
		titles = append(titles, "“"+s.Title+"”")
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "selections.released", Said: lang.M("released %s", shortened(strings.Join(titles, ", "), 300)), ClientID: p.ClientID, ProjectID: p.ID, SubjectID: p.ID, ForClient: true,
	})
	if err != nil {
		return 0, err
	}
	o.ring(ctx, v.FirmID(), p.ClientID)
	if tells {
		_, err = tellClient.Enqueue(ctx, tx, v.FirmID(), telling{Client: p.ClientID, Project: p.ID, What: toldReleased, Selections: released})
	}
	return len(released), err
}
