package billing

import (
	"context"
	"encoding/base64"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/module"
	"portico/platform/secret"
	"portico/platform/web"
)

const (
	linkLife = 90 * 24 * time.Hour
	linkSpan = 10 * time.Minute
)

// payLink is one invoice's way to be paid without signing in. Whoever holds it sees and pays this invoice, and nothing
// else.
type payLink struct {
	ID, InvoiceID, ContactID uuid.UUID
	ExpiresAt, RevokedAt     time.Time
	CreatedAt                time.Time
	Contact, Creator         string

	URL string `bun:"-"`
}

// Dead reports whether it opens nothing any more.
func (l payLink) Dead(now time.Time) bool { return !l.RevokedAt.IsZero() || !l.ExpiresAt.After(now) }

// linkToken is the secret part of a link. It follows from the installation's key, so that the database holds its hash
// alone, and a mail that is sent twice carries the same one.
func linkToken(key secret.Key, firm, link uuid.UUID) string {
	return base64.RawURLEncoding.EncodeToString(key.MAC("billing pay link", firm[:], link[:]))
}

// marked names an address without tale it.
func marked(address string) string {
	return base64.RawURLEncoding.EncodeToString(secret.Hash(address)[:12])
}

// doorman are the pages behind a link.
type doorman struct{ module.Platform }

func doorRoutes(p module.Platform) []web.Route {
	on := doorman{p}
	return []web.Route{
		web.Get("/pay/:token", access.Public, on.show).Tries("pay-link", 3000, linkSpan),
		web.Post("/pay/:token", access.Public, on.pay).Tries("pay-by-link", 60, linkSpan),
		web.Get("/pay/:token/document", access.Public, on.document).Tries("pay-link", 3000, linkSpan),
		web.Get("/pay/:token/batches/:batch", access.Public, on.result).Tries("pay-look", 3000, linkSpan),
		web.Get("/pay/:token/batches/:batch/card", access.Public, on.fields).Tries("pay-look", 3000, linkSpan),
		web.Delete("/pay/:token/batches/:batch", access.Public, on.giveUp).Tries("pay-by-link", 60, linkSpan),
		web.Get("/pay/:token/batches/:batch/receipts/:attempt", access.Public, on.receipt).Tries("pay-link", 3000, linkSpan),
	}
}

// unlisted keeps a page with a token in its address out of search machines, other sites' logs and caches.
func unlisted(r *web.Request) {
	r.StandAlone()
	if r.Viewer().Side == auth.Stranger {
		r.NameVisit()
	}
	r.SetHeader("Referrer-Policy", "no-referrer")
	r.SetHeader("X-Robots-Tag", "noindex, nofollow")
}

// errLinkOver says that a link was real once.
var errLinkOver = fault.Conflict("This link does not work any more.")

// open gives the link and its invoice, as everybody who holds the link may see it.
func (d doorman) open(r *web.Request) (payLink, Invoice, error) {
	unlisted(r)
	all := auth.System(r.Firm().ID)
	l, err := linkByHash(r.Context(), r.Tx(), all, secret.Hash(r.Param("token")))
	if err != nil {
		return l, Invoice{}, err
	}
	if r.Firm().Suspended || l.Dead(r.Now()) {
		return l, Invoice{}, errLinkOver
	}
	i, err := invoiceByID(r.Context(), r.Tx(), all, l.InvoiceID)
	if err != nil {
		return l, i, err
	}
	if i.Number == "" {
		return l, i, errLinkOver
	}
	if l.ContactID != uuid.Nil { // sent to somebody, who may have lost the right meanwhile
		list, err := readers(r.Context(), r.Tx(), r.Firm().ID, i.ID, l.ContactID)
		if err != nil {
			return l, i, err
		}
		if len(list) == 0 || !list[0].reads() || r.Method() == "POST" && !list[0].may(pay) {
			return l, i, errLinkOver
		}
	}
	return l, i, nil
}

type linkOver struct {
	*web.Here
	SignIn string
}

// over is the page of a link that was revoked or is too old.
func (d doorman) over(r *web.Request, err error) error {
	if f, ok := fault.Of(err); !ok || f != errLinkOver {
		return err
	}
	r.Title("This link is over")
	if err := r.Show("billing/link_over", linkOver{r.Here(), "/sign-in?to=" + url.QueryEscape("/portal/all/billing")}); err != nil {
		return err
	}
	r.Status(410)
	return nil
}

// show is the invoice and the way to pay it. Whoever is signed in and may pay it goes to the same payment there.
func (d doorman) show(r *web.Request) error {
	l, i, err := d.open(r)
	if err != nil {
		return d.over(r, err)
	}
	if v := r.Viewer(); v.Side == auth.Portal && v.ViewAs == uuid.Nil && v.May(pay) && i.Owed() {
		if _, err := invoiceByID(r.Context(), r.Tx(), v, i.ID); err == nil {
			return r.Go(signedInAt(i, r.Query("amount"), r.Query("part") != ""))
		}
	}
	view, err := d.view(r, l, i, askedForm(r, []uuid.UUID{i.ID}))
	if err != nil {
		return err
	}
	return r.Show("billing/link", view)
}

