package embedded

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"fondaco/messaging"
)

// Erase removes messages that wait, or puts others in their place, in one transaction, and returns those of which it did so: one
// that is in the hands of somebody who works on it stays as it is, as does one that is damaged; one that is finished is passed
// over. A message that went counts as finished by the groups that lacked it, and the later ones of its key follow. With encryption
// the data keys of mark go that encrypt nothing any more. While it is written nothing of these topics is given out.
func (b *Broker) Erase(ctx context.Context, mark string, list []messaging.Erasure) ([]messaging.Erased, error) {
	fed := b.fed()
	for q := range fed {
		q.hold()
		defer q.free()
	}
	for end := time.Now().Add(recalling); time.Now().Before(end) && offered(fed); {
		wait(ctx, time.Millisecond)
	}
	o := &erase{mark: mark, list: list, gone: map[int64]messaging.Erased{}, keys: map[int64]string{}, held: map[*queue]bool{}}
	o.done = make(chan error, 1)
	if err := b.perform(ctx, o, o.done, new(error)); err != nil {
		return nil, err
	}
	var done []messaging.Erased
	for _, e := range list {
		if x, erased := o.gone[e.Seq]; erased {
			done = append(done, x)
		}
	}
	return done, nil
}

// recalling is how long it may take until feeders have taken back what nobody has taken from them.
const recalling = time.Second

func offered(fed map[*queue]bool) bool {
	for q := range fed {
		if q.offered.Load() > 0 {
			return true
		}
	}
	return false
}

// erase is the transaction of Erase. Its maps are the writer's until done has been told.
type erase struct {
	mark string
	list []messaging.Erasure
	gone map[int64]messaging.Erased // by number
	keys map[int64]string           // of the messages that are gone
	held map[*queue]bool
	done chan error
}

func (o *erase) weight() int {
	n := 50 * len(o.list)
	for _, e := range o.list {
		if e.Instead != nil {
			n += len(e.Instead.Body)
		}
	}
	return n
}

func (o *erase) apply(x *transaction) error {
	topics := map[int64]*topic{}
	for _, t := range x.b.topics {
		topics[t.id] = t
	}
	for _, one := range o.list {
		e, err := row(x.f.conn.QueryRowContext(x.ctx, fetchText, 0, one.Seq).Scan)
		if errors.Is(err, sql.ErrNoRows) { // finished; or gone, by a commit whose end was not heard
			continue
		}
		delete(o.gone, one.Seq)
		t := topics[one.Seq>>idBits]
		if err == nil {
			err = x.b.open(x.ctx, x.f, e)
		}
		if err != nil {
			return err
		}
		if e.corrupt || t == nil {
			continue
		}
		lacking, free, err := o.lacking(x, t, e)
		if err != nil {
			return err
		}
		if !free {
			continue
		}
		if one.Instead != nil {
			err = x.replace(e, *one.Instead)
		} else {
			err = x.drop(t, e, lacking)
		}
		if err != nil {
			return err
		}
		gone := messaging.Erased{Seq: e.seq}
		for _, q := range lacking {
			gone.Groups = append(gone.Groups, q.group)
		}
		o.gone[e.seq], o.keys[e.seq] = gone, e.key
	}
	if !x.b.vault.On() {
		return nil
	}
	_, err := x.b.vault.Shred(x.ctx, x.f.conn, o.mark)
	return err
}

// lacking returns the groups that have not finished a message. free reports whether none of them has it in hand; none takes
// it from here on until the end is known.
func (o *erase) lacking(x *transaction, t *topic, e *entry) (list []*queue, free bool, err error) {
	all := t.queues
	if c := x.topics[t.name]; c != nil {
		all = append(slices.Clip(all), c.joined...)
	}
	for _, q := range all {
		if x.gone[q] {
			continue
		}
		var finished bool
		const text = "select exists (select 1 from finished where seq = ? and consumer = ?)"
		if err := x.f.conn.QueryRowContext(x.ctx, text, e.seq, q.id).Scan(&finished); err != nil {
			return nil, false, err
		}
		if finished {
			continue
		}
		if !o.held[q] {
			o.held[q] = true
			q.hold()
		}
		if q.inHand(e) {
			return nil, false, nil
		}
		list = append(list, q)
	}
	return list, true, nil
}

