package dailylogs

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/comment"
	"portico/platform/db/paging"
	"portico/platform/module"
	"portico/platform/search"
	"portico/platform/web"
)

// find answers the search of either side: staff by all words of a log, clients by those that they read.
func find(ctx context.Context, tx bun.Tx, v auth.Viewer, typed string, limit int) ([]search.Hit, error) {
	here := &web.Here{Viewer: v}
	f := filter{Query: typed}
	var hits []search.Hit
	switch {
	case len(search.Typed(typed)) == 0:
		return nil, nil
	case v.May(write):
		list, _, err := listLogs(ctx, tx, v, f, paging.Place{})
		if err != nil {
			return nil, err
		}
		for _, l := range list[:min(len(list), limit)] {
			hits = append(hits, search.Hit{Title: l.Project + ", " + dayText(l.LogDate), Detail: excerpt(l.Text, 80), Icon: "hard-hat", Href: here.Path(section, l.ID)})
		}
	case v.May(see):
		list, _, err := feed(ctx, tx, v, f, paging.Place{})
		if err != nil {
			return nil, err
		}
		for _, e := range list[:min(len(list), limit)] {
			hits = append(hits, search.Hit{Title: e.Project + ", " + v.Reader().Day(e.LogDate), Detail: excerpt(e.Told.Text, 80), Icon: "hard-hat", Href: here.Path(section, e.ID)})
		}
	}
	return hits, nil
}

// wordsKnown are those that the search knows, to correct what was typed.
func wordsKnown(ctx context.Context, tx bun.Tx, v auth.Viewer, words []string) ([]string, error) {
	return search.Known(ctx, tx, v.FirmID(), "dailylogs.word", words)
}

// ownComments is what the viewer has said about logs.
func ownComments(ctx context.Context, tx bun.Tx, v auth.Viewer) ([]module.Table, error) {
	list, err := comment.Own(ctx, tx, v, section)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	table := module.Table{Name: "dailylogs_comments", Columns: []string{"at", "log", "text"}}
	for _, c := range list {
		table.Rows = append(table.Rows, []string{c.CreatedAt.UTC().Format(time.RFC3339), c.ThingID.String(), c.Text})
	}
	return []module.Table{table}, nil
}

// keeps are our tables, for the export of everything.
func keeps() []module.Kept {
	return []module.Kept{
		{Table: "dailylogs.setting", Columns: module.Words("shares notifies weather unit updated_at")},
		{Table: "dailylogs.place", Why: "It is found by the project's town again."},
		{Table: "dailylogs.tag", Columns: module.Words("id name internal archived_at created_at")},
		{Table: "dailylogs.question", Columns: module.Words("id text kind choices category required position archived_at created_at")},
		{Table: "dailylogs.log", Of: "client_id", Columns: module.Words(`id client_id project_id log_date told_date author_id state text text_shown client_text notes sky high
			low unit weather_note weather_from shared revision submitted_at notified_revision withdrawn_at withdrawn_by withdrawn_why created_at updated_at`)},
		{Table: "dailylogs.word", Why: "It is made of the logs, for the search."},
		{Table: "dailylogs.log_tag", Columns: module.Words("log_id tag_id")},
		{Table: "dailylogs.told_tag", Columns: module.Words("log_id tag_id")},
		{Table: "dailylogs.present", Columns: module.Words("log_id position name people minutes")},
		{Table: "dailylogs.answer", Columns: module.Words("log_id question_id asked category text client_text shown")},
		{Table: "dailylogs.photo", Of: "client_id", Columns: module.Words("id log_id client_id file_id caption question_id shown since told told_caption taken_at position removed_at created_by created_at scan virus")},
		{Table: "dailylogs.revision", Columns: module.Words("log_id number told kept submitted_by submitted_at")},
	}
}
