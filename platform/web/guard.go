package web

import (
	"crypto/subtle"
	"encoding/base64"
	"net/netip"
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"portico/platform/fault"
)

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; " +
	"font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src 'self'; worker-src 'self'; manifest-src 'self'"

// safety is on every answer, files and errors included.
func safety(h *fasthttp.ResponseHeader) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=(), payment=(self), interest-cohort=()")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// headers are on every answer of a route.
func (r *Request) headers() {
	safety(&r.c.Response().Header)
	r.c.Set("X-Request-Id", r.id)
	r.c.Vary("HX-Request")
	if r.Secure() {
		r.c.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// sameSite refuses writes that another site's page caused. It follows Go's net/http.CrossOriginProtection: browsers
// say where a request comes from in Sec-Fetch-Site, older ones in Origin; whoever says neither shows a token of ours.
func (r *Request) sameSite() error {
	if r.reads() || r.c.Method() == "OPTIONS" {
		return nil
	}
	refused := fault.Forbidden("This request came from another site, so nothing was changed. Please go back, load the page again and repeat it.")
	switch r.c.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return nil
	case "":
	default:
		return refused
	}
	// "null" is what browsers say on pages that send no referrer, as those behind mailed links: it is no proof
	if origin := r.c.Get("Origin"); origin != "" && origin != "null" {
		if u, err := url.Parse(origin); err == nil && strings.EqualFold(u.Host, r.Host()) {
			return nil
		}
		return refused
	}
	if r.route.Programs && r.c.Get("Origin") == "" { // every browser of today says where a form comes from
		return nil
	}
	token := r.c.Get("X-Csrf-Token")
	if token == "" && !strings.HasPrefix(r.c.Get("Content-Type"), "multipart/") { // a file is not read for a stranger's sake
		token = r.Value("_csrf")
	}
	r.token = r.sessionCookie()
	if want := r.csrfToken(); want == "" || subtle.ConstantTimeCompare([]byte(token), []byte(want)) != 1 {
		return refused
	}
	return nil
}

// csrfToken belongs to the session, or to the visit of somebody who is not signed in.
func (r *Request) csrfToken() string {
	if r.token != "" {
		return r.mac("csrf", r.token)
	}
	if visit := r.Visit(); visit != "" {
		return r.mac("csrf visit", visit)
	}
	return ""
}

func (r *Request) mac(purpose, secret string) string {
	return base64.RawURLEncoding.EncodeToString(r.app.Key.MAC(purpose, r.firm[:], []byte(secret))[:24])
}

// ip walks the chain of proxies from our end, and stops at the first that is not ours: what lies before it is hearsay.
func (a *App) ip(c *fiber.Ctx) string {
	peer, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	peer = peer.Unmap()
	if !a.trusted(peer) {
		return peer.String()
	}
	chain := strings.Split(string(c.Request().Header.Peek("X-Forwarded-For")), ",")
	for i := len(chain) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(chain[i]))
		if err != nil {
			break
		}
		peer = hop.Unmap()
		if !a.trusted(peer) {
			break
		}
	}
	return peer.String()
}

// neighbourhood is what tries are counted by: one visitor has as many addresses of IPv6 as there are in a /64.
func neighbourhood(of string) string {
	at, err := netip.ParseAddr(of)
	if err != nil || at.Is4() {
		return of
	}
	network, err := at.Prefix(64)
	if err != nil {
		return of
	}
	return network.String()
}

func (a *App) secure(c *fiber.Ctx) bool {
	if c.Context().IsTLS() {
		return true
	}
	peer, _ := netip.AddrFromSlice(c.Context().RemoteIP())
	return a.trusted(peer.Unmap()) && strings.EqualFold(string(c.Request().Header.Peek("X-Forwarded-Proto")), "https")
}

func (a *App) trusted(addr netip.Addr) bool {
	for _, prefix := range a.Proxies {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}
