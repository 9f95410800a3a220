package people_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/authtest"
	"portico/platform/fault"
	"portico/platform/people"
)

func TestWhoIsTold(t *testing.T) {
	s := authtest.New(t)
	v := auth.System(s.Firm)
	team := func(projects []uuid.UUID, named ...uuid.UUID) (list []uuid.UUID) {
		t.Helper()
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			list, err = people.Team(ctx, tx, v, projects, named...)
			return err
		})
		return list
	}
	if got := team([]uuid.UUID{s.Kitchen}); !slices.Equal(got, []uuid.UUID{s.Olive}) {
		t.Errorf("a project without a team is the owners': %v", got)
	}
	if got := team(nil, s.Max); !slices.Equal(got, []uuid.UUID{s.Max}) {
		t.Errorf("whoever is named hears of it alone: %v", got)
	}
	s.Do(t, "insert into project_member (firm_id, project_id, person_id) values (?, ?, ?)", s.Firm, s.Kitchen, s.Max)
	if got := team([]uuid.UUID{s.Kitchen, s.Shed}); !slices.Equal(got, []uuid.UUID{s.Max}) {
		t.Errorf("the team of one of the projects: %v", got)
	}
	s.Do(t, "update staff set disabled_at = now() where person_id = ?", s.Max)
	if got := team([]uuid.UUID{s.Kitchen}, s.Max); !slices.Equal(got, []uuid.UUID{s.Olive}) {
		t.Errorf("a team that has left leaves it to the owners: %v", got)
	}
	err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := people.StaffMailbox(ctx, tx, v, s.Max)
		return err
	})
	if !fault.Is(err, fault.Missing) {
		t.Errorf("whoever has left gets mails: %v", err)
	}
	s.Do(t, "update contact set bounced_at = now() where id = ?", s.Ana)
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		m, err := people.ContactMailbox(ctx, tx, v, s.Ana)
		if m.Email != "" || m.PersonID != s.AnaPerson || m.FirstName() != "Ana" || !m.Invited() {
			t.Errorf("mails to Ana come back: %+v", m)
		}
		return err
	})
}
