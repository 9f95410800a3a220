package host_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/valyala/fasthttp"

	"portico/platform/portaltest"
	"portico/platform/secret"
)

const (
	connections = 32
	round       = 500 * time.Millisecond
)

// BenchmarkListPage measures a signed-in list page through the whole house beside the same statements on pgx alone,
// with row-level security, in the same kind of server, which answers with the same bytes. Rounds alternate, so that
// what else the machine does meets both. Ratios count; the rest depends on the machine.
func BenchmarkListPage(b *testing.B) {
	site := portaltest.Open(b, ledger)
	book := keepLedger(b, site, 200)
	session := site.Session("maria")
	bare := openBare(b, site, book, session)
	for _, packed := range []bool{false, true} {
		name, more := "plain", []string(nil)
		if packed {
			name, more = "gzip", []string{"Accept-Encoding: gzip, deflate, br"}
		}
		b.Run(name, func(b *testing.B) {
			request := ask("demo.localhost", book.path, session, more...)
			bare.page, bare.packed = once(b, site.Address(), ask("demo.localhost", book.path, session)), packed
			measure := func(address string) visits {
				before := spent(b, site)
				v := crowd(b, address, request, connections, round)
				v.cpu = spent(b, site).minus(before)
				return v
			}
			measure(site.Address())
			measure(bare.address)
			var house, raw visits
			for b.Loop() {
				raw.add(measure(bare.address))
				house.add(measure(site.Address()))
			}
			compare(b, house, raw)
		})
	}
}

func compare(b *testing.B, house, raw visits) {
	b.ReportMetric(house.perSecond(), "pages/s")
	b.ReportMetric(raw.perSecond(), "raw-pages/s")
	b.ReportMetric(100*house.perSecond()/raw.perSecond(), "%-of-raw")
	b.ReportMetric(float64(house.percentile(.99).Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(raw.percentile(.99).Microseconds())/1000, "raw-p99-ms")
	b.ReportMetric(house.perPage(house.cpu.here), "go-us")
	b.ReportMetric(house.perPage(house.cpu.postgres), "pg-us")
	b.ReportMetric(raw.perPage(raw.cpu.here), "raw-go-us")
	b.ReportMetric(raw.perPage(raw.cpu.postgres), "raw-pg-us")
	b.ReportMetric(100*raw.perPage(raw.cpu.here+raw.cpu.postgres)/house.perPage(house.cpu.here+house.cpu.postgres), "%-of-raw-by-cpu")
	b.ReportMetric(float64(house.bytes), "bytes")
	b.ReportMetric(0, "ns/op")
}

// bare is the reference: nothing between the wire and the database but what cannot be left out.
type bare struct {
	pool    *pgxpool.Pool
	book    book
	viewer  string // the statement that says who looks
	hash    []byte
	page    []byte
	packed  bool
	address string
}

func openBare(b *testing.B, site *portaltest.Site, book book, session string) *bare {
	b.Helper()
	config, err := pgxpool.ParseConfig(site.DatabaseURL())
	if err != nil {
		b.Fatal(err)
	}
	config.MaxConns = int32(site.Config.Connections)
	config.ConnConfig.RuntimeParams["role"] = "portico_app"
	config.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	pool, err := pgxpool.NewWithConfig(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	r := &bare{pool: pool, book: book, viewer: viewerStatement(b, site, book, session), hash: secret.Hash(session)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	r.address = l.Addr().String()
	server := &fasthttp.Server{Handler: r.answer, ReduceMemoryUsage: true, NoDefaultServerHeader: true}
	go func() { _ = server.Serve(l) }()
	b.Cleanup(func() {
		_ = server.Shutdown()
		pool.Close()
	})
	return r
}

// viewerStatement is what the house itself has prepared for the question who looks.
func viewerStatement(b *testing.B, site *portaltest.Site, book book, session string) (text string) {
	b.Helper()
	site.Pool.SetMaxOpenConns(1)
	defer func() {
		site.Pool.SetMaxOpenConns(site.Config.Connections)
		site.Pool.SetMaxIdleConns(site.Config.Connections)
	}()
	once(b, site.Address(), ask("demo.localhost", book.path, session))
	err := site.Pool.NewRaw("select statement from pg_prepared_statements where statement like '%token_hash = $2%'").Scan(b.Context(), &text)
	if err != nil {
		b.Fatal("the viewer's statement: ", err)
	}
	return text
}

func (r *bare) answer(c *fasthttp.RequestCtx) {
	if err := r.read(c); err != nil {
		c.Error(err.Error(), 500)
		return
	}
	c.SetContentType("text/html; charset=utf-8")
	if !r.packed {
		c.SetBody(r.page)
		return
	}
	c.Response.Header.Set("Content-Encoding", "gzip")
	w, _ := gzip.NewWriterLevel(c, gzip.BestSpeed)
	_, _ = w.Write(r.page)
	_ = w.Close()
}

func (r *bare) read(ctx context.Context) error {
	tx, err := r.pool.BeginTx(ctx, pgx.TxOptions{BeginQuery: "begin read only; set local app.firm_id = '" + r.book.firm.String() + "'"})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	for _, q := range []struct {
		text string
		with any
	}{{r.viewer, r.hash}, {ledgerClient, r.book.client}, {ledgerTotals, r.book.client}, {ledgerRows, r.book.client}} {
		rows, err := tx.Query(ctx, q.text, r.book.firm, q.with)
		if err != nil {
			return err
		}
		for rows.Next() {
			if _, err := rows.Values(); err != nil {
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return tx.Commit(ctx)
}

// TestLedgerPageShowsItsRows keeps the measure honest: the page must be the one that it stands for.
func TestLedgerPageShowsItsRows(t *testing.T) {
	site := portaltest.Open(t, ledger)
	book := keepLedger(t, site, 20)
	page := once(t, site.Address(), ask("demo.localhost", book.path, site.Session("maria")))
	if n := bytes.Count(page, []byte("<tr><td")); n != 20 {
		t.Errorf("%d rows, want 20", n)
	}
	if size := len(page); size < 15_000 || size > 25_000 {
		t.Error(fmt.Errorf("%d bytes; the page stands for one of about 19 KB", size))
	}
}
