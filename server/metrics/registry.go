package metrics

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Registry holds all metrics of a process. A name is registered once: a second registration is a programming error, and panics. Labels
// come from the project's files, never from requests. Its methods are safe for concurrent use.
type Registry struct{ all *prometheus.Registry }

// New returns a registry with what the runtime and the operating system say of the process.
func New() *Registry {
	r := &Registry{prometheus.NewRegistry()}
	r.all.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return r
}

// Handler answers with all metrics, as GET /metrics does.
func (r *Registry) Handler() http.Handler { return promhttp.HandlerFor(r.all, promhttp.HandlerOpts{}) }

// Counter only grows.
type Counter struct{ c prometheus.Counter }

// Inc adds one.
func (c Counter) Inc() { c.c.Inc() }

// Counter registers a counter without labels.
func (r *Registry) Counter(name, help string) Counter {
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	r.all.MustRegister(c)
	return Counter{c}
}

// Counters are counters of one name, told apart by their labels.
type Counters struct{ all *prometheus.CounterVec }

// Counters registers counters with labels.
func (r *Registry) Counters(name, help string, labels ...string) Counters {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	r.all.MustRegister(c)
	return Counters{c}
}

// Of returns the counter whose labels have these values, in the order of the labels.
func (c Counters) Of(values ...string) Counter { return Counter{c.all.WithLabelValues(values...)} }

// Gauge rises and falls.
type Gauge struct{ g prometheus.Gauge }

// Inc adds one.
func (g Gauge) Inc() { g.g.Inc() }

// Dec takes one away.
func (g Gauge) Dec() { g.g.Dec() }

// Gauge registers a gauge without labels.
func (r *Registry) Gauge(name, help string) Gauge {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: help})
	r.all.MustRegister(g)
	return Gauge{g}
}

// Histogram counts measured values by their size.
type Histogram struct{ o prometheus.Observer }

// Observe adds a value.
func (h Histogram) Observe(value float64) { h.o.Observe(value) }

// Histograms are histograms of one name, told apart by their labels.
type Histograms struct{ all *prometheus.HistogramVec }

// Histograms registers histograms with labels. buckets are their upper bounds, in rising order.
func (r *Registry) Histograms(name, help string, buckets []float64, labels ...string) Histograms {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	r.all.MustRegister(h)
	return Histograms{h}
}

// Of returns the histogram whose labels have these values, in the order of the labels.
func (h Histograms) Of(values ...string) Histogram {
	return Histogram{h.all.WithLabelValues(values...)}
}
