package door

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/fault"
	"portico/platform/secret"
	"portico/platform/web"
)

type codeView struct {
	*web.Here
	Action, Email string
	CodeLength    int
}

func (d *Door) codePage(r *web.Request, email string) *codeView {
	private(r)
	r.Title("Type your code")
	return &codeView{Here: r.Here(), Action: "/sign-in/code", Email: email, CodeLength: codeLength}
}

// codeForm is for another device than the one that asked, or that the mail was opened on.
func (d *Door) codeForm(r *web.Request) error {
	if v := r.Viewer(); v.SignedIn() {
		return r.Go(home(v))
	}
	return r.Show("auth/code", d.codePage(r, ""))
}

var codesPerVisitor = web.Limit{Name: "code-by", Tries: 30, Per: 10 * time.Minute}

// typed takes a code instead of a link. A wrong one counts: the answer is a page, not an error, so that it is kept.
func (d *Door) typed(r *web.Request) error {
	if retry, ok := r.Allowed(r.IP(), codesPerVisitor); !ok {
		return d.tooMany(r, "That was a lot of tries", "Too many codes were typed from where you are.", retry)
	}
	a := d.asked(r)
	email, code := r.Value("email"), r.Value("code")
	if email == masked(a.Email) {
		email = a.Email
	}
	landed, path, err := d.enterByCode(r, link.Typed{Code: code, NonceHash: nonce(r), Email: email}, a.To)
	switch {
	case denied(err):
		return d.turnedAway(r, err)
	case err != nil:
		return err
	case path != "":
		return r.Go(path)
	case landed.State != link.WrongCode:
		return d.landed(r, landed, "")
	}
	return d.wrongCode(r, a, email)
}

func (d *Door) enterByCode(r *web.Request, typed link.Typed, to string) (landed link.Landing, path string, err error) {
	landed, err = link.UseCode(r.Context(), r.Tx(), d.Key, r.Firm().ID, typed)
	if err != nil || landed.State != link.Live {
		return landed, "", err
	}
	path, err = d.enterLanded(r.Context(), r.Tx(), r, landed, to)
	return landed, path, err
}

func (d *Door) wrongCode(r *web.Request, a asked, email string) error {
	problem := fault.Field("code", "This code does not fit. Please check it, or ask for a new one: after five wrong tries a code is worth nothing.")
	if a.Email == "" {
		return refused(r, "auth/code", d.codePage(r, email), problem)
	}
	return refused(r, "auth/sent", d.sentPage(r, a), problem)
}

// refused shows a form again as web.Request.Again does, but keeps what was written: the try has to count.
func refused(r *web.Request, view string, data any, problem error) error {
	r.Problem(problem)
	if err := r.Show(view, data); err != nil {
		return err
	}
	r.Status(422)
	return nil
}

// enterLanded signs in whom a link or code has proved.
func (d *Door) enterLanded(ctx context.Context, tx bun.Tx, r *web.Request, l link.Landing, to string) (path string, err error) {
	if l.ReturnTo != "" {
		to = l.ReturnTo
	}
	session := l.Session(r.Firm().ID)
	if session == nil {
		return "", auth.ErrNoAccess()
	}
	if l.ContactID == uuid.Nil { // the link leaves open as what
		if as := choose(l.Identities, to); as != nil {
			session.Contact = as.ContactID
		}
	}
	return d.enter(ctx, tx, r, *session, to)
}

// nonce is what a link remembers of the browser that asked for it.
func nonce(r *web.Request) []byte {
	if visit := r.Visit(); visit != "" {
		return secret.Hash(visit)
	}
	return nil
}
