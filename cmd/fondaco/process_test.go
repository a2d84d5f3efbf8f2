package main

import (
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"fondaco/messaging/watermill/nats/natstest"
)

// TestMain is also the command itself, for tests that start processes: the program that they try is the one that is built
// with them.
func TestMain(m *testing.M) {
	natstest.Main()
	if os.Getenv("FONDACO_TEST_COMMAND") != "" {
		main()
		return
	}
	flag.Parse()
	manyAtOnce()
	os.Exit(m.Run())
}

// manyAtOnce has more tests run at the same time than there are processors, unless -parallel says how many: most of them wait for a process
// or a server, and share nothing.
func manyAtOnce() {
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "test.parallel" })
	if !said {
		_ = flag.Set("test.parallel", strconv.Itoa(2*runtime.GOMAXPROCS(0)))
	}
}

// inLong returns how often something happens: the second in the short form of the tests (go test -short), which those
// under the race detector are.
func inLong(long, short int) int {
	if testing.Short() {
		return short
	}
	return long
}

// process is a fondaco run in a process of its own.
type process struct {
	t            *testing.T
	cmd          *exec.Cmd
	out, log     watched
	api, console string
	probes       string // where metrics are: the console, unless the test says otherwise
}

// written makes a folder with files.
func written(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	overwrite(t, dir, files)
	return dir
}

// overwrite writes files into a folder.
func overwrite(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// startProcess serves a project in a process and waits until it is served. The test ends it.
func startProcess(t *testing.T, dir string, env ...string) *process {
	t.Helper()
	return startCommand(t, []string{"run", "--no-watch", dir}, env...)
}

// startWatching is startProcess of a process that takes up changes of the project.
func startWatching(t *testing.T, dir string, env ...string) *process {
	t.Helper()
	return startCommand(t, []string{"run", dir}, env...)
}

// startCommand runs a command that serves in a process and waits until it does. The test ends it.
func startCommand(t *testing.T, args []string, env ...string) *process {
	t.Helper()
	return startWith(t, exec.Command(os.Args[0], args...), env...)
}

// startWith is startCommand by another program that comes to be ours.
func startWith(t *testing.T, cmd *exec.Cmd, env ...string) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd}
	p.cmd.Env = append(append(os.Environ(), "FONDACO_TEST_COMMAND=1"), env...)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.end)
	eventually(t, func() string {
		found := regexp.MustCompile(`(?s)served on (http://\S+).*console on (http://\S+)`).FindStringSubmatch(p.out.String())
		if found == nil {
			return "it does not say where it is served: " + p.out.String() + p.log.String()
		}
		p.api, p.console, p.probes = found[1], found[2], found[2]
		return ""
	})
	return p
}

// end stops the process as its owner would.
func (p *process) end() {
	if p.cmd.ProcessState != nil {
		return
	}
	slowly.CloseIdleConnections() // one that was never used would be waited for
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(time.Minute, func() { _ = p.cmd.Process.Signal(syscall.SIGQUIT) }) // it says what it waits for
	defer late.Stop()
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("it ended with %v\n%s", err, p.log.String())
	}
}

var slowly = &http.Client{Timeout: time.Minute}

// ask sends a request of a method and a path with a JSON body, if there is one, and returns status, body and header.
func (p *process) ask(method, url, body string, header ...string) (int, string, http.Header) {
	p.t.Helper()
	if strings.HasPrefix(url, "/") {
		url = p.api + url
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := slowly.Do(r)
	if err != nil {
		p.t.Errorf("%s %s: %v", method, url, err)
		return 0, "", nil
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Errorf("%s %s: %v", method, url, err)
	}
	return res.StatusCode, string(b), res.Header
}

// readiness is what /readyz says: the status, and how a part is.
func (p *process) readiness(part string) (code int, status, detail string) {
	p.t.Helper()
	code, body, _ := p.ask(http.MethodGet, p.probes+"/readyz", "")
	var told struct {
		Status string
		Checks map[string]struct{ Status, Detail string }
	}
	if err := json.Unmarshal([]byte(body), &told); err != nil {
		p.t.Errorf("readyz: %d %s", code, body)
	}
	return code, told.Checks[part].Status, told.Checks[part].Detail
}

// metric is the value of a metric without labels, as it is written; "" if there is none.
func (p *process) metric(name string) string {
	p.t.Helper()
	_, body, _ := p.ask(http.MethodGet, p.probes+"/metrics", "")
	for line := range strings.Lines(body) {
		if value, found := strings.CutPrefix(line, name+" "); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
