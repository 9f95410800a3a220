package portaltest

import (
	"context"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/db"
)

// Person is somebody of the firm who may sign in.
type Person struct {
	ID          uuid.UUID
	Name, Email string
	Office      bool
	ContactID   uuid.UUID // portal: the first contact that the person is
	ClientID    uuid.UUID
}

// Person finds somebody by first name, by the beginning of the address, or by the address.
func (s *Site) Person(who string) Person {
	s.t.Helper()
	var found []Person
	must(s.t, s.owner.NewRaw(`
		select p.id, p.name, p.email, st.person_id is not null as office,
			coalesce(ct.id, ?2) as contact_id, coalesce(ct.client_id, ?2) as client_id
		from person p
		join firm f on f.firm_id = p.firm_id and f.key = ?0
		left join staff st on st.firm_id = p.firm_id and st.person_id = p.id and st.disabled_at is null
		left join lateral (
			select c.id, c.client_id from contact c
			where c.firm_id = p.firm_id and c.person_id = p.id and c.access = 'portal' and c.archived_at is null
			order by c.created_at, c.id limit 1) ct on true
		where p.email = ?1 or lower(split_part(p.name, ' ', 1)) = ?1 or split_part(split_part(p.email, '@', 1), '.', 1) = ?1
		order by p.created_at, p.id`, s.key, strings.ToLower(who), uuid.Nil).Scan(s.t.Context(), &found))
	if len(found) == 0 {
		s.t.Fatalf("nobody at %s is called %s", s.key, who)
	}
	return found[0]
}

// As gives a browser in which somebody is signed in. It takes the short way: the session is begun as the front door
// begins it, with a second factor for staff. SignInByMail takes the long way.
func (s *Site) As(who string) *Browser {
	s.t.Helper()
	b := s.Browser()
	b.who = who
	b.SetSession(s.Session(who))
	return b
}

// Session begins a session and gives its token.
func (s *Site) Session(who string) string {
	s.t.Helper()
	p := s.Person(who)
	firm := s.FirmID()
	n := auth.NewSession{Firm: firm, Person: p.ID, Factors: 1, IP: "127.0.0.1", Agent: "portaltest"}
	if p.Office {
		n.Factors = 2
	} else {
		n.Contact = p.ContactID
	}
	return s.begin(n)
}

// SessionOf begins a portal session for a certain contact of somebody who is several.
func (s *Site) SessionOf(who string, contact uuid.UUID) string {
	s.t.Helper()
	return s.begin(auth.NewSession{Firm: s.FirmID(), Person: s.Person(who).ID, Contact: contact, Factors: 1, IP: "127.0.0.1", Agent: "portaltest"})
}

func (s *Site) begin(n auth.NewSession) (token string) {
	s.t.Helper()
	err := db.InTx(s.t.Context(), s.Pool, n.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		token, err = auth.Start(ctx, tx, n)
		return err
	})
	must(s.t, err)
	return token
}

// Browser gives one in which nobody is signed in.
func (s *Site) Browser() *Browser {
	s.t.Helper()
	jar := must1(cookiejar.New(nil))
	home := must1(url.Parse(s.URL() + "/"))
	return &Browser{t: s.t, site: s, tab: &tab{jar: jar, url: home}}
}

// Stranger is somebody who has never been here.
func (s *Site) Stranger() *Browser { return s.Browser() }

// Both plays the same journey twice, each time from where the house stands now: with plain forms and links, and as htmx
// does it.
func (s *Site) Both(t *testing.T, who string, journey func(t *testing.T, b *Browser)) {
	t.Helper()
	back := s.Snapshot(t)
	for i, mode := range []string{"plain", "htmx"} {
		if i > 0 {
			back()
		}
		t.Run(mode, func(t *testing.T) {
			var b *Browser
			if who == "" {
				b = s.Stranger()
			} else {
				b = s.As(who)
			}
			b.t, b.htmx = t, mode == "htmx"
			journey(t, b)
		})
	}
	s.Rest()
}

// SignInByMail asks for a link and uses it, as a person does.
func (s *Site) SignInByMail(who string) *Browser {
	s.t.Helper()
	email := who
	if !strings.Contains(who, "@") {
		email = s.Person(who).Email
	}
	b := s.Browser()
	b.who = who
	b.Open("/sign-in").Fill("Email", email).Press("Email me a link")
	return b.OpenMailed(s.MailTo(email))
}
