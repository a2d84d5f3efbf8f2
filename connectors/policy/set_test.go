package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
)

// read decodes the policies of a system, or of a call.
func read(t *testing.T, yaml string, call bool) (Set, []string) {
	t.Helper()
	var out diag.List
	var s Set
	declare := s.Spec
	if call {
		declare = s.CallSpec
	}
	n := config.Parse("fondaco.yaml", []byte(yaml), &out)
	if n == nil {
		t.Fatalf("%s: %v", yaml, out.Sorted())
	}
	spec.Decode(n, &out, declare)
	return s, problems(&out)
}

func problems(out *diag.List) (all []string) {
	for _, p := range out.Sorted() {
		all = append(all, fmt.Sprintf("%s %s %s [%s]", p.Pos, p.Code, p.Message, p.Hint))
	}
	return all
}

func settings(s Set) string {
	var all []string
	for _, x := range s.Settings() {
		all = append(all, fmt.Sprintf("%s: %s (%s)", x.Name, x.Value, x.From))
	}
	return strings.Join(all, "\n")
}

// TestSettings: what is said decides, the call before its system, in the order in which policies surround a call.
func TestSettings(t *testing.T) {
	system, wrong := read(t, "timeout: 5s\nattempt_timeout: 2s\nretry: { attempts: 3, backoff: 200ms..5s }\nbreaker: { failures: 10, open: "+
		"30s }\nconcurrency: 20\nrate: 100/s\ncache: { ttl: 60s, stale: 10m }\n", false)
	if wrong != nil {
		t.Error(wrong)
	}
	call, wrong := read(t, "timeout: 3s\ncache: 90s\n", true)
	if wrong != nil {
		t.Error(wrong)
	}
	for _, c := range []struct {
		system, call Set
		want         string
	}{
		{Set{}, Set{}, `timeout: 10s (default)
breaker: opens for 10s after 5 failures in a row (default)`},
		{system, call, `cache: 1m30s (call)
rate: 100 per 1s (system)
timeout: 3s (call)
retry: 3 attempts, pauses of 200ms to 5s (system)
breaker: opens for 30s after 10 failures in a row (system)
concurrency: 20 (system)
attempt_timeout: 2s (system)`},
		{system, Set{}, `cache: 1m, stale for 10m more (system)
rate: 100 per 1s (system)
timeout: 5s (system)
retry: 3 attempts, pauses of 200ms to 5s (system)
breaker: opens for 30s after 10 failures in a row (system)
concurrency: 20 (system)
attempt_timeout: 2s (system)`},
	} {
		if got := settings(Merge(c.system, c.call)); got != c.want {
			t.Errorf("found\n%s\nexpected\n%s", got, c.want)
		}
	}
}

// TestBadPolicies: what cannot be read is said where it stands.
func TestBadPolicies(t *testing.T) {
	for yaml, want := range map[string]string{
		"timeout: 0s\n":                `fondaco.yaml:1:10 E104 timeout: found 0s, expected 1ms to 1h []`,
		"timeout: 10\n":                `fondaco.yaml:1:10 E104 timeout: found 10 without a unit, expected a duration as 5s or 1m30s []`,
		"retry: { attempts: 0 }\n":     `fondaco.yaml:1:20 E104 attempts: found 0, expected 1 to 20 []`,
		"retry: { backoff: 5s..1s }\n": `fondaco.yaml:1:19 E104 backoff: found "5s..1s", expected a span of time as 1s..5m []`,
		"breaker: { failures: 0 }\n":   `fondaco.yaml:1:22 E104 failures: found 0, expected 1 to 1000 []`,
		"concurrency: -1\n":            `fondaco.yaml:1:14 E104 concurrency: found -1, expected 1 to 10000 []`,
		"rate: fast\n":                 `fondaco.yaml:1:7 E104 rate: found "fast", expected a rate as 10/s or 100/m []`,
		"cache: { stale: 1m }\n":       `fondaco.yaml:1:8 E102 missing "ttl" [How long an answer is as good as a new one.]`,
		"cache: forever\n":             `fondaco.yaml:1:8 E104 cache: found "forever", expected a duration as 5s or 1m30s []`,
		"retries: 3\n":                 `fondaco.yaml:1:1 E101 unknown key "retries" [did you mean "retry"?]`,
	} {
		_, wrong := read(t, yaml, false)
		if len(wrong) != 1 || wrong[0] != want {
			t.Errorf("%q: %q", yaml, wrong)
		}
	}
}

// TestCheck: policies that an operation cannot have.
func TestCheck(t *testing.T) {
	retry := Set{Retry: &Retry{Attempts: 3}}
	cache := Set{Cache: &Keep{TTL: time.Minute}}
	keyed := operation(connectors.Once)
	keyed.Key = true
	for _, c := range []struct {
		name         string
		system, call Set
		op           *connectors.Operation
		want         string
	}{
		{
			"retry of a payment",
			Set{},
			retry, operation(connectors.Once),
			"routes/a.yaml:3:9 E305 o happens each time it is called, and is retried [leave retry out; or say effect: idempotent, or " +
				"idempotency_key: true, in the connector if that is true]",
		},
		{"of a system with both", retry, Set{}, operation(connectors.Once), "none"},
		{"retry with a key", Set{}, retry, keyed, "none"},
		{"retry of a read", Set{}, retry, operation(connectors.Read), "none"},
		{
			"cache of a write",
			Set{},
			cache, operation(connectors.Idempotent),
			"routes/a.yaml:3:9 E401 o changes something, and its answers are kept [leave cache out, or say effect: read in the connector if " +
				"that is true]",
		},
		{"of a system with writes", cache, Set{}, operation(connectors.Idempotent), "none"},
		{"cache of a read", Set{}, cache, operation(connectors.Read), "none"},
		{
			"longer attempts",
			Set{Timeout: time.Second},
			Set{Attempt: 2 * time.Second},
			operation(connectors.Read),
			"routes/a.yaml:3:9 E104 attempt_timeout 2s is longer than timeout 1s []",
		},
	} {
		var out diag.List
		Merge(c.system, c.call).Check(c.op, diag.Pos{File: "routes/a.yaml", Line: 3, Col: 9}, &out)
		got := strings.Join(problems(&out), "\n")
		if got == "" {
			got = "none"
		}
		if got != c.want {
			t.Errorf("%s: %s", c.name, got)
		}
	}
}
