package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const (
	keysFresh = 5 * time.Minute // how long keys are used without asking again
	keysGood  = time.Hour       // how long they are used when they cannot be had anew
	keysPause = time.Minute     // between two attempts to have them, whoever asks
	keysWait  = 5 * time.Second // for one attempt
)

// source gives the keys. It is safe for concurrent use.
type source interface {
	// current gives keys that may be used now, or an error when there are none.
	current(ctx context.Context, now time.Time) (*keys, error)
	// refresh asks anew for keys because one is missing, if it has not been asked for a while; it gives what is then
	// current, nil for nothing.
	refresh(ctx context.Context, now time.Time) *keys
}

// newSource makes the source that the text of a configuration names.
func newSource(where string, algorithms []jose.SignatureAlgorithm, files fs.FS, client *http.Client) (source, error) {
	if strings.Contains(where, "://") {
		return newRemote(where, algorithms, client)
	}
	f, err := files.Open(where)
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
	return local{set}, nil
}

// local is keys from a file.
type local struct{ set *keys }

func (l local) current(context.Context, time.Time) (*keys, error) { return l.set, nil }
func (l local) refresh(context.Context, time.Time) *keys          { return nil }

// remote is keys behind the one URL that was configured; nothing in a token leads anywhere else.
type remote struct {
	url        string
	algorithms []jose.SignatureAlgorithm
	client     *http.Client
	held       atomic.Pointer[held]

	mu      sync.Mutex // held while asking
	tried   time.Time
	failure error
}

// held is a set and when it was had.
type held struct {
	set *keys
	at  time.Time
}

func newRemote(where string, algorithms []jose.SignatureAlgorithm, client *http.Client) (*remote, error) {
	u, err := url.Parse(where)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fmt.Errorf("jwt: keys: found %q, expected a file or an https URL", where)
	}
	own := http.Client{}
	if client != nil {
		own = *client
	}
	own.Timeout = keysWait
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &remote{url: where, algorithms: algorithms, client: &own}, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func (r *remote) current(_ context.Context, now time.Time) (*keys, error) {
	h := r.held.Load()
	if h != nil && now.Sub(h.at) < keysFresh {
		return h.set, nil
	}
	if h = r.ask(now, h); h != nil && now.Sub(h.at) < keysGood {
		return h.set, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return nil, fmt.Errorf("jwt: keys: %w", r.failure)
}

func (r *remote) refresh(_ context.Context, now time.Time) *keys {
	if h := r.ask(now, r.held.Load()); h != nil {
		return h.set
	}
	return nil
}

// ask fetches the keys, unless somebody has just tried. old is what the asker has: whoever has something usable does not
// wait for another who is asking already. A caller who goes away does not stop it: the keys are for all.
func (r *remote) ask(now time.Time, old *held) *held {
	if old != nil && now.Sub(old.at) < keysGood {
		if !r.mu.TryLock() {
			return old
		}
	} else {
		r.mu.Lock()
	}
	defer r.mu.Unlock()
	if !r.tried.IsZero() && now.Sub(r.tried) < keysPause {
		return r.held.Load()
	}
	r.tried = now
	set, err := r.fetch()
	if r.failure = err; err != nil {
		return r.held.Load()
	}
	r.held.Store(&held{set, now})
	return r.held.Load()
}

func (r *remote) fetch() (*keys, error) {
	ctx, cancel := context.WithTimeout(context.Background(), keysWait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.url, nil)
	if err != nil {
		return nil, err
	}
	res, err := r.client.Do(req)
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
