package server

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"fondaco/server/metrics"
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

// Unwell is a part that is unwell.
type Unwell struct {
	Name, Detail string
	Fails        bool // requests are better sent elsewhere
}

// Unwell returns what is unwell, as readiness tells it. It may be called concurrently.
func (s *Server) Unwell() (all []Unwell) {
	words, _ := s.partsHealth()
	for i, x := range words {
		if x.Status != "pass" {
			all = append(all, Unwell{s.parts[i].Name, x.Detail, x.Status == "fail"})
		}
	}
	if s.settles() {
		all = append(all, Unwell{"start", settlingDetail, true})
	}
	return all
}

// Ready reports whether the server has a program, takes requests, and can keep what it has to keep.
func (s *Server) Ready() bool {
	_, fails := s.partsHealth()
	return !fails && s.serves() && !s.settles()
}

func (s *Server) serves() bool {
	p, lease := s.programs.Take()
	if p == nil {
		return false
	}
	lease.Release()
	return !s.draining.Load()
}

// settling is how long after its start a server is not ready for want of what requests are kept with: others have it, and a balancer
// gives them the requests. Nobody has it after that, and what needs none of it is served.
const settling = 10 * time.Second

const settlingDetail = "the cluster of the topics has not answered since the start; for 10 seconds that is waited for"

// settles reports whether the server has just started, and what requests are kept with has not answered yet.
func (s *Server) settles() bool {
	return s.topics.Secret != nil && len(s.topics.Secret()) == 0 && s.clock.Now().Sub(s.began) < settling
}

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
	settles := s.settles()
	if settles {
		answer.Checks["start"] = word{"fail", settlingDetail}
	}
	if fails || settles || !s.serves() {
		answer.Status = "fail"
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	b, _ := json.Marshal(answer)
	_, _ = w.Write(b)
}

// registerParts adds a gauge for each part to the metrics: 1 while it is well.
func (s *Server) registerParts(r *metrics.Registry) {
	up := make([]metrics.Family, len(s.parts))
	for i, p := range s.parts {
		up[i] = metrics.Level("fondaco_"+p.Name+"_up", fmt.Sprintf("1 while the %s is well, 0 otherwise; /readyz says what is wrong.", p.Name))
	}
	r.Read(func(tell metrics.Tell) {
		words, _ := s.partsHealth()
		for i, x := range words {
			tell(up[i], metrics.Truth(x.Status == "pass"))
		}
	}, up...)
}
