package main

import (
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// stub is the system that effects happen in: it writes each down before it answers, and is never killed.
type stub struct {
	ledger  *ledger
	origin  string
	server  *http.Server
	down    atomic.Bool // everything is answered 503, and nothing takes effect
	flaky   atomic.Int64
	refused atomic.Int64 // so many times
	city    refusals
	fragile map[string]bool // legs that are refused for now, now and then; all if nil
	unheard atomic.Int64    // so many in a thousand calls that have an effect each time are cut off, before the effect or after it
	slow    atomic.Int64    // such calls are answered so late, in nanoseconds
	holding atomic.Bool     // keys that end in a digit that three divides are answered 503
}

// held reports whether a key's effects are refused for now.
func (s *stub) held(key string) bool {
	return s.holding.Load() && key != "" && (key[len(key)-1]-'0')%3 == 0
}

// newStub serves a system on loopback. flaky is how many in a thousand it refuses for now (503).
func newStub(l *ledger, flaky int64) (*stub, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &stub{ledger: l, origin: "http://" + listener.Addr().String()}
	s.flaky.Store(flaky)
	s.server = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	s.serve(listener)
	return s, nil
}

// serve has it listen at one more place, until it is closed.
func (s *stub) serve(l net.Listener) { go func() { _ = s.server.Serve(l) }() }

// at is the address that one run of the engine is given, so that each effect says who asked for it.
func (s *stub) at(run string) string { return s.origin + "/" + run }

func (s *stub) close() { _ = s.server.Close() }

// ServeHTTP takes an effect: PUT /RUN/effects. It works for some milliseconds before and after, so that kills find work
// in hand.
func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	run, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if run == "ends" {
		s.end(w, rest)
		return
	}
	if of, found := strings.CutPrefix(rest, "prices/"); found {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"of":%q}`, of)
		return
	}
	if rest == "files" {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, "{}")
		return
	}
	var body struct {
		Leg, ID, Key, Price string
		Number              int
	}
	if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if body.Leg == "tick" {
		s.city.tick(run, body.ID)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, "{}")
		return
	}
	if status := s.city.refuses(body.Leg, body.ID); status != 0 {
		w.WriteHeader(status)
		return
	}
	work := time.Duration(rand.Int64N(int64(3 * time.Millisecond)))
	pause(work)
	if s.down.Load() || s.held(body.Key) || (s.fragile == nil || s.fragile[body.Leg]) && rand.Int64N(1000) < s.flaky.Load() {
		s.refused.Add(1)
		if r.Method == http.MethodPost {
			w.Header().Set("Retry-After", "1") // it had no effect
		}
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if body.Price != "" && body.Price != body.Key {
		s.ledger.strange(fmt.Sprintf("odd: %s of %s came with the price of %s", body.Leg, body.ID, body.Price))
	}
	once := r.Method == http.MethodPost
	if once && rand.Int64N(2000) < s.unheard.Load() {
		panic(http.ErrAbortHandler)
	}
	s.ledger.took(effect{Leg: body.Leg, ID: body.ID, Key: body.Key, Number: body.Number, Run: run})
	if once && rand.Int64N(2000) < s.unheard.Load() {
		panic(http.ErrAbortHandler)
	}
	pause(work)
	if late := time.Duration(s.slow.Load()); once && late > 0 {
		pause(late)
	}
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, "{}")
}

// end takes the news that an order has ended: POST /ends/KEY/NUMBER/ID. No run is named, as the address is the caller's.
func (s *stub) end(w http.ResponseWriter, of string) {
	parts := strings.SplitN(of, "/", 3)
	if len(parts) < 3 {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	n, _ := strconv.Atoi(parts[1])
	s.ledger.took(effect{Leg: "end", ID: parts[2], Key: parts[0], Number: n})
	w.WriteHeader(http.StatusNoContent)
}

func pause(d time.Duration) { <-time.After(d) }
