package server

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/messaging/embedded"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/store"
	"fondaco/store/sqlite"
)

// TestOneClock: what is kept of a request bears the time of the clock that the server was given, and not the machine's.
func TestOneClock(t *testing.T) {
	dir := t.TempDir()
	state, err := sqlite.Open(t.Context(), filepath.Join(dir, "state.db"), sqlite.Options{Project: "city"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = state.Close() }()
	topics, err := embedded.Open(t.Context(), filepath.Join(dir, "topics.db"), embedded.Options{Project: "city"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = topics.Close() }()
	now := time.Date(2040, 2, 29, 12, 0, 0, 0, time.UTC)
	s, err := newServed(Config{}, Deps{Clock: func() time.Time { return now }, Topics: Topics{
		Broker: topics, Operations: state.Operations(), Idempotency: state.Idempotency(), Alone: true,
		Secret: func() []byte { return []byte("secret") },
	}})
	if err != nil {
		t.Fatal(err)
	}
	accept := func(_ context.Context, id string, _ *trigger.Request) (*routes.Acceptance, error) {
		return &routes.Acceptance{Topic: routes.AsyncTopic("file"), Key: id, Body: []byte("{}")}, nil
	}
	if err := s.Swap(Program{Routes: []*routes.Route{{ID: "file", Method: "POST", Path: "/files", Auth: open, Accept: accept}}}); err != nil {
		t.Fatal(err)
	}
	send := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/files", strings.NewReader(""))
		r.Header.Set("Idempotency-Key", "0123456789abcdef")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	if w := send(); w.Code != 202 {
		t.Fatal(w.Code, w.Body)
	}
	list, err := state.Operations().List(t.Context(), store.Accepted, 100, "")
	if err != nil || len(list) != 1 || !list[0].Created.Equal(now) {
		t.Errorf("found %+v %v, expected one operation of %s", list, err, now)
	}
	now = now.Add(time.Hour) // the answer under the key is kept for a day, by the same clock
	if w := send(); w.Code != 202 || w.Header().Get("Location") != "/operations/"+list[0].ID {
		t.Errorf("a repetition within the hour: %d %s", w.Code, w.Body)
	}
}
