package messages

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/id"
	"portico/platform/job"
	"portico/platform/web"
)

// purpose is how the files of this section are known to the library.
const purpose = section

// coming is a file on its way into a message.
type coming struct {
	Name string
	From io.Reader
}

// said is a message on its way into a conversation.
type said struct {
	ID       uuid.UUID
	Body     string
	Internal bool
	ByMail   bool
	Lenient  bool // a file that cannot be taken is left out
	Files    []coming
}

// beginWith starts a conversation with its first message.
func (d desk) beginWith(ctx context.Context, tx bun.Tx, v auth.Viewer, c Conversation, people []part, first said) (Conversation, error) {
	if c.ID == uuid.Nil {
		c.ID = id.New()
	}
	fresh, err := insertConversation(ctx, tx, v, c)
	if err != nil {
		return c, err
	}
	if !fresh { // the same form again: it is there
		return conversationByID(ctx, tx, v, c.ID)
	}
	for _, p := range people {
		if err := addParticipant(ctx, tx, v, c, p.PersonID, p.ContactID); err != nil {
			return c, err
		}
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "messages.started", Text: "began the conversation “" + c.Subject + "”", ClientID: c.ClientID, ProjectID: c.ProjectID, SubjectID: c.ID,
	})
	if err != nil {
		return c, err
	}
	_, err = d.say(ctx, tx, v, c, first)
	return c, err
}

// say adds a message: its files, its traces, what it means for the conversation, and the news of it. The same message
// twice is one.
func (d desk) say(ctx context.Context, tx bun.Tx, v auth.Viewer, c Conversation, s said) (Message, error) {
	if err := hold(ctx, tx, v, c.ID); err != nil {
		return Message{}, err
	}
	m := Message{ID: s.ID, ConversationID: c.ID, PersonID: v.PersonID, Body: s.Body, ByMail: s.ByMail}
	if m.ID == uuid.Nil {
		m.ID = id.New()
	}
	if v.Side == auth.Portal {
		m.ContactID = v.ContactID
	} else {
		m.Internal = s.Internal || c.Internal
	}
	at, fresh, err := insertMessage(ctx, tx, v, c, m)
	if err != nil {
		return m, err
	}
	if !fresh {
		return messageByID(ctx, tx, v, c.ID, m.ID)
	}
	m.CreatedAt = at
	for _, file := range s.Files {
		err := d.attach(ctx, tx, v, c, m.ID, file)
		if _, refused := fault.Of(err); refused && s.Lenient {
			continue
		}
		if err != nil {
			return m, err
		}
	}
	if err := spoke(ctx, tx, v, c, m); err != nil {
		return m, err
	}
	if err := addParticipant(ctx, tx, v, c, v.PersonID, m.ContactID); err != nil {
		return m, err
	}
	if !s.ByMail { // who answers by mail has not seen the page: what was said meanwhile is news, and a draft there stays
		if err := dropDraft(ctx, tx, v, c.ID); err != nil {
			return m, err
		}
		if err := noteTyping(ctx, tx, v, c.ID, false, time.Time{}); err != nil {
			return m, err
		}
		if _, err := noteRead(ctx, tx, v, c.ID, at); err != nil {
			return m, err
		}
	}
	text := "wrote in “" + c.Subject + "”"
	if m.Internal {
		text = "left a note for staff in “" + c.Subject + "”"
	}
	err = activity.Record(ctx, tx, v, activity.Entry{
		Verb: "messages.written", Text: text, ClientID: c.ClientID, ProjectID: c.ProjectID, SubjectID: c.ID, Part: true,
	})
	if err != nil {
		return m, err
	}
	d.ring(ctx, v, c, m.Internal)
	return m, d.promiseNews(ctx, tx, v, c)
}

// attach keeps one file of a message, and has it looked into.
func (d desk) attach(ctx context.Context, tx bun.Tx, v auth.Viewer, c Conversation, message uuid.UUID, file coming) error {
	row, err := d.Files.Take(ctx, tx, v, files.Upload{
		Purpose: purpose, Audience: files.ForSection, ClientID: c.ClientID, Name: file.Name, From: file.From, Most: mostFileBytes,
	})
	if err != nil {
		if f, ok := fault.Of(err); ok && f.Kind != fault.Missing {
			return fault.Field("files", file.Name+": "+f.Message)
		}
		return err
	}
	attachment, err := insertAttachment(ctx, tx, v, c, message, row, d.Files.Scanner != nil)
	if err != nil || d.Files.Scanner == nil {
		return err
	}
	_, err = scanFile.Enqueue(ctx, tx, v.FirmID(), looking{Attachment: attachment, Conversation: c.ID})
	return err
}

// comingFrom opens the files of a form.
func comingFrom(all []*web.File) (list []coming, err error) {
	for _, f := range all {
		from, err := f.Open()
		if err != nil {
			return nil, err
		}
		list = append(list, coming{f.Name, from})
	}
	return list, nil
}

// ring lets open pages look again: the lists, and the thread. What is for staff only is rung for staff only.
func (d desk) ring(ctx context.Context, v auth.Viewer, c Conversation, internal bool) {
	to := "@client:" + c.ClientID.String()
	if internal || c.Internal {
		to = ""
	}
	for _, topic := range []string{"messages", "typing", "unread"} {
		d.Bell.Publish(ctx, v.FirmID(), topic+to)
	}
}

// looking names a file that the scanner is to look into.
type looking struct{ Attachment, Conversation uuid.UUID }

var scanFile = job.New[looking]("messages:scan")

// scan shows a file to the virus scanner. Until then nobody opens it; what is infected nobody ever does.
func (d desk) scan(ctx context.Context, tx bun.Tx, firm uuid.UUID, l looking) error {
	v := auth.System(firm)
	a, err := attachmentByID(ctx, tx, v, l.Conversation, l.Attachment)
	if err != nil || a.Scan != "waiting" {
		return fault.IgnoreNotFound(err)
	}
	c, err := conversationByID(ctx, tx, v, l.Conversation)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	virus, err := d.Files.Look(ctx, firm, a.FileID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	scan := "clean"
	if virus != "" {
		scan = "infected"
		if err := infected(ctx, tx, v, c, a.Name, virus); err != nil {
			return err
		}
	}
	m, err := messageByID(ctx, tx, v, c.ID, a.MessageID)
	if err != nil {
		return fault.IgnoreNotFound(err)
	}
	d.ring(ctx, v, c, m.Internal)
	return scannedAs(ctx, tx, v, a.ID, scan, virus)
}

// wrongSubject says what is wrong with a subject.
func wrongSubject(subject string) string {
	switch n := utf8.RuneCountInString(subject); {
	case n == 0:
		return "Say in a few words what it is about."
	case n > 200:
		return "Use at most 200 characters. There are " + strconv.Itoa(n) + " now."
	}
	return ""
}
