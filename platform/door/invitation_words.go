package door

import (
	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/lang"
	"portico/platform/mailtext"
)

// invitationWords are what an invitation says around its button and its code; a firm may write them itself.
var invitationWords = mailtext.Register(mailtext.Kind{
	ID: "invitation", Title: "Invitation",
	When:    "Sent to a contact who is asked into the portal, from the contact's page, in bulk, or by activation.",
	Subject: "{{firm}} has opened your portal",
	Text: `# Welcome, {{first_name}}

{{from}} has opened a portal for you: everything about {{projects}} in one place, at any hour.

{{note}}

You will find there: {{sections}}.`,
	Button: "Open my portal", Code: true,
	Fields: []mailtext.Field{
		mailtext.Contact, mailtext.FirstName, mailtext.Client,
		{Name: "projects", Becomes: "The projects that the contact will see, or the client's name while there are none or more than three", Example: "Maple Street remodel"},
		mailtext.Firm,
		{Name: "sender", Becomes: "Who invites; your firm's name when Portico does so by itself", Example: "Maria Okafor"},
		{Name: "from", Becomes: "Who invites, and your firm's name", Example: "Maria Okafor of Northgate Builders"},
		{Name: "note", Becomes: "The personal note that was typed with the invitation", Example: "We start on Monday. Call me any time!", Optional: true, Lines: true, Marks: true},
		{Name: "sections", Becomes: "The sections that are switched on for the contact", Example: "Documents, Messages and Schedule", Optional: true},
		{Name: "expires", Becomes: "The last day on which the link works", Example: "Fri, Dec 4, 2026"},
		{Name: "portal", Becomes: "The address of your portal", Example: "https://northgate.example.com"},
	},
})

// words are what stands in the places of the invitation.
func (g guest) words(reader *lang.Reader, f auth.Firm, note string, until day.Day, origin string) map[string]string {
	sender, from := g.ByName, reader.Say("%s of %s¦firm", g.ByName, f.Name)
	if sender == "" {
		sender, from = f.Name, f.Name
	}
	about := g.ClientName
	if len(g.ProjectNames) > 0 && len(g.ProjectNames) <= 3 {
		about = reader.List(g.ProjectNames)
	}
	return map[string]string{
		"contact": g.Name, "first_name": called(g.Name), "client": g.ClientName, "projects": about, "firm": f.Name,
		"sender": sender, "from": from, "note": note, "sections": reader.List(g.sections(reader, f)), "expires": reader.Day(until), "portal": origin,
	}
}
