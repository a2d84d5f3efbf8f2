package traces

import (
	"sync"
	"time"
)

// maxSteps is how many steps of one exchange are kept; the rest is left out.
const maxSteps = 256

// Recording gathers the steps of one exchange. The zero value records nothing until Store.Begin. Safe for concurrent use.
type Recording struct {
	mu      sync.Mutex
	began   time.Time
	steps   *[]Step // nil before Begin, and after the end
	faulted bool
	release string
}

// buffers are those of exchanges that were not kept.
var buffers = sync.Pool{New: func() any { s := make([]Step, 0, 8); return &s }}

// Begin starts the recording of an exchange that began at that time. End ends it: what is said later is left out.
func (s *Store) Begin(r *Recording, began time.Time) {
	if s == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.began, r.steps, r.faulted = began, buffers.Get().(*[]Step), false
	if release := s.release.Load(); release != nil {
		r.release = *release
	}
}

// Serve says which release of the project exchanges are of that begin from now on.
func (s *Store) Serve(release string) {
	if s != nil {
		s.release.Store(&release)
	}
}

// Called records one attempt of a call. All texts are names of the project or words of this program; fault is "" where it answered.
func (r *Recording) Called(place, system, operation, effect string, attempt int, began time.Time, fault string) {
	r.add(Step{Place: place, System: system, Operation: operation, Effect: effect, Attempt: attempt, Fault: fault}, began)
}

// Published records an event that was published on a topic, or could not be.
func (r *Recording) Published(place, topic, message string, began time.Time, fault string) {
	r.add(Step{Place: place, System: "topic", Operation: topic, Effect: Publishes, Message: message, Attempt: 1, Fault: fault}, began)
}

func (r *Recording) add(s Step, began time.Time) {
	took := time.Since(began)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.steps == nil {
		return
	}
	r.faulted = r.faulted || s.Fault != ""
	if len(*r.steps) < maxSteps {
		s.Took, s.After = took, began.Sub(r.began)
		*r.steps = append(*r.steps, s)
	}
}

// end ends the recording and returns its steps, copied if they are to be kept.
func (r *Recording) end(keep func(faulted bool) bool) (steps []Step, kept bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.steps == nil {
		return nil, false
	}
	if kept = keep(r.faulted); kept {
		steps = append(steps, *r.steps...)
	}
	clear(*r.steps)
	*r.steps = (*r.steps)[:0]
	buffers.Put(r.steps)
	r.steps = nil
	return steps, kept
}
