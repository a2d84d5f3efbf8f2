package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var portProject = map[string]string{
	"fondaco.yaml": `project: port
title: A port
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
systems:
  dues:
    connector: ./connectors/dues
    params: { endpoint: "${env.DUES}", key: "${secret.dues}" }
    breaker: { failures: 3, open: 300ms }
storage:
  cache: ${env.CACHE}
`,
	"connectors/dues/connector.yaml": `connector: dues
version: 1.0.0
params:
  endpoint: { type: string }
  key: { type: string, secret: true }
rest: { endpoint: "${param.endpoint}", auth: { api_key: { header: X-Key, value: "${param.key}" } } }
operations:
  due:
    get: "/dues/{ship}"
    effect: read
    path: { ship: { type: string } }
    answer:
      type: object
      required: [ship, amount, since, asked]
      properties:
        ship: { type: string }
        amount: { type: number }
        since: { type: string, format: date-time }
        note: { type: string, nullable: true }
        asked: { type: integer }
  pay: { put: "/payments/{number}", effect: idempotent, path: { number: { type: integer } }, answer: { type: object, properties: {} } }
`,
	"routes/dues.yaml": `routes:
  due:
    http: GET /dues/{ship}
    auth: none
    steps:
      - call: dues.due
        with: { ship: "${path.ship}" }
        as: due
        cache: 60s
    respond: { body: "${due}" }
  now:
    http: GET /now/{ship}
    auth: none
    steps:
      - call: dues.due
        with: { ship: "${path.ship}" }
        as: due
    respond: { body: { amount: "${due.amount}" } }
  counted:
    http: GET /counted
    auth: none
    rate: 10/h
    respond: { body: { text: ok } }
  pay:
    http: POST /payments
    auth: none
    accept: async
    body: { type: object, required: [number], properties: { number: { type: integer } } }
    steps:
      - call: dues.pay
        with: { number: "${body.number}" }
    respond: { status: 204 }
`,
}

// dues is the system of the project. Each answer contains how often it was asked.
type dues struct {
	asked atomic.Int64
	down  atomic.Bool // no payments are taken
	mu    sync.Mutex
	paid  map[string]int
	bad   string // which payment is refused
}

// refuse has one payment be refused, "" for none.
func (d *dues) refuse(number string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.bad = number
}

func (d *dues) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if number, found := strings.CutPrefix(r.URL.Path, "/payments/"); found {
		if d.down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		d.mu.Lock()
		bad := number == d.bad
		if !bad {
			d.paid[number]++
		}
		d.mu.Unlock()
		if bad {
			w.WriteHeader(http.StatusUnprocessableEntity)
			return
		}
		_, _ = io.WriteString(w, "{}")
		return
	}
	fmt.Fprintf(w, `{"ship":%q,"amount":12345678901234567890.10,"since":"2026-01-31T09:00:00.500+01:00","note":null,"asked":%d}`,
		strings.TrimPrefix(r.URL.Path, "/dues/"), d.asked.Add(1))
}

// due is what the system says when it was asked that often.
func due(ship string, asked int) string {
	return fmt.Sprintf(`{"ship":%q,"amount":12345678901234567890.10,"since":"2026-01-31T09:00:00.500+01:00","note":null,"asked":%d}`, ship,
		asked)
}

// port serves the project in a process of its own, with its own state.
func port(t *testing.T, system *httptest.Server, cache string, more ...string) *process {
	t.Helper()
	return startProcess(t, written(t, portProject), append([]string{"DUES=" + system.URL, "FONDACO_SECRET_DUES=k3y-of-the-port", "CACHE=" +
		cache}, more...)...)
}

func newDues(t *testing.T) (*dues, *httptest.Server) {
	t.Helper()
	d := &dues{paid: map[string]int{}}
	system := httptest.NewServer(d)
	t.Cleanup(system.Close)
	return d, system
}

// pay has 40 payments accepted, each asked for twice at once under one Idempotency-Key.
func pay(t *testing.T, p *process) {
	t.Helper()
	var all sync.WaitGroup
	var places [40][2]string
	for n := range places {
		for i := range places[n] {
			all.Go(func() {
				for places[n][i] == "" && !t.Failed() {
					switch code, body, header := p.ask(http.MethodPost, "/payments", fmt.Sprintf(`{"number":%d}`, n), "Idempotency-Key",
						fmt.Sprint("key-of-a-payment-", n)); code {
					case 202:
						places[n][i] = header.Get("Location")
					case 409:
						time.Sleep(50 * time.Millisecond)
					default:
						t.Errorf("payment %d: %d %s", n, code, body)
					}
				}
			})
		}
		if n%4 == 3 {
			all.Wait()
		}
	}
	for n, p := range places {
		if p[0] != p[1] {
			t.Errorf("payment %d was accepted twice: %v", n, p)
		}
	}
}

// paidOnce returns what is wrong with n payments, "" if each was done exactly once.
func (d *dues) paidOnce(n int) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := range n {
		if times := d.paid[fmt.Sprint(i)]; times != 1 {
			return fmt.Sprintf("payment %d was done %d times", i, times)
		}
	}
	return ""
}
