package billing

import (
	"context"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/job"
	"portico/platform/lang"
	"portico/platform/mail"
	"portico/platform/web"
)

const (
	noticeDays = 3 // before each charge, and before the only other try
	mostTries  = 2
)

// autopay is a contact's wish that what is due is charged by itself.
type autopay struct {
	ContactID, ClientID, MethodID uuid.UUID
	Since                         time.Time
	Kind                          gateway.Kind
	Brand, Last4                  string
}

// On reports whether there is one.
func (a autopay) On() bool { return a.ContactID != uuid.Nil }

// Name is the method that it charges.
func (a autopay) Name() lang.Message { return methodName(a.Kind, a.Brand, a.Last4) }

// coming is an invoice that autopay will charge, or has.
type coming struct {
	InvoiceID, ContactID uuid.UUID
	ChargeOn             day.Day
	BatchID              uuid.UUID
	Dropped              string
	Tries                int
	Contact              string
	Number, Title        string
}

type autopayView struct {
	*web.Here
	Trail   []web.NavItem
	Autopay autopay
	Saved   []saved
	Coming  []coming
	Method  string
	Confirm string
	Days    int
}

func (w wallet) autopayView(r *web.Request) (autopayView, error) {
	r.Title("Automatic payment")
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	view := autopayView{
		Here: r.Here(), Days: noticeDays, Trail: []web.NavItem{{Title: r.Say("Payment methods"), Href: r.Path("billing", "methods")}, {Title: r.Say("Automatic payment")}},
	}
	if v.Confirmed(r.Now()) != nil {
		view.Confirm = "/sign-in/confirm?to=" + url.QueryEscape(r.Path("billing", "autopay"))
	}
	var err error
	if view.Autopay, err = autopayOf(ctx, tx, v); err != nil {
		return view, err
	}
	list, err := savedOf(ctx, tx, v, today(r.Firm(), r.Now()))
	if err != nil {
		return view, err
	}
	for _, s := range list {
		if s.Usable && !s.Expired {
			view.Saved = append(view.Saved, s)
		}
	}
	view.Method = view.Autopay.MethodID.String()
	if !view.Autopay.On() && len(view.Saved) > 0 {
		view.Method = view.Saved[0].ID.String()
	}
	if view.Autopay.On() {
		view.Coming, err = comingOf(ctx, tx, v, v.ContactID)
	}
	return view, err
}

func (w wallet) autopay(r *web.Request) error {
	view, err := w.autopayView(r)
	if err != nil {
		return err
	}
	return r.Show("billing/autopay", view)
}

// startAutopay begins it, or changes what it charges.
func (w wallet) startAutopay(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	if err := v.Confirmed(r.Now()); err != nil {
		return err
	}
	view, err := w.autopayView(r)
	if err != nil {
		return err
	}
	view.Method = r.Value("method")
	var chosen saved
	for _, s := range view.Saved {
		if s.ID.String() == view.Method {
			chosen = s
		}
	}
	if chosen.ID == uuid.Nil {
		return r.Again("billing/autopay", view, fault.Field("method", "Choose one of your payment methods."))
	}
	if err := saveAutopay(ctx, tx, v, chosen.ID); err != nil {
		return err
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.autopay", Text: "switched automatic payment on", ClientID: v.ClientID, SubjectID: v.ContactID,
		Data: activity.Changes(map[string]any{"on": view.Autopay.On()}, map[string]any{"on": true}),
	})
	if err != nil {
		return err
	}
	if _, err := autopayMail.Enqueue(ctx, tx, v.FirmID(), autopayNotice{Contact: v.ContactID, What: "on"}); err != nil {
		return err
	}
	r.Toast(r.Say("What is due is paid with %s from now on.", chosen.Name()))
	return r.Go(r.Path("billing", "autopay"))
}

