package setup

import (
	"context"
	netmail "net/mail"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/mailtext"
	"portico/platform/people"
	"portico/platform/post"
)

// testMail sends a person the words that he or she is trying out.
var testMail = job.New[tested]("setup:test_mail")

type tested struct {
	Kind   string    `json:"kind"`
	Person uuid.UUID `json:"person"`
}

func (o office) sendTest(ctx context.Context, tx bun.Tx, firm uuid.UUID, t tested) error {
	k, err := mailtext.Find(t.Kind)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	to, err := people.FindStaff(ctx, tx, auth.System(firm), t.Person)
	if err != nil || !to.Active() {
		return fault.IgnoreNotFound(err)
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, o.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	words, err := mailtext.Draft(ctx, tx, firm, t.Person, k)
	if err != nil || len(k.Check(words.Subject, words.Body)) > 0 {
		return err
	}
	origin, err := o.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	f := loaded.Firm
	zone, err := day.Zone(f.Zone)
	if err != nil {
		return err
	}
	last := day.Of(o.Now().In(zone).AddDate(0, 0, 7))
	letter := sampleLetter(k, k.Fill(words.Subject, words.Body, o.examples(k, f, to.Name, origin, last)), origin)
	letter.Small = []string{"This is a test that you sent to yourself: names are examples, and the code opens nothing."}
	return o.Post.Send(ctx, tx, f, post.Envelope{
		ID: job.Current(ctx).ID, Kind: testMail.Name(), PersonID: to.PersonID, To: netmail.Address{Name: to.Name, Address: to.Email},
	}, letter)
}
