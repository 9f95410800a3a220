package fact

import "github.com/google/uuid"

// ContactInvited: staff asked a contact into the portal.
type ContactInvited struct {
	ClientID  uuid.UUID `json:"client"`
	ContactID uuid.UUID `json:"contact"`
	ByID      uuid.UUID `json:"by"`
}

// PortalActivated: a contact took the invitation for the first time.
type PortalActivated struct {
	ClientID  uuid.UUID `json:"client"`
	ContactID uuid.UUID `json:"contact"`
}

// ContactSignedIn: a contact opened a session.
type ContactSignedIn struct {
	ClientID  uuid.UUID `json:"client"`
	ContactID uuid.UUID `json:"contact"`
	SessionID uuid.UUID `json:"session"`
}

// ProjectStatusChanged: a project went on to another status.
type ProjectStatusChanged struct {
	ClientID  uuid.UUID `json:"client"`
	ProjectID uuid.UUID `json:"project"`
	From      string    `json:"from"`
	To        string    `json:"to"`
	ByID      uuid.UUID `json:"by"`
}

func (ContactInvited) fact()       {}
func (PortalActivated) fact()      {}
func (ContactSignedIn) fact()      {}
func (ProjectStatusChanged) fact() {}
