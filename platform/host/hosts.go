package host

import (
	"context"
	"errors"
	"fmt"
	"net/netip"

	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/certificates"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/firm"
	"portico/platform/web"
)

// Certifiable is nil for a host that a certificate may be asked for: the installation's own, and every address of a firm
// that is not suspended, former ones included as long as they lead on.
func (h *Host) Certifiable(ctx context.Context, name string) error {
	if name = firm.CleanHost(name); h.Firms.Hosts().Mine(name) {
		return nil
	}
	place, err := h.Firms.ByHost(ctx, name)
	if fault.Is(err, fault.Misdirected) {
		return certificates.ErrStranger
	}
	if err != nil {
		return err
	}
	suspended := false
	err = db.InTx(ctx, h.Pool, place.Firm, func(ctx context.Context, tx bun.Tx) error {
		s, err := firm.Get(ctx, tx, operator(place.Firm))
		suspended = s.Suspended
		return err
	})
	if err == nil && suspended {
		return certificates.ErrStranger
	}
	return err
}

// Encrypted is where a visitor of plain HTTP is led: the same host, which must be one of ours.
func (h *Host) Encrypted(ctx context.Context, header string) (origin string, err error) {
	name := firm.CleanHost(header)
	if _, err := h.Firms.ByHost(ctx, name); err != nil && !h.Firms.Hosts().Mine(name) {
		return "", fmt.Errorf("host of a visitor: %w", err)
	}
	return h.Links.At(name), nil
}

// certifiableRoute answers a proxy that gets certificates itself, before it asks for one: 200 for a host of ours. It is for
// proxies alone: on this machine, or trusted. What they pass on for visitors is not their own question.
func (h *Host) certifiableRoute() web.Route {
	route := web.Get("/certifiable", access.Public, func(r *web.Request) error {
		if !h.isProxy(r) {
			return fault.NotFound()
		}
		err := h.Certifiable(r.Context(), r.Query("domain"))
		if errors.Is(err, certificates.ErrStranger) {
			return fault.NotFound()
		}
		if err != nil {
			return err
		}
		return r.Text("ok\n")
	})
	route.NoFirm = true
	return route
}

func (h *Host) isProxy(r *web.Request) bool {
	ip, err := netip.ParseAddr(r.IP())
	if err != nil || r.Header("X-Forwarded-For") != "" || r.Header("Forwarded") != "" || r.Header("Via") != "" {
		return false
	}
	for _, network := range h.Config.TrustedProxies() {
		if network.Contains(ip) {
			return true
		}
	}
	return ip.IsLoopback()
}
