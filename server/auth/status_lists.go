package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/maypok86/otter/v2"
	"golang.org/x/sync/semaphore"
	"golang.org/x/sync/singleflight"
)

// StatusList says where the lists are that say which tokens do not hold any longer (draft-ietf-oauth-status-list). The zero
// value is nowhere.
type StatusList struct {
	URI      string        // what the lists' addresses begin with: https, or http on this machine
	Keys     string        // as JWT.Keys, of whoever signs the lists; "" for JWT.Keys
	Cache    time.Duration // how long a list is used at most, whatever it says of itself; 5 minutes
	Optional bool          // tokens without a status list are taken
}

const (
	listWait    = 5 * time.Second // for one list
	listsAtOnce = 4               // lists that are being fetched and read
	maxLists    = 32 << 20        // bytes of the lists that are kept, of all schemes
	maxMissed   = 1024            // lists of which is remembered that they could not be had
)

// check reports what is wrong with the configuration.
func (l *StatusList) check() error {
	u, err := url.Parse(l.URI)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" &&
		(u.Scheme != "http" || !loopback(u.Hostname())):
		return errors.New("jwt: status_list: the uri is not an https address")
	case l.Cache < 0:
		return errors.New("jwt: status_list: cache is negative")
	}
	return nil
}

// listCache holds lists for as long as a process runs. Safe for concurrent use.
type listCache struct {
	held   *otter.Cache[string, *statusList]
	missed *otter.Cache[string, missed]
}

// missed is a list that could not be had.
type missed struct {
	at       time.Time
	failures int // in a row
	why      error
}

func newListCache() (*listCache, error) {
	held, err := otter.New(&otter.Options[string, *statusList]{
		MaximumWeight: maxLists,
		Weigher:       func(_ string, l *statusList) uint32 { return uint32(len(l.octets) + 1024) },
	})
	if err != nil {
		return nil, err
	}
	none, err := otter.New(&otter.Options[string, missed]{MaximumSize: maxMissed})
	return &listCache{held, none}, err
}

// statusLists says of tokens whether their list calls them valid. Safe for concurrent use.
type statusLists struct {
	StatusList
	under  *url.URL
	leeway time.Duration
	form   *jwt   // what the header of a list may say
	keys   source // of whoever signs the lists
	name   string // of what the lists are trusted by: where that is another, they are others
	client *http.Client
	now    func() time.Time
	*listCache
	asking singleflight.Group // by address
	room   *semaphore.Weighted
}

// newStatusLists makes the lists of a scheme whose own keys are given.
func newStatusLists(s *jwt, d Deps) (*statusLists, error) {
	under, err := url.Parse(s.StatusList.URI)
	if err != nil {
		return nil, err
	}
	l := &statusLists{
		StatusList: s.StatusList, under: under, leeway: s.Leeway, keys: s.keys, now: s.now, room: semaphore.NewWeighted(listsAtOnce),
		form: &jwt{JWT: JWT{Types: []string{"statuslist+jwt"}}, algorithms: s.algorithms},
	}
	if l.Cache == 0 {
		l.Cache = keysFresh
	}
	if l.Keys != "" {
		if l.keys, err = newSource(l.Keys, s.algorithms, s.KeysMaxAge, d); err != nil {
			return nil, fmt.Errorf("jwt: status_list: %w", err)
		}
	}
	l.client = asker(d.Client)
	l.client.Timeout = listWait
	l.name = fmt.Sprint(l.keys.identity(), " ", s.algorithms, " ", l.Cache, " ")
	l.listCache, err = d.Keys.lists()
	return l, err
}

