package transport

import (
	"bytes"
	"crypto/rand"
	"crypto/subtle"
	"io"
	"net/http"
	"strings"

	"fondaco/connectors"
)

// Guard stands before a simulated system: it asks its callers for what the connector's auth and sign say. Safe for concurrent
// use.
type Guard struct {
	access *Access
	auth   Auth
	digest *Digest // nil if callers prove nothing by it
	tokens *Tokens // nil if callers bear no token
	limit  int64   // of a body that is signed
}

// Guard returns what asks callers of a simulated system for their credentials; bodies that are signed have limit octets at most.
// The error says which credential cannot be had.
func (a *Access) Guard(s *connectors.System, limit int64) (*Guard, error) {
	o, _, err := a.Resolve(s, nil)
	if err != nil {
		return nil, err
	}
	g := &Guard{access: a, auth: o.Auth, limit: limit}
	if g.tokens, err = a.Tokens(s); err != nil {
		return nil, err
	}
	if o.Auth.Digest {
		g.digest = &Digest{User: o.Auth.User, Password: o.Auth.Password, Nonce: rand.Text()}
	}
	return g, nil
}

// Answer answers a request for a token, and reports whether it was one.
func (g *Guard) Answer(w http.ResponseWriter, r *http.Request) bool {
	return g.tokens != nil && g.tokens.Answer(w, r)
}

// Ask adds to the head of an answer what tells a caller who is not known how to become so.
func (g *Guard) Ask(h http.Header) {
	if g.digest != nil {
		g.digest.Ask(h)
	}
}

// Known reports whether a request has the caller's credentials. It may replace the body of r by one that reads the same.
func (g *Guard) Known(r *http.Request) bool {
	if !g.access.Signed(r.Header, r.URL.Query()) {
		return false
	}
	equal := func(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
	switch a := &g.auth; {
	case g.tokens != nil:
		return g.tokens.Known(r)
	case g.digest != nil:
		return g.digest.Known(r)
	case a.Caller:
		return len(r.Header.Get("Authorization")) > len("Bearer ") && strings.HasPrefix(r.Header.Get("Authorization"), "Bearer ")
	case a.AWS != nil:
		body, err := io.ReadAll(io.LimitReader(r.Body, g.limit+1))
		r.Body = io.NopCloser(bytes.NewReader(body))
		return err == nil && a.AWS.Known(r, body)
	case a.KeyCookie != "":
		c, err := r.Cookie(a.KeyCookie)
		return err == nil && equal(c.Value, a.Key)
	case a.User != "":
		user, password, ok := r.BasicAuth()
		return ok && equal(user, a.User) && equal(password, a.Password)
	case a.Bearer != "":
		return equal(r.Header.Get("Authorization"), "Bearer "+a.Bearer)
	case a.KeyHeader != "":
		return equal(r.Header.Get(a.KeyHeader), a.Key)
	case a.KeyQuery != "":
		return equal(r.URL.Query().Get(a.KeyQuery), a.Key)
	}
	return true
}
