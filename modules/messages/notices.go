package messages

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/lang"
	"portico/platform/notice"
)

// What the section tells people of.
var (
	newNotice = notice.Kind{
		ID: "messages:new", Title: "New messages", Help: "Somebody has written to you. What you read at once in an open page is left out.", Push: true,
	}
	assignedNotice = notice.Kind{
		ID: "messages:assigned", Title: "Conversations that become yours", Help: "A colleague has given you a conversation.", For: notice.Staff, Push: true,
	}
)

// still are the conversations of which the viewer may still be told.
func still(ctx context.Context, tx bun.Tx, v auth.Viewer, conversations []uuid.UUID) ([]uuid.UUID, error) {
	if !v.May(see) && !v.May(keep) {
		return nil, nil
	}
	return conversationsSeen(ctx, tx, v, conversations)
}

// noticeOf is the bell's word about a conversation in which so much is new.
func noticeOf(k notice.Kind, v auth.Viewer, c Conversation, items int) notice.Notice {
	n := notice.Notice{
		Kind: k, Item: c.ID, Items: items, Body: c.ProjectName, Path: "/portal/all/messages/" + c.ID.String(),
		Many: func(r *lang.Reader, n int) string {
			return r.Count(n, "%s new message: %s", "%s new messages: %s", c.Subject)
		},
	}
	if k.ID == newNotice.ID {
		n.Bundle = "messages " + c.ID.String()
	}
	if v.Side == auth.Office {
		n.Path, n.Body = "/office/messages/"+c.ID.String(), c.ClientName
	}
	return n
}
