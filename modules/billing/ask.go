package billing

import (
	"slices"

	"strconv"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/web"
)

// askingRoutes are the pages that ask before an invoice is released, made void or deleted.
func askingRoutes(o office) []web.Route {
	return []web.Route{
		web.Get("/invoices/:invoice/release", settle, o.askRelease),
		web.Get("/invoices/:invoice/voiding", settle, o.askVoid),
		web.Post("/invoices/:invoice/voiding", settle, o.void),
		web.Get("/invoices/:invoice/deletion", write, o.askDelete),
	}
}

// asked is what every question about an invoice says: which one, how much, whose.
func (o office) asked(r *web.Request, i Invoice, title string) confirmView {
	r.Title(title)
	view := confirmView{Here: r.Here(), Part: r.IsPart(), Title: title, Back: r.Path("billing", "invoices", i.ID), Version: i.Version}
	if i.Number != "" {
		view.Facts = append(view.Facts, fact{"Number", i.Number})
	}
	view.Facts = append(view.Facts,
		fact{"Invoice", i.Title}, fact{"Amount", r.Here().Money(i.Amount())}, fact{"Client", i.ClientName}, fact{"Project", i.ProjectName})
	return view
}

// fresh loads an invoice of which something is asked. When it is not what the page showed that asks, it is shown again first.
func (o office) fresh(r *web.Request) (i Invoice, fresh bool, err error) {
	if i, err = o.load(r); err != nil {
		return i, false, err
	}
	if seen := r.Query("version"); seen != "" && seen != strconv.Itoa(i.Version) {
		moved, _ := fault.Of(errMoved)
		r.Warn(moved.Message)
		return i, false, r.Go(r.Path("billing", "invoices", i.ID))
	}
	return i, true, nil
}

// names are whom a mail goes to.
func names(list []reader) []string {
	var all []string
	for _, to := range list {
		if to.reads() {
			all = append(all, to.Name+", "+to.Email)
		}
	}
	return all
}

func (o office) askRelease(r *web.Request) error {
	i, fresh, err := o.fresh(r)
	if err != nil || !fresh {
		return err
	}
	back := r.Path("billing", "invoices", i.ID)
	if !i.IsDraft() && !i.IsApproved() {
		return r.Go(back)
	}
	view := o.asked(r, i, "Release this invoice?")
	view.Text = i.ClientName + " sees it and owes it from then on. It gets its number, and cannot be changed any more."
	view.Action, view.Do, view.Icon = back+"/release", "Release to the client", "send"
	if i.IsDraft() {
		view.Do = "Approve and release"
	}
	s, err := settingOf(r.Context(), r.Tx(), r.Viewer())
	if err != nil {
		return err
	}
	due := dueNote(i, s, today(r.Firm(), r.Now()))
	if due == "" {
		due = dateText(i.DueOn)
	}
	view.Facts = append(view.Facts, fact{"Due", due})
	list, err := readers(r.Context(), r.Tx(), r.Firm().ID, i.ID, uuid.Nil)
	view.Mails, view.NoMail = names(list), "Nobody gets a mail: no contact of this client is invited and may see invoices of this project."
	if err != nil {
		return err
	}
	return r.Show("billing/confirm", view)
}

func (o office) voidView(r *web.Request, i Invoice, form reasonForm) (confirmView, error) {
	view := o.asked(r, i, "Void "+i.Number+"?")
	view.Text = i.ClientName + " owes it no more, and sees it struck out. Its number stays taken. This cannot be undone."
	if i.IsConsolidated() {
		view.Text += " What was put together in it becomes drafts of their own again."
	}
	if fees, err := feesOf(r.Context(), r.Tx(), r.Viewer(), i.ID); err != nil {
		return view, err
	} else if slices.ContainsFunc(fees, lateFee.asked) {
		view.Text += " Late fees for it that nobody has paid are taken back with it."
	}
	view.Action, view.Do, view.Icon, view.Danger = view.Back+"/voiding", "Void this invoice", "x", true
	view.Reason, view.Form, view.Version = true, form, form.Version
	list, err := toldOf(r.Context(), r.Tx(), r.Firm().ID, i.ID)
	view.Mails, view.NoMail = names(list), "Nobody gets a mail: nobody was mailed about this invoice."
	return view, err
}

// askVoid demands a reason first.
func (o office) askVoid(r *web.Request) error {
	i, fresh, err := o.fresh(r)
	if err != nil || !fresh {
		return err
	}
	if !i.IsReleased() || i.Paid != 0 {
		return r.Go(r.Path("billing", "invoices", i.ID))
	}
	view, err := o.voidView(r, i, reasonForm{Version: i.Version})
	if err != nil {
		return err
	}
	return r.Show("billing/confirm", view)
}

func (o office) void(r *web.Request) error {
	i, err := o.load(r)
	if err != nil {
		return err
	}
	var form reasonForm
	wrong := r.Bind(&form)
	if wrong == nil && form.Version != i.Version {
		wrong = errMoved
	}
	if wrong == nil {
		wrong = o.voided(r, i, form.Reason)
	}
	if wrong != nil {
		if fault.Is(wrong, fault.Clash) {
			form.Version = i.Version
		}
		view, err := o.voidView(r, i, form)
		if err != nil {
			return err
		}
		return r.Again("billing/confirm", view, wrong)
	}
	r.Toast(i.Number + " is void.")
	return r.Go(r.Path("billing", "invoices", i.ID))
}

// voided makes an invoice void, and promises that whoever was told of it hears of that, too. Nobody was late with it then.
func (o office) voided(r *web.Request, i Invoice, reason string) error {
	if err := void(r.Context(), r.Tx(), r.Viewer(), i, reason, today(r.Firm(), r.Now())); err != nil {
		return err
	}
	if _, err := tellVoid.Enqueue(r.Context(), r.Tx(), r.Firm().ID, announced{i.ID}); err != nil {
		return err
	}
	if err := record(r, i, "billing.voided", "voided the invoice "+i.Number, map[string]any{"reason": reason}); err != nil {
		return err
	}
	return o.waiveAll(r, i, reason)
}

func (o office) askDelete(r *web.Request) error {
	i, fresh, err := o.fresh(r)
	if err != nil || !fresh {
		return err
	}
	if !i.IsDraft() {
		return r.Go(r.Path("billing", "invoices", i.ID))
	}
	view := o.asked(r, i, "Delete this draft?")
	view.Text, view.NoMail = "It is gone for good. It never had a number, so there is no gap.", "The client never saw it, and gets no mail."
	if i.IsConsolidated() {
		view.Text = "It is taken apart: what was put together in it becomes drafts of their own again."
	}
	view.Action, view.Do, view.Icon, view.Danger = view.Back+"?_method=DELETE", "Delete this draft", "trash", true
	return r.Show("billing/confirm", view)
}
