package schedule

import "portico/platform/web"

type shareForm struct {
	Viewable bool `form:"viewable"`
}

// share says whether the client may see the schedule.
func (o office) share(r *web.Request) error {
	p, b, err := o.boardOf(r)
	if err != nil {
		return err
	}
	var form shareForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	if form.Viewable != b.Plan.Viewable {
		if err := setSharing(r.Context(), r.Tx(), r.Viewer(), p.ID, b.Plan.Online, form.Viewable); err != nil {
			return err
		}
		text := "hid the schedule from the client"
		if form.Viewable {
			text = "opened the schedule to the client"
		}
		data := map[string]any{"before": map[string]any{"viewable": b.Plan.Viewable}, "after": map[string]any{"viewable": form.Viewable}}
		if err := note(r.Context(), r.Tx(), r.Viewer(), b.Plan, p.ID, "shared", text, data); err != nil {
			return err
		}
		o.ring(r.Context(), r.Viewer(), b.Plan, true)
	}
	r.Toast("Saved.")
	return r.Go(r.Path(section, "projects", p.ID))
}

// setBaseline keeps how everything is planned now.
func (o office) setBaseline(r *web.Request) error {
	return o.baseline(r, true, "set the baseline of the schedule", "Kept. From now on you see by how much dates differ from today's plan.")
}

func (o office) dropBaseline(r *web.Request) error {
	return o.baseline(r, false, "removed the baseline of the schedule", "The baseline is gone.")
}

func (o office) baseline(r *web.Request, on bool, text, toast string) error {
	p, b, err := o.boardOf(r)
	if err != nil {
		return err
	}
	if err := setBaseline(r.Context(), r.Tx(), r.Viewer(), p.ID, on); err != nil {
		return err
	}
	if err := note(r.Context(), r.Tx(), r.Viewer(), b.Plan, p.ID, "baseline", text, nil); err != nil {
		return err
	}
	r.Toast(toast)
	return r.Go(r.Path(section, "projects", p.ID))
}
