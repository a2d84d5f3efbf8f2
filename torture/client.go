package main

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"
)

// clients send orders, each for one key, one after the other: the next when the last was told 202. What is not told is
// sent again under the same Idempotency-Key until it is.
type clients struct {
	ledger *ledger
	token  string
	http   *http.Client
	rest   func() time.Duration // between two orders
	ends   string               // where the ends of orders are told, an address that ends in a slash; "" for nowhere
	probes bool                 // now and then another order is sent under a key that was used: it must be refused
	direct func(key int) bool   // whose orders are done at once; nobody's if nil

	halt    chan struct{} // closed: begin nothing more
	running sync.WaitGroup
	stop    sync.Once
}

// ahead is how many orders of a key may wait for their last effect; then its client waits.
const ahead = 6

func newClients(l *ledger, seed uint64, token string) *clients {
	random := rand.New(rand.NewPCG(seed, 2))
	var mu sync.Mutex
	return &clients{
		ledger: l, token: token, halt: make(chan struct{}), probes: true,
		http: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256}},
		rest: func() time.Duration {
			mu.Lock()
			defer mu.Unlock()
			return time.Duration(random.Int64N(int64(40 * time.Millisecond)))
		},
	}
}

// begin lets a client for each key go on until ctx ends or finish is called. to returns where the engine of a key is.
func (c *clients) begin(ctx context.Context, keys int, to func(key int) string) {
	for k := range keys {
		c.running.Go(func() {
			key := fmt.Sprintf("k%03d", k)
			for n := 1; c.wait(ctx, key, n); n++ {
				id := fmt.Sprintf("%s-%06d", key, n)
				direct := c.direct != nil && c.direct(k)
				c.ledger.sent(request{ID: id, Key: key, Number: n, Direct: direct})
				at := func() string { return to(k) + "/orders" }
				if direct {
					at = func() string { return to(k) + "/direct" }
				}
				if !c.insist(ctx, id, key, n, at) {
					return
				}
				if c.probes && n%10 == 0 {
					c.probe(ctx, id, key, at())
				}
			}
		})
	}
}

// wait paces a key's client; false when it is to end.
func (c *clients) wait(ctx context.Context, key string, n int) bool {
	for pause := c.rest(); ; pause = 5 * time.Millisecond {
		select {
		case <-c.halt:
			return false
		case <-ctx.Done():
			return false
		case <-time.After(pause):
		}
		if c.ledger.behind(key, n-1) < ahead {
			return true
		}
	}
}

// insist sends an order until it is told 202, or 201 where it is done at once, or that nobody knows what became of it.
func (c *clients) insist(ctx context.Context, id, key string, n int, to func() string) bool {
	for {
		at := to()
		status, header, text, err := c.send(ctx, at, id, id, key, n)
		wait := 20 * time.Millisecond
		switch {
		case err != nil:
			c.ledger.heard("unknown")
		case status == http.StatusAccepted:
			c.ledger.heard("202")
			c.ledger.told(id, strings.TrimSuffix(at, "/orders")+"|"+header.Get("Location"))
			return true
		case status == http.StatusCreated:
			c.ledger.heard("201")
			c.ledger.told(id, "")
			return true
		case strings.Contains(text, "Outcome unknown") && header.Get("Retry-After") == "":
			c.ledger.heard(fmt.Sprint(status, " (unknown)"))
			c.ledger.doubt(id)
			return true
		case status == http.StatusServiceUnavailable || status == http.StatusConflict:
			c.ledger.heard(fmt.Sprint(status))
			wait = 50 * time.Millisecond
		default:
			c.ledger.heard(fmt.Sprint(status))
			c.ledger.strange(fmt.Sprintf("odd: %s was answered %d %.200s", id, status, text))
			wait = time.Second
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(wait):
		}
	}
}

// probe sends an order that must be refused, under the key of one that was accepted.
func (c *clients) probe(ctx context.Context, used, key, to string) {
	id := used + "-other"
	c.ledger.sent(request{ID: id, Key: key})
	status, _, text, err := c.send(ctx, to, used, id, key, 0)
	switch {
	case err != nil || status >= 500 || status == http.StatusTooManyRequests:
	case status == http.StatusUnprocessableEntity:
		c.ledger.heard("422")
	default:
		c.ledger.strange(fmt.Sprintf("odd: another order under a used key was answered %d %.200s", status, text))
	}
	c.ledger.refused(id) // nobody was told that it would be done
}

func (c *clients) send(ctx context.Context, to, idempotency, id, key string, n int) (status int, header http.Header, text string,
	err error,
) {
	body := fmt.Sprintf(`{"id":%q,"key":%q,"number":%d}`, id, key, n)
	if c.ends != "" && large(id) {
		body = fmt.Sprintf(`{"id":%q,"key":%q,"number":%d,"attachment":%q}`, id, key, n, attachment)
	} else if waiting(key) {
		body = fmt.Sprintf(`{"id":%q,"key":%q,"number":%d,"attachment":%q}`, id, key, n, attachment[:heavy])
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader(body))
	if err != nil {
		return 0, nil, "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Idempotency-Key", idempotency)
	if c.ends != "" {
		r.Header.Set("X-ReplyTo", fmt.Sprintf("%s%s/%d/%s", c.ends, key, n, id))
	}
	res, err := c.http.Do(r)
	if err != nil {
		return 0, nil, "", err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, res.Header, string(b), err
}

// heavy is what each order of a backlog brings: 1,500 of them on one partition are more than an engine reads ahead of it.
const heavy = 40 << 10

// attachment is what one order in a hundred brings: half a megabyte.
var attachment = strings.Repeat("a large order ", 500<<10/14)

func large(id string) bool {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return h.Sum32()%100 == 0
}

// finish lets each client hear of its last order, and waits for that.
func (c *clients) finish() {
	c.stop.Do(func() { close(c.halt) })
	c.running.Wait()
	c.http.CloseIdleConnections()
}
