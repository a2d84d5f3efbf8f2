package storage

import (
	"context"
	"errors"
	"time"

	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/store"
)

// unfinished is what is compared of an operation.
type unfinished struct {
	route   string
	state   store.OperationState
	created time.Time
}

// comparison is one look.
type comparison struct {
	*fit
	operations map[string]unfinished // by id
	more       bool                  // there are more
	present    map[string]bool       // ids of requests that are there
	many       bool                  // there are more
	strange    map[string]string     // the topics of requests of no unfinished operation, by id
	life       time.Time             // the latest that is known of the process before
	rows       map[string]*misfit
	ids        map[string][]string
	short      []string // operations whose acceptance was cut short
}

func (c *comparison) row(topic string) *misfit {
	if c.rows[topic] == nil {
		c.rows[topic] = &misfit{Route: topic[len(messaging.EnginePrefix):], Topic: topic}
	}
	return c.rows[topic]
}

func (c *comparison) lived(at time.Time) {
	if at.Before(c.started) && at.After(c.life) {
		c.life = at
	}
}

// cutShort reports whether what happened at a time may have been half done when the process was killed, or at the moment of
// the backup that the state is from.
func (c *comparison) cutShort(at time.Time) bool {
	moment := c.restored().Moment
	return c.killed && at.After(c.life.Add(-cutShortBy)) || !moment.IsZero() && at.After(moment.Add(-cutShortBy)) && !at.After(moment)
}

// list reads what operations are unfinished.
func (c *comparison) list(ctx context.Context) error {
	for _, state := range store.UnfinishedStates {
		for after := ""; ; {
			page, err := c.fit.operations.List(ctx, state, 500, after)
			if err != nil && !errors.Is(err, store.ErrDamaged) {
				return err
			}
			if len(page) == 0 {
				break
			}
			after = page[len(page)-1].Cursor
			for _, o := range page {
				if !o.Created.Before(c.started) {
					continue
				}
				c.lived(o.Created)
				if o.Updated.Before(c.started) {
					c.lived(o.Updated)
				}
				if c.operations[o.ID] = (unfinished{o.Route, o.State, o.Created}); len(c.operations) >= c.most {
					c.more = true
					return nil
				}
			}
		}
	}
	return nil
}

// read reads what requests are there.
func (c *comparison) read(ctx context.Context) error {
	return c.topics.List(ctx, messaging.EnginePrefix, func(topic string, m messaging.Message) bool {
		if m.Type != routes.AcceptedType {
			return true
		}
		c.present[m.ID] = true
		if _, known := c.operations[m.ID]; !known && m.Replay == (messaging.Replay{}) && m.Time.Before(c.started) && len(c.strange) < fitAsked {
			c.strange[m.ID] = topic
		}
		c.lived(m.Time)
		c.many = len(c.present) >= c.most
		return !c.many
	})
}

// unknown looks up the operations of requests that are none of the unfinished.
func (c *comparison) unknown(ctx context.Context) error {
	if c.more {
		return nil
	}
	done := map[string]store.Operation{}
	for id, topic := range c.strange {
		op, err := c.fit.operations.Get(ctx, id)
		switch {
		case errors.Is(err, store.ErrAbsent):
			c.row(topic).Unknown++
		case errors.Is(err, store.ErrDamaged):
		case err != nil:
			return err
		case op.State == store.Done && op.Updated.Before(c.started):
			c.lived(op.Updated)
			done[id] = op
		}
	}
	for id, op := range done {
		if !c.cutShort(op.Updated) {
			c.row(c.strange[id]).Finished++
		}
	}
	return nil
}

// lost finds the unfinished operations whose request is nowhere.
func (c *comparison) lost(ctx context.Context) error {
	missing := map[string]unfinished{}
	for id, o := range c.operations {
		if !c.present[id] {
			missing[id] = o
		}
	}
	if len(missing) == 0 {
		return nil
	}
	if err := c.read(ctx); err != nil { // what was moved from topic to topic meanwhile is there now
		return err
	}
	if err := c.kept(ctx, missing); err != nil {
		return err
	}
	for id, o := range missing {
		if c.present[id] {
			continue
		}
		op, err := c.fit.operations.Get(ctx, id)
		if errors.Is(err, store.ErrAbsent) || errors.Is(err, store.ErrDamaged) || err == nil && op.State.Ended() {
			continue // it has ended meanwhile
		}
		if err != nil {
			return err
		}
		if o.state == store.Accepted && c.cutShort(o.created) {
			c.short = append(c.short, id)
			continue
		}
		c.row(routes.AsyncTopic(o.route)).Lost++
		c.ids[o.route] = append(c.ids[o.route], id)
	}
	return nil
}

// kept takes away those of which there is a letter.
func (c *comparison) kept(ctx context.Context, missing map[string]unfinished) error {
	sources := map[string]string{}
	for id, o := range missing {
		sources[messaging.Message{ID: id, Source: routes.AcceptedSource(o.route)}.Identity()] = id
	}
	for after := ""; ; {
		list, err := c.letters.List(ctx, store.LetterFilter{}, 500, after)
		if err != nil && !errors.Is(err, store.ErrDamaged) {
			return err
		}
		if len(list) == 0 {
			return nil
		}
		for _, l := range list {
			delete(missing, sources[l.MessageID])
			after = l.Cursor
		}
	}
}

// compare looks once.
func (f *fit) compare(ctx context.Context) (*comparison, error) {
	c := &comparison{
		fit: f, operations: map[string]unfinished{}, present: map[string]bool{}, strange: map[string]string{}, rows: map[string]*misfit{},
		ids: map[string][]string{},
	}
	if err := c.list(ctx); err != nil {
		return nil, err
	}
	if err := c.read(ctx); err != nil {
		return nil, err
	}
	if c.more || c.many {
		return c, c.numbers(ctx)
	}
	if err := c.unknown(ctx); err != nil {
		return nil, err
	}
	return c, c.lost(ctx)
}

// numbers compares how many there are where they are too many to compare each.
func (c *comparison) numbers(ctx context.Context) error {
	requests := len(c.present)
	if c.many {
		var err error
		if requests, err = c.counts(ctx); err != nil {
			return err
		}
	}
	all := &misfit{Route: "any", Topic: messaging.EnginePrefix + "*", Numbers: true}
	switch {
	case c.more && c.many:
		c.log.Info("there are too many operations and requests to compare them", "at_least", c.most)
		return nil
	case c.more && requests < len(c.operations):
		all.Lost = len(c.operations) - requests
	case c.many && requests > len(c.operations):
		all.Unknown = requests - len(c.operations)
	default:
		return nil
	}
	c.rows[all.Topic] = all
	return nil
}
