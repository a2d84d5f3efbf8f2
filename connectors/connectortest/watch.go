package connectortest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"
	"unicode/utf8"

	"fondaco/connectors"
	"fondaco/transform/codec"

	"go.uber.org/goleak"
)

// Watched is a watch of a system, for RunWatch. Nothing but the suite has things turn up there, and nothing else takes them.
type Watched struct {
	// Open opens the watch, as a process does that starts. The suite closes it.
	Open func(t testing.TB) connectors.Watching
	// Put has one thing turn up, which is there for whoever polls when Put returns. Names are of letters and digits, and rise.
	Put func(t testing.TB, name string)
	// Pushed says that the system sends things by itself: what is there when Put returns may come a moment later, and things that come
	// again may come in other portions, in the same order.
	Pushed bool
	// Name returns the name under which a thing was put.
	Name func(f connectors.Find) string
}

// RunWatch proves that a protocol keeps what connectors.Watching promises: the same things come again for the same place, under the ids
// that they had, the oldest first; nothing is lost wherever the process is killed between a poll and Done, and nothing comes again that
// Done was told is kept; contexts are honoured; Close leaves nothing behind. The watch begins with what is there (not with what is new
// from now on), and should take fewer than five things a poll.
func RunWatch(t *testing.T, w Watched) {
	t.Helper()
	s := &watchSuite{Watched: w}
	for _, part := range []struct {
		name string
		test func(*watchSuite, *testing.T)
	}{
		{"again", (*watchSuite).again},
		{"kept", (*watchSuite).kept},
		{"killed anywhere", (*watchSuite).killed},
		{"slept", (*watchSuite).slept},
		{"context", (*watchSuite).context},
		{"wait", (*watchSuite).wait},
	} {
		t.Run(part.name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			t.Cleanup(func() { goleak.VerifyNone(t, before) })
			part.test(s, t)
		})
	}
}

// watchPatience is how long a thing that was put may take to be found: others may have transactions under way.
const watchPatience = time.Minute

// watchSuite is a watch under test.
type watchSuite struct {
	Watched
	count int // of what was put
}

// put has things turn up, and returns their names.
func (s *watchSuite) put(t *testing.T, n int) (names []string) {
	t.Helper()
	for range n {
		s.count++
		names = append(names, fmt.Sprintf("t%05d", s.count))
		s.Put(t, names[len(names)-1])
	}
	return names
}

// process is a poller of the watch as the engine has one, which can be killed.
type process struct {
	*watchSuite
	t     *testing.T
	open  connectors.Watching
	place string
	ids   map[string]string // of each name that was found
	names map[string]string // of each id
}

// start opens the watch until the test ends, and leaves behind what was put before.
func (s *watchSuite) start(t *testing.T) *process {
	t.Helper()
	p := &process{watchSuite: s, t: t, ids: map[string]string{}, names: map[string]string{}}
	p.open = s.Open(t)
	t.Cleanup(func() { p.close() })
	p.keepUntil(s.put(t, 1)[0])
	return p
}

func (p *process) close() {
	p.t.Helper()
	if p.open == nil {
		return
	}
	if err := p.open.Close(); err != nil {
		p.t.Errorf("Close: %v", err)
	}
	p.open = nil
}

// restart is a process that is killed, and the next one.
func (p *process) restart() {
	p.t.Helper()
	p.close()
	p.open = p.Open(p.t)
}

// poll polls once, and looks whether each thing has the id that it had.
func (p *process) poll() *connectors.Finds {
	p.t.Helper()
	f, err := p.open.Poll(p.t.Context(), p.place)
	if err != nil {
		p.t.Fatalf("Poll: %v", err)
	}
	if !utf8.ValidString(f.Place) {
		p.t.Errorf("the place %q is no UTF-8", f.Place)
	}
	for _, item := range f.Items {
		name := p.Name(item)
		switch id, known := p.ids[name]; {
		case item.ID == "":
			p.t.Errorf("%s has no id", name)
		case known && id != item.ID:
			p.t.Errorf("%s was found as %q, and is found again as %q", name, id, item.ID)
		case !known && p.names[item.ID] != "":
			p.t.Errorf("%s and %s have both the id %q", p.names[item.ID], name, item.ID)
		}
		p.ids[name], p.names[item.ID] = item.ID, name
	}
	return f
}

// find polls until something is found; of polls that found nothing it keeps the place, as the engine does.
func (p *process) find() *connectors.Finds {
	p.t.Helper()
	for end := time.Now().Add(watchPatience); ; {
		f := p.poll()
		if len(f.Items) > 0 {
			return f
		}
		p.done(f, true)
		p.place = f.Place
		if time.Now().After(end) {
			p.t.Fatal("nothing is found")
		}
		if !f.More {
			p.open.Wait(p.t.Context(), 20*time.Millisecond)
		}
	}
}

