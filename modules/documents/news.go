package documents

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/job"
	"portico/platform/lang"
	"portico/platform/mail"
	"portico/platform/post"
	"portico/platform/sight"
)

// telling names those who are to hear of what is new: one mail tells of all that came within a few minutes.
type telling struct {
	Client uuid.UUID
	Side   auth.Side
}

// tidings is one mail of it, to a contact or to a member of staff.
type tidings struct{ Batch, Client, Contact, Person uuid.UUID }

// warning is a mail about a virus, to a contact or to a member of staff.
type warning struct{ Version, Client, Contact, Person uuid.UUID }

var (
	tellNews  = job.New[telling]("documents:tell")
	newsMail  = job.New[tidings]("documents:mail")
	virusMail = job.New[warning]("documents:warn")
)

// gathering is how long news are gathered before a mail tells of them.
const gathering = 3 * time.Minute

// tellOf notes that the other side is to hear of a document.
func (a archive) tellOf(ctx context.Context, tx bun.IDB, v auth.Viewer, d Document) error {
	to := telling{d.ClientID, auth.Portal}
	if v.Side == auth.Portal {
		to.Side = auth.Office
	}
	if err := addNews(ctx, tx, v, d, to.Side); err != nil {
		return err
	}
	// all that comes within a stretch of time makes the same promise
	at := a.Now().Truncate(gathering).Add(gathering + 30*time.Second)
	promise := uuid.NewSHA1(d.ClientID, []byte(string(to.Side)+at.UTC().Format(time.RFC3339)))
	_, err := tellNews.Enqueue(ctx, tx, v.FirmID(), to, job.At(at), job.ID(promise))
	return err
}

