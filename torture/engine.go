package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// engine is a place at which Fondaco is run, killed and run again: the same addresses and files each time.
type engine struct {
	program, project string
	token            string // the clients'
	watches          bool   // it has the default settings, and a project of its own
	name             string // of its runs: name-1, name-2, ...
	env              []string
	stub             *stub
	group            *group     // in which it runs; nil for none
	within           *namespace // in which it runs; nil for this machine's own network
	away             string     // http://host:port of a second system; "" if there is none
	api, console     string     // http://host:port

	mu      sync.Mutex
	runs    int
	process *exec.Cmd
	ended   chan struct{}
	output  *tail
}

// newEngine prepares an engine; nothing runs yet.
func newEngine(w *workshop, name string, s *stub, env ...string) (*engine, error) {
	ports, err := quietPorts(2)
	if err != nil {
		return nil, err
	}
	return &engine{
		program: w.program, project: w.project, token: w.token, name: name, stub: s, env: env, output: &tail{},
		api: fmt.Sprintf("http://127.0.0.1:%d", ports[0]), console: fmt.Sprintf("http://127.0.0.1:%d", ports[1]),
	}, nil
}

// start starts a process. It does not wait for it to serve.
func (e *engine) start() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.runs++
	args := []string{"run", "--quiet", "--listen", strings.TrimPrefix(e.api, "http://"), "--console", strings.TrimPrefix(e.console, "http://")}
	if !e.watches {
		args = append(args, "--no-watch")
	}
	c := exec.Command(e.program, append(args, e.project)...)
	c.Env = append(append(os.Environ(), e.env...), "STUB="+e.stub.at(e.runName()))
	if e.away != "" {
		c.Env = append(c.Env, "AWAY="+e.away+"/"+e.runName())
	}
	c.Stdout, c.Stderr = e.output, e.output
	c.SysProcAttr = within(e.group)
	if err := e.within.in(c.Start); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait()
		close(ended)
	}()
	e.process, e.ended = c, ended
	return nil
}

func (e *engine) runName() string { return fmt.Sprintf("%s-%d", e.name, e.runs) }

// run names the process that runs, or ran last.
func (e *engine) run() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.runName()
}

// ready waits until it says that it is ready.
func (e *engine) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	last := ""
	for {
		status, body, err := get(ctx, e.console+"/readyz")
		if err == nil && status == http.StatusOK {
			return nil
		}
		if err == nil {
			last = fmt.Sprint(status, " ", body)
		}
		select {
		case <-e.ended:
			return fmt.Errorf("the engine ended by itself:\n%s", e.output)
		case <-ctx.Done():
			return fmt.Errorf("the engine is not ready after 90 s: %s\n%s", last, e.output)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// kill is kill -9. It waits for the end.
func (e *engine) kill() { e.end(syscall.SIGKILL) }

// signal sends a signal, if the process runs.
func (e *engine) signal(s syscall.Signal) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.process.Process.Signal(s)
}

// pid is that of the process that runs.
func (e *engine) pid() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.process.Process.Pid
}

// end sends a signal and waits for the end; after a minute it is a kill.
func (e *engine) end(s syscall.Signal) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.process == nil {
		return
	}
	_ = e.process.Process.Signal(s)
	select {
	case <-e.ended:
	case <-time.After(time.Minute):
		_ = e.process.Process.Kill()
		<-e.ended
	}
	e.process = nil
}

// operation asks for the state of an accepted request.
func (e *engine) operation(ctx context.Context, place string) (string, error) {
	status, body, err := get(ctx, e.api+place, "Authorization", "Bearer "+e.token)
	if err != nil {
		return "", err
	}
	var told struct{ State string }
	if err := json.Unmarshal([]byte(body), &told); err != nil || told.State == "" {
		return "", fmt.Errorf("%s answers %d %.200s", place, status, body)
	}
	return told.State, nil
}

// account is a row of fondaco topics.
type account struct {
	Route, Topic, Group                                                     string
	Accepted, Done, Failed, Dead, Cancelled, Discarded, Expired, Superseded int64
	InFlight                                                                int64 `json:"in_flight"`
	State                                                                   string
}

// undone is how many messages ended otherwise than done.
func (a account) undone() int64 {
	return a.Failed + a.Dead + a.Cancelled + a.Discarded + a.Expired + a.Superseded
}

// topics asks the program's own command what became of the messages.
func (e *engine) topics(ctx context.Context) (rows []account, err error) {
	out, err := exec.CommandContext(ctx, e.program, "topics", "--format", "json", "--console", e.console).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("fondaco topics: %w: %s", err, out)
	}
	// The command prints the answer as it came.
	if err := json.Unmarshal(out, &rows); err != nil {
		return nil, fmt.Errorf("fondaco topics: %w: %.300s", err, out)
	}
	return rows, nil
}

// metric reads a metric's value, "" if there is none of that name and labels.
func (e *engine) metric(ctx context.Context, name string) string {
	_, body, _ := get(ctx, e.console+"/metrics")
	for line := range strings.Lines(body) {
		if value, found := strings.CutPrefix(line, name+" "); found {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

var asking = &http.Client{
	Timeout:       20 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	Transport:     &http.Transport{MaxIdleConnsPerHost: 16},
}

func get(ctx context.Context, url string, header ...string) (int, string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := asking.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), err
}

// quietPorts returns ports that nobody listens on, below those that the system assigns to outgoing connections: between a
// kill and the next start nobody takes them.
func quietPorts(n int) (ports []int, err error) {
	for p := 20000 + os.Getpid()%9000; p < 32000 && len(ports) < n; p++ {
		taken.Lock()
		used := taken.ports[p]
		taken.Unlock()
		if used {
			continue
		}
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", p))
		if err != nil {
			continue
		}
		_ = l.Close()
		taken.Lock()
		taken.ports[p] = true
		taken.Unlock()
		ports = append(ports, p)
	}
	if len(ports) < n {
		return nil, fmt.Errorf("there are no %d free ports on 127.0.0.1", n)
	}
	return ports, nil
}

var taken = struct {
	sync.Mutex
	ports map[int]bool
}{ports: map[int]bool{}}

// tail keeps the end of what a process says. Safe for concurrent use.
type tail struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

const tailBytes = 64 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf.Write(b)
	if t.buf.Len() > 2*tailBytes {
		t.buf.Next(t.buf.Len() - tailBytes)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.buf.Bytes()
	return string(b[max(0, len(b)-4000):])
}
