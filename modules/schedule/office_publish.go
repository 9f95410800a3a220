package schedule

import (
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/web"
)

// publishForm is what staff say with a publication. Reasons are fields side by side: item, reason.
type publishForm struct {
	Message string `form:"message"`
	Tell    bool   `form:"tell"`
	Confirm int    `form:"confirm"`

	reasons map[uuid.UUID]string
}

const longMessage = 1000

// Check is what can be wrong with it.
func (f *publishForm) Check() fault.Fields {
	wrong := fault.Fields{}
	if utf8.RuneCountInString(f.Message) > longMessage {
		wrong["message"] = "Use at most 1000 characters."
	}
	return wrong
}

func (f *publishForm) read(r *web.Request) error {
	ids, texts := r.Values("item"), r.Values("reason")
	f.reasons = map[uuid.UUID]string{}
	wrong := fault.Fields{}
	for n, text := range ids {
		id, err := uuid.Parse(text)
		if err != nil || n >= len(texts) {
			continue
		}
		f.reasons[id] = strings.Join(strings.Fields(texts[n]), " ")
		if utf8.RuneCountInString(f.reasons[id]) > longReason {
			wrong["reason-"+id.String()] = "Use at most 300 characters."
		}
	}
	return fault.InFields(wrong)
}

// told is a change as staff look it over before it goes out.
type told struct {
	Change
	Field string // of its reason
}

type publishView struct {
	frame
	Plan    Plan
	Edition edition
	Changes []told
	Form    publishForm
	Shown   int // how many items the client will see
	Closed  []string
}

func (o office) publishView(r *web.Request, p account, b board) (publishView, error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	r.Title("Publish the schedule of " + p.Name)
	view := publishView{frame: o.frame(r, p, "Publish"), Plan: b.Plan, Form: publishForm{Tell: true, Confirm: b.Plan.Revision}}
	was, err := shownOf(ctx, tx, v, p.ID)
	if err != nil {
		return view, err
	}
	reasons, err := reasonsOf(ctx, tx, v, p.ID)
	if err != nil {
		return view, err
	}
	view.Edition = editionOf(b, was, reasons)
	for _, c := range view.Edition.Changes {
		view.Changes = append(view.Changes, told{c, "reason-" + c.ItemID.String()})
	}
	for _, s := range view.Edition.Next {
		if s.Visible {
			view.Shown++
		}
	}
	if !b.Plan.Viewable {
		view.Closed = append(view.Closed, "This schedule is not for the client: nobody sees it, and nobody is told.")
	}
	if !p.Shared {
		view.Closed = append(view.Closed, "The project is not shared with the client.")
	}
	return view, nil
}

// askPublication shows what the client would be told.
func (o office) askPublication(r *web.Request) error {
	p, b, err := o.boardOf(r)
	if err != nil {
		return err
	}
	view, err := o.publishView(r, p, b)
	if err != nil {
		return err
	}
	return r.Show("schedule/publish", view)
}

// publishNow makes the schedule what the client sees.
func (o office) publishNow(r *web.Request) error {
	p, b, err := o.boardOf(r)
	if err != nil {
		return err
	}
	view, err := o.publishView(r, p, b)
	if err != nil {
		return err
	}
	revision := view.Form.Confirm
	view.Form = publishForm{}
	wrong := r.Bind(&view.Form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	if err := view.Form.read(r); wrong == nil {
		wrong = err
	}
	for n, c := range view.Changes {
		if reason, given := view.Form.reasons[c.ItemID]; given {
			view.Changes[n].Reason = reason
		}
	}
	if wrong == nil && view.Form.Confirm != revision {
		wrong = fault.Conflict("The schedule was changed meanwhile. This is how it is now: look it over and publish again.")
	}
	if wrong == nil && len(b.Items) == 0 {
		wrong = fault.Invalid("There is nothing to publish yet.")
	}
	if wrong != nil {
		view.Form.Confirm = revision
		return r.Again("schedule/publish", view, wrong)
	}
	n, err := o.publish(r.Context(), r.Tx(), r.Viewer(), b, view.Edition, publication{view.Form.Message, view.Form.Tell, view.Form.reasons})
	if err != nil {
		return err
	}
	toast := "Published."
	if n.Told && b.Plan.Viewable {
		toast = "Published. The client gets one mail about it."
	}
	r.Toast(toast)
	return r.Go(r.Path(section, "projects", p.ID))
}

// takeOffline hides the schedule until it is published again; nothing is forgotten.
func (o office) takeOffline(r *web.Request) error {
	p, b, err := o.boardOf(r)
	if err != nil {
		return err
	}
	if b.Plan.Online {
		if err := setSharing(r.Context(), r.Tx(), r.Viewer(), p.ID, false, b.Plan.Viewable); err != nil {
			return err
		}
		if err := note(r.Context(), r.Tx(), r.Viewer(), b.Plan, p.ID, "offline", "took the schedule offline", nil); err != nil {
			return err
		}
		o.ring(r.Context(), r.Viewer(), b.Plan, true)
	}
	r.Toast("The schedule is offline: the client does not see it until you publish it again.")
	return r.Go(r.Path(section, "projects", p.ID))
}
