package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// TestSecondSignalEndsAtOnce: the first SIGTERM lets what has begun end, for as long as grace says; the second ends the process.
func TestSecondSignalEndsAtOnce(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]bool{"later": true, "at once": false} {
		t.Run(name, func(t *testing.T) { secondSignal(t, wait) })
	}
}

// secondSignal sends the second signal at once, or when the first is seen to have an effect.
func secondSignal(t *testing.T, wait bool) {
	begun, let := make(chan struct{}), make(chan struct{})
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(begun)
		<-let
	}))
	defer backend.Close()
	defer close(let)
	files := map[string]string{
		"fondaco.yaml": `project: office
title: An office
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0", grace: 10m }
systems: { archive: { connector: ./connectors/archive, params: { endpoint: "${env.ARCHIVE}" }, timeout: 10m } }
`,
		"connectors/archive/connector.yaml": `connector: archive
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations: { read: { get: /read, effect: read, answer: { type: object, properties: {} } } }
`,
		"routes/read.yaml": `routes:
  read:
    http: GET /read
    auth: none
    timeout: 10m
    steps:
      - call: archive.read
    respond: { status: 204 }
`,
	}
	cmd := exec.Command(os.Args[0], "run", "--no-watch", written(t, files))
	p := startWith(t, cmd, "ARCHIVE="+backend.URL)
	go func() {
		if res, err := http.Get(p.api + "/read"); err == nil {
			_ = res.Body.Close()
		}
	}()
	select {
	case <-begun:
	case <-time.After(time.Minute):
		t.Fatal("the system is not asked\n", p.log.String())
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	_ = cmd.Process.Signal(syscall.SIGTERM)
	eventually(t, func() string { // it has begun to stop: nothing new is taken
		if !wait {
			return ""
		}
		res, err := http.Get(p.api + "/read?again")
		if err != nil {
			return ""
		}
		_ = res.Body.Close()
		if res.StatusCode == http.StatusServiceUnavailable {
			return ""
		}
		return res.Status
	})
	select {
	case err := <-ended:
		t.Fatalf("the first signal ended it at once: %v\n%s", err, p.log.String())
	default:
	}
	_ = cmd.Process.Signal(os.Interrupt) // another one: the system may take two of a kind for one
	select {
	case err := <-ended:
		var exit *exec.ExitError
		if !errors.As(err, &exit) || !exit.Sys().(syscall.WaitStatus).Signaled() {
			t.Errorf("it ended with %v, expected the signal\n%s", err, p.log.String())
		}
	case <-time.After(time.Minute):
		_ = cmd.Process.Kill()
		t.Errorf("the second signal did not end it\n%s", p.log.String())
	}
}
