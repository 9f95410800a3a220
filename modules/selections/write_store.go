package selections

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/fault"
	"portico/platform/id"
	"portico/platform/search"
)

// words are what a selection is found by.
func words(s Selection) string {
	texts := []string{s.Title, s.Category, s.Room, s.Specification}
	for _, c := range s.Choices {
		texts = append(texts, c.Title)
	}
	return strings.Join(search.Words(texts...), " ")
}

// addSelection begins one as a draft.
func addSelection(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection) (uuid.UUID, error) {
	if s.ID == uuid.Nil {
		s.ID = id.New()
	}
	var n int
	if err := tx.NewRaw(`select count(*) from selections.selection where firm_id = ? and project_id = ?`, v.FirmID(), s.ProjectID).Scan(ctx, &n); err != nil {
		return s.ID, err
	}
	if n >= mostOf {
		return s.ID, fault.Invalid("A project holds up to 500 selections.")
	}
	_, err := tx.NewRaw(`
		insert into selections.selection (firm_id, id, client_id, project_id, category_id, room_id, allowance_id, kind, title, specification, instructions,
			trade_info, notes, due_on, item_id, item_title, item_offset, required, several, may_decline, may_propose, open_ended, words)
		values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, to_tsvector('simple', ?))`,
		v.FirmID(), s.ID, s.ClientID, s.ProjectID, db.NullID(s.CategoryID), db.NullID(s.RoomID), db.NullID(s.AllowanceID), s.Kind, s.Title, s.Specification, s.Instructions,
		s.TradeInfo, s.Notes, s.DueOn, db.NullID(s.ItemID), s.ItemTitle, s.ItemOffset, s.Required, s.Several, s.MayDecline, s.MayPropose, s.OpenEnded, words(s)).Exec(ctx)
	return s.ID, err
}

// saveSelection writes it if nobody else has since.
func saveSelection(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection) error {
	return moved(db.One(tx.NewRaw(`
		update selections.selection
		set category_id = ?, room_id = ?, allowance_id = ?, kind = ?, title = ?, specification = ?, instructions = ?, trade_info = ?, notes = ?,
			reminders = case when due_on is distinct from ?9 then 0 else reminders end, due_on = ?, item_id = ?, item_title = ?, item_offset = ?,
			required = ?, several = ?, may_decline = ?, may_propose = ?, open_ended = ?, words = to_tsvector('simple', ?),
			version = version + 1, changed_at = now()
		where firm_id = ? and id = ? and version = ?`,
		db.NullID(s.CategoryID), db.NullID(s.RoomID), db.NullID(s.AllowanceID), s.Kind, s.Title, s.Specification, s.Instructions, s.TradeInfo, s.Notes,
		s.DueOn, db.NullID(s.ItemID), s.ItemTitle, s.ItemOffset, s.Required, s.Several, s.MayDecline, s.MayPropose, s.OpenEnded, words(s),
		v.FirmID(), s.ID, s.Version).Exec(ctx)))
}

// touch notes that something about it has changed, and what it is found by.
func touch(ctx context.Context, tx bun.IDB, v auth.Viewer, selection uuid.UUID) error {
	s, err := byID(ctx, tx, v, selection)
	if err != nil {
		return err
	}
	return db.One(tx.NewRaw(`
		update selections.selection set words = to_tsvector('simple', ?), version = version + 1, changed_at = now()
		where firm_id = ? and id = ?`, words(s), v.FirmID(), selection).Exec(ctx))
}

// dropSelection forgets one that never was decided, with its choices; its files are answered, for the library.
func dropSelection(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection) error {
	for _, table := range []bun.Ident{"selections.file", "selections.pick", "selections.request", "selections.decision", "selections.choice"} {
		if _, err := tx.NewRaw(`delete from ? where firm_id = ? and selection_id = ?`, table, v.FirmID(), s.ID).Exec(ctx); err != nil {
			return err
		}
	}
	return db.One(tx.NewRaw(`delete from selections.selection where firm_id = ? and id = ?`, v.FirmID(), s.ID).Exec(ctx))
}

