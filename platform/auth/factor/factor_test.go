package factor_test

import (
	"bytes"
	"context"
	"image/png"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/pquerna/otp/totp"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/authtest"
	"portico/platform/auth/factor"
	"portico/platform/fault"
)

func TestMain(m *testing.M) { os.Exit(authtest.Main(m)) }

func TestGuessablePasswordsAreRefused(t *testing.T) {
	own := []string{"Ana Hart", "ana.hart@hartbuild.example", "Oak & Stone"}
	for password, fine := range map[string]bool{
		"short": false, "1234567": false, "": false,
		"password": false, "Password1!": false, "p4ssw0rd": false, "P@ssw0rd123": false, "12345678": false, "qwertyuiop": false,
		"aaaaaaaa": false, "abcabcabc": false, "12341234": false, "87654321": false, "zyxwvuts": false, "1q2w3e4r5t": false,
		"Summer2025!": false, "letmein123": false, "iloveyou": false, "01011990": false, "19900101": false, "dragon!!": false,
		"monkeymonkey": false, "ｐａｓｓｗｏｒｄ": false, "Sunshine2024": false, "qwerty123456": false,
		"AnaHart1": false, "ana.hart": false, "hartbuild1": false, "oak&stone": false,
		"correct horse battery": true, "blue kitchen window": true, "Tr0ub4dor&3x": true, "k7#mQ2vx": true, "пять зелёных ворот": true,
		"ana likes rowing at dawn": true, "8421 Maple gate": true, strings.Repeat("long words ", 18): true, strings.Repeat("x y", 80): false,
	} {
		if err := factor.CheckPassword(password, own...); (err == nil) != fine {
			t.Errorf("%q: %v", password, err)
		} else if err != nil && !fault.Is(err, fault.Bad) {
			t.Errorf("%q: not worded for people: %v", password, err)
		}
	}
}

func TestPasswordSignIn(t *testing.T) {
	s := authtest.New(t)
	ctx := context.Background()
	_, v := s.Viewer(t, s.AnaPerson, s.Ana)
	set := func(v auth.Viewer, password string) {
		hash, err := factor.HashPassword(ctx, password)
		if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
			t.Fatal(hash, err)
		}
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return factor.SetPassword(ctx, tx, v, hash) })
	}
	other, _ := s.Viewer(t, s.AnaPerson, s.Ana)
	set(v, "blue kitchen ﬁve") // a ligature, as some keyboards send it
	if !s.Load(t, other).SignedIn() {
		t.Error("a first password ended another session")
	}
	for _, c := range []struct {
		email, password string
		ok              bool
	}{
		{" ANA@hart.example", "blue kitchen five", true}, {"ana@hart.example", "blue kitchen Five", false},
		{"ana@hart.example", "", false}, {"olive@oak.example", "", false}, {"olive@oak.example", "blue kitchen five", false},
		{"x@y.example", "blue kitchen five", false}, {"", "", false}, {"ana@hart.example", strings.Repeat("a", 100_000), false},
	} {
		person, ok, err := factor.PasswordSignIn(ctx, authtest.Pool, s.Firm, c.email, c.password)
		if err != nil || ok != c.ok || ok != (person == s.AnaPerson) {
			t.Errorf("%s %.20q: %v %v", c.email, c.password, ok, err)
		}
	}
	if _, ok, _ := factor.PasswordSignIn(ctx, authtest.Pool, authtest.New(t).Firm, "ana@hart.example", "blue kitchen five"); ok {
		t.Error("signed in to another firm")
	}
	set(v, "green kitchen six")
	if s.Load(t, other).SignedIn() {
		t.Error("a changed password left another session")
	}

	// a hash of other cost is made anew at the next sign-in
	const weak = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$"
	s.Do(t, "update person set password_hash = ? where firm_id = ? and id = ?", weak+"JdTCTirMhVK/x8P3wPkuXdv6mFNeayeeSGPUOJ/XWp0", s.Firm, s.AnaPerson)
	if _, ok, err := factor.PasswordSignIn(ctx, authtest.Pool, s.Firm, "ana@hart.example", "blue kitchen five"); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if n := s.Int(t, "select count(*) from person where firm_id = ? and password_hash like '%m=19456,t=2%'", s.Firm); n != 1 {
		t.Error("not hashed anew")
	}
}

