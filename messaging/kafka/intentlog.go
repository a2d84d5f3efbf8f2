package kafka

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"fondaco/messaging"
	"github.com/IBM/sarama"
)

// intentsTopic holds the calls that the project's processes have begun and may not make a second time. No route has a name
// with a dot, so that it is nobody's.
const intentsTopic = messaging.EnginePrefix + "once.intents"

const (
	intentKept  = 97 * 24 * time.Hour // as long as a state keeps one: a letter's time, and an id's
	intentEnded = time.Hour           // how long the work may come again elsewhere once it has ended here
	intentSweep = time.Minute         // how often it is looked for what is kept no longer
)

// words of a record's value.
const (
	begun = "begun"
	ended = "ended"
	freed = "freed" // of an exchange: what any process has noted of its calls before counts no more
)

// record is a note of one call. Its key in the topic is call and nonce, so that of each note the latest record stays.
type record struct {
	call      callKey
	nonce     nonce
	word      string // "" for a note that is taken back
	at        time.Time
	operation string
}

// note is a call that was begun, as the topic says.
type note struct {
	record
	over time.Time // when it is known no longer; zero while its work goes on
	here bool      // its work ended here: the record is removed then
}

// intentLog is what was read of the topic of intents. Nothing is made and read before start. Safe for concurrent use.
type intentLog struct {
	b     *Broker
	topic string
	once  sync.Once
	made  chan struct{} // closed: the topic is there

	mu    sync.Mutex
	notes map[exchangeKey][]note    // of one exchange in the order of the topic
	freed map[exchangeKey]time.Time // when it was said that calls of an exchange had no effect
	seen  map[nonce]chan struct{}
	next  int64 // of the records that were read
}

func newIntentLog(b *Broker) *intentLog {
	return &intentLog{
		b: b, topic: b.names().Topic(intentsTopic), notes: map[exchangeKey][]note{}, freed: map[exchangeKey]time.Time{},
		seen: map[nonce]chan struct{}{}, made: make(chan struct{}),
	}
}

func newNonce() (n nonce) {
	_, _ = rand.Read(n[:]) // never fails
	return n
}

// start makes the topic, if it is not there, and reads it for as long as the broker lives.
func (l *intentLog) start() {
	l.once.Do(func() {
		l.b.mu.Lock()
		defer l.b.mu.Unlock()
		if !l.b.closed {
			l.b.keepers.Go(l.run)
		}
	})
}

func (l *intentLog) run() {
	ctx := l.b.ctx
	select {
	case <-l.b.ready:
	case <-ctx.Done():
		return
	}
	for told := false; ctx.Err() == nil; rest(ctx, 500*time.Millisecond) {
		err := l.b.makeOwnTopic(ctx, l.topic, map[string]string{
			"cleanup.policy": "compact,delete", "retention.ms": strconv.FormatInt(intentKept.Milliseconds(), 10), "retention.bytes": "-1",
			"segment.ms": strconv.FormatInt((24 * time.Hour).Milliseconds(), 10),
		})
		if err == nil {
			open(l.made)
			err = l.read(ctx)
		}
		if err != nil && ctx.Err() == nil && !told && l.b.o.Warn != nil {
			told = true
			l.b.o.Warn(intentsTopic, fmt.Sprintf("calls whose effect is once wait, as the topic of intents cannot be read: %v", err))
		}
	}
}

// read reads the topic until ctx ends or something is wrong.
func (l *intentLog) read(ctx context.Context) error {
	c, err := sarama.NewConsumer(l.b.o.Brokers, l.b.o.consuming("")) // with connections of its own: a fetch waits
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	from := l.next
	if from == 0 {
		from = sarama.OffsetOldest
	}
	in, err := c.ConsumePartition(l.topic, 0, from)
	if errors.Is(err, sarama.ErrOffsetOutOfRange) { // it was made anew, or what we know was removed: what is there counts beside
		in, err = c.ConsumePartition(l.topic, 0, sarama.OffsetOldest)
	}
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	sweep := time.NewTicker(intentSweep)
	defer sweep.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-sweep.C:
			if gone := l.sweep(now); len(gone) > 0 {
				_ = l.send(ctx, gone...)
			}
		case err, open := <-in.Errors():
			if !open || err != nil {
				return errors.Join(errors.New("the topic of intents is no longer read"), err)
			}
		case m, open := <-in.Messages():
			if !open {
				return errors.New("the topic of intents is no longer read")
			}
			l.take(m, time.Now())
		}
	}
}

// take takes up a record. What is none of ours is passed over.
func (l *intentLog) take(m *sarama.ConsumerMessage, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = m.Offset + 1
	r, ok := decodeRecord(m.Key, m.Value)
	if !ok {
		return
	}
	if waits := l.seen[r.nonce]; waits != nil {
		delete(l.seen, r.nonce)
		defer close(waits)
	}
	if r.call == (callKey{}) { // of catchUp
		return
	}
	e := r.call.exchange()
	if r.word == freed {
		l.freed[e] = r.at
		return
	}
	list := l.notes[e]
	i := slices.IndexFunc(list, func(n note) bool { return n.nonce == r.nonce && n.call == r.call })
	switch {
	case r.word == "" && i >= 0:
		if list = slices.Delete(list, i, i+1); len(list) == 0 {
			delete(l.notes, e)
			return
		}
	case r.word == "":
		return
	default:
		if i < 0 {
			i, list = len(list), append(list, note{record: r})
		}
		if list[i].word = r.word; r.word == ended && list[i].over.IsZero() {
			list[i].over = now.Add(intentEnded)
		}
	}
	l.notes[e] = list
}