// stopAutopay needs no fresh factor: to stop is always safe.
func (w wallet) stopAutopay(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	was, err := autopayOf(ctx, tx, v)
	if err != nil {
		return err
	}
	if was.On() {
		if err := dropAutopay(ctx, tx, v, v.ContactID, "it was switched off"); err != nil {
			return err
		}
		err = activity.Record(ctx, tx, v, activity.Entry{
			Verb: "billing.autopay", Text: "switched automatic payment off", ClientID: v.ClientID, SubjectID: v.ContactID,
			Data: activity.Changes(map[string]any{"on": true}, map[string]any{"on": false}),
		})
		if err != nil {
			return err
		}
	}
	r.Toast("Automatic payment is off. Nothing is charged by itself any more.")
	return r.Go(r.Path("billing", "autopay"))
}

// autopayNotice is a mail of autopay to its contact.
type autopayNotice struct {
	Contact, Invoice uuid.UUID
	What             string // on, soon, dropped
}

// autopayDue names an invoice whose day has come.
type autopayDue struct{ Invoice, Contact uuid.UUID }

var (
	autopayMail   = job.New[autopayNotice]("billing:autopay_mail")
	autopayCharge = job.New[autopayDue]("billing:autopay_charge")
)

// runAutopay announces what will be charged, days before, and charges what was announced when its day has come.
func (w wallet) runAutopay(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	loaded, err := auth.Load(ctx, tx, firm, nil, w.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	at, all := today(loaded.Firm, w.Now()), auth.System(firm)
	t, err := cashierOf(ctx, tx, all)
	if err != nil || t.AccountID == uuid.Nil {
		return err
	}
	list, err := autopayCandidates(ctx, tx, all, at.Add(noticeDays))
	if err != nil {
		return err
	}
	for _, c := range list {
		why, err := w.refuses(ctx, tx, firm, t, c)
		if err != nil {
			return err
		}
		if why != "" {
			continue
		}
		fresh, err := announceCharge(ctx, tx, all, c, latest(c.DueOn, at.Add(noticeDays)))
		if err != nil {
			return err
		}
		if fresh {
			if _, err := autopayMail.Enqueue(ctx, tx, firm, autopayNotice{c.Contact, c.Invoice, "soon"}); err != nil {
				return err
			}
		}
	}
	due, err := chargesDue(ctx, tx, all, at)
	if err != nil {
		return err
	}
	return autopayCharge.EnqueueEach(ctx, tx, firm, due)
}

// refuses says why an invoice is not charged by itself for a contact; "" when it may be.
func (w wallet) refuses(ctx context.Context, tx bun.Tx, firm uuid.UUID, t cashier, c candidate) (string, error) {
	list, err := readers(ctx, tx, firm, c.Invoice, c.Contact)
	if err != nil {
		return "", err
	}
	if len(list) == 0 || !list[0].may(see) || !list[0].may(pay) {
		return "you may not pay this invoice any more", nil
	}
	i, err := invoiceByID(ctx, tx, auth.System(firm), c.Invoice)
	if fault.Is(err, fault.Missing) {
		return "the invoice is gone", nil
	}
	if err != nil {
		return "", err
	}
	card, bank := t.ways(i)
	switch {
	case !i.Owed():
		return "there is nothing left to pay", nil
	case i.Reserved > 0:
		return "a payment for it is under way", nil
	case c.Account != t.AccountID || c.Kind == gateway.Card && !card || c.Kind == gateway.Bank && !bank:
		return "it cannot be paid with your payment method", nil
	}
	return "", nil
}

// charge pays one invoice whose day has come, once: the row that announced it is held, and says which payment it became.
func (w wallet) charge(ctx context.Context, tx bun.Tx, firm uuid.UUID, d autopayDue) error {
	all := auth.System(firm)
	c, err := holdCharge(ctx, tx, all, d)
	if err != nil { // charged, given up, or never announced
		return fault.IgnoreNotFound(err)
	}
	if err := holdClient(ctx, tx, all, c.Client); err != nil { // what is owed stays so until the charge is promised
		return err
	}
	t, err := cashierOf(ctx, tx, all)
	if err != nil {
		return err
	}
	why, err := w.refuses(ctx, tx, firm, t, c)
	if err != nil {
		return err
	}
	if why == "" {
		why, err = w.charged(ctx, tx, firm, c)
	}
	if err != nil || why == "" {
		return err
	}
	return dropCharge(ctx, tx, all, d, why)
}

// charged starts the payment; what stands against it is answered in words.
func (w wallet) charged(ctx context.Context, tx bun.Tx, firm uuid.UUID, c candidate) (why string, err error) {
	all := auth.System(firm)
	i, err := invoiceByID(ctx, tx, all, c.Invoice)
	if err != nil {
		return "", err
	}
	b := basket{
		ID: id.New(), ClientID: i.ClientID, ContactID: c.Contact, AccountID: c.Account, Kind: c.Kind, MethodID: c.Method, Auto: true,
		Currency: i.Currency, Items: []basketItem{{i.ID, i.Free().Minor}},
	}
	if _, err := startBatch(ctx, tx, all, b); err != nil {
		if f, ok := fault.Of(err); ok && f.Kind == fault.Clash {
			return f.Message, nil
		}
		return "", err
	}
	return "", noteCharge(ctx, tx, all, autopayDue{c.Invoice, c.Contact}, b.ID)
}

// retryAutopay plans the only other try of a charge that failed, or gives it up.
func (n newsroom) retryAutopay(ctx context.Context, tx bun.Tx, firm uuid.UUID, a Attempt, what Occasion) error {
	if what != newsFailed {
		return nil
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, n.Now())
	if err != nil {
		return err
	}
	return failCharge(ctx, tx, auth.System(firm), a.BatchID, today(loaded.Firm, n.Now()).Add(noticeDays))
}

// autopayWords says what becomes of a charge that failed; "" when autopay did not make it.
func autopayWords(ctx context.Context, tx bun.IDB, v auth.Viewer, t *tale) (string, error) {
	c, err := chargeOf(ctx, tx, v, t.i.ID, t.a.ContactID)
	if err != nil || c.InvoiceID == uuid.Nil {
		return "", err
	}
	if c.Dropped == "" && c.BatchID == uuid.Nil {
		return t.here.Say("This was automatic payment. We try once more on %s, and not again after that. You can stop it, or pay another way, until then.", c.ChargeOn), nil
	}
	return t.here.Say("This was automatic payment. We do not try again: please pay this invoice yourself."), nil
}

// mailAutopay tells a contact what autopay will do.
func (w wallet) mailAutopay(ctx context.Context, tx bun.Tx, firm uuid.UUID, n autopayNotice) error {
	all := auth.System(firm)
	a, err := autopayByContact(ctx, tx, all, n.Contact)
	if err != nil { // off meanwhile
		return fault.IgnoreNotFound(err)
	}
	if n.What == "on" {
		return w.write(ctx, tx, firm, n.Contact, autopayMail.Name(), func(r *lang.Reader) mail.Letter {
			return mail.Letter{
				Subject: r.Say("Automatic payment is on"),
				Lines: []string{
					r.Say("From now on invoices that you may pay online are charged to %s on the day they are due.", a.Name()),
					r.Say("Three days before each charge you get a mail that says what will be charged. You can stop it at any time."),
				},
			}
		}, "See automatic payment", "/portal/all/billing/autopay")
	}
	c, err := chargeOf(ctx, tx, all, n.Invoice, n.Contact)
	if err != nil || c.InvoiceID == uuid.Nil || c.Dropped != "" || c.BatchID != uuid.Nil {
		return err
	}
	i, err := invoiceByID(ctx, tx, all, n.Invoice)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	return w.write(ctx, tx, firm, n.Contact, autopayMail.Name(), func(r *lang.Reader) mail.Letter {
		return mail.Letter{
			Subject: r.Say("%s will be charged on %s", i.Free(), c.ChargeOn),
			Lines: []string{
				r.Say("Automatic payment will charge %s for %s, %s, to %s on %s.", i.Free(), i.Number, i.Title, a.Name(), c.ChargeOn),
				r.Say("There is nothing to do. To stop it, switch automatic payment off before that day, or pay the invoice yourself."),
			},
		}
	}, "See or stop it", "/portal/all/billing/autopay")
}