func TestAnUnknownPersonTakesAsLong(t *testing.T) {
	s := authtest.New(t)
	ctx := context.Background()
	hash, err := factor.HashPassword(ctx, "blue kitchen five")
	if err != nil {
		t.Fatal(err)
	}
	s.Do(t, "update person set password_hash = ? where firm_id = ? and id = ?", hash, s.Firm, s.AnaPerson)
	took := map[string]time.Duration{} // the least, for others may be working, too
	for range 12 {
		for _, email := range []string{"ana@hart.example", "olive@oak.example", "nobody@x.example", "no address"} {
			began := time.Now()
			if _, ok, err := factor.PasswordSignIn(ctx, authtest.Pool, s.Firm, email, "wrong password"); ok || err != nil {
				t.Fatal(ok, err)
			}
			if spent := time.Since(began); took[email] == 0 || spent < took[email] {
				took[email] = spent
			}
		}
	}
	known := took["ana@hart.example"]
	for email, spent := range took {
		if d := (spent - known).Abs(); d > 5*time.Millisecond+known/4 {
			t.Errorf("%s: %v, a known one %v", email, spent, known)
		}
	}
	t.Log("a wrong password takes", known)
}

func TestHashingWaitsNoLongerThanItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	var wg sync.WaitGroup
	busy := make(chan bool, 40)
	for range 40 {
		wg.Go(func() { _, _, err := factor.MatchPassword(ctx, "x", ""); busy <- fault.Is(err, fault.Busy) })
	}
	wg.Wait()
	close(busy)
	refused := 0
	for b := range busy {
		if b {
			refused++
		}
	}
	if refused == 0 || refused == 40 {
		t.Errorf("%d of 40 were told to come back", refused)
	}
}

// staff is Max with an authenticator app set up.
func staff(t *testing.T, now time.Time) (s authtest.Story, v auth.Viewer, token, secret string, recovery []string) {
	t.Helper()
	s = authtest.New(t)
	token, v = s.Viewer(t, s.Max, uuid.Nil)
	var offer, again factor.Enrolment
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
		offer, err = factor.OfferTOTP(ctx, tx, authtest.Key, v)
		if err == nil {
			again, err = factor.OfferTOTP(ctx, tx, authtest.Key, v)
		}
		return err
	})
	if offer.Secret != again.Secret || !strings.Contains(offer.URL, "otpauth://totp/Oak%20&%20Stone:max@oak.example?") {
		t.Errorf("%+v, then %q", offer.URL, again.URL)
	}
	if image, err := png.Decode(bytes.NewReader(offer.QR)); err != nil || image.Bounds().Dx() < 200 {
		t.Errorf("QR: %v", err)
	}
	secret = strings.ReplaceAll(offer.Secret, " ", "")
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, out, err := factor.ConfirmTOTP(ctx, tx, authtest.Key, v, "000 000", now)
		if out != factor.Wrong {
			t.Errorf("a wrong code: %s", out)
		}
		if err != nil {
			return err
		}
		recovery, out, err = factor.ConfirmTOTP(ctx, tx, authtest.Key, v, code(t, secret, now), now)
		if out != factor.Right || len(recovery) != 10 {
			t.Errorf("the right code: %s %v", out, recovery)
		}
		return err
	})
	return s, v, token, secret, recovery
}

