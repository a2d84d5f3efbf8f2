package kafka

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/IBM/sarama"
)

// rereader reads messages of a partition again that were put aside, with connections of its own. All but run belongs to
// the goroutine of the partition.
type rereader struct {
	asked  map[int64]*entry // and not yet found
	wanted chan []int64
	found  chan rereading
	cancel context.CancelFunc
}

// rereading is what was found at an offset: nil if nothing is there. An error says that it is tried again.
type rereading struct {
	offset int64
	record *sarama.ConsumerMessage
	err    error
}

const (
	nearby      = 2000             // offsets that are read and passed over rather than looked for anew
	unheard     = 10 * time.Second // after which a message that should come is looked for anew
	rereadPause = 500 * time.Millisecond
	idleReader  = 5 * time.Second // after which the connections are given back
)

// ask begins to read the contents of entries; none is being read.
func (r *rereader) ask(p *partition, entries []*entry) {
	if r.cancel == nil {
		var ctx context.Context
		ctx, r.cancel = context.WithCancel(p.s.ctx)
		r.wanted, r.found = make(chan []int64, 1), make(chan rereading)
		topic, partition := p.claim.Topic(), p.claim.Partition()
		p.s.rereaders.Go(func() { r.run(ctx, p.s.o, topic, partition) })
	}
	r.asked = make(map[int64]*entry, len(entries))
	offsets := make([]int64, 0, len(entries))
	for _, e := range entries {
		r.asked[e.offset] = e
		offsets = append(offsets, e.offset)
	}
	slices.Sort(offsets)
	r.wanted <- offsets
}

// stop ends the reading. The subscription waits for it: connections may take a while to be given back.
func (r *rereader) stop() {
	if r.cancel != nil {
		r.cancel()
	}
}

// run reads what is wanted, in the order of the log, until ctx ends.
func (r *rereader) run(ctx context.Context, o *Options, topic string, partition int32) {
	idle := time.NewTimer(idleReader)
	defer idle.Stop()
	var log *rereadLog
	defer func() { log.close() }()
	for {
		var offsets []int64
		select {
		case <-ctx.Done():
			return
		case <-idle.C:
			log.close()
			log = nil
			continue
		case offsets = <-r.wanted:
		}
		for len(offsets) > 0 && ctx.Err() == nil {
			var err error
			if log == nil {
				log, err = openLog(o, topic, partition)
			}
			if err == nil {
				offsets, err = log.read(ctx, offsets, func(f rereading) { r.tell(ctx, f) })
			}
			if err != nil {
				r.tell(ctx, rereading{err: err})
				log.close()
				log = nil
				rest(ctx, rereadPause)
			}
		}
		idle.Reset(idleReader)
	}
}

func (r *rereader) tell(ctx context.Context, f rereading) {
	select {
	case r.found <- f:
	case <-ctx.Done():
	}
}

func rest(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// rereadLog is a partition that is read from where one wants.
type rereadLog struct {
	topic     string
	partition int32
	consumer  sarama.Consumer
	in        sarama.PartitionConsumer // nil: nowhere
	at        int64                    // where the next record is, or after it
}

func openLog(o *Options, topic string, partition int32) (*rereadLog, error) {
	c := o.consuming("")
	c.Consumer.Fetch.Default = 256 << 10
	consumer, err := sarama.NewConsumer(o.Brokers, c)
	if err != nil {
		return nil, err
	}
	return &rereadLog{topic: topic, partition: partition, consumer: consumer}, nil
}

func (l *rereadLog) close() {
	if l != nil {
		l.leave()
		_ = l.consumer.Close()
	}
}

func (l *rereadLog) leave() {
	if l.in != nil {
		_ = l.in.Close()
		l.in = nil
	}
}

var errUnheard = errors.New("a message that was put aside does not come when it is read again")

// read calls tell with what is at the offsets, which are in order, and returns those that it did not reach.
func (l *rereadLog) read(ctx context.Context, offsets []int64, tell func(rereading)) (left []int64, err error) {
	timer := time.NewTimer(unheard)
	defer timer.Stop()
	for len(offsets) > 0 {
		if want := offsets[0]; l.in == nil || want < l.at || want > l.at+nearby {
			l.leave()
			if l.in, err = l.consumer.ConsumePartition(l.topic, l.partition, want); err != nil {
				return offsets, err
			}
			l.at = want
		}
		select {
		case <-ctx.Done():
			return offsets, nil
		case <-timer.C:
			return offsets, errUnheard
		case err := <-l.in.Errors():
			if err == nil {
				return offsets, errUnheard
			}
			return offsets, err
		case m, open := <-l.in.Messages():
			if !open {
				return offsets, errUnheard
			}
			l.at = m.Offset + 1
			for len(offsets) > 0 && offsets[0] < m.Offset {
				tell(rereading{offset: offsets[0]}) // it is gone
				offsets = offsets[1:]
			}
			if len(offsets) > 0 && offsets[0] == m.Offset {
				tell(rereading{offset: m.Offset, record: m})
				offsets = offsets[1:]
				timer.Reset(unheard)
			}
		}
	}
	return nil, nil
}
