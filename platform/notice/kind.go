// Package notice tells people what has happened: in the bell of the portal and of the office, by mail and by push, as each
// has chosen. One event tells one person once on each channel, and only what this person may see at that moment.
package notice

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"portico/platform/auth"
)

// Way is how mails of a kind come.
type Way string

const (
	Now   Way = "now"
	Daily Way = "daily"
	Off   Way = "off"
)

// Valid reports whether it is one of the three.
func (w Way) Valid() bool { return w == Now || w == Daily || w == Off }

// For is whom a kind of notice is for.
type For int

const (
	Everybody For = iota
	Clients
	Staff
)

// Kind is one sort of notice, declared in the manifest of the section that sends it.
type Kind struct {
	ID    string // "billing:invoice": the section first
	Title string // for whoever chooses: "New invoices"
	Help  string // when it comes, in a sentence
	For   For
	Legal bool // must be sent: its mails come at once, at any hour, and nobody can switch them off
	Waits bool // somebody waits for the reader: comes also to those who want only important mails
	Mail  Way  // unless somebody chooses otherwise; "": at once
	Push  bool // likewise
}

var goodKind = regexp.MustCompile(`^[a-z][a-z0-9]{2,20}:[a-z][a-z0-9_]*$`)

// Section is the module that sends it.
func (k Kind) Section() string {
	section, _, _ := strings.Cut(k.ID, ":")
	return section
}

// Fits reports whether the kind is for that side.
func (k Kind) Fits(side auth.Side) bool {
	return k.For == Everybody || k.For == Clients && side == auth.Portal || k.For == Staff && side == auth.Office
}

func (k Kind) usual() Ways {
	w := Ways{Mail: k.Mail, Bell: true, Push: k.Push || k.Legal || k.Waits}
	if w.Mail == "" || k.Legal {
		w.Mail = Now
	}
	return w
}

// Kinds are all that were declared, by section and in the order of their manifests.
type Kinds []Kind

// NewKinds refuses what no page could show.
func NewKinds(all []Kind) (Kinds, error) {
	seen := map[string]bool{}
	for _, k := range all {
		switch {
		case !goodKind.MatchString(k.ID):
			return nil, fmt.Errorf("kind of notice %q: want section:name", k.ID)
		case k.Title == "" || k.Help == "":
			return nil, fmt.Errorf("kind of notice %s: title and help are needed", k.ID)
		case seen[k.ID]:
			return nil, fmt.Errorf("two kinds of notices are called %s", k.ID)
		case k.Mail != "" && !k.Mail.Valid() || k.Legal && k.Mail != "":
			return nil, fmt.Errorf("kind of notice %s: its mails cannot come like that", k.ID)
		}
		seen[k.ID] = true
	}
	return all, nil
}

// Find gives a kind by its id.
func (all Kinds) Find(id string) (Kind, bool) {
	i := slices.IndexFunc(all, func(k Kind) bool { return k.ID == id })
	if i < 0 {
		return Kind{}, false
	}
	return all[i], true
}
