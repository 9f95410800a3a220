package profile

import (
	"context"
	"encoding/json"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/lang"
	"portico/platform/mail"
	"portico/platform/people"
	"portico/platform/post"
)

// changing is a change of address under way. It is sealed, so that the lists of background work and the backups do not
// tell an address that nobody has confirmed.
type changing struct {
	Box []byte `json:"box"`
}

// notice tells a person that a way to sign in has changed.
type notice struct {
	Person, Contact uuid.UUID
	What            string // a key of noticeWords
}

var (
	addressMail = job.New[changing]("profile:mail_address")
	noticeMail  = job.New[notice]("profile:mail_notice")
)

func (p pages) jobs() []job.Handler {
	return []job.Handler{
		addressMail.Handle(p.mailAddress).Within(time.Minute),
		noticeMail.Handle(p.mailNotice).Within(time.Minute),
	}
}

// mailAddress sends one of the two mails of a change of address: which one, says the promise being kept.
func (p pages) mailAddress(ctx context.Context, tx bun.Tx, firm uuid.UUID, c changing) error {
	text, err := p.Key.Open("profile:mail_address", c.Box, firm[:])
	if err != nil {
		return err
	}
	var change link.NewAddress
	if err := json.Unmarshal(text, &change); err != nil {
		return err
	}
	person, err := people.Find(ctx, tx, firm, change.Person)
	if err != nil || person.Email != change.From { // changed meanwhile: this one is over
		return fault.IgnoreNotFound(err)
	}
	toOld := job.Current(ctx).ID == change.ToOld
	f, goes, err := p.firm(ctx, tx, firm)
	if err != nil || !goes {
		return err
	}
	reader := auth.MailReader(f, person.Locale, change.Contact)
	letter, err := p.addressLetter(ctx, tx, reader, change, toOld)
	if err != nil || letter == nil {
		return err
	}
	to := change.To
	if toOld {
		to = change.From
	}
	letter.Reader, letter.Greeting = reader, reader.Say("Hello %s", called(person.Name))
	return p.Post.Send(ctx, tx, f, post.Envelope{
		ID: job.Current(ctx).ID, Kind: addressMail.Name(), PersonID: person.ID, To: netmail.Address{Name: person.Name, Address: to},
	}, *letter)
}

// addressLetter issues the link. When the new address is somebody's already, only the old one hears that it did not work.
func (p pages) addressLetter(ctx context.Context, tx bun.Tx, reader *lang.Reader, change link.NewAddress, toOld bool) (*mail.Letter, error) {
	oldToken, newToken, err := link.IssueChange(ctx, tx, p.Key, change)
	if fault.Is(err, fault.Clash) {
		if !toOld {
			return nil, nil
		}
		return &mail.Letter{
			Subject: reader.Say("Your address was not changed"),
			Lines:   []string{reader.Say("You asked to change your address to %s. That address cannot be used for this. Please ask the team: they can help.", change.To)},
		}, nil
	}
	if err != nil {
		return nil, err
	}
	origin, err := p.Links.Origin(ctx, change.Firm)
	if err != nil {
		return nil, err
	}
	if toOld {
		return &mail.Letter{
			Subject: reader.Say("Your address is about to change"),
			Lines:   []string{reader.Say("From now on %s would be your address here. Press the button to agree.", change.To)},
			Button:  mail.Button{Label: reader.Say("Agree to the change"), URL: origin + "/sign-in/link/" + oldToken},
			Small:   []string{reader.Say("You did not ask for this? Then do not press it, nothing changes; and sign out everywhere in your profile. The link works for 24 hours.")},
		}, nil
	}
	return &mail.Letter{
		Subject: reader.Say("Confirm your new address"),
		Lines:   []string{reader.Say("Somebody, we hope you, wants to sign in with this address from now on. Press the button to agree.")},
		Button:  mail.Button{Label: reader.Say("Confirm the address"), URL: origin + "/sign-in/link/" + newToken},
		Small:   []string{reader.Say("The address changes when the message to the old one has been confirmed, too. The link works for 24 hours.")},
	}, nil
}

// noticeWords are what the mails say, by what has changed.
var noticeWords = map[string]lang.Text{
	"password":          "A password was set for your account.",
	"password_off":      "The password of your account was removed. You sign in by a mailed link.",
	"passkey":           "A passkey was added to your account.",
	"passkey_off":       "A passkey was removed from your account.",
	"authenticator":     "An authenticator app was set up for your account.",
	"authenticator_off": "The authenticator app was removed from your account.",
	"recovery":          "New recovery codes were made for your account. The old ones are worth nothing now.",
}

func (p pages) mailNotice(ctx context.Context, tx bun.Tx, firm uuid.UUID, n notice) error {
	person, err := people.Find(ctx, tx, firm, n.Person)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	origin, err := p.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	side := "/office"
	if n.Contact != uuid.Nil {
		side = "/portal/all"
	}
	f, goes, err := p.firm(ctx, tx, firm)
	if err != nil || !goes {
		return err
	}
	reader := auth.MailReader(f, person.Locale, n.Contact != uuid.Nil)
	return p.Post.Send(ctx, tx, f, post.Envelope{
		ID: job.Current(ctx).ID, Kind: noticeMail.Name(), PersonID: person.ID, ContactID: n.Contact,
		To: netmail.Address{Name: person.Name, Address: person.Email},
	}, mail.Letter{
		Reader:   reader,
		Subject:  reader.Say("How you sign in has changed"),
		Greeting: reader.Say("Hello %s", called(person.Name)),
		Lines: []string{
			reader.Say(string(noticeWords[n.What])),
			reader.Say("Was it you? Then all is well. If not, sign out everywhere in your profile and tell us at once."),
		},
		Button: mail.Button{Label: reader.Say("Open your profile"), URL: origin + side + "/profile"},
	})
}

// firm is the firm in whose name a mail goes out; false while it is suspended.
func (p pages) firm(ctx context.Context, tx bun.Tx, firm uuid.UUID) (f auth.Firm, goes bool, err error) {
	loaded, err := auth.Load(ctx, tx, firm, nil, p.Now())
	return loaded.Firm, err == nil && !loaded.Firm.Suspended, err
}

// called is how one speaks to a person: the first of the names.
func called(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}
