package sight

import "portico/platform/auth"

// Viewer looks with a contact's eyes: what a job asks before it tells somebody of something. Whoever may not sign in sees
// nothing.
func (c Client) Viewer(firm auth.Firm, contact Contact) auth.Viewer {
	v := auth.Viewer{
		Side: auth.Portal, Firm: firm, Name: contact.Name, ContactID: contact.ID, ClientID: c.ID, ClientName: c.Name, UploadsOn: c.UploadsOn,
		Limited: contact.Limited, Rights: contact.Rights, ClientOn: c.PortalOn && !c.Archived, ClientSays: c.Switches,
	}
	if !contact.User() {
		v.Side = auth.Stranger
	}
	for _, p := range c.Reaches(contact) {
		v.Projects = append(v.Projects, auth.Project{ID: p.ID, Name: p.Name, Switches: p.Switches})
	}
	return v
}
