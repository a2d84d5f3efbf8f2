package embedded

import "slices"

// join creates a group, or finds it, and joins to it the groups that are the same under other names: what one of them has
// finished is finished, what one had begun keeps its attempts, and they are gone. It sets no queue, and changes nothing,
// while somebody is subscribed to one of them.
type join struct {
	topic, group string
	also         []string
	q            *queue
	from         *topic
	others       []*queue // that were joined
	done         chan error
}

func (o *join) weight() int { return 50 }

func (o *join) apply(x *transaction) (err error) {
	o.q, o.from, o.others = nil, nil, nil
	c, err := x.topic(o.topic)
	if err != nil {
		return err
	}
	var others []*queue
	for _, q := range c.queues {
		if q.group != o.group && slices.Contains(o.also, q.group) && !x.gone[q] {
			others = append(others, q)
		}
	}
	q, err := x.join(o.topic, o.group)
	if err != nil {
		return err
	}
	for _, other := range others {
		if other.subscribed() || q.subscribed() {
			return nil
		}
	}
	for _, other := range others {
		if err := x.unite(c, q, other); err != nil {
			return err
		}
	}
	o.q, o.from, o.others = q, c.topic, others
	return nil
}

func (o *join) settled(err error) bool {
	if err == nil && len(o.others) > 0 {
		o.from.queues = slices.DeleteFunc(o.from.queues, func(q *queue) bool { return slices.Contains(o.others, q) })
		if i := slices.Index(o.from.queues, o.q); i >= 0 && o.q.known() { // what it knows was true before
			fresh := newQueue(o.q.b, o.from, o.q.id, o.q.group)
			fresh.extend(o.from.from() + o.from.last)
			o.from.queues[i], o.q = fresh, fresh
		}
	}
	o.done <- err
	return false
}

// known reports whether messages were taken up.
func (q *queue) known() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.active
}

// unite makes what one group of a topic has finished finished by another, hands over its attempts and removes it.
func (x *transaction) unite(c *change, q, other *queue) error {
	from, to := c.from(), c.from()+1<<idBits-1
	result, err := x.f.conn.ExecContext(x.ctx, `insert or ignore into finished (seq, consumer) select f.seq, ?1 from finished f
		join message m on m.seq = f.seq where f.consumer = ?2 and f.seq > ?3 and f.seq <= ?4`, q.id, other.id, from, to)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	x.counts[q] += n
	if _, err := x.f.conn.ExecContext(x.ctx, `insert or ignore into again (seq, consumer, attempt, due, since, parked, patience)
		select seq, ?1, attempt, due, since, parked, patience from again a where consumer = ?2
			and not exists (select 1 from finished f where f.seq = a.seq and f.consumer = ?1)`, q.id, other.id); err != nil {
		return err
	}
	if _, err := x.f.conn.ExecContext(x.ctx, "delete from again where consumer = ?1 and exists (select 1 from finished f where f.seq = "+
		"again.seq and f.consumer = ?1)", q.id); err != nil {
		return err
	}
	return x.remove(c.topic, other)
}
