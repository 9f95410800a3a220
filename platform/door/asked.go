package door

import (
	"encoding/base64"
	"encoding/json"
	"time"

	"portico/platform/web"
)

// asked is what the browser remembers between asking for a link and coming in. It is sealed: an address in it may be
// one that its owner has not been told.
type asked struct {
	Email string `json:"e"`
	To    string `json:"t,omitempty"`
	Hide  bool   `json:"h,omitempty"` // show the address masked: it was not typed here
}

const askedCookie = "asked"

func (d *Door) remember(r *web.Request, a asked) {
	text, err := json.Marshal(a)
	if err != nil {
		return
	}
	firm := r.Firm().ID
	r.SetCookie(askedCookie, base64.RawURLEncoding.EncodeToString(d.Key.Seal("asked", text, firm[:])), time.Hour)
}

func (d *Door) asked(r *web.Request) asked {
	var a asked
	firm := r.Firm().ID
	sealed, err := base64.RawURLEncoding.DecodeString(r.Cookie(askedCookie))
	if err != nil || len(sealed) == 0 {
		return a
	}
	if text, err := d.Key.Open("asked", sealed, firm[:]); err == nil {
		_ = json.Unmarshal(text, &a) // sealed by us
	}
	return a
}
