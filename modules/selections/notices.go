package selections

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
	chooseNotice = notice.Kind{
		ID: "selections:choose", Title: "Something to choose", Help: "A selection waits for you, has its price, is opened again, or was recorded for you.", For: notice.Clients, Waits: true,
	}
	decidedNotice = notice.Kind{
		ID: "selections:decided", Title: "What clients choose", Help: "A client has approved, declined, proposed or asked for something.", For: notice.Staff,
	}
	commentNotice = notice.Kind{
		ID: "selections:comment", Title: "Comments on selections", Help: "The other side has written about a selection.", Push: true,
	}
)

// seen are the selections of which the viewer may still be told.
func seen(ctx context.Context, tx bun.Tx, v auth.Viewer, selections []uuid.UUID) (list []uuid.UUID, err error) {
	found, err := byIDs(ctx, tx, v, selections)
	for _, s := range found {
		list = append(list, s.ID)
	}
	return list, err
}

// noticeOf is the bell's word about a selection, or about so many comments on it.
func noticeOf(k notice.Kind, s Selection, comments int, path string) notice.Notice {
	n := notice.Notice{Kind: k, Item: s.ID, Items: comments, Body: s.ProjectName, Path: path}
	if k.ID == commentNotice.ID {
		n.Bundle = "comments " + s.ID.String()
		n.Many = func(r *lang.Reader, n int) string {
			return r.Count(n, "%s new comment on “%s”", "%s new comments on “%s”", s.Title)
		}
	}
	return n
}
