package server

import (
	"net/http"
	"net/http/pprof"

	"fondaco/routes/trigger"
	"fondaco/server/door"
)

// probes adds what balancers and monitors ask for.
func (s *Server) probes(mux *http.ServeMux) {
	mux.Handle("GET /metrics", s.registry.Handler())
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { alive(w) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { s.readiness(w) })
}

// healthHandler serves the probes where they have a listener of their own: nothing else is there, and any Host is good.
func (s *Server) healthHandler() http.Handler {
	mux := http.NewServeMux()
	s.probes(mux)
	return inside(mux, nil)
}

// consoleHandler serves what operators and their tools ask for. Nothing of it is on the public listener.
func (s *Server) consoleHandler() http.Handler {
	mux := http.NewServeMux()
	if s.config.Health == "" {
		s.probes(mux)
	}
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	for path, page := range s.consolePages {
		mux.Handle(path, page)
	}
	return inside(mux, newConsoleGuard(s.config.ConsoleHosts))
}

// inside serves mux behind the door, and behind guard unless it is nil.
func inside(mux *http.ServeMux, guard *consoleGuard) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Cache-Control"] = noStore
		w.Header()["X-Content-Type-Options"] = nosniff
		if refusal := door.RefusalOf(r); refusal != nil {
			consoleProblem(w, refusal.Status, refusal.Detail)
			return
		}
		if guard != nil {
			if status, detail := guard.refuses(r); status != 0 {
				consoleProblem(w, status, detail)
				return
			}
		}
		if _, pattern := mux.Handler(r); pattern == "" {
			consoleProblem(w, http.StatusNotFound, "There is nothing under this path.")
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func alive(w http.ResponseWriter) {
	w.Header()["Content-Type"] = jsonType
	_, _ = w.Write([]byte(`{"status":"pass"}`))
}

func consoleProblem(w http.ResponseWriter, status int, detail string) {
	w.Header()["Content-Type"] = problemType
	w.WriteHeader(status)
	_, _ = w.Write(trigger.NewProblem(status, detail).AppendJSON(nil))
}
