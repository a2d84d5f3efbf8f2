package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// hostile are callers that want an engine's memory: each kind goes on until its context ends. Safe for concurrent use.
type hostile struct {
	api     string // host:port
	client  *http.Client
	began   time.Time
	callers atomic.Int64
	running sync.WaitGroup

	mu    sync.Mutex
	heard map[string]map[string]int // by kind: how often each status came
}

// cut is the word for a connection that the engine ended without an answer, or did not take.
const cut = "cut off"

func newHostile(api string) *hostile {
	return &hostile{
		api: strings.TrimPrefix(api, "http://"), heard: map[string]map[string]int{},
		client: &http.Client{
			Timeout: 3 * time.Minute, Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true},
		},
	}
}

// rows is a request for an answer of n times the note.
func rows(n, note int) string {
	return `{"note":"` + strings.Repeat("x", note) + `","rows":[1` + strings.Repeat(",1", n-1) + `]}`
}

// begin has all kinds at work at the same time.
func (h *hostile) begin(ctx context.Context) {
	h.began = time.Now()
	records := `{"text":"` + strings.Repeat("a", 400<<10) + `b","rows":[{"a":[1,2,3],"b":"x"}` +
		strings.Repeat(`,{"a":[1,2,3],"b":"x"}`, 20_000) + "]}"
	digits := `{"text":"` + strings.Repeat("7", 900<<10) + `"}`
	near, over, tiny, slow := rows(690, 15_000), rows(7500, 15_000), rows(500_000, 1), rows(160, 15_000)
	for _, kind := range []struct {
		name    string
		callers int
		does    func(ctx context.Context) (status string)
		floods  bool // they hold what they get, so that others of these get nothing: they rest now and then
	}{
		{"endless heads", 200, h.endless, true},
		{"bodies that stall", 300, h.trickles(64, 2*time.Second), true},    // less than the least rate: they are cut off
		{"bodies that trickle", 40, h.trickles(20<<10, time.Second), true}, // just more than that: they are waited for
		{"readers that stall", 200, h.readsSlowly(slow, 512), true},        // less than the least rate
		{"slow readers", 30, h.readsSlowly(near, 64<<10), true},            // more than that
		{"answers near the limit", 3, h.posts("/large", near), false},      // 10 MiB
		{"answers beyond it", 2, h.posts("/large", over), false},           // ten times that
		{"many values", 2, h.posts("/large", tiny), false},                 // 500,000
		{"costly expressions", 2, h.posts("/costly", records), false},      // unique, groups and a pattern
		{"long numbers", 1, h.posts("/number", digits), false},             // of 900,000 digits
		{"uploads", 2, h.uploads(48<<20, 0), false},                        // as fast as they are taken
		{"slow uploads", 10, h.uploads(32<<20, 4*time.Millisecond), false}, // at some MB a second
	} {
		for range kind.callers {
			h.running.Go(func() {
				for ctx.Err() == nil {
					turn, over := ctx, func() {}
					if kind.floods {
						if turn, over = h.turn(ctx); turn == nil {
							continue
						}
					}
					status := kind.does(turn)
					ended := turn.Err() != nil
					over()
					if status == cut && ended {
						continue // this side ended it
					}
					h.count(kind.name, status)
					if status[0] != '2' {
						wait(ctx, 200*time.Millisecond)
					}
				}
			})
		}
	}
}

// Floods come for so long, and rest until so much has gone by.
const (
	flood = 20 * time.Second
	cycle = 30 * time.Second
)

// turn returns the context of a flood; nil when it was waited for.
func (h *hostile) turn(ctx context.Context) (turn context.Context, over func()) {
	if at := time.Since(h.began) % cycle; at < flood {
		return context.WithTimeout(ctx, flood-at)
	} else {
		wait(ctx, cycle-at)
	}
	return nil, nil
}

// count notes how a request of a kind was answered.
func (h *hostile) count(kind, status string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.heard[kind] == nil {
		h.heard[kind] = map[string]int{}
	}
	h.heard[kind][status]++
}

// said returns what each kind was told, and how many requests were refused.
func (h *hostile) said() (words string, refused int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, kind := range slices.Sorted(maps.Keys(h.heard)) {
		words += "\n   " + kind + ":"
		for _, status := range slices.Sorted(maps.Keys(h.heard[kind])) {
			n := h.heard[kind][status]
			words += fmt.Sprintf(" %s %d", status, n)
			if status[0] == '4' || status[0] == '5' {
				refused += n
			}
		}
	}
	return words, refused
}

// reached reports whether any request of a kind was worked on: answered with success, or by the failure of its route.
func (h *hostile) reached(kind string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.heard[kind]["200"]+h.heard[kind]["500"] > 0
}

