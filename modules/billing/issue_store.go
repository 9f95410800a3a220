package billing

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"portico/platform/auth"
	"portico/platform/day"
	"portico/platform/db"
	"portico/platform/id"
	"portico/platform/search"
)

// heads are what stands around the lines of invoices at their release.
type heads struct {
	From    []string
	To      map[uuid.UUID][]string // by client
	TaxName string
	Footer  string
}

// holdClients makes money of these clients move one after the other, each in its turn, and gives their addresses.
func holdClients(ctx context.Context, tx bun.IDB, v auth.Viewer, clients []uuid.UUID) (map[uuid.UUID][]string, error) {
	var list []party
	err := tx.NewRaw(`
		select cl.id, cl.id as client_id, cl.name, cl.street, cl.city, cl.region, cl.postcode, cl.country
		from client cl
		where cl.firm_id = ? and cl.id = any(?::uuid[])
		order by cl.id
		for no key update`, v.FirmID(), pgdialect.Array(clients)).Scan(ctx, &list)
	to := make(map[uuid.UUID][]string, len(list))
	for _, c := range list {
		to[c.ID] = addressOf(c)
	}
	return to, err
}

// putIssued writes numbers and days of released invoices, what stood around them, and the words by which they are found.
// Many are written as quickly as one.
func putIssued(ctx context.Context, tx bun.IDB, v auth.Viewer, list []Invoice, ordinals []sql.NullInt64, h heads) error {
	type issued struct {
		ID      uuid.UUID `json:"id"`
		Number  string    `json:"number"`
		Ordinal *int64    `json:"ordinal"` // null: a number of another program
		On      day.Day   `json:"issued_on"`
		Due     day.Day   `json:"due_on"`
		To      []string  `json:"issued_to"`
	}
	rows := make([]issued, len(list))
	var ids, wordOf []uuid.UUID
	var words []string
	for n, i := range list {
		rows[n] = issued{i.ID, i.Number, nil, i.IssuedOn, i.DueOn, h.To[i.ClientID]}
		if ordinals[n].Valid {
			rows[n].Ordinal = &ordinals[n].Int64
		}
		ids = append(ids, i.ID)
		for _, word := range search.Words(i.Title, i.Number) {
			words, wordOf = append(words, word), append(wordOf, i.ID)
		}
	}
	for part := range slices.Chunk(rows, 1000) {
		body, err := json.Marshal(part)
		if err != nil {
			return err
		}
		_, err = tx.NewRaw(`
			update billing.invoice i
			set stage = 'released', number = r.number, ordinal = r.ordinal, imported = r.ordinal is null, issued_on = r.issued_on, due_on = r.due_on, released_by = ?1, released_at = now(),
				issued_from = ?2, issued_to = array(select jsonb_array_elements_text(r.issued_to)), issued_tax_name = ?3, issued_footer = ?4,
				version = version + 1, updated_at = now()
			from jsonb_to_recordset(?5::jsonb) as r (id uuid, number text, ordinal bigint, issued_on date, due_on date, issued_to jsonb)
			where i.firm_id = ?0 and i.id = r.id`,
			v.FirmID(), db.NullID(v.PersonID), pgdialect.Array(h.From), h.TaxName, h.Footer, string(body)).Exec(ctx)
		if err != nil {
			return err
		}
	}
	_, err := tx.NewRaw("delete from billing.invoice_word where firm_id = ? and invoice_id = any(?::uuid[])", v.FirmID(), pgdialect.Array(ids)).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		insert into billing.invoice_word (firm_id, word, invoice_id)
		select ?, w.word, w.invoice_id from unnest(?::text[], ?::uuid[]) as w (word, invoice_id)`,
		v.FirmID(), pgdialect.Array(words), pgdialect.Array(wordOf)).Exec(ctx)
	return err
}

// bookIssues books what many invoices come to, and moves their totals.
func bookIssues(ctx context.Context, tx bun.IDB, v auth.Viewer, list []Invoice, on day.Day) error {
	var books journals
	type home struct {
		client, project uuid.UUID
		currency        string
	}
	sums := map[home]int64{}
	var homes []home
	for _, i := range list {
		entries, err := issued(ctx, tx, v, i, 1)
		if err != nil {
			return err
		}
		if err := books.add(i.ClientID, "issue", "invoice", i.ID, i.Currency, entries...); err != nil {
			return err
		}
		h := home{i.ClientID, i.home(), i.Currency}
		if _, known := sums[h]; !known {
			homes = append(homes, h)
		}
		sums[h] += i.Total
	}
	if err := books.put(ctx, tx, v, on); err != nil {
		return err
	}
	var clients, projects []uuid.UUID
	var currencies []string
	var amounts []int64
	for _, h := range homes {
		clients, projects = append(clients, h.client), append(projects, h.project)
		currencies, amounts = append(currencies, h.currency), append(amounts, sums[h])
	}
	_, err := tx.NewRaw(`
		insert into billing.total as t (firm_id, client_id, project_id, id, currency, invoiced)
		select ?, x.client_id, nullif(x.project_id, '00000000-0000-0000-0000-000000000000'::uuid), coalesce(nullif(x.project_id, '00000000-0000-0000-0000-000000000000'::uuid), x.client_id), x.currency, x.invoiced
		from unnest(?::uuid[], ?::uuid[], ?::text[], ?::bigint[]) as x (client_id, project_id, currency, invoiced)
		on conflict (firm_id, client_id, id, currency) do update set invoiced = t.invoiced + excluded.invoiced`,
		v.FirmID(), pgdialect.Array(clients), pgdialect.Array(projects), pgdialect.Array(currencies), pgdialect.Array(amounts)).Exec(ctx)
	return err
}

// journals are bookings that are written together.
type journals struct {
	id, client, source []uuid.UUID
	kind, sourceType   []string

	of       []uuid.UUID // of the entries: their journals
	n        []int
	account  []string
	invoice  []string // "": none
	currency []string
	amount   []int64
}

// add puts down one that must add up to nothing. What is nothing itself is left out.
func (j *journals) add(client uuid.UUID, kind, sourceType string, source uuid.UUID, currency string, entries ...entry) error {
	if err := balanced(kind, sourceType, source, entries); err != nil {
		return err
	}
	journal := id.New()
	j.id, j.client, j.kind = append(j.id, journal), append(j.client, client), append(j.kind, kind)
	j.sourceType, j.source = append(j.sourceType, sourceType), append(j.source, source)
	for n, e := range entries {
		if e.Amount == 0 {
			continue
		}
		j.of, j.n, j.account = append(j.of, journal), append(j.n, n), append(j.account, e.Account)
		j.invoice, j.currency, j.amount = append(j.invoice, idText(e.Invoice)), append(j.currency, currency), append(j.amount, e.Amount)
	}
	return nil
}

// put writes them.
func (j *journals) put(ctx context.Context, tx bun.IDB, v auth.Viewer, on day.Day) error {
	_, err := tx.NewRaw(`
		insert into billing.journal (firm_id, id, client_id, kind, source_type, source_id, on_day, by_id)
		select ?, j.id, j.client_id, j.kind, j.source_type, j.source_id, ?::date, ?::uuid
		from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::uuid[]) as j (id, client_id, kind, source_type, source_id)`,
		v.FirmID(), on, db.NullID(v.PersonID),
		pgdialect.Array(j.id), pgdialect.Array(j.client), pgdialect.Array(j.kind), pgdialect.Array(j.sourceType), pgdialect.Array(j.source)).Exec(ctx)
	if err != nil || len(j.of) == 0 {
		return err
	}
	_, err = tx.NewRaw(`
		insert into billing.entry (firm_id, journal_id, n, account, invoice_id, currency, amount)
		select ?, e.journal_id, e.n, e.account, nullif(e.invoice_id, '')::uuid, e.currency, e.amount
		from unnest(?::uuid[], ?::integer[], ?::text[], ?::text[], ?::text[], ?::bigint[]) as e (journal_id, n, account, invoice_id, currency, amount)`,
		v.FirmID(), pgdialect.Array(j.of), pgdialect.Array(j.n), pgdialect.Array(j.account), pgdialect.Array(j.invoice),
		pgdialect.Array(j.currency), pgdialect.Array(j.amount)).Exec(ctx)
	return err
}
