package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"fondaco/console"
)

// TestConsoleRetries: messages that are tried again after a system failed them, whose breaker is closed, are on the first page and in the
// API: how many, for what, since when and when next; each once, and no longer than they wait.
func TestConsoleRetries(t *testing.T) {
	t.Parallel()
	const unfit = http.StatusCreated // an answer that is not as the connector says
	var status atomic.Int64
	status.Store(http.StatusOK)
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		code := int(status.Load())
		if code != unfit {
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(code)
		_, _ = w.Write([]byte("{}"))
	}))
	defer backend.Close()
	dir := written(t, officeProject)
	overwrite(t, dir, map[string]string{
		"fondaco.yaml":      strings.Replace(officeProject["fondaco.yaml"], "failures: 3", "failures: 1000", 1),
		"routes/files.yaml": strings.ReplaceAll(officeProject["routes/files.yaml"], "attempts: 3, backoff: 10ms..50ms", "attempts: 1000, backoff: 500ms..2s"),
	})
	p := startProcess(t, dir, "ARCHIVE="+backend.URL)
	number := 0
	accepts := func() {
		t.Helper()
		number++
		if code, body, _ := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, number)); code != http.StatusAccepted {
			t.Fatal(code, body)
		}
	}
	row := func() console.Topic {
		t.Helper()
		_, body := p.askConsole(http.MethodGet, console.TopicsPath)
		var list []console.Topic
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatal(err, body)
		}
		for _, r := range list {
			if r.Route == "file" {
				return r
			}
		}
		return console.Topic{}
	}
	for _, code := range []int{
		http.StatusServiceUnavailable, http.StatusInternalServerError, http.StatusTooManyRequests, http.StatusBadGateway, unfit,
	} {
		status.Store(int64(code))
		accepts()
		accepts()
		page := p.shows("/console/", "Messages waiting: 2, for archive.file<", "since <time", `<a href="/console/routes/file">`)
		if n := strings.Count(page, "</span> Messages waiting"); n != 1 || strings.Contains(page, "circuit breaker") {
			t.Errorf("%d: the messages are on the page %d times\n%s", code, n, page)
		}
		p.shows("/console/", "next attempt <time")
		p.shows("/console/waiting", "archive.file</a> (2, next attempt <time")
		if _, page := p.askConsole(http.MethodGet, "/console/", "Accept-Language", "it"); !strings.Contains(page, "Messaggi in attesa: 2, per archive.file<") {
			t.Errorf("%d in Italian:\n%s", code, page)
		}
		if r := row(); len(r.Retries) != 1 || r.Retries[0].On != "archive.file" || r.Retries[0].Messages != 2 || r.WaitsFor != nil ||
			r.Retries[0].Since.IsZero() || r.Retries[0].Next.Before(r.Retries[0].Since) {
			t.Errorf("%d: the API: %+v", code, r)
		}
		if _, list, problems := command(t, dir, "topics", "--console", p.console); !strings.Contains(list, "2 tried again for archive.file") {
			t.Errorf("%d: fondaco topics: %s %s", code, list, problems)
		}
		if _, metrics := p.askConsole(http.MethodGet, "/metrics"); !strings.Contains(metrics, `fondaco_messages_retrying{on="archive.file",route="file"} 2`) {
			t.Errorf("%d: the metric is not 2", code)
		}
		status.Store(http.StatusOK)
		p.shows("/console/", "Nothing is wrong.")
		eventually(t, func() string {
			if r := row(); r.Retries != nil || r.InFlight != 0 {
				return fmt.Sprintf("%d, at the end: %+v", code, r)
			}
			return ""
		})
	}
	backend.Close()
	accepts()
	p.shows("/console/", "Messages waiting: 1, for archive<", "The system archive was not reached by the last call")
}
