package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"fondaco/server/metrics/metricstest"
)

// scraped is the answer of GET /metrics.
func (p *process) scraped() string {
	p.t.Helper()
	code, body, _ := p.ask(http.MethodGet, p.probes+"/metrics", "")
	if code != http.StatusOK {
		p.t.Fatal(code, body)
	}
	return body
}

// TestMetricsOfEngine: what the engine knows of itself is told as metrics, by the rules of promtool, and each of them is in the reference.
func TestMetricsOfEngine(t *testing.T) {
	t.Parallel()
	var status atomic.Int64
	status.Store(http.StatusOK)
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(int(status.Load()))
		_, _ = w.Write([]byte("{}"))
	}))
	defer backend.Close()
	dir := written(t, officeProject)
	overwrite(t, dir, map[string]string{
		"routes/files.yaml": strings.ReplaceAll(officeProject["routes/files.yaml"], "attempts: 3, backoff: 10ms..50ms",
			"attempts: 3, backoff: 10ms..50ms, retry_for: 1h"),
	})
	p := startWatching(t, dir, "ARCHIVE="+backend.URL)
	accepts := func(number int) {
		t.Helper()
		if code, body, _ := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, number)); code != http.StatusAccepted {
			t.Fatal(code, body)
		}
	}
	has := func(lines ...string) func() string {
		return func() string {
			body := p.scraped()
			for _, line := range lines {
				if !regexp.MustCompile("(?m)^" + line).MatchString(body) {
					return "the metrics lack " + line + ":\n" + body
				}
			}
			return ""
		}
	}
	accepts(1)
	eventually(t, has(
		`fondaco_build_info\{goversion="go1\.[^"]+",revision="[^"]*",version="[^"]+"\} 1`,
		`fondaco_project_info\{hash="[0-9a-f]{12}",project="office",version="[^"]*"\} 1`,
		`fondaco_reload_last_successful 1`, `fondaco_reload_last_success_timestamp_seconds 1\.\d+e\+09`,
		`fondaco_system_attempts_total\{operation="file",outcome="ok",system="archive"\} 1`,
		`fondaco_system_request_duration_seconds_count\{operation="note",system="archive"\} 1`,
		`fondaco_breaker_state\{operation="",system="archive"\} 0`, `fondaco_system_ready\{system="archive"\} 1`, `fondaco_log_dropped_total 0`,
		`fondaco_storage_bytes\{file="state"\} [1-9]`, `fondaco_storage_bytes\{file="topics"\} [1-9]`, `fondaco_storage_free_bytes [1-9]`,
		`fondaco_messages_waiting\{route="file",topic="[^"]+"\} `,
	))
	status.Store(http.StatusUnprocessableEntity) // it says no: the requests are letters
	accepts(2)
	eventually(t, has(
		`fondaco_system_faults_total\{kind="refused",operation="file",system="archive"\} 1`,
		`fondaco_operations_failed_total\{kind="refused",route="file"\} 1`,
		`fondaco_dead_letters\{reason="[^"]+",route="file"\} 1`, `fondaco_operations\{route="file",state="failed"\} 1`,
	))
	status.Store(http.StatusServiceUnavailable) // it is down: they wait
	for n := range 6 {
		accepts(3 + n)
	}
	eventually(t, has(
		`fondaco_breaker_state\{operation="[^"]*",system="archive"\} [12]`, `fondaco_breaker_opened_timestamp_seconds\{.*system="archive"\} 1\.`,
		`fondaco_messages_waiting\{route="file",topic="[^"]+"\} 6`, `fondaco_messages_oldest_timestamp_seconds\{route="file",topic="[^"]+"\} 1\.`,
		`fondaco_operations\{route="file",state="waiting"\} `, `fondaco_system_ready\{system="archive"\} 0`,
	))
	overwrite(t, dir, map[string]string{"routes/more.yaml": "routes: {"})
	eventually(t, has(`fondaco_reload_last_successful 0`, `fondaco_reloads_total\{result="refused"\} 1`))
	body := p.scraped()
	problems, err := metricstest.Problems(body, "fondaco_")
	if err != nil || len(problems) > 0 {
		t.Errorf("%v\n%s", err, strings.Join(problems, "\n"))
	}
	page, err := os.ReadFile("../../docs/reference/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (fondaco_\w+) (\w+)$`).FindAllStringSubmatch(body, -1) {
		if row := fmt.Sprintf("| `%s` | %s |", m[1], m[2]); !strings.Contains(string(page), row) && !strings.HasSuffix(m[1], "_up") {
			t.Errorf("the reference lacks %s", row)
		}
	}
	if err := os.Remove(dir + "/routes/more.yaml"); err != nil {
		t.Fatal(err)
	}
	eventually(t, has(`fondaco_reload_last_successful 1`))
}
