package setup

import (
	"context"
	"maps"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/activity"
	"portico/platform/auth"
	"portico/platform/fault"
	"portico/platform/job"
)

// sweep changes the next clients of a bulk change, and promises itself again while some wait.
var sweep = job.New[sweeping]("setup:bulk")

type sweeping struct {
	Bulk uuid.UUID `json:"bulk"`
}

// stride is how many clients one promise changes: all of them in its transaction, or none.
const stride = 250

// bulkTopic rings when a change of many clients has come further.
const bulkTopic = "bulk"

func (o office) sweep(ctx context.Context, tx bun.Tx, firm uuid.UUID, s sweeping) error {
	v := auth.System(firm)
	b, err := holdBulk(ctx, tx, v, s.Bulk)
	if err != nil || !b.Running() {
		return fault.IgnoreNotFound(err)
	}
	rows, err := nextOfBulk(ctx, tx, v, b.ID, stride)
	if err != nil {
		return err
	}
	var kept []swept
	for _, row := range rows {
		kept = append(kept, row.by(b.deed))
	}
	if err := keepSwept(ctx, tx, v, b, kept); err != nil {
		return err
	}
	for _, k := range kept {
		if k.result != turned {
			continue
		}
		err := activity.Record(ctx, tx, v, activity.Entry{
			Verb: "client.setup", Text: "changed the portal setup of " + k.Name + ", together with other clients", ActorID: b.ByID, ActorName: b.ByName,
			ClientID: k.ID, SubjectID: k.ID, Data: map[string]any{"before": k.was, "after": k.is},
		})
		if err != nil {
			return err
		}
	}
	o.Bell.Publish(ctx, firm, bulkTopic)
	if len(rows) < stride {
		return endBulk(ctx, tx, v, b.ID, "done")
	}
	_, err = sweep.Enqueue(ctx, tx, firm, s)
	return err
}

// held is a client that a bulk change has come to, and its version when it was chosen.
type held struct {
	clientRow
	Seen int
}

// swept is what is to become of it.
type swept struct {
	clientRow        // as it will be
	result    string // of the judgement
	was, is   map[string]any
	closes    bool // its portal goes off
}

func (h held) by(d deed) swept {
	result, was, is := d.judge(h.clientRow, h.Seen)
	s := swept{clientRow: h.clientRow, result: result, was: orEmpty(was), is: orEmpty(is)}
	if result == turned {
		s.clientRow = d.onto(h.clientRow)
		s.closes = h.PortalOn && !s.PortalOn
	}
	return s
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return maps.Clone(m)
}

// forgetDrafts drops what was prepared and never begun.
func (o office) forgetDrafts(ctx context.Context, tx bun.Tx, firm uuid.UUID) error {
	return dropDrafts(ctx, tx, auth.System(firm))
}
