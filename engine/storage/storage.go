package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"fondaco/config"
	"fondaco/console"
	"fondaco/engine/work"
	"fondaco/messaging"
	"fondaco/messaging/embedded"
	"fondaco/messaging/kafka"
	"fondaco/routes"
	"fondaco/routes/letters"
	"fondaco/server"
	"fondaco/store"
	"fondaco/store/traces"
)

// Storage is where a project's messages and states are kept.
type Storage struct {
	time   config.Clock
	broker messaging.Broker
	state  store.Store
	secret atomic.Pointer[[]byte] // of the state: see store.Store; nil before it has answered
	shared bool                   // several processes have the same state
	kafka  *kafka.Broker          // nil where topics are on no cluster of Kafka
	remote bool                   // topics are on a broker that processes share
	turns  routes.Turns           // of calls that use numbers in order, whichever program makes them
	routes consuming
	desk   *letters.Desk

	intents store.Intents // of the state, or what processes share of them
	log     *slog.Logger

	seen       groups // on Kafka
	stranded   *stranded
	fit        *fit // of embedded topics
	restored   *restored
	clock      clock       // of a state that processes share
	replicated atomic.Bool // whether commits wait for a replica was asked

	retentions atomic.Pointer[[]store.Retention] // of the program in service

	files  []keptFile           // the state's first, if it is one
	work   *work.Work           // nil before there is any
	traces *traces.Store        // of what exchanges did; nil for none
	copies console.AnswerCopies // of answers under an Idempotency-Key; nil where processes share none
}

// Project is a project whose storage is meant. Its fields are set.
type Project struct {
	Typed  *routes.Typed
	Source config.Source
	Dir    string // the project's folder, which addresses name files in
	Data   string // the folder that relative places of what is kept are in; "" for Dir
	Clock  config.Clock
}

// Needed reports whether a project keeps anything.
func Needed(t *routes.Typed) bool {
	if t.Draws() || len(t.Model.Topics) > 0 || len(t.Topics) > 0 || len(t.Own()) > 0 {
		return true
	}
	for _, r := range t.Routes {
		if r.Model.Async {
			return true
		}
	}
	for _, s := range t.Model.Services {
		if s.System.Connector != nil && s.System.Connector.Remembers {
			return true
		}
	}
	return false
}

// Open opens what fondaco.yaml says under storage, from the project's folder dir. It makes the folders that it
// needs. Whoever asked for it closes it.
func Open(ctx context.Context, of Project, log *slog.Logger) (*Storage, error) {
	at, err := placeOf(of)
	if err != nil {
		return nil, err
	}
	killed := wasKilled(at.file, TopicsFile(at.file)) // before they are opened
	topics, err := topicsIn(of, at)
	if err != nil {
		return nil, err
	}
	state, err := openState(ctx, of, at, topics, true)
	if err != nil {
		return nil, err
	}
	s := &Storage{log: log, time: of.Clock, state: state, intents: state.Intents(), shared: at.kind.shared}
	s.restored = &restored{kept: state.Restores(), audit: state.Audit(), log: log}
	if err := s.learn(ctx); err != nil && !(s.shared && errors.Is(err, store.ErrIO)) {
		_ = state.Close()
		return nil, fmt.Errorf("storage.state: %w", err)
	} else if err != nil {
		log.Warn("the state cannot be reached: what must be kept is refused until it can", "error", err)
	}
	if err := s.openTopics(ctx, of, at); err != nil {
		_ = s.state.Close()
		return nil, fmt.Errorf("storage.topics: %w", err)
	}
	if !s.shared {
		s.files = append(s.files, keptFile{"state", at.file})
	}
	s.openTraces(ctx, of, at)
	s.stranded = &stranded{count: s.countAll, log: log, kick: make(chan struct{}, 1)}
	if b, ok := s.broker.(*embedded.Broker); ok {
		s.files = append(s.files, keptFile{"topics", TopicsFile(at.file)})
		s.fit = s.newFit(b, killed)
	}
	s.desk = letters.New(s.state, s.broker, s.routes.Route, of.Clock, log)
	if s.shared {
		s.desk.Several()
	}
	s.share(s.intents)
	return s, nil
}

// ids returns the secret that ids of requests are made with: on Kafka that of all processes of the project, as each may
// have a state of its own; nil before the cluster, or the state, has answered.
func (s *Storage) ids() []byte {
	if s.kafka != nil {
		if shared, known := s.kafka.Secret("ids of requests"); shared != nil || !known {
			return shared
		}
	}
	if s.secret.Load() == nil && s.state.Health() == nil { // it came at this moment
		ctx, cancel := context.WithTimeout(context.Background(), learnAgain)
		defer cancel()
		_ = s.learn(ctx) // its health reports it
	}
	if secret := s.secret.Load(); secret != nil {
		return *secret
	}
	return nil
}

