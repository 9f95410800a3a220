package billing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/web"
)

// addLink makes a link for staff to pass on.
func (o office) addLink(r *web.Request) error {
	i, err := o.load(r)
	if err != nil {
		return err
	}
	if !i.IsReleased() || !i.Owed() {
		return fault.Conflict("There is nothing to pay on this invoice.")
	}
	l, err := addLink(r.Context(), r.Tx(), r.Viewer(), o.Key, id.New(), i.ID, uuid.Nil, r.Now().Add(linkLife))
	if err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "billing.link", Text: "made a payment link for " + i.Name(), ClientID: i.ClientID, ProjectID: i.ProjectID, SubjectID: l,
	})
	if err != nil {
		return err
	}
	r.Toast("The link is made. Copy it from the list.")
	return r.Go(r.Path("billing", "invoices", i.ID) + "#links")
}

// revokeLink ends one.
func (o office) revokeLink(r *web.Request) error {
	i, err := o.load(r)
	if err != nil {
		return err
	}
	one, err := r.ID("link")
	if err != nil {
		return err
	}
	if err := endLink(r.Context(), r.Tx(), r.Viewer(), i.ID, one); err != nil {
		return err
	}
	err = activity.Record(r.Context(), r.Tx(), r.Viewer(), activity.Entry{
		Verb: "billing.link_revoked", Text: "revoked a payment link of " + i.Name(), ClientID: i.ClientID, ProjectID: i.ProjectID, SubjectID: one,
	})
	if err != nil {
		return err
	}
	r.Toast("The link does not work any more.")
	return r.Go(r.Path("billing", "invoices", i.ID) + "#links")
}

// payingSide is what the office's page of an invoice says about paying it online.
type payingSide struct {
	*web.Here
	Invoice Invoice
	Links   []payLink
	Coming  coming // autopay will charge it
	Online  bool   // it can be paid online
	May     bool   // the viewer may make and revoke links
}

func (o office) payingSide(r *web.Request, i Invoice) (payingSide, error) {
	side := payingSide{Here: r.Here(), Invoice: i, May: r.Viewer().May(settle)}
	if i.Number == "" {
		return side, nil
	}
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	t, err := cashierOf(ctx, tx, v)
	if err != nil {
		return side, err
	}
	card, bank := t.ways(i)
	side.Online = (card || bank) && i.Owed()
	if side.Coming, err = comingFor(ctx, tx, v, i.ID); err != nil {
		return side, err
	}
	if !side.May {
		return side, nil
	}
	if side.Links, err = linksOf(ctx, tx, v, i.ID, r.Now()); err != nil {
		return side, err
	}
	for n, l := range side.Links {
		side.Links[n].URL = r.Origin() + "/pay/" + linkToken(o.Key, r.Firm().ID, l.ID)
	}
	return side, nil
}

// DayOf is an instant as a day where the viewer is.
func (s payingSide) DayOf(at time.Time) day.Day { return day.Of(s.Local(at)) }

// Kinds are the ways in which the invoice may be paid, in words.
func (s payingSide) Kinds() string {
	switch {
	case s.Invoice.PayCard && s.Invoice.PayBank:
		return "by card or bank account"
	case s.Invoice.PayCard:
		return "by card"
	}
	return "from a bank account"
}

// linkOf is the way back for whoever paid through a link.
func (n newsroom) linkOf(ctx context.Context, tx bun.IDB, t *tale) (string, error) {
	link, err := linkOfBatch(ctx, tx, auth.System(t.firm.ID), t.a.BatchID)
	if err != nil || link == uuid.Nil {
		return t.origin + "/portal/all/billing/invoices/" + t.i.ID.String(), err
	}
	return t.origin + "/pay/" + linkToken(n.Key, t.firm.ID, link), nil
}
