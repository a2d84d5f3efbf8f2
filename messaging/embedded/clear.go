package embedded

import (
	"context"
	"fmt"
)

// Clear removes all messages of a topic that has no group. It refuses one that has: see Forget. A topic that is not there
// is clear.
func (b *Broker) Clear(ctx context.Context, topic string) error {
	o := &emptying{topic: topic, done: make(chan error, 1)}
	return b.perform(ctx, o, o.done, &o.refusal)
}

type emptying struct {
	topic   string
	refusal error
	done    chan error
}

func (o *emptying) weight() int { return 50 }

func (o *emptying) apply(x *transaction) error {
	o.refusal = nil
	if x.b.topics[o.topic] == nil && x.topics[o.topic] == nil {
		return nil
	}
	c, err := x.topic(o.topic)
	if err != nil {
		return err
	}
	if x.groups(c.topic) > 0 {
		o.refusal = fmt.Errorf("topic %s: it has groups; forget them first", o.topic)
		return nil
	}
	if _, err := x.f.conn.ExecContext(x.ctx, "delete from message where seq > ? and seq <= ?", c.from(), c.from()+1<<idBits-1); err != nil {
		return err
	}
	c.accepted = 0
	_, err = x.f.topic.ExecContext(x.ctx, c.last, c.accepted, c.id)
	return err
}

func (o *emptying) settled(err error) bool {
	o.done <- err
	return false
}
