package web

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"github.com/gofiber/fiber/v2"

	"portico/platform/secret"
)

// Cookies belong to one host: `__Host-` forbids a Domain, so that firms on subdomains share nothing. Without TLS (on a
// developer's machine) browsers refuse that prefix, hence the plain name.
const (
	sessionName = "portico"
	visitName   = "portico-visit"
	flashName   = "portico-flash"
)

func (r *Request) cookieName(name string) string {
	if r.Secure() {
		return "__Host-" + name
	}
	return name
}

func (r *Request) setCookie(name, value string, life time.Duration) {
	cookie := &fiber.Cookie{
		Name: r.cookieName(name), Value: value, Path: "/", HTTPOnly: true, Secure: r.Secure(), SameSite: "Lax",
		MaxAge: int(life.Seconds()),
	}
	if value == "" {
		cookie.MaxAge, cookie.Expires = -1, time.Unix(1, 0)
	}
	r.c.Cookie(cookie)
}

func (r *Request) cookie(name string) string { return r.c.Cookies(r.cookieName(name)) }

func (r *Request) sessionCookie() string { return r.cookie(sessionName) }

// SetSession hands the browser its session; the server decides how long it counts.
func (r *Request) SetSession(token string) {
	r.token = token
	r.setCookie(sessionName, token, 180*24*time.Hour)
}

// DropSession takes the session back.
func (r *Request) DropSession() {
	r.token = ""
	r.setCookie(sessionName, "", 0)
}

// Visit names this browser before anybody is signed in; "" when it has no name yet.
func (r *Request) Visit() string { return r.cookie(visitName) }

// NameVisit gives this browser a name, so that a link asked for here is known when it comes back here.
func (r *Request) NameVisit() string {
	if visit := r.Visit(); visit != "" {
		return visit
	}
	visit := secret.Token()
	r.setCookie(visitName, visit, 24*time.Hour)
	r.c.Request().Header.SetCookie(r.cookieName(visitName), visit)
	return visit
}

// Cookie and SetCookie are for the short errands of the front door.
func (r *Request) Cookie(name string) string { return r.cookie("portico-" + name) }

// SetCookie keeps a value for a while; "" removes it.
func (r *Request) SetCookie(name, value string, life time.Duration) {
	r.setCookie("portico-"+name, value, life)
}

// themeName is a cookie that our script writes, too: the choice of light and dark in the person's menu.
const themeName = "theme"

// SetTheme keeps light, dark or "" (as the device says) at this browser.
func (r *Request) SetTheme(theme string) {
	if theme == "" {
		theme = "auto"
	}
	r.c.Cookie(&fiber.Cookie{
		Name: themeName, Value: theme, Path: "/", Secure: r.Secure(), SameSite: "Lax", MaxAge: int((365 * 24 * time.Hour).Seconds()),
	})
}

func (r *Request) keepToasts() {
	if len(r.toasts) == 0 {
		return
	}
	text, err := json.Marshal(r.toasts)
	if err == nil && len(text) < 2000 {
		r.setCookie(flashName, base64.RawURLEncoding.EncodeToString(text), time.Minute)
	}
}

func (r *Request) takeToasts() []Toast {
	toasts := r.toasts
	kept := r.cookie(flashName)
	if kept == "" {
		return toasts
	}
	r.setCookie(flashName, "", 0)
	var earlier []Toast
	if text, err := base64.RawURLEncoding.DecodeString(kept); err == nil {
		_ = json.Unmarshal(text, &earlier)
	}
	return append(earlier, toasts...)
}
