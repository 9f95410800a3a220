package profile

import (
	"net/netip"
	"time"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/lang"
	"portico/platform/web"
)

// device is a session in words.
type device struct {
	auth.Device
	Name string // "Firefox on a Mac"
	Of   string // which place it opens
	From string // where it came from
	Live bool   // seen within the last minutes
}

func devicesOf(r *web.Request) ([]device, error) {
	list, err := auth.Devices(r.Context(), r.Tx(), r.Viewer())
	devices := make([]device, len(list))
	for i, d := range list {
		devices[i] = device{Device: d, Name: nameOf(r.Here(), d.Agent), Of: r.Say("Office of %s", r.Firm().Name), From: from(r.Here(), d.IP, r.IP())}
		if d.Side == auth.Portal {
			devices[i].Of = r.Say("Portal of %s", d.ClientName)
		}
		devices[i].Live = r.Now().Sub(d.LastSeenAt) < 30*time.Minute
	}
	return devices, err
}

// on are the devices that a browser tells of.
var on = map[string]lang.Text{
	"iPhone": lang.T("%s on an iPhone"), "iPad": lang.T("%s on an iPad"), "Android": lang.T("%s on an Android device"), "Mac": lang.T("%s on a Mac"),
	"Windows computer": lang.T("%s on a Windows computer"), "Chromebook": lang.T("%s on a Chromebook"), "Linux computer": lang.T("%s on a Linux computer"),
}

// nameOf is a browser in the reader's words: "Chrome on an iPhone".
func nameOf(here *web.Here, agent string) string {
	browser := auth.BrowserName(agent)
	if browser == "a browser" {
		browser = here.Say("A browser")
	}
	words, known := on[auth.DeviceName(agent)]
	if !known {
		return browser
	}
	return here.Say(string(words), browser)
}

// from says where a session came from as far as an address tells: no address is looked up anywhere.
func from(here *web.Here, ip, now string) string {
	at, err := netip.ParseAddr(ip)
	switch {
	case err != nil:
		return ""
	case ip == now:
		return here.Say("from where you are now")
	case at.IsLoopback():
		return here.Say("from the machine that runs the portal")
	case at.IsPrivate() || at.IsLinkLocalUnicast():
		return here.Say("from a network of your own (%s)", ip)
	}
	return here.Say("from the address %s", ip)
}

// endSession ends one of the own sessions; it is out with the next click there.
func (p pages) endSession(r *web.Request) error {
	if err := auth.EndDevice(r.Context(), r.Tx(), r.Viewer(), r.Param("session")); err != nil {
		return err
	}
	if !r.IsPart() {
		r.Toast("That device is signed out.")
		return r.Go(r.Path("profile") + "#sessions")
	}
	devices, err := devicesOf(r)
	if err != nil {
		return err
	}
	return r.Parts(web.Draw("profile/_sessions", sessionsView{r.Here(), devices}))
}

type sessionsView struct {
	*web.Here
	Devices []device
}

// endAll signs out everywhere, here too: whoever presses it wonders who else is in.
func (p pages) endAll(r *web.Request) error {
	v := r.Viewer()
	if err := auth.EndAll(r.Context(), r.Tx(), v.FirmID(), v.PersonID, nil); err != nil {
		return err
	}
	if err := p.record(r, "profile.signed_out", "signed out everywhere", nil); err != nil {
		return err
	}
	r.DropSession()
	return r.Go("/sign-in")
}

// record notes what a person did to the own account. It is the firm's to know, not the client's other contacts'.
func (pages) record(r *web.Request, verb, text string, data map[string]any) error {
	v := r.Viewer()
	return activity.Record(r.Context(), r.Tx(), v, activity.Entry{Verb: verb, Text: text, ClientID: v.ClientID, SubjectID: v.PersonID, Data: data})
}
