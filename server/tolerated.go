package server

import "fondaco/server/metrics"

var toleratedTotal = metrics.Total("fondaco_tolerated_total",
	"What was not as its schema says in answers, by system, since the system was opened: elements out of place, missing or not known, "+
		"fields that are wrong, formats that are only claimed, encodings that are not as declared.", "system")

var staleTotal = metrics.Total("fondaco_cache_stale_total",
	"Kept answers that were too old and stood in for a system that failed, by system, since the system was opened.", "system")

// tolerated exports how often answers of the systems of the program in service were not as their schemas say, where that is let
// pass, and how often kept ones stood in.
func (s *Server) tolerated(tell metrics.Tell) {
	p, lease := s.programs.Take()
	if p == nil {
		return
	}
	defer lease.Release()
	for _, system := range p.program.Systems {
		if n := system.Tolerated(); n > 0 {
			tell(toleratedTotal, float64(n), system.Name)
		}
		if n := system.Stale(); n > 0 {
			tell(staleTotal, float64(n), system.Name)
		}
	}
}
