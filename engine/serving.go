package engine

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
	"sync/atomic"

	"fondaco/config"
	"fondaco/config/project"
	"fondaco/engine/storage"
	"fondaco/openapi"
	"fondaco/routes"
	"fondaco/routes/callback"
	"fondaco/server"
	"fondaco/server/auth"
	"fondaco/server/metrics"
	"fondaco/store"
	"fondaco/store/memory"
)

// Serving is a project that is served, and takes up its changes. Its public fields are set before Run and stay.
type Serving struct {
	World   *World
	Folder  *Folder
	Reading *config.Reading // what the project was made of that Run is called with
	Log     *slog.Logger
	Quiet   bool         // no access log
	Version string       // of the program that serves it; "" if that is not known
	Dropped func() int64 // how many lines of the log were lost; nil if that is not known
	Start   *Start       // keeps what goes into service, and is the rollback that goes on; nil to keep nothing

	LocalFirst bool                    // its documents name this machine before the public address
	Console    map[string]http.Handler // more pages of the console; nil for none
	Alone      bool                    // nothing is shared with other processes, whatever the project says
	Data       string                  // the folder that relative places of storage are in; "" for that of FONDACO_DATA, or the project's own
	Schemes    schemesOf               // nil for those that the project declares
	Tell       tellTo                  // how ends of requests are told; nil for over the network
	Loaded     func(t *routes.Typed)   // called with each new project before it starts; may change its systems; nil for nothing

	failed   *config.Reading // what was read last and could not be taken up; nil if there is none
	refusal  error           // why it could not; nil if it was
	back     *rolled         // the rollback in force; nil if the project's files are served
	acts     acts            // what operators ask of releases
	live     *routes.Live    // systems, which outlive programs
	programs *programs
	reloads  *reloads
	releases releases
	storage  *storage.Storage // nil for a project that keeps nothing
	only     *storage.Keys    // where there is no storage
	intents  store.Intents    // where there is no storage, of requests under an Idempotency-Key
	hints    *storage.Hints   // nil where nothing is shared with other processes
	replays  *memory.Replays  // what may come once, where there is no storage
	keys     auth.KeyCache    // of tokens, from addresses
	places   project.Storage  // as they were when they were opened
	traces   project.Traces   // likewise
}

// tellTo tells the end of a request to the address that its caller gave.
type tellTo = func(ctx context.Context, to *url.URL, t callback.Told) error

// maxReplays is how many messages that may come once are remembered in memory: about 10 MB.
const maxReplays = 100_000

// Flags are what a command line says of serving, instead of the project. The zero value says nothing.
type Flags struct {
	Listen, Console, Health string // addresses, "" for the project's
	Still                   bool   // changes of files are taken up only when that is asked for
	Quiet                   bool   // no access log
	LocalOrigins            bool   // pages that a server of this machine serves may call from a browser
}

// configOf returns what a project and flags say of the server.
func (f Flags) configOf(p *project.Server, known storage.Lookup) (server.Config, error) {
	conf, err := server.ConfigOf(p, known)
	conf.Listen, conf.Console, conf.Health = cmp.Or(f.Listen, conf.Listen), cmp.Or(f.Console, conf.Console), cmp.Or(f.Health, conf.Health)
	conf.LocalOrigins = f.LocalOrigins
	return conf, err
}

// Addresses are where a project is served, as host:port; "" for what is not.
type Addresses struct{ API, Console, Health string }

// Run serves a project until ctx ends. ready is called once it is served. Storage is closed last, when nothing works with it any
// more.
func (s *Serving) Run(ctx context.Context, t *routes.Typed, f Flags, ready func(at Addresses)) (err error) {
	conf, err := f.configOf(&t.Model.Project.Server, s.Folder.Source.Lookup)
	if err != nil {
		return err
	}
	var open closers
	defer func() { err = errors.Join(err, open.close()) }()
	if err := s.keep(ctx, t, &open); err != nil {
		return err
	}
	srv, err := s.listen(conf, &open)
	if err != nil {
		return err
	}
	local := address(srv.Addr().String())
	if err := s.swap(ctx, srv, t, local); err != nil {
		return err
	}
	s.began(t)
	beside := newBeside(ctx, &open)
	beside.start(s.hints.Watch)
	beside.start(s.storage.Run)
	if s.only != nil {
		beside.start(s.only.Run)
	}
	s.watch(beside, srv, local, f.Still)
	tuneGC(s.World)
	at := Addresses{local, opened(srv.ConsoleAddr()), opened(srv.HealthAddr())}
	s.Log.Info("started", "project", t.Model.Project.Name.Value, "version", s.Version, "routes", len(t.Started()), "systems",
		len(t.Model.Systems), "api", at.API, "console", at.Console)
	ready(at)
	err = srv.Serve(beside.ctx)
	s.Log.Info("stopped")
	return err
}

