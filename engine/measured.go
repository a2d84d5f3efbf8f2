package engine

import (
	"cmp"
	"runtime"
	"runtime/debug"

	"fondaco/connectors/policy"
	"fondaco/server/metrics"
)

var (
	buildInfo = metrics.Level("fondaco_build_info", "1, of the version that runs, the revision that it was built from and its Go.", "version",
		"revision", "goversion")
	projectInfo = metrics.Level("fondaco_project_info", "1, of the project in service, its version and a digest of its files.", "project",
		"version", "hash")
	systemDuration = metrics.Spread("fondaco_system_request_duration_seconds",
		"Time that one attempt of a call of a system took, of requests and of work on messages alike, without what it waited for before.",
		"system", "operation")
	systemAttempts = metrics.Total("fondaco_system_attempts_total",
		"Attempts of calls of systems, by outcome: ok, the kind of the fault, cancelled, or failed for an error that is no system's fault.",
		"system", "operation", "outcome")
	systemFaults = metrics.Total("fondaco_system_faults_total",
		"Calls of systems that ended with a fault after all their attempts, also those that an open breaker withheld, by kind.",
		"system", "operation", "kind")
	cacheRequests = metrics.Total("fondaco_cache_requests_total",
		"Calls whose answers are kept, by result: hit, miss, or stale where the system failed and an answer that is too old stood in.",
		"system", "result")
	breakerState = metrics.Level("fondaco_breaker_state",
		"How a breaker stands: 0 closed, 1 one call tries whether it can close, 2 open. The operation is empty for that of the whole system; "+
			"those of operations are told while they are not closed.", "system", "operation")
	breakerOpened = metrics.Level("fondaco_breaker_opened_timestamp_seconds", "When a breaker that is not closed opened.", "system",
		"operation")
	systemReady = metrics.Level("fondaco_system_ready",
		"1 while calls of a system are made: no breaker of it is open or tries, and its last call reached it; 0 otherwise.", "system")
	logDropped = metrics.Total("fondaco_log_dropped_total", "Lines of the log that were lost, as they could not be written in time.")
)

// cacheWords are the words of policy.CacheResults.
var cacheWords = [...]string{policy.CacheHit: "hit", policy.CacheMiss: "miss", policy.CacheStale: "stale"}

// measure has metrics tell what the engine knows of itself.
func (s *Serving) measure(r *metrics.Registry) {
	version, revision := s.build()
	r.Read(func(tell metrics.Tell) {
		tell(buildInfo, 1, version, revision, runtime.Version())
		if t, hash := s.releases.serving(); t != nil {
			tell(projectInfo, 1, t.Model.Project.Name.Value, t.Model.Project.Version, hash)
		}
		if s.Dropped != nil {
			tell(logDropped, float64(s.Dropped()))
		}
	}, buildInfo, projectInfo, logDropped)
	r.ReadSizes(systemDuration, func(tell func(x metrics.Sizes, values ...string)) {
		for _, m := range s.live.Meters() {
			if x := m.Totals(); x.Count > 0 {
				tell(metrics.Sizes{Count: x.Count, Sum: x.Seconds, Up: x.Sizes}, m.System, m.Operation)
			}
		}
	})
	r.Read(s.tellSystems, systemAttempts, systemFaults, cacheRequests, breakerState, breakerOpened, systemReady)
	s.storage.Measure(r)
}

func (s *Serving) tellSystems(tell metrics.Tell) {
	cached := map[string]policy.CacheResults{}
	for _, m := range s.live.Meters() {
		x := m.Totals()
		for outcome, n := range x.Attempts {
			tell(systemAttempts, float64(n), m.System, m.Operation, outcome)
		}
		for kind, n := range x.Faults {
			tell(systemFaults, float64(n), m.System, m.Operation, kind)
		}
		sum := cached[m.System]
		for i, n := range x.Cached {
			sum[i] += n
		}
		cached[m.System] = sum
	}
	for system, sum := range cached {
		for i, n := range sum {
			if sum != (policy.CacheResults{}) {
				tell(cacheRequests, float64(n), system, cacheWords[i])
			}
		}
	}
	for _, h := range s.live.Health() {
		ready := 1.
		if h.Unwell() || h.Away {
			ready = 0
		}
		tell(systemReady, ready, h.System)
		for _, b := range append([]policy.BreakerHealth{h.Whole}, h.Operations...) {
			state := map[policy.State]float64{policy.Trying: 1, policy.Open: 2}[b.State]
			tell(breakerState, state, h.System, b.Operation)
			if state > 0 {
				tell(breakerOpened, float64(b.Since.UnixMilli())/1000, h.System, b.Operation)
			}
		}
	}
}

// build returns the version that runs, and the revision it was built from.
func (s *Serving) build() (version, revision string) {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, x := range info.Settings {
			if x.Key == "vcs.revision" {
				revision = x.Value
			}
		}
	}
	return cmp.Or(s.Version, "unknown"), revision
}

// built names the program that runs: its version, and the beginning of the revision that it was built from, if that is known.
func (s *Serving) built() string {
	version, revision := s.build()
	if revision == "" {
		return version
	}
	return version + " (" + revision[:min(len(revision), 12)] + ")"
}
