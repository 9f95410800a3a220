package envelopes

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/web"
)

func (o office) withdrawalAsked(r *web.Request, e Envelope) askView {
	r.Title("Make it void?")
	text := "Nobody can sign it any more, and what was signed on it does not count. Whoever was asked gets a mail."
	if e.Status == Complete {
		text = "All have approved it. From now on it changes the contract no more, and its price is not billed; everybody gets a mail. " +
			"What stands on an invoice already stays there: delete the draft, or make that invoice void. The sealed file is kept."
	}
	return askView{
		Here: r.Here(), Title: "Make “" + e.Title + "” void?", Text: text,
		Action: r.Path("envelopes", e.ID, "withdrawal"), Back: r.Path("envelopes", e.ID), Do: "Make void", Icon: "x", Danger: true,
		Reason: true, ReasonHelp: "The client reads it.", Version: e.Version,
	}
}

func (o office) askWithdrawal(r *web.Request) error {
	e, err := o.load(r)
	if err != nil {
		return err
	}
	if !e.voidable() {
		return r.Go(r.Path("envelopes", e.ID))
	}
	return r.Show("envelopes/ask", o.withdrawalAsked(r, e))
}

// reasonOf reads why; a version that is not the one that was seen is refused.
func reasonOf(r *web.Request, e Envelope, form *askForm) error {
	if err := r.Bind(form); err != nil {
		return err
	}
	switch form.Reason = strings.TrimSpace(form.Reason); {
	case form.Reason == "":
		return fault.Field("reason", "Say why.")
	case utf8.RuneCountInString(form.Reason) > 500:
		return fault.Field("reason", "Use at most 500 characters.")
	case form.Version != e.Version:
		return errMoved
	}
	return nil
}

func (o office) withdrawNow(r *web.Request) error {
	e, err := o.holding(r)
	if err != nil {
		return err
	}
	if e.Status == Void {
		r.Toast("It is void already.")
		return r.Go(r.Path("envelopes", e.ID))
	}
	view := o.withdrawalAsked(r, e)
	wrong := reasonOf(r, e, &view.Form)
	if wrong == nil {
		wrong = o.withdraw(r.Context(), r.Tx(), r.Viewer(), &e, view.Form.Reason, false, r.Now())
	}
	if wrong != nil {
		return r.Again("envelopes/ask", view, wrong)
	}
	r.Toast("It is void.")
	return r.Go(r.Path("envelopes", e.ID))
}

func (o office) correctionAsked(r *web.Request, e Envelope) askView {
	r.Title("A corrected version")
	view := askView{
		Here: r.Here(), Title: "A corrected version of “" + e.Title + "”", Text: "A new draft is made with everything in it. You change what has to be changed, and send it.",
		Action: r.Path("envelopes", e.ID, "correction"), Back: r.Path("envelopes", e.ID), Do: "Make the new version", Icon: "file-pen", Version: e.Version,
	}
	if e.Status == Sent {
		view.Text = "This version is made void now: nobody can sign it any more, and what was signed on it stays with it and does not count for the new one. " + view.Text
		view.Reason, view.ReasonHelp = true, "The client reads it."
		view.Form.Reason = "It is replaced by a corrected version."
	}
	return view
}

func (o office) askCorrection(r *web.Request) error {
	e, err := o.load(r)
	if err != nil {
		return err
	}
	if e.NextID != uuid.Nil {
		return r.Go(r.Path("envelopes", e.NextID))
	}
	if e.Status != Sent && e.Status != Declined && e.Status != Void {
		return r.Go(r.Path("envelopes", e.ID))
	}
	return r.Show("envelopes/ask", o.correctionAsked(r, e))
}

// correctNow makes a new version. Pressed twice, the second press finds the one that was made.
func (o office) correctNow(r *web.Request) error {
	e, err := o.holding(r)
	if err != nil {
		return err
	}
	if e.NextID != uuid.Nil {
		return r.Go(r.Path("envelopes", e.NextID))
	}
	if e.Status != Sent && e.Status != Declined && e.Status != Void {
		return fault.Conflict("This cannot be corrected. Make a new document.")
	}
	if e.Status == Sent {
		view := o.correctionAsked(r, e)
		wrong := reasonOf(r, e, &view.Form)
		if wrong == nil {
			wrong = o.withdraw(r.Context(), r.Tx(), r.Viewer(), &e, view.Form.Reason, true, r.Now())
		}
		if wrong != nil {
			return r.Again("envelopes/ask", view, wrong)
		}
	}
	next, err := revise(r.Context(), r.Tx(), r.Viewer(), e, r.Now())
	if err != nil {
		return err
	}
	if err := note(r.Context(), r.Tx(), r.Viewer(), next, "envelopes.corrected", "began version "+strconv.Itoa(next.Revision)+" of “"+e.Title+"”", nil); err != nil {
		return err
	}
	r.Toast("This is the new version. Change what has to be changed, and send it.")
	return r.Go(r.Path("envelopes", next.ID, "edit"))
}
