package door

import (
	"context"
	netmail "net/mail"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/factor"
	"portico/platform/auth/link"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/people"
	"portico/platform/post"
	"portico/platform/secret"
	"portico/platform/web"
)

// confirmView asks a signed-in person once more who they are. Whoever has a second factor shows that one; others show
// their password, or a code that goes to their address.
type confirmView struct {
	*web.Here
	Action, MailAction            string
	Next, Email                   string
	HasTOTP, Recovery             bool
	RecoveryHref, TOTPHref        string
	PasskeyOptions, PasskeyFinish string
	Password, Mail, Sent          bool
	SSO, SSOHref                  string // the provider that they came in with, if it may ask again
	CodeLength                    int
}

const confirmPath = "/sign-in/confirm"

func (d *Door) confirmForm(r *web.Request, to string) (*confirmView, error) {
	v := r.Viewer()
	set, err := factor.Of(r.Context(), r.Tx(), v)
	if err != nil {
		return nil, err
	}
	private(r)
	r.Title("Is it you?")
	view := &confirmView{
		Here: r.Here(), Action: confirmPath, MailAction: confirmPath + "/code", Next: to, Email: masked(v.Email), CodeLength: codeLength,
	}
	keys := set.Passkeys > 0 && d.passkeys(r) != nil
	if keys {
		view.PasskeyOptions, view.PasskeyFinish = confirmPath+"/passkey/options", confirmPath+"/passkey"
	}
	if view.HasTOTP = !set.TOTPAt.IsZero(); !view.HasTOTP && !keys && !v.Session.HasFactor {
		view.Password, view.Mail = set.Password, true
	}
	return view, d.offerSSO(r, view, set, to)
}

func (d *Door) confirm(r *web.Request) error {
	to := next(r)
	if r.Viewer().Confirmed(r.Now()) == nil {
		return r.Go(wished(r.Viewer(), to))
	}
	view, err := d.confirmForm(r, to)
	if err != nil {
		return err
	}
	view.Sent = view.Mail && r.Query("sent") != ""
	return r.Show("auth/confirm", view)
}

// confirmed takes whichever proof the form offered.
func (d *Door) confirmed(r *web.Request) error {
	to := next(r)
	view, err := d.confirmForm(r, to)
	if err != nil {
		return err
	}
	switch {
	case view.HasTOTP:
		return d.confirmTOTP(r, view, to)
	case view.Mail && r.Value("code") != "":
		view.Sent = true
		return d.confirmCode(r, view, to)
	case view.Password:
		return d.confirmPassword(r, view, to)
	case !view.Mail:
		return r.Go(with(confirmPath, to))
	}
	view.Sent = r.Value("sent") != ""
	return refused(r, "auth/confirm", view, fault.Field("code", "Type the code from the message."))
}

func (d *Door) confirmTOTP(r *web.Request, view *confirmView, to string) error {
	outcome, err := factor.CheckCode(r.Context(), r.Tx(), d.Key, r.Viewer(), r.Value("code"), d.Now())
	if err != nil {
		return err
	}
	switch outcome {
	case factor.Right:
		return r.Go(wished(r.Viewer(), to))
	case factor.TooMany:
		return d.tooManyCodes(r)
	}
	return refused(r, "auth/confirm", view, wrongFactor("code"))
}

func (d *Door) confirmPassword(r *web.Request, view *confirmView, to string) error {
	v := r.Viewer()
	if retry, ok := d.mayTryPassword(r, v.Email); !ok {
		return d.tooMany(r, "Too many passwords were tried", "We wait a little, so that nobody can guess on.", retry)
	}
	typed := r.RawValue("password")
	if err := r.EndTransaction(); err != nil {
		return err
	}
	person, ok, err := factor.PasswordSignIn(r.Context(), d.Pool, v.FirmID(), v.Email, typed)
	if err != nil {
		return err
	}
	if !ok || person != v.PersonID {
		return refused(r, "auth/confirm", view, fault.Field("password", "This is not your password."))
	}
	err = r.Deliver(func(ctx context.Context, tx bun.Tx) error { return auth.Confirm(ctx, tx, v) })
	if err != nil {
		return err
	}
	return r.Go(wished(v, to))
}

