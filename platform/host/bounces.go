package host

import (
	"portico/platform/access"
	"portico/platform/bounce"
	"portico/platform/web"
)

// bouncePath is where a mail service reports undelivered mails, on any host of the installation.
const bouncePath = "/webhooks/mail/bounces"

// bounceRoutes are the webhook, if there is a secret for it.
func (h *Host) bounceRoutes() []web.Route {
	if h.Bounces.Secret == "" {
		return nil
	}
	hook := web.Post(bouncePath, access.Public, h.bounced).Upto(bounce.Readable)
	hook.NoFirm = true // a mail service knows no firms
	return []web.Route{hook}
}

func (h *Host) bounced(r *web.Request) error {
	body, err := r.Raw()
	if err != nil {
		return err
	}
	status, text, err := h.Bounces.Hook(r.Context(), bounce.Hooked{
		Type: r.Header("Content-Type"), Signature: r.Header("X-Portico-Signature"), Authorization: r.Header("Authorization"), Body: body,
	})
	if err != nil {
		return err
	}
	r.Status(status)
	return r.Text(text)
}
