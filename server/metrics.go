package server

import (
	"strconv"
	"sync/atomic"
	"time"

	"fondaco/connectors"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics are what the console shows of the server. Labels come from the project's files, never from requests.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	duration *prometheus.HistogramVec
	faults   *prometheus.CounterVec
	inFlight prometheus.Gauge
	refused  prometheus.Counter
	dropped  prometheus.Counter
	limited  prometheus.Counter
	programs prometheus.Counter
	reloads  *prometheus.CounterVec
	service  *prometheus.HistogramVec
	answers  *prometheus.CounterVec
	letters  *prometheus.CounterVec
	unrouted *routeMetrics
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fondaco_requests_total", Help: "Requests answered, by route and status; the route is empty when none was found.",
		},
			[]string{"route", "status"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "fondaco_request_duration_seconds", Help: "Time from a request's head to its answer, by route.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
		}, []string{"route"}),
		faults: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fondaco_faults_total", Help: "Exchanges that failed by a system's fault, by system, operation and kind.",
		},
			[]string{"system", "operation", "kind"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "fondaco_requests_in_flight", Help: "Requests being answered."}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fondaco_refused_total", Help: "Requests refused at the door for their form.",
		}),
		dropped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fondaco_dropped_fields_total", Help: "Header fields left out at the door.",
		}),
		limited: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fondaco_rate_limited_total", Help: "Requests refused because their caller's rate was used up.",
		}),
		programs: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "fondaco_programs_total", Help: "Programs taken into service since the start.",
		}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "fondaco_reloads_total", Help: "Reloads because the project's files or secrets differed, by result: done, or refused for a problem.",
		}, []string{"result"}),
	}
	m.answers = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "fondaco_operation_answers_total", Help: "Accepted requests that were done, by route and the status that the route answered.",
	}, []string{"route", "status"})
	m.letters = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "fondaco_letters_total", Help: "Messages and accepted requests that were kept as letters, by route, reason and cause: of a system's fault the operation and the kind.",
	}, []string{"route", "reason", "cause"})
	m.service = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "fondaco_service_seconds", Help: "Service levels of work on messages, by route: from a message's acceptance until a system first answered, and until it was done.",
		Buckets: []float64{.01, .1, 1, 10, 60, 600, 3600, 6 * 3600, 24 * 3600, 72 * 3600, 168 * 3600},
	}, []string{"route", "until"})
	m.registry.MustRegister(m.service, m.answers, m.letters, m.requests, m.duration, m.faults, m.inFlight, m.refused, m.dropped, m.limited, m.programs, m.reloads,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, result := range []ReloadResult{ReloadDone, ReloadRefused} {
		m.reloads.WithLabelValues(string(result))
	}
	m.unrouted = m.route("")
	return m
}

// fault counts a fault that ended an exchange.
func (m *metrics) fault(f *connectors.Fault) {
	m.faults.WithLabelValues(f.System, f.Operation, f.Kind.String()).Inc()
}

// routeMetrics are the metrics of one route, looked up once.
type routeMetrics struct {
	all      *metrics
	id       string
	duration prometheus.Observer
	byStatus [600]atomic.Pointer[prometheus.Counter]
}

func (m *metrics) route(id string) *routeMetrics {
	return &routeMetrics{all: m, id: id, duration: m.duration.WithLabelValues(id)}
}

func (m *routeMetrics) observe(status int, took time.Duration) {
	m.duration.Observe(took.Seconds())
	if status < 0 || status >= len(m.byStatus) {
		return
	}
	if c := m.byStatus[status].Load(); c != nil {
		(*c).Inc()
		return
	}
	c := m.all.requests.WithLabelValues(m.id, strconv.Itoa(status))
	m.byStatus[status].Store(&c)
	c.Inc()
}