func (p *process) done(f *connectors.Finds, kept bool) {
	p.t.Helper()
	if f.Done == nil {
		return
	}
	if err := f.Done(p.t.Context(), kept); err != nil {
		p.t.Fatalf("Done(%t): %v", kept, err)
	}
}

// keep does with finds what the engine does that is not killed.
func (p *process) keep(f *connectors.Finds) {
	p.t.Helper()
	p.place = f.Place
	p.done(f, true)
}

// keepUntil finds and keeps things up to the one of that name, and returns their names as they came.
func (p *process) keepUntil(last string) (names []string) {
	p.t.Helper()
	for !slices.Contains(names, last) {
		f := p.find()
		names = append(names, p.named(f)...)
		p.keep(f)
		if len(names) > p.count {
			p.t.Fatalf("what was kept comes again; the last were %q", names[max(0, len(names)-10):])
		}
	}
	return names
}

func (p *process) named(f *connectors.Finds) (names []string) {
	for _, item := range f.Items {
		names = append(names, p.Name(item))
	}
	return names
}

// said writes what a poll found, to compare it.
func said(f *connectors.Finds) (all []string) {
	for _, item := range f.Items {
		all = append(all, item.ID+" "+item.Key+" "+string(codec.AppendJSON(nil, item.Body)))
	}
	return all
}

func (p *process) same(what string, found, expected []string) {
	p.t.Helper()
	if !slices.Equal(found, expected) {
		p.t.Errorf("%s: found\n%q, expected\n%q", what, found, expected)
	}
}

// again looks whether things come again as they came before.
func (p *process) again(what string, found, expected []string) {
	p.t.Helper()
	if n := min(len(found), len(expected)); p.Pushed {
		found, expected = found[:n], expected[:n]
	}
	p.same(what, found, expected)
}

// again: things that were not kept come again, to the same process and to the next.
func (s *watchSuite) again(t *testing.T) {
	p := s.start(t)
	names := s.put(t, 2)
	first := p.find()
	p.same("what was put", p.named(first), names[:min(len(first.Items), len(names))])
	p.done(first, false)
	second := p.find()
	p.again("after Done(false)", said(second), said(first))
	p.restart() // nobody has said what became of them
	third := p.find()
	p.again("in the next process", said(third), said(first))
	p.done(third, false)
	p.same("at last", p.keepUntil(names[len(names)-1]), names)
}

// kept: things that were kept do not come again; the oldest come first, and More is not the end.
func (s *watchSuite) kept(t *testing.T) {
	p := s.start(t)
	names := s.put(t, 11)
	var found []string
	for len(found) < len(names) {
		f := p.find()
		found = append(found, p.named(f)...)
		p.keep(f)
		if len(found) == len(f.Items) { // the first of several
			p.restart()
		}
	}
	p.same("each once, the oldest first", found, names)
	p.restart()
	last := s.put(t, 1)
	p.same("what is new", p.keepUntil(last[0]), last)
}

// slept: a process that has polled and sleeps keeps nothing from the next one for longer than it lives. The next one has the place that was
// kept last, also of polls that found nothing: a watch of files says there what it moves away.
func (s *watchSuite) slept(t *testing.T) {
	p := s.start(t)
	names := s.put(t, 2)
	p.close() // a system that sends things by itself would send them to it
	sleeper := &process{watchSuite: s, t: t, open: s.Open(t), place: p.place, ids: p.ids, names: p.names}
	sleeper.find()
	p.place = sleeper.place
	p.open = s.Open(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	f, err := p.open.Poll(ctx, p.place) // it may find them, or that they are taken
	cancel()
	if err == nil {
		p.done(f, false)
	}
	sleeper.close()
	p.same("after the other has gone", p.keepUntil(names[1]), names)
}

// context: a poll ends with its context, and costs nothing.
func (s *watchSuite) context(t *testing.T) {
	p := s.start(t)
	names := s.put(t, 2)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if f, err := p.open.Poll(ctx, p.place); err == nil {
		t.Errorf("Poll of a context that has ended: found %d things, expected an error", len(f.Items))
	}
	p.same("after that", p.keepUntil(names[1]), names)
}

// wait: Wait returns after a time, and when its context ends.
func (s *watchSuite) wait(t *testing.T) {
	p := s.start(t)
	for _, every := range []time.Duration{time.Millisecond, time.Hour} {
		ctx, cancel := context.WithCancel(t.Context())
		returned := make(chan struct{})
		go func() {
			defer close(returned)
			p.open.Wait(ctx, every)
		}()
		if every == time.Hour {
			cancel()
		}
		select {
		case <-returned:
		case <-time.After(watchPatience):
			t.Fatalf("Wait of %s does not return", every)
		}
		cancel()
	}
}
