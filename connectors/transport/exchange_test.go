package transport

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/connectors"
)

// bank is a server of tokens that speaks RFC 8693, and the system that takes its tokens.
type bank struct {
	mu      sync.Mutex
	forms   []string // of the requests for tokens
	taken   []string // tokens that the system took
	bad     string   // a token that the system does not take
	status  int      // of the server of tokens, 0 for 200
	answer  string   // of the server of tokens, "" for a token
	expires int
}

func (b *bank) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path != "/token" {
		got := r.Header.Get("Authorization")
		if got == b.bad {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		b.taken = append(b.taken, got)
		return
	}
	user, password, _ := r.BasicAuth()
	_ = r.ParseForm()
	b.forms = append(b.forms, user+":"+password+" "+r.PostForm.Encode())
	switch {
	case b.status != 0:
		w.WriteHeader(b.status)
		_, _ = fmt.Fprint(w, b.answer)
	case b.answer != "":
		_, _ = fmt.Fprint(w, b.answer)
	default:
		_, _ = fmt.Fprintf(w, `{"access_token":"for-%s-%d","issued_token_type":"urn:ietf:params:oauth:token-type:access_token","token_type":"Bearer","expires_in":%d}`,
			r.PostForm.Get("subject_token"), len(b.forms), b.expires)
	}
}

// behind makes a client of the bank's system.
func (b *bank) client(t *testing.T) (*Client, *exchanger) {
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	c := to(t, server.URL, func(o *Options) {
		o.Auth.Exchange = &Exchange{
			TokenURL: server.URL + "/token", ClientID: "dime", ClientSecret: "s", Audience: "anagrafe",
			Scopes: []string{"a", "b"},
		}
	})
	e, ok := c.auth.(*exchanger)
	if !ok {
		t.Fatal("no exchanger")
	}
	return c, e
}

// as calls the system for a caller with a token.
func as(t *testing.T, c *Client, token string) string {
	t.Helper()
	return told(c.Do(connectors.WithCallerToken(t.Context(), token), &Request{Method: "GET", Target: "/"}))
}

func (b *bank) seen() (forms int, taken string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	taken = strings.Join(b.taken, ", ")
	b.taken = nil
	return len(b.forms), taken
}

// TestExchange: each caller's token is exchanged once, kept for that caller alone, and exchanged anew when it has expired or is
// refused.
func TestExchange(t *testing.T) {
	b := &bank{expires: 3600}
	c, e := b.client(t)
	var wait sync.WaitGroup
	for range 10 {
		wait.Go(func() { as(t, c, "anna") })
	}
	wait.Wait()
	if n, taken := b.seen(); n != 1 || taken != strings.TrimSuffix(strings.Repeat("Bearer for-anna-1, ", 10), ", ") {
		t.Errorf("%d exchanges, and the system took %s", n, taken)
	}
	want := url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:token-exchange"}, "subject_token": {"anna"}, "audience": {"anagrafe"}, "scope": {"a b"},
		"subject_token_type": {"urn:ietf:params:oauth:token-type:access_token"},
	}
	if b.forms[0] != "dime:s "+want.Encode() {
		t.Errorf("found %s", b.forms[0])
	}
	as(t, c, "bruno")
	as(t, c, "anna")
	if n, taken := b.seen(); n != 2 || taken != "Bearer for-bruno-2, Bearer for-anna-1" {
		t.Errorf("%d exchanges, and the system took %s", n, taken)
	}
	b.bad = "Bearer for-anna-1" // revoked
	if got := as(t, c, "anna"); got != "200 " {
		t.Errorf("found %s", got)
	}
	if n, taken := b.seen(); n != 3 || taken != "Bearer for-anna-3" {
		t.Errorf("%d exchanges, and the system took %s", n, taken)
	}
	e.mu.Lock()
	for at := e.used.Front(); at != nil; at = at.Next() {
		at.Value.(*exchanged).until = time.Now()
	}
	e.mu.Unlock()
	as(t, c, "bruno")
	if n, taken := b.seen(); n != 4 || taken != "Bearer for-bruno-4" {
		t.Errorf("%d exchanges, and the system took %s", n, taken)
	}
}

// TestExchangeBounded: the tokens that were used last are kept, and no more than the bound.
func TestExchangeBounded(t *testing.T) {
	b := &bank{expires: 3600}
	c, e := b.client(t)
	e.most = 2
	for _, token := range []string{"a", "b", "a", "c", "a", "b"} {
		as(t, c, token)
	}
	if n, _ := b.seen(); n != 4 || len(e.kept) != 2 || e.used.Len() != 2 {
		t.Errorf("%d exchanges, %d kept", n, len(e.kept))
	}
}

// TestExchangeFails: a caller whose token is not taken is refused, a server of tokens that is down makes the system unavailable,
// and nothing reaches the system in either case. No token stands in a message.
func TestExchangeFails(t *testing.T) {
	for _, x := range []struct {
		status       int
		answer, want string
	}{
		{400, `{"error":"invalid_target"}`, "refused: no token in exchange for the caller's: HTTP status 400, invalid_target"},
		{400, `{"error":"segreto-di-anna"}`, "refused: no token in exchange for the caller's: HTTP status 400"},
		{401, `{"error":"invalid_client"}`, "unavailable: no token in exchange for the caller's: HTTP status 401, invalid_client"},
		{503, `down`, "unavailable: no token in exchange for the caller's: HTTP status 503"},
		{0, `{"access_token":"x","token_type":"DPoP"}`, "unavailable: the answer to the exchange of a token holds no bearer token"},
		{0, `no`, "unavailable: no token in exchange for the caller's: the token's answer is not understood"},
	} {
		b := &bank{status: x.status, answer: x.answer}
		c, _ := b.client(t)
		_, err := c.Do(connectors.WithCallerToken(t.Context(), "segreto-di-anna"), &Request{Method: "GET", Target: "/", Operation: "leggi"})
		f := connectors.AsFault(err)
		if f == nil || f.Error() != "prova.leggi: "+x.want || f.Sent {
			t.Errorf("found %v, expected %s", err, x.want)
		}
		if _, taken := b.seen(); taken != "" {
			t.Errorf("the system was called: %s", taken)
		}
	}
}

// TestCallerToken: the caller's token is sent on as it came, to the system's own host alone, and not without a caller.
func TestCallerToken(t *testing.T) {
	var elsewhere, here []string
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		elsewhere = append(elsewhere, r.Header.Get("Authorization"))
	}))
	defer other.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		here = append(here, r.Header.Get("Authorization"))
		http.Redirect(w, r, other.URL+"/", http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	c := to(t, server.URL, func(o *Options) { o.Auth.Caller = true })
	if got := as(t, c, "anna"); !strings.HasPrefix(got, "307") || strings.Join(here, ",") != "Bearer anna" || len(elsewhere) > 0 {
		t.Errorf("found %s, %v here and %v elsewhere", got, here, elsewhere)
	}
	_, err := c.Do(context.Background(), &Request{Method: "GET", Target: "/"})
	if f := connectors.AsFault(err); f == nil || f.Kind != connectors.Refused || f.Sent || len(here) != 1 {
		t.Errorf("found %v without a caller", err)
	}
	ctx := connectors.WithCallerToken(context.Background(), "segreto-di-anna")
	token, _ := connectors.CallerTokenOf(ctx)
	if text := fmt.Sprintf("%v %+v %#v %s", token, token, token, ctx); strings.Contains(text, "segreto") {
		t.Errorf("the token is shown: %s", text)
	}
}
