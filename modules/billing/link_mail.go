package billing

import (
	"context"

	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/web"
)

// wayIn is the button of a mail about an invoice. Where it can be paid online it leads to paying it: through a link of
// the reader's own, unless the firm wants everybody to sign in. Mailed twice by one promise, it is the same link.
func (m mailer) wayIn(ctx context.Context, tx bun.IDB, o opened) (mail.Button, error) {
	all := auth.System(o.firm.ID)
	t, err := cashierOf(ctx, tx, all)
	if err != nil || !o.to.may(pay) || !t.takes(o.invoice) {
		return o.button(o.here.Say("See the invoice")), err
	}
	links, err := mailsLinks(ctx, tx, all)
	if err != nil || !links {
		return o.button(o.here.Say("See and pay")), err
	}
	link, err := addLink(ctx, tx, all, m.Key, job.Current(ctx).ID, o.invoice.ID, o.to.ContactID, m.Now().Add(linkLife))
	return mail.Button{Label: o.here.Say("See and pay"), URL: o.origin + "/pay/" + linkToken(m.Key, o.firm.ID, link)}, err
}

// saveMailLinks switches the links in mails on or off.
func (o office) saveMailLinks(r *web.Request) error {
	ctx, tx, v := r.Context(), r.Tx(), r.Viewer()
	was, err := mailsLinks(ctx, tx, v)
	if err != nil {
		return err
	}
	on := r.Value("mail_links") != ""
	if err := setMailLinks(ctx, tx, v, on); err != nil {
		return err
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "billing.settings", Text: "changed how the firm bills", SubjectID: r.Firm().ID,
		Data: activity.Changes(map[string]any{"payment links in mails": was}, map[string]any{"payment links in mails": on}),
	})
	if err != nil {
		return err
	}
	r.Toast("Saved.")
	return r.Go(r.Path("billing", "settings"))
}
