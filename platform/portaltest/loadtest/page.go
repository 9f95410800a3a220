// Package loadtest measures pages: a crowd that asks for them, the reference that they are compared with, and what
// PostgreSQL says of their statements.
package loadtest

import (
	"compress/gzip"
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/valyala/fasthttp"

	"portico/platform/portaltest"
)

const (
	connections = 32
	rounds      = 6
	round       = 500 * time.Millisecond
)

// ListPage compares a signed-in page of Maria's with its own statements on pgx, both plain and packed.
func ListPage(b *testing.B, site *portaltest.Site, path string) {
	firm, session := site.FirmID(), site.Session("maria")
	bare := openBare(b, site, firm, path, session)
	for _, packed := range []bool{false, true} {
		name, more := "plain", []string(nil)
		if packed {
			name, more = "gzip", []string{"Accept-Encoding: gzip, deflate, br"}
		}
		b.Run(name, func(b *testing.B) {
			request := Ask("demo.localhost", path, session, more...)
			bare.page, bare.packed = Once(b, site.Address(), Ask("demo.localhost", path, session)), packed
			measure := func(address string) Visits {
				before := spent(b, site)
				v := Crowd(b, address, request, connections, round)
				v.cpu = spent(b, site).minus(before)
				return v
			}
			if err := bare.read(b.Context()); err != nil {
				b.Fatal("the reference: ", err)
			}
			measure(site.Address())
			measure(bare.address)
			var house, raw Visits
			for b.Loop() {
				for range rounds {
					raw.add(measure(bare.address))
					house.add(measure(site.Address()))
				}
			}
			compare(b, house, raw)
			b.ReportMetric(float64(len(bare.statements)), "statements")
		})
	}
}

func compare(b *testing.B, house, raw Visits) {
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
	pool       *pgxpool.Pool
	firm       uuid.UUID
	statements []statement
	page       []byte
	packed     bool
	packers    sync.Pool
	address    string
}

type statement struct {
	text string
	args []any
}

func openBare(b *testing.B, site *portaltest.Site, firm uuid.UUID, path, session string) *bare {
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
	r := &bare{pool: pool, firm: firm, statements: statementsOf(b, site, path, session)}
	r.packers.New = func() any {
		w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		return w
	}
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

// statementsOf are those that the house sends for a page. The hot ones have arguments; the others carry theirs written
// into the text, and cost the reference no planning either.
func statementsOf(b *testing.B, site *portaltest.Site, path, session string) (all []statement) {
	b.Helper()
	w := Watch(b, site)
	defer w.Stop(site)
	page := func() { Once(b, site.Address(), Ask("demo.localhost", path, session)) }
	page() // the host is looked up once
	for _, p := range w.During(page) {
		s := statement{text: p.Text}
		for _, arg := range p.Args {
			s.args = append(s.args, arg)
		}
		all = append(all, s)
	}
	return all
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
	w := r.packers.Get().(*gzip.Writer)
	defer r.packers.Put(w)
	w.Reset(c)
	_, _ = w.Write(r.page)
	_ = w.Close()
}

func (r *bare) read(ctx context.Context) error {
	tx, err := r.pool.BeginTx(ctx, pgx.TxOptions{BeginQuery: "begin read only; set local app.firm_id = '" + r.firm.String() + "'"})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(ctx) }()
	for _, s := range r.statements {
		rows, err := tx.Query(ctx, s.text, s.args...)
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
