package envelopes

import "portico/platform/web"

func (o office) askDeletion(r *web.Request) error {
	e, err := o.load(r)
	if err != nil {
		return err
	}
	if e.Status != Draft {
		return r.Go(r.Path("envelopes", e.ID))
	}
	r.Title("Delete this draft?")
	return r.Show("envelopes/ask", askView{
		Here: r.Here(), Title: "Delete this draft?", Text: "“" + e.Title + "” and everything in it is gone for good. Clients have seen nothing of it.",
		Action: r.Path("envelopes", e.ID) + "?_method=DELETE", Back: r.Path("envelopes", e.ID), Do: "Delete draft", Icon: "trash-2", Danger: true, Version: e.Version,
	})
}

func (o office) deleteDraft(r *web.Request) error {
	e, err := o.holding(r)
	if err != nil {
		return err
	}
	if e.Status != Draft {
		return errMoved
	}
	if err := dropDraft(r.Context(), r.Tx(), r.Viewer(), e); err != nil {
		return err
	}
	if err := o.release(r.Context(), r.Tx(), r.Viewer(), e.FileID); err != nil {
		return err
	}
	if err := note(r.Context(), r.Tx(), r.Viewer(), e, "envelopes.deleted", "deleted the draft “"+e.Title+"”", nil); err != nil {
		return err
	}
	r.Toast("The draft is gone.")
	return r.Go(r.Path("envelopes"))
}
