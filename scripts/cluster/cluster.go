package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	"fondaco/config/porttest"
	"fondaco/messaging/kafka/kafkatest"
	"fondaco/store/postgres/postgrestest"
)

// options are what the command line says.
type options struct {
	program, project string
	listen, control  string // addresses; a port of 0 is any
	nodes            int
	handOvers        int // with -measure: these alone; 0 for everything
}

// cluster is everything that runs.
type cluster struct {
	options
	dir      string
	life     context.Context // of what a part does when it is started again
	city     *city
	parts    []*part // in the order in which they start
	balancer *balancer
	api      string // http://host:port of the balancer
	desk     string // and of the control
	redis    bool
	closers  []func() // what ends them, the last first
}

// begin starts everything. The caller ends it. Nothing is left running where it fails.
func begin(ctx context.Context, o options) (c *cluster, err error) {
	life, cut := context.WithCancel(context.WithoutCancel(ctx))
	c = &cluster{options: o, life: life, closers: []func(){cut}}
	defer func() {
		if err != nil {
			c.end()
		}
	}()
	if c.program, err = filepath.Abs(o.program); err != nil {
		return c, err
	}
	if _, err = os.Stat(c.program); err != nil {
		return c, fmt.Errorf("%w: run make build first", err)
	}
	if c.dir, err = os.MkdirTemp("", "fondaco-cluster-"); err != nil {
		return c, err
	}
	c.closers = append(c.closers, func() { _ = os.RemoveAll(c.dir) })
	if c.city, err = newCity(o.project); err != nil {
		return c, err
	}
	for _, one := range []func(context.Context) error{c.addPostgres, c.addKafka, c.addRedis, c.addSimulators, c.addNodes, c.addBalancer} {
		if err = one(ctx); err != nil {
			return c, err
		}
	}
	return c, nil
}

// end stops everything, the nodes first.
func (c *cluster) end() {
	for i := len(c.closers) - 1; i >= 0; i-- {
		c.closers[i]()
	}
	c.closers = nil
}

// add takes a part up and starts it.
func (c *cluster) add(ctx context.Context, p *part) error {
	c.parts = append(c.parts, p)
	c.closers = append(c.closers, func() { _, _ = p.do(context.Background(), "stop") })
	if _, err := p.do(ctx, "start"); err != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return nil
}

func (c *cluster) addPostgres(ctx context.Context) error {
	s, err := postgrestest.Start()
	if err != nil {
		return err
	}
	c.closers = append(c.closers, s.Remove)
	if err := s.Say("create role fondaco login", "create role owner login", "grant create on database postgres to owner"); err != nil {
		return err
	}
	return c.add(ctx, &part{
		name: "postgres", title: "PostgreSQL, the state", address: s.Address("fondaco", "postgres"), state: running,
		start: func(context.Context) error { return s.Run() }, kill: s.Kill, signal: s.Signal, stop: s.Stop,
	})
}

func (c *cluster) addKafka(ctx context.Context) error {
	dir := filepath.Join(c.dir, "kafka")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	s, err := kafkatest.NewServer(dir)
	if err != nil {
		return err
	}
	return c.add(ctx, &part{
		name: "kafka", title: "Kafka, the topics", address: s.Addr, state: stopped,
		start: func(context.Context) error { return s.Start() }, kill: s.Kill,
		signal: func(sig syscall.Signal) {
			if sig == syscall.SIGSTOP {
				_ = s.Freeze()
			} else {
				_ = s.Thaw()
			}
		},
	})
}

