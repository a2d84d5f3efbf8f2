package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// brokerDays returns what is asked of a process of kafkaProject while its broker is away, and when it is there: away, what needs no
// broker is answered and what must be kept is refused with 503; there, what is accepted is done.
func brokerDays(t *testing.T, p *process, system *dues) (away, there func(when string)) {
	paid := 0
	away = func(when string) {
		t.Helper()
		eventually(t, func() string {
			code, body, _ := p.ask(http.MethodGet, p.console+"/readyz", "")
			if code != 200 || !strings.Contains(body, `"topics":{"status":"warn"`) {
				return fmt.Sprintf("%s: readyz returns %d %s", when, code, body)
			}
			return ""
		})
		if code, body, _ := p.ask(http.MethodGet, "/now/a", ""); code != 200 {
			t.Errorf("%s: a synchronous route returns %d %s", when, code, body)
		}
		code, body, header := p.ask(http.MethodPost, "/payments", `{"number":1}`)
		if code != 503 || header.Get("Retry-After") == "" {
			t.Errorf("%s: an asynchronous route returns %d %s, Retry-After %q", when, code, body, header.Get("Retry-After"))
		}
	}
	there = func(when string) {
		t.Helper()
		paid++
		number := fmt.Sprint(1000 + paid)
		eventually(t, func() string {
			if code, body, _ := p.ask(http.MethodPost, "/payments", `{"number":`+number+`}`); code != 202 {
				return fmt.Sprintf("%s: an asynchronous route returns %d %s", when, code, body)
			}
			return ""
		})
		eventually(t, func() string {
			system.mu.Lock()
			defer system.mu.Unlock()
			if system.paid[number] == 0 {
				return when + ": what was accepted is not done"
			}
			return ""
		})
		eventually(t, func() string {
			if code, body, _ := p.ask(http.MethodGet, p.console+"/readyz", ""); code != 200 || !strings.HasPrefix(body, `{"status":"pass"`) {
				return fmt.Sprintf("%s: readyz returns %d %s", when, code, body)
			}
			return ""
		})
	}
	return away, there
}
