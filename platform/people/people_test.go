package people_test

import (
	"context"
	"os"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/auth/authtest"
	"portico/platform/auth/link"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/people"
)

func TestMain(m *testing.M) { os.Exit(authtest.Main(m)) }

type change = func(ctx context.Context, tx bun.Tx) error

func TestOnePersonAnAddress(t *testing.T) {
	s := authtest.New(t)
	var made, again people.Person
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		if made, err = people.Ensure(ctx, tx, s.Firm, " Bo   Birch ", " Bo@Birch.example"); err != nil {
			return err
		}
		again, err = people.Ensure(ctx, tx, s.Firm, "Somebody", "bo@birch.example")
		return err
	})
	if made != again || made.Name != "Bo Birch" || made.Email != "bo@birch.example" {
		t.Errorf("%+v, %+v", made, again)
	}
	for _, bad := range [][2]string{{"", "bo@birch.example"}, {"Bo", "bo"}, {"Bo", ""}} {
		err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
			_, err := people.Ensure(ctx, tx, s.Firm, bad[0], bad[1])
			return err
		})
		if !fault.Is(err, fault.Bad) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	other := authtest.New(t)
	err := authtest.Try(t, other.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := people.Find(ctx, tx, other.Firm, made.ID)
		return err
	})
	if !fault.Is(err, fault.Missing) {
		t.Errorf("in another firm: %v", err)
	}
	v := s.AnaViewer()
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		if err := people.SaveOwn(ctx, tx, v, people.Own{Name: "Ana H.", Locale: "es", Zone: "Europe/Madrid", Theme: "dark"}); err != nil {
			return err
		}
		if err := people.SaveOwn(ctx, tx, v, people.Own{Name: "Ana", Zone: "x", Theme: "y"}); !fault.Is(err, fault.Bad) {
			t.Errorf("bad zone: %v", err)
		}
		if err := people.SetPhoto(ctx, tx, s.Firm, v.PersonID, id.New()); err != nil {
			return err
		}
		p, err := people.Find(ctx, tx, s.Firm, v.PersonID)
		if p.Name != "Ana H." || p.Zone != "Europe/Madrid" || p.Theme != "dark" || p.PhotoID == uuid.Nil {
			t.Errorf("%+v", p)
		}
		return err
	})
}

func TestWhoChangesTheStaff(t *testing.T) {
	s := authtest.New(t)
	owner, member := s.Office(s.Olive, access.Owner), s.Office(s.Max, access.Member)
	admin := s.Office(id.New(), access.Admin)
	add := func(v auth.Viewer, role access.Role, email string) (made people.Staff, err error) {
		err = authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			made, err = people.AddStaff(ctx, tx, v, people.NewStaff{Name: "Nina New", Email: email, Role: role})
			return err
		})
		return made, err
	}
	for _, c := range []struct {
		name string
		v    auth.Viewer
		role access.Role
		fine bool
	}{
		{"owner adds an owner", owner, access.Owner, true}, {"owner adds a member", owner, access.NoRole, true},
		{"admin adds an admin", admin, access.Admin, true}, {"admin adds an owner", admin, access.Owner, false},
		{"member adds a member", member, access.Member, false}, {"client adds a member", s.AnaViewer(), access.Member, false},
		{"the operator adds an owner", auth.System(s.Firm), access.Owner, true}, {"a role of fancy", owner, "boss", false},
	} {
		made, err := add(c.v, c.role, id.New().String()+"@oak.example")
		if (err == nil) != c.fine || c.fine && (!made.Active() || made.Role == access.NoRole) {
			t.Errorf("%s: %+v %v", c.name, made, err)
		}
	}
	if _, err := add(owner, access.Member, "max@oak.example"); !fault.Is(err, fault.Bad) {
		t.Errorf("twice: %v", err)
	}
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		all, err := people.ListStaff(ctx, tx, owner)
		if len(all) != 6 {
			t.Errorf("%d staff", len(all))
		}
		if err := people.SaveStaff(ctx, tx, member, s.Max, people.StaffDetails{Name: "Max M.", Title: "Foreman", ShowPhone: true}); err != nil {
			return err
		}
		if err := people.SaveStaff(ctx, tx, member, s.Olive, people.StaffDetails{Name: "O"}); !fault.Is(err, fault.Denied) {
			t.Errorf("another's details: %v", err)
		}
		max, _ := people.FindStaff(ctx, tx, owner, s.Max)
		if max.Name != "Max M." || max.Title != "Foreman" || !max.ShowPhone || max.ShowEmail {
			t.Errorf("%+v", max)
		}
		return err
	})
}

