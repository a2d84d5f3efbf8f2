package routes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"fondaco/messaging"
	"fondaco/schema"
	"fondaco/store"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
)

const (
	batchEvent = "fondaco.batch" // the type of a message that holds a batch
	partBytes  = 512 << 10       // of one such message: a larger batch is worked on in parts
	closing    = 5 * time.Second // how long a batch may take to become a message
)

// Collector gathers the messages of a topic for a route. A message is in the store before it is acked, and a batch is
// a message of its own before it leaves the store. Safe for concurrent use.
type Collector struct {
	Route string
	Also  []string // names of the route under which messages may have been gathered as well
	Reads string   // the topic whose messages it gathers
	Topic string   // of the batches

	source  string
	program *Program
	within  time.Duration
	count   int
	record  *schema.Type // of a message
	decode  *codec.JSONDecoder
	key     func(f *expr.Frame) (string, error)
	full    expr.Eval // nil without until
	slots   int
	slot    int
	fenced  atomic.Int64 // see Fenced
	doubled atomic.Int64 // see Doubled
}

// Fenced returns how many batches were another's when they had been published, or could not be, as whoever made them had slept past its
// lease. What a batch asks for is done once all the same.
func (c *Collector) Fenced() int64 { return c.fenced.Load() }

// Doubled returns how many batches were finished although another had taken them meanwhile: nothing is to lead there.
func (c *Collector) Doubled() int64 { return c.doubled.Load() }

// Follow takes over what was counted of the route's collector of the program before.
func (c *Collector) Follow(before *Collector) {
	c.fenced.Add(before.Fenced())
	c.doubled.Add(before.Doubled())
}

// collector compiles what gathers the messages of a route with collect, and the consumer that works on its batches.
func (b *Builder) collector(r *TypedRoute, u *unit) (gather, work *Consumer) {
	d, k, program := r.Model, &r.Model.collect, b.program
	c := &Collector{
		Route: d.Kept(), Also: d.renamed.others(d.ID.Value), Reads: r.topic.Kept(), Topic: AsyncTopic(d.Kept()),
		source: sourceOf(program.typed.Model, d.Kept()), program: program, within: k.within, count: k.count,
		record: MessageType(r.topic.Type), decode: codec.CompileJSON(r.topic.Type, codec.JSONOptions{}), key: compileText(k.keyed),
		slots: k.names.Size(), slot: k.slot,
	}
	if k.full != nil {
		c.full = k.full.Compile()
	}
	program.Collectors = append(program.Collectors, c)
	gather = &Consumer{
		ID: d.ID.Value, Topic: r.topic.Kept(), Group: d.work.group.Value, Workers: d.work.workers, Backoff: d.work.plan(),
		Timeout: closing, Handle: c.gather, read: reads(r.topic.Type),
	}
	if gather.Group == "" {
		gather.Group, gather.Also = d.Kept(), d.renamed.others(d.ID.Value)
	}
	gather.From = d.work.begins()
	batch := batchType(r.topic.Type)
	batch.Fields = append(batch.Fields, schema.Field{Name: batchMarks, Type: personalText})
	read := codec.CompileJSON(batch, codec.JSONOptions{})
	work = &Consumer{
		ID: d.ID.Value, Topic: c.Topic, Group: "fondaco", Workers: d.work.workers, Backoff: d.work.plan(), Timeout: d.Timeout,
		Single: u.single(), Once: u.blind(), read: reads(batch),
	}
	work.PersonalKey = k.keyed != nil && k.keyed.Type.Personal
	work.Handle = func(ctx context.Context, m messaging.Message) (err error) {
		v, err := read.Decode(m.Body)
		if err != nil {
			return &messaging.Dead{Reason: reasonSchema, Detail: describe(err)}
		}
		ctx = begunWith(ctx, v.Get("messages"))
		return b.exchange(ctx, d, u, ExchangeOf(false, work.Group, m.Identity()), func(f *expr.Frame) {
			for slot, name := range map[int]string{r.keySlot: "key", r.messageSlot: "messages"} {
				if slot >= 0 {
					f.Slots[slot] = v.Get(name)
				}
			}
		})
	}
	return gather, work
}

// begunWith returns the context of work on a batch: it is in doubt if one of its messages was there before a restore.
func begunWith(ctx context.Context, messages schema.Value) context.Context {
	for _, m := range messages.Items() {
		if at, err := time.Parse(time.RFC3339Nano, m.Get("time").Str()); err == nil {
			ctx = store.WithBegun(ctx, at)
		}
	}
	return ctx
}

