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
	"sync"
	"sync/atomic"
	"time"

	"fondaco/config"
	"fondaco/routes/trigger"
	"fondaco/server/door"
	"fondaco/server/metrics"
	"fondaco/store"
	"fondaco/store/memory"
	"fondaco/store/traces"
)

// Deps are what the server takes from outside.
type Deps struct {
	Programs     Programs                // what is served
	Clock        config.Clock            // of what is kept, and of what is compared with that
	Log          *slog.Logger            // the access log and errors; nil for none. It must not block
	Quiet        bool                    // of requests only those that were answered 5xx are logged
	ConsolePages map[string]http.Handler // more pages of the console, by patterns of http.ServeMux
	Topics       Topics                  // what requests are kept with; zero for nothing
	Work         Work                    // on what Topics keeps; nil where Topics has no Operations
	Limiter      store.Limiter           // counts callers' requests; nil for one of this process
	Traces       *traces.Store           // of what exchanges did; nil for none
	Parts        []Part                  // whose health is told with the server's own
	Metrics      *metrics.Registry       // that /metrics answers with; nil for one with the server's alone
}

// Server answers the public API and the console. Its methods are safe for concurrent use.
type Server struct {
	config       Config
	clock        config.Clock
	log          *slog.Logger
	quiet        bool
	metrics      *measured
	registry     *metrics.Registry
	limits       store.Limiter
	parts        []Part
	inFlight     *inFlight
	programs     Programs
	work         Work
	topics       Topics
	traces       *traces.Store
	accepting    accepting
	consolePages map[string]http.Handler
	draining     atomic.Bool
	began        time.Time                        // when Serve did
	language     atomic.Pointer[trigger.Language] // of the latest program
	public       *door.Listener                   // nil until Listen
	console      *door.Listener                   // nil without a console
	health       *door.Listener                   // nil where probes are at the console's address
}

// New makes a server that listens nowhere yet.
func New(c Config, d Deps) (*Server, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, err
	}
	if d.Metrics == nil {
		d.Metrics = metrics.New()
	}
	s := &Server{
		clock: d.Clock, config: c, quiet: d.Quiet, log: cmp.Or(d.Log, slog.New(slog.DiscardHandler)), metrics: newMeasured(d.Metrics),
		registry: d.Metrics, limits: d.Limiter, parts: d.Parts, inFlight: newInFlight(c.InFlight, c.CallerShare), programs: d.Programs,
		work: d.Work, topics: d.Topics, traces: d.Traces, consolePages: d.ConsolePages,
	}
	if s.limits == nil {
		if s.limits, err = memory.NewLimiter(callers); err != nil {
			return nil, fmt.Errorf("server: %w", err)
		}
	}
	d.Metrics.Read(s.tolerated, toleratedTotal, staleTotal)
	if len(s.parts) > 0 {
		s.registerParts(d.Metrics)
	}
	return s, nil
}

// Listen opens the listeners. From then on connections are taken, and answered once Serve runs.
func (s *Server) Listen() error {
	var err error
	if s.public, err = s.listen(s.config.Listen, true); err != nil {
		return fmt.Errorf("the public listener: %w", err)
	}
	if s.config.Console != "" {
		if s.console, err = s.listenLocally(s.config.Console); err != nil {
			_ = s.public.Close()
			return fmt.Errorf("the console's listener: %w", err)
		}
	}
	if s.config.Health != "" {
		if s.health, err = s.listen(s.config.Health, false); err != nil {
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
	l, err := s.listen(address, false)
	if err != nil {
		return nil, err
	}
	if bound, ok := l.Addr().(*net.TCPAddr); !ok || !bound.IP.IsLoopback() { // a hosts file may say anything of localhost
		_ = l.Close()
		return nil, errNotLocal(l.Addr().String())
	}
	return l, nil
}

func (s *Server) listen(address string, public bool) (*door.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	return s.behindDoor(l, public), nil
}

// behindDoor puts the door before a listener; public says that it is the API's.
func (s *Server) behindDoor(l net.Listener, public bool) *door.Listener {
	return door.Listen(l, door.Rules{
		MaxHead: s.config.MaxHead, MaxTarget: s.config.MaxTarget, MaxConns: s.config.MaxConns, HeadTimeout: s.config.HeadTimeout,
		Trusted: s.config.trusted, Dropped: s.metrics.dropped.Inc, EncodedSlash: public,
	})
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
// closed, running exchanges end, Programs are stopped, and last the console and the probes. Exchanges that outlive Grace are cut off.
// It returns nil after a stop in which none was.
func (s *Server) Serve(ctx context.Context) error {
	s.began = s.clock.Now()
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

// stop drains the public server and ends the programs.
func (s *Server) stop(public *http.Server) error {
	s.draining.Store(true)
	s.log.Info("stopping: what is under way ends, and nothing new is begun")
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
	return errors.Join(err, s.programs.Stop(ctx))
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
