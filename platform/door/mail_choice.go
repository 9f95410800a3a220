package door

import (
	"context"
	"encoding/base64"
	"slices"

	"github.com/google/uuid"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/notice"
	"portico/platform/people"
	"portico/platform/post"
	"portico/platform/secret"
	"portico/platform/web"
)

// choicePath is where a person says which mails to get, without signing in: every notice leads there.
const choicePath = "/mail-choice"

const choiceMac = 16

// MailChoice is the address for one person, which works for good and opens nothing else. It may name a kind of notice: one
// click there ends the mails of that kind, without one those of all that are not important.
func (d *Door) MailChoice(ctx context.Context, firm, person uuid.UUID, kind string) (string, error) {
	origin, err := d.Links.Origin(ctx, firm)
	if err != nil {
		return "", err
	}
	return origin + choicePath + "/" + base64.RawURLEncoding.EncodeToString(slices.Concat(person[:], d.choiceMAC(firm, person, kind), []byte(kind))), nil
}

func (d *Door) choiceMAC(firm, person uuid.UUID, kind string) []byte {
	if kind == "" {
		return d.Key.MAC("mail choice", firm[:], person[:])[:choiceMac]
	}
	return d.Key.MAC("mail choice of a kind", firm[:], person[:], []byte(kind))[:choiceMac]
}

// chooser is whom the address of the page names, and the kind of notice that led there, if any.
func (d *Door) chooser(r *web.Request) (person uuid.UUID, kind string, ok bool) {
	raw, err := base64.RawURLEncoding.DecodeString(r.Param("token"))
	if err != nil || len(raw) < len(person)+choiceMac {
		return uuid.Nil, "", false
	}
	person, kind = uuid.UUID(raw[:len(person)]), string(raw[len(person)+choiceMac:])
	return person, kind, secret.Same(raw[len(person):len(person)+choiceMac], d.choiceMAC(r.Firm().ID, person, kind))
}

type choiceView struct {
	*web.Here
	Action, Email, Firm string
	Mails               post.Choice
	Kind                string // what the mail was about; "": no kind of its own
	Kinds               []mailKind
	Saved, Ended        bool
}

// mailKind is one kind of notice as the page offers it.
type mailKind struct {
	notice.Kind
	Mail notice.Way
	This bool // the mail was one of these
}

// mailChoice shows the choice. It changes nothing: programs that scan mails open every address.
func (d *Door) mailChoice(r *web.Request) error {
	person, kind, ok := d.chooser(r)
	if !ok {
		return fault.NotFound()
	}
	view, err := d.choiceView(r, person, kind)
	if err != nil {
		return err
	}
	view.Saved, view.Ended = r.Query("saved") == "1", r.Query("ended") == "1"
	return r.Show("auth/mail_choice", view)
}

func (d *Door) choiceView(r *web.Request, person uuid.UUID, kind string) (choiceView, error) {
	private(r)
	r.Title("Which mails you get")
	view := choiceView{Here: r.Here(), Action: choicePath + "/" + r.Param("token"), Firm: r.Firm().Name}
	p, err := people.Find(r.Context(), r.Tx(), r.Firm().ID, person)
	if err != nil {
		return view, err
	}
	view.Email = masked(p.Email)
	if view.Mails, err = post.ChoiceOf(r.Context(), r.Tx(), r.Firm().ID, person); err != nil {
		return view, err
	}
	staff, err := people.FindStaff(r.Context(), r.Tx(), auth.System(r.Firm().ID), person)
	if fault.IgnoreNotFound(err) != nil {
		return view, err
	}
	side := auth.Portal
	if k, declared := d.Notices.Kinds.Find(kind); err == nil && staff.Active() && (!declared || k.For != notice.Clients) {
		side = auth.Office
	}
	all, err := d.Notices.Choices(r.Context(), r.Tx(), r.Firm().ID, person, side)
	for _, c := range all {
		if c.Legal {
			continue
		}
		one := mailKind{c.Kind, c.Ways.Mail, c.Kind.ID == kind}
		if one.This {
			view.Kind = c.Kind.Title
			view.Kinds = append([]mailKind{one}, view.Kinds...)
			continue
		}
		view.Kinds = append(view.Kinds, one)
	}
	return view, err
}

// chooseMails keeps the choice. A mail program that was told to unsubscribe comes by itself (RFC 8058); what proves it
// is the address.
func (d *Door) chooseMails(r *web.Request) error {
	person, kind, ok := d.chooser(r)
	if !ok {
		return fault.Forbidden("This address was cut short. Please open it again from the mail, as a whole.")
	}
	here := choicePath + "/" + r.Param("token")
	if r.Value("List-Unsubscribe") == "One-Click" { // a program, which follows no redirect
		if err := d.end(r, person, kind); err != nil {
			return err
		}
		return r.Text("Done: you get no more of these mails.")
	}
	if r.Value("end") == "1" {
		if err := d.end(r, person, kind); err != nil {
			return err
		}
		return r.Go(here + "?ended=1")
	}
	if err := d.keepMails(r, person); err != nil {
		view, drawn := d.choiceView(r, person, kind)
		if drawn != nil {
			return drawn
		}
		return r.Again("auth/mail_choice", view, err)
	}
	return r.Go(here + "?saved=1")
}

// end ends the mails that the address is about.
func (d *Door) end(r *web.Request, person uuid.UUID, kind string) error {
	if _, declared := d.Notices.Kinds.Find(kind); !declared { // of a mail of long ago, or of all kinds
		return post.SetChoice(r.Context(), r.Tx(), r.Firm().ID, person, post.Important)
	}
	return d.Notices.ChooseMail(r.Context(), r.Tx(), r.Firm().ID, person, kind, notice.Off)
}

// keepMails keeps what was chosen on the page, for all mails and for each kind.
func (d *Door) keepMails(r *web.Request, person uuid.UUID) error {
	if err := post.SetChoice(r.Context(), r.Tx(), r.Firm().ID, person, post.Choice(r.Value("mails"))); err != nil {
		return err
	}
	for _, k := range d.Notices.Kinds {
		way := notice.Way(r.Value("mail-" + k.ID))
		if way == "" {
			continue
		}
		if err := d.Notices.ChooseMail(r.Context(), r.Tx(), r.Firm().ID, person, k.ID, way); err != nil {
			return err
		}
	}
	return nil
}
