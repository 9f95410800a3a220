package schedule

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/notice"
)

// publishedNotice is what the section tells people of.
var publishedNotice = notice.Kind{
	ID: "schedule:published", Title: "New dates", Help: "The schedule of your project was published, or dates in it have changed.", For: notice.Clients, Push: true,
}

// still are the publications of which the viewer may still be told.
func still(ctx context.Context, tx bun.Tx, v auth.Viewer, publications []uuid.UUID) ([]uuid.UUID, error) {
	return noticesSeen(ctx, tx, seeing(v), publications)
}
