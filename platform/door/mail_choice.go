package door

import (
	"context"
	"encoding/base64"

	"github.com/google/uuid"

	"portico/platform/fault"
	"portico/platform/people"
	"portico/platform/post"
	"portico/platform/secret"
	"portico/platform/web"
)

// choicePath is where a person says which mails to get, without signing in: every notice leads there.
const choicePath = "/mail-choice"

const choiceMac = 16

// MailChoice is the address for one person, which works for good and opens nothing else.
func (d *Door) MailChoice(ctx context.Context, firm, person uuid.UUID) (string, error) {
	origin, err := d.Links.Origin(ctx, firm)
	if err != nil {
		return "", err
	}
	return origin + choicePath + "/" + base64.RawURLEncoding.EncodeToString(append(person[:], d.choiceMAC(firm, person)...)), nil
}

func (d *Door) choiceMAC(firm, person uuid.UUID) []byte {
	return d.Key.MAC("mail choice", firm[:], person[:])[:choiceMac]
}

// chooser is whom the address of the page names.
func (d *Door) chooser(r *web.Request) (person uuid.UUID, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(r.Param("token"))
	if err != nil || len(raw) != len(person)+choiceMac {
		return uuid.Nil, false
	}
	person = uuid.UUID(raw[:len(person)])
	return person, secret.Same(raw[len(person):], d.choiceMAC(r.Firm().ID, person))
}

type choiceView struct {
	*web.Here
	Action, Email, Firm string
	Mails               post.Choice
	Saved               bool
}

// mailChoice shows the choice. It changes nothing: programs that scan mails open every address.
func (d *Door) mailChoice(r *web.Request) error {
	person, ok := d.chooser(r)
	if !ok {
		return fault.NotFound()
	}
	view, err := d.choiceView(r, person)
	if err != nil {
		return err
	}
	view.Saved = r.Query("saved") == "1"
	return r.Show("auth/mail_choice", view)
}

func (d *Door) choiceView(r *web.Request, person uuid.UUID) (choiceView, error) {
	private(r)
	r.Title("Which mails you get")
	view := choiceView{Here: r.Here(), Action: choicePath + "/" + r.Param("token"), Firm: r.Firm().Name}
	p, err := people.Find(r.Context(), r.Tx(), r.Firm().ID, person)
	if err != nil {
		return view, err
	}
	view.Email = masked(p.Email)
	view.Mails, err = post.ChoiceOf(r.Context(), r.Tx(), r.Firm().ID, person)
	return view, err
}

// chooseMails keeps the choice. A mail program that was told to unsubscribe comes by itself (RFC 8058); what proves it
// is the address.
func (d *Door) chooseMails(r *web.Request) error {
	person, ok := d.chooser(r)
	if !ok {
		return fault.Forbidden("This address was cut short. Please open it again from the mail, as a whole.")
	}
	choice, program := post.Choice(r.Value("mails")), r.Value("List-Unsubscribe") == "One-Click"
	if program {
		choice = post.Important
	}
	if err := post.SetChoice(r.Context(), r.Tx(), r.Firm().ID, person, choice); err != nil {
		view, drawn := d.choiceView(r, person)
		if drawn != nil {
			return drawn
		}
		return r.Again("auth/mail_choice", view, err)
	}
	if program { // which follows no redirect
		return r.Text("Done: only important mails from now on.")
	}
	return r.Go(choicePath + "/" + r.Param("token") + "?saved=1")
}