// gather takes up one message. What is wrong with it is told by a *messaging.Dead.
func (c *Collector) gather(ctx context.Context, m messaging.Message) (err error) {
	defer contained(&err)
	kept := c.program.collections
	if kept == nil {
		return &messaging.Retry{Err: errors.New("there is no storage of collections")}
	}
	v, err := c.read(m)
	if err != nil {
		return err
	}
	now := c.program.now()
	f := &expr.Frame{Slots: make([]schema.Value, c.slots), Budget: evalBudget, Now: func() time.Time { return now }}
	f.Slots[c.slot] = v
	key, err := c.key(f)
	if err != nil {
		return &messaging.Dead{Reason: reasonRefused, Detail: "by: " + err.Error()}
	}
	whole := false
	if c.full != nil {
		full, err := c.full(f)
		if err != nil {
			return &messaging.Dead{Reason: reasonRefused, Detail: "until: " + err.Error()}
		}
		whole = full.Bool()
	}
	for _, other := range c.Also {
		if has, err := kept.Has(ctx, other, key, m.Identity()); err != nil {
			return &messaging.Retry{Err: err}
		} else if has {
			return nil
		}
	}
	at, err := kept.Add(ctx, c.Route, key, m.Identity(), store.Marks(m.Extension(ExtensionMarks)), codec.AppendJSON(nil, v), now,
		now.Add(c.within))
	if err != nil {
		return &messaging.Retry{Err: err}
	}
	if at.ID == 0 || !whole && at.Count < c.count {
		return nil
	}
	if err := c.Close(ctx, at); err != nil {
		return &messaging.Retry{Err: err}
	}
	return nil
}

// read takes up a message; what does not fit the topic's schema is a *messaging.Dead.
func (c *Collector) read(m messaging.Message) (schema.Value, error) {
	data, err := c.decode.Decode(m.Body)
	if err != nil {
		return data, &messaging.Dead{Reason: reasonSchema, Detail: describe(err)}
	}
	return messageOf(c.record, m, data), nil
}

// Batch makes a batch of messages that nobody gathered, for tests. The error is a *messaging.Dead.
func (c *Collector) Batch(key string, messages []messaging.Message) (messaging.Message, error) {
	t := store.Taken{Collection: store.Collection{Route: c.Route, Key: key}}
	for _, m := range messages {
		v, err := c.read(m)
		if err != nil {
			return m, err
		}
		t.Bodies = append(t.Bodies, codec.AppendJSON(nil, v))
	}
	batch := c.batches(t, len(messages))[0]
	batch.Attempt = 1
	return batch, nil
}

// Gathers reports whether a collection is the route's, under whichever of its names it was gathered.
func (c *Collector) Gathers(at store.Collection) bool {
	return at.Route == c.Route || slices.Contains(c.Also, at.Route)
}

// Close makes a collection of the route a batch to be worked on: durably before it returns nil. Another may be at it, or
// have done it: that is no error. The batch goes to the topic of the name under which it was gathered, so that one which a
// crash has published before is known again.
func (c *Collector) Close(ctx context.Context, at store.Collection) error {
	taken, err := c.program.collections.Take(ctx, at.ID, c.program.now(), closing)
	if errors.Is(err, store.ErrFenced) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, m := range c.batches(taken, c.count) {
		m.Extensions = withDoubt(ctx, m.Extensions)
		if err := c.program.topics.Publish(ctx, AsyncTopic(at.Route), m); err != nil {
			if another, failed := c.taken(ctx, taken); failed == nil && another {
				c.fenced.Add(1) // it slept while it published
				return nil
			}
			return err // it is due again when the lease has passed, as the same messages
		}
	}
	another, err := c.taken(ctx, taken)
	if err != nil {
		return err
	}
	switch err = c.program.collections.Finish(ctx, taken.Token, c.program.now()); {
	case errors.Is(err, store.ErrFenced):
		c.fenced.Add(1)
		return nil
	case err == nil && another:
		c.doubled.Add(1)
	}
	return err
}

// taken reports whether another has taken a collection since, or finished it. It is seen without the fence of Finish.
func (c *Collector) taken(ctx context.Context, t store.Taken) (bool, error) {
	holder, err := c.program.collections.Holder(ctx, t.ID)
	return holder != t.Token, err
}

// batches makes the messages of a collection, each of which holds at most so many of those that were gathered: always the same of the
// same. There may be more than make a batch whole: others come while it is closed.
func (c *Collector) batches(t store.Taken, most int) []messaging.Message {
	var list []messaging.Message
	key := codec.AppendJSON(nil, schema.Text(t.Key))
	for begin := 0; begin < len(t.Bodies); {
		body := append(append([]byte(`{"key":`), key...), `,"messages":[`...)
		end := begin
		for ; end < len(t.Bodies) && (end == begin || end-begin < most && len(body)+len(t.Bodies[end]) < partBytes); end++ {
			if end > begin {
				body = append(body, ',')
			}
			body = append(body, t.Bodies[end]...)
		}
		body = append(body, "]}"...)
		sum := sha256.Sum256(append([]byte(fmt.Sprintf("%s\x00%d\x00", t.Route, begin)), body...))
		m := messaging.Message{
			ID: hex.EncodeToString(sum[:16]), Key: t.Key, Type: batchEvent, Source: c.source, Time: c.program.now(), ContentType: "application/json",
			Body: body,
		}
		if len(t.Marks) >= end {
			m = withMarks(m, t.Marks[begin:end])
		}
		list, begin = append(list, m), end
	}
	return list
}
