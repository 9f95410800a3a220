package help

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/markdown"
	"portico/platform/search"
)

// articles is where every read of articles begins: staff read all, clients what is published and meant for their kind.
func articles(tx bun.IDB, v auth.Viewer, into any) *bun.SelectQuery {
	q := tx.NewSelect().
		Model(into).
		Where("article.firm_id = ?", v.FirmID()).
		Where("article.deleted_at IS NULL")
	switch v.Side {
	case auth.Office, auth.Program:
		return q
	case auth.Portal:
		return q.
			Where("article.published_at IS NOT NULL").
			Where("article.audience IN ('all', (SELECT cl.kind FROM client cl WHERE cl.firm_id = ? AND cl.id = ?))", v.FirmID(), v.ClientID)
	}
	return q.Where("false")
}

// mostArticles is more than anybody writes; a list of them is one page.
const mostArticles = 1000

func listArticles(ctx context.Context, tx bun.IDB, v auth.Viewer) ([]Article, error) {
	var list []Article
	err := articles(tx, v, &list).
		Order("article.position", "article.id").
		Limit(mostArticles).
		Scan(ctx)
	return list, err
}

func articleAt(ctx context.Context, tx bun.IDB, v auth.Viewer, slug string) (Article, error) {
	var a Article
	err := articles(tx, v, &a).Where("article.slug = ?", slug).Scan(ctx)
	return a, db.Found(err)
}

func articleByID(ctx context.Context, tx bun.IDB, v auth.Viewer, article uuid.UUID) (Article, error) {
	var a Article
	err := articles(tx, v, &a).Where("article.id = ?", article).Scan(ctx)
	return a, db.Found(err)
}

// firstProcess is the page that says what happens next; not found when there is none.
func firstProcess(ctx context.Context, tx bun.IDB, v auth.Viewer) (Article, error) {
	var a Article
	err := articles(tx, v, &a).
		Where("article.kind = ?", Process).
		Order("article.position", "article.id").
		Limit(1).
		Scan(ctx)
	return a, db.Found(err)
}

// searchArticles finds articles that have all the words, or words that begin with them, or other forms of them; those
// with the words in the title first. Row-level security keeps the firm's few articles apart before the words are
// looked at, hence there is no index on the words.
func searchArticles(ctx context.Context, tx bun.IDB, v auth.Viewer, typed string, limit int) ([]Article, error) {
	words := search.Typed(typed)
	if len(words) == 0 {
		return nil, nil
	}
	beginnings := strings.Join(words, ":* & ") + ":*"
	query := bun.SafeQuery("(to_tsquery('simple', ?) || to_tsquery('english', ?))", beginnings, beginnings)
	var list []Article
	err := articles(tx, v, &list).
		Where("article.words @@ ?", query).
		OrderExpr("ts_rank(article.words, ?) DESC", query).
		Order("article.position", "article.id").
		Limit(int64(limit)).
		Scan(ctx)
	return list, err
}

// vectorOf is what an article is found by: its words as they are written, and in their plain form.
func vectorOf(title, body string) schema.QueryWithArgs {
	text := search.Fold(markdown.Text(body))
	title = search.Fold(title)
	return bun.SafeQuery(`setweight(to_tsvector('simple', ?0), 'A') || setweight(to_tsvector('english', ?0), 'A')
		|| setweight(to_tsvector('simple', ?1), 'C') || setweight(to_tsvector('english', ?1), 'C')`, title, text)
}