// signedInAt is the same payment within the portal.
func signedInAt(i Invoice, amount string, part bool) string {
	query := with("", "invoice", i.ID.String())
	if amount != "" {
		query = with(query, "amount", amount)
	}
	if part {
		query = with(query, "part", "1")
	}
	return "/portal/all/billing/payments/new?" + query
}

func (d doorman) view(r *web.Request, l payLink, i Invoice, form payForm) (checkout, error) {
	r.Title("Pay %s", i.Number)
	all := auth.System(r.Firm().ID)
	t, err := cashierOf(r.Context(), r.Tx(), all)
	if err != nil {
		return checkout{}, err
	}
	c := checkoutOf(r, t, []Invoice{i}, form)
	at := "/pay/" + r.Param("token")
	c.Action, c.Back, c.Guest, c.Document = at, at, true, at+"/document"
	c.Writes = l.ContactID == uuid.Nil // else the receipt goes to whom the link was sent
	c.at(at, "")
	c.offers(nil)
	s, err := settingOf(r.Context(), r.Tx(), all)
	if err != nil {
		return checkout{}, err
	}
	sheet, err := sheetOf(r, r.Here(), i, s)
	c.Sheet = &sheet
	return c, err
}

// pay promises the payment, or goes to the front door and comes back to it.
func (d doorman) pay(r *web.Request) error {
	l, i, err := d.open(r)
	if err != nil {
		return d.over(r, err)
	}
	var form payForm
	wrong := r.Bind(&form)
	if fault.Is(wrong, fault.Unintelligible) {
		return wrong
	}
	form.Invoices, form.Amounts = []uuid.UUID{i.ID}, r.Values("amount")
	if form.Do == "sign_in" {
		typed, _ := form.amount(i.ID)
		return r.Go("/sign-in?to=" + url.QueryEscape(signedInAt(i, typed, form.Part)))
	}
	if form.Key == uuid.Nil {
		return errOldForm
	}
	all := auth.System(r.Firm().ID)
	at := "/pay/" + r.Param("token") + "/batches/" + form.Key.String()
	_, err = batchOfLink(r.Context(), r.Tx(), all, l.ID, form.Key)
	if err == nil { // pressed twice
		return r.Go(at)
	}
	if !fault.Is(err, fault.Missing) {
		return err
	}
	view, err := d.view(r, l, i, form)
	if err != nil {
		return err
	}
	if form.Do == "total" {
		return r.Go(view.typed())
	}
	if wrong == nil {
		wrong = begin(r, d.Bell, view, all, basket{ClientID: i.ClientID, LinkID: l.ID, Return: r.Origin() + at + "?back=1"})
	}
	if wrong != nil {
		if fault.Is(wrong, fault.Clash) {
			if _, err := batchOfLink(r.Context(), r.Tx(), all, l.ID, form.Key); err == nil {
				return r.Go(at)
			}
			form.Key = id.New()
		}
		if i, err = invoiceByID(r.Context(), r.Tx(), all, i.ID); err != nil {
			return err
		}
		if view, err = d.view(r, l, i, form); err != nil {
			return err
		}
		return r.Again("billing/link", view, wrong)
	}
	return r.Go(at + "?go=1")
}

func (d doorman) document(r *web.Request) error {
	_, i, err := d.open(r)
	if err != nil {
		return d.over(r, err)
	}
	return invoiceDocument(r, d.Platform, i)
}

// load gives a payment that was made through this link.
func (d doorman) load(r *web.Request) (Batch, error) {
	l, _, err := d.open(r)
	if err != nil {
		return Batch{}, err
	}
	one, err := r.ID("batch")
	if err != nil {
		return Batch{}, err
	}
	return batchOfLink(r.Context(), r.Tx(), auth.System(r.Firm().ID), l.ID, one)
}

func (d doorman) result(r *web.Request) error {
	b, err := d.load(r)
	if err != nil {
		return d.over(r, err)
	}
	if r.Query("back") != "" && !b.Settled() {
		all := auth.System(r.Firm().ID)
		err := r.Deliver(func(ctx context.Context, tx bun.Tx) error { return hurry(ctx, tx, all, b.ID) })
		if err != nil {
			return err
		}
	}
	r.Title("Your payment")
	view := resultOf(r.Here(), b)
	if onward(r, view.Next) {
		return r.GoTo(view.Next)
	}
	view.cameBack(r)
	at := "/pay/" + r.Param("token")
	view.Guest, view.Back, view.BackTitle = true, at, r.Say("Back to the invoice")
	view.ways(at+"/batches/"+b.ID.String(), func(uuid.UUID) string { return "" }, func(failed []Attempt) string {
		return at + "?" + with("", "amount", failed[0].Amount().Plain())
	})
	return r.Show("billing/result", view)
}

func (d doorman) giveUp(r *web.Request) error {
	b, err := d.load(r)
	if err != nil {
		return d.over(r, err)
	}
	if err := cancelBatch(r.Context(), r.Tx(), auth.System(r.Firm().ID), b.ID); err != nil {
		return err
	}
	return r.Go("/pay/" + r.Param("token") + "/batches/" + b.ID.String())
}

func (d doorman) receipt(r *web.Request) error {
	b, err := d.load(r)
	if err != nil {
		return d.over(r, err)
	}
	return batchReceipt(r, d.Platform, b)
}
