package billing

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/schema"

	"portico/platform/auth"
	"portico/platform/db"
	"portico/platform/demo"
)

// tellWhen dates an invoice of the demo back, mails included.
func tellWhen(ctx context.Context, tx bun.IDB, v auth.Viewer, invoice uuid.UUID, at time.Time) error {
	_, err := tx.NewRaw(`
		update billing.invoice
		set created_at = ?0::timestamptz - interval '2 days', approved_at = ?0, released_at = ?0, mailed_at = ?0
		where firm_id = ?1 and id = ?2`, at, v.FirmID(), invoice).Exec(ctx)
	return err
}

// tellDrawn makes the first line of an invoice of the demo a draw's.
func tellDrawn(ctx context.Context, tx bun.IDB, v auth.Viewer, project uuid.UUID, position int, title string) error {
	_, err := tx.NewRaw(`
		update billing.draw d set invoice_id = i.id
		from billing.invoice i
		where d.firm_id = ? and d.project_id = ? and d.position = ? and i.firm_id = d.firm_id and i.project_id = d.project_id and i.title = ?`,
		v.FirmID(), project, position, title).Exec(ctx)
	if err != nil {
		return err
	}
	_, err = tx.NewRaw(`
		update billing.line l set source = 'draw', source_id = d.id
		from billing.draw d
		where d.firm_id = ? and d.project_id = ? and d.position = ? and l.firm_id = d.firm_id and l.invoice_id = d.invoice_id and l.position = 1`,
		v.FirmID(), project, position).Exec(ctx)
	return err
}

// tellPayable lets the demo's invoices be paid online.
func tellPayable(ctx context.Context, tx bun.IDB, v auth.Viewer) error {
	_, err := tx.NewRaw("update billing.invoice set pay_card = true, pay_bank = true where firm_id = ?", v.FirmID()).Exec(ctx)
	return err
}

