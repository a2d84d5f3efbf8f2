package embedded

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"fondaco/messaging"
)

// ErrNoGroup means that the topic has no such group.
var ErrNoGroup = errors.New("the topic has no such group")

// Forget removes a group from a topic, with its deferrals: what it had not finished it will not get, and what only it
// lacked is removed. A topic's last group takes no messages with it. It refuses a group that somebody subscribes to.
// Publishes wait meanwhile, about a second for 500,000 messages.
func (b *Broker) Forget(ctx context.Context, topic, group string) error {
	o := &forget{topic: topic, group: group, done: make(chan error, 1)}
	return b.perform(ctx, o, o.done, &o.refusal)
}

// perform has the writer apply a task, and waits until it says on done what came of it, or ctx ends. refusal is why
// the task did nothing, once it has said so.
func (b *Broker) perform(ctx context.Context, o task, done <-chan error, refusal *error) error {
	if !b.accepts() || !b.enqueue(o) {
		return messaging.ErrClosed
	}
	select {
	case err := <-done:
		return errors.Join(err, *refusal)
	case <-ctx.Done():
		return ctx.Err()
	}
}

type forget struct {
	topic, group string
	refusal      error
	from         *topic
	q            *queue
	done         chan error
}

func (o *forget) weight() int { return 50 }

func (o *forget) apply(x *transaction) error {
	o.refusal, o.q = nil, nil
	t := x.b.topics[o.topic]
	if t == nil || t.queue(o.group) == nil || x.gone[t.queue(o.group)] {
		o.refusal = fmt.Errorf("topic %s, group %s: %w", o.topic, o.group, ErrNoGroup)
		return nil
	}
	q := t.queue(o.group)
	if q.subscribed() {
		o.refusal = fmt.Errorf("topic %s, group %s: somebody is subscribed; end the subscription first", o.topic, o.group)
		return nil
	}
	o.from, o.q = t, q
	return x.remove(t, q)
}

// remove removes a group from a topic, and the messages that only it lacked.
func (x *transaction) remove(t *topic, q *queue) error {
	x.forgotten[t]++
	x.gone[q] = true
	left := x.groups(t)
	for _, s := range []struct {
		text string
		args []any
	}{
		{"delete from consumer where id = ?", []any{q.id}},
		{"delete from again where consumer = ?", []any{q.id}},
		{"delete from finished where consumer = ?", []any{q.id}},
		{
			"delete from message where seq > ?1 and seq <= ?2 and ?3 > 0 and (select count(*) from finished f where f.seq = message.seq) >= ?3",
			[]any{t.from(), t.from() + 1<<idBits - 1, left},
		},
		{
			"delete from finished where seq > ?1 and seq <= ?2 and not exists (select 1 from message m where m.seq = finished.seq)",
			[]any{t.from(), t.from() + 1<<idBits - 1},
		},
	} {
		if _, err := x.f.conn.ExecContext(x.ctx, s.text, s.args...); err != nil {
			return err
		}
	}
	return nil
}

func (o *forget) settled(err error) bool {
	if err == nil && o.q != nil {
		o.from.queues = slices.DeleteFunc(o.from.queues, func(q *queue) bool { return q == o.q })
	}
	o.done <- err
	return false
}

func (q *queue) subscribed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.wakes) > 0
}
