package server

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/connectors"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/server/auth"
	"fondaco/store/sqlite"
)

// TestKeysOfKnownCallers: a known caller's key belongs to its first request; another one under it is refused, another
// caller's is another key, and what had no effect is forgotten.
func TestKeysOfKnownCallers(t *testing.T) {
	state, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), sqlite.Options{Project: "city"})
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	c := auth.JWT{Issuer: "https://login.example", Audiences: []string{"city"}, Keys: "k", Levels: map[string]int{"L1": 1, "L2": 2, "L3": 3}}
	mint, err := auth.NewMint(c)
	if err != nil {
		t.Fatal(err)
	}
	jwks, err := mint.JWKS()
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := auth.NewJWT(c, auth.Deps{FS: fstest.MapFS{"k": {Data: jwks}}})
	if err != nil {
		t.Fatal(err)
	}
	calls := 0
	s, err := newServed(Config{}, Deps{Topics: Topics{Idempotency: state.Idempotency()}})
	if err != nil {
		t.Fatal(err)
	}
	route := func(id string, status int, affects bool) *routes.Route {
		return &routes.Route{
			ID: id, Method: "POST", Path: "/" + id, Auth: routes.Auth{Scheme: "cittadino"}, Keyed: true, HasBody: true,
			Serve: func(_ context.Context, req *trigger.Request) (*trigger.Response, error) {
				calls++
				if affects {
					req.Effect()
				}
				if status >= 400 {
					return nil, &connectors.Fault{System: "s", Operation: "o", Kind: connectors.Unavailable}
				}
				return says(status, "application/json", fmt.Sprintf(`{"call":%d}`, calls))(nil, nil)
			},
		}
	}
	if err := s.Swap(Program{Schemes: map[string]auth.Scheme{"cittadino": scheme}, Routes: []*routes.Route{
		route("done", 201, true), route("read", 200, false), route("fails", 503, true), route("not-begun", 503, false),
	}}); err != nil {
		t.Fatal(err)
	}
	post := func(who, path, body string) string {
		t.Helper()
		token, err := mint.Token(auth.Person{Subject: who, Level: 2}, time.Now(), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Idempotency-Key", "k")
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 400 {
			return fmt.Sprint(w.Code)
		}
		return fmt.Sprintf("%d %s", w.Code, w.Body)
	}
	for i, row := range []struct{ who, path, body, want string }{
		{"anna", "/done", "{}", `201 {"call":1}`},
		{"anna", "/done", "{}", `201 {"call":1}`},
		{"anna", "/done", `{"other":1}`, "422"},
		{"anna", "/done?q=1", "{}", "422"},
		{"berta", "/done", "{}", `201 {"call":2}`},
		{"anna", "/read", "{}", `200 {"call":3}`}, // no effect: nothing is kept
		{"anna", "/read", "{}", `200 {"call":4}`},
		{"anna", "/fails", "{}", "503"}, // it may have had an effect: the answer is kept
		{"anna", "/fails", "{}", "503"},
		{"anna", "/not-begun", "{}", "503"},
		{"anna", "/not-begun", "{}", "503"},
	} {
		if got := post(row.who, row.path, row.body); got != row.want {
			t.Errorf("%d: %s %s %s: found %s, expected %s", i, row.who, row.path, row.body, got, row.want)
		}
	}
	if a, b := trigger.NewResponse(), trigger.NewResponse(); a == b {
		t.Error("an answer was released twice: two exchanges would write to the same")
	}
	if calls != 7 {
		t.Errorf("%d exchanges ran, expected 7", calls)
	}
}