// many makes a number of believable invoices for the projects of a big demo: most of them paid, some owed, overdue,
// partly paid, to release, in draft or void. The same seed makes the same rows. They are written as sets, which is as
// quick as a copy, and the books with them.
func many(ctx context.Context, tx bun.Tx, v auth.Viewer, s *demo.Story) (int, error) {
	if s.Size.Invoices == 0 {
		return 0, nil
	}
	step := func(text string) schema.QueryWithArgs {
		return bun.SafeQuery(text, v.FirmID(), s.Size.Invoices, fmt.Sprint(s.Size.Seed), s.Now.Format("2006-01-02"))
	}
	steps := []schema.QueryWithArgs{
		// what each invoice is; h is a number made from the seed that differs from row to row
		step(`create temp table demo_bill on commit drop as
		with pr as (
			select p.id, p.client_id, p.currency, row_number() over (order by p.id) - 1 as n, count(*) over () as of
			from project p where p.firm_id = ?0
		), made as (
			select g.n, ('x' || substr(md5(?2 || '/' || g.n), 1, 15))::bit(60)::bigint as h from generate_series(0, ?1 - 1) g (n)
		), shaped as (
			select m.n, m.h, pr.id as project_id, pr.client_id, pr.currency,
				(?3::date - (700 - m.n * 700 / ?1)::int) as issued_on,
				10000 + (m.h % 4900000) as price, 1000 * (1 + m.h / 7 % 4) as quantity, case when m.h % 3 = 0 then 825 else 0 end as tax_rate,
				(array['Deposit', 'First draw', 'Second draw', 'Cabinets', 'Windows and doors', 'Roof', 'Electrical work', 'Plumbing', 'Painting', 'Landscaping', 'Final draw', 'Change to your contract'])[1 + m.h / 11 % 12] as title,
				m.h / 13 % 100 as lot
			from made m
			join pr on pr.n = m.n % pr.of
		), worked as (
			select s.*, s.issued_on + 14 as due_on, (s.price * s.quantity / 1000)::bigint as net,
				case when s.issued_on > ?3::date - 45 then case when s.lot < 12 then 'draft' when s.lot < 20 then 'approved' when s.lot < 50 then 'open' when s.lot < 60 then 'partial' else 'paid' end
					else case when s.lot < 2 then 'void' when s.lot < 4 then 'open' when s.lot < 5 then 'partial' else 'paid' end end as state
			from shaped s
		)
		select w.*, round(w.net * w.tax_rate / 10000.0)::bigint as tax,
			lpad(to_hex(1704067200000 + w.n), 12, '0') as stamp, substr(md5(?2 || '#' || w.n), 1, 18) as tail
		from worked w`),
		bun.SafeQuery(`alter table demo_bill add column total bigint, add column paid bigint, add column ordinal bigint, add column id uuid, add column payment_id uuid, add column allocation_id uuid, add column issue_id uuid, add column receive_id uuid, add column apply_id uuid, add column void_id uuid`),
		bun.SafeQuery(`update demo_bill b
		set total = net + tax, ordinal = x.ordinal,
			paid = case state when 'paid' then net + tax when 'partial' then (net + tax) / 3 + 1 else 0 end,
			id = (substr(stamp, 1, 8) || '-' || substr(stamp, 9, 4) || '-7' || substr(tail, 1, 3) || '-8' || substr(tail, 4, 3) || '-' || substr(tail, 7, 12))::uuid,
			payment_id = (substr(stamp, 1, 8) || '-' || substr(stamp, 9, 4) || '-7' || substr(tail, 1, 3) || '-9' || substr(tail, 4, 3) || '-' || substr(tail, 7, 12))::uuid,
			allocation_id = (substr(stamp, 1, 8) || '-' || substr(stamp, 9, 4) || '-7' || substr(tail, 1, 3) || '-a' || substr(tail, 4, 3) || '-' || substr(tail, 7, 12))::uuid,
			issue_id = (substr(stamp, 1, 8) || '-' || substr(stamp, 9, 4) || '-7' || substr(tail, 2, 3) || '-8' || substr(tail, 4, 3) || '-' || substr(tail, 7, 12))::uuid,
			receive_id = (substr(stamp, 1, 8) || '-' || substr(stamp, 9, 4) || '-7' || substr(tail, 2, 3) || '-9' || substr(tail, 4, 3) || '-' || substr(tail, 7, 12))::uuid,
			apply_id = (substr(stamp, 1, 8) || '-' || substr(stamp, 9, 4) || '-7' || substr(tail, 2, 3) || '-a' || substr(tail, 4, 3) || '-' || substr(tail, 7, 12))::uuid,
			void_id = (substr(stamp, 1, 8) || '-' || substr(stamp, 9, 4) || '-7' || substr(tail, 2, 3) || '-b' || substr(tail, 4, 3) || '-' || substr(tail, 7, 12))::uuid
		from (select d.n, case when d.state not in ('draft', 'approved') then row_number() over (partition by d.state in ('draft', 'approved') order by d.n) end as ordinal from demo_bill d) x
		where x.n = b.n`),
		step(`insert into billing.invoice (firm_id, id, client_id, project_id, stage, number, ordinal, title, currency, issued_on, due_on, net, tax, total, paid,
			approved_at, released_at, voided_at, mailed_at, created_at, updated_at)
		select ?0, b.id, b.client_id, b.project_id, case when b.state in ('open', 'partial', 'paid') then 'released' else b.state end,
			'INV-' || lpad(b.ordinal::text, greatest(4, length(b.ordinal::text)), '0'), b.ordinal, b.title, b.currency,
			case when b.ordinal is not null then b.issued_on end, b.due_on, b.net, b.tax, b.total, b.paid,
			case when b.state <> 'draft' then b.issued_on end, case when b.ordinal is not null then b.issued_on end,
			case when b.state = 'void' then b.issued_on + 3 end, case when b.ordinal is not null then b.issued_on end, b.issued_on - 2, b.issued_on
		from demo_bill b`),
		step(`insert into billing.line (firm_id, invoice_id, position, text, quantity, price, tax_rate, net, tax)
		select ?0, b.id, 1, b.title, b.quantity, b.price, b.tax_rate, b.net, b.tax from demo_bill b`),
		step(`insert into billing.invoice_word (firm_id, word, invoice_id)
		select distinct ?0::uuid, w.word, b.id from demo_bill b
		cross join lateral (
			select lower(x) as word from regexp_split_to_table(b.title, ' ') x
			union select 'inv' where b.ordinal is not null
			union select lpad(b.ordinal::text, greatest(4, length(b.ordinal::text)), '0') where b.ordinal is not null) w`),
		step(`insert into billing.payment (firm_id, id, client_id, method, number, currency, amount, allocated, received_on, reference, form_key, created_at)
		select ?0, b.payment_id, b.client_id, case when b.h % 2 = 0 then 'check' else 'transfer' end,
			'R-' || case when b.rank < 1000 then lpad(b.rank::text, 4, '0') else b.rank::text end, b.currency, b.paid, b.paid, b.issued_on + 9, (1000 + b.h % 8999)::text, b.payment_id, b.issued_on + 9
		from (select d.*, row_number() over (order by d.n) as rank from demo_bill d where d.paid > 0) b`),
		step(`insert into billing.allocation (firm_id, id, payment_id, invoice_id, amount, on_day, at)
		select ?0, b.allocation_id, b.payment_id, b.id, b.paid, b.issued_on + 9, b.issued_on + 9 from demo_bill b where b.paid > 0`),
		step(`insert into billing.journal (firm_id, id, client_id, kind, source_type, source_id, on_day, at)
		select ?0::uuid, b.issue_id, b.client_id, 'issue', 'invoice', b.id, b.issued_on, b.issued_on from demo_bill b where b.ordinal is not null
		union all select ?0::uuid, b.void_id, b.client_id, 'void', 'invoice', b.id, b.issued_on + 3, b.issued_on + 3 from demo_bill b where b.state = 'void'
		union all select ?0::uuid, b.receive_id, b.client_id, 'receive', 'payment', b.payment_id, b.issued_on + 9, b.issued_on + 9 from demo_bill b where b.paid > 0
		union all select ?0::uuid, b.apply_id, b.client_id, 'apply', 'allocation', b.allocation_id, b.issued_on + 9, b.issued_on + 9 from demo_bill b where b.paid > 0`),
		step(`insert into billing.entry (firm_id, journal_id, n, account, invoice_id, currency, amount)
		select ?0::uuid, e.journal, e.n, e.account, e.invoice, e.currency, e.amount from (
			select b.issue_id as journal, 0 as n, 'receivable' as account, b.id as invoice, b.currency, b.total as amount from demo_bill b where b.ordinal is not null
			union all select b.issue_id, 1, 'revenue', b.id, b.currency, -b.net from demo_bill b where b.ordinal is not null
			union all select b.issue_id, 2, 'tax', b.id, b.currency, -b.tax from demo_bill b where b.ordinal is not null
			union all select b.void_id, 0, 'receivable', b.id, b.currency, -b.total from demo_bill b where b.state = 'void'
			union all select b.void_id, 1, 'revenue', b.id, b.currency, b.net from demo_bill b where b.state = 'void'
			union all select b.void_id, 2, 'tax', b.id, b.currency, b.tax from demo_bill b where b.state = 'void'
			union all select b.receive_id, 0, 'cash', null, b.currency, b.paid from demo_bill b where b.paid > 0
			union all select b.receive_id, 1, 'unapplied', null, b.currency, -b.paid from demo_bill b where b.paid > 0
			union all select b.apply_id, 0, 'unapplied', null, b.currency, b.paid from demo_bill b where b.paid > 0
			union all select b.apply_id, 1, 'receivable', b.id, b.currency, -b.paid from demo_bill b where b.paid > 0) e
		where e.amount <> 0`),
		step(`insert into billing.total (firm_id, client_id, project_id, id, currency, invoiced, paid)
		select ?0::uuid, b.client_id, b.project_id, b.project_id, b.currency, sum(b.total), sum(b.paid)
		from demo_bill b where b.state in ('open', 'partial', 'paid')
		group by b.client_id, b.project_id, b.currency`),
		step(`insert into billing.counter (firm_id, kind, last)
		select ?0::uuid, 'invoice', coalesce(max(b.ordinal), 0) from demo_bill b
		union all select ?0::uuid, 'receipt', count(*) from demo_bill b where b.paid > 0`),
	}
	for n, one := range steps {
		if _, err := tx.NewRaw("?", one).Exec(ctx); err != nil {
			return 0, fmt.Errorf("step %d: %w", n, err)
		}
	}
	var made int
	err := tx.NewRaw("select count(*) from demo_bill").Scan(ctx, &made)
	return made, err
}

func clientOfContact(ctx context.Context, tx bun.IDB, v auth.Viewer, contact uuid.UUID) (client uuid.UUID, err error) {
	err = tx.NewRaw("select ct.client_id from contact ct where ct.firm_id = ? and ct.id = ?", v.FirmID(), contact).Scan(ctx, &client)
	return client, db.Found(err)
}
