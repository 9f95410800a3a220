package selections

import (
	"strconv"

	"portico/platform/fault"
	"portico/platform/lang"
	"portico/platform/web"
)

// deletionView asks before something is deleted that nobody can bring back: in a dialog, or as a page.
type deletionView struct {
	*web.Here
	Part             bool
	Title, Text      string
	Warning          string
	Action, Do, Back string
}

// askDrop asks before a draft is deleted with all that belongs to it.
func (o office) askDrop(r *web.Request) error {
	s, err := o.load(r)
	if err != nil {
		return err
	}
	view := deletionView{
		Here: r.Here(), Part: r.IsPart(), Title: "Delete “" + s.Title + "”?", Text: "It is a draft: the client has not seen it.",
		Action: r.Path("selections", s.ID), Do: "Delete it", Back: r.Path("selections", s.ID),
	}
	if n := len(s.Choices); n > 0 {
		view.Warning = "Its choices go with it, " + strconv.Itoa(n) + " in all, with their pictures and files."
	}
	r.Title(view.Title)
	return r.Show("selections/deletion", view)
}

// dropSelection forgets one that was never decided.
func (o office) dropSelection(r *web.Request) error {
	s, err := o.holding(r)
	if err != nil {
		return err
	}
	effects, err := effectsOf(r.Context(), r.Tx(), r.Viewer(), s)
	if err != nil {
		return err
	}
	if s.State != Draft || len(effects) > 0 {
		return fault.Conflict("Only a draft can be deleted that never changed the contract.")
	}
	if err := dropSelection(r.Context(), r.Tx(), r.Viewer(), s); err != nil {
		return err
	}
	if s.Allowance.There() && !s.Allowance.Shared {
		if err := dropAllowance(r.Context(), r.Tx(), r.Viewer(), s.Allowance); err != nil {
			return err
		}
	}
	gone := s.Files
	for _, c := range s.Choices {
		gone = append(gone, c.Files...)
	}
	if err := o.forget(r, gone); err != nil {
		return err
	}
	if err := o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.deleted", "deleted the selection “"+s.Title+"”", nil); err != nil {
		return err
	}
	r.Toast("Deleted.")
	return r.Go(r.Path("selections", "projects", s.ProjectID))
}

// askDropChoice asks before a choice is removed, and says whether the client has chosen it.
func (o office) askDropChoice(r *web.Request) error {
	s, c, err := o.loadChoice(r)
	if err != nil {
		return err
	}
	view := deletionView{
		Here: r.Here(), Part: r.IsPart(), Title: "Remove “" + c.Title + "”?", Text: "It goes from “" + s.Title + "” with its pictures and files.",
		Action: r.Path("selections", "choices", c.ID), Do: "Remove choice", Back: r.Path("selections", "choices", c.ID),
	}
	if c.Picked {
		view.Warning = "The client has chosen it. Without it they have to choose again, and read so in their portal."
	}
	r.Title(view.Title)
	return r.Show("selections/deletion", view)
}

func (o office) dropChoice(r *web.Request) error {
	s, c, err := o.loadChoice(r)
	if err != nil {
		return err
	}
	if c.Approved {
		return fault.Conflict("This is what the client has approved. Open the selection again first.")
	}
	if err := dropChoice(r.Context(), r.Tx(), r.Viewer(), s, c); err != nil {
		return err
	}
	if err := o.forget(r, c.Files); err != nil {
		return err
	}
	if err := touch(r.Context(), r.Tx(), r.Viewer(), s.ID); err != nil {
		return err
	}
	if c.Picked {
		err = o.told(r.Context(), r.Tx(), r.Viewer(), s, "selections.choice", lang.M("removed the choice “%s”, which was chosen, from “%s”", c.Title, s.Title))
	} else {
		err = o.note(r.Context(), r.Tx(), r.Viewer(), s, "selections.choice", "removed the choice “"+c.Title+"” from “"+s.Title+"”", nil)
	}
	if err != nil {
		return err
	}
	o.ring(r.Context(), r.Viewer().FirmID(), s.ClientID)
	r.Toast("Removed.")
	return r.Go(r.Path("selections", s.ID))
}
