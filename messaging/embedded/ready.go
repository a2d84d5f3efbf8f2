package embedded

import (
	"context"
	"time"

	"fondaco/messaging"
)

// overdue is how long a message may wait beyond its time before it counts as ready: a timer may ring late.
const overdue = time.Second

// Ready reports whether a message of the topic should be given out to the group now. See messaging.Backlog.
func (b *Broker) Ready(ctx context.Context, topic, group string) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if err := b.Health(); err != nil {
		return false, err
	}
	var queues []*queue
	b.mu.Lock()
	for s := range b.subscribers {
		for q := range s.queues {
			if q.group == group && q.topic.name == topic {
				queues = append(queues, q)
			}
		}
	}
	b.mu.Unlock()
	for _, q := range queues {
		if q.hasWork() {
			return true, nil
		}
	}
	return false, nil
}

// hasWork reports whether a message could be given out, or read from the file to be given out.
func (q *queue) hasWork() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	late := q.later.len() > 0 && time.Since(q.later.first().due) > overdue
	return q.offered.Load() > 0 || q.ready.len() > 0 || len(q.wanting) > 0 || late || q.lotLate() || q.cursor < q.last && q.room()
}

var _ messaging.Backlog = (*Broker)(nil)