// drop removes a message from the file.
func (x *transaction) drop(t *topic, e *entry, lacking []*queue) error {
	for _, text := range []string{
		"delete from message where seq = ?", "delete from finished where seq = ?", "delete from again where seq = ?",
	} {
		if _, err := x.f.conn.ExecContext(x.ctx, text, e.seq); err != nil {
			return err
		}
	}
	for _, q := range lacking {
		x.counts[q]++
	}
	if x.groups(t) > 0 {
		return nil
	}
	c, err := x.topic(t.name)
	if err != nil {
		return err
	}
	c.accepted--
	_, err = x.f.topic.ExecContext(x.ctx, c.last, c.accepted, c.id)
	return err
}

// replace puts another message in the place of one in the file.
func (x *transaction) replace(e *entry, m messaging.Message) error {
	r := newRecord(m, time.Unix(0, e.at))
	r.seq, r.key = e.seq, e.key
	if err := x.f.conn.QueryRowContext(x.ctx, "select due from message where seq = ?", e.seq).Scan(&r.due); err != nil {
		return err
	}
	r.sum = r.summed()
	stored, err := x.sealed(&r)
	if err != nil {
		return err
	}
	_, err = x.f.conn.ExecContext(x.ctx, "update message set key = ?, headers = ?, body = ?, sum = ?, dk = ? where seq = ?",
		stored.key, stored.headers, stored.body, int64(stored.seal(stored.sum)), stored.dk, stored.seq)
	return err
}

func (o *erase) settled(err error) bool {
	if errors.Is(err, messaging.ErrUnknown) { // they may be gone, and are not given out before it is known
		return true
	}
	for q := range o.held {
		if err == nil {
			q.erased(o.list, o.keys)
		}
		q.free()
	}
	o.done <- err
	return false
}

// hold keeps the queue from giving out and reading messages until free is called, and has what feeders hold out taken back.
func (q *queue) hold() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.holds++
	close(q.recall)
	q.recall = make(chan struct{})
}

func (q *queue) free() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.holds--; q.holds > 0 {
		return
	}
	q.release()
	q.arm()
	q.load()
	q.wakeUp()
}

// inHand reports whether a message that is not finished was given out.
func (q *queue) inHand(e *entry) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	is := func(other *entry) bool { return other.seq == e.seq }
	l := q.lane(e)
	return e.seq <= q.cursor && !slices.Contains(q.wanting, e.seq) && !slices.ContainsFunc(q.ready.entries[q.ready.head:], is) &&
		!slices.ContainsFunc(q.later.entries, is) && !q.lot.Waits(e.seq) && (l == nil || !slices.Contains(l.rest, e.seq))
}

// erased takes up that messages, whose keys are given, are gone, or that others stand in their places.
func (q *queue) erased(list []messaging.Erasure, keys map[int64]string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.erasing++
	gone := map[int64]bool{}
	for _, one := range list {
		key, done := keys[one.Seq]
		switch {
		case !done:
		case one.Instead != nil:
			q.reread(one.Seq)
		default:
			gone[one.Seq] = true
			if l := q.lane(&entry{key: key}); l != nil {
				l.rest = slices.DeleteFunc(l.rest, func(seq int64) bool { return seq == one.Seq })
			}
			q.uncache(one.Seq)
		}
	}
	var heads []int64
	head := func(seq int64) bool {
		if gone[seq] {
			heads = append(heads, seq)
		}
		return gone[seq]
	}
	inMemory := func(e *entry) bool {
		if head(e.seq) && e.loaded {
			q.held -= e.size
		}
		return gone[e.seq]
	}
	q.ready.without(inMemory)
	q.later.without(inMemory)
	q.lot.Remove(head)
	q.wanting = slices.DeleteFunc(slices.Clone(q.wanting), head) // a reader may still look at what it was
	for _, seq := range heads {
		q.lot.End(seq, false)
		q.pauses.End(seq)
		q.follow(&entry{key: keys[seq]})
	}
}

// reread lets the content of a message go, which is no longer what the file has. The lock is held.
func (q *queue) reread(seq int64) {
	is := func(e *entry) bool {
		if e.seq == seq && e.loaded {
			q.held -= e.size
		}
		return e.seq == seq
	}
	before := q.ready.len()
	q.ready.without(is)
	if q.ready.len() < before {
		q.wanting = append(q.wanting, seq)
	}
	for _, e := range q.later.entries {
		if is(e) {
			e.drop()
		}
	}
	q.uncache(seq)
}
