package postgres

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/postgres/postgrestest"
)

// TestTopicsOfAnother: a process whose messages are elsewhere than those of the state is refused by name, until they are given up.
func TestTopicsOfAnother(t *testing.T) {
	p := newPlace(t, nil)
	opens := func(topics string) error {
		s, err := Open(t.Context(), p.address, Options{Project: "venezia", Topics: topics})
		if err == nil {
			err = s.Close()
		}
		return err
	}
	one, other := TopicsIn("one", "/srv/a/topics.db of venus"), TopicsIn("other", "/srv/b/topics.db of mars")
	if err := opens(one); err != nil {
		t.Fatal(err)
	}
	if err := opens(TopicsIn("one", "/srv/moved/topics.db of venus")); err != nil {
		t.Errorf("its own file in another folder: %v", err)
	}
	for _, topics := range []string{other, TopicsShared} {
		if err := opens(topics); err == nil || !strings.Contains(err.Error(), "/srv/a/topics.db of venus") ||
			!strings.Contains(err.Error(), "--topics-moved") {
			t.Errorf("%s: %v", topics, err)
		}
	}
	if err := opens(""); err != nil {
		t.Errorf("who has no topics: %v", err)
	}
	if _, err := Migrate(t.Context(), p.owner, Migration{Project: "venezia", TopicsMoved: true}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := opens(TopicsShared); err != nil {
			t.Error(err)
		}
	}
	if err := opens(one); err == nil || !strings.Contains(err.Error(), "on Kafka") {
		t.Errorf("embedded beside a cluster: %v", err)
	}
}

// TestAwayAtOpening: a database that cannot be reached when the state is opened is one that comes later, and what Open would refuse is
// refused then.
func TestAwayAtOpening(t *testing.T) {
	server := postgrestest.New(t)
	p := newPlace(t, server)
	server.Kill()
	if _, err := Open(t.Context(), p.address, Options{Project: "venezia"}); !errors.Is(err, store.ErrIO) {
		t.Fatalf("without Away: %v", err)
	}
	state, err := Open(t.Context(), p.address, Options{Project: "venezia", Topics: TopicsShared, Away: true})
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	foreign, err := Open(t.Context(), p.address, Options{Project: "padova", Away: true})
	if err != nil {
		t.Fatal(err)
	}
	defer foreign.Close()
	create := func(s *Store, id string) error {
		return s.Operations().Create(t.Context(), store.Operation{ID: id, Route: "r", State: store.Accepted, Created: time.Now()})
	}
	if err := create(state, "1"); !errors.Is(err, store.ErrIO) || state.Health() == nil {
		t.Errorf("while it is away: %v, health %v", err, state.Health())
	}
	if _, err := state.Secret(t.Context()); !errors.Is(err, store.ErrIO) {
		t.Errorf("its secret while it is away: %v", err)
	}
	if err := server.Run(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); state.Health() != nil && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if err := errors.Join(state.Health(), create(state, "2")); err != nil {
		t.Fatal(err)
	}
	told := func() string {
		if err := foreign.Health(); err != nil {
			return err.Error()
		}
		return ""
	}
	for end := time.Now().Add(time.Minute); !strings.Contains(told(), `"padova"`) && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	if err := create(foreign, "3"); !errors.Is(err, store.ErrIO) || !strings.Contains(told(), "schema of its own") {
		t.Errorf("another project's: %v, health %s", err, told())
	}
}

// TestGroups: which groups had a place is the same for all processes.
func TestGroups(t *testing.T) {
	p := newPlace(t, nil)
	var all []Groups
	for range 2 {
		s, err := Open(t.Context(), p.address, Options{Project: "venezia"})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if ahead, err := s.Ahead(t.Context()); err != nil || ahead.Abs() > 10*time.Second {
			t.Errorf("ahead %s, %v", ahead, err)
		}
		all = append(all, s.Groups())
	}
	seen := func(g Groups) bool {
		is, err := g.Seen(t.Context(), "topic", "group")
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	if seen(all[1]) {
		t.Error("a group is seen that never was")
	}
	for range 2 {
		if err := all[0].See(t.Context(), "topic", "group"); err != nil {
			t.Fatal(err)
		}
	}
	if list, err := all[1].All(t.Context()); err != nil || !seen(all[1]) || len(list) != 1 || list[0] != [2]string{"topic", "group"} {
		t.Errorf("%v, %v", list, err)
	}
	if err := all[1].Forget(t.Context(), "topic", "group"); err != nil || seen(all[0]) {
		t.Errorf("forgotten: %v", err)
	}
}
