package server

import (
	"context"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/embedded"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/store"
	"fondaco/store/sqlite"
)

// changing is a broker that another may take the place of.
type changing struct{ messaging.Broker }

// TestUnmade: the operation of a request that was not kept, as its answer says, does not wait for good; sent again under its key
// it does.
func TestUnmade(t *testing.T) {
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
	closed, err := embedded.Open(t.Context(), filepath.Join(dir, "closed.db"), embedded.Options{Project: "city"})
	if err == nil {
		err = closed.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	broker := &changing{closed} // it takes nothing
	s, err := newServed(Config{}, Deps{Topics: Topics{
		Broker: broker, Operations: state.Operations(), Idempotency: state.Idempotency(), Alone: true,
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
	ask := func(key string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/files", strings.NewReader(""))
		if key != "" {
			r.Header.Set("Idempotency-Key", key)
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	post := func(key string, want int) {
		t.Helper()
		w := ask(key)
		for end := time.Now().Add(time.Minute); w.Code == 409 && time.Now().Before(end); w = ask(key) { // the key is left alone for a while
			<-time.After(50 * time.Millisecond)
		}
		if w.Code != want {
			t.Errorf("%d %s, expected %d", w.Code, w.Body, want)
		}
	}
	holds := func(accepted, failed int) {
		t.Helper()
		for which, want := range map[store.OperationState]int{store.Accepted: accepted, store.Failed: failed} {
			list, err := state.Operations().List(t.Context(), which, 100, "")
			if err != nil || len(list) != want {
				t.Errorf("%d operations are %s, expected %d: %v", len(list), which, want, err)
			}
		}
	}
	const key = "0123456789abcdef"
	post("", 503)
	post(key, 503)
	holds(0, 2)
	broker.Broker = topics
	post(key, 202)
	holds(1, 1)

	// Of a request whose work has failed the operation stays failed: killed before its key was recorded, it comes again.
	now := time.Now()
	if err := state.Operations().Create(t.Context(), store.Operation{
		ID: "worked", Route: "file", State: store.Accepted, Created: now,
		Updated: now,
	}); err != nil {
		t.Fatal(err)
	}
	refused := routes.StoredProblem(&trigger.Problem{Status: 422, Title: "Refused", Detail: "The system refused it."})
	if err := state.Operations().Set(t.Context(), "worked", store.Failed, 1, refused, now); err != nil {
		t.Fatal(err)
	}
	if err := (&visit{s: s.Server}).anew(t.Context(), "worked", now); err != nil {
		t.Error(err)
	}
	if op, err := state.Operations().Get(t.Context(), "worked"); err != nil || op.State != store.Failed {
		t.Errorf("the operation is %s, expected failed: %v", op.State, err)
	}
}
