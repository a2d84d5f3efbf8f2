package server

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
)

// Part is something that the server works with and that can be unwell by itself, as the state's disk.
type Part struct {
	Name   string       // a word of small letters, for health and for the metric fondaco_NAME_up
	Health func() error // what is wrong and what to do, nil if nothing is. It answers at once and is called concurrently
	Hint   bool         // the server is as ready without it: health only warns
}

// word is how a part's health is told (draft-inadarei-api-health-check).
type word struct {
	Status string `json:"status"`           // pass, warn or fail
	Detail string `json:"detail,omitempty"` // what is wrong
}

// partsHealth reports how each part is, in the order they were given, and whether one is unwell that is needed.
func (s *Server) partsHealth() (words []word, fails bool) {
	words = make([]word, len(s.parts))
	for i, p := range s.parts {
		words[i].Status = "pass"
		if err := p.Health(); err != nil {
			words[i] = word{"warn", err.Error()}
			if !p.Hint {
				words[i].Status, fails = "fail", true
			}
		}
	}
	return words, fails
}

// Ready reports whether the server has a program, takes requests, and can keep what it has to keep.
func (s *Server) Ready() bool {
	_, fails := s.partsHealth()
	return !fails && s.serves()
}

func (s *Server) serves() bool { return s.generations.current.Load() != nil && !s.draining.Load() }

// readiness answers /readyz: 200 as long as requests should be sent here, with what is unwell.
func (s *Server) readiness(w http.ResponseWriter) {
	words, fails := s.partsHealth()
	answer := struct {
		Status string          `json:"status"`
		Checks map[string]word `json:"checks,omitempty"`
	}{"pass", map[string]word{}}
	for i, x := range words {
		if answer.Checks[s.parts[i].Name] = x; x.Status != "pass" {
			answer.Status = "warn"
		}
	}
	w.Header()["Content-Type"] = jsonType
	if fails || !s.serves() {
		answer.Status = "fail"
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	b, _ := json.Marshal(answer)
	_, _ = w.Write(b)
}

// upGauge is a gauge for each part: 1 while it is well.
type upGauge struct{ s *Server }

func (u upGauge) of(p Part) *prometheus.Desc {
	return prometheus.NewDesc("fondaco_"+p.Name+"_up", fmt.Sprintf("1 while the %s is well, 0 otherwise; /readyz says what is wrong.", p.Name), nil, nil)
}

// Describe returns the metrics.
func (u upGauge) Describe(to chan<- *prometheus.Desc) {
	for _, p := range u.s.parts {
		to <- u.of(p)
	}
}

// Collect asks each part.
func (u upGauge) Collect(to chan<- prometheus.Metric) {
	words, _ := u.s.partsHealth()
	for i, x := range words {
		up := 1.0
		if x.Status != "pass" {
			up = 0
		}
		to <- prometheus.MustNewConstMetric(u.of(u.s.parts[i]), prometheus.GaugeValue, up)
	}
}
