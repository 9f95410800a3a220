package host

import (
	"bytes"
	"context"
	"net/netip"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"portico/platform/access"
	"portico/platform/fault"
	"portico/platform/outbox"
	"portico/platform/web"
)

// metrics are what an operator watches.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
	jobs     *prometheus.HistogramVec
	mails    *prometheus.CounterVec
}

func (h *Host) newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "portico_request_seconds", Help: "Answers by route, method and status.",
			Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, 1, 5},
		}, []string{"route", "method", "status"}),
		jobs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "portico_job_seconds", Help: "Jobs by kind and outcome.", Buckets: []float64{.005, .025, .1, .5, 2, 10, 60},
		}, []string{"kind", "outcome"}),
		mails: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "portico_mails_total", Help: "Mails by kind and outcome.",
		}, []string{"kind", "outcome"}),
	}
	gauge := func(name, help string, value func() float64) {
		m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
	}
	gauge("portico_outbox_lag_seconds", "Age of the oldest promise that is due.", h.outboxLag)
	gauge("portico_streams", "Open live streams.", func() float64 { return float64(h.Web.Streams.Count()) })
	gauge("portico_db_connections_in_use", "Database connections at work.", func() float64 { return float64(h.Pool.Stats().InUse) })
	gauge("portico_db_waits_total", "Waits for a database connection.", func() float64 { return float64(h.Pool.Stats().WaitCount) })
	for _, mounted := range h.Catalog.Modules {
		for _, g := range mounted.Gauges {
			gauge(g.Name, g.Help, func() float64 {
				ctx, cancel := context.WithTimeout(context.Background(), time.Second)
				defer cancel()
				value, err := g.Read(ctx)
				if err != nil {
					return -1
				}
				return value
			})
		}
	}
	m.registry.MustRegister(m.requests, m.jobs, m.mails, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

func (h *Host) outboxLag() float64 {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	lag, err := outbox.Lag(ctx, h.Ops)
	if err != nil {
		return -1
	}
	return lag.Seconds()
}

func (m *metrics) observeRequest(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Observe(took.Seconds())
}

// ObserveJob counts one run of a job.
func (h *Host) ObserveJob(kind, outcome string, took time.Duration) {
	h.metrics.jobs.WithLabelValues(kind, outcome).Observe(took.Seconds())
}

// text is what a scraper reads.
func (m *metrics) text() (string, error) {
	families, err := m.registry.Gather()
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	for _, family := range families {
		if _, err := expfmt.MetricFamilyToText(&b, family); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

// metricsRoute answers visitors from this machine only: a scraper elsewhere has PORTICO_METRICS. What a proxy on this
// machine passes on is not from this machine, whether the proxy is trusted or not.
func (h *Host) metricsRoute() web.Route {
	route := web.Get("/metrics", access.Public, func(r *web.Request) error {
		ip, err := netip.ParseAddr(r.IP())
		if err != nil || !ip.IsLoopback() || r.Header("X-Forwarded-For") != "" || r.Header("Forwarded") != "" || r.Header("Via") != "" {
			return fault.NotFound()
		}
		text, err := h.metrics.text()
		if err != nil {
			return err
		}
		return r.Text(text)
	})
	route.NoFirm = true
	return route
}