// news promises one mail to each who may see something of what is new.
func (a archive) news(ctx context.Context, tx bun.Tx, firm uuid.UUID, t telling) error {
	batch := job.Current(ctx).ID
	ids, err := claimNews(ctx, tx, auth.System(firm), t, batch)
	if err != nil || len(ids) == 0 {
		return err
	}
	loaded, err := auth.Load(ctx, tx, firm, nil, a.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	var letters []tidings
	if t.Side == auth.Office {
		u, err := usageOf(ctx, tx, auth.System(firm), 0)
		if err != nil || !u.Tells {
			return err
		}
		staff, err := teamOf(ctx, tx, auth.System(firm), ids)
		if err != nil {
			return err
		}
		for _, person := range staff {
			letters = append(letters, tidings{Batch: batch, Client: t.Client, Person: person})
		}
		return newsMail.EnqueueEach(ctx, tx, firm, letters)
	}
	c, err := sight.Load(ctx, tx, auth.System(firm), t.Client)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	for _, contact := range c.Contacts {
		if !contact.User() || contact.InvitedAt.IsZero() {
			continue
		}
		seen, err := byIDs(ctx, tx, c.Viewer(loaded.Firm, contact), ids)
		if err != nil {
			return err
		}
		if len(seen) > 0 {
			letters = append(letters, tidings{Batch: batch, Client: t.Client, Contact: contact.ID})
		}
	}
	return newsMail.EnqueueEach(ctx, tx, firm, letters)
}

// sender is whoever sent a file, as they may look now; nobody when they may not any more.
func (a archive) sender(ctx context.Context, tx bun.Tx, firm uuid.UUID, u sending) (auth.Viewer, error) {
	loaded, err := auth.Load(ctx, tx, firm, nil, a.Now())
	if err != nil {
		return auth.Viewer{}, err
	}
	v, _, err := sight.Addressee(ctx, tx, loaded.Firm, u.ClientID, u.ContactID, u.PersonID)
	if err == nil && (loaded.Firm.Suspended || v.Side == auth.Portal && !mayUpload(v)) {
		err = fault.NotFound()
	}
	return v, err
}

// mostNamed is how many documents a mail names.
const mostNamed = 8

// mailNews tells one of them, of what they may still see.
func (a archive) mailNews(ctx context.Context, tx bun.Tx, firm uuid.UUID, t tidings) error {
	loaded, err := auth.Load(ctx, tx, firm, nil, a.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	v, to, err := sight.Addressee(ctx, tx, loaded.Firm, t.Client, t.Contact, t.Person)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	ids, err := newsOf(ctx, tx, auth.System(firm), t.Batch)
	if err != nil {
		return err
	}
	seen, err := byIDs(ctx, tx, v, ids)
	if err != nil || len(seen) == 0 || to.Email == "" {
		return err
	}
	origin, err := a.Links.Origin(ctx, firm)
	if err != nil {
		return err
	}
	reader := v.Reader()
	from := func(whom string) string {
		if len(seen) == 1 {
			return reader.Say("A new document from %s", whom)
		}
		return reader.Say("%s new documents from %s", len(seen), whom)
	}
	letter := mail.Letter{
		Reader: reader, Subject: from(loaded.Firm.Name), Greeting: reader.Say("Hello %s", to.FirstName()),
		Lines:  append([]string{reader.Say("%s has put something into your portal:", loaded.Firm.Name)}, names(reader, seen)...),
		Button: mail.Button{Label: reader.Say("See it in your portal"), URL: origin + "/portal/all/documents"},
	}
	if len(seen) == 1 {
		letter.Button.URL = origin + "/portal/all/documents/files/" + seen[0].ID.String()
	}
	if v.Side == auth.Office {
		letter.Subject, letter.Lines = from(seen[0].ClientName), append([]string{seen[0].ClientName + " has sent:"}, names(reader, seen)...)
		letter.Button = mail.Button{Label: "See it", URL: origin + "/office/documents/clients/" + t.Client.String()}
		if len(seen) == 1 {
			letter.Button.URL = origin + "/office/documents/files/" + seen[0].ID.String()
		}
	}
	_, err = a.Notices.Deliver(ctx, tx, loaded.Firm, newsNotice(v, t, seen), post.Envelope{
		ID: job.Current(ctx).ID, Kind: newsMail.Name(), PersonID: v.PersonID, ContactID: t.Contact, To: to.Address(),
	}, letter)
	return err
}

func names(reader *lang.Reader, list []Document) []string {
	var lines []string
	for i, d := range list {
		if i == mostNamed {
			return append(lines, reader.Say("and %s more", len(list)-i))
		}
		line := "“" + d.Name + "”"
		if d.ProjectName != "" {
			line += ", " + d.ProjectName
		}
		if d.Remark != "" {
			line += ": " + d.Remark
		}
		lines = append(lines, line)
	}
	return lines
}

// warned are those who hear of an infected file: who sent it, and the team.
func (a archive) warned(ctx context.Context, tx bun.Tx, v auth.Viewer, n looked) ([]warning, error) {
	team, err := teamOf(ctx, tx, v, []uuid.UUID{n.DocumentID})
	if err != nil {
		return nil, err
	}
	var all []warning
	sent := n.ByClient
	for _, person := range team {
		sent = sent || person == n.CreatedBy
		all = append(all, warning{Version: n.ID, Client: n.ClientID, Person: person})
	}
	if n.ByClient {
		contact, err := contactOf(ctx, tx, v, n.ClientID, n.CreatedBy)
		if err != nil {
			return all, fault.IgnoreNotFound(err)
		}
		return append(all, warning{Version: n.ID, Client: n.ClientID, Contact: contact}), nil
	}
	if !sent && n.CreatedBy != uuid.Nil {
		all = append(all, warning{Version: n.ID, Client: n.ClientID, Person: n.CreatedBy})
	}
	return all, nil
}

// mailVirus tells one of them that a file was locked.
func (a archive) mailVirus(ctx context.Context, tx bun.Tx, firm uuid.UUID, w warning) error {
	loaded, err := auth.Load(ctx, tx, firm, nil, a.Now())
	if err != nil || loaded.Firm.Suspended {
		return err
	}
	n, err := versionByID(ctx, tx, auth.System(firm), w.Version)
	if err != nil || n.Scan != "infected" {
		return fault.IgnoreNotFound(err)
	}
	v, to, err := sight.Addressee(ctx, tx, loaded.Firm, w.Client, w.Contact, w.Person)
	if err != nil || to.Email == "" {
		return fault.IgnoreNotFound(err)
	}
	reader := v.Reader()
	lines := []string{
		reader.Say("The virus scanner found something in “%s”. The file is locked: nobody can open it, and nobody else has got it.", n.Document),
	}
	if v.Side == auth.Portal {
		lines = append(lines, reader.Say("Please look at your computer or phone with a virus scanner, and send the file again when it is clean."))
	} else {
		lines = append(lines, "Whoever sent it was told. You find it, locked, among the documents, and can put it into the trash there.")
	}
	_, err = a.Notices.Deliver(ctx, tx, loaded.Firm, virusNoticeOf(v), post.Envelope{
		ID: job.Current(ctx).ID, Kind: virusMail.Name(), PersonID: v.PersonID, ContactID: w.Contact, To: to.Address(),
	}, mail.Letter{Reader: reader, Subject: reader.Say("A file was locked: %s", n.Document), Greeting: reader.Say("Hello %s", to.FirstName()), Lines: lines})
	return err
}
