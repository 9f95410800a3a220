package sight_test

import (
	"context"
	"os"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/authtest"
	"portico/platform/fault"
	"portico/platform/people"
	"portico/platform/sight"
)

func TestMain(m *testing.M) { os.Exit(authtest.Main(m)) }

// TestNewsAreReadWithTheContactsEyes: a job sees what the contact would see if it signed in now.
func TestNewsAreReadWithTheContactsEyes(t *testing.T) {
	s := authtest.New(t)
	s.Do(t, "update client set uploads_on = true where id = ?", s.Harts)
	_, signed := s.Viewer(t, s.AnaPerson, s.Ana)
	look := func(contact uuid.UUID) (v auth.Viewer, to people.Mailbox, readers []sight.Reader, err error) {
		err = authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			if readers, err = sight.Readers(ctx, tx, signed.Firm, s.Harts); err != nil {
				return err
			}
			v, to, err = sight.Addressee(ctx, tx, signed.Firm, s.Harts, contact, s.Max)
			return err
		})
		return v, to, readers, err
	}
	v, to, readers, err := look(s.Ana)
	if err != nil || to.Email != authtest.AnaEmail || len(readers) != 1 {
		t.Fatalf("%+v, %+v: %v", to, readers, err)
	}
	for _, v := range []auth.Viewer{v, readers[0].Viewer} {
		if v.Side != auth.Portal || !v.UploadsOn || v.UploadsOn != signed.UploadsOn || v.ClientOn != signed.ClientOn || len(v.Projects) != len(signed.Projects) ||
			v.ContactID != signed.ContactID || len(v.Rights) != len(signed.Rights) || len(v.ProjectIDs("messages")) != len(signed.ProjectIDs("messages")) {
			t.Errorf("a job sees %+v, Ana %+v", v, signed)
		}
	}
	if v, to, _, err := look(uuid.Nil); err != nil || v.Side != auth.Office || v.Role != to.Role || to.Name != "Max Miller" {
		t.Errorf("%+v, %+v: %v", v, to, err)
	}
	s.Do(t, "update contact set invited_at = null where id = ?", s.Ana)
	if _, to, readers, err := look(s.Ana); err != nil || to.Invited() || len(readers) > 0 {
		t.Errorf("whoever was not invited is told of the portal: %+v, %v", readers, err)
	}
	s.Do(t, "update contact set access = 'none' where id = ?", s.Ana)
	if _, _, readers, err := look(s.Ana); !fault.Is(err, fault.Missing) || len(readers) > 0 {
		t.Errorf("whoever may not sign in is told: %v", err)
	}
}
