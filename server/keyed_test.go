package server

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/project"
	"fondaco/config/spec"
	"fondaco/routes"
	"fondaco/server/auth"
)

// TestQuota: a caller's quota is over all routes of its scheme, beside a route's own rate; another caller has its own.
func TestQuota(t *testing.T) {
	mira, _ := auth.NewKey()
	dolo, _ := auth.NewKey()
	caller := func(name, key string, quota int) *project.Caller {
		return &project.Caller{
			Name: config.Text{Value: name}, Keys: [][32]byte{auth.KeySum(key)}, Quota: spec.Rate{Count: quota, Per: 24 * time.Hour},
		}
	}
	k := &project.Keyed{Header: "X-Api-Key", Callers: []*project.Caller{caller("mira", mira, 3), caller("dolo", dolo, 1)}}
	var log bytes.Buffer
	s, err := newServed(Config{}, Deps{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	route := func(id string, rate int) *routes.Route {
		return &routes.Route{
			ID: id, Method: "GET", Path: "/" + id, Auth: routes.Auth{Scheme: "enti"}, Rate: routes.Rate{Count: rate, Per: time.Hour},
			Serve: says(200, "text/plain", "ok"),
		}
	}
	p := Program{
		Schemes: map[string]auth.Scheme{"enti": auth.NewAPIKey(k, time.Now)},
		Routes:  []*routes.Route{route("a", 0), route("b", 0), route("c", 1)},
	}
	if err := s.Swap(p); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, one := range [][2]string{
		{"/a", mira}, {"/c", mira}, {"/b", mira}, {"/a", mira}, {"/b", mira}, {"/b", dolo}, {"/a", dolo}, {"/a", "fondaco_x"},
	} {
		w := ask(s.Server, "GET", one[0], "X-Api-Key", one[1])
		got = append(got, fmt.Sprint(w.Code, w.Header()["X-RateLimit-Limit"], w.Header()["X-RateLimit-Remaining"]))
	}
	want := "200 [3] [2], 200 [1] [0], 200 [3] [0], 429 [3] [0], 429 [3] [0], 200 [1] [0], 429 [1] [0], 401 [] []"
	if found := strings.Join(got, ", "); found != want {
		t.Errorf("found    %s\nexpected %s", found, want)
	}
	w := ask(s.Server, "GET", "/a")
	if w.Code != 401 || w.Header().Get("WWW-Authenticate") != `ApiKey header="X-Api-Key"` {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	for _, secret := range []string{mira, dolo} {
		if strings.Contains(log.String(), secret[10:30]) {
			t.Errorf("the log has a key: %s", log.String())
		}
	}
}

// TestPasswordsOverTLS: a password is looked at only where it came over TLS.
func TestPasswordsOverTLS(t *testing.T) {
	digest, err := auth.PasswordDigest("una frase lunga")
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := auth.NewBasic("uffici", &project.Keyed{
		Basic: true, Callers: []*project.Caller{{Name: config.Text{Value: "protocollo"}, Password: digest}},
	}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	s, err := newServed(Config{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}}, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Swap(Program{Schemes: map[string]auth.Scheme{"uffici": scheme}, Routes: []*routes.Route{{
		ID: "a", Method: "GET", Path: "/a", Auth: routes.Auth{Scheme: "uffici"}, Serve: says(200, "text/plain", "ok"),
	}}}); err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		peer      string
		forwarded []string
		want      int
	}{
		{"127.0.0.1:5", nil, 200},
		{"[::1]:5", nil, 200},
		{"10.1.2.3:5", nil, 200},
		{"10.1.2.3:5", []string{"https"}, 200},
		{"10.1.2.3:5", []string{"http"}, 403},
		{"10.1.2.3:5", []string{"https", "http"}, 403},
		{"192.0.2.1:5", nil, 403},
		{"192.0.2.1:5", []string{"https"}, 403}, // a stranger's word
		{"somewhere", nil, 403},
	} {
		r := httptest.NewRequest(http.MethodGet, "/a", nil)
		r.RemoteAddr = one.peer
		r.Header["X-Forwarded-Proto"] = one.forwarded
		r.Header.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte("protocollo:una frase lunga")))
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != one.want {
			t.Errorf("%s %v: %d, expected %d", one.peer, one.forwarded, w.Code, one.want)
		}
	}
}
