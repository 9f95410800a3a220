package door

import (
	"context"
	netmail "net/mail"
	"slices"

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
	"portico/platform/mailtext"
	"portico/platform/module"
	"portico/platform/post"
)

// guest is the contact whom an invitation is for, and what the four levels say of what it opens.
type guest struct {
	ContactID, PersonID, ClientID uuid.UUID
	Name, Email, ClientName       string
	ClientOn                      bool
	ClientSays                    access.Switches   `bun:"type:jsonb"`
	Rights                        []access.Right    `bun:",array"`
	ProjectNames                  []string          `bun:",array"`
	ProjectSays                   []access.Switches `bun:"type:jsonb"`
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
	expires := until.Midnight().Format("Mon, Jan 2, 2006")
	said, err := mailtext.Say(ctx, tx, firm, invitationWords, g.words(f, p.Note, expires, origin))
	if err != nil {
		return err
	}
	letter := mail.Letter{
		Subject: said.Subject, Markdown: said.Markdown,
		Button: mail.Button{Label: invitationWords.Button, URL: origin + "/sign-in/link/" + token},
		Code:   code, CodeNote: "On another device, go to " + origin + "/sign-in/code and type your address and this code:",
		Small: []string{"Link and code work once, until " + expires + ". Later we send you a new one whenever you like; you need no password."},
	}
	envelope := post.Envelope{
		ID: job.Current(ctx).ID, Kind: invite.Mail.Name(), PersonID: g.PersonID, ContactID: g.ContactID,
		To: netmail.Address{Name: g.Name, Address: g.Email}, Once: true,
	}
	if g.ByEmail != "" {
		envelope.ReplyTo = netmail.Address{Name: g.ByName, Address: g.ByEmail}
	}
	if err := d.Post.Send(ctx, tx, f, envelope, letter); err != nil {
		return err
	}
	return d.Bus.Publish(ctx, tx, firm, fact.ContactInvited{ClientID: g.ClientID, ContactID: g.ContactID, ByID: p.By})
}

// sections are the titles of what the guest will find: what is on for the client, in at least one of the projects that
// the guest sees, and not withheld from this contact.
func (g guest) sections(f auth.Firm) []string {
	levels := access.Levels{
		FirmOn: f.PortalOn, FirmSays: f.Switches, ClientOn: g.ClientOn, ClientSays: g.ClientSays, ProjectSays: g.ProjectSays,
		Contact: &access.Contact{Portal: true, Rights: g.Rights},
	}
	var titles []string
	for _, m := range module.All() {
		if m.Toggle == module.Switched && levels.Section(m.ID, "").On && reaches(levels, m) {
			titles = append(titles, m.Title)
		}
	}
	slices.Sort(titles)
	return titles
}

// reaches reports whether one of the section's ways in is open; a section without any is reached from elsewhere.
func reaches(levels access.Levels, m module.Module) bool {
	return len(m.PortalNav) == 0 || slices.ContainsFunc(m.PortalNav, func(n module.Nav) bool { return levels.May(n.Who).On })
}
