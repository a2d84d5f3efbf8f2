package server

import (
	"strconv"
	"sync/atomic"
	"time"

	"fondaco/connectors"
	"fondaco/server/metrics"
)

// measured is what the server counts and measures of requests.
type measured struct {
	requests metrics.Counters
	duration metrics.Histograms
	faults   metrics.Counters
	inFlight metrics.Gauge
	refused  metrics.Counter
	dropped  metrics.Counter
	limited  metrics.Counter
	unrouted *routeMetrics
}

func newMeasured(r *metrics.Registry) *measured {
	m := &measured{
		requests: r.Counters("fondaco_requests_total", "Requests answered, by route and status; the route is empty when none was found.", "route",
			"status"),
		duration: r.Histograms("fondaco_request_duration_seconds", "Time from a request's head to its answer, by route.",
			[]float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}, "route"),
		faults: r.Counters("fondaco_faults_total", "Exchanges that failed by a system's fault, by system, operation and kind.", "system",
			"operation", "kind"),
		inFlight: r.Gauge("fondaco_requests_in_flight", "Requests being answered."),
		refused:  r.Counter("fondaco_http_refused_total", "Requests refused at the door for their form."),
		dropped:  r.Counter("fondaco_dropped_fields_total", "Header fields left out at the door."),
		limited:  r.Counter("fondaco_rate_limited_total", "Requests refused because their caller's rate was used up."),
	}
	m.unrouted = m.route("")
	return m
}

// fault counts a fault that ended an exchange.
func (m *measured) fault(f *connectors.Fault) {
	m.faults.Of(f.System, f.Operation, f.Kind.String()).Inc()
}

// routeMetrics are the metrics of one route, looked up once.
type routeMetrics struct {
	all      *measured
	id       string
	duration metrics.Histogram
	byClass  [6]atomic.Pointer[statusCounters] // by the first digit of the status; nil until one of the class was answered
}

// statusCounters are the counters of the statuses that begin with the same digit, looked up when they are first answered.
type statusCounters [100]atomic.Pointer[metrics.Counter]

func (m *measured) route(id string) *routeMetrics {
	return &routeMetrics{all: m, id: id, duration: m.duration.Of(id)}
}

func (m *routeMetrics) observe(status int, took time.Duration) {
	m.duration.Observe(took.Seconds())
	if status < 0 || status/100 >= len(m.byClass) {
		return
	}
	class := &m.byClass[status/100]
	counters := class.Load()
	if counters == nil {
		class.CompareAndSwap(nil, new(statusCounters))
		counters = class.Load()
	}
	if c := counters[status%100].Load(); c != nil {
		c.Inc()
		return
	}
	c := m.all.requests.Of(m.id, strconv.Itoa(status))
	counters[status%100].Store(&c)
	c.Inc()
}
