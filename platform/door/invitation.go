package door

import (
	"context"
	netmail "net/mail"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/day"
	"portico/platform/fact"
	"portico/platform/invite"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/module"
	"portico/platform/post"
)

// guest is the contact whom an invitation is for, and what the four levels say of what it opens.
type guest struct {
	ContactID, PersonID, ClientID uuid.UUID
	Name, Email, ClientName       string
	ClientOn                      bool
	ClientSays                    access.Switches `bun:"type:jsonb"`
	ProjectNames                  []string        `bun:",array"`
	ByName, ByEmail               string
}

// sendInvitation mails the link into the portal, in the name of whoever asked the contact in.
func (d *Door) sendInvitation(ctx context.Context, tx bun.Tx, firm uuid.UUID, p invite.Promise) error {
	g, err := findGuest(ctx, tx, firm, p)
	if err != nil { // withdrawn meanwhile: there is nothing left to send
		return err
	}
	f, err := d.firm(ctx, tx, firm)
	if err != nil || f.Suspended || !f.PortalOn {
		return err
	}
	token, code, err := link.Issue(ctx, tx, d.Key, link.New{
		Firm: firm, Purpose: link.Invite, Outbox: job.Current(ctx).ID, Person: g.PersonID, Contact: g.ContactID, SentTo: g.Email,
	})
	if err != nil {
		return err
	}
	origin, err := d.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	until := day.Of(d.Now().In(zone(f)).Add(link.Invite.Lifetime()))
	letter := mail.Letter{
		Subject:  f.Name + " has opened your portal",
		Greeting: "Welcome, " + called(g.Name),
		Lines:    g.lines(f, p.Note),
		Button:   mail.Button{Label: "Open my portal", URL: origin + "/sign-in/link/" + token},
		Code:     code, CodeNote: "On another device, go to " + origin + "/sign-in/code and type your address and this code:",
		Small: []string{
			"Link and code work once, until " + until.Midnight().Format("Mon, Jan 2, 2006") + ". Later we send you a new one whenever you like; you need no password.",
		},
	}
	envelope := post.Envelope{
		ID: job.Current(ctx).ID, Kind: invite.Mail.Name(), PersonID: g.PersonID, ContactID: g.ContactID,
		To: netmail.Address{Name: g.Name, Address: g.Email},
	}
	if g.ByEmail != "" {
		envelope.ReplyTo = netmail.Address{Name: g.ByName, Address: g.ByEmail}
	}
	if err := d.Post.Send(ctx, tx, f, envelope, letter); err != nil {
		return err
	}
	return d.Bus.Publish(ctx, tx, firm, fact.ContactInvited{ClientID: g.ClientID, ContactID: g.ContactID, ByID: p.By})
}

func (g guest) lines(f auth.Firm, note string) []string {
	who := f.Name
	if g.ByName != "" {
		who = g.ByName + " of " + f.Name
	}
	about := g.ClientName
	if len(g.ProjectNames) > 0 && len(g.ProjectNames) <= 3 {
		about = listed(g.ProjectNames)
	}
	lines := []string{who + " has opened a portal for you: everything about " + about + " in one place, at any hour."}
	for _, paragraph := range strings.Split(note, "\n") {
		if paragraph = strings.TrimSpace(paragraph); paragraph != "" {
			lines = append(lines, paragraph)
		}
	}
	if open := g.sections(f); len(open) > 0 {
		lines = append(lines, "You will find there: "+listed(open)+".")
	}
	return lines
}

// sections are the titles of what is on for the guest.
func (g guest) sections(f auth.Firm) []string {
	levels := access.Levels{FirmOn: f.PortalOn, FirmSays: f.Switches, ClientOn: g.ClientOn, ClientSays: g.ClientSays}
	var titles []string
	for _, m := range module.All() {
		if m.Toggle == module.Switched && levels.Section(m.ID, "").On {
			titles = append(titles, m.Title)
		}
	}
	slices.Sort(titles)
	return titles
}
