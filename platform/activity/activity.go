// Package activity keeps what happened: who did what, in one sentence, with before and after. Entries are only ever
// added; each is sealed soon after, so that one that was removed or changed shows.
package activity

import (
	"context"
	"maps"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/id"
	"portico/platform/lang"
)

// Entry is one thing that happened. Text is a sentence in the past tense without its subject: "added the client Rivera".
type Entry struct {
	bun.BaseModel `bun:"table:activity,alias:activity"`

	FirmID    uuid.UUID `bun:",pk"`
	ID        uuid.UUID `bun:",pk"`
	At        time.Time `bun:",nullzero,default:now()"`
	ActorID   uuid.UUID `bun:",nullzero"`
	ActorName string
	Verb      string // "client.created"
	Text      string
	ClientID  uuid.UUID      `bun:",nullzero"`
	ProjectID uuid.UUID      `bun:",nullzero"`
	SubjectID uuid.UUID      `bun:",nullzero"`
	Data      map[string]any `bun:",type:jsonb"` // {"before": …, "after": …}
	ForClient bool           // clients read it on their dashboard
	Private   bool           // for admins and for whoever did it
	Part      bool           // of a bigger deed that has an entry of its own: the firm's news leave it out

	// Said is Text as a message, for what clients read, each in its language: Record writes Text in English, and keeps the
	// message in Data. Read it with In.
	Said lang.Message `bun:"-"`

	Side   auth.Side // where the actor stood; Record fills in these four
	Behalf string    // for whom a contact acted: its client
	IP     string    // for admins' eyes
	Agent  string
}

// Record writes an entry in the transaction of the change it tells of.
func Record(ctx context.Context, tx bun.IDB, v auth.Viewer, e Entry) error {
	return RecordEach(ctx, tx, v, []Entry{e})
}

// RecordEach writes many entries in few statements.
func RecordEach(ctx context.Context, tx bun.IDB, v auth.Viewer, entries []Entry) error {
	for i := range entries {
		e := &entries[i]
		e.FirmID, e.ID = v.FirmID(), id.New()
		if e.ActorID == uuid.Nil {
			e.ActorID, e.ActorName = v.PersonID, v.Name
		}
		e.Data = maps.Clone(e.Data)
		if e.Data == nil {
			e.Data = map[string]any{}
		}
		if !e.Said.Empty() {
			e.Text, e.Data[saidKey] = e.Said.String(), e.Said.Kept()
		}
		e.Side, e.IP, e.Agent = v.Side, v.From.IP, kept(v.From.Agent)
		if v.Side == auth.Portal {
			e.Behalf = v.ClientName
		}
	}
	return insert(ctx, tx, entries)
}

// saidKey is where the data of an entry keep its sentence as a message; entries that were written before have none.
const saidKey = "said"

// In is the sentence in a reader's language; in English where it is no message.
func (e Entry) In(r *lang.Reader) string {
	if said, ok := lang.Recall(e.Data[saidKey]); ok {
		return r.Words(said).(string)
	}
	return e.Text
}

// kept is as much of a browser's own description as says which one it is.
func kept(agent string) string {
	agent = strings.ReplaceAll(strings.ToValidUTF8(agent, ""), "\x00", "")
	if len(agent) > 200 {
		agent = strings.ToValidUTF8(agent[:200], "")
	}
	return agent
}

// Changes gives before and after of the fields that differ; nil when none does.
func Changes(before, after map[string]any) map[string]any {
	was, is := map[string]any{}, map[string]any{}
	for key, value := range after {
		if before[key] != value {
			was[key], is[key] = before[key], value
		}
	}
	if len(is) == 0 {
		return nil
	}
	return map[string]any{"before": was, "after": is}
}
