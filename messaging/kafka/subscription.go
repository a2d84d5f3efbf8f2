package kafka

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/messaging"

	"github.com/IBM/sarama"
)

// subscription is one membership of a group on one topic. It has connections of its own: a fetch that waits would hold
// up what shares its connection.
type subscription struct {
	b            *Broker
	o            *Options
	reads        string // the topic, and
	reader       string // the group, as the project names them
	groupName    string
	topic        string
	placed       []*keeping // to be waited for before the group is joined
	instance     string     // "" for none
	instanceFree func()

	ctx     context.Context // its life
	cancel  context.CancelFunc
	out     chan *messaging.Envelope
	slots   chan struct{} // of what is given out
	undated bool          // messages are given out before they are due
	direct  bool          // whoever receives a message decides what becomes of it

	rereaders sync.WaitGroup // what reads again what was put aside

	client sarama.Client
	group  sarama.ConsumerGroup
	bare   atomic.Bool // the cluster takes no metadata of ours

	mu      sync.Mutex
	id      sarama.Uuid         // the topic's; zero until it is known
	memory  map[int32]*progress // of partitions that were ours
	working map[int32]*standing // of partitions that are
	member  string              // how the group knows us; "" before it has let us in
	trouble error               // what hindered it last
	since   time.Time           // when that began
	latest  time.Time           // when it was noticed last
	stopped error               // why it ended by itself
}

// run consumes until the subscription's life ends, through all that happens to the cluster.
func (s *subscription) run() {
	defer func() {
		s.cancel()
		s.rereaders.Wait()
		s.b.leave(s.groupName, s.instance)
		s.instanceFree()
		close(s.out)
	}()
	for _, k := range s.placed {
		select {
		case <-k.placed:
			if err := k.gone(s.reader); err != nil {
				s.stop(err)
			}
		case <-s.ctx.Done():
		}
	}
	for try := 0; s.ctx.Err() == nil; try++ {
		began := time.Now()
		err := s.connected()
		if err != nil {
			s.hindered(err)
		}
		if time.Since(began) > 10*time.Second {
			try = 0
		}
		s.wait(time.Duration(min(try, 20)) * 100 * time.Millisecond)
	}
}

// connected consumes while the connections hold.
func (s *subscription) connected() error {
	client, err := connect(s.o.Brokers, s.o.consuming(s.instance))
	if err != nil {
		return fmt.Errorf("no Kafka broker of %v answers: %w", s.o.Brokers, err)
	}
	defer func() { _ = client.Close() }()
	group, err := sarama.NewConsumerGroupFromClient(s.groupName, client)
	if err != nil {
		return err
	}
	s.client, s.group = client, group
	var helpers sync.WaitGroup
	defer helpers.Wait()
	helpers.Go(func() {
		for err := range group.Errors() {
			s.judge(err)
		}
	})
	over := make(chan struct{})
	defer close(over)
	helpers.Go(func() { s.watch(client, over) })
	defer func() { _ = group.Close() }()
	for s.ctx.Err() == nil {
		if err := s.identify(client); err != nil {
			return err
		}
		began := time.Now()
		if err := group.Consume(s.ctx, []string{s.topic}, s); err != nil && s.ctx.Err() == nil {
			s.judge(err)
			return err
		}
		if time.Since(began) < time.Second {
			s.wait(100 * time.Millisecond)
		}
	}
	return nil
}

// watch looks now and then whether the topic is still the same, and cuts the connections if the end takes too long.
func (s *subscription) watch(client sarama.Client, over <-chan struct{}) {
	look := time.NewTicker(5 * time.Second)
	defer look.Stop()
	for {
		select {
		case <-over:
			return
		case <-look.C:
			if err := s.identify(client); err != nil {
				s.hindered(err)
			}
		case <-s.ctx.Done():
			select {
			case <-over:
			case <-time.After(3 * time.Second):
				_ = client.Close()
				<-over
			}
			return
		}
	}
}

// identify compares the topic's id with the one known; a topic of another id is another topic.
func (s *subscription) identify(client sarama.Client) error {
	id, err := topicID(client, s.topic)
	if err != nil {
		return err
	}
	s.mu.Lock()
	known := s.id
	s.id = id
	s.mu.Unlock()
	if known != (sarama.Uuid{}) && known != id {
		s.stop(errRecreated)
		return errRecreated
	}
	return nil
}

var errRecreated = errors.New("the topic was deleted and made again: what had not been read of the former one is lost; " +
	"to read the new one, delete the group's offsets or set them (kafka-consumer-groups.sh), then start again")

// judge separates errors that pass from those after which going on would skip messages silently.
func (s *subscription) judge(err error) {
	switch {
	case errors.Is(err, sarama.ErrOffsetOutOfRange):
		s.stop(fmt.Errorf("what should be read next is not there: the log was cut off or lost, or the topic was made again; find out what is "+
			"missing, set the group's offsets where it is to go on (kafka-consumer-groups.sh --reset-offsets), then start again: %w", err))
	case errors.Is(err, sarama.ErrFencedInstancedId):
		s.stop(fmt.Errorf("another process bears the name of this instance, %s: give each its own: %w", s.instance, err))
	case errors.Is(err, sarama.ErrOffsetMetadataTooLarge):
		s.bare.Store(true)
	default:
		s.hindered(err)
	}
}

