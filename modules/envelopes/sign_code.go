package envelopes

import (
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"

	"encoding/base64"

	"github.com/google/uuid"

	"portico/platform/access"
	"portico/platform/activity"
	"portico/platform/fault"
	"portico/platform/lang"
	"portico/platform/secret"
	"portico/platform/web"
)

const (
	codeLife  = 10 * time.Minute
	codeTries = 5
	proofLife = 2 * time.Hour // how long a browser counts as proved
)

// Codes are mailed a few times and no more: a link in wrong hands must not become a way to fill somebody's mailbox.
var (
	codesSoon = web.Limit{Name: "envelopes-code", Tries: 3, Per: codeLife}
	codesADay = web.Limit{Name: "envelopes-codes", Tries: 10, Per: 24 * time.Hour}
)

// codeRoutes are where a guest shows that a mailbox is theirs.
func (t table) codeRoutes(at string) []web.Route {
	return []web.Route{
		web.Get(at+"/code", access.Public, t.seated(t.codeForm)),
		web.Post(at+"/code", access.Public, t.seated(t.typeCode)),
		web.Post(at+"/codes", access.Public, t.seated(t.mailCode)),
	}
}

type codeView struct {
	*web.Here
	At, Email, Title string
	Noun             lang.Text
	Sent             bool
}

func (t table) codePage(r *web.Request, s seat) codeView {
	r.Title("Is it you?")
	sent := len(s.Me.CodeHash) > 0 && s.Me.CodeUntil.After(r.Now())
	return codeView{r.Here(), s.At, masked(s.Me.Email), s.Envelope.Title, s.Envelope.Kind.Noun(), sent}
}

// masked shows so much of an address that its owner knows it.
func masked(email string) string {
	name, domain, ok := strings.Cut(email, "@")
	if !ok {
		return ""
	}
	first := []rune(name)[:1]
	return string(first) + "•••@" + domain
}

func (t table) codeForm(r *web.Request, s seat) error {
	if s.Proved {
		return r.Go(s.onward(r.Now()))
	}
	return r.Show("envelopes/code", t.codePage(r, s))
}

// onward is where somebody goes who has shown who they are.
func (s seat) onward(now time.Time) string {
	if s.mood(now) == toSign && !s.Me.OpenedAt.IsZero() {
		return s.At + "/signing"
	}
	return s.At
}

// mailCode promises a code to the address of the recipient, wherever the link was opened.
func (t table) mailCode(r *web.Request, s seat) error {
	if s.Proved {
		return r.Go(s.onward(r.Now()))
	}
	for _, limit := range []web.Limit{codesSoon, codesADay} {
		if retry, ok := r.Allowed(s.Me.ID.String(), limit); !ok {
			return fault.TooMany("We have mailed you several codes. The newest one counts: look for it in spam and other folders, too.", retry)
		}
	}
	ctx, tx := r.Context(), r.Tx()
	e, err := hold(ctx, tx, s.viewer, s.Envelope.ID)
	if err != nil {
		return err
	}
	if s.Me.Email == "" {
		return fault.Conflict("There is no mail address to send a code to.")
	}
	promise, err := codeMail.Enqueue(ctx, tx, s.viewer.FirmID(), codeAsked{e.ID, s.Me.ID})
	if err != nil {
		return err
	}
	if err := setCode(ctx, tx, s.viewer, s.Me.ID, t.Key.HashCode(t.Key.LinkCode(promise)), r.Now().Add(codeLife)); err != nil {
		return err
	}
	if err := record(ctx, tx, s.viewer, &e, s.event("code_sent", r.Now())); err != nil {
		return err
	}
	return r.Go(s.At + "/code")
}

// typeCode takes a code. A wrong one counts: the answer is a page, not an error, so that the count is kept.
func (t table) typeCode(r *web.Request, s seat) error {
	if s.Proved {
		return r.Go(s.onward(r.Now()))
	}
	ctx, tx, now := r.Context(), r.Tx(), r.Now()
	e, err := hold(ctx, tx, s.viewer, s.Envelope.ID)
	if err != nil {
		return err
	}
	want, err := countTry(ctx, tx, s.viewer, s.Me.ID, codeTries, now)
	if errors.Is(err, sql.ErrNoRows) {
		return t.wrongCode(r, s, "This code counts no more: it is older than 10 minutes, or was tried five times. Ask for a new one.")
	}
	if err != nil {
		return err
	}
	if !secret.Same(want, t.Key.HashCode(r.Value("code"))) {
		return t.wrongCode(r, s, "This code does not fit. Please compare it with the newest mail.")
	}
	if err := setVerified(ctx, tx, s.viewer, s.Me.ID, now); err != nil {
		return err
	}
	if err := record(ctx, tx, s.viewer, &e, s.event("verified", now)); err != nil {
		return err
	}
	err = activity.Record(ctx, tx, s.viewer, activity.Entry{
		Verb: "envelopes.verified", Text: "typed the mailed code for “" + e.Title + "”", ClientID: e.ClientID, ProjectID: e.ProjectID, SubjectID: e.ID,
	})
	if err != nil {
		return err
	}
	until := strconv.FormatInt(now.Add(proofLife).Unix(), 10)
	r.SetCookie(proofName(s.Me.ID), until+"."+t.proof(r, s.Me, until), proofLife)
	return r.Go(s.onward(now))
}

func (t table) wrongCode(r *web.Request, s seat, words string) error {
	r.Problem(fault.Field("code", words))
	if err := r.Show("envelopes/code", t.codePage(r, s)); err != nil {
		return err
	}
	r.Status(422)
	return nil
}

// proved reports whether a code was typed at this browser. It is the browser that counts, never the link: whoever the link
// is passed on to has typed nothing.
func (d desk) proved(r *web.Request, me Recipient) bool {
	until, mac, ok := strings.Cut(r.Cookie(proofName(me.ID)), ".")
	if !ok || !secret.Same([]byte(mac), []byte(d.proof(r, me, until))) {
		return false
	}
	seconds, err := strconv.ParseInt(until, 10, 64)
	return err == nil && r.Now().Unix() < seconds
}

func (d desk) proof(r *web.Request, me Recipient, until string) string {
	firm := r.Firm().ID
	mac := d.Key.MAC("envelope proof", firm[:], me.ID[:], []byte(strconv.Itoa(me.LinkNo)), []byte(me.Email), []byte(r.Visit()), []byte(until))
	return base64.RawURLEncoding.EncodeToString(mac)
}

func proofName(recipient uuid.UUID) string { return "sign-" + recipient.String()[24:] }
