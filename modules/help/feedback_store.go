package help

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/access"
	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/demo"
	"portico/platform/id"
)

// votes are how many found an article useful, and how many did not.
type votes struct{ Yes, No int }

func countVotes(ctx context.Context, tx bun.IDB, v auth.Viewer) (map[uuid.UUID]votes, error) {
	var rows []struct {
		ArticleID uuid.UUID
		Yes, No   int
	}
	err := tx.NewRaw(`
		select f.article_id, count(*) filter (where f.useful = 'yes') as yes, count(*) filter (where f.useful = 'no') as no
		from help.feedback f
		where f.firm_id = ? and f.text = ''
		group by f.article_id`, v.FirmID()).Scan(ctx, &rows)
	counts := make(map[uuid.UUID]votes, len(rows))
	for _, row := range rows {
		counts[row.ArticleID] = votes{row.Yes, row.No}
	}
	return counts, err
}

// vote keeps the last word of a contact about an article.
func vote(ctx context.Context, tx bun.IDB, v auth.Viewer, article uuid.UUID, useful string) error {
	_, err := tx.NewRaw(`
		insert into help.feedback as f (firm_id, id, client_id, contact_id, person_id, article_id, useful, state)
		values (?, ?, ?, ?, ?, ?, ?, 'closed')
		on conflict (firm_id, article_id, contact_id) where text = '' do update
		set useful = excluded.useful, person_id = excluded.person_id, created_at = now()`,
		v.FirmID(), id.New(), v.ClientID, v.ContactID, v.PersonID, article, useful).Exec(ctx)
	return err
}

// ownVote is what the viewer said of an article; "" when nothing.
func ownVote(ctx context.Context, tx bun.IDB, v auth.Viewer, article uuid.UUID) (useful string, err error) {
	err = tx.NewRaw(`
		select f.useful from help.feedback f
		where f.firm_id = ? and f.article_id = ? and f.contact_id = ? and f.text = ''`, v.FirmID(), article, v.ContactID).Scan(ctx, &useful)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return useful, err
}

// newQuestion is what a contact asks.
type newQuestion struct {
	Article      uuid.UUID // Nil: about none
	Useful, Text string
}

// addQuestion keeps a question. Sent twice within minutes it is one; more than a few in a day are refused.
func addQuestion(ctx context.Context, tx bun.IDB, v auth.Viewer, n newQuestion) (question uuid.UUID, fresh bool, err error) {
	if _, err := tx.NewRaw("select 1 from contact ct where ct.firm_id = ? and ct.id = ? for no key update", v.FirmID(), v.ContactID).Exec(ctx); err != nil {
		return uuid.Nil, false, err // two at once take turns, so that both count
	}
	var before struct {
		Same uuid.UUID
		Day  int
	}
	err = tx.NewRaw(`
		select count(*) as day,
			(array_agg(f.id) filter (where f.text = ? and f.created_at > now() - interval '5 minutes'))[1] as same
		from help.feedback f
		where f.firm_id = ? and f.contact_id = ? and f.text <> '' and f.created_at > now() - interval '1 day'`,
		n.Text, v.FirmID(), v.ContactID).Scan(ctx, &before)
	switch {
	case err != nil:
		return uuid.Nil, false, err
	case before.Same != uuid.Nil:
		return before.Same, false, nil
	case before.Day >= questionsPerDay:
		return uuid.Nil, false, errTooMany
	}
	question = id.New()
	_, err = tx.NewRaw(`
		insert into help.feedback (firm_id, id, client_id, contact_id, person_id, article_id, useful, text, state)
		values (?, ?, ?, ?, ?, ?, nullif(?, ''), ?, 'new')`,
		v.FirmID(), question, v.ClientID, v.ContactID, v.PersonID, db.NullID(n.Article), n.Useful, n.Text).Exec(ctx)
	return question, true, err
}

// questions is where every read of questions begins: staff read their firm's, a contact the own ones and no others,
// not even those of the same client. A contact that became another person begins anew.
func questions(tx bun.IDB, v auth.Viewer) *bun.SelectQuery {
	q := tx.NewSelect().
		TableExpr("help.feedback AS f").
		ColumnExpr("f.id, f.client_id, f.contact_id, f.person_id, f.article_id, f.useful, f.text, f.state, f.answer").
		ColumnExpr("f.answered_at, f.mailed_at, f.version, f.created_at").
		ColumnExpr("ct.name AS contact_name, cl.name AS client_name, by.name AS answerer_name").
		ColumnExpr("a.title AS article_title, a.slug AS article_slug").
		Join("JOIN contact ct ON ct.firm_id = f.firm_id AND ct.id = f.contact_id").
		Join("JOIN client cl ON cl.firm_id = f.firm_id AND cl.id = f.client_id").
		Join("LEFT JOIN person by ON by.firm_id = f.firm_id AND by.id = f.answered_by").
		Join("LEFT JOIN help.article a ON a.firm_id = f.firm_id AND a.id = f.article_id AND a.deleted_at IS NULL").
		Where("f.firm_id = ?", v.FirmID()).
		Where("f.text <> ''")
	switch v.Side {
	case auth.Office, auth.Program:
		return q
	case auth.Portal:
		return q.Where("f.contact_id = ?", v.ContactID).Where("f.person_id = ?", v.PersonID)
	}
	return q.Where("false")
}

const questionsOnPage = 25

// listQuestions gives one page, the newest first; state "" is all. more says whether another page follows.
func listQuestions(ctx context.Context, tx bun.IDB, v auth.Viewer, state State, page int) (list []Question, more bool, err error) {
	q := questions(tx, v).Order("f.created_at DESC", "f.id DESC").Limit(questionsOnPage + 1).Offset(int64(page * questionsOnPage))
	if state != "" {
		q = q.Where("f.state = ?", state)
	}
	if err := q.Scan(ctx, &list); err != nil {
		return nil, false, err
	}
	if len(list) > questionsOnPage {
		return list[:questionsOnPage], true, nil
	}
	return list, false, nil
}