// lists returns the lists that outlive a scheme, new ones if c is nil.
func (c *KeyCache) lists() (*listCache, error) {
	if c == nil {
		return newListCache()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.status == nil {
		var err error
		if c.status, err = newListCache(); err != nil {
			return nil, err
		}
	}
	return c.status, nil
}

// holds returns nil if the list calls a token valid. The error is a *Refusal: 401 if it does not, 503 if the list cannot be
// had. A list is asked for anew before it ends, by the first who comes: as long as it is good nobody waits for that.
func (l *statusLists) holds(ctx context.Context, ref *statusRef) error {
	list, held := l.held.GetIfPresent(l.name + ref.uri)
	now := l.now()
	if !held || !now.Before(list.renew) {
		//nolint:contextcheck // a caller who goes away does not stop it: others may wait for the list
		answers := l.asking.DoChan(ref.uri, func() (any, error) { return l.ask(ref.uri) })
		if !held || !now.Before(list.expires) {
			select {
			case <-ctx.Done():
				return &Refusal{Status: http.StatusServiceUnavailable, Description: unaskableDetail, Err: ctx.Err()}
			case a := <-answers:
				if a.Err != nil {
					return &Refusal{Status: http.StatusServiceUnavailable, Description: unaskableDetail, Err: fmt.Errorf("status list: %w", a.Err)}
				}
				list, _ = a.Val.(*statusList)
			}
		}
	}
	status, listed := list.at(ref.idx)
	switch {
	case !listed: // §8.3: nothing is known of it, and it is refused
		return refuse(errors.New("its status list is shorter than its index"))
	case status != 0:
		return &Refusal{
			Status: http.StatusUnauthorized, Code: InvalidToken, Description: inactiveDetail,
			Err: fmt.Errorf("its status list says %d, which is not valid", status),
		}
	}
	return nil
}

// ask fetches a list and keeps it. After an attempt that failed the next follows after seconds.
func (l *statusLists) ask(uri string) (*statusList, error) {
	name := l.name + uri
	before, failed := l.missed.GetIfPresent(name)
	if failed && l.now().Sub(before.at) < min(keysRetry<<min(before.failures-1, 10), keysPause) {
		return nil, before.why
	}
	list, err := l.fetch(uri)
	if err != nil {
		l.missed.Set(name, missed{l.now(), before.failures + 1, err})
		return nil, err
	}
	l.missed.Invalidate(name)
	l.held.Set(name, list)
	return list, nil
}

// fetch asks for a list (§8.1) and checks who signed it (§8.3). Nothing of the answer is in the error.
func (l *statusLists) fetch(uri string) (*statusList, error) {
	ctx, cancel := context.WithTimeout(context.Background(), listWait)
	defer cancel()
	if err := l.room.Acquire(ctx, 1); err != nil {
		return nil, fmt.Errorf("%d lists are being fetched: %w", listsAtOnce, err)
	}
	defer l.room.Release(1)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, errors.New("its address cannot be read")
	}
	req.Header.Set("Accept", "application/statuslist+jwt")
	res, err := l.client.Do(req)
	if err != nil {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer has status %d", res.StatusCode)
	}
	src, err := io.ReadAll(io.LimitReader(res.Body, maxListToken+1))
	if err != nil {
		return nil, err
	}
	if len(src) > maxListToken {
		return nil, errors.New("the answer is too large")
	}
	return l.read(ctx, string(src), uri)
}

// read checks a list as it came.
func (l *statusLists) read(ctx context.Context, token, uri string) (*statusList, error) {
	h, err := l.form.header(token)
	if err != nil {
		return nil, fmt.Errorf("the answer is not a status list: %w", err)
	}
	now, alg := l.now(), jose.SignatureAlgorithm(h.Alg)
	set, err := l.keys.current(ctx, now)
	if err != nil {
		return nil, err
	}
	candidates := set.find(h.Kid, alg)
	if len(candidates) == 0 {
		if fresh := l.keys.refresh(ctx, now); fresh != nil {
			candidates = fresh.find(h.Kid, alg)
		}
	}
	payload, err := verify(token, alg, candidates)
	if err != nil {
		return nil, fmt.Errorf("the status list: %w", err)
	}
	return readList(payload, uri, now, l.leeway, l.Cache)
}

// identity returns what distinguishes keys from a file.
func (l local) identity() string { return fmt.Sprintf("%x", l.sum) }

// identity returns what distinguishes keys behind a URL.
func (r *remote) identity() string { return r.url }