func code(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	code, err := totp.GenerateCode(secret, at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestTOTP(t *testing.T) {
	now := time.Now().Add(-time.Hour)
	s, v, token, secret, _ := staff(t, now)
	check := func(code string, at time.Time) (out factor.Outcome) {
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			out, err = factor.CheckCode(ctx, tx, authtest.Key, v, code, at)
			return err
		})
		return out
	}
	if l := s.Load(t, token); l.Session.Factors != 2 || l.Session.Duty != auth.NoDuty {
		t.Errorf("confirming elevates: %+v", l.Session)
	}
	if out := check(code(t, secret, now), now); out != factor.Wrong {
		t.Errorf("the code that confirmed, again: %s", out)
	}
	step := 30 * time.Second
	for _, c := range []struct {
		name string
		code time.Duration
		at   time.Duration
		want factor.Outcome
	}{
		{"the next one, early", 2 * step, step, factor.Right}, {"the same again", 2 * step, 2 * step, factor.Wrong},
		{"an earlier one", step, 2 * step, factor.Wrong}, {"a late one", 10 * step, 11 * step, factor.Right},
		{"too late", 20 * step, 22 * step, factor.Wrong}, {"too early", 24 * step, 22 * step, factor.Wrong},
	} {
		if out := check(code(t, secret, now.Add(c.code)), now.Add(c.at)); out != c.want {
			t.Errorf("%s: %s, want %s", c.name, out, c.want)
		}
	}

	// a fresh session has to show it, and a code with a space is one
	token, v = s.Viewer(t, s.Max, uuid.Nil)
	if v.Session.Duty != auth.SecondFactor {
		t.Errorf("duty %q", v.Session.Duty)
	}
	later := now.Add(40 * step)
	c := code(t, secret, later)
	if out := check(c[:3]+" "+c[3:], later); out != factor.Right || s.Load(t, token).Session.Duty != auth.NoDuty {
		t.Errorf("%s", out)
	}

	// the secret is not in the database as it is, and opens for nobody else
	s.Do(t, "update person set totp_secret = (select totp_secret from person where firm_id = ?0 and id = ?1), totp_at = now() where firm_id = ?0 and id = ?2", s.Firm, s.Max, s.Olive)
	_, olive := s.Viewer(t, s.Olive, uuid.Nil)
	err := authtest.Try(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		_, err := factor.CheckCode(ctx, tx, authtest.Key, olive, "123456", later)
		return err
	})
	if err == nil {
		t.Error("a copied secret opened for another person")
	}

	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error { return factor.RemoveTOTP(ctx, tx, v) })
	if l := s.Load(t, token); l.HasFactor {
		t.Error("still set up")
	}
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		offer, err := factor.OfferTOTP(ctx, tx, authtest.Key, v)
		if strings.ReplaceAll(offer.Secret, " ", "") == secret {
			t.Error("the same secret is offered again")
		}
		set, _ := factor.Of(ctx, tx, v)
		if set.Second() || set.RecoveryLeft != 0 {
			t.Errorf("%+v", set)
		}
		return err
	})
}

func TestOneTOTPCodeTwiceAtOnce(t *testing.T) {
	now := time.Now()
	s, v, _, secret, _ := staff(t, now.Add(-time.Hour))
	typed := code(t, secret, now)
	outs := make([]factor.Outcome, 4)
	var wg sync.WaitGroup
	for i := range outs {
		wg.Go(func() {
			authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
				outs[i], err = factor.CheckCode(ctx, tx, authtest.Key, v, typed, now)
				return err
			})
		})
	}
	wg.Wait()
	slices.Sort(outs)
	if outs[0] != factor.Right || outs[1] != factor.Wrong {
		t.Errorf("%v", outs)
	}
}

func TestRecoveryCodesWorkOnceAndWrongOnesAreCounted(t *testing.T) {
	now := time.Now()
	s, v, _, secret, recovery := staff(t, now)
	check := func(code string) (out factor.Outcome) {
		authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) (err error) {
			out, err = factor.CheckCode(ctx, tx, authtest.Key, v, code, now)
			return err
		})
		return out
	}
	if a, b := check(strings.ToLower(recovery[3])), check(recovery[3]); a != factor.Right || b != factor.Wrong {
		t.Errorf("once: %s, twice: %s", a, b)
	}
	for range 4 {
		check("2222-2222")
	}
	if out := check(recovery[4]); out != factor.TooMany {
		t.Errorf("after five wrong ones: %s", out)
	}
	if out := check(code(t, secret, now.Add(30*time.Second))); out != factor.TooMany {
		t.Errorf("after five wrong ones: %s", out)
	}
	s.Do(t, "update challenge set expires_at = now() - interval '1 second' where firm_id = ?", s.Firm)
	if out := check(recovery[4]); out != factor.Right {
		t.Errorf("after the pause: %s", out)
	}
	authtest.In(t, s.Firm, func(ctx context.Context, tx bun.Tx) error {
		set, err := factor.Of(ctx, tx, v)
		if set.RecoveryLeft != 8 || !set.Second() || set.Password {
			t.Errorf("%+v", set)
		}
		if err != nil {
			return err
		}
		fresh, err := factor.NewRecoveryCodes(ctx, tx, authtest.Key, v)
		if slices.Contains(fresh, recovery[0]) {
			t.Error("the same codes")
		}
		return err
	})
	if out := check(recovery[0]); out != factor.Wrong {
		t.Errorf("a replaced one: %s", out)
	}
}