// confirmCode takes the code of the mail. It is one that could sign in; here it proves that the mailbox is still theirs.
func (d *Door) confirmCode(r *web.Request, view *confirmView, to string) error {
	v := r.Viewer()
	if retry, ok := r.Allowed(r.IP(), codesPerVisitor); !ok {
		return d.tooMany(r, "That was a lot of tries", "Too many codes were typed from where you are.", retry)
	}
	l, err := link.UseCode(r.Context(), r.Tx(), d.Key, v.FirmID(), link.Typed{Code: r.Value("code"), Email: v.Email})
	if err != nil {
		return err
	}
	if l.State != link.Live || l.PersonID != v.PersonID {
		return refused(r, "auth/confirm", view, fault.Field("code", "This code does not fit. After five wrong tries it is worth nothing."))
	}
	if err := auth.Confirm(r.Context(), r.Tx(), v); err != nil {
		return err
	}
	return r.Go(wished(v, to))
}

func (d *Door) confirmPasskey(r *web.Request) error {
	p, v, to := d.passkeys(r), r.Viewer(), next(r)
	if p == nil {
		return fault.NotFound()
	}
	err := p.FinishConfirm(r.Context(), r.Tx(), v, r.Cookie(questionCookie), []byte(r.RawValue("credential")))
	if err != nil {
		view, oops := d.confirmForm(r, to)
		if oops != nil {
			return oops
		}
		return r.Again("auth/confirm", view, err)
	}
	r.SetCookie(questionCookie, "", 0)
	return r.Go(wished(v, to))
}

// whoAsked is the person who wants a code for a step-up.
type whoAsked struct {
	Person  uuid.UUID `json:"person"`
	Contact uuid.UUID `json:"contact"`
}

var codeMail = job.New[whoAsked]("door:code")

// confirmMail promises a mail with a code.
func (d *Door) confirmMail(r *web.Request) error {
	v, to := r.Viewer(), next(r)
	if retry, ok := r.Allowed(v.Email, perAddress); !ok {
		return d.tooMany(r, "Please look into your mail", "We write to one address at most three times an hour. The newest message counts; look for it in spam and other folders, too.", retry,
			action{Title: "Type the code", Href: sentCode(to)})
	}
	if _, err := codeMail.Enqueue(r.Context(), r.Tx(), v.FirmID(), whoAsked{v.PersonID, v.ContactID}); err != nil {
		return err
	}
	return r.Go(sentCode(to))
}

func sentCode(to string) string {
	if path := with(confirmPath, to); path != confirmPath {
		return path + "&sent=1"
	}
	return confirmPath + "?sent=1"
}

// sendCode mails a code without a link: it is typed where it was asked for.
func (d *Door) sendCode(ctx context.Context, tx bun.Tx, firm uuid.UUID, who whoAsked) error {
	to, err := people.Find(ctx, tx, firm, who.Person)
	if err != nil {
		return err
	}
	f, err := d.firm(ctx, tx, firm)
	if err != nil {
		return err
	}
	_, code, err := link.Issue(ctx, tx, d.Key, link.New{
		Firm: firm, Purpose: link.SignIn, Outbox: job.Current(ctx).ID, Person: to.ID, Contact: who.Contact, SentTo: to.Email,
		NonceHash: secret.Hash(secret.Token()), // no browser may press a button: there is none
	})
	if err != nil {
		return err
	}
	reader := auth.MailReader(f, to.Locale, who.Contact != uuid.Nil)
	return d.Post.Send(ctx, tx, f, post.Envelope{
		ID: job.Current(ctx).ID, Kind: codeMail.Name(), PersonID: to.ID, ContactID: who.Contact,
		To: netmail.Address{Name: to.Name, Address: to.Email},
	}, mail.Letter{
		Reader: reader, Subject: reader.Say("Your code for %s", f.Name), Greeting: reader.Say("Hello %s", called(to.Name)),
		Lines: []string{reader.Say("You are about to change something that we protect. Type this code to go on.")},
		Code:  code, CodeNote: reader.Say("It works once, for 15 minutes:"),
		Small: []string{reader.Say("You did not ask for this? Then somebody may be using your session: sign out everywhere in your profile.")},
	})
}