// questionsSeen are those of the named ones that the viewer may see.
func questionsSeen(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID) (seen []uuid.UUID, err error) {
	var list []Question
	err = questions(tx, v).Where("f.id IN (?)", bun.List(ids)).Scan(ctx, &list)
	for _, q := range list {
		seen = append(seen, q.ID)
	}
	return seen, err
}

func questionByID(ctx context.Context, tx bun.IDB, v auth.Viewer, question uuid.UUID) (Question, error) {
	var one Question
	err := questions(tx, v).Where("f.id = ?", question).Scan(ctx, &one)
	return one, db.Found(err)
}

func countNew(ctx context.Context, tx bun.IDB, v auth.Viewer) (n int, err error) {
	err = tx.NewRaw(`
		select count(*) from help.feedback f
		where f.firm_id = ? and f.text <> '' and f.state = 'new'`, v.FirmID()).Scan(ctx, &n)
	return n, err
}

// answerQuestion keeps the answer; the version says whether somebody else was quicker.
func answerQuestion(ctx context.Context, tx bun.IDB, v auth.Viewer, question uuid.UUID, f answerForm) error {
	err := db.One(tx.NewRaw(`
		update help.feedback
		set answer = ?, state = 'answered', answered_by = ?, answered_at = now(), version = version + 1
		where firm_id = ? and id = ? and version = ? and text <> ''`,
		f.Answer, v.PersonID, v.FirmID(), question, f.Version).Exec(ctx))
	if errors.Is(err, sql.ErrNoRows) {
		return errMoved
	}
	return err
}

// setClosed puts a question away, or opens it again as far as it was.
func setClosed(ctx context.Context, tx bun.IDB, v auth.Viewer, question uuid.UUID, closed bool) error {
	return db.Found(db.One(tx.NewRaw(`
		update help.feedback
		set state = case when ? then 'closed' when answer <> '' then 'answered' else 'new' end, version = version + 1
		where firm_id = ? and id = ? and text <> ''`, closed, v.FirmID(), question).Exec(ctx)))
}

// asker is whom an answer goes to, with what decides whether it may.
type asker struct {
	PersonID, ContactID uuid.UUID
	Name, Email, Locale string
	Text, Answer        string
	AnswererName        string
	AnswererEmail       string
	MailedAt            time.Time
	SamePerson, Portal  bool
	FirmOn, ClientOn    bool
	FirmSays            access.Switches `bun:"type:jsonb"`
	ClientSays          access.Switches `bun:"type:jsonb"`
}

// askerOf locks the question, so that of two jobs for one answer the second sees that the first has mailed.
func askerOf(ctx context.Context, tx bun.Tx, firm, question uuid.UUID) (asker, error) {
	var a asker
	err := tx.NewRaw(`
		select f.person_id, f.contact_id, p.name, p.email, p.locale, f.text, f.answer, by.name as answerer_name, by.email as answerer_email,
			f.mailed_at, coalesce(ct.person_id = f.person_id, false) as same_person,
			ct.access = 'portal' and ct.invited_at is not null and ct.disabled_at is null and ct.archived_at is null and cl.archived_at is null as portal,
			fi.portal_on as firm_on, cl.portal_on as client_on, fi.switches as firm_says, cl.switches as client_says
		from help.feedback f
		join firm fi on fi.firm_id = f.firm_id
		join contact ct on ct.firm_id = f.firm_id and ct.id = f.contact_id
		join client cl on cl.firm_id = f.firm_id and cl.id = f.client_id
		join person p on p.firm_id = f.firm_id and p.id = f.person_id
		left join person by on by.firm_id = f.firm_id and by.id = f.answered_by
		where f.firm_id = ? and f.id = ? and f.state = 'answered'
		for update of f`, firm, question).Scan(ctx, &a)
	return a, db.Found(err)
}

func noteMailed(ctx context.Context, tx bun.Tx, firm, question uuid.UUID) error {
	return db.One(tx.NewRaw("update help.feedback set mailed_at = now() where firm_id = ? and id = ?", firm, question).Exec(ctx))
}

// ownFeedback is all that the viewer said, for the export of own data.
func ownFeedback(ctx context.Context, tx bun.IDB, v auth.Viewer) (rows []struct {
	CreatedAt    time.Time
	ArticleTitle string
	Useful, Text string
	State        string
	Answer       string
	AnsweredAt   time.Time
}, err error) {
	err = tx.NewRaw(`
		select f.created_at, a.title as article_title, f.useful, f.text, f.state, f.answer, f.answered_at
		from help.feedback f
		left join help.article a on a.firm_id = f.firm_id and a.id = f.article_id
		where f.firm_id = ? and f.contact_id = ? and f.person_id = ?
		order by f.created_at, f.id`, v.FirmID(), v.ContactID, v.PersonID).Scan(ctx, &rows)
	return rows, err
}

// tellAnswer is for the demo: a question of three days ago, answered the day after.
func tellAnswer(ctx context.Context, tx bun.Tx, s *demo.Story, question, by uuid.UUID, answer string) error {
	return db.One(tx.NewRaw(`
		update help.feedback
		set created_at = ?, answer = ?, state = 'answered', answered_by = ?, answered_at = ?, mailed_at = ?
		where firm_id = ? and id = ?`,
		s.Day(-3), answer, by, s.Day(-2), s.Day(-2), s.Firm.ID, question).Exec(ctx))
}
