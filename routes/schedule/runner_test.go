package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/store"
	"fondaco/store/sqlite"
)

// stage is a simulated world: a clock that can be set, the state on disk, and what was published.
type stage struct {
	*testing.T
	state  store.Store
	offset atomic.Int64 // of the clock

	mu     sync.Mutex
	runs   []time.Time       // each due time once, in the order in which it first came
	asked  map[time.Time]int // how often
	broken error
	slow   time.Duration // how long the next publish takes
	woken  error         // with which the slow one ends
	broke  bool          // the fence of the state
}

func onStage(t *testing.T, from string, play func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		state, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), sqlite.Options{Project: "city"})
		if err != nil {
			t.Fatal(err)
		}
		s := &stage{T: t, state: state, asked: map[time.Time]int{}}
		s.set(from)
		play(s)
		if err := state.Close(); err != nil {
			t.Error(err)
		}
	})
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

// set sets the clock.
func (s *stage) set(text string) { s.offset.Add(int64(at(s.T, text).Sub(s.now()))) }

func (s *stage) now() time.Time { return time.Now().Add(time.Duration(s.offset.Load())) }

func (s *stage) publish(ctx context.Context, name string, due time.Time) error {
	s.mu.Lock()
	broken, slow := s.broken, s.slow
	if s.slow = 0; slow > 0 && s.woken != nil {
		broken = s.woken
	}
	s.mu.Unlock()
	if slow > 0 {
		select {
		case <-time.After(slow):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if broken != nil {
		return broken
	}
	if early := due.Sub(s.now()); early > 0 {
		s.Errorf("%s came %s early", due, early)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked[due.UTC()]++; s.asked[due.UTC()] == 1 {
		s.runs = append(s.runs, due)
	}
	return nil
}

// run has a schedule seen to by an owner until the function that it returns is called.
func (s *stage) run(p *Plan, m Misfire, owner string) (r *Runner, stop func()) {
	kept := s.state.Schedules()
	if s.broke {
		kept = unfenced{kept}
	}
	r = NewRunner(Entry{Name: "tides", Plan: p, Misfire: m},
		Deps{Schedules: kept, Owner: owner, Publish: s.publish, Now: s.now, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(s.Context())
	done := make(chan struct{})
	go func() { r.Run(ctx); close(done) }()
	return r, func() { cancel(); <-done }
}

// pass lets time go by, and returns the due times that ran meanwhile.
func (s *stage) pass(d time.Duration) (clocks []string) {
	s.mu.Lock()
	before := len(s.runs)
	s.mu.Unlock()
	time.Sleep(d)
	synctest.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.runs[before:] {
		clocks = append(clocks, t.Format("15:04"))
	}
	return clocks
}

func (s *stage) expect(got []string, want ...string) {
	s.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		s.Errorf("ran %v, expected %v", got, want)
	}
}

func cronOf(t *testing.T, text string) *Plan {
	t.Helper()
	p, err := ParseCron(text, rome(t))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestADay: P13 over 24 hours, an ordinary one and the two of the year that are not 24 hours on the clocks.
func TestADay(t *testing.T) {
	for day, want := range map[string]int{"2026-11-23": 144, "2026-03-29": 138, "2026-10-25": 150} {
		onStage(t, day+"T00:00:00Z", func(s *stage) {
			begin, err := time.ParseInLocation("2006-01-02 15:04", day+" 00:00", rome(t))
			if err != nil {
				t.Fatal(err)
			}
			end, _ := time.ParseInLocation("2006-01-02 15:04", day+" 23:59", rome(t))
			s.offset.Store(int64(time.Until(begin.Add(-30 * time.Second))))
			_, stop := s.run(cronOf(t, "*/10 * * * *"), Skip, "a")
			if got := s.pass(end.Sub(begin)); len(got) != want {
				t.Errorf("%s: %d runs, expected %d", day, len(got), want)
			}
			stop()
			for due, n := range s.asked {
				if n != 1 {
					t.Errorf("%s was published %d times", due, n)
				}
			}
		})
	}
}

// TestMissed: what was due while nobody was there, by each rule; what is a moment late is not missed.
func TestMissed(t *testing.T) {
	for rule, want := range map[Misfire][]string{Once: {"11:30"}, Skip: nil, All: {"09:30", "10:00", "10:30", "11:00", "11:30"}} {
		onStage(t, "2026-11-23T09:01:00+01:00", func(s *stage) {
			p := cronOf(t, "*/30 * * * *")
			_, stop := s.run(p, rule, "a")
			s.expect(s.pass(10 * time.Minute)) // what was due before it was first seen is nobody's
			stop()
			s.expect(s.pass(143 * time.Minute)) // it is 11:34
			r, stop := s.run(p, rule, "b")
			s.expect(s.pass(time.Minute), want...)
			if m := r.State(); m.Missed != int64(5-len(want)) || m.Next.Format("15:04") != "12:00" {
				t.Errorf("%s: %+v", rule, m)
			}
			s.expect(s.pass(30*time.Minute), "12:00")
			stop()
			s.pass(26*time.Minute + 20*time.Second) // 12:31:20 less a little: a new start took 40 seconds
			s.set("2026-11-23T12:30:40+01:00")
			_, stop = s.run(p, rule, "c")
			s.expect(s.pass(time.Second), "12:30")
			stop()
		})
	}
}

// TestMostMissed: of very many missed runs the newest are made good, and no more.
func TestMostMissed(t *testing.T) {
	onStage(t, "2026-11-23T09:00:30+01:00", func(s *stage) {
		_, stop := s.run(Every(time.Second), All, "a")
		s.pass(2 * time.Second)
		stop()
		s.runs = nil
		s.pass(time.Hour)
		r, stop := s.run(Every(time.Second), All, "b")
		s.pass(time.Millisecond)
		stop()
		if n := len(s.runs); n != MostMissed || r.State().Missed != 3600-MostMissed {
			t.Errorf("%d runs, %+v", n, r.State())
		}
	})
}

// TestClockJumps: P13. Nothing runs twice or early, and nothing is passed over beyond what the rule for missed runs says.
func TestClockJumps(t *testing.T) {
	onStage(t, "2026-11-23T09:01:00+01:00", func(s *stage) {
		_, stop := s.run(cronOf(t, "*/30 * * * *"), Once, "a")
		s.expect(s.pass(time.Hour), "09:30", "10:00")
		s.set("2026-11-23T11:01:00+01:00") // an hour ahead
		s.expect(s.pass(time.Minute), "11:00")
		s.set("2026-11-23T10:02:00+01:00") // and back: 10:30 was missed and comes, 11:00 was run
		s.expect(s.pass(time.Hour), "10:30")
		s.expect(s.pass(time.Hour), "11:30", "12:00")
		s.set("2026-11-24T12:05:00+01:00") // a day ahead, as after a machine's sleep
		s.expect(s.pass(time.Minute), "12:00")
		s.set("2026-11-23T12:07:00+01:00") // and back
		s.expect(s.pass(time.Hour), "12:30", "13:00")
		stop()
	})
}

// TestOwners: two processes on one state run each due time once, and one alone goes on; an owner that slept through its
// hold does nothing twice.
func TestOwners(t *testing.T) {
	onStage(t, "2026-11-23T09:01:00+01:00", func(s *stage) {
		p := cronOf(t, "*/30 * * * *")
		a, stopA := s.run(p, Once, "a")
		b, stopB := s.run(p, Once, "b")
		s.expect(s.pass(time.Hour), "09:30", "10:00")
		for due, n := range s.asked {
			if n != 1 {
				t.Errorf("%s was published %d times", due, n)
			}
		}
		s.mu.Lock()
		s.slow = 10 * time.Minute // whoever has 10:30 sleeps with it
		s.mu.Unlock()
		s.expect(s.pass(35*time.Minute), "10:30")
		s.expect(s.pass(30*time.Minute), "11:00")
		stopA()
		s.expect(s.pass(30*time.Minute), "11:30")
		stopB()
		if fenced, doubled := a.State().Fenced+b.State().Fenced, a.State().Doubled+b.State().Doubled; fenced != 1 || doubled != 0 {
			t.Errorf("%d runs were refused and %d had two owners, expected 1 and 0", fenced, doubled)
		}
	})
}

// TestSleptPublishing: an owner that slept through its hold and could not publish what it slept with is refused as well; it does not say that
// the schedule cannot run.
func TestSleptPublishing(t *testing.T) {
	onStage(t, "2026-11-23T09:01:00+01:00", func(s *stage) {
		p := cronOf(t, "*/30 * * * *")
		a, stopA := s.run(p, Once, "a")
		b, stopB := s.run(p, Once, "b")
		s.mu.Lock()
		s.slow, s.woken = 10*time.Minute, errors.New("the time to publish is over")
		s.mu.Unlock()
		s.expect(s.pass(45*time.Minute), "09:30")
		stopA()
		stopB()
		if x, y := a.State(), b.State(); x.Fenced+y.Fenced != 1 || x.Doubled+y.Doubled != 0 || a.failed || b.failed {
			t.Errorf("%+v %+v, failed %v %v; expected one run that was refused", x, y, a.failed, b.failed)
		}
	})
}

// unfenced is a state whose fence is broken: whoever slept is not refused.
type unfenced struct{ store.Schedules }

func (u unfenced) SetLastRun(ctx context.Context, name string, epoch int64, run time.Time) error {
	err := u.Schedules.SetLastRun(ctx, name, epoch, run)
	if errors.Is(err, store.ErrFenced) {
		return u.Schedules.SetLastRun(ctx, name, epoch+1, run)
	}
	return err
}

// TestTwoOwners: where the fence of a state is broken, an owner that slept while another ran is counted.
func TestTwoOwners(t *testing.T) {
	onStage(t, "2026-11-23T09:01:00+01:00", func(s *stage) {
		s.broke = true
		p := cronOf(t, "*/30 * * * *")
		a, stopA := s.run(p, Once, "a")
		b, stopB := s.run(p, Once, "b")
		s.mu.Lock()
		s.slow = 10 * time.Minute
		s.mu.Unlock()
		s.expect(s.pass(45*time.Minute), "09:30")
		stopA()
		stopB()
		if doubled := a.State().Doubled + b.State().Doubled; doubled != 1 {
			t.Errorf("%d runs had two owners, expected 1", doubled)
		}
	})
}

// TestBroken: while nothing can be published nothing is lost, and the first due time comes when it can be.
func TestBroken(t *testing.T) {
	onStage(t, "2026-11-23T09:01:00+01:00", func(s *stage) {
		_, stop := s.run(cronOf(t, "*/30 * * * *"), All, "a")
		s.broken = errors.New("the disk is full")
		s.expect(s.pass(time.Hour))
		s.mu.Lock()
		s.broken = nil
		s.mu.Unlock()
		s.expect(s.pass(time.Minute), "09:30", "10:00")
		stop()
	})
}

// TestGivenFree: who may not run what is due, as another has the right to, looks again as soon as that one releases it.
func TestGivenFree(t *testing.T) {
	onStage(t, "2026-11-23T09:29:59+01:00", func(s *stage) {
		var news store.Watchers
		r := NewRunner(Entry{Name: "tides", Plan: cronOf(t, "*/30 * * * *"), Misfire: Once},
			Deps{Schedules: s.state.Schedules(), Owner: "b", Wake: news.Wake, Publish: s.publish, Now: s.now, Log: slog.New(slog.DiscardHandler)})
		r.look, r.refusedFor = time.Hour, time.Hour
		ctx, cancel := context.WithCancel(s.Context())
		done := make(chan struct{})
		go func() { r.Run(ctx); close(done) }()
		synctest.Wait()
		epoch, held, err := s.state.Schedules().Acquire(s.Context(), "tides", "a", s.now(), 10*time.Minute)
		if err != nil || !held {
			s.Fatal(held, err)
		}
		news.Tell(store.ScheduleFree) // of another: it rests until something is due
		s.expect(s.pass(time.Minute))
		news.Tell(store.ScheduleFree) // and is refused again
		s.expect(s.pass(time.Minute))
		if err := s.state.Schedules().Release(s.Context(), "tides", epoch); err != nil {
			s.Fatal(err)
		}
		news.Tell(store.ScheduleFree)
		s.expect(s.pass(time.Millisecond), "09:30")
		cancel()
		<-done
	})
}
