package help

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/notice"
)

// What the section tells people of.
var answerNotice = notice.Kind{
	ID: "help:answer", Title: "Answers to your questions", Help: "The team has answered what you asked in Help.", For: notice.Clients, Push: true,
}

// still are the questions of which the viewer may still be told.
func still(ctx context.Context, tx bun.Tx, v auth.Viewer, questions []uuid.UUID) ([]uuid.UUID, error) {
	if !v.May(see) && !v.May(write) {
		return nil, nil
	}
	return questionsSeen(ctx, tx, v, questions)
}
