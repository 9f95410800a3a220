package billing

import (
	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/web"
)

// sparingForm is whom reminders and fees leave alone; what is ticked is what they get.
type sparingForm struct {
	Reminders bool `form:"reminders"`
	Fees      bool `form:"fees"`
}

func (f sparingForm) spared() spared { return spared{!f.Reminders, !f.Fees} }

// facts are what the log keeps of it.
func (s spared) facts() map[string]any {
	return map[string]any{"reminders": !s.NoReminders, "late fees": !s.NoFees}
}

func (o office) spareInvoice(r *web.Request) error {
	i, err := o.load(r)
	if err != nil {
		return err
	}
	var form sparingForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	was, err := sparedInvoice(r.Context(), r.Tx(), r.Viewer(), i.ID)
	if err != nil {
		return err
	}
	if err := spareInvoice(r.Context(), r.Tx(), r.Viewer(), i.ID, form.spared()); err != nil {
		return err
	}
	changes := activity.Changes(was.facts(), form.spared().facts())
	if err := record(r, i, "billing.spared", "changed reminders and late fees of the invoice "+i.Name(), changes); err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("billing", "invoices", i.ID))
}

func (o office) spareClient(r *web.Request) error {
	client, err := o.billed(r)
	if err != nil {
		return err
	}
	var form sparingForm
	if err := r.Bind(&form); err != nil {
		return err
	}
	was, err := sparedClient(r.Context(), r.Tx(), r.Viewer(), client.ID)
	if err != nil {
		return err
	}
	if err := spareClient(r.Context(), r.Tx(), r.Viewer(), client.ID, form.spared()); err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "billing.spared", Text: "changed reminders and late fees of the client " + client.Name, ClientID: client.ID, SubjectID: client.ID,
		Data: activity.Changes(was.facts(), form.spared().facts()),
	})
	if err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("billing", "clients", client.ID))
}

// lateness is what an invoice's page says of reminders and fees.
type lateness struct {
	Spared       spared
	ClientSpared spared
	Rules        bool // there are any
	Fees         []lateFee
	Fee          lateFee // that this invoice asks for
	IsFee        bool
	Template     web.NavItem // that it was made from; without a title: none
}

func latenessOf(r *web.Request, i Invoice) (l lateness, err error) {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if l.Spared, err = sparedInvoice(ctx, tx, v, i.ID); err != nil {
		return l, err
	}
	if l.ClientSpared, err = sparedClient(ctx, tx, v, i.ClientID); err != nil {
		return l, err
	}
	if l.Fees, err = feesOf(ctx, tx, v, i.ID); err != nil {
		return l, err
	}
	if l.Fee, l.IsFee, err = feeBy(ctx, tx, v, i.ID); err != nil {
		return l, err
	}
	template, title, err := templateOf(ctx, tx, v, i.ID)
	if title != "" {
		l.Template = web.NavItem{Title: title, Href: r.Path("billing", "recurring", template)}
	}
	return l, err
}

// waivable loads a fee's invoice, and the fee.
func (o office) waivable(r *web.Request) (Invoice, lateFee, error) {
	i, err := o.load(r)
	if err != nil {
		return i, lateFee{}, err
	}
	f, known, err := feeBy(r.Context(), r.Tx(), r.Viewer(), i.ID)
	if err == nil && !known {
		err = fault.NotFound()
	}
	return i, f, err
}

func (o office) waiveView(r *web.Request, i Invoice, f lateFee, form reasonForm) (confirmView, error) {
	view := o.asked(r, i, "Waive the late fee for "+f.Number+"?")
	view.Action, view.Do, view.Icon = view.Back+"/waiver", "Waive the fee", "undo-2"
	view.Reason, view.Form, view.Version = true, form, form.Version
	view.Text, view.NoMail = "Its draft is deleted.", "The client never saw it, and gets no mail."
	if !i.IsReleased() {
		return view, nil
	}
	view.Text = "Its invoice becomes void: the client owes it no more, and sees it struck out."
	list, err := toldOf(r.Context(), r.Tx(), r.Firm().ID, i.ID)
	view.Mails, view.NoMail = names(list), "Nobody gets a mail: nobody was mailed about it."
	return view, err
}

func (o office) askWaive(r *web.Request) error {
	i, f, err := o.waivable(r)
	if err != nil {
		return err
	}
	if f.Waived || i.Paid != 0 || i.IsVoid() {
		return r.Go(r.Path("billing", "invoices", i.ID))
	}
	view, err := o.waiveView(r, i, f, reasonForm{Version: i.Version})
	if err != nil {
		return err
	}
	return r.Show("billing/confirm", view)
}

func (o office) waive(r *web.Request) error {
	i, f, err := o.waivable(r)
	if err != nil {
		return err
	}
	var form reasonForm
	wrong := r.Bind(&form)
	if wrong == nil && form.Version != i.Version {
		wrong = errMoved
	}
	if wrong == nil {
		wrong = o.waived(r, i, f, form.Reason)
	}
	if wrong != nil {
		if fault.Is(wrong, fault.Clash) {
			form.Version = i.Version
		}
		view, err := o.waiveView(r, i, f, form)
		if err != nil {
			return err
		}
		return r.Again("billing/confirm", view, wrong)
	}
	r.Toast("The late fee is waived.")
	return r.Go(r.Path("billing", "invoices", f.InvoiceID))
}

// waived takes a fee back: what was sent becomes void, what was not is deleted. Its turn does not come again.
func (o office) waived(r *web.Request, i Invoice, f lateFee, reason string) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if err := waiveFee(ctx, tx, v, f, reason); err != nil {
		return err
	}
	late, subject := Invoice{ID: f.InvoiceID, ClientID: i.ClientID, ProjectID: i.ProjectID}, r.Here().Money(f.Amount())
	if err := record(r, late, "billing.fee_waived", "waived the late fee of "+subject+" for "+f.Number, map[string]any{"reason": reason}); err != nil {
		return err
	}
	if i.IsReleased() {
		return o.voided(r, i, reason)
	}
	if i.IsApproved() {
		if err := setApproved(ctx, tx, v, i, false); err != nil {
			return err
		}
		i.Stage = Draft
	}
	return deleteDraft(ctx, tx, v, i)
}

// waiveAll takes back the fees for an invoice that is void now. One that was paid, even in part, is left to a person.
func (o office) waiveAll(r *web.Request, late Invoice, reason string) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	fees, err := feesOf(ctx, tx, v, late.ID)
	if err != nil {
		return err
	}
	for _, f := range fees {
		if !f.asked() {
			continue
		}
		i, err := invoiceByID(ctx, tx, v, f.FeeInvoiceID)
		if err != nil {
			return err
		}
		credited, err := anyCredited(ctx, tx, v, i.ID)
		if err != nil {
			return err
		}
		if i.Paid != 0 || i.Reserved != 0 || credited {
			r.Warn("The late fee " + i.Number + " for it stays: something was paid or credited on it. Look at it.")
			continue
		}
		if err := o.waived(r, i, f, reason); err != nil {
			return err
		}
	}
	return nil
}