func TestAFirmKeepsAnOwner(t *testing.T) {
	s := authtest.New(t)
	owner := s.Office(s.Olive, access.Owner)
	do := func(fn change) error { return authtest.Try(t, s.Firm, fn) }
	role := func(v auth.Viewer, person uuid.UUID, r access.Role) change {
		return func(ctx context.Context, tx bun.Tx) error { return people.SetRole(ctx, tx, v, person, r) }
	}
	disable := func(v auth.Viewer, person uuid.UUID) change {
		return func(ctx context.Context, tx bun.Tx) error { return people.DisableStaff(ctx, tx, v, person) }
	}
	for name, fn := range map[string]change{
		"demote the last owner": role(owner, s.Olive, access.Admin), "disable the last owner": disable(owner, s.Olive),
		"the operator does": disable(auth.System(s.Firm), s.Olive),
	} {
		if err := do(fn); !fault.Is(err, fault.Clash) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := do(role(s.Office(s.Max, access.Member), s.Max, access.Owner)); !fault.Is(err, fault.Denied) {
		t.Errorf("a member makes himself owner: %v", err)
	}
	if err := do(role(s.Office(s.Max, access.Admin), s.Olive, access.Member)); !fault.Is(err, fault.Denied) {
		t.Errorf("an admin demotes an owner: %v", err)
	}
	if err := do(role(owner, s.AnaPerson, access.Admin)); !fault.Is(err, fault.Missing) {
		t.Errorf("a client gets a role: %v", err)
	}

	// two owners demote each other at once: one of them stays
	if err := do(role(owner, s.Max, access.Owner)); err != nil {
		t.Fatal(err)
	}
	errs := make([]error, 2)
	var wg sync.WaitGroup
	for i, pair := range [][2]uuid.UUID{{s.Olive, s.Max}, {s.Max, s.Olive}} {
		wg.Go(func() { errs[i] = do(role(s.Office(pair[0], access.Owner), pair[1], access.Member)) })
	}
	wg.Wait()
	if n := s.Int(t, "select count(*) from staff where firm_id = ? and role = 'owner' and disabled_at is null", s.Firm); n != 1 {
		t.Errorf("%d owners left: %v", n, errs)
	}
}

func TestDisabledStaffAreOutAtOnce(t *testing.T) {
	s := authtest.New(t)
	owner := s.Office(s.Olive, access.Owner)
	mine := id.New()
	s.Contact(t, mine, s.Birch, s.Max, "max@oak.example") // Max is a client as well
	office, _ := s.Viewer(t, s.Max, uuid.Nil)
	portal, _ := s.Viewer(t, s.Max, mine)
	token := issue(t, s, link.New{Firm: s.Firm, Purpose: link.SignIn, Outbox: id.New(), Person: s.Max, SentTo: "max@oak.example"})
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return people.DisableStaff(ctx, tx, owner, s.Max) })
	if s.Load(t, office).SignedIn() || !s.Load(t, portal).SignedIn() {
		t.Error("want the office closed and the portal open")
	}
	if state := peek(t, s, token); state != link.Ended {
		t.Errorf("the link: %s", state)
	}
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return people.EnableStaff(ctx, tx, owner, s.Max) })
	if s.Load(t, office).SignedIn() {
		t.Error("enabling woke an ended session")
	}
	office, _ = s.Viewer(t, s.Max, uuid.Nil)
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return people.SetRole(ctx, tx, owner, s.Max, access.Admin) })
	if s.Load(t, office).SignedIn() {
		t.Error("a changed role kept the session")
	}
	err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		return people.DisableStaff(ctx, tx, s.Office(s.Max, access.Admin), s.Max)
	})
	if !fault.Is(err, fault.Clash) {
		t.Errorf("an admin locks himself out: %v", err)
	}
}

func TestDisabledContactsAreOutAtOnce(t *testing.T) {
	for name, shut := range map[string]func(context.Context, bun.IDB, auth.Viewer, uuid.UUID) error{
		"disable": people.DisableContact, "withdraw": people.Withdraw, "archive": people.ArchiveContact,
	} {
		t.Run(name, func(t *testing.T) {
			s := authtest.New(t)
			owner := s.Office(s.Olive, access.Owner)
			birch := id.New()
			s.Contact(t, birch, s.Birch, s.AnaPerson, authtest.AnaEmail)
			harts, _ := s.Viewer(t, s.AnaPerson, s.Ana)
			other, _ := s.Viewer(t, s.AnaPerson, birch)
			invite := issue(t, s, link.New{Firm: s.Firm, Purpose: link.Invite, Outbox: id.New(), Person: s.AnaPerson, Contact: s.Ana, SentTo: authtest.AnaEmail})
			authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return shut(ctx, tx, owner, s.Ana) })
			if s.Load(t, harts).SignedIn() || !s.Load(t, other).SignedIn() {
				t.Error("want the Harts closed and the Birches open")
			}
			if state := peek(t, s, invite); state != link.AccessOff {
				t.Errorf("the invitation: %s", state)
			}
			err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
				_, err := auth.Start(ctx, tx, auth.NewSession{Firm: s.Firm, Person: s.AnaPerson, Contact: s.Ana})
				return err
			})
			if !fault.Is(err, fault.Denied) {
				t.Errorf("signs in again: %v", err)
			}
			if name != "disable" {
				return
			}
			authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return people.EnableContact(ctx, tx, owner, s.Ana) })
			if s.Load(t, harts).SignedIn() || peek(t, s, invite) != link.Ended {
				t.Error("enabling woke what had ended")
			}
			s.Viewer(t, s.AnaPerson, s.Ana)
		})
	}
	s, other := authtest.New(t), authtest.New(t)
	err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		return people.DisableContact(ctx, tx, s.Office(s.Olive, access.Owner), other.Ana)
	})
	if !fault.Is(err, fault.Missing) {
		t.Errorf("another firm's contact: %v", err)
	}
}

