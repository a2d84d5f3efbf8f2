package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/messaging"
	"fondaco/server/door"
	"fondaco/store"
	"fondaco/store/memory"
)

// Deps are what the server takes from outside.
type Deps struct {
	Log          *slog.Logger            // the access log and errors; nil for none. It must not block
	Quiet        bool                    // of requests only those that were answered 5xx are logged
	ConsolePages map[string]http.Handler // more pages of the console, by patterns of http.ServeMux
	Topics       Topics                  // what messages are worked on with; zero for no topics
	Limiter      store.Limiter           // counts callers' requests; nil for one of this process
	Parts        []Part                  // whose health is told with the server's own
	Stall        time.Duration           // work that stands still for this long is started again; a minute if 0
}

// Server answers the public API and the console. Its methods are safe for concurrent use.
type Server struct {
	config       Config
	log          *slog.Logger
	quiet        bool
	metrics      *metrics
	limits       store.Limiter
	parts        []Part
	inFlight     *inFlight
	generations  generations
	workers      workers
	dog          *messaging.Watchdog // nil without topics
	schedules    *schedules
	collections  *collections
	topics       Topics
	accepting    accepting
	consolePages map[string]http.Handler
	draining     atomic.Bool
	swapping     sync.Mutex
	public       *door.Listener // nil until Listen
	console      *door.Listener // nil without a console
	health       *door.Listener // nil where probes are at the console's address
}

// New makes a server that listens nowhere yet and has no program: until Swap it answers 503.
func New(c Config, d Deps) (*Server, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, quiet: d.Quiet, log: cmp.Or(d.Log, slog.New(slog.DiscardHandler)), metrics: newMetrics(), inFlight: newInFlight(c.InFlight, c.CallerShare), consolePages: d.ConsolePages}
	s.limits, s.parts = d.Limiter, d.Parts
	var dog *messaging.Watchdog
	if d.Topics.Broker != nil {
		dog = messaging.NewWatchdog(cmp.Or(d.Stall, time.Minute), s.log)
		s.parts = append(slices.Clip(s.parts), Part{Name: "work", Health: dog.Health, Hint: true})
		s.metrics.registry.MustRegister(stalls{dog})
	}
	s.dog = dog
	if s.limits == nil {
		if s.limits, err = memory.NewLimiter(callers); err != nil {
			return nil, fmt.Errorf("server: %w", err)
		}
	}
	s.metrics.registry.MustRegister(tolerated{s.systems}, consumed{&s.workers})
	if len(s.parts) > 0 {
		s.metrics.registry.MustRegister(upGauge{s})
	}
	s.topics = d.Topics
	s.schedules, s.collections = newSchedules(d.Topics, s.log, dog), newCollections(d.Topics.Collections, s.log, dog)
	s.metrics.registry.MustRegister(s.schedules)
	s.workers = workers{topics: d.Topics, log: s.log, generations: &s.generations, service: s.metrics.service, answers: s.metrics.answers, letters: s.metrics.letters, dog: dog}
	_, s.workers.parks = d.Topics.Broker.(messaging.Parker)
	s.generations.grace = c.Grace
	s.generations.failed = func(err error) { s.log.Error("closing a program", "error", err) }
	return s, nil
}

// Swap takes a program into service in the place of the one before. Exchanges end on the program they began with; the
// one before is closed after its last exchange. On an error nothing changes, and p is the caller's to close.
func (s *Server) Swap(p Program) error {
	g := &generation{program: p, router: &router{pages: sortPages(p.Pages)}, cors: corsHeadersOf(p.Routes)}
	for _, r := range p.Routes {
		b := &bound{Route: r, metrics: s.metrics.route(r.ID)}
		if !r.Auth.None {
			if b.scheme = p.Schemes[r.Auth.Scheme]; b.scheme == nil {
				return fmt.Errorf("route %s: there is no scheme %q", r.ID, r.Auth.Scheme)
			}
		}
		if r.Rate.Count > 0 && r.Rate.Per > 0 {
			b.limit = []string{strconv.Itoa(r.Rate.Count)}
			b.rate = store.Rate{Count: r.Rate.Count, Per: r.Rate.Per}
		}
		if err := g.router.add(b); err != nil {
			return err
		}
	}
	s.swapping.Lock()
	defer s.swapping.Unlock()
	if s.draining.Load() {
		return errors.New("the server is stopping")
	}
	s.generations.swap(g)
	s.workers.take(p.Consumers)
	s.schedules.take(p.Schedules)
	s.collections.take(p.Collectors)
	s.metrics.programs.Inc()
	return nil
}

// Resume starts what the program in service has and what was held, once Topics.Restored says that nothing is held any more.
func (s *Server) Resume() {
	s.swapping.Lock()
	defer s.swapping.Unlock()
	g := s.generations.take()
	if g == nil {
		return
	}
	defer g.release()
	s.workers.take(g.program.Consumers)
	s.schedules.take(g.program.Schedules)
}

