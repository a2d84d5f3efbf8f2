package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fondaco/config/porttest"
	"fondaco/messaging/kafka/kafkatest"
	"fondaco/store/postgres/postgrestest"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	seconds := flag.Float64("seconds", 4, "how long one measurement takes")
	rounds := flag.Int("rounds", 3, "how often each is measured; the median counts")
	only := flag.String("only", "", "some works alone, as W2 or W5,E2E")
	records := flag.Int("records", 60_000, "how many records each program of E2E brings from the topic to the system")
	beside := flag.String("beside", "", "another build of fondaco, as one of before a change, that is measured by turns with this one")
	profiles := flag.String("profiles", "", "a folder that is given a CPU profile of each work of Fondaco's")
	flag.Parse()
	ctx, stop := context.WithTimeout(context.Background(), 15*time.Minute)
	defer stop()

	dir, err := os.MkdirTemp("", "fondaco-bench-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var chosen []string
	if *only != "" {
		chosen = strings.Split(*only, ",")
	}
	for program, source := range map[string]string{"fondaco": "./cmd/fondaco", "baseline": "./bench/baseline"} {
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", filepath.Join(dir, program), source)
		build.Env = append(os.Environ(), "CGO_ENABLED=0") // as make build
		build.Stdout, build.Stderr = os.Stderr, os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("building %s: %w", source, err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	system := &http.Server{Handler: origin(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = system.Serve(listener) }()
	defer func() { _ = system.Close() }()

	b := &bench{
		dir: dir, origin: "http://" + listener.Addr().String(), lasting: time.Duration(*seconds * float64(time.Second)), rounds: *rounds,
		records: *records, beside: *beside, profiles: *profiles,
	}
	defer b.endBroker()
	for _, w := range works {
		if chosen != nil && !slices.Contains(chosen, w.name) {
			continue
		}
		err := b.measure(ctx, w)
		if errors.Is(err, postgrestest.ErrAbsent) || errors.Is(err, kafkatest.ErrAbsent) {
			fmt.Printf("%s skipped: %v; scripts/wider brings it\n", w.name, err)
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	if chosen == nil || slices.Contains(chosen, "E2E") {
		err := b.measureTopics(ctx)
		if errors.Is(err, kafkatest.ErrAbsent) {
			fmt.Printf("E2E skipped: %v\n", err)
		} else if err != nil {
			return fmt.Errorf("E2E: %w", err)
		}
	}
	if chosen == nil || slices.Contains(chosen, "start") {
		return b.measureStart(ctx)
	}
	return nil
}

// bench holds what all measurements share.
type bench struct {
	dir, origin string
	lasting     time.Duration
	rounds      int
	records     int               // of E2E
	beside      string            // another build of fondaco; "" for none
	kafka       *kafkatest.Server // the node of these works; nil until one asks for it
	profiles    string            // where CPU profiles are written; "" for nowhere
}

// builds are the builds of fondaco that are measured.
func (b *bench) builds() []build {
	list := []build{{"fondaco", filepath.Join(b.dir, "fondaco")}}
	if b.beside != "" {
		list = append(list, build{"beside", b.beside})
	}
	return list
}

// build is a program under test.
type build struct{ name, path string }

// connections is how many clients send at once.
const connections = 64

// measure runs one work on all programs by turns and prints its line.
func (b *bench) measure(ctx context.Context, w work) error {
	byHand := build{w.baseline, filepath.Join(b.dir, "baseline")}
	if w.baseline == plain {
		byHand.path = b.builds()[0].path
	}
	programs := append([]build{byHand}, b.builds()...)
	samples := make([][]sample, len(programs))
	for range b.rounds {
		for i, p := range programs {
			one, err := b.sample(ctx, w, p, i == 0)
			if err != nil {
				return err
			}
			samples[i] = append(samples[i], one)
		}
	}
	we, they := median(samples[1]), median(samples[0])
	line := fmt.Sprintf("%s cpu ratio %.2f", w.name, we.cpu/they.cpu)
	if w.target > 0 {
		line += fmt.Sprintf(" target %.2f", w.target)
	}
	if b.beside != "" {
		line += fmt.Sprintf(" beside %.2f", median(samples[2]).cpu/they.cpu)
	}
	fmt.Println(line)
	fmt.Printf("   %s\n", w.about)
	for i := range programs {
		at := (i + 1) % len(programs) // the baseline comes last
		p, row := programs[at], median(samples[at])
		fmt.Printf("   %-8s %7.1f CPU ms per 1,000 requests, %7.0f requests/s, p50 %s, p99 %s\n", p.name, row.cpu, row.rate,
			row.p50.Round(time.Microsecond), row.p99.Round(time.Microsecond))
	}
	return nil
}

// sample is one measurement.
type sample struct {
	cpu, rate float64 // ms per 1,000 requests; requests per second
	p50, p99  time.Duration
}

func median(samples []sample) sample {
	slices.SortFunc(samples, func(a, b sample) int {
		switch {
		case a.cpu < b.cpu:
			return -1
		case a.cpu > b.cpu:
			return 1
		}
		return 0
	})
	return samples[len(samples)/2]
}

func (b *bench) sample(ctx context.Context, w work, program build, byHand bool) (sample, error) {
	addr, err := freeAddress()
	if err != nil {
		return sample{}, err
	}
	state, err := os.MkdirTemp(b.dir, "state-")
	if err != nil {
		return sample{}, err
	}
	defer func() { _ = os.RemoveAll(state) }()
	p, release, err := b.begin(ctx, w, program, byHand, addr, state)
	if err != nil {
		return sample{}, err
	}
	defer release()
	defer p.stop()
	if _, err := load(ctx, addr, w.path, w.body, connections, b.lasting/4); err != nil { // warm-up
		return sample{}, err
	}
	if w.later {
		if _, err := p.rested(); err != nil {
			return sample{}, err
		}
	}
	before, err := p.cpu()
	if err != nil {
		return sample{}, err
	}
	written := b.profile(ctx, p, w.name, b.lasting)
	t, err := load(ctx, addr, w.path, w.body, connections, b.lasting)
	if err != nil {
		return sample{}, err
	}
	if err := <-written; err != nil {
		return sample{}, err
	}
	after, err := p.cpu()
	if err == nil && w.later {
		after, err = p.rested()
	}
	if err != nil {
		return sample{}, err
	}
	if t.failures > 0 {
		return sample{}, fmt.Errorf("%s: %d of %d requests were not answered with success:\n%s", program.name, t.failures, t.requests, p.log)
	}
	return sample{
		cpu:  float64((after - before).Microseconds()) / float64(t.requests),
		rate: float64(t.requests) / t.elapsed.Seconds(),
		p50:  t.percentile(0.50), p99: t.percentile(0.99),
	}, nil
}

// startFondaco serves a project on addr.
func (b *bench) startFondaco(ctx context.Context, program build, addr, project string, env ...string) (*process, error) {
	console, err := freeAddress()
	if err != nil {
		return nil, err
	}
	p, err := start(ctx, addr, append(env, "ORIGIN_URL="+b.origin), program.path, "run", "--listen", addr, "--console", console, project)
	if err == nil && b.profiles != "" && program.path != b.beside {
		p.console = console
	}
	return p, err
}

// startDemo serves the example city with its simulators.
func (b *bench) startDemo(ctx context.Context, addr string) (*process, error) {
	console, err := freeAddress()
	if err != nil {
		return nil, err
	}
	return start(ctx, addr, nil, filepath.Join(b.dir, "fondaco"), "demo", "--listen", addr, "--console", console, "examples/dime")
}

// freeAddress returns an address of this machine that a program can listen on.
func freeAddress() (string, error) {
	port, err := porttest.Free()
	return fmt.Sprintf("127.0.0.1:%d", port), err
}
