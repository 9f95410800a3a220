package users

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/demo"
	"portico/platform/search"
)

// told is a contact of the demo, so that the list shows every state.
type told struct {
	Name, Title, Email              string
	Days                            int // since the invitation
	Opened, Bounced, Disabled, Came bool
	Row                             string // its state in the demo's sending
}

// haddads are more people of one client: one of each.
var haddads = []told{
	{Name: "Samir Haddad", Title: "Foreman", Email: "samir@haddad.example", Days: 2, Opened: true, Row: "opened"},
	{Name: "Rania Haddad", Title: "Purchasing", Email: "rania@haddad.example", Days: 2, Bounced: true, Row: "bounced"},
	{Name: "Karim Nasser", Title: "Former partner", Email: "karim@haddad.example", Days: 40, Came: true, Disabled: true},
	{Name: "Yusuf Haddad", Title: "Apprentice", Email: "yusuf@haddad.example", Days: 2, Row: "sent"},
}

// tell gives the main firm's list all its states, and one sending that has been.
func tell(ctx context.Context, tx bun.Tx, s *demo.Story) error {
	client, ok := s.Clients["haddad"]
	if !s.Main || !s.Size.Empty() || !ok {
		return nil
	}
	v := auth.System(s.Firm.ID)
	v.PersonID, v.Name = s.People["priya"].ID, s.People["priya"].Name
	sending, err := tellSending(ctx, tx, v, s.Now.Add(-49*time.Hour))
	if err != nil {
		return err
	}
	for _, t := range haddads {
		if err := tellContact(ctx, tx, v, client.ID, sending, s.Now, t); err != nil {
			return err
		}
	}
	if err := tellSkipped(ctx, tx, v, sending, s.People["omar"].ContactID); err != nil {
		return err
	}
	if err := search.Index(ctx, tx, s.Firm.ID, client.ID); err != nil {
		return err
	}
	done, _, err := holdSending(ctx, tx, v, sending)
	if err != nil {
		return err
	}
	return saveSending(ctx, tx, v, &done)
}