// saveChoice adds a choice, or writes it if nobody else has since.
func saveChoice(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, c Choice) (uuid.UUID, error) {
	if c.ID == uuid.Nil {
		if len(s.Choices) >= mostChoices {
			return c.ID, fault.Invalid("A selection holds up to 40 choices.")
		}
		c.ID = id.New()
		_, err := tx.NewRaw(`
			insert into selections.choice (firm_id, id, client_id, selection_id, title, text, link, vendor, cost, markup, price, by_client, position, created_by)
			select ?0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, coalesce(max(x.position), 0) + 1, ?12
			from selections.choice x
			where x.firm_id = ?0 and x.selection_id = ?3`,
			v.FirmID(), c.ID, s.ClientID, s.ID, c.Title, c.Text, c.Link, c.Vendor, c.Cost, c.Markup, c.Price, c.ByClient, db.NullID(v.PersonID)).Exec(ctx)
		return c.ID, err
	}
	return c.ID, moved(db.One(tx.NewRaw(`
		update selections.choice set title = ?, text = ?, link = ?, vendor = ?, cost = ?, markup = ?, price = ?, version = version + 1
		where firm_id = ? and id = ? and version = ?`, c.Title, c.Text, c.Link, c.Vendor, c.Cost, c.Markup, c.Price, v.FirmID(), c.ID, c.Version).Exec(ctx)))
}

// dropChoice forgets a choice that is not approved; when it was taken, the selection is open again.
func dropChoice(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, c Choice) error {
	if c.Picked {
		if err := savePick(ctx, tx, v, s, c, false); err != nil {
			return err
		}
	}
	if _, err := tx.NewRaw(`delete from selections.file where firm_id = ? and choice_id = ?`, v.FirmID(), c.ID).Exec(ctx); err != nil {
		return err
	}
	return db.Found(db.One(tx.NewRaw(`
		delete from selections.choice c
		where c.firm_id = ? and c.id = ?
			and not exists (select from selections.pick p where p.firm_id = c.firm_id and p.choice_id = c.id)`, v.FirmID(), c.ID).Exec(ctx)))
}

// placeChoice moves a choice up among the others of its selection, or down with a negative up.
func placeChoice(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, c Choice, up int) error {
	_, err := tx.NewRaw(`
		with ranked as (
			select c.id, row_number() over (order by c.position, c.id) * 2 - case when c.id = ?2 then ?3 else 0 end as place
			from selections.choice c
			where c.firm_id = ?0 and c.selection_id = ?1)
		update selections.choice c set position = r.place
		from ranked r
		where c.firm_id = ?0 and c.id = r.id`, v.FirmID(), s.ID, c.ID, 3*up).Exec(ctx)
	return err
}

// selectionOfChoice finds the selection of a choice.
func selectionOfChoice(ctx context.Context, tx bun.IDB, v auth.Viewer, choice uuid.UUID) (uuid.UUID, error) {
	var s uuid.UUID
	err := tx.NewRaw(`select c.selection_id from selections.choice c where c.firm_id = ? and c.id = ?`, v.FirmID(), choice).Scan(ctx, &s)
	return s, db.Found(err)
}

// headingCalled finds a category or room by its name, or adds it at the end.
func headingCalled(ctx context.Context, tx bun.IDB, v auth.Viewer, p project, kind, title string) (uuid.UUID, error) {
	var h uuid.UUID
	err := tx.NewRaw(`
		insert into selections.heading as h (firm_id, id, client_id, project_id, kind, title, position)
		select ?0, ?1, ?2, ?3, ?4, ?5, coalesce(max(x.position), 0) + 1
		from selections.heading x
		where x.firm_id = ?0 and x.project_id = ?3 and x.kind = ?4
		on conflict (firm_id, project_id, kind, lower(title)) do update set title = h.title
		returning id`, v.FirmID(), id.New(), p.ClientID, p.ID, kind, title).Scan(ctx, &h)
	return h, err
}

