package auth

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"fondaco/connectors/errand"
	"fondaco/connectors/network"
)

const (
	keysFresh = 5 * time.Minute // how long keys are used without asking again
	keysGood  = time.Hour       // how long they are used when they cannot be had anew, by default
	keysPause = time.Minute     // between two attempts to have them, whoever asks
	keysRetry = 2 * time.Second // the same after an attempt that failed; twice as long after each further one
	keysWait  = 5 * time.Second // for one attempt
)

// source returns the keys. It is safe for concurrent use.
type source interface {
	// current returns keys that may be used now, or an error when there are none.
	current(ctx context.Context, now time.Time) (*keys, error)
	// refresh asks anew for keys because one is missing, if it has not been asked for a while; it returns what is then
	// current, nil for nothing.
	refresh(ctx context.Context, now time.Time) *keys
	// identity distinguishes it from sources of other keys.
	identity() string
}

// newSource makes the source that the text of a configuration names.
func newSource(where string, algorithms []jose.SignatureAlgorithm, good time.Duration, d Deps) (source, error) {
	if strings.Contains(where, "://") {
		r, err := d.Keys.remote(where, algorithms, d.Client)
		return aged{r, good}, err
	}
	f, err := d.FS.Open(where)
	if err != nil {
		return nil, fmt.Errorf("jwt: keys: %w", err)
	}
	defer f.Close()
	src, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err == nil && len(src) > maxKeyFile {
		err = fmt.Errorf("larger than %d bytes", maxKeyFile)
	}
	if err != nil {
		return nil, fmt.Errorf("jwt: keys: %s: %w", where, err)
	}
	set, err := parseKeys(src, algorithms)
	if err != nil {
		return nil, fmt.Errorf("jwt: keys: %s: %w", where, err)
	}
	return local{set, sha256.Sum256(src)}, nil
}

// local is keys from a file.
type local struct {
	set *keys
	sum [sha256.Size]byte // of the file
}

func (l local) current(context.Context, time.Time) (*keys, error) { return l.set, nil }
func (l local) refresh(context.Context, time.Time) *keys          { return nil }

// KeyCache holds the keys behind URLs, and status lists, for as long as a process runs: schemes that are made anew find
// those that were had before. Safe for concurrent use; the zero value is ready. Nil holds nothing.
type KeyCache struct {
	mu      sync.Mutex
	remotes map[string]*remote
	status  *listCache // nil until a scheme has lists
}

// remote returns the keys behind a URL that are for the algorithms.
func (c *KeyCache) remote(where string, algorithms []jose.SignatureAlgorithm, client *http.Client) (*remote, error) {
	if c == nil {
		return newRemote(where, algorithms, client)
	}
	name := fmt.Sprint(where, " ", algorithms)
	c.mu.Lock()
	defer c.mu.Unlock()
	if r := c.remotes[name]; r != nil {
		r.client.Store(asker(client)) // the project's connections may have changed
		return r, nil
	}
	r, err := newRemote(where, algorithms, client)
	if err != nil {
		return nil, err
	}
	if c.remotes == nil {
		c.remotes = map[string]*remote{}
	}
	c.remotes[name] = r
	return r, nil
}

// remote is keys behind the one URL that was configured; nothing in a token leads anywhere else.
type remote struct {
	url        string
	algorithms []jose.SignatureAlgorithm
	client     atomic.Pointer[http.Client]
	held       atomic.Pointer[held]

	mu       sync.Mutex // held while asking
	tried    time.Time
	failures int // in a row
	failure  error
}

// held is a set and when it was had.
type held struct {
	set *keys
	at  time.Time
}

// aged is a remote whose keys are used up to an age when they cannot be had anew.
type aged struct {
	*remote
	good time.Duration
}

func newRemote(where string, algorithms []jose.SignatureAlgorithm, client *http.Client) (*remote, error) {
	u, err := url.Parse(where)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fmt.Errorf("jwt: keys: found %q, expected a file or an https URL", where)
	}
	r := &remote{url: where, algorithms: algorithms}
	r.client.Store(asker(client))
	return r, nil
}

// asker returns what asks for keys, and again where that may help: client, or one without rules of a project if it is nil. It follows
// nothing.
func asker(client *http.Client) *http.Client {
	own := http.Client{}
	if client != nil {
		own = *client
	}
	if own.Transport == nil {
		own.Transport = (*network.Guard)(nil).Transport() // and not http.DefaultTransport, which asks the environment for a proxy
	}
	own.Transport = errand.Transport(own.Transport)
	own.Timeout = keysWait
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (r aged) current(_ context.Context, now time.Time) (*keys, error) {
	h := r.held.Load()
	if h != nil && now.Sub(h.at) < keysFresh {
		return h.set, nil
	}
	if h = r.ask(now, h); h != nil && now.Sub(h.at) < r.good {
		return h.set, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return nil, fmt.Errorf("jwt: keys: %w", r.failure)
}

func (r aged) refresh(_ context.Context, now time.Time) *keys {
	if h := r.ask(now, r.held.Load()); h != nil {
		return h.set
	}
	return nil
}

// ask fetches the keys, unless somebody has just tried. old is what the asker has: whoever has something usable does not
// wait for another who is asking already. A caller who goes away does not stop it: the keys are for all.
func (r aged) ask(now time.Time, old *held) *held {
	if old != nil && now.Sub(old.at) < r.good {
		if !r.mu.TryLock() {
			return old
		}
	} else {
		r.mu.Lock()
	}
	defer r.mu.Unlock()
	if !r.tried.IsZero() && now.Sub(r.tried) < r.pause() {
		return r.held.Load()
	}
	r.tried = now
	set, err := r.fetch()
	if r.failure = err; err != nil {
		r.failures++
		return r.held.Load()
	}
	r.failures = 0
	r.held.Store(&held{set, now})
	return r.held.Load()
}

// pause returns the time between the last attempt and the next.
func (r *remote) pause() time.Duration {
	if r.failures == 0 {
		return keysPause
	}
	return min(keysRetry<<min(r.failures-1, 10), keysPause)
}

func (r *remote) fetch() (*keys, error) {
	ctx, cancel := context.WithTimeout(context.Background(), keysWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return nil, err
	}
	res, err := r.client.Load().Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer has status %d", res.StatusCode)
	}
	src, err := io.ReadAll(io.LimitReader(res.Body, maxKeyFile+1))
	if err != nil {
		return nil, err
	}
	if len(src) > maxKeyFile {
		return nil, errors.New("the answer is too large")
	}
	return parseKeys(src, r.algorithms)
}
