package envelopes

import (
	"strconv"
	"strings"

	"github.com/google/uuid"

	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/web"
)

func (o office) askSending(r *web.Request) error {
	e, err := o.load(r)
	if err != nil {
		return err
	}
	if e.Status != Draft {
		return r.Go(r.Path("envelopes", e.ID))
	}
	view, err := o.sendingAsked(r, e)
	if err != nil {
		return err
	}
	return r.Show("envelopes/ask", view)
}

// sendingAsked says what goes to whom.
func (o office) sendingAsked(r *web.Request, e Envelope) (askView, error) {
	r.Title("Send “" + e.Title + "”?")
	view := askView{
		Here: r.Here(), Title: "Send “" + e.Title + "”?", Action: r.Path("envelopes", e.ID, "sending"), Back: r.Path("envelopes", e.ID),
		Do: "Send " + e.Kind.Noun().String(), Icon: "send", Version: e.Version,
		Text: "Once it is sent it cannot be changed any more, only withdrawn or replaced by a corrected version.",
	}
	list, err := lacking(r.Context(), r.Tx(), r.Viewer(), e)
	for _, l := range list {
		view.Lack = append(view.Lack, l.Text)
	}
	if err != nil {
		return view, err
	}
	fact := func(name, value string) { view.Facts = append(view.Facts, choice{name, value}) }
	if e.Total != 0 {
		fact("Amount", r.Here().Money(e.Amount()))
	}
	if e.DeadlineDays > 0 {
		fact("Time to answer", days(e.DeadlineDays))
	}
	if e.RemindDays > 0 {
		fact("Reminders", "every "+days(e.RemindDays))
	}
	if e.AskCode {
		fact("Mailed code", "asked of everybody who signs")
	}
	trial := e
	trial.Status = Sent
	now := map[uuid.UUID]bool{}
	for _, one := range turn(trial, r.Now()) {
		now[one.ID] = true
	}
	for _, one := range e.Recipients {
		line := one.Name + " (" + one.Email + ") " + strings.ToLower(one.Role.Title()[:1]) + one.Role.Title()[1:]
		if now[one.ID] || one.Role == Viewer {
			view.Mails = append(view.Mails, line)
		} else {
			view.WhoElse = append(view.WhoElse, line)
		}
	}
	return view, nil
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return strconv.Itoa(n) + " days"
}

// sendNow lets it go out. Pressed twice, the second press finds it sent.
func (o office) sendNow(r *web.Request) error {
	e, err := o.holding(r)
	if err != nil {
		return err
	}
	var form askForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	if e.Status == Sent {
		r.Toast("It has been sent already.")
		return r.Go(r.Path("envelopes", e.ID))
	}
	view, err := o.sendingAsked(r, e)
	if err != nil {
		return err
	}
	switch {
	case e.Status != Draft || form.Version != e.Version:
		return r.Again("envelopes/ask", view, errMoved)
	case len(view.Lack) > 0:
		return r.Again("envelopes/ask", view, fault.Invalid("It cannot go out like this: "+strings.Join(view.Lack, " ")))
	}
	if err := o.send(r.Context(), r.Tx(), r.Viewer(), &e, r.Now()); err != nil {
		return err
	}
	r.Toast("It is on its way.")
	return r.Go(r.Path("envelopes", e.ID))
}

func (o office) remindNow(r *web.Request) error {
	e, err := o.holding(r)
	if err != nil {
		return err
	}
	n, err := o.remind(r.Context(), r.Tx(), r.Viewer(), &e, uuid.Nil, r.Now())
	if err != nil {
		return err
	}
	switch {
	case n > 0:
		if err := note(r.Context(), r.Tx(), r.Viewer(), e, "envelopes.reminded", "sent a reminder of “"+e.Title+"”", nil); err != nil {
			return err
		}
		r.Toast("A reminder is on its way.")
	case e.Open() && len(turn(e, r.Now())) > 0:
		r.Warn("They were asked a moment ago. Give them a little time.")
	default:
		r.Warn("Nobody can be reminded right now.")
	}
	return r.Go(r.Path("envelopes", e.ID))
}

// theRecipient is one of a document, of whom something is waited for.
func theRecipient(r *web.Request, e Envelope) (Recipient, error) {
	id, err := r.ID("recipient")
	if err != nil {
		return Recipient{}, err
	}
	one, there := e.Recipient(id)
	if !there {
		return one, fault.NotFound()
	}
	if !e.Open() || one.Done() || one.NotifiedAt.IsZero() || one.Role == Countersigner {
		return one, fault.Conflict("Nothing is waited for from " + one.Name + ".")
	}
	return one, nil
}

func (o office) deadlineAsked(r *web.Request, e Envelope, one Recipient) askView {
	r.Title("More time for " + one.Name)
	view := askView{
		Here: r.Here(), Title: "More time for " + one.Name, Days: true, Action: r.Path("envelopes", e.ID, "recipients", one.ID, "deadline"),
		Back: r.Path("envelopes", e.ID), Do: "Give time and mail again", Icon: "timer", Text: "The mail with the link goes out again.",
	}
	view.Form.Until = r.Here().Today().Add(max(e.DeadlineDays, 7)).String()
	if !one.ExpiresAt.IsZero() {
		view.Facts = []choice{{"Until now", r.Here().Local(one.ExpiresAt).Format("Mon, Jan 2, 2006")}}
	}
	return view
}

func (o office) askDeadline(r *web.Request) error {
	e, err := o.load(r)
	if err != nil {
		return err
	}
	one, err := theRecipient(r, e)
	if err != nil {
		return err
	}
	return r.Show("envelopes/ask", o.deadlineAsked(r, e, one))
}

func (o office) saveDeadline(r *web.Request) error {
	e, err := o.holding(r)
	if err != nil {
		return err
	}
	one, err := theRecipient(r, e)
	if err != nil {
		return err
	}
	view := o.deadlineAsked(r, e, one)
	wrong := r.Bind(&view.Form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	until, err := day.Parse(view.Form.Until)
	today := r.Here().Today()
	if err != nil || until.Before(today) || today.Until(until) > 400 {
		return r.Again("envelopes/ask", view, fault.Field("until", "Choose a day from today on."))
	}
	if err := o.extend(r.Context(), r.Tx(), r.Viewer(), &e, one, until, r.Now()); err != nil {
		return err
	}
	r.Toast(one.Name + " has until " + dateText(until) + ".")
	return r.Go(r.Path("envelopes", e.ID))
}
