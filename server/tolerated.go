package server

import (
	"fondaco/connectors"

	"github.com/prometheus/client_golang/prometheus"
)

// tolerated tells how often systems' answers were not as their schemas say, where their connectors let that pass.
type tolerated struct {
	systems func() []*connectors.System // of the program in service
}

var toleratedTotal = prometheus.NewDesc("fondaco_tolerated_total",
	"What was not as its schema says in answers, by system, since the system was opened: elements out of place, missing or not known, fields that are wrong, encodings that are not as declared.", []string{"system"}, nil)

// Describe returns the one metric.
func (tolerated) Describe(to chan<- *prometheus.Desc) { to <- toleratedTotal }

// Collect counts anew.
func (t tolerated) Collect(to chan<- prometheus.Metric) {
	for _, s := range t.systems() {
		if n := s.Tolerated(); n > 0 {
			to <- prometheus.MustNewConstMetric(toleratedTotal, prometheus.CounterValue, float64(n), s.Name)
		}
	}
}

// systems returns those of the program in service.
func (s *Server) systems() []*connectors.System {
	g := s.generations.take()
	if g == nil {
		return nil
	}
	defer g.release()
	return g.program.Systems
}
