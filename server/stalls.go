package server

import (
	"fondaco/messaging"

	"github.com/prometheus/client_golang/prometheus"
)

// stalls counts what had work, stood still and was started again.
type stalls struct{ dog *messaging.Watchdog }

var (
	stallsTotal   = prometheus.NewDesc("fondaco_stalls_total", "How often a consumer, schedule or collector had work, made no progress for a minute and was started again.", []string{"kind", "name"}, nil)
	standingStill = prometheus.NewDesc("fondaco_standing_still", "1 while it has made no progress since it was started again.", []string{"kind", "name"}, nil)
)

// Describe returns the metrics.
func (stalls) Describe(to chan<- *prometheus.Desc) {
	to <- stallsTotal
	to <- standingStill
}

// Collect counts anew.
func (s stalls) Collect(to chan<- prometheus.Metric) {
	for _, x := range s.dog.Stalls() {
		to <- prometheus.MustNewConstMetric(stallsTotal, prometheus.CounterValue, float64(x.Times), x.Kind, x.Name)
		to <- prometheus.MustNewConstMetric(standingStill, prometheus.GaugeValue, oneIf(x.Standing), x.Kind, x.Name)
	}
}
