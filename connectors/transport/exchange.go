package transport

import (
	"container/list"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"fondaco/connectors"
)

// Exchange is how the caller's token is exchanged for one that the system takes (RFC 8693).
type Exchange struct {
	TokenURL               string
	ClientID, ClientSecret string
	Audience, Resource     string // "" for none
	Scopes                 []string
	Requested              string // the type of token that is asked for, "" for the server's own choice
}

// The words of RFC 8693 §2.1 and §3.
const (
	exchangeGrant   = "urn:ietf:params:oauth:grant-type:token-exchange"
	accessTokenType = "urn:ietf:params:oauth:token-type:access_token"
)

// mostExchanged is how many callers' tokens are kept: those that were used last.
const mostExchanged = 4096

// exchanger exchanges the caller's token. It keeps what it was given, in memory, until that expires; of one caller one
// request for a token is under way at a time.
type exchanger struct {
	Exchange
	url       *url.URL
	client    *Client
	simulated bool
	most      int
	flight    flight

	mu   sync.Mutex
	kept map[[sha256.Size]byte]*list.Element
	used list.List // of *exchanged, the one used last first
}

// exchanged is a token that was given for a caller's.
type exchanged struct {
	of     [sha256.Size]byte
	header []string
	until  time.Time
}

func newExchanger(e Exchange, c *Client, simulated bool) (*exchanger, error) {
	u, err := url.Parse(e.TokenURL)
	if err != nil || u.Host == "" {
		return nil, errors.New("the token's address is not valid")
	}
	return &exchanger{Exchange: e, url: u, client: c, simulated: simulated, most: mostExchanged, kept: map[[sha256.Size]byte]*list.Element{}},
		nil
}

func (e *exchanger) authorize(ctx context.Context, out *outgoing) error {
	token, err := callerToken(ctx, e.simulated)
	if err != nil {
		return err
	}
	sum := token.Sum()
	header := e.get(sum)
	if header == nil {
		header, err = e.flight.header(ctx, hex.EncodeToString(sum[:]), func() []string { return e.get(sum) },
			func(ctx context.Context) ([]string, error) { return e.fetch(ctx, token) })
		if err != nil {
			return err
		}
	}
	out.header["Authorization"] = header
	return nil
}

// get returns the header of a token that is still good, nil if there is none.
func (e *exchanger) get(sum [sha256.Size]byte) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	at := e.kept[sum]
	if at == nil {
		return nil
	}
	x, _ := at.Value.(*exchanged)
	if !e.client.clock.Now().Before(x.until) {
		e.drop(at)
		return nil
	}
	e.used.MoveToFront(at)
	return x.header
}

// drop forgets a token; e is locked.
func (e *exchanger) drop(at *list.Element) {
	x, _ := at.Value.(*exchanged)
	delete(e.kept, x.of)
	e.used.Remove(at)
}

// keep keeps a token, in place of the one that was not used for the longest time if there are too many.
func (e *exchanger) keep(x *exchanged) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if at := e.kept[x.of]; at != nil {
		e.drop(at)
	}
	for e.used.Len() >= e.most {
		e.drop(e.used.Back())
	}
	e.kept[x.of] = e.used.PushFront(x)
}

// renew forgets a token that the system has refused.
func (e *exchanger) renew(sent, _ http.Header) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for at := e.used.Front(); at != nil; at = at.Next() {
		if x, _ := at.Value.(*exchanged); sent.Get("Authorization") == x.header[0] {
			e.drop(at)
			return true
		}
	}
	return true // another call has dropped it
}

// said are the error codes of RFC 6749 §5.2 and RFC 8693 §2.2.2: what may stand in a log.
var exchangeErrors = []string{
	"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
	"invalid_scope", "invalid_target",
}

func (e *exchanger) fetch(ctx context.Context, token connectors.CallerToken) ([]string, error) {
	form := url.Values{"grant_type": {exchangeGrant}, "subject_token": {token.Secret()}, "subject_token_type": {accessTokenType}}
	for name, value := range map[string]string{
		"audience": e.Audience, "resource": e.Resource, "scope": strings.Join(e.Scopes, " "), "requested_token_type": e.Requested,
	} {
		if value != "" {
			form.Set(name, value)
		}
	}
	got, err := e.client.token(ctx, e.url, form, e.ClientID, e.ClientSecret)
	if err != nil {
		return nil, &connectors.Fault{Kind: connectors.Unavailable, Err: fmt.Errorf("no token in exchange for the caller's: %w", err)}
	}
	if got.status != http.StatusOK {
		why := fmt.Errorf("no token in exchange for the caller's: HTTP status %d", got.status)
		if slices.Contains(exchangeErrors, got.Error) {
			why = fmt.Errorf("%w, %s", why, got.Error)
		}
		// It is about this caller, but for what is wrong with ourselves or with the server.
		kind := connectors.Refused
		if got.status/100 != 4 || got.status == http.StatusTooManyRequests || got.Error == "invalid_client" ||
			got.Error == "unsupported_grant_type" {
			kind = connectors.Unavailable
		}
		return nil, &connectors.Fault{Kind: kind, Err: why}
	}
	if got.AccessToken == "" || !strings.EqualFold(got.TokenType, "Bearer") {
		return nil, &connectors.Fault{
			Kind: connectors.Unavailable,
			Err:  errors.New("the answer to the exchange of a token holds no bearer token"),
		}
	}
	x := &exchanged{of: token.Sum(), header: []string{"Bearer " + got.AccessToken}, until: got.until(e.client.clock.Now())}
	e.keep(x)
	return x.header, nil
}
