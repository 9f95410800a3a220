package dailylogs

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/lang"
	"portico/platform/notice"
)

// What the section tells people of.
var (
	newNotice = notice.Kind{
		ID: "dailylogs:new", Title: "New daily logs", Help: "The team tells of a day on site.", For: notice.Clients, Push: true,
	}
	virusNotice = notice.Kind{
		ID: "dailylogs:virus", Title: "Locked photos", Help: "The virus scanner has found something in a photo of a daily log.", For: notice.Staff, Legal: true,
	}
	commentNotice = notice.Kind{
		ID: "dailylogs:comment", Title: "Comments on daily logs", Help: "The other side has written about a daily log.", Push: true,
	}
)

// still are the logs of which the viewer may still be told.
func still(ctx context.Context, tx bun.Tx, v auth.Viewer, logs []uuid.UUID) ([]uuid.UUID, error) {
	if !v.May(see) && !v.May(write) {
		return nil, nil
	}
	return logsSeen(ctx, tx, v, logs)
}

// commentOf is the bell's word about some comments on the log of a day.
func commentOf(log uuid.UUID, comments int, on day.Day, project, path string) notice.Notice {
	return notice.Notice{
		Kind: commentNotice, Item: log, Items: comments, Body: project, Path: path, Bundle: "comments " + log.String(),
		Many: func(r *lang.Reader, n int) string {
			return r.Count(n, "%s new comment on the log of %s", "%s new comments on the log of %s", on)
		},
	}
}
