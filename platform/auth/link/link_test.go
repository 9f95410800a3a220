package link_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/authtest"
	"portico/platform/auth/link"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/secret"
)

func TestMain(m *testing.M) { os.Exit(authtest.Main(m)) }

// door is the story with short names for what a visitor does.
type door struct {
	authtest.Story
	t testing.TB
}

func open(t testing.TB) door { return door{authtest.New(t), t} }

// mail issues a link to Ana, as the job of a mail does.
func (d door) mail(purpose link.Purpose, outbox uuid.UUID) (token, code string) {
	d.t.Helper()
	n := link.New{
		Firm: d.Firm, Purpose: purpose, Outbox: outbox, Person: d.AnaPerson, SentTo: authtest.AnaEmail,
		NonceHash: secret.Hash("nonce " + outbox.String()), ReturnTo: "/portal/all/billing",
	}
	if purpose == link.Invite {
		n.Contact = d.Ana
	}
	authtest.In(d.t, d.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		token, code, err = link.Issue(ctx, tx, authtest.Key, n)
		return err
	})
	return token, code
}

func (d door) peek(token string) (l link.Landing) {
	d.t.Helper()
	authtest.In(d.t, d.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		l, err = link.Peek(ctx, tx, d.Firm, token)
		return err
	})
	return l
}

func (d door) use(token string) (l link.Landing) {
	d.t.Helper()
	authtest.In(d.t, d.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		l, err = link.Use(ctx, tx, d.Firm, token)
		return err
	})
	return l
}

func (d door) typeCode(typed link.Typed) (l link.Landing) {
	d.t.Helper()
	authtest.In(d.t, d.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		l, err = link.UseCode(ctx, tx, authtest.Key, d.Firm, typed)
		return err
	})
	return l
}

func (d door) sees(token string, want link.State) {
	d.t.Helper()
	if got := d.peek(token); got.State != want {
		d.t.Errorf("looks %s, want %s", got.State, want)
	}
	if got := d.use(token); got.State != want {
		d.t.Errorf("used: %s, want %s", got.State, want)
	}
}

func TestScannersLookAndAHumanSignsIn(t *testing.T) {
	d := open(t)
	token, _ := d.mail(link.SignIn, id.New())
	for range 6 {
		if l := d.peek(token); l.State != link.Live || l.Name != "Ana Hart" || l.ReturnTo != "/portal/all/billing" {
			t.Fatalf("%+v", l)
		}
	}
	l := d.use(token)
	n := l.Session(d.Firm)
	if l.State != link.Live || n == nil || n.Person != d.AnaPerson || n.Contact != d.Ana {
		t.Fatalf("%+v", l)
	}
	d.sees(token, link.Used)
}

