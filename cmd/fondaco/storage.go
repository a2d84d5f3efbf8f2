package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"fondaco/config"
	"fondaco/messaging"
	"fondaco/messaging/embedded"
	"fondaco/messaging/kafka"
	"fondaco/routes"
	"fondaco/server"
	"fondaco/server/letters"
	"fondaco/store"
	"fondaco/store/sqlite"
)

// storage is where a project's messages and states are kept.
type storage struct {
	broker messaging.Broker
	state  store.Store
	secret []byte        // of the state: see store.Store
	kafka  *kafka.Broker // nil where topics are embedded
	turns  routes.Turns  // of calls that use numbers in order, whichever program makes them
	routes consuming
	desk   *letters.Desk

	intents store.Intents // of the state, or what processes share of them
	log     *slog.Logger

	seen     *seenGroups // on Kafka
	stranded *stranded
	fit      *fit // of embedded topics
	restored *restored

	retentions atomic.Pointer[[]store.Retention] // of the program in service

	consumers func() map[string]server.Consumer      // of the server, by route; nil before there is one
	withdraw  func(id string, do func() error) error // of the server: see server.Withdraw; nil before there is one
	copies    answerCopies                           // of answers under an Idempotency-Key; nil where processes share none
}

// answerCopies are what processes share of answers under an Idempotency-Key.
type answerCopies interface {
	// Find calls each with the copies that bear a mark.
	Find(ctx context.Context, mark store.Marks, now time.Time, each func(store.Answer)) error
	// Erase puts another answer in the place of the copies that bear a mark, and returns how many there were.
	Erase(ctx context.Context, mark store.Marks, instead store.Answer, now time.Time) (int64, error)
}

