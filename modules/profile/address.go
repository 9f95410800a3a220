package profile

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/auth/link"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/job"
	"portico/platform/web"
)

type addressView struct {
	*web.Here
	Email string // the one in use
	Typed string
	Sent  bool
}

func (p pages) address(r *web.Request) error {
	view, err := p.addressView(r)
	if err != nil {
		return err
	}
	view.Sent = r.Query("sent") != ""
	return r.Show("profile/address", view)
}

func (pages) addressView(r *web.Request) (addressView, error) {
	r.Title("Your address")
	if err := r.Viewer().Confirmed(r.Now()); err != nil {
		return addressView{}, err
	}
	return addressView{Here: r.Here(), Email: r.Viewer().Email}, nil
}

var addressTries = web.Limit{Name: "own-address", Tries: 3, Per: time.Hour}

// changeAddress promises two mails: nothing changes until the link in each has been used. The answer is the same for an
// address that somebody else here uses: who that is, is nobody's business.
func (p pages) changeAddress(r *web.Request) error {
	view, err := p.addressView(r)
	if err != nil {
		return err
	}
	v := r.Viewer()
	view.Typed = r.Value("email")
	email, ok := auth.CleanEmail(view.Typed)
	switch {
	case !ok:
		return r.Again("profile/address", view, fault.Field("email", "Enter an address such as name@example.com."))
	case email == v.Email:
		return r.Again("profile/address", view, fault.Field("email", "This is the address that you use now."))
	}
	if _, ok := r.Allowed(v.PersonID.String(), addressTries); !ok {
		return r.Again("profile/address", view, fault.Field("email", "You have asked for this several times. Please look into both mailboxes, or try again in an hour."))
	}
	change := link.NewAddress{Firm: v.FirmID(), Person: v.PersonID, Contact: v.ContactID != uuid.Nil, From: v.Email, To: email, ToOld: id.New(), ToNew: id.New()}
	text, err := json.Marshal(change)
	if err != nil {
		return err
	}
	sealed := changing{p.Key.Seal("profile:mail_address", text, change.Firm[:])}
	for _, mail := range []uuid.UUID{change.ToOld, change.ToNew} {
		if _, err := addressMail.Enqueue(r.Context(), r.Tx(), v.FirmID(), sealed, job.ID(mail)); err != nil {
			return err
		}
	}
	err = activity.Record(r.Context(), r.Tx(), v, activity.Entry{
		Verb: "profile.address", Text: "asked to change the own address", ClientID: v.ClientID, SubjectID: v.PersonID,
	})
	if err != nil {
		return err
	}
	return r.Go(r.Path("profile", "address") + "?sent=1")
}
