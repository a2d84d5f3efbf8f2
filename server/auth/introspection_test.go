package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// loginService says of each token what say says, and counts.
type loginService struct {
	asked atomic.Int64
	say   atomic.Pointer[func(w http.ResponseWriter, r *http.Request)]
}

func (l *loginService) says(f func(w http.ResponseWriter, r *http.Request)) { l.say.Store(&f) }

func (l *loginService) text(status int, body string) {
	l.says(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); _, _ = io.WriteString(w, body) })
}

func (l *loginService) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.asked.Add(1)
	(*l.say.Load())(w, r)
}

// introspected is the scheme of settings with a login service that is asked.
func introspected(t *testing.T, l *loginService, cache time.Duration, now func() time.Time) Scheme {
	t.Helper()
	service := httptest.NewServer(l)
	t.Cleanup(service.Close)
	c := settings
	c.Introspection = Introspection{Endpoint: service.URL + "/introspect", ClientID: "città", ClientSecret: "a:b c", Cache: cache}
	return scheme(t, c, Deps{Now: now})
}

func statusOf(err error) int {
	var r *Refusal
	if errors.As(err, &r) {
		return r.Status
	}
	return 200
}

// TestIntrospection: a token holds as long as the login service says so, an answer is used for its time, and without an
// answer nobody is let in.
func TestIntrospection(t *testing.T) {
	l, now := &loginService{}, noon
	s := introspected(t, l, 30*time.Second, func() time.Time { return now })
	token := smith.es256(es(nil), claims(object{"exp": now.Unix() + 3600, "iat": now.Unix()}))
	step := func(what string, after time.Duration, status, asked int) {
		t.Helper()
		now = now.Add(after)
		_, err := s.Authenticate(context.Background(), bearer(token))
		if got := statusOf(err); got != status || l.asked.Load() != int64(asked) {
			t.Errorf("%s: %d after %d questions (%v), expected %d after %d", what, got, l.asked.Load(), err, status, asked)
		}
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("%s: the token is in the error", what)
		}
	}
	l.says(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		user, password, _ := r.BasicAuth()
		if r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-www-form-urlencoded" ||
			string(body) != "token="+token+"&token_type_hint=access_token" || user != "citt%C3%A0" || password != "a%3Ab+c" {
			t.Errorf("asked with %s %v %s %s:%s", r.Method, r.Header, body, user, password)
		}
		_, _ = io.WriteString(w, `{"active":true,"sub":"x","exp":99999999999}`)
	})
	step("active", 0, 200, 1)
	step("remembered", 29*time.Second, 200, 1)
	l.text(200, `{"active":false}`)
	step("revoked, and asked again", time.Second, 401, 2)
	step("that is remembered too", 29*time.Second, 401, 2)
	l.text(500, `{"active":true}`)
	step("an error", time.Second, 503, 3)
	l.text(200, `{"active":true}`)
	step("not asked again at once", 500*time.Millisecond, 503, 3)
	step("but after a second", 600*time.Millisecond, 200, 4)
	for i, answer := range []string{
		``, `{}`, `{"active":"true"}`, `{"active":1}`, `{"active":null}`, `{"Active":true}`,
		`{"active":false,"active":true}`, `[true]`, `{"active":true`, `{"active":true,"x":"` + strings.Repeat("a", maxIntrospection) + `"}`,
		`{"active":true,"exp":"x"}`,
	} {
		l.text(200, answer)
		step(fmt.Sprintf("%.40s", answer), time.Minute, 503, 5+i)
	}
	l.text(200, fmt.Sprintf(`{"active":true,"exp":%d}`, now.Unix()))
	step("it has expired there", time.Minute, 401, 16)
	l.says(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	})
	step("it sends elsewhere", time.Minute, 503, 17)
	if _, err := s.Authenticate(context.Background(), bearer(token[:len(token)-4]+"AAAA")); statusOf(err) != 401 || l.asked.Load() != 17 {
		t.Errorf("a token of a stranger: %v, asked %d times", err, l.asked.Load())
	}
}

// TestIntrospectionWithoutCache: each request is asked about, and many at a time under one token ask once.
func TestIntrospectionWithoutCache(t *testing.T) {
	l := &loginService{}
	s := introspected(t, l, 0, func() time.Time { return noon })
	token := smith.es256(es(nil), claims(object{"exp": noon.Unix() + 3600, "iat": noon.Unix()}))
	l.text(200, `{"active":true}`)
	for range 3 {
		if _, err := s.Authenticate(context.Background(), bearer(token)); err != nil {
			t.Fatal(err)
		}
	}
	if n := l.asked.Load(); n != 3 {
		t.Errorf("asked %d times, expected 3", n)
	}
	arrived, release := make(chan struct{}, 100), make(chan struct{})
	l.says(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-release
		_, _ = io.WriteString(w, `{"active":true}`)
	})
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	var good atomic.Int64
	for range 20 {
		all.Go(func() {
			if _, err := s.Authenticate(context.Background(), bearer(token)); err == nil {
				good.Add(1)
			}
		})
	}
	<-arrived
	all.Go(func() {
		if _, err := s.Authenticate(ctx, bearer(token)); statusOf(err) != 503 {
			t.Errorf("whoever goes away: found %v", err)
		}
	})
	cancel()
	close(release)
	all.Wait()
	if good.Load() != 20 {
		t.Errorf("%d of 20 were let in", good.Load())
	}
}

// TestIntrospectionConfigured: what cannot be is told at the start.
func TestIntrospectionConfigured(t *testing.T) {
	for want, i := range map[string]Introspection{
		"not an https address":            {Endpoint: "http://login.example/", ClientID: "a", ClientSecret: "b"},
		"not an https address ":           {Endpoint: "https://u:p@login.example/", ClientID: "a", ClientSecret: "b"},
		"client_id and client_secret are": {Endpoint: "https://login.example/", ClientID: "a"},
	} {
		c := settings
		c.Introspection = i
		if err := CheckJWT(c, Deps{FS: nil}); err == nil || !strings.Contains(err.Error(), strings.TrimSpace(want)) {
			t.Errorf("%+v: found %v, expected %s", i, err, want)
		}
	}
}
