package fact

import "github.com/google/uuid"

// EnvelopeSent: documents went out to be signed by contacts of one client.
type EnvelopeSent struct {
	ClientID   uuid.UUID   `json:"client"`
	ProjectID  uuid.UUID   `json:"project"`
	EnvelopeID uuid.UUID   `json:"envelope"`
	SignerIDs  []uuid.UUID `json:"signers"` // contacts
}

func (EnvelopeSent) fact() {}
