package host

import (
	"portico/platform/push"
	"portico/platform/web"
)

// claimDevice answers a browser that says how it can be woken: whether whoever is signed in there now is told anything.
func claimDevice(r *web.Request) error {
	known, err := push.Claim(r.Context(), r.Tx(), r.Viewer(), r.RawValue("endpoint"))
	if err != nil {
		return err
	}
	if known {
		return r.JSON([]byte(`{"known":true}`))
	}
	return r.JSON([]byte(`{"known":false}`))
}

// renewDevice takes the new address of a browser whose push service has moved it.
func (h *Host) renewDevice(r *web.Request) error {
	err := h.Push.Renew(r.Context(), r.Tx(), r.Viewer(), r.RawValue("old"), push.Subscription{
		Endpoint: r.RawValue("endpoint"), P256dh: r.RawValue("p256dh"), Auth: r.RawValue("auth"),
	})
	if err != nil {
		return err
	}
	r.Status(204)
	return nil
}
