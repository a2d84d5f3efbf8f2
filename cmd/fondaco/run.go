package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/openapi"
	"fondaco/routes"
	"fondaco/routes/callback"
	"fondaco/server"
	"fondaco/server/auth"
	"fondaco/store"
	"fondaco/store/memory"

	"github.com/spf13/cobra"
)

// serving is a project that is served, with what it takes to serve its changes.
type serving struct {
	w          *World
	folder     *folderOf
	reading    *config.Reading // what the program in service was made of
	failed     *config.Reading // what was read last and could not be taken up; nil if there is none
	localFirst bool
	console    map[string]http.Handler
	log        *slog.Logger
	quiet      bool // no access log
	live       *routes.Live
	storage    *storage              // nil for a project that keeps nothing
	intents    store.Intents         // where there is no storage, of requests under an Idempotency-Key
	hints      *hints                // nil where nothing is shared with other processes
	replays    *memory.Replays       // what may come once, where there is no storage
	keys       auth.KeyCache         // of tokens, from addresses
	alone      bool                  // nothing is shared, whatever the project says
	schemes    schemesOf             // nil for those that the project declares
	tell       tellTo                // how ends of requests are told; nil for over the network
	places     project.Storage       // as they were when they were opened
	data       string                // the folder that relative places of storage are in; "" for the project's own
	loaded     func(t *routes.Typed) // called with each new project before it starts; may change its systems
}

// tellTo tells the end of a request to the address that its caller gave.
type tellTo = func(ctx context.Context, to *url.URL, t callback.Told) error

// maxReplays is how many messages that may come once are remembered in memory: about 10 MB.
const maxReplays = 100_000

type runFlags struct {
	listen, console, health, secrets string
	still, quiet                     bool
}

func (f *runFlags) declare(c *cobra.Command) {
	c.Flags().StringVar(&f.listen, "listen", "", "the address of the public API, instead of the project's")
	c.Flags().StringVar(&f.console, "console", "", "the address of the console, instead of the project's")
	c.Flags().StringVar(&f.health, "health", "", "the address of probes and metrics, instead of the project's")
	c.Flags().BoolVar(&f.still, "no-watch", false, "take up changes of the project's files only on SIGHUP")
	c.Flags().BoolVar(&f.quiet, "quiet", false, "no access log: of requests only those are logged that were answered 5xx")
}

func runCommand(w *World) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run [DIR]",
		Short: "Serve a project; changes of its files take effect without dropping a request",
		Args:  atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			p, err := openFolder(w, folder(args), f.secrets)
			if err != nil {
				return err
			}
			defer p.close()
			t, reading, err := p.mustRead(w)
			if err != nil {
				return err
			}
			var out diag.List
			if p.startProblems(c.Context(), t, f, &out); out.Failed() {
				p.show(w, &out)
				return errFailed
			}
			log, queue := logger(w, slog.LevelInfo)
			defer closeLog(queue)
			s := &serving{w: w, folder: p, reading: reading, log: log, quiet: f.quiet}
			return s.run(c.Context(), t, f, func(at addresses) {
				fmt.Fprintf(w.Stdout, "%s is served on http://%s\n", t.Model.Project.Name.Value, at.api)
				if at.console != "" {
					fmt.Fprintf(w.Stdout, "console on http://%s\n", at.console)
				}
				if at.health != "" {
					fmt.Fprintf(w.Stdout, "probes and metrics on http://%s\n", at.health)
				}
			})
		},
	}
	f.declare(c)
	c.Flags().StringVar(&f.secrets, "secrets", "", "a folder with a file for each secret")
	return c
}

// addresses are where a project is served, as host:port; "" for what is not.
type addresses struct{ api, console, health string }

// configOf returns what a project and flags say of the server.
func (f runFlags) configOf(p *project.Server, known lookup) (server.Config, error) {
	conf, err := server.ConfigOf(p, known)
	conf.Listen, conf.Console, conf.Health = cmp.Or(f.listen, conf.Listen), cmp.Or(f.console, conf.Console), cmp.Or(f.health, conf.Health)
	return conf, err
}

