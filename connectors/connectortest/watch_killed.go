package connectortest

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The ends of a turn of the engine's poller: it polls, publishes what it found, keeps the place, and calls Done.
const (
	killedAtOnce      = iota // nothing is published
	publishingFails          // Done(false)
	killedPublished          // the place is not kept
	placeIsRefused           // Done(false): another process took over
	killedBeforeDone         // the place is kept
	nothingGoesWrong         // Done(true)
	nothingGoesWrong2        // more often than the others
	endsOfTurns
)

// killed: wherever the process ends, each thing is published, the oldest first, under one id, and not again once it was done with.
func (s *watchSuite) killed(t *testing.T) {
	p := s.start(t)
	random := rand.New(rand.NewPCG(20, 26)) // the same ends each time
	var put, published []string
	over := map[string]bool{} // what was done with
	publish := func(names []string) {
		for _, name := range names {
			if over[name] {
				t.Errorf("%s comes again; it was kept, and Done was told so", name)
			}
			if !slices.Contains(published, name) {
				published = append(published, name)
			}
		}
	}
	const turns = 40
	for turn := range turns {
		put = append(put, s.put(t, 1+random.IntN(3))...)
		f := p.find()
		names := p.named(f)
		switch end := random.IntN(endsOfTurns); {
		case turn == turns-1 || end >= nothingGoesWrong:
			publish(names)
			p.keep(f)
			for _, name := range names {
				over[name] = true
			}
		case end == killedAtOnce:
			p.restart()
		case end == publishingFails:
			p.done(f, false)
		case end == killedPublished:
			publish(names)
			p.restart()
		case end == placeIsRefused:
			publish(names)
			p.done(f, false)
		case end == killedBeforeDone:
			publish(names)
			p.place = f.Place
			p.restart()
		}
	}
	last := s.put(t, 1)
	publish(p.keepUntil(last[0]))
	p.same("what was published", published, append(put, last...))
}
