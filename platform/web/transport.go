package web

import (
	"net/netip"
	"strings"

	"portico/platform/fault"
	"portico/platform/firm"
)

// encrypted lets nothing private travel in the open: plain HTTP is for a browser on this machine. Others are led to
// HTTPS, unless that would lead them in a circle: then a proxy in front of us does TLS and we cannot tell.
func (r *Request) encrypted() error {
	if r.app.Scheme == "" || r.Secure() || onThisMachine(r.Host()) {
		return nil
	}
	peer, _ := netip.AddrFromSlice(r.c.Context().RemoteIP())
	said, ours := r.c.Get("X-Forwarded-Proto"), r.app.trusted(peer.Unmap())
	switch {
	case ours && said == "":
		return fault.Forbidden("The proxy in front of this portal does not say whether you came over HTTPS. Its operator must make it send X-Forwarded-Proto.")
	case !ours && strings.EqualFold(said, "https"):
		return fault.Forbidden("This portal is reached through a proxy that it does not know. Its operator must name the proxy in PORTICO_TRUSTED_PROXIES.")
	case r.app.Scheme != "https":
		return fault.Forbidden("This portal is set up for plain HTTP, which is for a browser on the same machine only. Its operator must set PORTICO_DOMAIN, or PORTICO_URL with https.")
	case !r.reads():
		return fault.Forbidden("This came without encryption, so nothing was changed. Please open the portal with https:// and repeat it.")
	}
	return movedTo("https://" + firm.CleanHost(r.Host()) + r.app.Port + string(r.c.Request().URI().RequestURI()))
}

// onThisMachine: such names lead nowhere else.
func onThisMachine(header string) bool {
	host := firm.CleanHost(header)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