// Topics returns what the server it keeps requests with.
func (s *Storage) Topics() server.Topics {
	if s == nil {
		return server.Topics{}
	}
	return server.Topics{
		Broker: s.broker, Operations: s.state.Operations(), Idempotency: s.state.Idempotency(), Intents: s.intents, Alone: !s.remote,
		Secret: s.ids,
		Sealed: s.kafka != nil && s.seals() != nil,
	}
}

// Work returns what messages are handled with.
func (s *Storage) Work() work.Topics {
	if s == nil {
		return work.Topics{}
	}
	return work.Topics{
		Broker: s.broker, Dead: s.desk, Inbox: inbox{s.state.Inbox(), s.time}, Operations: s.state.Operations(), Schedules: s.state.Schedules(),
		Collections: s.state.Collections(), Intents: s.intents, Unhandled: s.unhandled, Restored: s.restored.Now,
		Clock: s.time, Wake: store.WakeOf(s.state), Pseudonyms: s.ids, Traces: s.traces,
	}
}

// share takes the intents that hold for all who may do the work. Those of work in doubt since a restore are among them.
func (s *Storage) share(i store.Intents) {
	s.intents = store.Doubting(i, func() bool { return s.restored.Now().Doubtful }, s.time)
	s.desk.Share(s.intents)
}

// Answered has what waits for a system that answers again come soon.
func (s *Storage) Answered(on string) {
	if s == nil {
		return
	}
	if p, ok := s.broker.(messaging.Parker); ok {
		p.Answers(on)
	}
}

// Parts returns what health reports on. Nothing can be kept while the state or embedded topics are unwell, and requests are better
// sent elsewhere; a cluster of Kafka, and a state that processes share, are the same for all.
func (s *Storage) Parts() []server.Part {
	if s == nil {
		return nil
	}
	parts := []server.Part{
		{Name: "state", Health: s.state.Health, Hint: s.shared},
		{Name: "topics", Health: s.broker.Health, Hint: s.remote},
		{Name: "stranded", Health: s.stranded.health, Hint: true},
		{Name: "restore", Health: s.restored.health, Hint: true},
	}
	if s.shared {
		parts = append(parts, server.Part{Name: "clock", Health: s.clock.health, Hint: true})
	}
	if s.fit != nil {
		parts = append(parts, server.Part{Name: "fit", Health: s.fit.health, Hint: true})
	}
	return parts
}

// Deps returns d with the places in which a program publishes and keeps the states of operations.
func (s *Storage) Deps(d routes.Deps) routes.Deps {
	if s != nil {
		d.Topics, d.Operations, d.Collections = routes.TopicsOf(s.broker), s.state.Operations(), s.state.Collections()
		d.Sequences, d.Turns = s.state.Sequences(), &s.turns
		d.Replays, d.Intents, d.Wake = s.state.Replays(), s.intents, store.WakeOf(s.state)
	}
	return d
}

// Bind learns what works on what is kept.
func (s *Storage) Bind(w *work.Work) {
	if s != nil {
		s.work, s.restored.resume = w, w.Resume
	}
}

// Run does what is to be done beside the requests, until ctx ends and all of it has.
func (s *Storage) Run(ctx context.Context) {
	if s == nil {
		return
	}
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { s.sweep(ctx) })
	work.Go(func() { s.desk.Resume(ctx) })
	work.Go(func() { s.stranded.run(ctx) })
	if s.shared {
		work.Go(func() { s.watchState(ctx) })
	}
	work.Go(func() { s.doubtFinished(ctx) })
	if s.fit != nil {
		work.Go(func() { s.fit.run(ctx) })
	}
}

// Close ends the topics first, so that what they finish can still be kept.
func (s *Storage) Close() error {
	if s == nil {
		return nil
	}
	if s.seen != nil {
		s.seen.close()
	}
	return errors.Join(s.broker.Close(), s.traces.Close(), s.state.Close())
}

// inbox is the store's, as consumers ask it.
type inbox struct {
	store.Inbox
	clock config.Clock
}

// Done stores an id now.
func (i inbox) Done(ctx context.Context, topic, group string, ids ...string) error {
	return i.Inbox.Done(ctx, topic, group, i.clock.Now(), ids...)
}

// unhandled counts a message that is finished and was not handled.
func (s *Storage) unhandled(ctx context.Context, topic, group, id string, end store.End) error {
	return s.state.Inbox().Unhandled(ctx, topic, group, s.time.Now(), id, end)
}
