package transport

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"fondaco/connectors"
)

// Auth is how a system knows us: at most one of its forms. The zero Auth sends nothing.
type Auth struct {
	User, Password           string // basic
	Bearer                   string
	Digest                   bool   // user and password are not sent, but proven (RFC 7616)
	KeyHeader, KeyQuery, Key string // an API key in a header or the query
	KeyCookie                string // or in a cookie
	TokenURL                 string // OAuth 2 client credentials
	ClientID, ClientSecret   string
	Scopes                   []string
	AWS                      *AWS // Signature Version 4
	Caller                   bool // the caller's token is sent on
	Exchange                 *Exchange
	Simulated                bool // of callers there are none
}

// outgoing is a request as far as it is written: proofs of who we are are added to its header and address.
type outgoing struct {
	method string
	header http.Header
	url    *url.URL
	body   []byte
}

// authorizer adds what a request needs.
type authorizer interface {
	authorize(ctx context.Context, o *outgoing) error
	// renew is called when the system has answered 401, with the head answer, to a request with the head sent; true means
	// that it is worth sending again.
	renew(sent, answer http.Header) bool
}

func (a Auth) authorizer(c *Client) (authorizer, error) {
	switch {
	case a.TokenURL != "":
		u, err := url.Parse(a.TokenURL)
		if err != nil || u.Host == "" {
			return nil, errors.New("the token's address is not valid")
		}
		return &oauth{auth: a, url: u, client: c}, nil
	case a.Caller:
		return passedOn{a.Simulated}, nil
	case a.Exchange != nil:
		return newExchanger(*a.Exchange, c, a.Simulated)
	case a.AWS != nil:
		return &awsSigner{AWS: *a.AWS, now: c.clock.Now}, nil
	case a.Digest:
		return &digest{user: a.User, password: a.Password, chance: rand.Text}, nil
	case a.KeyCookie != "":
		if strings.ContainsFunc(a.Key, func(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune(`",;\`, r) }) {
			return nil, errors.New("the API key holds characters that a cookie has not")
		}
		return inCookie{a.KeyCookie + "=" + a.Key}, nil
	case a.User != "" || a.Password != "":
		return fixed{name: "Authorization", value: []string{"Basic " + base64.StdEncoding.EncodeToString([]byte(a.User+":"+a.Password))}}, nil
	case a.Bearer != "":
		return fixed{name: "Authorization", value: []string{"Bearer " + a.Bearer}}, nil
	case a.KeyHeader != "":
		return fixed{name: http.CanonicalHeaderKey(a.KeyHeader), value: []string{a.Key}}, nil
	case a.KeyQuery != "":
		return inQuery{url.QueryEscape(a.KeyQuery) + "=" + url.QueryEscape(a.Key)}, nil
	}
	return nil, nil //nolint:nilnil // nothing to add is no failure
}

type fixed struct {
	name  string
	value []string
}

func (f fixed) authorize(_ context.Context, o *outgoing) error {
	o.header[f.name] = f.value
	return nil
}
func (fixed) renew(_, _ http.Header) bool { return false }

type inQuery struct{ pair string }

func (q inQuery) authorize(_ context.Context, o *outgoing) error {
	if o.url.RawQuery != "" {
		o.url.RawQuery += "&"
	}
	o.url.RawQuery += q.pair
	return nil
}
func (inQuery) renew(_, _ http.Header) bool { return false }

// inCookie sends an API key beside the cookies of a call.
type inCookie struct{ pair string }

func (c inCookie) authorize(_ context.Context, o *outgoing) error {
	pair := c.pair
	if others := o.header["Cookie"]; len(others) > 0 {
		pair = strings.Join(others, "; ") + "; " + pair
	}
	o.header["Cookie"] = []string{pair}
	return nil
}
func (inCookie) renew(_, _ http.Header) bool { return false }

// oauth gets tokens by client credentials (RFC 6749 §4.4). One request for a token is under way at a time.
type oauth struct {
	auth   Auth
	url    *url.URL
	client *Client
	flight flight
	mu     sync.Mutex
	header []string
	until  time.Time
}

// early is how long before its end a token is no longer used.
const early = 30 * time.Second

func (o *oauth) authorize(ctx context.Context, out *outgoing) error {
	header := o.token()
	if header == nil {
		var err error
		if header, err = o.flight.header(ctx, "token", o.token, o.fetch); err != nil {
			return err
		}
	}
	out.header["Authorization"] = header
	return nil
}

// token returns the header of the token that we have, nil if it is no longer good.
func (o *oauth) token() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.client.clock.Now().Before(o.until) {
		return nil
	}
	return o.header
}

func (o *oauth) renew(sent, _ http.Header) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.header) > 0 && sent.Get("Authorization") == o.header[0] {
		o.header, o.until = nil, time.Time{} // of many calls that are refused together, one drops the token
	}
	return true
}

func (o *oauth) fetch(ctx context.Context) ([]string, error) {
	form := url.Values{"grant_type": {"client_credentials"}}
	if len(o.auth.Scopes) > 0 {
		form.Set("scope", strings.Join(o.auth.Scopes, " "))
	}
	got, err := o.client.token(ctx, o.url, form, o.auth.ClientID, o.auth.ClientSecret)
	if err == nil && got.status != http.StatusOK {
		err = fmt.Errorf("HTTP status %d", got.status)
	}
	if err == nil && got.AccessToken == "" {
		err = errToken
	}
	if err != nil {
		return nil, &connectors.Fault{Kind: connectors.Unavailable, Err: fmt.Errorf("no token: %w", err)}
	}
	header := []string{"Bearer " + got.AccessToken}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.header, o.until = header, got.until(o.client.clock.Now())
	return header, nil
}

// TLS is our certificate and whom we trust, in PEM. The zero TLS trusts the machine's authorities and shows nothing.
type TLS struct{ Certificate, Key, CA []byte }

func (t TLS) config() (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if len(t.Certificate) > 0 {
		pair, err := tls.X509KeyPair(t.Certificate, t.Key)
		if err != nil {
			return nil, errors.New("the certificate and its key do not fit together or are no PEM")
		}
		c.Certificates = []tls.Certificate{pair}
	}
	if len(t.CA) > 0 {
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(t.CA) {
			return nil, errors.New("the authorities' file holds no certificate")
		}
	}
	return c, nil
}
