package help

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/markdown"
	"portico/platform/module"
	"portico/platform/search"
	"portico/platform/web"
)

// find answers the search of either side: clients find what they may read, staff find drafts too.
func find(ctx context.Context, tx bun.Tx, v auth.Viewer, typed string, limit int) ([]search.Hit, error) {
	if !v.May(see) && !v.May(write) {
		return nil, nil
	}
	list, err := searchArticles(ctx, tx, v, typed, limit)
	if err != nil {
		return nil, err
	}
	here := web.Here{Viewer: v}
	hits := make([]search.Hit, len(list))
	for i, a := range list {
		hits[i] = search.Hit{Title: a.Title, Detail: excerpt(markdown.Lead(a.Body), 80), Icon: "help", Href: here.Path("help", "articles", a.Slug)}
		if v.Side == auth.Office {
			hits[i].Href = here.Path("help", "articles", a.ID)
			hits[i].Detail = a.Group()
			if !a.Published() {
				hits[i].Detail += ", draft"
			}
		}
	}
	return hits, nil
}

// own is what the viewer said and asked.
func own(ctx context.Context, tx bun.Tx, v auth.Viewer) ([]module.Table, error) {
	if v.Side != auth.Portal {
		return nil, nil
	}
	rows, err := ownFeedback(ctx, tx, v)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	table := module.Table{Name: "help_feedback", Columns: []string{"at", "article", "useful", "text", "state", "answer", "answered_at"}}
	for _, row := range rows {
		table.Rows = append(table.Rows, []string{
			stamp(row.CreatedAt), row.ArticleTitle, row.Useful, row.Text, row.State, row.Answer, stamp(row.AnsweredAt),
		})
	}
	return []module.Table{table}, nil
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
