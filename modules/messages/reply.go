package messages

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	netmail "net/mail"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/files"
	"portico/platform/id"
	"portico/platform/inbound"
	"portico/platform/job"
	"portico/platform/sight"
)

// replyTo is where an answer to a mail of the conversation goes; the zero address: to the firm, as with every mail.
func (d desk) replyTo(ctx context.Context, tx bun.IDB, v auth.Viewer, c Conversation, list []Message) (netmail.Address, error) {
	if d.Replies == nil || d.Replies.Address.None() || v.Side == auth.Portal && !v.May(write) {
		return netmail.Address{}, nil
	}
	a := address{ID: id.New(), ConversationID: c.ID, ClientID: c.ClientID, PersonID: v.PersonID, ContactID: v.ContactID}
	a.Internal = v.Side == auth.Office && (c.Internal || list[len(list)-1].Internal)
	a, err := putAddress(ctx, tx, v, a)
	return netmail.Address{Name: v.Firm.Name, Address: d.Replies.Address.For(a.ID)}, err
}

// arrival is a mail that came as an answer.
type arrival struct {
	ID, AddressID, FileID uuid.UUID
	Sender                string
	FromAddress, FromName string
	Subject, Body         string
	Files                 int
	State, Why            string
	Word                  inbound.Word
	CreatedAt             time.Time

	ConversationID, ClientID uuid.UUID
	PersonID, ContactID      uuid.UUID
	Internal                 bool
	Conversation, Client     string // its subject and its client's name
	Person                   string // whose address it is
}

// taking names a mail that is to be read.
type taking struct{ Arrival uuid.UUID }

var takeMail = job.New[taking]("messages:take")

// receive keeps a mail before its sender's server forgets it. What is in it a worker reads.
func (d desk) receive(ctx context.Context, came inbound.Arrived) error {
	firm, known, err := firmOfAddress(ctx, d.Ops, came.Place)
	if err != nil {
		return err
	}
	if !known {
		return inbound.ErrUnknown
	}
	return db.InTx(ctx, d.Pool, firm, func(ctx context.Context, tx bun.Tx) error {
		v := auth.System(firm)
		switch n, err := cameLately(ctx, tx, v, came.Place, d.Now().Add(-time.Hour)); {
		case err != nil:
			return err
		case n >= mostKept: // a flood: nothing of it is kept
			return inbound.ErrUnknown
		}
		a := arrival{ID: id.New(), AddressID: came.Place, Sender: cut(oneLine(came.From), 320), Word: came.Word}
		fresh, err := insertArrival(ctx, tx, v, a, keyOf(came.Raw))
		if err != nil || !fresh {
			return err
		}
		sum := sha256.Sum256(came.Raw)
		row := files.Row{FirmID: firm, ID: id.New(), Purpose: purpose, Audience: files.ForSection, Name: "mail.eml", Media: "message/rfc822", Size: int64(len(came.Raw)), SHA256: sum[:]}
		if err := d.Files.Store.Put(ctx, files.Key(firm, row.ID, ""), bytes.NewReader(came.Raw)); err != nil {
			return err
		}
		if err := d.Files.Enter(ctx, tx, &row); err != nil {
			return err
		}
		if err := fileOfArrival(ctx, tx, v, a.ID, row.ID); err != nil {
			return err
		}
		_, err = takeMail.Enqueue(ctx, tx, firm, taking{a.ID})
		return err
	})
}

// keyOf is what makes a mail the same one when it comes twice: its Message-ID, or all of it.
func keyOf(raw []byte) string {
	what := raw
	if m, err := netmail.ReadMessage(bytes.NewReader(raw)); err == nil && m.Header.Get("Message-Id") != "" {
		what = []byte(m.Header.Get("Message-Id"))
	}
	sum := sha256.Sum256(what)
	return hex.EncodeToString(sum[:])
}

// Why a mail waits for a decision, or is nobody's.
const (
	whyMachine    = "A program wrote it: a holiday reply, a report or a list."
	whyEmpty      = "There is nothing in it beside what it quotes."
	whyUnreadable = "It cannot be read."
	whySender     = "It comes from another address than the one that the answer belongs to."
	whyForged     = "Its signature or your mail server says that it does not come from whom it says."
	whyUnproved   = "Nobody vouches for its sender: the domain of the address has not signed it for this conversation."
	whyRight      = "Whoever it is from may not write here any more."
	whyMany       = "Too many mails came within an hour: two programs may be answering each other."
)

// mostKept is how many mails to one address are kept within an hour, whoever they come from.
const mostKept = 60

// mostAnHour is how many answers one person writes into one conversation within an hour.
const mostAnHour = 20