// headingOf checks that one belongs to the project.
func headingOf(ctx context.Context, tx bun.IDB, v auth.Viewer, p project, kind string, one uuid.UUID) (title string, err error) {
	err = tx.NewRaw(`
		select h.title from selections.heading h
		where h.firm_id = ? and h.project_id = ? and h.kind = ? and h.id = ?`, v.FirmID(), p.ID, kind, one).Scan(ctx, &title)
	return title, db.Found(err)
}

func headingByID(ctx context.Context, tx bun.IDB, v auth.Viewer, one uuid.UUID) (h Heading, of uuid.UUID, err error) {
	var row struct {
		Heading
		ProjectID uuid.UUID
	}
	err = tx.NewRaw(`
		select h.id, h.kind, h.title, h.position, h.project_id, (
			select count(*) from selections.selection s
			where s.firm_id = h.firm_id and (s.category_id = h.id or s.room_id = h.id)) as uses
		from selections.heading h
		where h.firm_id = ? and h.id = ?`, v.FirmID(), one).Scan(ctx, &row)
	return row.Heading, row.ProjectID, db.Found(err)
}

// saveHeading renames one and moves it up by so many places.
func saveHeading(ctx context.Context, tx bun.IDB, v auth.Viewer, h Heading, of uuid.UUID, title string, up int) error {
	var taken bool
	err := tx.NewRaw(`
		select exists (select from selections.heading
			where firm_id = ? and project_id = ? and kind = ? and lower(title) = lower(?) and id <> ?)`, v.FirmID(), of, h.Kind, title, h.ID).Scan(ctx, &taken)
	if err != nil {
		return err
	}
	if taken {
		return fault.Field("title", "There is one with this name already.")
	}
	if _, err := tx.NewRaw(`update selections.heading set title = ? where firm_id = ? and id = ?`, title, v.FirmID(), h.ID).Exec(ctx); err != nil || up == 0 {
		return err
	}
	_, err = tx.NewRaw(`
		with ranked as (
			select h.id, row_number() over (order by h.position, h.id) * 2 - case when h.id = ?3 then ?4 else 0 end as place
			from selections.heading h
			where h.firm_id = ?0 and h.project_id = ?1 and h.kind = ?2)
		update selections.heading h set position = r.place
		from ranked r
		where h.firm_id = ?0 and h.id = r.id`, v.FirmID(), of, h.Kind, h.ID, 3*up).Exec(ctx)
	return err
}

// dropHeading forgets one; its selections stand under none.
func dropHeading(ctx context.Context, tx bun.IDB, v auth.Viewer, h Heading) error {
	_, err := tx.NewRaw(`
		update selections.selection
		set category_id = nullif(category_id, ?0), room_id = nullif(room_id, ?0), version = version + 1
		where firm_id = ?1 and (category_id = ?0 or room_id = ?0)`, h.ID, v.FirmID()).Exec(ctx)
	if err != nil {
		return err
	}
	return db.Found(db.One(tx.NewRaw(`delete from selections.heading where firm_id = ? and id = ?`, v.FirmID(), h.ID).Exec(ctx)))
}

// saveAllowance adds one, or writes it if nobody else has since.
func saveAllowance(ctx context.Context, tx bun.IDB, v auth.Viewer, p project, a Allowance) (uuid.UUID, error) {
	if a.ID == uuid.Nil {
		a.ID = id.New()
		_, err := tx.NewRaw(`
			insert into selections.allowance (firm_id, id, client_id, project_id, title, amount, shared, notes) values (?, ?, ?, ?, ?, ?, ?, ?)`,
			v.FirmID(), a.ID, p.ClientID, p.ID, a.Title, a.Amount, a.Shared, a.Notes).Exec(ctx)
		return a.ID, err
	}
	return a.ID, moved(db.One(tx.NewRaw(`
		update selections.allowance set title = ?, amount = ?, shared = ?, notes = ?, version = version + 1
		where firm_id = ? and id = ? and version = ?`, a.Title, a.Amount, a.Shared, a.Notes, v.FirmID(), a.ID, a.Version).Exec(ctx)))
}

