package work

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/connectors"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/schema"
	"fondaco/store"
	"fondaco/store/postgres"
	"fondaco/store/postgres/postgrestest"
)

// place is a system in which one more thing is new at each look, or nothing. Who looks waits to be told.
type place struct {
	looks chan string // from where
	leave chan error
}

// errNothing is told to who is to find nothing new.
var errNothing = errors.New("nothing is new")

func newPlace() *place { return &place{make(chan string), make(chan error)} }

func (p *place) Poll(ctx context.Context, from string) (*connectors.Finds, error) {
	select {
	case p.looks <- from:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case err := <-p.leave:
		if errors.Is(err, errNothing) {
			return &connectors.Finds{Place: from}, nil
		}
		return &connectors.Finds{Items: []connectors.Find{{ID: from + "+", Body: schema.Text(from)}}, Place: from + "+"}, err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *place) Wait(context.Context, time.Duration) {} // there may always be something

func (p *place) Close() error { return nil }

// heard is a broker that keeps what is published.
type heard struct {
	messaging.Broker
	ids chan string
}

func (h heard) PublishMessages(_ context.Context, _ string, messages ...messaging.Message) error {
	for _, m := range messages {
		h.ids <- m.ID
	}
	return nil
}

// unfencedPlaces are places of a state whose fence is broken.
type unfencedPlaces struct{ store.Schedules }

func (u unfencedPlaces) SetPlace(ctx context.Context, name string, epoch int64, place string) error {
	err := u.Schedules.SetPlace(ctx, name, epoch, place)
	if errors.Is(err, store.ErrFenced) {
		return u.Schedules.SetPlace(ctx, name, epoch+1, place)
	}
	return err
}

// TestTwoPollers: of two nodes with one PostgreSQL one looks for what is new in a system. One that slept past its right to, wherever it
// was, can keep nothing when another has looked since; where the fence is broken that is seen.
func TestTwoPollers(t *testing.T) {
	server := postgrestest.New(t)
	address := server.Address("postgres", "postgres", "schema=city")
	if _, err := postgres.Migrate(t.Context(), address, postgres.Migration{Project: "city"}); err != nil {
		t.Fatal(err)
	}
	var states [2]*postgres.Store
	for i := range states {
		s, err := postgres.Open(t.Context(), address, postgres.Options{Project: "city"})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		states[i] = s
	}
	published := make(chan string, 100)
	slept := errors.New("the time for looking is over")
	for _, x := range []struct {
		name            string
		wakes           error // with which its look ends
		nobody          bool  // looks meanwhile
		broken          bool
		told            error
		fenced, doubled int64
		place           string
	}{
		{name: "amid a look", fenced: 1, place: "+"},
		{name: "amid a look that fails", wakes: slept, fenced: 1, place: "+"},
		{name: "between two looks", wakes: errNothing, fenced: 1, place: "+"},
		{name: "while nobody looked", wakes: slept, nobody: true, told: slept, place: ""},
		{name: "without a fence", broken: true, fenced: 1, doubled: 1, place: "+"},
	} {
		t.Run(x.name, func(t *testing.T) {
			var nodes [2]*poller
			var places [2]*place
			for i := range nodes {
				kept := states[i].Schedules()
				if x.broken {
					kept = unfencedPlaces{kept}
				}
				nodes[i] = &poller{
					of:     &routes.Watched{Name: "riga", Kept: x.name, Target: "registro.righe", Topic: "riga", Every: time.Millisecond},
					topics: Topics{Broker: heard{ids: published}, Schedules: kept}, log: slog.New(slog.DiscardHandler),
					owner: []string{"a", "b"}[i],
				}
				places[i] = newPlace()
			}
			a, b := nodes[0], nodes[1]
			ended := make(chan error, 1)
			session := func(ctx context.Context, i int) {
				_, err := nodes[i].session(ctx, places[i])
				ended <- err
			}
			go session(t.Context(), 0)
			<-places[0].looks
			if wait, err := b.session(t.Context(), places[1]); wait != pollTurn || err != nil {
				t.Fatalf("another that may not look: %v, %v", wait, err)
			}
			// Its right ends, as the database says.
			if err := states[1].Schedules().Release(t.Context(), b.name(), 1); err != nil {
				t.Fatal(err)
			}
			if !x.nobody {
				ctx, cancel := context.WithCancel(t.Context())
				go session(ctx, 1)
				<-places[1].looks
				places[1].leave <- nil
				<-places[1].looks // what it found is kept
				cancel()
				if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
					t.Fatal(err)
				}
			}
			places[0].leave <- x.wakes
			for over := false; !over; { // what it finds out by itself, when it is to prolong its right
				select {
				case <-places[0].looks:
					places[0].leave <- errNothing
				case err := <-ended:
					if over = true; !errors.Is(err, x.told) {
						t.Errorf("it ends with %v, expected %v", err, x.told)
					}
				case <-time.After(time.Minute):
					t.Fatal("it goes on looking")
				}
			}
			if a.fenced.Load() != x.fenced || a.doubled.Load() != x.doubled || b.fenced.Load()+b.doubled.Load() != 0 {
				t.Errorf("refused %d, two owners %d; of the other %d, %d; expected %d and %d", a.fenced.Load(), a.doubled.Load(), b.fenced.Load(),
					b.doubled.Load(), x.fenced, x.doubled)
			}
			if at, err := states[1].Schedules().Place(t.Context(), b.name()); at != x.place || err != nil {
				t.Errorf("the place is %q, %v, expected %q", at, err, x.place)
			}
			if _, held, err := states[1].Schedules().Acquire(t.Context(), b.name(), "c", time.Now(), time.Minute); !held || err != nil {
				t.Errorf("another may look: %v, %v", held, err)
			}
		})
	}
}

// TestPollerHearsOfFree: who may not look, as another has the right to, tries again soon after that one gives it up, and not more often than
// twice a second, however many rights are given up.
func TestPollerHearsOfFree(t *testing.T) {
	for name, c := range map[string]struct{ tells, waits time.Duration }{
		"nobody tells":       {time.Hour, pollTurn},
		"told early":         {time.Millisecond, pollFreed},
		"told in the middle": {pollFreed + 100*time.Millisecond, pollFreed + 100*time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var news store.Watchers
				freed, stop := news.Wake(store.ScheduleFree)
				defer stop()
				tell := time.AfterFunc(c.tells, func() { news.Tell(store.ScheduleFree) })
				defer tell.Stop()
				began := time.Now()
				(&poller{}).pause(t.Context(), pollTurn, freed)
				if waited := time.Since(began); waited != c.waits {
					t.Errorf("it waits for %v, expected %v", waited, c.waits)
				}
			})
		})
	}
}