// run serves a project until ctx ends. ready is called once it is served.
func (s *serving) run(ctx context.Context, t *routes.Typed, f runFlags, ready func(at addresses)) (err error) {
	conf, err := f.configOf(&t.Model.Project.Server, s.folder.source.Lookup)
	if err != nil {
		return err
	}
	s.places, s.replays = t.Model.Project.Storage, memory.NewReplays(maxReplays)
	if !s.alone {
		if s.hints, err = openHints(ctx, t, s.folder.source, s.log); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.hints.close()) }()
	}
	if needsStorage(t) {
		if s.storage, err = openStorage(ctx, t, s.folder.source, cmp.Or(s.data, s.folder.dir), s.log); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, s.storage.close()) }()
		s.hints.intents(s.storage)
		s.hints.copies(s.storage)
		pages := maps.Clone(s.console)
		if pages == nil {
			pages = map[string]http.Handler{}
		}
		maps.Copy(pages, s.storage.admin())
		s.console = pages
	}
	topics := s.storage.topics()
	if s.storage == nil {
		only := &keys{open: func(ctx context.Context) (store.Store, error) {
			state, _, err := openState(ctx, t, s.folder.source, cmp.Or(s.data, s.folder.dir))
			return state, err
		}}
		defer func() { err = errors.Join(err, only.close()) }()
		topics.Idempotency, topics.Intents = only, onlyIntents{only}
		s.intents = topics.Intents
	}
	s.live = routes.NewLive(nil)
	s.live.Answered(s.storage.answered)
	defer func() { err = errors.Join(err, s.live.Close()) }()
	srv, err := server.New(conf, server.Deps{
		Log: s.log, Quiet: s.quiet, ConsolePages: s.console, Topics: s.hints.topics(topics), Limiter: s.hints.limiter(),
		Parts: append(s.storage.parts(), s.hints.parts()...),
	})
	if err != nil {
		return err
	}
	if s.storage != nil {
		s.storage.consumers, s.storage.withdraw, s.storage.restored.resume = srv.Consumers, srv.Withdraw, srv.Resume
	}
	if err := srv.Listen(); err != nil {
		return err
	}
	local := address(srv.Addr().String())
	if err := s.swap(ctx, srv, t, local); err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if s.storage != nil {
		go s.storage.sweep(ctx)
		go s.storage.desk.Resume(ctx)
		go s.storage.stranded.run(ctx)
		go s.storage.doubtFinished(ctx)
		if s.storage.fit != nil {
			go s.storage.fit.run(ctx)
		}
	}
	go s.hints.watch(ctx)
	s.watch(ctx, srv, local, f.still)
	tuneGC(s.w)
	ready(addresses{local, opened(srv.ConsoleAddr()), opened(srv.HealthAddr())})
	return srv.Serve(ctx)
}

// address is one that people can open: a listener on all interfaces is reached on this machine.
func address(a string) string {
	if rest, ok := strings.CutPrefix(a, "[::]"); ok {
		return "127.0.0.1" + rest
	}
	return a
}

// opened returns the address of a listener, "" if there is none.
func opened(a net.Addr) string {
	if a == nil {
		return ""
	}
	return address(a.String())
}

func (s *serving) swap(ctx context.Context, srv *server.Server, t *routes.Typed, local string) error {
	if s.loaded != nil {
		s.loaded(t)
	}
	if needsStorage(t) {
		if s.storage == nil {
			return errors.New("it keeps messages, operations or numbers, and the running process was started without storage: restart it")
		}
	}
	deps := s.hints.deps(s.storage.deps(routes.Deps{Live: s.live, Intents: s.intents, Log: s.log, Now: s.w.Now, Replays: s.replays, Tell: s.tell}))
	p, notReady, err := assemble(ctx, t, t.Model.Source, s.servers(t, local), deps, s.schemes, &s.keys)
	if err != nil {
		return err
	}
	if fault := s.folder.faults.Err(); fault != nil {
		return errors.Join(fault, p.Close(ctx))
	}
	if notReady != nil {
		for line := range strings.Lines(notReady.Error()) {
			fmt.Fprintf(s.w.Stderr, "not ready: %s\n", strings.TrimSpace(line))
		}
	}
	if s.storage != nil {
		s.storage.routes.take(p.Consumers)
		if err := s.storage.keep(t, p.Consumers); err != nil {
			return errors.Join(err, p.Close(ctx))
		}
	}
	if err := srv.Swap(p); err != nil {
		return errors.Join(err, p.Close(ctx))
	}
	if s.storage != nil {
		s.storage.stranded.take(keptBy(t, p.Consumers))
		s.storage.retain(t)
	}
	return nil
}

func (s *serving) servers(t *routes.Typed, local string) []openapi.Server {
	return serversOf(t, s.folder.source, local, s.localFirst)
}