func TestFiftyUsesAtOnceAreOne(t *testing.T) {
	d := open(t)
	token, _ := d.mail(link.SignIn, id.New())
	states := make([]link.State, 50)
	var wg sync.WaitGroup
	for i := range states {
		wg.Go(func() {
			err := authtest.Try(t, d.Firm, func(ctx context.Context, tx bun.Tx) error {
				l, err := link.Use(ctx, tx, d.Firm, token)
				if states[i] = l.State; err != nil || l.State != link.Live {
					return err
				}
				_, err = auth.Start(ctx, tx, *l.Session(d.Firm))
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	live := 0
	for _, s := range states {
		if s == link.Live {
			live++
		} else if s != link.Used {
			t.Errorf("a late one saw %s", s)
		}
	}
	if n := d.Int(t, "select count(*) from session where firm_id = ?", d.Firm); live != 1 || n != 1 {
		t.Errorf("%d uses, %d sessions", live, n)
	}
}

func TestEveryStateOfALink(t *testing.T) {
	for _, c := range []struct {
		name    string
		purpose link.Purpose
		harm    string
		want    link.State
	}{
		{"past its time", link.SignIn, "update link set expires_at = now() - interval '1 second' where firm_id = ?", link.Old},
		{"withdrawn", link.Invite, "update link set ended_at = now() where firm_id = ?", link.Ended},
		{"the person has another address", link.SignIn, "update person set email = 'new@hart.example' where firm_id = ? and name = 'Ana Hart'", link.AddressChanged},
		{"the contact is another person", link.Invite, "update contact set person_id = null where firm_id = ?", link.AddressChanged},
		{"contact disabled", link.Invite, "update contact set disabled_at = now() where firm_id = ?", link.AccessOff},
		{"contact disabled, link names none", link.SignIn, "update contact set disabled_at = now() where firm_id = ?", link.AccessOff},
		{"no portal access", link.SignIn, "update contact set access = 'none' where firm_id = ?", link.AccessOff},
		{"client archived", link.SignIn, "update client set archived_at = now() where firm_id = ?", link.AccessOff},
		{"firm's portal off", link.Invite, "update firm set portal_on = false where firm_id = ?", link.PortalOff},
		{"client's portal off", link.SignIn, "update client set portal_on = false where firm_id = ?", link.PortalOff},
		{"portal off matters more than age", link.SignIn, "update link set expires_at = now() - interval '1 day' where firm_id = ?0; update firm set portal_on = false where firm_id = ?0", link.PortalOff},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := open(t)
			token, _ := d.mail(c.purpose, id.New())
			d.Do(t, c.harm, d.Firm)
			d.sees(token, c.want)
			if n := d.Int(t, "select count(*) from link where firm_id = ? and used_at is not null", d.Firm); n != 0 {
				t.Error("a link that does not work was used up")
			}
		})
	}
	d := open(t)
	d.sees("made-up", link.Unknown)
	token, _ := d.mail(link.SignIn, id.New())
	open(t).sees(token, link.Unknown) // another firm
}

func TestLinksLiveAsLongAsPromised(t *testing.T) {
	d := open(t)
	for purpose, life := range map[link.Purpose]time.Duration{link.SignIn: 15 * time.Minute, link.Invite: 7 * 24 * time.Hour} {
		token, _ := d.mail(purpose, id.New())
		if left := time.Until(d.peek(token).ExpiresAt); left > life || left < life-time.Minute {
			t.Errorf("%s lives %v", purpose, left)
		}
	}
}

func TestAMailJobThatRunsTwiceMailsTheSame(t *testing.T) {
	d := open(t)
	outbox := id.New()
	token, code := d.mail(link.SignIn, outbox)
	d.Do(t, "update link set expires_at = now() - interval '1 second' where firm_id = ?", d.Firm)
	again, codeAgain := d.mail(link.SignIn, outbox)
	if again != token || codeAgain != code || len(token) != 43 || len(code) != 9 || d.peek(token).State != link.Live {
		t.Errorf("%s %s, then %s %s: %s", token, code, again, codeAgain, d.peek(token).State)
	}
	d.use(token)
	d.mail(link.SignIn, outbox)
	d.sees(token, link.Used)
}

func TestANewLinkEndsTheOlderOnes(t *testing.T) {
	d := open(t)
	first, second := id.New(), id.New()
	invite, _ := d.mail(link.Invite, id.New())
	one, oneCode := d.mail(link.SignIn, first)
	two, _ := d.mail(link.SignIn, second)
	if d.peek(one).State != link.Ended || d.peek(two).State != link.Live || d.peek(invite).State != link.Live {
		t.Error("want the older sign-in ended, and only that")
	}
	if l := d.typeCode(link.Typed{Code: oneCode, Email: authtest.AnaEmail}); l.State != link.WrongCode {
		t.Errorf("the older one's code: %s", l.State)
	}
	d.mail(link.SignIn, first) // a late retry of the older mail
	d.sees(one, link.Ended)
	if d.peek(two).State != link.Live {
		t.Error("the late retry ended the newer link")
	}
	// and a late job whose link has never been stored is born ended
	three := id.New()
	d.mail(link.SignIn, id.New())
	token, _ := d.mail(link.SignIn, three)
	d.sees(token, link.Ended)
}

func TestLinksMayLastAWeek(t *testing.T) {
	d := open(t)
	d.Do(t, "update firm set links_last = true where firm_id = ?", d.Firm)
	token, _ := d.mail(link.SignIn, id.New())
	if l := d.use(token); l.Session(d.Firm).Unproved {
		t.Error("a fresh link proves nothing")
	}
	if l := d.use(token); !l.Session(d.Firm).Unproved {
		t.Error("used again, it passes for fresh proof: it would open what asks for a step-up")
	}
	d.Do(t, "update link set expires_at = now() - interval '6 days', created_at = now() - interval '6 days', used_at = null where firm_id = ?", d.Firm)
	d.sees(token, link.Live)
	if l := d.peek(token); !l.Session(d.Firm).Unproved {
		t.Error("a link of last week passes for fresh proof")
	}
	authtest.In(t, d.Firm, func(ctx context.Context, tx bun.Tx) error { return auth.EndAll(ctx, tx, d.Firm, d.AnaPerson, nil) })
	d.sees(token, link.Ended)
	token, _ = d.mail(link.SignIn, id.New())
	d.Do(t, "update link set created_at = now() - interval '8 days', expires_at = now() - interval '8 days' where firm_id = ?", d.Firm)
	d.sees(token, link.Old)
}

func TestAnInvitationIsAcceptedByUsingIt(t *testing.T) {
	d := open(t)
	token, _ := d.mail(link.Invite, id.New())
	d.peek(token)
	accepted := "select count(*) from contact where firm_id = ? and accepted_at is not null and opened_at is not null"
	if d.Int(t, accepted, d.Firm) != 0 {
		t.Error("accepted by looking")
	}
	d.use(token)
	if d.Int(t, accepted, d.Firm) != 1 {
		t.Error("not accepted")
	}
}

func TestTheTypedCode(t *testing.T) {
	d := open(t)
	outbox := id.New()
	token, code := d.mail(link.SignIn, outbox)
	d.use(token) // a scanner has pressed the button
	sloppy := " " + strings.ToLower(strings.ReplaceAll(code, "-", " – ")) + "\n"
	l := d.typeCode(link.Typed{Code: sloppy, Email: " ANA@hart.example"})
	if l.State != link.Live || l.Session(d.Firm) == nil || l.ReturnTo != "/portal/all/billing" {
		t.Fatalf("%+v", l)
	}
	if l := d.typeCode(link.Typed{Code: code, Email: authtest.AnaEmail}); l.State != link.WrongCode || l.Known() {
		t.Errorf("twice: %s", l.State)
	}

	outbox = id.New()
	token, code = d.mail(link.SignIn, outbox)
	if l := d.typeCode(link.Typed{Code: code, NonceHash: secret.Hash("nonce " + outbox.String())}); l.State != link.Live {
		t.Errorf("in the browser that asked: %s", l.State)
	}
	d.sees(token, link.Used) // with its code

	_, code = d.mail(link.SignIn, id.New())
	for name, typed := range map[string]link.Typed{
		"nobody": {Code: code}, "stranger": {Code: code, Email: "x@y.example"}, "other browser": {Code: code, NonceHash: secret.Hash("x")},
		"somebody else": {Code: code, Email: "olive@oak.example"},
	} {
		if l := d.typeCode(typed); l.State != link.WrongCode || l.Name != "" {
			t.Errorf("%s: %+v", name, l)
		}
	}
	d.Do(t, "update link set expires_at = now() - interval '1 second' where firm_id = ?", d.Firm)
	if l := d.typeCode(link.Typed{Code: code, Email: authtest.AnaEmail}); l.State != link.WrongCode {
		t.Errorf("old: %s", l.State)
	}
}

func TestFiveWrongCodesBurnIt(t *testing.T) {
	d := open(t)
	token, code := d.mail(link.SignIn, id.New())
	d.typeCode(link.Typed{Code: "slip", Email: authtest.AnaEmail}) // cannot be a code, costs nothing
	for range link.MaxTries {
		if l := d.typeCode(link.Typed{Code: "2222-2222", Email: authtest.AnaEmail}); l.State != link.WrongCode {
			t.Fatal(l.State)
		}
	}
	if l := d.typeCode(link.Typed{Code: code, Email: authtest.AnaEmail}); l.State != link.WrongCode {
		t.Errorf("burned: %s", l.State)
	}
	if l := d.use(token); l.State != link.Live {
		t.Errorf("whoever guesses codes must not spoil the link: %s", l.State)
	}
}

func TestOneCodeTypedTwiceAtOnce(t *testing.T) {
	d := open(t)
	_, code := d.mail(link.SignIn, id.New())
	var wg sync.WaitGroup
	states := make([]link.State, 4)
	for i := range states {
		wg.Go(func() { states[i] = d.typeCode(link.Typed{Code: code, Email: authtest.AnaEmail}).State })
	}
	wg.Wait()
	slices.Sort(states)
	if states[0] != link.Live || states[1] != link.WrongCode {
		t.Errorf("%v", states)
	}
}

func TestRevokedLinksDoNotWork(t *testing.T) {
	d := open(t)
	invite, code := d.mail(link.Invite, id.New())
	signIn, _ := d.mail(link.SignIn, id.New())
	authtest.In(t, d.Firm, func(ctx context.Context, tx bun.Tx) error { return link.RevokeFor(ctx, tx, d.Firm, d.Ana) })
	d.sees(invite, link.Ended)
	if l := d.typeCode(link.Typed{Code: code, Email: authtest.AnaEmail}); l.State != link.WrongCode {
		t.Errorf("code: %s", l.State)
	}
	if l := d.peek(signIn); l.State != link.Live {
		t.Errorf("the person's own: %s", l.State)
	}
	authtest.In(t, d.Firm, func(ctx context.Context, tx bun.Tx) error { return link.RevokeForPerson(ctx, tx, d.Firm, d.AnaPerson) })
	d.sees(signIn, link.Ended)
}

func TestWhoGetsALink(t *testing.T) {
	d := open(t)
	who := func(typed string) (r link.Recipient, ok bool) {
		authtest.In(t, d.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			r, ok, err = link.WhoFor(ctx, tx, d.Firm, typed)
			return err
		})
		return r, ok
	}
	d.mail(link.SignIn, id.New())
	d.mail(link.Invite, id.New())
	if r, ok := who(" Ana@HART.example"); !ok || r.PersonID != d.AnaPerson || len(r.Identities) != 1 || r.LastHour != 2 {
		t.Errorf("%+v %v", r, ok)
	}
	if r, ok := who("olive@oak.example"); !ok || r.Identities[0].Side != auth.Office || r.LastHour != 0 {
		t.Errorf("%+v %v", r, ok)
	}
	d.Do(t, "update contact set disabled_at = now() where firm_id = ?", d.Firm)
	for _, nobody := range []string{"", "x", "x@y.example", authtest.AnaEmail} {
		if r, ok := who(nobody); ok {
			t.Errorf("%q: %+v", nobody, r)
		}
	}
}

func TestHandoverIntoAnotherFirm(t *testing.T) {
	here, there := open(t), open(t)
	_, v := here.Viewer(t, here.AnaPerson, here.Ana)
	to := auth.Elsewhere{FirmID: there.Firm, PersonID: there.AnaPerson}
	issue := func(from auth.Viewer) (token string, err error) {
		err = authtest.Try(t, there.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			token, err = link.IssueHandover(ctx, tx, from, to, "/portal/all")
			return err
		})
		return token, err
	}
	token, err := issue(v)
	if err != nil {
		t.Fatal(err)
	}
	here.sees(token, link.Unknown)
	if left := time.Until(there.peek(token).ExpiresAt); left > time.Minute {
		t.Errorf("lives %v", left)
	}
	if l := there.use(token); l.State != link.Live || l.Session(there.Firm).Person != there.AnaPerson || l.Session(there.Firm).Factors > 1 {
		t.Errorf("%+v", l)
	}
	there.sees(token, link.Used)

	stranger := v
	stranger.Email = "x@y.example"
	if _, err := issue(stranger); !fault.Is(err, fault.Missing) {
		t.Errorf("an address that is not there: %v", err)
	}
	half := v
	half.Session.Duty = auth.SecondFactor
	for _, who := range []auth.Viewer{{}, half} {
		if _, err := issue(who); !fault.Is(err, fault.SignInNeeded) {
			t.Errorf("not wholly signed in: %v", err)
		}
	}
}

func TestAnAddressChangesWhenBothHaveConfirmed(t *testing.T) {
	const next = "ana@new.example"
	change := func(d door) (toOld, toNew string, err error) {
		c := link.NewAddress{Firm: d.Firm, Person: d.AnaPerson, From: authtest.AnaEmail, To: next, ToOld: id.New(), ToNew: id.New()}
		err = authtest.Try(t, d.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			toOld, toNew, err = link.IssueChange(ctx, tx, authtest.Key, c)
			return err
		})
		return toOld, toNew, err
	}
	emails := func(d door) int {
		return d.Int(t, `
			select (select count(*) from person where firm_id = ?0 and email = ?1)
				+ (select count(*) from contact where firm_id = ?0 and email = ?1)`, d.Firm, next)
	}
	for _, oldFirst := range []bool{true, false} {
		d := open(t)
		first, second, err := change(d)
		if err != nil {
			t.Fatal(err)
		}
		if !oldFirst {
			first, second = second, first
		}
		if l := d.use(first); l.State != link.Live || l.EmailChanged || l.NewEmail != next || l.Session(d.Firm) != nil || emails(d) != 0 {
			t.Errorf("one of two: %+v", l)
		}
		d.sees(first, link.Used)
		if l := d.use(second); l.State != link.Live || !l.EmailChanged || emails(d) != 2 {
			t.Errorf("both: %+v, %d rows", l, emails(d))
		}
	}

	d := open(t)
	d.Do(t, "insert into person (firm_id, id, email, name) values (?, ?, ?, 'Other')", d.Firm, id.New(), next)
	if _, _, err := change(d); !fault.Is(err, fault.Clash) {
		t.Errorf("taken: %v", err)
	}

	d = open(t)
	one, _, _ := change(d)
	if _, _, err := change(d); err != nil {
		t.Fatal(err)
	}
	d.sees(one, link.Ended)
}

func TestTheBrowserThatAsked(t *testing.T) {
	d := open(t)
	outbox := id.New()
	token, _ := d.mail(link.SignIn, outbox)
	l := d.peek(token)
	if !l.SameBrowser(secret.Hash("nonce "+outbox.String())) || l.SameBrowser(nil) || l.SameBrowser(secret.Hash("x")) || (link.Landing{}).SameBrowser(nil) {
		t.Error("only the browser that asked may press the button by itself")
	}
}