// Listen opens the listeners. From then on connections are taken, and answered once Serve runs.
func (s *Server) Listen() error {
	var err error
	if s.public, err = s.listen(s.config.Listen); err != nil {
		return fmt.Errorf("the public listener: %w", err)
	}
	if s.config.Console != "" {
		if s.console, err = s.listenLocally(s.config.Console); err != nil {
			_ = s.public.Close()
			return fmt.Errorf("the console's listener: %w", err)
		}
	}
	if s.config.Health != "" {
		if s.health, err = s.listen(s.config.Health); err != nil {
			_ = s.public.Close()
			if s.console != nil {
				_ = s.console.Close()
			}
			return fmt.Errorf("the probes' listener: %w", err)
		}
	}
	return nil
}

// listenLocally opens the console's listener, which other machines must not reach.
func (s *Server) listenLocally(address string) (*door.Listener, error) {
	if err := CheckConsole(address); err != nil {
		return nil, err
	}
	l, err := s.listen(address)
	if err != nil {
		return nil, err
	}
	if bound, ok := l.Addr().(*net.TCPAddr); !ok || !bound.IP.IsLoopback() { // a hosts file may say anything of localhost
		_ = l.Close()
		return nil, errNotLocal(l.Addr().String())
	}
	return l, nil
}

func (s *Server) listen(address string) (*door.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	return door.Listen(l, door.Rules{
		MaxHead: s.config.MaxHead, MaxTarget: s.config.MaxTarget, MaxConns: s.config.MaxConns, HeadTimeout: s.config.HeadTimeout,
		Trusted: s.config.trusted, Dropped: s.metrics.dropped.Inc,
	}), nil
}

// Addr returns the address of the public listener, and ConsoleAddr that of the console's, once Listen has opened them; nil
// before and where there is none.
func (s *Server) Addr() net.Addr { return address(s.public) }

// ConsoleAddr returns the address of the console's listener.
func (s *Server) ConsoleAddr() net.Addr { return address(s.console) }

// HealthAddr returns the address of the probes' own listener; nil before Listen and where they have none.
func (s *Server) HealthAddr() net.Addr { return address(s.health) }

func address(l *door.Listener) net.Addr {
	if l == nil {
		return nil
	}
	return l.Addr()
}

// Serve answers until ctx ends; then it stops: readiness goes, requests are taken for DrainDelay more, the listener is
// closed, running exchanges end, the program is closed, and last the console and the probes. Exchanges that outlive Grace are cut off.
// It returns nil after a stop in which none was.
func (s *Server) Serve(ctx context.Context) error {
	public := s.httpServer(s, s.public)
	failed := make(chan error, 3)
	var running sync.WaitGroup
	running.Go(func() { failed <- public.Serve(s.public) })
	var inside []*http.Server
	beside := func(h http.Handler, l *door.Listener, patience time.Duration) {
		if l == nil {
			return
		}
		one := s.httpServer(h, l)
		one.WriteTimeout = patience
		inside = append(inside, one)
		running.Go(func() { failed <- one.Serve(l) })
	}
	beside(s.consoleHandler(), s.console, 2*time.Minute) // a profile takes a while
	beside(s.healthHandler(), s.health, 30*time.Second)
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	err = errors.Join(err, s.stop(public))
	for _, one := range inside {
		_ = one.Close()
	}
	running.Wait()
	return err
}

// Consumers returns how the work on the messages of each route stands, by the route's name. It may be called at any time.
func (s *Server) Consumers() map[string]Consumer { return s.workers.stats() }

// Withdraw runs do, which makes the cancellation of an accepted request durable, while no work on it can begin. It returns
// store.ErrBegun if the request is being worked on, and do's error. A request that is cancelled is not worked on.
func (s *Server) Withdraw(id string, do func() error) error { return s.workers.cancels.cancel(id, do) }

// stop drains the public server and ends the program.
func (s *Server) stop(public *http.Server) error {
	s.swapping.Lock()
	s.draining.Store(true)
	s.swapping.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), s.config.Grace+s.config.DrainDelay)
	defer cancel()
	if s.config.DrainDelay > 0 {
		delay := time.NewTimer(s.config.DrainDelay)
		<-delay.C
	}
	err := public.Shutdown(ctx)
	if err != nil {
		err = fmt.Errorf("exchanges were cut off: %w", err)
		s.public.Abort()
		_ = public.Close()
	}
	s.schedules.stop()
	s.collections.end()
	s.workers.stop(ctx)
	s.dog.Close()
	s.generations.swap(nil)
	ended := make(chan struct{})
	go func() { s.generations.ending.Wait(); close(ended) }()
	select {
	case <-ended:
	case <-ctx.Done():
		err = errors.Join(err, errors.New("a program did not end in time"))
	}
	return err
}

func (s *Server) httpServer(h http.Handler, l *door.Listener) *http.Server {
	quiet := slog.NewLogLogger(s.log.Handler(), slog.LevelDebug)
	return &http.Server{
		Handler: h, ConnState: l.Track, ErrorLog: log.New(quiet.Writer(), "", 0),
		ReadTimeout: s.config.HeadTimeout, ReadHeaderTimeout: s.config.HeadTimeout, IdleTimeout: s.config.IdleTimeout,
		MaxHeaderBytes:               1 << 20, // the door's own limit is lower
		DisableGeneralOptionsHandler: true,
	}
}