func allowanceByID(ctx context.Context, tx bun.IDB, v auth.Viewer, allowance uuid.UUID) (Allowance, error) {
	list, err := allowancesByID(ctx, tx, v, []uuid.UUID{allowance})
	if err != nil {
		return Allowance{}, err
	}
	a, there := list[allowance]
	if !there {
		return a, fault.NotFound()
	}
	return a, nil
}

// holdAllowance keeps approvals waiting while its amount changes: as they do, it holds the selections first.
func holdAllowance(ctx context.Context, tx bun.IDB, v auth.Viewer, allowance uuid.UUID) error {
	_, err := tx.NewRaw(`select from selections.selection where firm_id = ? and allowance_id = ? order by id for update`, v.FirmID(), allowance).Exec(ctx)
	if err != nil {
		return err
	}
	return db.Found(db.One(tx.NewRaw(`select from selections.allowance where firm_id = ? and id = ? for update`, v.FirmID(), allowance).Exec(ctx)))
}

// dropAllowance forgets one that nothing was approved of.
func dropAllowance(ctx context.Context, tx bun.IDB, v auth.Viewer, a Allowance) error {
	_, err := tx.NewRaw(`update selections.selection set allowance_id = null, version = version + 1 where firm_id = ? and allowance_id = ?`, v.FirmID(), a.ID).Exec(ctx)
	if err != nil {
		return err
	}
	if _, err := tx.NewRaw(`update selections.change set allowance_id = null where firm_id = ? and allowance_id = ?`, v.FirmID(), a.ID).Exec(ctx); err != nil {
		return err
	}
	return db.Found(db.One(tx.NewRaw(`delete from selections.allowance where firm_id = ? and id = ?`, v.FirmID(), a.ID).Exec(ctx)))
}

// setOpens says how wide the book is open to a project's client.
func setOpens(ctx context.Context, tx bun.IDB, v auth.Viewer, p project, opens string) error {
	_, err := tx.NewRaw(`
		insert into selections.book as b (firm_id, project_id, client_id, opens) values (?, ?, ?, ?)
		on conflict (firm_id, project_id) do update set opens = excluded.opens`, v.FirmID(), p.ID, p.ClientID, opens).Exec(ctx)
	return err
}

// addFile shows a file of the library with a selection, or with one of its choices.
func addFile(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection, f File) error {
	_, err := tx.NewRaw(`
		insert into selections.file (firm_id, id, client_id, selection_id, choice_id, file_id, kind, by_client, position, created_by)
		select ?0, ?1, ?2, ?3, ?4, ?5, ?6, ?7, count(*), ?8
		from selections.file f
		where f.firm_id = ?0 and f.selection_id = ?3`,
		v.FirmID(), id.New(), s.ClientID, s.ID, db.NullID(f.ChoiceID), f.FileID, f.Kind, v.Side == auth.Portal, db.NullID(v.PersonID)).Exec(ctx)
	return err
}