func TestGrantingAccess(t *testing.T) {
	s := authtest.New(t)
	owner := s.Office(s.Olive, access.Owner)
	contact, mute := id.New(), id.New()
	s.Do(t, `insert into contact (firm_id, id, client_id, name, email) values (?0, ?1, ?3, 'Hal Hart', 'hal@hart.example'), (?0, ?2, ?3, 'Mute', '')`,
		s.Firm, contact, mute, s.Harts)
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		p, err := people.Grant(ctx, tx, owner, contact)
		if p.Name != "Hal Hart" || p.Email != "hal@hart.example" {
			t.Errorf("%+v", p)
		}
		return err
	})
	enter := func() error {
		return authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
			p, err := people.ByEmail(ctx, tx, s.Firm, "hal@hart.example")
			if err == nil {
				_, err = auth.Start(ctx, tx, auth.NewSession{Firm: s.Firm, Person: p.ID, Contact: contact})
			}
			return err
		})
	}
	if enter() == nil {
		t.Error("somebody whom nobody has invited comes in")
	}
	s.Do(t, "update contact set invited_at = now() where firm_id = ? and id = ?", s.Firm, contact)
	if err := enter(); err != nil {
		t.Error(err)
	}
	s.Do(t, "update contact set disabled_at = now() where firm_id = ? and id = ?", s.Firm, contact)
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := people.Grant(ctx, tx, owner, contact)
		return err
	})
	if enter() == nil {
		t.Error("granting the access again enables who was disabled")
	}
	for who, kind := range map[uuid.UUID]fault.Kind{mute: fault.Bad, id.New(): fault.Missing} {
		err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { _, err := people.Grant(ctx, tx, owner, who); return err })
		if !fault.Is(err, kind) {
			t.Errorf("%v", err)
		}
	}
}

func TestANewAddressIsANewPerson(t *testing.T) {
	s := authtest.New(t)
	owner := s.Office(s.Olive, access.Owner)
	token, _ := s.Viewer(t, s.AnaPerson, s.Ana)
	invite := issue(t, s, link.New{Firm: s.Firm, Purpose: link.Invite, Outbox: id.New(), Person: s.AnaPerson, Contact: s.Ana, SentTo: authtest.AnaEmail})
	readdress := func(to string) (moved bool, err error) {
		err = authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			moved, err = people.ReaddressContact(ctx, tx, owner, s.Ana, to)
			return err
		})
		return moved, err
	}
	if moved, err := readdress(" ANA@hart.example"); moved || err != nil {
		t.Error(moved, err)
	}
	if _, err := readdress(""); !fault.Is(err, fault.Bad) {
		t.Errorf("a portal user without address: %v", err)
	}
	if moved, err := readdress("ana@new.example"); !moved || err != nil {
		t.Fatal(moved, err)
	}
	if s.Load(t, token).SignedIn() || peek(t, s, invite) != link.AddressChanged {
		t.Error("who reads the old mailbox still comes in")
	}

	// staff whose address another changes lose what proved the old one
	office, _ := s.Viewer(t, s.Max, uuid.Nil)
	s.Do(t, "update person set password_hash = 'x', totp_at = now(), totp_secret = 'x' where firm_id = ? and id = ?", s.Firm, s.Max)
	move := func(to string) error {
		return authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return people.ReaddressStaff(ctx, tx, owner, s.Max, to) })
	}
	if err := move("olive@oak.example"); !fault.Is(err, fault.Bad) {
		t.Errorf("taken: %v", err)
	}
	if err := move("max@new.example"); err != nil {
		t.Fatal(err)
	}
	left := s.Int(t, "select count(*) from person where firm_id = ? and id = ? and (password_hash <> '' or totp_at is not null)", s.Firm, s.Max)
	if s.Load(t, office).SignedIn() || left != 0 {
		t.Error("old factors prove a new address")
	}
	s.Do(t, "update person set totp_at = now(), password_hash = 'x' where firm_id = ? and id = ?", s.Firm, s.Max)
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return people.ResetFactors(ctx, tx, owner, s.Max) })
	if n := s.Int(t, "select count(*) from person where firm_id = ? and id = ? and totp_at is null and password_hash = 'x'", s.Firm, s.Max); n != 1 {
		t.Error("factors not reset, or the password too")
	}
}

func issue(t *testing.T, s authtest.Story, n link.New) (token string) {
	t.Helper()
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		token, _, err = link.Issue(ctx, tx, authtest.Key, n)
		return err
	})
	return token
}

func peek(t *testing.T, s authtest.Story, token string) link.State {
	t.Helper()
	var l link.Landing
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		l, err = link.Peek(ctx, tx, s.Firm, token)
		return err
	})
	return l.State
}
