package storage

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/embedded"
	"fondaco/routes"
)

// lookForStranded is how often it is looked for what nobody reads.
const lookForStranded = time.Minute

// stranded knows what waits on topics for groups that no route of the project is, as after a route got another name.
// Safe for concurrent use.
type stranded struct {
	count func(ctx context.Context, readers []messaging.Kept) ([]messaging.Count, error)
	log   *slog.Logger

	mu      sync.Mutex
	readers []messaging.Kept // of the program in service
	found   []messaging.Count
	told    string
	kick    chan struct{}
}

// strandedOf returns the counts of messages that wait for groups which do not read their topic, or on topics that the
// project does not have.
func strandedOf(counts []messaging.Count, readers []messaging.Kept) []messaging.Count {
	reads := map[string]map[string]bool{}
	for _, k := range readers {
		reads[k.Topic] = map[string]bool{"": true} // what a topic keeps for readers to come is not stranded
		for _, r := range k.Readers {
			reads[k.Topic][r.Group] = true
			for _, other := range r.Also { // they are being joined
				reads[k.Topic][other] = true
			}
		}
	}
	var found []messaging.Count
	for _, c := range counts {
		if c.Waiting > 0 && !reads[c.Topic][c.Group] {
			found = append(found, c)
		}
	}
	return found
}

// strandedText says what waits for nobody, and what to do.
func strandedText(c messaging.Count) string {
	old, engine := strings.CutPrefix(c.Topic, messaging.EnginePrefix)
	who := "for no reader"
	switch {
	case engine:
		who = "for the route " + old + ", which the project does not have"
	case c.Group != "":
		old, who = c.Group, "for the group "+c.Group+", which no route that reads it is"
	}
	if c.Group == "" && !engine {
		return fmt.Sprintf("%d messages wait on the topic %s, which the project does not have: say renamed_from: [%s] at the topic that has "+
			"its place, or let go of them by fondaco topics forget %s --yes", c.Waiting, c.Topic, c.Topic, c.Topic)
	}
	if !engine {
		return fmt.Sprintf("%d messages wait on the topic %s %s: say renamed_from: [%s] at the topic, or renamed_from: [%s] at the route, "+
			"that has its place, or let go of them by fondaco topics forget %s --yes", c.Waiting, c.Topic, who, c.Topic, old, old)
	}
	return fmt.Sprintf("%d messages wait on the topic %s %s: say renamed_from: [%s] at the route that has its place, or let go of them by "+
		"fondaco topics forget %s --yes", c.Waiting, c.Topic, who, old, old)
}

// take learns who reads what of a program that is taken into service, and has it looked at.
func (s *stranded) take(readers []messaging.Kept) {
	s.mu.Lock()
	s.readers = readers
	s.mu.Unlock()
	select {
	case s.kick <- struct{}{}:
	default:
	}
}

// look counts once, and logs what is found when that has changed.
func (s *stranded) look(ctx context.Context) ([]messaging.Count, error) {
	s.mu.Lock()
	readers := s.readers
	s.mu.Unlock()
	counts, err := s.count(ctx, readers)
	if err != nil {
		return nil, err
	}
	found := strandedOf(counts, readers)
	told := ""
	for _, c := range found {
		told += c.Topic + " " + c.Group + "\n"
	}
	s.mu.Lock()
	news := told != s.told
	s.found, s.told = found, told
	s.mu.Unlock()
	for _, c := range found {
		if news {
			s.log.Warn("messages wait for nobody", "topic", c.Topic, "group", c.Group, "messages", c.Waiting, "what", strandedText(c))
		}
	}
	return found, nil
}

// run looks every minute, and when a program is taken into service, until ctx ends.
func (s *stranded) run(ctx context.Context) {
	tick := time.NewTicker(lookForStranded)
	defer tick.Stop()
	for {
		short, cancel := context.WithTimeout(ctx, lookForStranded/2)
		if _, err := s.look(short); err != nil && ctx.Err() == nil {
			s.log.Warn("it is not known whether messages wait that no route reads", "error", err)
		}
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-s.kick:
		case <-tick.C:
		}
	}
}

// health reports what waits for nobody, as it was found last.
func (s *stranded) health() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []error
	for _, c := range s.found {
		all = append(all, errors.New(strandedText(c)))
	}
	return errors.Join(all...)
}

// countAll counts the messages on all topics that the broker holds, also those that no route reads: on Kafka those that
// this process's state says the project has read.
func (s *Storage) countAll(ctx context.Context, readers []messaging.Kept) ([]messaging.Count, error) {
	if s.kafka == nil {
		return s.broker.(messaging.Counter).Counts(ctx)
	}
	reads := map[string]map[string]bool{}
	for _, k := range readers {
		reads[k.Topic] = map[string]bool{}
		for _, r := range k.Readers {
			reads[k.Topic][r.Group] = true
		}
	}
	var counts []messaging.Count
	seen, err := s.seen.list(ctx)
	if err != nil {
		return nil, err
	}
	for topic, groups := range seen {
		for _, group := range groups {
			if reads[topic][group] {
				continue
			}
			c, err := s.kafka.Count(ctx, topic, group)
			if err != nil {
				return nil, err
			}
			counts = append(counts, c)
		}
	}
	return counts, nil
}

// forgetter is a broker that can let go of what nobody reads.
type forgetter interface {
	// Forget removes the place of a group on a topic.
	Forget(ctx context.Context, topic, group string) error
	// Clear removes the messages of a topic that no group reads.
	Clear(ctx context.Context, topic string) error
}

// letGo removes a group that nobody is, and the messages that only it lacked.
func (s *Storage) letGo(ctx context.Context, c messaging.Count) error {
	if s.kafka != nil {
		if err := s.kafka.Forget(ctx, c.Topic, c.Group); err != nil {
			return err
		}
		return s.seen.Forget(c.Topic, c.Group)
	}
	b := s.broker.(forgetter)
	if c.Group != "" {
		if err := b.Forget(ctx, c.Topic, c.Group); err != nil {
			return err
		}
	}
	if c.Group != "" && !strings.HasPrefix(c.Topic, messaging.EnginePrefix) {
		return nil // a declared topic keeps its messages for readers to come
	}
	return b.Clear(ctx, c.Topic)
}

// StrandedAt says what waits for nobody on embedded topics, as their file beside a state is now. A file that cannot be opened is
// reported by whoever opens it.
func StrandedAt(ctx context.Context, t *routes.Typed, state string) (texts []string) {
	if _, err := os.Stat(TopicsFile(state)); err != nil {
		return nil // nothing was kept yet
	}
	counts, err := embedded.CountsAt(ctx, TopicsFile(state))
	if err != nil {
		return nil
	}
	for _, c := range strandedOf(counts, KeptBy(t, routes.Compile(t).Consumers)) {
		texts = append(texts, strandedText(c))
	}
	return texts
}
