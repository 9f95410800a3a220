package door

import (
	"time"

	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/fault"
	"portico/platform/secret"
	"portico/platform/web"
)

type signInView struct {
	*web.Here
	Action, PasswordAction        string
	PasskeyOptions, PasskeyFinish string
	Email, Next                   string
	Staff, ShowPassword           bool
	SSO, SSOHref                  string // the name of the provider, and the way to it; "": none
}

// signIn asks for an address. Whoever is signed in already has no use for it.
func (d *Door) signIn(r *web.Request) error {
	if v := r.Viewer(); v.SignedIn() {
		return r.Go(wished(v, next(r)))
	}
	view := d.signInForm(r, next(r))
	view.ShowPassword = r.Query("with") == "password"
	return r.Show("auth/sign_in", view)
}

func (d *Door) signInForm(r *web.Request, to string) *signInView {
	if to == "" {
		to = local(r.Query("next"))
	}
	private(r)
	r.Title("Sign in")
	view := &signInView{
		Here: r.Here(), Action: "/sign-in", PasswordAction: "/sign-in/password", Next: to, Staff: within(to, "/office"),
	}
	if d.passkeys(r) != nil {
		view.PasskeyOptions, view.PasskeyFinish = "/sign-in/passkey/options", "/sign-in/passkey"
	}
	if name := r.Firm().SSO; name != "" {
		view.SSO, view.SSOHref = name, with(startSSO, to)
	}
	return view
}

// perAddress is how often anybody may have links sent to one address, perVisitor how often one visitor to any.
var (
	perAddress = web.Limit{Name: "link-to", Tries: link.PerHour, Per: time.Hour}
	perVisitor = web.Limit{Name: "link-by", Tries: 30, Per: 10 * time.Minute}
)

// ask promises a mail with a link. It does the same for every address and looks none up: the worker knows whether there
// is somebody to write to.
func (d *Door) ask(r *web.Request) error {
	if r.Firm().Suspended {
		return d.portalOff(r)
	}
	typed := r.Value("email")
	asked := d.asked(r)
	if typed == masked(asked.Email) {
		typed = asked.Email
	}
	email, ok := auth.CleanEmail(typed)
	if !ok {
		view := d.signInForm(r, next(r))
		view.Email = typed
		return r.Again("auth/sign_in", view, fault.Field("email", "Enter your address in full, such as name@example.com."))
	}
	return d.promiseLink(r, asking{Email: email, To: next(r)}, false)
}

func (d *Door) promiseLink(r *web.Request, a asking, hide bool) error {
	if retry, ok := r.Allowed(r.IP(), perVisitor); !ok {
		return d.tooMany(r, "That was a lot of tries", "From where you are, links have been asked for too often.", retry)
	}
	if retry, ok := r.Allowed(a.Email, perAddress); !ok {
		return d.tooMany(r, "Please look into your mail", "We write to one address at most three times an hour. The newest message counts; look for it in spam and other folders, too.", retry,
			action{Title: "Type the code from the message", Href: "/sign-in/sent"}, action{Title: "Use another address", Href: "/sign-in"})
	}
	a.Nonce = secret.Hash(r.NameVisit())
	if err := d.promise(r.Context(), r.Tx(), r.Firm().ID, a); err != nil {
		return err
	}
	d.remember(r, asked{Email: a.Email, To: a.To, Hide: hide})
	return r.Go("/sign-in/sent")
}

type sentView struct {
	*web.Here
	Email, Action, Again, Back string
	Minutes, Wait, CodeLength  int
	Sender                     string
	Letters                    bool
}

func (d *Door) sentPage(r *web.Request, a asked) *sentView {
	private(r)
	r.Title("Check your mail")
	view := &sentView{
		Here: r.Here(), Email: a.Email, Action: "/sign-in/code", Again: "/sign-in", Back: with("/sign-in", a.To),
		Minutes: int(link.SignIn.Lifetime() / time.Minute), CodeLength: codeLength, Letters: true, Sender: d.Post.From,
	}
	if a.Hide {
		view.Email = masked(a.Email)
	}
	return view
}

const codeLength = 8

// sent says, alike for known and unknown addresses, that a mail is on its way.
func (d *Door) sent(r *web.Request) error {
	if v := r.Viewer(); v.SignedIn() {
		return r.Go(home(v))
	}
	a := d.asked(r)
	if a.Email == "" {
		return r.Go("/sign-in")
	}
	return r.Show("auth/sent", d.sentPage(r, a))
}
