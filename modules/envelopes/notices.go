package envelopes

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/notice"
)

// What the section tells people of.
var (
	signNotice = notice.Kind{
		ID: "envelopes:sign", Title: "Documents to sign", Help: "A document waits for you to sign or approve it, is withdrawn, or is signed by all.", Legal: true,
	}
	newsNotice = notice.Kind{
		ID: "envelopes:news", Title: "What becomes of documents", Help: "Somebody has declined a document, handed it over, or let its time pass.", For: notice.Staff, Waits: true,
	}
)

// still are the documents of which the viewer may still be told.
func still(ctx context.Context, tx bun.Tx, v auth.Viewer, documents []uuid.UUID) ([]uuid.UUID, error) {
	if !v.May(see) && !v.May(keep) {
		return nil, nil
	}
	return seen(ctx, tx, v, documents)
}

// noticeOf is the bell's word about a document; staff have theirs in the office.
func noticeOf(k notice.Kind, e Envelope, asStaff bool) notice.Notice {
	n := notice.Notice{Kind: k, Item: e.ID, Body: e.ProjectName, Path: "/portal/all/envelopes/" + e.ID.String()}
	if asStaff {
		n.Path, n.Body = "/office/envelopes/"+e.ID.String(), e.ClientName
	}
	return n
}
