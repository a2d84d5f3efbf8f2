package embedded

import (
	"context"
	"fmt"

	"fondaco/messaging"
)

// topic is what the writer knows of a topic. Only the writer's goroutine touches it.
type topic struct {
	id             int64
	name           string
	last, accepted int64 // as committed
	queues         []*queue
}

func (t *topic) from() int64 { return t.id << idBits }

// transaction gathers what one commit changes. What it changes in memory is taken up by commit only.
type transaction struct {
	ctx    context.Context
	f      *file
	b      *Broker
	topics map[string]*change // touched or new
	counts map[*queue]int64   // newly finished

	forgotten map[*topic]int  // how many groups are removed
	gone      map[*queue]bool // these
}

type change struct {
	*topic
	fresh          bool
	last, accepted int64
	joined         []*queue
}

func (x *transaction) topic(name string) (*change, error) {
	if c := x.topics[name]; c != nil {
		return c, nil
	}
	t, fresh := x.b.topics[name], false
	if t == nil {
		id := int64(len(x.b.topics)) + 1
		for _, c := range x.topics {
			if c.fresh {
				id++
			}
		}
		if _, err := x.f.newTopic.ExecContext(x.ctx, id, name); err != nil {
			return nil, err
		}
		t, fresh = &topic{id: id, name: name}, true
	}
	c := &change{topic: t, fresh: fresh, last: t.last, accepted: t.accepted}
	x.topics[name] = c
	return c, nil
}

// insert stores a record at the end of its topic and sets its seq.
func (x *transaction) insert(c *change, r *record) error {
	c.last++
	c.accepted++
	r.seq = c.from() + c.last
	stored, err := x.sealed(r)
	if err != nil {
		return err
	}
	_, err = x.f.insert.ExecContext(x.ctx, stored.seq, stored.key, stored.due, stored.at, stored.headers, stored.body,
		int64(stored.seal(stored.sum)), stored.dk)
	return err
}

// groups counts the groups of a topic as the transaction leaves them.
func (x *transaction) groups(t *topic) int {
	n := len(t.queues) - x.forgotten[t]
	if c := x.topics[t.name]; c != nil {
		n += len(c.joined)
	}
	return n
}

// finish marks a message as finished by q's group, and removes it when no group of its topic lacks it. Doing it twice
// counts once.
func (x *transaction) finish(q *queue, e *entry) error {
	if e.stored {
		if _, err := x.f.forgive.ExecContext(x.ctx, e.seq, q.id); err != nil {
			return err
		}
	}
	groups := x.groups(q.topic)
	if groups == 1 {
		result, err := x.f.remove.ExecContext(x.ctx, e.seq)
		if err != nil {
			return err
		}
		n, err := result.RowsAffected()
		x.counts[q] += n
		return err
	}
	result, err := x.f.finish.ExecContext(x.ctx, e.seq, q.id)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	var finishers int
	if err := x.f.finishers.QueryRowContext(x.ctx, e.seq).Scan(&finishers); err != nil {
		return err
	}
	if finishers >= groups {
		removed, err := x.f.remove.ExecContext(x.ctx, e.seq)
		if err != nil {
			return err
		}
		if gone, err := removed.RowsAffected(); err != nil || gone == 0 { // finished before, in a commit whose end was not heard
			n = 0
		}
		if _, err := x.f.settle.ExecContext(x.ctx, e.seq); err != nil {
			return err
		}
	}
	x.counts[q] += n
	return nil
}

// join creates a group on a topic, from the earliest message kept, unless it is there.
func (x *transaction) join(topic, group string) (*queue, error) {
	c, err := x.topic(topic)
	if err != nil {
		return nil, err
	}
	for _, q := range append(c.queues[:len(c.queues):len(c.queues)], c.joined...) {
		if q.group == group && !x.gone[q] {
			return q, nil
		}
	}
	var kept int64
	if err := x.f.conn.QueryRowContext(x.ctx, "select count(*) from message where seq > ? and seq <= ?", c.from(), c.from()+c.last).
		Scan(&kept); err != nil {
		return nil, err
	}
	var id int64
	if err := x.f.conn.QueryRowContext(x.ctx, "select coalesce(max(id), 0) + 1 from consumer").Scan(&id); err != nil {
		return nil, err
	}
	if _, err := x.f.newConsumer.ExecContext(x.ctx, id, c.id, group, c.accepted-kept); err != nil {
		return nil, err
	}
	q := newQueue(x.b, c.topic, id, group)
	c.joined = append(c.joined, q)
	return q, nil
}

// run applies the tasks in one transaction. An error means that it did not commit, or that this is not known if
// late is true.
func (b *Broker) run(ctx context.Context, f *file, tasks []task) (x *transaction, late bool, err error) {
	x = &transaction{
		ctx: ctx, f: f, b: b, topics: map[string]*change{}, counts: map[*queue]int64{}, forgotten: map[*topic]int{},
		gone: map[*queue]bool{},
	}
	if _, err := f.begin.ExecContext(ctx); err != nil {
		return nil, false, err
	}
	for _, o := range tasks {
		if err == nil {
			err = o.apply(x)
		}
	}
	for _, c := range x.topics {
		if err == nil && (c.last != c.topic.last || c.fresh) {
			_, err = f.topic.ExecContext(ctx, c.last, c.accepted, c.id)
		}
	}
	for q, n := range x.counts {
		if err == nil && n > 0 {
			_, err = f.count.ExecContext(ctx, n, q.id)
		}
	}
	if len(tasks) == 0 && err == nil { // a probe after a failure: does writing work again?
		_, err = f.probe.ExecContext(ctx, fmt.Sprint(b.commits.Load()))
	}
	if err == nil && b.faults.commit != nil {
		err = b.faults.commit()
	}
	if err == nil {
		late = true
		_, err = f.commit.ExecContext(ctx)
	}
	if err != nil {
		_, _ = f.rollback.ExecContext(ctx)
		b.vault.Forget()
		return nil, late, err
	}
	return x, false, nil
}

// take makes what was committed the truth in memory.
func (x *transaction) take() {
	for name, c := range x.topics {
		c.topic.last, c.topic.accepted = c.last, c.accepted
		x.b.topics[name] = c.topic
		c.topic.queues = append(c.topic.queues, c.joined...)
		for _, q := range c.joined {
			q.extend(c.from() + c.last)
		}
	}
	x.b.commits.Add(1)
}

var _ messaging.Broker = (*Broker)(nil)