// take reads a mail and says it in its conversation, if it comes from whom it should.
func (d desk) take(ctx context.Context, tx bun.Tx, firm uuid.UUID, t taking) error {
	v := auth.System(firm)
	a, err := arrivalByID(ctx, tx, v, t.Arrival)
	if err != nil || a.State != "new" {
		return fault.IgnoreNotFound(err)
	}
	m, err := d.mailOf(ctx, firm, a)
	if errors.Is(err, inbound.ErrUnreadable) {
		return d.settle(ctx, tx, v, a, "dropped", whyUnreadable)
	}
	if err != nil {
		return err
	}
	a.FromAddress, a.FromName, a.Subject, a.Body, a.Files = m.From, m.FromName, m.Subject, cut(m.Text, longestBody), len(m.Files)
	if err := describeArrival(ctx, tx, v, a); err != nil {
		return err
	}
	switch {
	case m.Automatic || a.Sender == "" && m.From == "":
		return d.settle(ctx, tx, v, a, "dropped", whyMachine)
	case m.Text == "" && len(m.Files) == 0:
		return d.settle(ctx, tx, v, a, "dropped", whyEmpty)
	}
	author, c, err := d.author(ctx, tx, firm, a)
	if fault.Is(err, fault.Missing) {
		return d.settle(ctx, tx, v, a, "held", whyRight)
	}
	if err != nil {
		return err
	}
	many, err := saidLately(ctx, tx, v, a.AddressID, d.Now().Add(-time.Hour))
	if err != nil {
		return err
	}
	switch {
	case m.From == "" || m.From != lower(author.Email):
		return d.settle(ctx, tx, v, a, "held", whySender)
	case a.Word == inbound.Denied:
		return d.settle(ctx, tx, v, a, "held", whyForged)
	case author.Side == auth.Office && a.Word != inbound.Vouched: // staff speak for the firm
		return d.settle(ctx, tx, v, a, "held", whyUnproved)
	case many >= mostAnHour:
		return d.settle(ctx, tx, v, a, "held", whyMany)
	}
	return d.admit(ctx, tx, author, c, a, m, uuid.Nil)
}

// author is whose address it is, as they may write now, and the conversation as they see it.
func (d desk) author(ctx context.Context, tx bun.Tx, firm uuid.UUID, a arrival) (auth.Viewer, Conversation, error) {
	loaded, err := auth.Load(ctx, tx, firm, nil, d.Now())
	if err != nil {
		return auth.Viewer{}, Conversation{}, err
	}
	if loaded.Firm.Suspended {
		return auth.Viewer{}, Conversation{}, fault.NotFound()
	}
	v, to, err := sight.Addressee(ctx, tx, loaded.Firm, a.ClientID, a.ContactID, a.PersonID)
	if err != nil {
		return v, Conversation{}, err
	}
	if !to.Invited() || !v.May(write) && !v.May(keep) {
		return v, Conversation{}, fault.NotFound()
	}
	c, err := conversationByID(ctx, tx, v, a.ConversationID)
	return v, c, err
}

// mailOf reads the mail as it came.
func (d desk) mailOf(ctx context.Context, firm uuid.UUID, a arrival) (inbound.Mail, error) {
	object, err := d.Files.Store.Open(ctx, files.Key(firm, a.FileID, ""))
	if errors.Is(err, fs.ErrNotExist) {
		return inbound.Mail{}, inbound.ErrUnreadable
	}
	if err != nil {
		return inbound.Mail{}, err
	}
	defer func() { _ = object.Close() }()
	raw, err := io.ReadAll(io.LimitReader(object, inbound.Largest))
	if err != nil {
		return inbound.Mail{}, err
	}
	return inbound.Read(raw)
}

// admit says in the conversation what a mail says.
func (d desk) admit(ctx context.Context, tx bun.Tx, author auth.Viewer, c Conversation, a arrival, m inbound.Mail, by uuid.UUID) error {
	s := said{ID: a.ID, Body: cut(m.Text, longestBody), Internal: a.Internal, ByMail: true, Lenient: true}
	for _, f := range m.Files {
		s.Files = append(s.Files, coming{f.Name, bytes.NewReader(f.Data)})
	}
	message, err := d.say(ctx, tx, author, c, s)
	if err != nil {
		return err
	}
	return d.finish(ctx, tx, auth.System(author.FirmID()), a, "said", "", message.ID, by)
}

// settle says what becomes of a mail that is not said. What waits for a decision keeps the mail as it came.
func (d desk) settle(ctx context.Context, tx bun.Tx, v auth.Viewer, a arrival, state, why string) error {
	if state != "held" {
		return d.finish(ctx, tx, v, a, state, why, uuid.Nil, uuid.Nil)
	}
	if err := settleArrival(ctx, tx, v, a.ID, state, why, uuid.Nil, uuid.Nil); err != nil {
		return err
	}
	d.Bell.Publish(ctx, v.FirmID(), "messages")
	return activity.Record(ctx, tx, v, activity.Entry{
		Verb: "messages.mail_held", Text: "held back a mail to “" + a.Conversation + "”", ClientID: a.ClientID, SubjectID: a.ID, Data: map[string]any{"why": why},
	})
}

// finish keeps the outcome, and forgets the mail as it came.
func (d desk) finish(ctx context.Context, tx bun.Tx, v auth.Viewer, a arrival, state, why string, message, by uuid.UUID) error {
	if err := settleArrival(ctx, tx, v, a.ID, state, why, message, by); err != nil {
		return err
	}
	if a.FileID == uuid.Nil {
		return nil
	}
	if err := fileOfArrival(ctx, tx, v, a.ID, uuid.Nil); err != nil {
		return err
	}
	return d.Files.Drop(ctx, tx, v.FirmID(), a.FileID)
}
