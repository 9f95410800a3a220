package web

import (
	"encoding/base64"
	"strings"
	"time"
)

// Allowed counts a try of whatever `of` names (an address, a person) within this firm, beside the limit that a route
// sets for visitors; when it is one too many, retry says how long to wait.
func (r *Request) Allowed(of string, limit Limit) (retry time.Duration, ok bool) {
	if r.app.Allow == nil {
		return 0, true
	}
	of = neighbourhood(of)
	// what is counted may be a mail address: Redis sees only that it is the same one again
	key := limit.Name + ":" + r.firm.String() + ":" + base64.RawURLEncoding.EncodeToString(r.app.Key.MAC("limit", []byte(of))[:16])
	return r.app.Allow(r.ctx, key, limit)
}

// StandAlone draws this page as the front door does, without the navigation of portal or office.
func (r *Request) StandAlone() { r.alone = true }

// FormsTo lets the forms of this page end on other origins of the installation, which come from the database.
func (r *Request) FormsTo(origins ...string) {
	to := "form-action " + strings.Join(append([]string{"'self'"}, origins...), " ")
	r.c.Set("Content-Security-Policy", strings.Replace(policy, "form-action 'self'", to, 1))
}

// Trusted are origins of others that one page needs: of a payment provider's own fields.
type Trusted struct{ Scripts, Frames, Connects []string }

// Trust lets this page, and no other, run scripts of other origins, show their frames and speak to them.
func (r *Request) Trust(t Trusted) {
	own := policy
	for name, origins := range map[string][]string{"script-src": t.Scripts, "frame-src": t.Frames, "connect-src": t.Connects} {
		own = strings.Replace(own, name+" 'self'", strings.Join(append([]string{name, "'self'"}, origins...), " "), 1)
	}
	r.c.Set("Content-Security-Policy", own)
}

// RawValue is one value of the body with the blanks around it: a password.
func (r *Request) RawValue(name string) string {
	if err := r.parseBody(); err != nil {
		return ""
	}
	return r.form.Get(name)
}