// fileByID finds one with its selection, if the viewer may see it.
func fileByID(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (f File, s Selection, err error) {
	var of uuid.UUID
	err = tx.NewRaw(`select f.selection_id from selections.file f where f.firm_id = ? and f.id = ?`, v.FirmID(), file).Scan(ctx, &of)
	if err != nil {
		return f, s, db.Found(err)
	}
	if s, err = byID(ctx, tx, v, of); err != nil {
		return f, s, err
	}
	all, err := filesOf(ctx, tx, v, []uuid.UUID{of})
	for _, f := range all {
		if f.ID == file {
			return f, s, err
		}
	}
	if err == nil {
		err = fault.NotFound()
	}
	return f, s, err
}

// dropFile takes it away there, and answers whether it is shown nowhere else: no other project, no template has it.
func dropFile(ctx context.Context, tx bun.IDB, v auth.Viewer, f File) (last bool, err error) {
	if err := db.Found(db.One(tx.NewRaw(`delete from selections.file where firm_id = ? and id = ?`, v.FirmID(), f.ID).Exec(ctx))); err != nil {
		return false, err
	}
	return unused(ctx, tx, v, f.FileID)
}

// unused reports whether nothing shows a file any more.
func unused(ctx context.Context, tx bun.IDB, v auth.Viewer, file uuid.UUID) (yes bool, err error) {
	err = tx.NewRaw(`
		select not exists (select from selections.file f where f.firm_id = ?0 and f.file_id = ?1)
			and not exists (select from selections.template t where t.firm_id = ?0 and strpos(t.body::text, ?2) > 0)`,
		v.FirmID(), file, file.String()).Scan(ctx, &yes)
	return yes, err
}

// release shows drafts of a project to its client, and answers which ones.
func release(ctx context.Context, tx bun.IDB, v auth.Viewer, p project, ids []uuid.UUID, now time.Time) (released []uuid.UUID, err error) {
	err = tx.NewRaw(`
		update selections.selection set state = 'released', released_at = ?, version = version + 1, changed_at = ?
		where firm_id = ? and project_id = ? and state = 'draft' and id in (?)
		returning id`, now, now, v.FirmID(), p.ID, bun.List(ids)).Scan(ctx, &released)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return released, err
}

// holdHanging lets those who move the deadlines of an item wait for each other, before they ask where it is.
func holdHanging(ctx context.Context, tx bun.IDB, v auth.Viewer, projectID, item uuid.UUID) error {
	_, err := tx.NewRaw(`
		select from selections.selection where firm_id = ? and project_id = ? and item_id = ? order by id for update`, v.FirmID(), projectID, item).Exec(ctx)
	return err
}

// moveDeadlines puts deadlines that hang on an item of the schedule where the item is now. Without a
// title they keep the one that they know.
func moveDeadlines(ctx context.Context, tx bun.IDB, v auth.Viewer, projectID, item uuid.UUID, title string, end day.Day) (moved []Selection, err error) {
	err = tx.NewRaw(`
		update selections.selection s
		set item_title = coalesce(nullif(?0, ''), item_title), reminders = case when due_on is distinct from ?1::date + item_offset then 0 else reminders end,
			due_on = ?1::date + item_offset, version = version + 1
		where firm_id = ?2 and project_id = ?3 and item_id = ?4
			and (due_on is distinct from ?1::date + item_offset or item_title <> ?0 and ?0 <> '')
		returning s.id, s.client_id, s.project_id, s.title, s.state, s.due_on`, title, end, v.FirmID(), projectID, item).Scan(ctx, &moved)
	return moved, err
}

// dropItem lets deadlines stay where they are when their item is gone.
func dropItem(ctx context.Context, tx bun.IDB, v auth.Viewer, projectID, item uuid.UUID) error {
	_, err := tx.NewRaw(`
		update selections.selection set item_id = null, item_title = '', item_offset = 0, version = version + 1
		where firm_id = ? and project_id = ? and item_id = ?`, v.FirmID(), projectID, item).Exec(ctx)
	return err
}

// setInvoiced notes which changes stand on an invoice of the client's; Nil: on none any more.
func setInvoiced(ctx context.Context, tx bun.IDB, v auth.Viewer, ids []uuid.UUID, invoice uuid.UUID) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.NewRaw(`update selections.change set invoice_id = ? where firm_id = ? and id in (?)`, db.NullID(invoice), v.FirmID(), bun.List(ids)).Exec(ctx)
	return err
}

// moveOff takes a selection off its own allowance and forgets that. What reopened decisions had told of it was void
// before.
func moveOff(ctx context.Context, tx bun.IDB, v auth.Viewer, s Selection) error {
	return dropAllowance(ctx, tx, v, s.Allowance)
}
