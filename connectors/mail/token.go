package mail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/errand"
)

// tokens is what a connector says of the tokens by which we log in.
type tokens struct {
	url, id, secret config.Ref
	scopes          []config.Text
}

func (t *tokens) spec(o *spec.Object) {
	o.Ref("token_url", &t.url, connectors.Spaces...).Required().Doc("Where tokens are given.")
	o.Ref("client_id", &t.id, connectors.Spaces...).Required().Doc("The client.")
	o.Ref("client_secret", &t.secret, connectors.Spaces...).Required().Doc("Its secret.")
	o.Texts("scopes", &t.scopes).Doc("What is asked for.").Example("[\"https://outlook.office365.com/.default\"]")
}

func (t *tokens) check(c *connectors.Connector, out *diag.List) {
	c.CheckRefs(out, t.url, t.id, t.secret)
	c.CheckSecret(out, "client_secret", t.secret)
}

// granted are the tokens of a system. Safe for concurrent use.
type granted struct {
	at        string
	form      url.Values
	id        string
	secret    string
	transport *http.Transport
	clock     config.Clock
	errands   http.RoundTripper

	mu    sync.Mutex
	token string
	until time.Time
}

// early is how long before its end a token is no longer used.
const early = 30 * time.Second

var errToken = errors.New("the token's answer is not understood")

// open resolves what the connector says in a system.
func (t *tokens) open(s *connectors.System, clock config.Clock) (*granted, error) {
	var text [3]string
	for i, r := range []config.Ref{t.url, t.id, t.secret} {
		var err error
		if text[i], _, err = s.Resolve(r); err != nil {
			return nil, err
		}
	}
	u, err := url.Parse(text[0])
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, fmt.Errorf("system %s: token_url is not a URL of HTTP", s.Name)
	}
	g := &granted{at: text[0], id: text[1], secret: text[2], clock: clock, form: url.Values{"grant_type": {"client_credentials"}}}
	var scopes []string
	for _, x := range t.scopes {
		scopes = append(scopes, x.Value)
	}
	if len(scopes) > 0 {
		g.form.Set("scope", strings.Join(scopes, " "))
	}
	g.transport = &http.Transport{DialContext: s.Dial, Proxy: s.Proxy, TLSHandshakeTimeout: 10 * time.Second, IdleConnTimeout: time.Minute}
	g.errands = errand.Transport(g.transport)
	return g, nil
}

// get returns the token that we have, or a new one.
func (g *granted) get(ctx context.Context) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.clock.Now().Before(g.until) {
		return g.token, nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.at, strings.NewReader(g.form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(url.QueryEscape(g.id), url.QueryEscape(g.secret))
	res, err := g.errands.RoundTrip(r)
	if err != nil {
		var plain *url.Error
		if errors.As(err, &plain) { // its text would hold the address
			err = plain.Err
		}
		return "", fmt.Errorf("no token: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return "", fmt.Errorf("no token: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("no token: HTTP status %d", res.StatusCode)
	}
	var got struct {
		AccessToken string `json:"access_token"`
		ExpiresIn   int64  `json:"expires_in"`
	}
	if json.Unmarshal(body, &got) != nil || got.AccessToken == "" {
		return "", errToken
	}
	if got.ExpiresIn <= 0 {
		got.ExpiresIn = 300
	}
	g.token, g.until = got.AccessToken, g.clock.Now().Add(max(time.Duration(got.ExpiresIn)*time.Second-early, time.Second))
	return g.token, nil
}

// drop forgets a token that was refused.
func (g *granted) drop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.until = time.Time{}
}

// close ends its connections.
func (g *granted) close() { g.transport.CloseIdleConnections() }
