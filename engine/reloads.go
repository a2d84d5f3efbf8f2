package engine

import (
	"sync"
	"time"

	"fondaco/server/metrics"
)

var (
	reloadSuccessful = metrics.Level("fondaco_reload_last_successful",
		"1 if the files were taken up when they were read last, at the start or at a reload; 0 while the version before is served instead.")
	reloadSuccess = metrics.Level("fondaco_reload_last_success_timestamp_seconds",
		"When files were taken up last, at the start or at a reload.")
)

// reloads counts what became of reloads. Its methods are safe for concurrent use.
type reloads struct {
	done    metrics.Counter
	refused metrics.Counter // the program before it goes on

	mu     sync.Mutex
	taken  time.Time // when files were taken up last; zero before the first
	failed bool      // those that were read last were not
}

func newReloads(r *metrics.Registry) *reloads {
	all := r.Counters("fondaco_reloads_total",
		"Reloads because the project's files or secrets differed, by result: done, or refused for a problem.", "result")
	x := &reloads{done: all.Of("done"), refused: all.Of("refused")}
	r.Read(func(tell metrics.Tell) {
		x.mu.Lock()
		defer x.mu.Unlock()
		if !x.taken.IsZero() {
			tell(reloadSuccessful, metrics.Truth(!x.failed))
			tell(reloadSuccess, float64(x.taken.UnixMilli())/1000)
		}
	}, reloadSuccessful, reloadSuccess)
	return x
}

// take notes files that were taken up.
func (x *reloads) take(now time.Time) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.taken, x.failed = now, false
}

// refuse notes files that could not be taken up, and counts them.
func (x *reloads) refuse() {
	x.refused.Inc()
	x.mu.Lock()
	defer x.mu.Unlock()
	x.failed = true
}

// again notes that the files are as those of the program in service.
func (x *reloads) again() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.failed = false
}