// addArticle writes a new one at the end of the list. It tells its slug: the title's, or one beside it.
func addArticle(ctx context.Context, tx bun.IDB, v auth.Viewer, f articleForm) (Article, error) {
	a := Article{ID: id.New(), Kind: f.Kind, Section: f.Section, Title: f.Title, Body: f.Body, Audience: f.Audience, Version: 1}
	for n := 1; n <= 50; n++ {
		a.Slug = slugOf(f.Title)
		if n > 1 {
			a.Slug += fmt.Sprintf("-%d", n)
		}
		err := db.One(tx.NewRaw(`
			insert into help.article (firm_id, id, kind, section, title, slug, body, audience, words, published_at, position)
			select ?, ?, ?, ?, ?, ?, ?, ?, ?, case when ? then now() end,
				coalesce((select max(other.position) from help.article other where other.firm_id = ?), 0) + 1
			on conflict (firm_id, slug) do nothing`,
			v.FirmID(), a.ID, f.Kind, f.Section, f.Title, a.Slug, f.Body, f.Audience, vectorOf(f.Title, f.Body), f.Publish,
			v.FirmID()).Exec(ctx))
		if errors.Is(err, sql.ErrNoRows) { // the slug is taken
			continue
		}
		return a, err
	}
	return a, fault.Field("title", "There are many articles with this title. Please choose another one.")
}

func saveArticle(ctx context.Context, tx bun.IDB, v auth.Viewer, article uuid.UUID, f articleForm) error {
	err := db.One(tx.NewRaw(`
		update help.article
		set kind = ?, section = ?, title = ?, body = ?, audience = ?, words = ?, version = version + 1, updated_at = now()
		where firm_id = ? and id = ? and version = ? and deleted_at is null`,
		f.Kind, f.Section, f.Title, f.Body, f.Audience, vectorOf(f.Title, f.Body), v.FirmID(), article, f.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errMoved
	}
	return err
}

// setPublished answers whether it changed anything.
func setPublished(ctx context.Context, tx bun.IDB, v auth.Viewer, article uuid.UUID, on bool) (changed bool, err error) {
	done, err := tx.NewRaw(`
		update help.article
		set published_at = case when ?0 then now() end, version = version + 1, updated_at = now()
		where firm_id = ?1 and id = ?2 and deleted_at is null and (published_at is not null) <> ?0`, on, v.FirmID(), article).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// setDeleted puts an article away, or takes it back as a draft.
func setDeleted(ctx context.Context, tx bun.IDB, v auth.Viewer, article uuid.UUID, away bool) (Article, error) {
	var a Article
	err := tx.NewRaw(`
		update help.article
		set deleted_at = case when ?0 then now() end, version = version + 1, updated_at = now(),
			published_at = case when ?0 then published_at end
		where firm_id = ?1 and id = ?2 and (deleted_at is not null) <> ?0
		returning firm_id, id, kind, section, title, slug`, away, v.FirmID(), article).Scan(ctx, &a)
	return a, db.Found(err)
}

// deletedTitle is what "undo" speaks of; not found when the article is not away.
func deletedTitle(ctx context.Context, tx bun.IDB, v auth.Viewer, article uuid.UUID) (title string, err error) {
	err = tx.NewRaw(`
		select a.title from help.article a
		where a.firm_id = ? and a.id = ? and a.deleted_at is not null`, v.FirmID(), article).Scan(ctx, &title)
	return title, db.Found(err)
}

// moveArticle changes places with the one before or after it in the same group. At an end it stays.
func moveArticle(ctx context.Context, tx bun.IDB, v auth.Viewer, article uuid.UUID, up bool) error {
	var list []Article
	err := articles(tx, v, &list).
		Order("article.position", "article.id").
		For("UPDATE").
		Scan(ctx)
	if err != nil {
		return err
	}
	for _, g := range grouped(list) {
		for i, a := range g.Articles {
			if a.ID != article {
				continue
			}
			j := i + 1
			if up {
				j = i - 1
			}
			if j < 0 || j >= len(g.Articles) {
				return nil
			}
			other := g.Articles[j]
			_, err := tx.NewRaw(`
				update help.article
				set position = case when id = ?0 then ?1 else ?2 end
				where firm_id = ?3 and id in (?0, ?4)`,
				a.ID, other.Position, a.Position, v.FirmID(), other.ID).Exec(ctx)
			return err
		}
	}
	return fault.NotFound()
}
