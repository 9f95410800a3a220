package selections

import (
	"github.com/google/uuid"

	"portico/platform/comment"
	"portico/platform/job"
	"portico/platform/web"
)

func (s Selection) thing() comment.Thing {
	return comment.Thing{Section: "selections", ID: s.ID, ClientID: s.ClientID, ProjectID: s.ProjectID}
}

// talk is what is said about a selection, on one of the two sides.
type talk struct {
	desk
	load       func(*web.Request) (Selection, error)
	view       func(*web.Request, Selection, comment.Form) (any, error) // its page, with what was typed
	page, part string
	tell       func(*web.Request, Selection, comment.Comment) error // the other side
}

func (t talk) add(r *web.Request) error {
	s, err := t.load(r)
	if err != nil {
		return err
	}
	var form comment.Form
	if err := r.Bind(&form); err != nil {
		view, failed := t.view(r, s, form)
		if failed != nil {
			return failed
		}
		if r.IsPart() {
			return r.Again(t.part, view, err)
		}
		return r.Again(t.page, view, err)
	}
	c, fresh, err := comment.Add(r.Context(), r.Tx(), r.Viewer(), s.thing(), form)
	if err != nil {
		return err
	}
	if fresh {
		if err := t.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.commented", "wrote about “"+s.Title+"”", nil); err != nil {
			return err
		}
		if err := t.tell(r, s, c); err != nil {
			return err
		}
		t.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	}
	return t.show(r, s)
}

func (t talk) show(r *web.Request, s Selection) error {
	view, err := t.view(r, s, comment.Form{})
	if err != nil {
		return err
	}
	return r.Done(r.Path("selections", s.ID), web.Draw(t.part, view))
}

func (t talk) drop(r *web.Request) error {
	s, err := t.load(r)
	if err != nil {
		return err
	}
	id, err := r.ID("comment")
	if err != nil {
		return err
	}
	if _, err := comment.Withdraw(r.Context(), r.Tx(), r.Viewer(), "selections", s.ID, id); err != nil {
		return err
	}
	return t.show(r, s)
}

func (o office) talk() talk {
	return talk{
		desk: o.desk, load: o.load, page: "selections/selection", part: "selections/_talk",
		view: func(r *web.Request, s Selection, form comment.Form) (any, error) {
			view, err := o.selectionView(r, s)
			view.SaidText, view.Internal = form.Text, form.Internal
			return view, err
		},
		tell: func(r *web.Request, s Selection, c comment.Comment) error {
			if c.Internal || s.State == Draft {
				return nil
			}
			_, err := tellClient.Enqueue(r.Context(), r.Tx(), r.Viewer().FirmID(), telling{
				Client: s.ClientID, Project: s.ProjectID, What: toldComment, Selections: []uuid.UUID{s.ID}, Comment: c.ID}, job.At(o.Now().Add(comment.Gathering)))
			return err
		},
	}
}

func (p portal) talk() talk {
	return talk{
		desk: p.desk, load: p.load, page: "selections/page", part: "selections/_said",
		view: func(r *web.Request, s Selection, form comment.Form) (any, error) {
			view, err := p.view(r, s)
			view.SaidText = form.Text
			return view, err
		},
		tell: func(r *web.Request, s Selection, c comment.Comment) error {
			return p.tellTeam(r.Context(), r.Tx(), r.Viewer(), s, "comment", c.ID)
		},
	}
}
