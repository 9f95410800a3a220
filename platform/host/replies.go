package host

import (
	"time"

	"portico/platform/access"
	"portico/platform/inbound"
	"portico/platform/web"
)

// replyPath is where a mail service hands over what people answer, on any host of the installation.
const replyPath = "/webhooks/mail/replies"

// replyRoutes are the webhook, if there is a secret for it.
func (h *Host) replyRoutes() []web.Route {
	if h.Replies.Secret == "" {
		return nil
	}
	hook := web.Post(replyPath, access.Public, h.replied).Upto(inbound.Largest)
	hook.NoFirm, hook.Time = true, time.Minute // a mail service knows no firms
	return []web.Route{hook}
}

func (h *Host) replied(r *web.Request) error {
	body, err := r.Raw()
	if err != nil {
		return err
	}
	status, text, err := h.Replies.Hook(r.Context(), inbound.Hooked{
		Recipient: r.Header("X-Portico-Recipient"), Sender: r.Header("X-Portico-Sender"),
		Signature: r.Header("X-Portico-Signature"), Authorization: r.Header("Authorization"), Body: body,
	})
	if err != nil {
		return err
	}
	r.Status(status)
	return r.Text(text)
}
