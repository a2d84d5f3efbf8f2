package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4/json"
	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
)

// Introspection says where it is asked whether a token still holds (RFC 7662). The zero value is nowhere.
type Introspection struct {
	Endpoint     string        // https, or http on this machine
	ClientID     string        // who we are there
	ClientSecret string        // required with ClientID
	Cache        time.Duration // how long an answer is used; 0 asks for each request
}

const (
	introspectionWait  = 3 * time.Second // for one question
	introspectionPause = time.Second     // after a question without an answer: those that come meanwhile have none either
	introspectionMost  = 64              // questions under way at a time
	maxIntrospection   = 64 << 10        // bytes of an answer
	inactiveDetail     = "The access token does not hold any longer."
	unaskableDetail    = "It cannot be found out now whether the access token still holds."
)

// introspector asks whether tokens hold. Safe for concurrent use.
type introspector struct {
	Introspection
	client *http.Client
	login  string // the value of Authorization, "" for none
	now    func() time.Time
	told   *otter.Cache[[sha256.Size]byte, toldActive]
	asking singleflight.Group // by token: many requests under one ask once
	room   *semaphore.Weighted

	mu    sync.Mutex
	tried time.Time // when the last question had no answer
	why   error
}

// toldActive is an answer and when it was had.
type toldActive struct {
	active bool
	at     time.Time
}

// check reports what is wrong with the configuration.
func (i *Introspection) check() error {
	u, err := url.Parse(i.Endpoint)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		return errors.New("jwt: introspection: the endpoint is not an https address")
	case i.ClientID == "" || i.ClientSecret == "":
		return errors.New("jwt: introspection: client_id and client_secret are required, for RFC 7662 (§2.1) wants to know who asks")
	case i.Cache < 0:
		return errors.New("jwt: introspection: cache is negative")
	}
	return nil
}

func newIntrospector(i Introspection, client *http.Client, now func() time.Time) (*introspector, error) {
	own := asker(client)
	own.Timeout = introspectionWait
	// RFC 6749 §2.3.1: both are encoded as in a form before they are put together.
	login := (&http.Request{Header: http.Header{}})
	login.SetBasicAuth(url.QueryEscape(i.ClientID), url.QueryEscape(i.ClientSecret))
	told, err := otter.New(&otter.Options[[sha256.Size]byte, toldActive]{MaximumSize: maxCached})
	if err != nil {
		return nil, err
	}
	return &introspector{
		Introspection: i, client: own, login: login.Header.Get("Authorization"), now: now, told: told,
		room: semaphore.NewWeighted(introspectionMost),
	}, nil
}

// holds returns nil if a token is active. The error is a *Refusal: 401 if it is not, 503 if that cannot be found out. sum
// is the token's.
func (i *introspector) holds(ctx context.Context, token string, sum [sha256.Size]byte) error {
	t, known := i.told.GetIfPresent(sum)
	if !known || i.now().Sub(t.at) >= i.Cache {
		//nolint:contextcheck // a caller who goes away does not stop it: others may wait for its answer
		answers := i.asking.DoChan(string(sum[:]), func() (any, error) { return i.ask(token, sum) })
		select {
		case <-ctx.Done():
			return &Refusal{Status: http.StatusServiceUnavailable, Description: unaskableDetail, Err: ctx.Err()}
		case a := <-answers:
			if a.Err != nil {
				return &Refusal{Status: http.StatusServiceUnavailable, Description: unaskableDetail, Err: fmt.Errorf("introspection: %w", a.Err)}
			}
			t, _ = a.Val.(toldActive)
		}
	}
	if !t.active {
		return &Refusal{
			Status: http.StatusUnauthorized, Code: InvalidToken, Description: inactiveDetail,
			Err: errors.New("the login service says that it is not active"),
		}
	}
	return nil
}

// ask asks about a token and remembers the answer.
func (i *introspector) ask(token string, sum [sha256.Size]byte) (toldActive, error) {
	if err := i.resting(); err != nil {
		return toldActive{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), introspectionWait)
	defer cancel()
	if err := i.room.Acquire(ctx, 1); err != nil {
		return toldActive{}, fmt.Errorf("%d questions are under way: %w", introspectionMost, err)
	}
	defer i.room.Release(1)
	active, err := i.question(ctx, token)
	if err != nil {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.tried, i.why = i.now(), err
		return toldActive{}, err
	}
	t := toldActive{active, i.now()}
	i.told.Set(sum, t)
	return t, nil
}

// resting returns why nothing is asked now, nil if it is.
func (i *introspector) resting() error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.why != nil && i.now().Sub(i.tried) < introspectionPause {
		return i.why
	}
	return nil
}

// question asks the login service (RFC 7662 §2.1, §2.2). Nothing of the token or the answer is in the error.
func (i *introspector) question(ctx context.Context, token string) (active bool, err error) {
	form := url.Values{"token": {token}, "token_type_hint": {"access_token"}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, i.Endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return false, errors.New("the endpoint is not an address")
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Authorization", i.login)
	res, err := i.client.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return false, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return false, fmt.Errorf("the answer has status %d", res.StatusCode)
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, maxIntrospection+1))
	if err != nil {
		return false, err
	}
	var said struct {
		Active *bool        `json:"active"`
		Exp    *json.Number `json:"exp"`
	}
	unclear := errors.New("the answer does not say whether the token is active")
	if len(b) > maxIntrospection || json.Unmarshal(b, &said) != nil || said.Active == nil {
		return false, unclear
	}
	if said.Exp == nil {
		return *said.Active, nil
	}
	at, err := said.Exp.Float64()
	if err != nil {
		return false, unclear
	}
	return *said.Active && at > float64(i.now().Unix()), nil
}
