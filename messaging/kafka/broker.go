package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/messaging"
	"github.com/IBM/sarama"
)

// Broker keeps topics on a Kafka cluster. It is a messaging.Broker.
type Broker struct {
	o       Options
	faults  faults
	ctx     context.Context // its life
	cancel  context.CancelFunc
	pulse   sync.WaitGroup
	ready   chan struct{} // closed: control and producer are there
	control sarama.Client // for questions; nothing that waits is sent on it
	sender  producer
	agreed  atomic.Bool // secrets are all that are accepted
	secrets atomic.Pointer[signing]
	heard   atomic.Int64                                // when the cluster last answered, in nanoseconds since 1970
	plain   atomic.Pointer[map[string]*messaging.Plain] // topics of plain records, as the project names them; replaced, never changed

	mu          sync.Mutex
	closed      bool
	gone        chan struct{} // closed: Close is over
	last        error         // why the cluster did not answer
	subscribers map[*subscriber]struct{}
	instances   map[string]bool            // names of members in use, after their group
	known       map[string]map[string]bool // topics that were ensured or subscribed to, and their groups
	keeping     map[string][]*keeping      // by topic; what is done stays

	keepers sync.WaitGroup
}

// faults are bugs that tests plant.
type faults struct {
	early  bool // a message counts as accepted when it is sent
	commit bool // a message counts as finished when it is read
	mixed  bool // members are named without the topic, and stay in the group when they end, as those of a killed process
}

// Open prepares the use of a cluster and connects to it in the background: it fails on bad options alone. Until the
// cluster answers Publish waits or fails, and Health reports why. Close it.
func Open(o Options) (*Broker, error) { return openWith(o, faults{}) }

func openWith(o Options, bugs faults) (*Broker, error) {
	o, err := o.filled()
	if err != nil {
		return nil, err
	}
	for _, c := range []*sarama.Config{o.producing(), o.consuming(o.Instance)} {
		if err := c.Validate(); err != nil {
			return nil, fmt.Errorf("options of Kafka: %w", err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	b := &Broker{
		o: o, faults: bugs, ctx: ctx, cancel: cancel, ready: make(chan struct{}), gone: make(chan struct{}),
		subscribers: map[*subscriber]struct{}{}, instances: map[string]bool{}, sender: newProducer(),
	}
	b.hear()
	b.pulse.Go(b.beat)
	return b, nil
}

// Subscriber makes a subscriber of a group. See messaging.Broker.
func (b *Broker) Subscriber(group string, o messaging.Options) (messaging.Subscriber, error) {
	if err := messaging.CheckName(group); err != nil {
		return nil, err
	}
	orElse(&o.InFlight, 64)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, messaging.ErrClosed
	}
	ctx, cancel := context.WithCancel(b.ctx)
	s := &subscriber{
		b: b, group: group, inFlight: o.InFlight, direct: o.Direct, ctx: ctx, cancel: cancel,
		members: map[*subscription]struct{}{},
	}
	b.subscribers[s] = struct{}{}
	return s, nil
}

// Health reports whether the cluster has answered lately and all subscriptions go on. See messaging.Broker.
func (b *Broker) Health() error {
	b.mu.Lock()
	closed := b.closed
	var members []*subscription
	for s := range b.subscribers {
		for m := range s.members {
			members = append(members, m)
		}
	}
	b.mu.Unlock()
	if closed {
		return messaging.ErrClosed
	}
	if err := b.outOfReach(); err != nil {
		return err
	}
	problems := []error{b.sender.failing(), b.notKept()}
	for _, m := range members {
		problems = append(problems, m.health())
	}
	return errors.Join(problems...)
}

// Close ends the subscriptions and waits until what they acked is committed and what is being published has its answer,
// some seconds if the cluster is silent. A second call waits for the first.
func (b *Broker) Close() error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		<-b.gone
		return nil
	}
	b.closed = true
	subscribers := b.subscribers
	b.subscribers = map[*subscriber]struct{}{}
	b.mu.Unlock()
	defer close(b.gone)
	var ending sync.WaitGroup
	for s := range subscribers {
		ending.Go(func() { _ = s.Close() })
	}
	ending.Wait()
	b.cancel()
	b.keepers.Wait()
	b.pulse.Wait()
	b.sender.close()
	if b.control != nil {
		_ = b.control.Close()
	}
	return nil
}

// beat connects, and asks then every second whether somebody answers.
func (b *Broker) beat() {
	rest := time.NewTicker(time.Second)
	defer rest.Stop()
	for {
		err := b.connect()
		if err == nil {
			err = ask(b.control)
		}
		if err == nil {
			b.hear()
		} else {
			b.mu.Lock()
			b.last = err
			b.mu.Unlock()
		}
		select {
		case <-b.ctx.Done():
			return
		case <-rest.C:
		}
	}
}

func (b *Broker) connect() error {
	if b.sender.sarama != nil {
		return nil
	}
	if b.control == nil {
		control, err := sarama.NewClient(b.o.Brokers, b.o.asking())
		if err != nil {
			return err
		}
		b.control = control
	}
	p, err := sarama.NewAsyncProducer(b.o.Brokers, b.o.producing())
	if err != nil {
		return err
	}
	b.sender.begin(p, b.hear)
	close(b.ready)
	return nil
}

// ask returns nil if any broker answers.
func ask(client sarama.Client) error {
	err := errors.New("no broker is known")
	for _, broker := range client.Brokers() {
		_ = broker.Open(client.Config())
		if _, err = broker.ApiVersions(&sarama.ApiVersionsRequest{}); err == nil {
			return nil
		}
		_ = broker.Close()
	}
	return errors.Join(err, client.RefreshMetadata()) // the brokers may have moved
}

// names maps the project's names to the cluster's.
func (b *Broker) names() messaging.Names { return messaging.Names{Project: b.o.Project} }

// hear notes that the cluster answered.
func (b *Broker) hear() { b.heard.Store(time.Now().UnixNano()) }

func (b *Broker) outOfReach() error {
	silent := time.Since(time.Unix(0, b.heard.Load()))
	if silent < silence {
		return nil
	}
	b.mu.Lock()
	last := b.last
	b.mu.Unlock()
	return fmt.Errorf("no Kafka broker of %v has answered for %v (%w); it is tried again every second", b.o.Brokers, silent.Round(time.Second),
		last)
}

// leave takes a member out of its group, so that others have its partitions at once; the cluster keeps the place of a
// member with a name otherwise. If it fails the place is free after Options.Session.
func (b *Broker) leave(group, instance string) {
	if instance == "" || b.faults.mixed && b.closing() || b.outOfReach() != nil {
		return
	}
	select {
	case <-b.ready:
	default:
		return
	}
	if admin, err := sarama.NewClusterAdminFromClient(b.control); err == nil { // its Close would close the client
		_, _ = admin.RemoveMemberFromConsumerGroup(group, []string{instance})
	}
}

func (b *Broker) closing() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}
