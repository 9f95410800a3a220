package door

import (
	"strings"
	"time"

	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/web"
)

// state is a page for one of the situations in which a person cannot go on as hoped: what it is, and the way out.
type state struct {
	*web.Here
	Icon, Kind, Title string
	Lines             []string
	Actions           []action
}

type action struct {
	Title, Href string
	Post        bool
	Fields      map[string]string
}

func (d *Door) state(r *web.Request, status int, s state) error {
	private(r)
	s.Here = r.Here()
	r.Title(s.Title)
	if err := r.Show("auth/state", s); err != nil {
		return err
	}
	r.Status(status)
	return nil
}

// private is for every page of the door: alone, in no search engine, and telling no other site where one came from.
func private(r *web.Request) {
	r.StandAlone()
	if r.Viewer().Side == auth.Stranger {
		r.NameVisit() // forms of strangers are proved by their visit
	}
	r.SetHeader("Referrer-Policy", "no-referrer")
	r.SetHeader("X-Robots-Tag", "noindex")
}

// landed is the page for a link or code that does not sign in. token is "" for a code.
func (d *Door) landed(r *web.Request, l link.Landing, token string) error {
	firm := r.Firm()
	again := action{Title: "Send me a new link", Href: "/sign-in/new-link", Post: true, Fields: map[string]string{"token": token}}
	if token == "" {
		again = action{Title: "Send me a new link", Href: "/sign-in"}
	}
	signIn := action{Title: "Sign in", Href: "/sign-in"}
	to := " We can send a fresh one to " + masked(l.SentTo) + "."
	switch l.State {
	case link.Used:
		return d.state(r, 410, state{Icon: "link", Kind: "due", Title: "This link has been used",
			Lines: []string{"Each link opens the portal once." + to}, Actions: d.orGoOn(r, again)})
	case link.Old:
		return d.state(r, 410, state{Icon: "clock", Kind: "due", Title: "This link is too old",
			Lines: []string{"For your safety a link works only for a while." + to}, Actions: d.orGoOn(r, again)})
	case link.Ended:
		return d.state(r, 410, state{Icon: "link", Kind: "due", Title: "There is a newer link",
			Lines: []string{"A newer mail has taken this one's place: please use the latest." + to}, Actions: d.orGoOn(r, again)})
	case link.AddressChanged:
		return d.state(r, 410, state{Icon: "mail-x", Kind: "due", Title: "This link went to a former address",
			Lines:   []string{"It was sent to " + masked(l.SentTo) + ", which is no longer the address we have on file. Sign in with your present one.", whomToAsk(firm)},
			Actions: []action{{Title: "Sign in", Href: "/sign-in"}}})
	case link.AccessOff:
		return d.accessOff(r)
	case link.PortalOff:
		return d.portalOff(r)
	}
	return d.state(r, 404, state{Icon: "building-2", Kind: "late", Title: "We do not know this link",
		Lines:   []string{"It may have been cut short, or it belongs to the portal of another firm. Open it again from the mail, as a whole; or sign in to " + firm.Name + " here."},
		Actions: d.orGoOn(r, signIn)})
}

// orGoOn adds the way back for somebody who is signed in already.
func (d *Door) orGoOn(r *web.Request, actions ...action) []action {
	if v := r.Viewer(); v.SignedIn() {
		actions = append(actions, action{Title: "Go on as " + v.Name, Href: home(v)})
	}
	return actions
}

func (d *Door) accessOff(r *web.Request) error {
	return d.state(r, 403, state{Icon: "lock", Kind: "late", Title: "Your access is switched off",
		Lines:   []string{r.Firm().Name + " has switched off access for this address. Nothing of yours is lost; it can be switched on again.", whomToAsk(r.Firm())},
		Actions: []action{{Title: "Use another address", Href: "/sign-in"}}})
}

func (d *Door) portalOff(r *web.Request) error {
	return d.state(r, 403, state{Icon: "cloud-off", Kind: "due", Title: "The portal is closed for now",
		Lines: []string{r.Firm().Name + " has not opened it for you yet, or has closed it for a while. Your papers are kept.", whomToAsk(r.Firm())}})
}

func (d *Door) tooMany(r *web.Request, title, line string, retry time.Duration, actions ...action) error {
	return d.state(r, 429, state{Icon: "timer", Kind: "due", Title: title,
		Lines: []string{line, "Please try again in " + wait(retry) + "."}, Actions: actions})
}

// whomToAsk names the people behind the portal, as far as they have said how to reach them.
func whomToAsk(f auth.Firm) string {
	var ways []string
	for _, way := range []string{f.Phone, f.Email} {
		if way != "" {
			ways = append(ways, way)
		}
	}
	if len(ways) == 0 {
		return "Please ask your contact person at " + f.Name + "."
	}
	return "Please ask " + f.Name + ": " + strings.Join(ways, " or ") + "."
}

// wait is a time in words, never shorter than it is.
func wait(d time.Duration) string {
	minutes := int((d + time.Minute - 1) / time.Minute)
	switch {
	case minutes <= 1:
		return "a minute"
	case minutes >= 55:
		return "an hour"
	}
	return numbered(minutes, "minute")
}
