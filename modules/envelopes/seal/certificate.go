package seal

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"portico/platform/lang"
	"portico/platform/paper"
)

// Certificate is what the last pages of a contract tell: who did what, when, from where, and to which bytes.
type Certificate struct {
	Letterhead
	Reader      *lang.Reader // in whose language it tells it; nil: English
	Title, Kind string       // "Kitchen", "Contract"
	ID          string       // of the document
	Firm        string
	Made        time.Time
	Zone        *time.Location
	VerifyAt    string // address of the page that checks a file
	Versions    []Version
	People      []Person
	Events      []Event
	Head        string // the hash of the last event
}

// Version is one of the files that became the contract.
type Version struct {
	Name   string // "As sent", "Version 1 (void)"
	SHA256 string
	At     time.Time
}

// Person is one who had to do with it.
type Person struct {
	Name, Email, Role string
	Sent, Opened      time.Time
	Consented, Done   time.Time
	DoneWord          string // "Signed", "Approved"
	How               string // "Drawn by hand", "Typed"
	IP, Agent         string
	Second            string // "Code by mail to a…@example.com"
	HandedOver        string // "From Ana Rivera, 26 November 2026"
	InPerson          string // "On the firm's device, with Marta Cole"
}

// Event is one of the chain.
type Event struct {
	At              time.Time
	What, Who, From string
	Hash            string
}

// Assemble writes marks onto a file and lets the certificate follow it.
func Assemble(pdf []byte, marks []Mark, c Certificate) ([]byte, error) {
	c.Reader = cmp.Or(c.Reader, lang.English)
	pages, err := paper.Tell(c.story(c.say("Certificate of completion"), c.Title, c.parts(), c.say("Page"), c.Made))
	if err != nil {
		return nil, err
	}
	return stamp(pdf, marks, pages, c.Title)
}

func (c Certificate) say(words string, args ...any) string { return c.Reader.Say(words, args...) }

func (c Certificate) parts() []paper.Part {
	parts := []paper.Part{
		{Kind: paper.Pairs, Pairs: c.about()},
		{Kind: paper.Head, Level: 2, Spans: paper.Say(c.say("People"))},
	}
	for n, p := range c.People {
		if n > 0 {
			parts = append(parts, paper.Part{Kind: paper.Rule})
		}
		parts = append(parts, paper.Part{Kind: paper.Pairs, Pairs: c.person(p)})
	}
	parts = append(parts, paper.Part{Kind: paper.Head, Level: 2, Spans: paper.Say(c.say("Files"))},
		paper.Part{Kind: paper.Small, Spans: paper.Say(c.say("A hash is the fingerprint of a file: no other file has the same."))})
	var files []paper.Pair
	for _, v := range c.Versions {
		files = append(files, paper.Pair{Name: v.Name, Value: "SHA-256 " + v.SHA256 + "\n" + c.time(v.At)})
	}
	parts = append(parts, paper.Part{Kind: paper.Pairs, Pairs: files})
	events := paper.Part{Kind: paper.Grid, Columns: []paper.Column{{Title: c.say("When"), Width: 38}, {Title: c.say("What¦happened")}, {Title: c.say("Who and from where"), Width: 62}, {Title: c.say("Hash"), Width: 30}}}
	for _, e := range c.Events {
		events.Rows = append(events.Rows, []string{c.time(e.At), e.What, strings.TrimSpace(e.Who + "\n" + e.From), e.Hash})
	}
	parts = append(parts, paper.Part{Kind: paper.Head, Level: 2, Spans: paper.Say(c.say("What happened"))}, events)
	if c.Head != "" {
		parts = append(parts, paper.Part{Kind: paper.Pairs, Pairs: []paper.Pair{{Name: c.say("Hash of the last entry"), Value: c.Head}}})
	}
	seen := c.say("Any change of it can be seen by every program that checks signatures of PDFs.")
	if c.VerifyAt != "" {
		seen = c.say("Any change of it can be seen by every program that checks signatures of PDFs, and at %s.", c.VerifyAt)
	}
	return append(parts, paper.Part{Kind: paper.Small, Spans: paper.Say(strings.Join([]string{
		c.say("Each entry's hash is made of the entry and of the hash before it: none can be changed, added or taken out later without changing all that follow."),
		c.say("This whole file is signed with the certificate of the installation that keeps it."), seen,
	}, " "))})
}

func (c Certificate) about() []paper.Pair {
	pairs := []paper.Pair{
		{Name: cmp.Or(c.Kind, c.say("Document")), Value: c.Title, Strong: true}, {Name: c.say("Document ID"), Value: c.ID},
		{Name: c.say("From¦sender"), Value: c.Firm}, {Name: c.say("Completed"), Value: c.time(c.Made)},
	}
	if c.Zone != nil {
		pairs = append(pairs, paper.Pair{Name: c.say("Times are in"), Value: c.Zone.String()})
	}
	return pairs
}

func (c Certificate) person(p Person) []paper.Pair {
	pairs := []paper.Pair{{Name: p.Role, Value: p.Name, Strong: true}}
	add := func(name, value string) {
		if value != "" {
			pairs = append(pairs, paper.Pair{Name: name, Value: value})
		}
	}
	add(c.say("Address¦mail"), p.Email)
	add(c.say("Handed over"), p.HandedOver)
	add(c.say("Sent"), c.time(p.Sent))
	add(c.say("Opened"), c.time(p.Opened))
	add(c.say("Agreed to sign electronically"), c.time(p.Consented))
	add(cmp.Or(p.DoneWord, c.say("Signed")), c.time(p.Done))
	add(c.say("How¦signed"), p.How)
	add(c.say("In person"), p.InPerson)
	add(c.say("Second proof"), p.Second)
	add(c.say("IP address"), p.IP)
	add(c.say("Browser"), p.Agent)
	return pairs
}

// time is an instant in the firm's zone.
func (c Certificate) time(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	zone := c.Zone
	if zone == nil {
		zone = time.UTC
	}
	return Instant(c.Reader, at.In(zone))
}

// Instant is a time to the second, with how far it is from UTC.
func Instant(r *lang.Reader, at time.Time) string {
	return fmt.Sprintf("%s (UTC%s)", r.Date(at, "2 Jan 2006, 15:04:05"), at.Format("-07:00"))
}
