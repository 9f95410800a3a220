package billing

import (
	"context"
	netmail "net/mail"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/modules/billing/gateway"
	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/job"
	"portico/platform/lang"
	"portico/platform/mail"
	"portico/platform/module"
	"portico/platform/notice"
	"portico/platform/post"
	"portico/platform/web"
)

// wallet are the pages of a contact's own payment methods.
type wallet struct{ module.Platform }

func walletRoutes(p module.Platform) []web.Route {
	on := wallet{p}
	routes := []web.Route{
		web.Get("/methods", pay, on.methods),
		web.Post("/methods", pay, on.add).Tries("methods", 20, time.Hour),
		web.Post("/methods/:method/default", pay, on.prefer),
		web.Get("/methods/:method/removal", pay, on.askRemove),
		web.Delete("/methods/:method", pay, on.remove),
		web.Get("/autopay", pay, on.autopay),
		web.Post("/autopay", pay, on.startAutopay),
		web.Delete("/autopay", pay, on.stopAutopay),
	}
	for n, route := range routes {
		routes[n] = route.BeyondPreview()
	}
	return routes
}

type methodsView struct {
	*web.Here
	Trail   []web.NavItem
	Rows    []saved
	Cashier cashier
	Key     uuid.UUID
	Autopay autopay
	One     saved  // to be removed
	Confirm string // the way to a fresh factor, when that is what is missing
}

// Open reports whether a new method can be added.
func (v methodsView) Open() bool { return v.Cashier.Cards || v.Cashier.Banks }

func (w wallet) methods(r *web.Request) error {
	view, err := w.view(r)
	if err != nil {
		return err
	}
	return r.Show("billing/methods", view)
}

func (wallet) view(r *web.Request) (methodsView, error) {
	r.Title("Payment methods")
	view := methodsView{Here: r.Here(), Key: id.New()}
	if r.Viewer().Confirmed(r.Now()) != nil {
		view.Confirm = "/sign-in/confirm?to=" + url.QueryEscape(r.Path("billing", "methods"))
	}
	var err error
	if view.Cashier, err = cashierOf(r.Context(), r.Tx(), r.Viewer()); err != nil {
		return view, err
	}
	if view.Autopay, err = autopayOf(r.Context(), r.Tx(), r.Viewer()); err != nil {
		return view, err
	}
	view.Rows, err = savedOf(r.Context(), r.Tx(), r.Viewer(), today(r.Firm(), r.Now()))
	return view, err
}

// add begins the saving of a card or an account: it is entered on the provider's page.
func (w wallet) add(r *web.Request) error {
	v := r.Viewer()
	if err := v.Confirmed(r.Now()); err != nil {
		return err
	}
	var form struct {
		Key  uuid.UUID `form:"key"`
		Kind string    `form:"kind"`
	}
	if err := r.Bind(&form); err != nil {
		return err
	}
	t, err := cashierOf(r.Context(), r.Tx(), v)
	if err != nil {
		return err
	}
	kind := gateway.Kind(form.Kind)
	if form.Key == uuid.Nil || !(kind == gateway.Card && t.Cards || kind == gateway.Bank && t.Banks) {
		return errOldForm
	}
	at := r.Path("billing", "batches", form.Key)
	_, err = startBatch(r.Context(), r.Tx(), v, basket{
		ID: form.Key, ClientID: v.ClientID, ContactID: v.ContactID, AccountID: t.AccountID, Kind: kind, Keep: true,
		Currency: r.Firm().Currency, Return: r.Origin() + at + "?back=1",
	})
	if err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), v, activity.Entry{
		Verb: "billing.method_started", Text: "started to save a payment method", ClientID: v.ClientID, SubjectID: form.Key,
	})
	if err != nil {
		return err
	}
	return r.Go(at + "?go=1")
}

func (wallet) load(r *web.Request) (saved, error) {
	one, err := r.ID("method")
	if err != nil {
		return saved{}, err
	}
	return savedByID(r.Context(), r.Tx(), r.Viewer(), one, today(r.Firm(), r.Now()))
}

// prefer makes one the method that is chosen beforehand.
func (w wallet) prefer(r *web.Request) error {
	one, err := w.load(r)
	if err != nil {
		return err
	}
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return err
	}
	if err := preferMethod(r.Context(), r.Tx(), r.Viewer(), one.ID); err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "billing.method_preferred", Text: "chose another payment method as the first", ClientID: r.Viewer().ClientID, SubjectID: one.ID,
	})
	if err != nil {
		return err
	}
	r.Toast(r.Say("%s is chosen beforehand from now on.", one.Name()))
	return r.Go(r.Path("billing", "methods"))
}

