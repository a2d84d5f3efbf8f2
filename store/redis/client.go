// Package redis shares hints between nodes by a Redis server: a cache, rate limits, and who works on an idempotency key.
// None of it is the only copy of anything. A server that is absent, hangs, is emptied, refuses writes or answers wrongly
// costs time and answers from the cache; nothing is lost or done twice by it. Every question has a short time-out, and a
// server that fails is left alone for a while.
package redis

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/sony/gobreaker/v2"

	"fondaco/config"
	"fondaco/store"
)

// Options say where the server is. Zero fields take the defaults told.
type Options struct {
	URL      string        // redis://[user:password@]host:port[/number][?read_timeout=DURATION], rediss:// with TLS
	Project  string        // what the keys begin with: projects that share a server do not meet
	Timeout  time.Duration // how long one question may take; what the URL says, else 50 ms
	Failures int           // so many questions in a row without an answer leave the server alone; 5
	Pause    time.Duration // for so long; one question then tries again; 1 s
	MaxValue int           // bytes of the largest value that is cached; 1 MiB
	Clock    config.Clock  // until when values are good; nil for the machine's
}

// Client is a connection to a server. Its methods and what it returns may be used concurrently.
type Client struct {
	rdb      *redis.Client
	address  string
	prefix   string
	timeout  time.Duration
	maxValue int
	clock    config.Clock
	breaker  *gobreaker.CircuitBreaker[struct{}]
	failed   atomic.Pointer[error]
}

// CheckAddress reports what Open would refuse of an address. The error holds nothing of it.
func CheckAddress(address string) error {
	_, err := optionsOf(address)
	return err
}

func optionsOf(address string) (*redis.Options, error) {
	opt, err := redis.ParseURL(address)
	if err != nil { // which may hold the password
		return nil, errors.New("the address of Redis is not understood; " +
			"expected redis://[user:password@]host:port[/number], or rediss:// for TLS")
	}
	return opt, nil
}

// Open returns a client, and fails on an address that is not valid; whether the server answers is for Health to tell. The
// caller closes it.
func Open(o Options) (*Client, error) {
	opt, err := optionsOf(o.URL)
	if err != nil {
		return nil, err
	}
	if o.Timeout <= 0 {
		o.Timeout = cmp.Or(max(opt.ReadTimeout, 0), 50*time.Millisecond)
	}
	if o.Failures <= 0 {
		o.Failures = 5
	}
	if o.Pause <= 0 {
		o.Pause = time.Second
	}
	if o.MaxValue <= 0 {
		o.MaxValue = 1 << 20
	}
	quiet()
	opt.DialTimeout, opt.ReadTimeout, opt.WriteTimeout, opt.PoolTimeout = o.Timeout, o.Timeout, o.Timeout, o.Timeout
	opt.ContextTimeoutEnabled = true
	opt.MaxRetries = -1 // what was asked once is not asked again: the fallback is quicker
	opt.DialerRetries = 1
	opt.DisableIdentity = true
	opt.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	c := &Client{
		rdb: redis.NewClient(opt), address: opt.Addr, timeout: o.Timeout, maxValue: o.MaxValue, clock: o.Clock,
		prefix: "fondaco:" + strings.ReplaceAll(o.Project, ":", "_") + ":",
	}
	c.breaker = gobreaker.NewCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests: 1, Timeout: o.Pause,
		ReadyToTrip:  func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= uint32(min(o.Failures, 1<<30)) },
		IsSuccessful: answered,
		IsExcluded:   func(err error) bool { return errors.Is(err, errGone) },
	})
	return c, nil
}

// quiet ends the library's own lines on standard error, which it has one writer for in the whole process: Health reports failures.
var quiet = sync.OnceFunc(logging.Disable)

// errGone marks a question whose asker went away: it says nothing about the server.
var errGone = errors.New("the asker went away")

// answered reports whether the server has answered, be it with a no.
func answered(err error) bool {
	var no redis.Error
	return err == nil || errors.As(err, &no)
}

// ask puts one question to the server, unless it is left alone.
func (c *Client) ask(ctx context.Context, question func(context.Context) error) error {
	_, err := c.breaker.Execute(func() (struct{}, error) {
		within, end := context.WithTimeout(ctx, c.timeout)
		defer end()
		err := question(within)
		if !answered(err) && ctx.Err() != nil {
			err = fmt.Errorf("%w: %w", errGone, ctx.Err())
		}
		return struct{}{}, err
	})
	switch {
	case err == nil || errors.Is(err, redis.Nil):
		if c.failed.Load() != nil {
			c.failed.Store(nil)
		}
	case !errors.Is(err, gobreaker.ErrOpenState) && !errors.Is(err, gobreaker.ErrTooManyRequests) && !errors.Is(err, errGone):
		told := fmt.Errorf("the Redis server %s cannot be used, which costs time and nothing else; start or repair it, it is tried again by "+
			"itself: %w", c.address, err)
		c.failed.Store(&told)
	}
	return err
}

// key is what something is called on the server: of one length, and readable to nobody.
func (c *Client) key(kind byte, parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return c.prefix + string(kind) + ":" + base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// Health returns the error of the last question, nil if there was none. Nothing need stop for it.
func (c *Client) Health() error {
	if err := c.failed.Load(); err != nil {
		return *err
	}
	return nil
}

// Ping asks the server whether it is there.
func (c *Client) Ping(ctx context.Context) error {
	if err := c.ask(ctx, func(ctx context.Context) error { return c.rdb.Ping(ctx).Err() }); err != nil {
		if told := c.Health(); told != nil {
			return told
		}
		return err
	}
	return nil
}

// Probe asks the server to keep something, and returns why it does not: unlike Ping it finds one that only reads, and one
// that is full.
func (c *Client) Probe(ctx context.Context) error {
	err := c.ask(ctx, func(ctx context.Context) error { return c.rdb.Set(ctx, c.key('h'), "1", time.Minute).Err() })
	if err == nil {
		return nil
	}
	if told := c.Health(); told != nil {
		return told
	}
	return err
}

// Close ends the connections.
func (c *Client) Close() error { return c.rdb.Close() }

// Cache returns the cache of all nodes.
func (c *Client) Cache() store.Cache { return cache{c} }

// Limiter returns the rates of all nodes; local counts while the server cannot.
func (c *Client) Limiter(local store.Limiter) store.Limiter { return limiter{c, local} }

// Idempotency returns durable, without the questions about keys that another node is known to work on.
func (c *Client) Idempotency(durable store.Idempotency) store.Idempotency {
	return &idempotency{c: c, durable: durable, held: map[int64]mark{}}
}