// from is an address of a caller, another one each time.
func (h *hostile) from() string {
	n := h.callers.Add(1)
	return fmt.Sprintf("203.%d.%d.%d", n>>16&127, n>>8&255, n&255)
}

// dial connects; the connection is closed when ctx ends, at the latest. nil if the engine takes none.
func (h *hostile) dial(ctx context.Context) (c net.Conn, done func()) {
	c, err := net.DialTimeout("tcp", h.api, 10*time.Second)
	if err != nil {
		return nil, nil
	}
	stop := context.AfterFunc(ctx, func() { _ = c.Close() })
	return c, func() { stop(); _ = c.Close() }
}

func (h *hostile) head(c net.Conn, length int) error {
	_, err := fmt.Fprintf(c, "POST /large HTTP/1.1\r\nHost: prova.example\r\nX-Forwarded-For: %s\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\n\r\n", h.from(), length)
	return err
}

// endless sends a head that does not end.
func (h *hostile) endless(ctx context.Context) string {
	c, done := h.dial(ctx)
	if c == nil {
		return cut
	}
	defer done()
	answered := make(chan string, 1)
	go func() { answered <- status(c) }()
	_, err := io.WriteString(c, "GET /small HTTP/1.1\r\nHost: prova.example\r\nX-Slow: ")
	for err == nil {
		select {
		case s := <-answered:
			return s
		case <-time.After(time.Second):
			_, err = io.WriteString(c, "x")
		}
	}
	return <-answered
}

// trickles sends some of a body at once and the rest in pieces, so many bytes each time.
func (h *hostile) trickles(piece int, pause time.Duration) func(context.Context) string {
	const length = 1 << 20
	first := strings.Repeat(" ", 200<<10)
	return func(ctx context.Context) string {
		c, done := h.dial(ctx)
		if c == nil {
			return cut
		}
		defer done()
		answered := make(chan string, 1)
		go func() { answered <- status(c) }()
		err := h.head(c, length)
		if err == nil {
			_, err = io.WriteString(c, first)
		}
		for left := length - len(first); err == nil && left > 0; left -= piece {
			select {
			case s := <-answered:
				return s
			case <-time.After(pause):
				_, err = io.WriteString(c, first[:min(piece, left)])
			}
		}
		return <-answered
	}
}

// readsSlowly asks for an answer and takes so many bytes of it in a second.
func (h *hostile) readsSlowly(body string, rate int) func(context.Context) string {
	return func(ctx context.Context) string {
		c, done := h.dial(ctx)
		if c == nil {
			return cut
		}
		defer done()
		err := h.head(c, len(body))
		if err == nil {
			_, err = io.WriteString(c, body)
		}
		s := status(c) // also where it was answered before it was read
		for err == nil && s == "200" && ctx.Err() == nil {
			if _, err = io.CopyN(io.Discard, c, int64(rate)); err == nil {
				wait(ctx, time.Second)
			}
		}
		return s
	}
}

// posts sends a body and takes the answer as fast as it comes.
func (h *hostile) posts(path, body string) func(context.Context) string {
	return func(ctx context.Context) string {
		return h.sends(ctx, http.MethodPost, path, "application/json", int64(len(body)), strings.NewReader(body))
	}
}

// uploads sends a file of so many bytes, with a pause after every 64 KiB.
func (h *hostile) uploads(length int64, pause time.Duration) func(context.Context) string {
	return func(ctx context.Context) string {
		return h.sends(ctx, http.MethodPut, "/files", "application/pdf", length, &paced{ctx: ctx, left: length, pause: pause})
	}
}

func (h *hostile) sends(ctx context.Context, method, path, media string, length int64, body io.Reader) string {
	r, err := http.NewRequestWithContext(ctx, method, "http://"+h.api+path, body)
	if err != nil {
		return cut
	}
	r.ContentLength = length
	r.Header.Set("Content-Type", media)
	r.Header.Set("X-Forwarded-For", h.from())
	res, err := h.client.Do(r)
	if err != nil {
		return cut
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return cut
	}
	return fmt.Sprint(res.StatusCode)
}

// status reads how a connection's request was answered.
func status(c net.Conn) string {
	first := make([]byte, len("HTTP/1.1 200"))
	if _, err := io.ReadFull(c, first); err != nil {
		return cut
	}
	return string(first[9:])
}

// paced is a file that comes slowly.
type paced struct {
	ctx   context.Context
	left  int64
	pause time.Duration
}

func (p *paced) Read(b []byte) (int, error) {
	if p.left == 0 {
		return 0, io.EOF
	}
	wait(p.ctx, p.pause)
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	n := int(min(int64(len(b)), 64<<10, p.left))
	clear(b[:n])
	p.left -= int64(n)
	return n, nil
}