// askRemove says what goes with it.
func (w wallet) askRemove(r *web.Request) error {
	one, err := w.load(r)
	if err != nil {
		return err
	}
	view := methodsView{Here: r.Here(), One: one, Trail: []web.NavItem{{Title: r.Say("Payment methods"), Href: r.Path("billing", "methods")}, {Title: r.Say("Remove")}}}
	r.Title("Remove %s?", one.Name())
	return r.Show("billing/method_removal", view)
}

// remove takes it away: here at once, at the provider by a job. What is charged with it at this moment goes first.
func (w wallet) remove(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	one, err := w.load(r)
	if err != nil {
		return err
	}
	if err := v.Confirmed(r.Now()); err != nil {
		return err
	}
	err = removeMethod(ctx, tx, v, one.ID)
	if err != nil {
		return err
	}
	if _, err := forgetMethod.Enqueue(ctx, tx, v.FirmID(), forgetting{one.ID}); err != nil {
		return err
	}
	if one.Autopays {
		if err := dropAutopay(ctx, tx, v, v.ContactID, "its payment method was removed"); err != nil {
			return err
		}
	}
	_, err = methodMail.Enqueue(ctx, tx, v.FirmID(), methodChanged{Contact: v.ContactID, Method: one.ID, Removed: true, Autopay: one.Autopays})
	if err != nil {
		return err
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.method_removed", Text: "removed a payment method", ClientID: v.ClientID, SubjectID: one.ID,
	})
	if err != nil {
		return err
	}
	r.Toast(r.Say("%s is removed.", one.Name()))
	return r.Go(r.Path("billing", "methods"))
}

// methodChanged is a method that its contact is told of.
type methodChanged struct {
	Contact, Method  uuid.UUID
	Removed, Autopay bool
}

var methodMail = job.New[methodChanged]("billing:method_mail")

func (w wallet) handlers() []job.Handler {
	return []job.Handler{
		methodMail.Handle(w.mailMethod).Within(time.Minute),
		job.Every("20 * * * *", "billing:autopay", w.runAutopay), autopayCharge.Handle(w.charge), autopayMail.Handle(w.mailAutopay).Within(time.Minute),
	}
}

// mailMethod tells a contact that a method was saved or removed: it might not have been they who did it.
func (w wallet) mailMethod(ctx context.Context, tx bun.Tx, firm uuid.UUID, m methodChanged) error {
	all := auth.System(firm)
	name, err := methodNamed(ctx, tx, all, m.Method)
	if err != nil {
		return err
	}
	return w.write(ctx, tx, firm, m.Contact, methodMail.Name(), func(r *lang.Reader) mail.Letter {
		if !m.Removed {
			return mail.Letter{Subject: r.Say("A payment method was saved"), Lines: []string{
				r.Say("%s was saved as your payment method.", name), r.Say("Was it not you? Remove it, and tell us."),
			}}
		}
		l := mail.Letter{Subject: r.Say("A payment method was removed"), Lines: []string{r.Say("%s was removed from your payment methods. It cannot be charged any more.", name)}}
		if m.Autopay {
			l.Lines = append(l.Lines, r.Say("Automatic payment used it and has ended. Nothing is charged by itself from now on."))
		}
		l.Lines = append(l.Lines, r.Say("Was it not you? Please tell us."))
		return l
	}, "Payment methods", "/portal/all/billing/methods")
}

// write mails one contact as such, in the contact's language.
func (w wallet) write(ctx context.Context, tx bun.Tx, firm, contact uuid.UUID, kind string, says func(*lang.Reader) mail.Letter, label, path string) error {
	to, err := addressee(ctx, tx, auth.System(firm), contact, uuid.Nil)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, w.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	origin, err := w.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	first, _, _ := strings.Cut(to.Name, " ")
	reader := auth.MailReader(loaded.Firm, to.Locale, true)
	l := says(reader)
	l.Reader, l.Greeting, l.Button = reader, reader.Say("Hello %s", first), mail.Button{Label: reader.Say(label), URL: origin + path}
	_, err = w.Notices.Deliver(ctx, tx, loaded.Firm, notice.Notice{Kind: methodNotice, Path: path}, post.Envelope{
		ID: job.Current(ctx).ID, Kind: kind, PersonID: to.PersonID, ContactID: contact, To: netmail.Address{Name: to.Name, Address: to.Email},
	}, l)
	return err
}