// addRedis starts Redis if it is installed.
func (c *cluster) addRedis(ctx context.Context) error {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		return nil
	}
	port, err := porttest.Free()
	if err != nil {
		return err
	}
	c.redis = true
	at := fmt.Sprintf("127.0.0.1:%d", port)
	p := &process{
		path: program, dir: c.dir, args: []string{"--port", strconv.Itoa(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"},
		log: c.log("redis"), ready: func(ctx context.Context) error {
			conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", at)
			if err == nil {
				_ = conn.Close()
			}
			return err
		},
	}
	return c.add(ctx, p.part("redis", "Redis, hints that the nodes share", at))
}

func (c *cluster) addSimulators(ctx context.Context) error {
	dir := filepath.Join(c.dir, "systems")
	if err := c.city.write(dir, ""); err != nil {
		return err
	}
	p := &process{
		path: c.program, dir: c.dir, args: append([]string{"simulate", dir}, c.city.simulators()...), log: c.log("systems"),
		ready: func(ctx context.Context) error {
			for _, port := range c.city.systems {
				conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", fmt.Sprintf("127.0.0.1:%d", port))
				if err != nil {
					return err
				}
				_ = conn.Close()
			}
			return nil
		},
	}
	if err := c.add(ctx, p.part("systems", "the simulators of the city's systems", "127.0.0.1")); err != nil {
		return err
	}
	printed, err := os.ReadFile(c.log("systems"))
	if err != nil {
		return err
	}
	return c.city.found(printed)
}

// addNodes has the schema made, and starts the nodes.
func (c *cluster) addNodes(ctx context.Context) error {
	storage := fmt.Sprintf("\nstorage:\n  state: %s\n  topics: kafka://%s?instance=${env.NODE}\n", c.part("postgres").address, c.part("kafka").
		address)
	if c.redis {
		storage += fmt.Sprintf("  cache: redis://%s\n", c.part("redis").address)
	}
	var nodes []*node
	for i := range c.nodes {
		name := fmt.Sprintf("node-%d", i+1)
		dir := filepath.Join(c.dir, name)
		if err := c.city.write(dir, storage); err != nil {
			return err
		}
		env := append(c.city.env(), "NODE="+name)
		if i == 0 {
			if err := c.migrate(ctx, c.program, dir, env); err != nil {
				return err
			}
		}
		_, n, err := c.addNode(ctx, name, dir, env)
		if err != nil {
			return err
		}
		nodes = append(nodes, n)
	}
	c.balancer = newBalancer(nodes)
	return nil
}

// addNode starts a node that serves a project. Its process takes another program while it is stopped.
func (c *cluster) addNode(ctx context.Context, name, project string, env []string, flags ...string) (*process, *node, error) {
	var at [3]string // the API, the console, the probes
	for i := range at {
		port, err := porttest.Free()
		if err != nil {
			return nil, nil, err
		}
		at[i] = fmt.Sprintf("127.0.0.1:%d", port)
	}
	n := &node{api: &url.URL{Scheme: "http", Host: at[0]}, ready: "http://" + at[2] + "/readyz"}
	p := &process{
		path: c.program, dir: c.dir, env: env, log: c.log(name), ready: answers(n.ready),
		args: append([]string{"run", project, "--quiet", "--listen", at[0], "--console", at[1], "--health", at[2]}, flags...),
	}
	title := fmt.Sprintf("console http://%s, probes http://%s, its project %s", at[1], at[2], project)
	return p, n, c.add(ctx, p.part(name, title, n.api.String()))
}

// migrate brings the state to the format of a program, with the role that makes tables.
func (c *cluster) migrate(ctx context.Context, program, dir string, env []string) error {
	migrate := exec.CommandContext(ctx, program, "migrate", dir, "--owner", ownerOf(c.part("postgres").address))
	migrate.Env = append(os.Environ(), env...)
	if out, err := migrate.CombinedOutput(); err != nil {
		return fmt.Errorf("fondaco migrate: %w: %s", err, out)
	}
	return nil
}

// ownerOf is the address of the database for the role that makes tables.
func ownerOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	u.User = url.User("owner")
	return u.String()
}

// addBalancer serves the balancer and the control.
func (c *cluster) addBalancer(ctx context.Context) (err error) {
	watching, cut := context.WithCancel(c.life)
	var all sync.WaitGroup
	all.Go(func() { c.balancer.watch(watching) })
	c.closers = append(c.closers, func() {
		cut()
		all.Wait()
	})
	if c.api, err = c.listens(ctx, c.listen, c.balancer.handler()); err != nil {
		return err
	}
	c.desk, err = c.listens(ctx, c.control, c.handle())
	return err
}

// listens serves at an address until the cluster ends.
func (c *cluster) listens(ctx context.Context, address string, h http.Handler) (string, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return "", err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute, ErrorLog: nil}
	var all sync.WaitGroup
	all.Go(func() {
		if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "cluster:", err)
		}
	})
	c.closers = append(c.closers, func() {
		_ = s.Close()
		all.Wait()
	})
	return "http://" + l.Addr().String(), nil
}

func (c *cluster) log(name string) string { return filepath.Join(c.dir, name+".log") }

// announce says where everything is, and what to try.
func (c *cluster) announce(out io.Writer, bound time.Duration) {
	fmt.Fprintf(out, "\nA cluster of %d nodes, for %s or until Ctrl-C. Logs are in %s.\n\n", c.nodes, bound, c.dir)
	fmt.Fprintf(out, "  %-10s %s\n", "balancer", c.api)
	for _, p := range c.parts {
		fmt.Fprintf(out, "  %-10s %s\n  %-10s %s\n", p.name, p.address, "", p.title)
	}
	fmt.Fprintf(out, "\nLoad: a report five times a second, and what became of it. 202 is a promise; 503 is a refusal, and kept is "+
		"nothing.\n\n")
	fmt.Fprintf(out, "  TOKEN=%s\n", c.city.token)
	fmt.Fprintf(out, `  while sleep 0.2; do curl -s -o /dev/null -w '%%{http_code} ' -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \
    -d '{"titolo":"Lampione spento","categoria":"manutenzione","posizione":{"lat":45.43,"lon":12.33}}' %s/segnalazioni; done`, c.api)
	fmt.Fprintf(out, "\n  curl -s %s/maree/livelli                # needs no state\n", c.api)
	fmt.Fprintf(out, "\nKill a part and start it again; what the others say is at /readyz and in the logs:\n\n")
	for _, p := range c.parts {
		fmt.Fprintf(out, "  curl -X POST %[1]s/%[2]s/kill     curl -X POST %[1]s/%[2]s/start\n", c.desk, p.name)
	}
	fmt.Fprintf(out, "\nAlso /stop (in order), /freeze and /thaw (SIGSTOP and SIGCONT) of each. curl %s lists them.\n\n", c.desk)
}
