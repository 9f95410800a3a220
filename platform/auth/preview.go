package auth

import (
	"time"

	"github.com/google/uuid"

	"portico/platform/access"
)

// LookAs is what a member of staff needs to see the portal as a contact sees it.
var LookAs = access.Staff("preview", access.Member)

// PreviewLife bounds a preview: it ends long before the session that it was begun in.
var PreviewLife = Lifetime{Idle: 30 * time.Minute, Absolute: 2 * time.Hour}

// previewTouchAfter throttles the sliding of a preview.
const previewTouchAfter = time.Minute

// Preview is one look at the portal with a contact's eyes.
type Preview struct {
	ID                   uuid.UUID
	StaffID, ContactID   uuid.UUID
	StaffName            string
	ContactName          string
	ClientID             uuid.UUID
	CameFrom             string
	Ended                bool      // told already
	Live                 bool      // still counts
	IdleUntil, LastUntil time.Time // LastUntil: whatever happens
}