// sweep lets go of notes whose work ended long ago, and returns those that are to be removed from the topic.
func (l *intentLog) sweep(now time.Time) (gone []record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for e, list := range l.notes {
		list = slices.DeleteFunc(list, func(n note) bool {
			over := !n.over.IsZero() && now.After(n.over)
			if over && n.here {
				gone = append(gone, record{call: n.call, nonce: n.nonce})
			}
			return over
		})
		if l.notes[e] = list; len(list) == 0 {
			delete(l.notes, e)
		}
	}
	for e, at := range l.freed {
		if now.Sub(at) > intentKept { // nobody has notes of before any more
			delete(l.freed, e)
		}
	}
	return gone
}

// isFreed reports whether an operator has said that the calls of an exchange had no effect: of those that were begun before,
// none is noted in the topic.
func (l *intentLog) isFreed(e exchangeKey) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, is := l.freed[e]
	return is
}

// first returns the first note of a call that stands: the one that counts.
func (l *intentLog) first(k callKey) (r record, found bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.notes[k.exchange()] {
		if n.call == k {
			return n.record, true
		}
	}
	return record{}, false
}

// of returns the notes of an exchange.
func (l *intentLog) of(e exchangeKey) (all []record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, n := range l.notes[e] {
		all = append(all, n.record)
	}
	return all
}

// end notes that the work of an exchange has ended here, and returns the records that say so.
func (l *intentLog) end(e exchangeKey) (all []record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.notes[e] {
		n := &l.notes[e][i]
		n.here, n.word = true, ended
		all = append(all, n.record)
	}
	return all
}

// expect returns what is closed when a record of that nonce was read.
func (l *intentLog) expect(n nonce) <-chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := make(chan struct{})
	l.seen[n] = c
	return c
}

func (l *intentLog) forgo(n nonce) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.seen, n)
}

// catchUp waits until all was read that was in the topic when it was called.
func (l *intentLog) catchUp(ctx context.Context) error {
	mark := newNonce()
	seen := l.expect(mark)
	defer l.forgo(mark)
	if err := l.write(ctx, record{nonce: mark, word: begun}); err != nil {
		return err
	}
	select {
	case <-seen:
		return nil
	case <-ctx.Done():
		return errUnread
	}
}

// write puts records in the topic, and returns nil once all in-sync copies have them.
func (l *intentLog) write(ctx context.Context, records ...record) error {
	ctx, cancel := context.WithTimeout(ctx, l.b.o.Timeout)
	defer cancel()
	select {
	case <-l.made:
	case <-ctx.Done():
		return fmt.Errorf("the topic %s is not there yet: %w", l.topic, ctx.Err())
	}
	call := newCall(ctx)
	if err := l.b.send(call, l.messages(records)); err != nil {
		return err
	}
	return l.b.await(call, l.topic, len(records))
}

// send puts records on their way to the topic.
func (l *intentLog) send(ctx context.Context, records ...record) error {
	return l.b.send(newCall(ctx), l.messages(records))
}

func (l *intentLog) messages(records []record) []*sarama.ProducerMessage {
	all := make([]*sarama.ProducerMessage, len(records))
	for i, r := range records {
		all[i] = r.message(l.topic)
	}
	return all
}

// message is the record as it is written. Marks of catchUp have one key, so that only the latest stays.
func (r record) message(topic string) *sarama.ProducerMessage {
	m := &sarama.ProducerMessage{Topic: topic}
	key := append(r.call[:], r.nonce[:]...)
	if r.call == (callKey{}) {
		key = key[:len(r.call)]
	}
	m.Key = sarama.ByteEncoder(key)
	if r.word != "" {
		value := binary.BigEndian.AppendUint64(nil, binary.BigEndian.Uint64(r.nonce[:]))
		value = fmt.Appendf(value, "%s %d %s", r.word, r.at.UnixMicro(), r.operation)
		m.Value = sarama.ByteEncoder(value)
	}
	return m
}

// decodeRecord reads what message wrote; false for anything else.
func decodeRecord(key, value []byte) (r record, ok bool) {
	if len(key) < len(r.call) || len(key) > len(r.call)+len(r.nonce) {
		return r, false
	}
	copy(r.call[:], key)
	copy(r.nonce[:], key[len(r.call):])
	if len(value) == 0 {
		return r, len(key) == len(r.call)+len(r.nonce)
	}
	if len(value) < len(r.nonce) {
		return r, false
	}
	copy(r.nonce[:], value)
	word, rest, _ := strings.Cut(string(value[len(r.nonce):]), " ")
	at, operation, _ := strings.Cut(rest, " ")
	us, err := strconv.ParseInt(at, 10, 64)
	if err != nil || word != begun && word != ended && word != freed {
		return r, false
	}
	r.word, r.at, r.operation = word, time.UnixMicro(us).UTC(), operation
	return r, true
}
