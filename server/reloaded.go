package server

// ReloadResult says what became of a reload.
type ReloadResult string

// The results of a reload.
const (
	ReloadDone    ReloadResult = "done"
	ReloadRefused ReloadResult = "refused" // the program before it goes on
)

// Reloaded counts a reload in the metrics. It is safe for concurrent use.
func (s *Server) Reloaded(r ReloadResult) { s.metrics.reloads.WithLabelValues(string(r)).Inc() }
