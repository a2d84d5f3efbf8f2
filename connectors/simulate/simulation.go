package simulate

import (
	"net/http"
	"slices"
	"sync/atomic"

	"fondaco/config"
	"fondaco/connectors"
	"fondaco/schema"
)

// Simulation is what a simulator answers: cases for each operation.
type Simulation struct {
	system *connectors.System

	playing atomic.Pointer[playing]
}

// playing is what a simulation has: its cases, and what was kept since they are.
type playing struct {
	cases map[string][]*Case
	kept  memory
	told  Observer
	now   config.Clock
}

// Observer is told of each call that a simulator gets: its operation, its input as the simulator read it (of a kind of the operation's
// input), and the case that answers it, nil if no case fits. Calls may come at the same time.
type Observer func(operation string, input schema.Value, answered *Case)

// New returns the simulation of a system (nil accepts any caller) with its cases by operation.
func New(system *connectors.System, byOperation map[string][]*Case) *Simulation {
	s := &Simulation{system: system}
	s.SetCases(byOperation)
	return s
}

// System returns the system that is simulated, nil if any caller is accepted.
func (s *Simulation) System() *connectors.System { return s.system }

// SetCases returns the cases by operation, in the order in which they are tried, in place of those there were. It may be
// called while the simulator answers; the map is not to be changed afterwards. What was kept is forgotten.
func (s *Simulation) SetCases(byOperation map[string][]*Case) { s.Play(byOperation, nil, nil) }

// Play is SetCases with somebody who is told of each call from here on, until the cases are set again, nil for nobody; and
// with the clock that now() shows in samples, and by which what is kept is seen, nil for the machine's.
func (s *Simulation) Play(byOperation map[string][]*Case, told Observer, now config.Clock) {
	s.playing.Store(&playing{cases: byOperation, told: told, now: now})
}

// Case is one sample: what an operation answers when the input fits.
type Case struct {
	connectors.Sample
	When schema.Value // a map or record: each of its fields must be equal in the input, to any depth; absent fits all

	dynamic *dynamic // what it keeps, and what it answers of what is kept; nil for a fixed answer
}

// Find returns the first case whose condition the input fits, nil if none does. What the case keeps is then kept, and its
// answer is made; one that cannot be made is the system's own failure.
func (s *Simulation) Find(operation string, input schema.Value) *connectors.Sample {
	p := s.playing.Load()
	times, now := p.kept.called(operation), p.now.Now()
	var err error
	i := slices.IndexFunc(p.cases[operation], func(c *Case) bool {
		fits := Fits(c.When, input)
		if fits && c.dynamic != nil {
			fits, err = p.kept.fits(c.dynamic, input, times, now)
		}
		return fits || err != nil
	})
	if i < 0 {
		if p.told != nil {
			p.told(operation, input, nil)
		}
		return nil
	}
	c := p.cases[operation][i]
	if p.told != nil {
		p.told(operation, input, c)
	}
	if c.dynamic == nil {
		return &c.Sample
	}
	var answer schema.Value
	if err == nil {
		answer, err = p.kept.play(c.dynamic, input, times, now)
	}
	if err != nil {
		text := "the sample of " + operation + " cannot be played: " + err.Error()
		return &connectors.Sample{Status: http.StatusInternalServerError, Raw: text, Fault: &connectors.SampleFault{Code: "Server", Text: text}}
	}
	played := c.Sample
	if !c.dynamic.gives.IsZero() {
		played.Answer = answer
	}
	return &played
}

// Fits reports whether every field of want, which is a case's When, is equal in got, an input.
func Fits(want, got schema.Value) bool {
	switch want.Kind() {
	case schema.KindAbsent:
		return true
	case schema.KindMap:
		m := want.Map()
		for i, k := range m.Keys {
			if !Fits(m.Values[i], got.Get(k)) {
				return false
			}
		}
		return true
	case schema.KindRecord:
		for i, f := range want.Type().Fields {
			if !Fits(want.Field(i), got.Get(f.Name)) {
				return false
			}
		}
		return true
	case schema.KindList:
		if got.Kind() != schema.KindList || got.Len() < want.Len() {
			return false
		}
		for i, x := range want.Items() {
			if !Fits(x, got.Items()[i]) {
				return false
			}
		}
		return true
	}
	if want.Kind() == schema.KindText && got.Kind() == schema.KindBytes { // as a sample writes octets
		return want.Str() == schema.Base64(got)
	}
	return schema.Equal(want, got)
}
