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
	"portico/platform/lang"
	"portico/platform/mail"
	"portico/platform/mailtext"
	"portico/platform/module"
	"portico/platform/post"
)

// guest is the contact whom an invitation is for, and what the four levels say of what it opens.
type guest struct {
	ContactID, PersonID, ClientID uuid.UUID
	Name, Email, ClientName       string
	Locale                        string
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
	reader := auth.MailReader(f, g.Locale, true)
	said, err := mailtext.Say(ctx, tx, f, reader, invitationWords, func(r *lang.Reader) map[string]string { return g.words(r, f, p.Note, until, origin) })
	if err != nil {
		return err
	}
	letter := mail.Letter{
		Reader: reader, Subject: said.Subject, Markdown: said.Markdown,
		Button: mail.Button{Label: said.Button, URL: origin + "/sign-in/link/" + token},
		Code:   code, CodeNote: reader.Say("On another device, go to %s and type your address and this code:", origin+"/sign-in/code"),
		Small: []string{reader.Say("Link and code work once, until %s. Later we send you a new one whenever you like; you need no password.", until)},
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
func (g guest) sections(reader *lang.Reader, f auth.Firm) []string {
	levels := access.Levels{
		FirmOn: f.PortalOn, FirmSays: f.Switches, ClientOn: g.ClientOn, ClientSays: g.ClientSays, ProjectSays: g.ProjectSays,
		Contact: &access.Contact{Portal: true, Rights: g.Rights},
	}
	var titles []string
	for _, m := range module.All() {
		if m.Toggle == module.Switched && levels.Section(m.ID, "").On && reaches(levels, m) {
			titles = append(titles, reader.Say(m.Title))
		}
	}
	slices.Sort(titles)
	return titles
}

// reaches reports whether one of the section's ways in is open; a section without any is reached from elsewhere.
func reaches(levels access.Levels, m module.Module) bool {
	return len(m.PortalNav) == 0 || slices.ContainsFunc(m.PortalNav, func(n module.Nav) bool { return levels.May(n.Who).On })
}