// keep opens what the project keeps its messages and states in, and what processes share.
func (s *Serving) keep(ctx context.Context, t *routes.Typed, open *closers) (err error) {
	of := storage.Project{Typed: t, Source: s.Folder.Source, Dir: s.Folder.dir, Data: cmp.Or(s.Data, s.Folder.data), Clock: s.World.Now}
	s.traces = t.Model.Project.Traces
	s.places, s.replays = t.Model.Project.Storage, memory.NewReplays(maxReplays)
	if !s.Alone {
		if s.hints, err = storage.OpenHints(ctx, of, s.Log); err != nil {
			return err
		}
		open.add(s.hints.Close)
	}
	if !storage.Needed(t) {
		s.only = storage.NewKeys(of)
		s.hints.CopiesOf(s.only)
		open.add(s.only.Close)
		s.intents = s.only.Intents()
		return nil
	}
	if s.storage, err = storage.Open(ctx, of, s.Log); err != nil {
		return err
	}
	open.add(s.storage.Close)
	s.hints.Intents(s.storage)
	s.hints.Copies(s.storage)
	return nil
}

// listen makes the server, whose listeners are open and answer 503 until there is a program.
func (s *Serving) listen(conf server.Config, open *closers) (*server.Server, error) {
	pages, topics := maps.Clone(s.Console), s.storage.Topics()
	if pages == nil {
		pages = map[string]http.Handler{}
	}
	if s.storage != nil {
		maps.Copy(pages, s.api().Pages())
	} else {
		topics.Idempotency, topics.Intents, topics.Pseudonyms = s.only, s.intents, s.only.Pseudonyms
		maps.Copy(pages, s.only.Pages(s.Log))
	}
	s.acts.waiting = make(chan *act, 1)
	s.live = routes.NewLive(nil)
	s.live.Answered(s.storage.Answered)
	open.add(s.live.Close)
	measured := metrics.New()
	s.reloads = newReloads(measured)
	s.measure(measured)
	s.programs = newPrograms(s.storage.Work(), s.Log, conf.Grace, measured)
	open.add(s.programs.abandon) // where Serve, which stops them in order, did not come to it
	parts := append(append(s.storage.Parts(), s.hints.Parts()...), server.Part{Name: "release", Health: s.releases.health, Hint: true})
	if s.storage != nil {
		parts = append(parts, server.Part{Name: "work", Health: s.programs.work.Health, Hint: true})
	}
	var made atomic.Pointer[server.Server]
	maps.Copy(pages, s.consolePages(s.Log, &made))
	srv, err := server.New(conf, server.Deps{
		Clock: s.World.Now, Programs: s.programs, Work: s.programs.work, Log: s.Log, Quiet: s.Quiet, ConsolePages: pages,
		Topics: s.hints.Topics(topics), Traces: s.storage.Traces(measured), Limiter: s.hints.Limiter(), Parts: parts, Metrics: measured,
	})
	if err != nil {
		return nil, err
	}
	made.Store(srv)
	s.storage.Bind(s.programs.work)
	return srv, srv.Listen()
}

// swap takes a project into service: its program is made and started, what it keeps is made ready, and one pointer is exchanged.
// The program before ends when its last exchange has.
func (s *Serving) swap(ctx context.Context, srv *server.Server, t *routes.Typed, local string) error {
	if s.Loaded != nil {
		s.Loaded(t)
	}
	if storage.Needed(t) && s.storage == nil {
		return errors.New("it keeps messages, operations or numbers, and the running process was started without storage: restart it")
	}
	deps := s.hints.Deps(s.storage.Deps(routes.Deps{
		Live: s.live, Intents: s.intents, Log: s.Log, Now: s.World.Now, Replays: s.replays,
		Tell: s.Tell,
	}))
	p, notReady, err := assemble(ctx, t, t.Model.Source, s.servers(t, local), deps, s.Schemes, &s.keys)
	if err != nil {
		return err
	}
	if fault := s.Folder.SecretFaults(); fault != nil {
		return errors.Join(fault, p.close(ctx))
	}
	if notReady != nil {
		for line := range strings.Lines(notReady.Error()) {
			fmt.Fprintf(s.World.Stderr, "not ready: %s\n", strings.TrimSpace(line))
		}
	}
	if err := s.storage.Expect(t, p.work.Consumers); err != nil {
		return errors.Join(err, p.close(ctx))
	}
	routing, err := srv.Routing(p.http)
	if err != nil {
		return errors.Join(err, p.close(ctx))
	}
	if err := s.programs.swap(&program{routing, p.work, p.close}); err != nil {
		return errors.Join(err, p.close(ctx))
	}
	s.storage.Take(t, p.work.Consumers)
	s.storage.Release(s.World.Now())
	return nil
}

func (s *Serving) servers(t *routes.Typed, local string) []openapi.Server {
	return ServersOf(t, s.Folder.Source, local, s.LocalFirst)
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