// stop ends the subscription with an error that Health reports from then on.
func (s *subscription) stop(err error) {
	s.mu.Lock()
	first := s.stopped == nil && s.ctx.Err() == nil
	if first {
		s.stopped = fmt.Errorf("topic %s, group %s: %w", s.topic, s.groupName, err)
	}
	err = s.stopped
	s.mu.Unlock()
	s.cancel()
	if first && s.o.Stopped != nil {
		go s.o.Stopped(s.reads, s.reader, err)
	}
}

func (s *subscription) hindered(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.o.Clock.Now()
	if s.trouble == nil || now.Sub(s.latest) > silence {
		s.since = now
	}
	s.trouble, s.latest = err, now
}

// health returns why it stopped, or what has hindered it for some time. What hinders is noticed again and again; what
// is over is not reported.
func (s *subscription) health() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped != nil {
		return s.stopped
	}
	if now := s.o.Clock.Now(); s.trouble != nil && now.Sub(s.since) > silence && now.Sub(s.latest) < 2*silence {
		return fmt.Errorf("topic %s, group %s: nothing is read since %s: %w", s.topic, s.groupName, s.since.Format(time.TimeOnly), s.trouble)
	}
	return nil
}

func (s *subscription) wait(d time.Duration) {
	timer := time.NewTimer(d + rand.N(50*time.Millisecond))
	defer timer.Stop()
	select {
	case <-s.ctx.Done():
	case <-timer.C:
	}
}

// Setup is told that the group has let us in.
func (s *subscription) Setup(session sarama.ConsumerGroupSession) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.member = session.MemberID()
	return nil
}

// Cleanup is told that a session is over.
func (s *subscription) Cleanup(sarama.ConsumerGroupSession) error { return nil }

// ConsumeClaim works on one partition while it is ours.
func (s *subscription) ConsumeClaim(session sarama.ConsumerGroupSession, claim sarama.ConsumerGroupClaim) error {
	told, began, err := s.committed(claim)
	if err != nil {
		return err
	}
	s.mu.Lock()
	id := s.id
	if told.topic != (sarama.Uuid{}) && told.topic != id {
		s.mu.Unlock()
		s.stop(errRecreated)
		return errRecreated
	}
	p := &partition{
		s: s, session: session, claim: claim, log: id.String(), lanes: lanes{last: map[string]*entry{}, undated: s.undated},
		progress: newProgress(id, began),
		settled:  make(chan outcome, cap(s.slots)), hand: map[*entry]struct{}{}, markedBase: -1,
	}
	p.progress.origin = told.origin
	if mine := s.memory[claim.Partition()]; mine != nil && began >= mine.began && mine.topic == id {
		if recalled, err := decode(mine.base(), mine.encode(1<<20)); err == nil {
			p.known = append(p.known, recalled)
		}
	}
	s.trouble = nil
	if s.working == nil {
		s.working = map[int32]*standing{}
	}
	p.standing.answer.ring = make(chan struct{}, 1)
	s.working[claim.Partition()] = &p.standing
	s.mu.Unlock()
	if told.runs != nil || told.deferred != nil {
		p.known = append(p.known, told)
	}
	p.ctx, p.cancel = context.WithCancel(s.ctx) // outlives the session for the grace
	p.run()
	return nil
}

// committed returns what the group has committed of the partition, and the offset at which to begin.
func (s *subscription) committed(claim sarama.ConsumerGroupClaim) (past, int64, error) {
	began := claim.InitialOffset()
	if began < 0 { // the group begins
		oldest, err := s.client.GetOffset(claim.Topic(), claim.Partition(), sarama.OffsetOldest)
		return past{origin: oldest}, oldest, err
	}
	coordinator, err := s.client.Coordinator(s.groupName)
	if err != nil {
		return past{}, 0, err
	}
	answer, err := coordinator.FetchOffset(sarama.NewOffsetFetchRequest(s.client.Config().Version, s.groupName,
		map[string][]int32{claim.Topic(): {claim.Partition()}}))
	if err != nil {
		return past{}, 0, err
	}
	block := answer.GetBlock(claim.Topic(), claim.Partition())
	if block == nil || block.Err != sarama.ErrNoError {
		return past{}, 0, fmt.Errorf("the group's offset of %s/%d cannot be read", claim.Topic(), claim.Partition())
	}
	if block.Offset != began {
		return past{origin: -1}, began, nil
	}
	told, err := decode(began, block.Metadata)
	if err != nil { // somebody set the offset: it alone counts
		return past{origin: -1}, began, nil //nolint:nilerr // as said
	}
	return told, began, nil
}

// keep remembers what is finished of a partition that is no longer ours: the cluster may not have been told all of it.
func (s *subscription) keep(partition int32, p *progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.memory[partition] = p
	delete(s.working, partition)
}
