package server

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/connectors"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/server/auth"
)

// TestCallers: P24, T13, T14, T16. Who may call what, for every kind of caller on every kind of route; the table is the oracle.
func TestCallers(t *testing.T) {
	c := auth.JWT{Issuer: "https://login.example", Audiences: []string{"dime"}, Keys: "k", Levels: map[string]int{"L1": 1, "L2": 2, "L3": 3}}
	mint, err := auth.NewMint(c)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := mint.JWKS()
	if err != nil {
		t.Fatal(err)
	}
	scheme, err := auth.NewJWT(c, auth.Deps{FS: fstest.MapFS{"k": {Data: keys}}})
	if err != nil {
		t.Fatal(err)
	}
	ran := 0
	who := func(_ context.Context, req *trigger.Request) (*trigger.Response, error) {
		ran++
		return says(200, "text/plain", req.User.Get("subject").Str())(nil, nil)
	}
	var log bytes.Buffer
	s, err := newServed(Config{}, Deps{Log: slog.New(slog.NewJSONHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	p := Program{Schemes: map[string]auth.Scheme{"cittadino": scheme}, Routes: []*routes.Route{
		{ID: "public", Method: "GET", Path: "/public", Auth: open, Serve: who},
		{ID: "any", Method: "GET", Path: "/any", Auth: routes.Auth{Scheme: "cittadino"}, Serve: who},
		{ID: "l2", Method: "GET", Path: "/l2", Auth: routes.Auth{Scheme: "cittadino", Level: 2}, Serve: who},
		{ID: "op", Method: "GET", Path: "/op", Auth: routes.Auth{Scheme: "cittadino", Roles: []string{"operatore", "capo"}}, Serve: who},
		{ID: "l3op", Method: "GET", Path: "/l3op", Auth: routes.Auth{Scheme: "cittadino", Level: 3, Roles: []string{"operatore"}}, Serve: who},
		{ID: "fresh", Method: "GET", Path: "/fresh", Auth: routes.Auth{Scheme: "cittadino", Level: 3, MaxAge: 15 * time.Minute}, Serve: who},
	}}
	if err := s.Swap(p); err != nil {
		t.Fatal(err)
	}
	token := func(level int, roles ...string) string {
		text, err := mint.Token(auth.Person{Subject: "anna", Level: level, Roles: roles}, time.Now(), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return "Bearer " + text
	}
	expired, err := mint.Token(auth.Person{Subject: "anna", Level: 3, Roles: []string{"operatore"}}, time.Now().Add(-time.Hour), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{"/public", "/any", "/l2", "/op", "/l3op"}
	for name, row := range map[string]struct {
		token string
		want  string
	}{
		"nobody":        {"", "200 401 401 401 401"},
		"expired":       {"Bearer " + expired, "200 401 401 401 401"},
		"nonsense":      {"Bearer x", "200 401 401 401 401"},
		"basic":         {"Basic eDp5", "200 401 401 401 401"},
		"no level":      {token(0), "200 200 401 403 401"},
		"level 1":       {token(1), "200 200 401 403 401"},
		"level 2":       {token(2), "200 200 200 403 401"},
		"level 3":       {token(3), "200 200 200 403 403"},
		"operator":      {token(1, "operatore"), "200 200 401 200 401"},
		"head":          {token(2, "capo", "x"), "200 200 200 200 401"},
		"operator at 3": {token(3, "operatore"), "200 200 200 200 200"},
		"wrong case":    {token(3, "Operatore"), "200 200 200 403 403"},
	} {
		var got []string
		for _, path := range paths {
			before := ran
			var w *httptest.ResponseRecorder
			if row.token == "" {
				w = ask(s.Server, "GET", path)
			} else {
				w = ask(s.Server, "GET", path, "Authorization", row.token)
			}
			got = append(got, fmt.Sprint(w.Code))
			if (w.Code == 200) != (ran == before+1) {
				t.Errorf("%s on %s: %d, and the route ran %d times", name, path, w.Code, ran-before)
			}
			if (w.Code == 401) != (w.Header().Get("WWW-Authenticate") != "") {
				t.Errorf("%s on %s: %d with the challenge %q", name, path, w.Code, w.Header().Get("WWW-Authenticate"))
			}
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%s: found %v, expected %s", name, got, row.want)
		}
	}
	w := ask(s.Server, "GET", "/l2", "Authorization", token(1))
	const challenge = `Bearer realm="fondaco", error="insufficient_user_authentication", error_description="A higher level of identification is needed.", acr_values="L2 L3"`
	if got := w.Header().Get("WWW-Authenticate"); got != challenge {
		t.Errorf("found    %s\nexpected %s", got, challenge)
	}
	for ago, want := range map[time.Duration]int{0: 200, 14 * time.Minute: 200, 16 * time.Minute: 401} { // T14
		text, err := mint.Token(auth.Person{Subject: "anna", Level: 3}, time.Now().Add(-ago), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		const again = `Bearer realm="fondaco", error="insufficient_user_authentication", error_description="The login is too long ago: log in again.", acr_values="L3", max_age="900"`
		w := ask(s.Server, "GET", "/fresh", "Authorization", "Bearer "+text)
		if got := w.Header().Get("WWW-Authenticate"); w.Code != want || (want == 401) != (got == again) {
			t.Errorf("a login %s ago: %d %s", ago, w.Code, got)
		}
	}
	for _, query := range []string{"access_token=x", "a=1&access_token=x"} {
		if w := ask(s.Server, "GET", "/any?"+query, "Authorization", token(3)); w.Code != 400 {
			t.Errorf("T16: a token in the query: %d", w.Code)
		}
	}
	log.Reset()
	for _, refused := range [][2]string{
		{"Bearer " + expired, "it has expired"},
		{"Bearer x", "it is not three parts of base64url"},
		{"Basic eDp5", "An access token is needed."},
		{token(1), "A higher level of identification is needed."},
		{token(3), "The caller lacks the role for this operation."},
	} {
		log.Reset()
		ask(s.Server, "GET", "/l3op", "Authorization", refused[0])
		if line := log.String(); !strings.Contains(line, `"refused":"`+refused[1]+`"`) || strings.Contains(line, "anna") {
			t.Errorf("expected that the log says %q: %s", refused[1], line)
		}
	}
	passed := ""
	note := func(ctx context.Context, _ *trigger.Request) (*trigger.Response, error) {
		token, known := connectors.CallerTokenOf(ctx)
		passed = fmt.Sprint(known, " ", token.Secret())
		return says(200, "text/plain", "")(nil, nil)
	}
	p.Routes = append(p.Routes, &routes.Route{
		ID: "on", Method: "GET", Path: "/on", Auth: routes.Auth{Scheme: "cittadino"}, PassesToken: true,
		Serve: note,
	},
		&routes.Route{ID: "off", Method: "GET", Path: "/off", Auth: routes.Auth{Scheme: "cittadino"}, Serve: note})
	if err := s.Swap(p); err != nil {
		t.Fatal(err)
	}
	good := token(3)
	for path, want := range map[string]string{"/on": "true " + strings.TrimPrefix(good, "Bearer "), "/off": "false "} {
		if ask(s.Server, "GET", path, "Authorization", good); passed != want {
			t.Errorf("%s: the route knows %s, expected %s", path, passed, want)
		}
	}
	live := serve(t, Config{}, p)
	twice := "GET /any HTTP/1.1\r\n" + host + "Authorization: " + token(3) + "\r\nAuthorization: " + token(3) + "\r\n\r\n"
	if got := talk(t, live.Addr(), twice, 2); len(got) != 1 || got[0].status != 400 {
		t.Errorf("T16: two headers Authorization: %v", got)
	}
}
