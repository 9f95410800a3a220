package dailylogs

import (
	"context"
	"errors"
	"io/fs"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/mail"
	"portico/platform/notice"
	"portico/platform/people"
	"portico/platform/sight"
)

// scanning names a photo that the virus scanner is to look into, and warning a member of staff who hears that it found
// something.
type (
	scanning struct{ Log, Photo uuid.UUID }
	warning  struct{ Log, Photo, Person uuid.UUID }
)

var (
	scanPhoto = job.New[scanning]("dailylogs:scan")
	warnOf    = job.New[warning]("dailylogs:warn")
)

// scan shows a photo to the virus scanner. Until then nobody opens it; what is infected nobody ever does.
func (j journal) scan(ctx context.Context, tx bun.Tx, firm uuid.UUID, s scanning) error {
	v := auth.System(firm)
	p, err := photoByID(ctx, tx, v, s.Log, s.Photo)
	if err != nil || p.Scan != "waiting" {
		return fault.IgnoreNotFound(err)
	}
	virus, err := j.Files.Look(ctx, firm, p.FileID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	l, err := logByID(ctx, tx, v, s.Log)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	j.ring(ctx, firm, l.ClientID) // whoever looks at the log sees the photo come
	if virus == "" {
		return scannedAs(ctx, tx, v, p.ID, "clean", "")
	}
	if err := scannedAs(ctx, tx, v, p.ID, "infected", virus); err != nil {
		return err
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "dailylogs.infected", Text: "locked a photo of the daily log of " + dayText(l.LogDate) + ": the virus scanner found " + virus,
		ClientID: l.ClientID, ProjectID: l.ProjectID, SubjectID: l.ID,
	})
	if err != nil {
		return err
	}
	team, err := people.Team(ctx, tx, v, []uuid.UUID{l.ProjectID}, l.AuthorID)
	if err != nil {
		return err
	}
	warnings := make([]warning, len(team))
	for n, person := range team {
		warnings[n] = warning{l.ID, p.ID, person}
	}
	return warnOf.EnqueueEach(ctx, tx, firm, warnings)
}

// mailWarning tells one of them, if the log is theirs to read: a draft is its author's.
func (j journal) mailWarning(ctx context.Context, tx bun.Tx, firm uuid.UUID, w warning) error {
	f, goes, err := j.firmOf(ctx, tx, firm)
	if err != nil || !goes {
		return err
	}
	v, who, err := sight.OfStaff(ctx, tx, f, w.Person)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	l, err := logByID(ctx, tx, v, w.Log)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	p, err := photoByID(ctx, tx, v, w.Log, w.Photo)
	if err != nil || !p.Infected() {
		return fault.IgnoreNotFound(err)
	}
	origin, err := j.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	path := "/office/dailylogs/" + l.ID.String()
	return j.send(ctx, tx, f, who, notice.Notice{Kind: virusNotice, Item: l.ID, Body: l.Project, Path: path}, mail.Letter{
		Subject:  "A photo was locked: " + l.Project + ", " + dayText(l.LogDate),
		Greeting: "Hello " + who.FirstName(),
		Lines: []string{
			"The virus scanner found something in a photo of the daily log of " + dayText(l.LogDate) + ", " + l.Project + ". The photo is locked: nobody can open it, and the client does not get it.",
			"Please have a look at the phone or computer that it came from, and remove the photo from the log.",
		},
		Button: mail.Button{Label: "See the log", URL: origin + path},
	})
}