// needsStorage tells whether a project keeps anything.
func needsStorage(t *routes.Typed) bool {
	if t.Draws() || len(t.Model.Topics) > 0 || len(t.Topics) > 0 || len(t.Schedules) > 0 {
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

// defaultState is where the state of a project is kept that says nothing, in its folder.
const defaultState = "data/fondaco.db"

// openStorage opens what fondaco.yaml says under storage, from the project's folder dir. It makes the folders that it
// needs. Whoever asked for it closes it.
func openStorage(ctx context.Context, t *routes.Typed, src config.Source, dir string, log *slog.Logger) (*storage, error) {
	killed := false
	if file, err := stateFile(t, src, dir); err == nil { // before it is opened
		killed = wasKilled(file, topicsFile(file))
	}
	state, file, err := openState(ctx, t, src, dir)
	if err != nil {
		return nil, err
	}
	s := &storage{log: log, state: state, intents: state.Intents()}
	if s.secret, err = state.Secret(ctx); err != nil {
		_ = state.Close()
		return nil, fmt.Errorf("storage.state: %w", err)
	}
	if s.restored, err = openRestored(ctx, state.Restores(), state.Audit(), log); err != nil {
		_ = state.Close()
		return nil, fmt.Errorf("storage.state: %w", err)
	}
	if err := s.openTopics(ctx, t, src, dir, file); err != nil {
		_ = s.state.Close()
		return nil, fmt.Errorf("storage.topics: %w", err)
	}
	s.stranded = &stranded{count: s.countAll, log: log, kick: make(chan struct{}, 1)}
	if b, ok := s.broker.(*embedded.Broker); ok {
		s.fit = s.newFit(b, killed)
	}
	s.desk = letters.New(s.state, s.broker, s.routes.of, log)
	s.share(s.intents)
	return s, nil
}

// stateFile returns the file in which a project keeps its state, from the project's folder dir.
func stateFile(t *routes.Typed, src config.Source, dir string) (string, error) {
	file, _, err := t.Model.Project.Storage.State.Resolve(src.Lookup)
	if err != nil {
		return "", fmt.Errorf("storage.state: %w", err)
	}
	if file == "" {
		file = defaultState
	}
	if err := checkState(dir, file); err != nil {
		return "", fmt.Errorf("storage.state: %w", err)
	}
	if !filepath.IsAbs(file) {
		file = filepath.Join(dir, file)
	}
	return file, nil
}

// openState opens the project's state, and makes its folder. It returns its file too. Whoever asked for it closes it.
func openState(ctx context.Context, t *routes.Typed, src config.Source, dir string) (store.Store, string, error) {
	file, err := stateFile(t, src, dir)
	if err != nil {
		return nil, "", err
	}
	if err := unfinishedRestore(file); err != nil {
		return nil, "", fmt.Errorf("storage.state: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, "", fmt.Errorf("storage.state: %w", err)
	}
	keys, err := encryptionKeys(t.Model.Project, src.Lookup)
	if err == nil {
		err = alone(t.Model.Project, src.Lookup)
	}
	if err != nil {
		return nil, "", err
	}
	s, err := sqlite.Open(ctx, file, sqlite.Options{Project: t.Model.Project.Name.Value, Keys: keys})
	if err != nil {
		return nil, "", fmt.Errorf("storage.state: %w", err)
	}
	return s, file, nil
}

func (s *storage) openTopics(ctx context.Context, t *routes.Typed, src config.Source, dir, state string) error {
	p := t.Model.Project
	topics, err := p.Storage.TopicsAddress(src.Lookup)
	if err != nil {
		return err
	}
	if topics == "" {
		file := topicsFile(state)
		keys, err := encryptionKeys(p, src.Lookup)
		if err == nil {
			s.broker, err = embedded.Open(ctx, file, embedded.Options{Project: p.Name.Value, Keys: keys})
		}
		return err
	}
	o, err := kafkaAt(t, src, dir, topics)
	if err != nil {
		return err
	}
	o.Stopped = func(topic, group string, err error) {
		s.log.Error("a subscription has ended by itself: its messages wait", "topic", topic, "group", group, "error", err)
	}
	o.Warn = func(topic, warning string) {
		s.log.Warn("a topic is not as it should be", "topic", topic, "warning", warning)
	}
	if s.seen, err = openSeen(groupsFile(state)); err != nil {
		return err
	}
	o.Seen = s.seen
	b, err := kafka.Open(o)
	if err != nil {
		return err
	}
	s.broker, s.kafka = b, b
	return nil
}

// kafkaAt returns the options for the cluster of Kafka at an address that a project keeps its topics on.
func kafkaAt(t *routes.Typed, src config.Source, dir, address string) (kafka.Options, error) {
	p := t.Model.Project
	o, err := kafkaOptions(dir, p.Name.Value, address)
	if err != nil {
		return o, err
	}
	secrets, _, err := p.Storage.TopicsSecret.Resolve(src.Lookup)
	if err != nil {
		return o, fmt.Errorf("topics_secret: %w", err)
	}
	signedBy(&o, secrets)
	return o, nil
}

// ids returns the secret that ids of requests are made with: on Kafka that of all processes of the project, as each has a
// state of its own; nil before the cluster has answered.
func (s *storage) ids() []byte {
	if s.kafka != nil {
		if shared, known := s.kafka.Secret("ids of requests"); shared != nil || !known {
			return shared
		}
	}
	return s.secret
}

// topics gives the server what it works on messages with.
func (s *storage) topics() server.Topics {
	if s == nil {
		return server.Topics{}
	}
	return server.Topics{Broker: s.broker, Dead: s.desk, Inbox: inbox{s.state.Inbox()}, Operations: s.state.Operations(), Idempotency: s.state.Idempotency(), Schedules: s.state.Schedules(), Collections: s.state.Collections(), Intents: s.intents, Unhandled: s.unhandled, Alone: s.kafka == nil, Secret: s.ids, Restored: s.restored.now}
}

// share takes the intents that hold for all who may do the work. Those of work in doubt since a restore are among them.
func (s *storage) share(i store.Intents) {
	s.intents = store.Doubting(i, func() bool { return s.restored.now().Doubtful })
	s.desk.Share(s.intents)
}

// answered has what waits for a system that answers again come soon.
func (s *storage) answered(on string) {
	if s == nil {
		return
	}
	if p, ok := s.broker.(messaging.Parker); ok {
		p.Answers(on)
	}
}

// parts gives what health tells of. Nothing can be kept while the state or embedded topics are unwell, and requests are better
// sent elsewhere; a cluster of Kafka is the same for all processes.
func (s *storage) parts() []server.Part {
	if s == nil {
		return nil
	}
	parts := []server.Part{{Name: "state", Health: s.state.Health}, {Name: "topics", Health: s.broker.Health, Hint: s.kafka != nil}, {Name: "stranded", Health: s.stranded.health, Hint: true}, {Name: "restore", Health: s.restored.health, Hint: true}}
	if s.fit != nil {
		parts = append(parts, server.Part{Name: "fit", Health: s.fit.health, Hint: true})
	}
	return parts
}

// deps gives a program where it publishes and keeps the states of operations.
func (s *storage) deps(d routes.Deps) routes.Deps {
	if s != nil {
		d.Topics, d.Operations, d.Collections = routes.TopicsOf(s.broker), s.state.Operations(), s.state.Collections()
		d.Sequences, d.Turns = s.state.Sequences(), &s.turns
		d.Replays, d.Intents = s.state.Replays(), s.intents
	}
	return d
}

// sweep lets go of what is kept no longer, until ctx ends.
func (s *storage) sweep(ctx context.Context) {
	tick := time.NewTicker(5 * time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			s.sweepAt(ctx, now)
		}
	}
}

// sweepAt lets go of what is kept no longer at a time, as the program in service says.
func (s *storage) sweepAt(ctx context.Context, now time.Time) {
	swept, err := s.state.Sweep(ctx, now, s.retention()...)
	if err != nil && ctx.Err() == nil {
		s.log.Error("sweeping the state", "error", err)
	}
	if swept.Letters > 0 {
		s.log.Warn("dead letters were deleted: too old, or over the size limit", "letters", swept.Letters)
	}
}

// retention returns how long the program in service keeps things.
func (s *storage) retention() []store.Retention {
	if list := s.retentions.Load(); list != nil {
		return *list
	}
	return nil
}

// retain learns how long the program in service keeps things.
func (s *storage) retain(t *routes.Typed) {
	list := t.Retentions()
	s.retentions.Store(&list)
}

// close ends the topics first, so that what they finish can still be kept.
func (s *storage) close() error {
	if s == nil {
		return nil
	}
	return errors.Join(s.broker.Close(), s.state.Close())
}

// inbox is the store's, as consumers ask it.
type inbox struct{ store.Inbox }

// Done stores an id now.
func (i inbox) Done(ctx context.Context, topic, group string, ids ...string) error {
	return i.Inbox.Done(ctx, topic, group, time.Now(), ids...)
}

// unhandled counts a message that is finished and was not handled.
func (s *storage) unhandled(ctx context.Context, topic, group, id string, end store.End) error {
	return s.state.Inbox().Unhandled(ctx, topic, group, time.Now(), id, end)
}
