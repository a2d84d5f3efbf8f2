package routes

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/messaging"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/store"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// work says how messages are worked on.
type work struct {
	key      transform.Mapping
	group    config.Text
	workers  int
	attempts int
	backoff  spec.Span
	from     string
	retryFor time.Duration
}

func (w *work) spec(o *spec.Object) {
	o.Var("key", &w.key).Doc("Of a route with accept: async, what requests are done one after the other by: over path, query, body and " +
		"user. Without it each stands for itself.").Example("${user.fiscal_code}")
	o.Text("group", &w.group).Doc("The consumer group: each gets all messages, once.").Default("the route's name")
	o.Enum("from", &w.from, "now", "beginning").Default("now").
		Doc("On Kafka, where a group begins that reads the topic for the first time: with what is published from then on, or with all that " +
			"the topic still holds. Embedded topics keep no history: a group begins with what others have not finished yet.")
	o.Int("workers", &w.workers).Range(1, 1000).Default("16").
		Doc("How many messages are worked on at the same time; those of one key come one after the other.")
	o.Int("attempts", &w.attempts).Range(1, 1000).Default("10").
		Doc("How often a message is tried before it becomes a dead letter. Attempts that fail because a system is down do not count.")
	o.Span("backoff", &w.backoff).Default("1s..10m").Doc("The pauses between attempts, from and to; chance takes up to half of each away.")
	o.Duration("retry_for", &w.retryFor).Within(time.Second, remembered).
		Doc("How long a message waits for systems that are down before it becomes a dead letter with the reason unavailable; 3d if nothing is " +
			"said, and for a route with a schedule until the next due time. At most 7d, for as long as the ids of messages are remembered.").
		Example("3d")
}

// remembered is how long the ids of finished messages are known: none may come again after that.
var remembered = store.DefaultLimits().Inbox

// Consumer is a route that works on the messages of a topic.
type Consumer struct {
	ID, Topic, Group string
	Also             []string // the group's names of a time when the project did not say that they are one
	Accepts          bool     // the messages are accepted requests: their ids are operations
	Workers          int
	Backoff          messaging.Backoff
	Timeout          time.Duration  // how long Handle takes at most
	From             messaging.From // where its group begins, if it is new
	Single           bool           // all calls of the route are of one operation
	PersonalKey      bool           // the keys of its messages are made of personal data
	Once             bool           // a call of the route has an effect each time it is made, and no key
	// Handle runs the route for one message: nil, a *messaging.Retry, a *messaging.Dead or any other error, as
	// messaging.Handler says.
	Handle func(ctx context.Context, m messaging.Message) error

	read func(body []byte) (schema.Value, *schema.Type, bool) // a body, for people; see Mask
}

// MessageType returns the type of the name message of a topic whose events have this data.
func MessageType(data *schema.Type) *schema.Type {
	return schema.RecordType(
		schema.Field{Name: "id", Type: schema.TypeText, Required: true, Doc: "CloudEvents id."},
		schema.Field{Name: "key", Type: schema.TypeText, Doc: "The key that keeps the order."},
		schema.Field{Name: "type", Type: schema.TypeText, Required: true, Doc: "CloudEvents type."},
		schema.Field{Name: "source", Type: schema.TypeText, Required: true, Doc: "CloudEvents source."},
		schema.Field{Name: "subject", Type: schema.TypeText, Doc: "CloudEvents subject."},
		schema.Field{Name: "time", Type: schema.TypeDateTime, Required: true, Doc: "CloudEvents time."},
		schema.Field{Name: "attempt", Type: schema.TypeInt, Required: true, Doc: "1 for the first delivery."},
		schema.Field{Name: "data", Type: data, Required: true, Doc: "The event."},
	)
}

// The reasons of dead letters that routes give.
const (
	reasonSchema  messaging.Reason = "schema" // the data does not fit the topic's schema
	reasonRefused                  = messaging.Refused
	reasonUnknown messaging.Reason = "outcome-unknown" // nobody can tell whether a call took effect
	reasonPartial messaging.Reason = "partial-effect"  // it failed after a call that may not be repeated
	reasonCost    messaging.Reason = "too-costly"      // it came to cost more than it may, and would again
)

// OutcomeUnknown is the reason of letters of which nobody can tell what came of their calls.
const OutcomeUnknown = reasonUnknown

// Doubted reports whether the reason of a dead letter says that a call which may not be made again took effect, or may have.
func Doubted(reason string) bool {
	return reason == string(reasonUnknown) || reason == string(reasonPartial)
}

// consumer compiles a route that a topic triggers.
func (b *Builder) consumer(r *TypedRoute, u *unit) *Consumer {
	d := r.Model
	c := b.reader(r, u, r.topic.Kept(), r.topic.Type)
	if c.Group = d.work.group.Value; c.Group == "" {
		c.Group, c.Also = d.Kept(), d.renamed.others(d.ID.Value)
	}
	c.From = d.work.begins()
	return c
}

// messageOf returns a message as routes see it.
func messageOf(record *schema.Type, m messaging.Message, data schema.Value) schema.Value {
	return schema.RecordOf(record, schema.Text(m.ID), optionalText(m.Key), schema.Text(m.Type), schema.Text(m.Source),
		optionalText(m.Subject), schema.TextOf(schema.KindDateTime, m.Time.Format(time.RFC3339Nano)), schema.Int(int64(m.Attempt)), data)
}

// exchange runs a route's steps for a message, once fill has laid out what they are given. id makes the ids of what is
// published the same whenever the same message comes. The error is as messaging.Handler says.
func (b *Builder) exchange(ctx context.Context, d *RouteModel, u *unit, id string, fill func(f *expr.Frame)) error {
	ctx, cancel := context.WithTimeout(ctx, d.Timeout)
	defer cancel()
	now := b.program.now()
	with := &shared{observe: b.program.observe, id: id}
	x := u.begin(func() time.Time { return now }, with)
	fill(&x.Frame)
	err := func() (err error) {
		defer contained(&err)
		return u.run(ctx, x)
	}()
	var crash *PanicError
	if errors.As(err, &crash) {
		return fmt.Errorf("the route %s: %w", d.ID.Value, err)
	}
	u.end(x)
	return verdict(err, with)
}

// begins returns where the group of a route that reads a declared topic begins.
func (w *work) begins() messaging.From {
	if w.from == "beginning" {
		return messaging.Beginning
	}
	return messaging.Now
}

func (w *work) plan() messaging.Backoff {
	return messaging.Backoff{First: w.backoff.From, Max: w.backoff.To, Attempts: w.attempts, RetryFor: w.retryFor}
}

// Work returns the plan of attempts at the route's messages, and in words how long one waits for systems that are down.
func (d *RouteModel) Work() (plan messaging.Backoff, most string) {
	said := d.work.plan()
	plan = said.Filled()
	switch {
	case said.RetryFor > 0 && said.RetryFor%day == 0:
		return plan, fmt.Sprintf("%dd", said.RetryFor/day)
	case said.RetryFor > 0:
		return plan, spec.Short(said.RetryFor)
	case d.Plan != nil:
		return plan, "as long as it is to the next due time"
	}
	return plan, fmt.Sprintf("%dd", messaging.DefaultRetryFor/day)
}

const day = 24 * time.Hour

func optionalText(s string) schema.Value {
	if s == "" {
		return schema.Value{}
	}
	return schema.Text(s)
}

// describe reports what is wrong with data without telling the data.
func describe(err error) string {
	var wrong schema.Violations
	if errors.As(err, &wrong) {
		return "the data does not fit the topic's schema: " + wrong[0].Error()
	}
	return "the data is not JSON that can be read"
}

// verdict says what is to become of a message whose exchange ended so. What speaks of a system's health waits by the
// clock and costs no attempt; an answer that does not fit costs one, and so does what may be the message's own fault as
// others were answered well meanwhile. What a system refuses, and what may have taken effect, is not tried again.
func verdict(err error, with *shared) error {
	if err == nil {
		return nil
	}
	where := err.Error()
	var later *undecided
	if errors.As(err, &later) && with.effect() == "" {
		return &messaging.Retry{After: later.after, Down: true, Needs: later.away, Err: err}
	}
	var stale *unreadable
	if errors.As(err, &stale) {
		return &messaging.Dead{Reason: messaging.Unreadable, Detail: where}
	}
	f := connectors.AsFault(err)
	doubt := f != nil && f.Kind == connectors.Unknown
	if at := with.effect(); at != "" && !(doubt && at == f.System+"."+f.Operation) {
		return &messaging.Dead{Reason: reasonPartial, Detail: "after " + at + ", which may not be repeated, it failed: " + where}
	}
	if costly(err) {
		return &messaging.Dead{Reason: reasonCost, Detail: where}
	}
	if f != nil {
		switch {
		case f.Kind == connectors.Unavailable || f.Kind == connectors.Timeout:
			own := f.Suspect() && f.Others
			return &messaging.Retry{After: f.RetryAfter, Counts: own, Down: !own, On: closed(f), Needs: f.Away(), Err: err}
		case f.Kind == connectors.Invalid:
			return &messaging.Retry{Counts: true, Err: err}
		case errors.Is(err, messaging.ErrUnknown): // an event published again has the id that it had
			return &messaging.Retry{After: topicsPause, Err: err}
		case errors.Is(err, messaging.ErrTooLarge):
			return &messaging.Dead{Reason: messaging.TooLarge, Detail: where}
		case doubt:
			return &messaging.Dead{Reason: reasonUnknown, Detail: where, Cause: causeOf(f)}
		default:
			return &messaging.Dead{Reason: reasonRefused, Detail: where, Cause: causeOf(f)}
		}
	}
	var p *trigger.Problem
	if errors.As(err, &p) {
		return &messaging.Dead{Reason: reasonRefused, Detail: where}
	}
	return err
}

// closed names what a breaker keeps closed to all calls, as "crm" or "crm.create"; "" if the call was made, or was to a
// topic: what cannot publish does not begin with the next message either, which would repeat the calls before it.
func closed(f *connectors.Fault) string {
	switch {
	case !f.Withheld || f.System == topicSystem:
		return ""
	case f.Whole:
		return f.System
	}
	return f.System + "." + f.Operation
}

// byTopic starts a route by the messages of a topic, one at a time or gathered.
type byTopic struct{}

func (byTopic) key() string { return "topic" }

func (byTopic) said(d *RouteModel) bool { return d.Topic.Value != "" }

func (byTopic) spec(d *RouteModel, o *spec.Object) {
	o.Text("topic", &d.Topic).Doc("The topic, one of fondaco.yaml, whose messages start it, one exchange for each.").Example("crm.ticket")
}

func (byTopic) read(*RouteModel, *diag.List) {}

// check also finds the topic.
func (byTopic) check(c *checker, r *TypedRoute) {
	c.takesNoRequest(r.Model, "topic", "what a topic's route is given is message")
	c.answersNobody(r.Model, "topic")
	r.topic = c.model.topic(r.Model.Topic, c.out)
	c.checkCollect(r)
}

func (byTopic) bring(r *TypedRoute, s *Scope) {
	switch {
	case r.topic == nil && r.Model.collect.given: // which is reported
		s.given("key", schema.TypeUnknown)
		s.given("messages", schema.TypeUnknown)
	case r.topic == nil:
		s.given("message", schema.TypeUnknown)
	case r.Model.collect.given:
		batch := batchType(r.topic.Type)
		r.keySlot, r.messageSlot = s.given("key", batch.Fields[0].Type), s.given("messages", batch.Fields[1].Type)
	default:
		r.messageSlot = s.given("message", MessageType(r.topic.Type))
	}
}

func (byTopic) list(t *Typed) *[]*TypedRoute { return &t.Topics }

func (byTopic) compile(b *Builder, t *Typed) {
	for _, r := range t.Topics {
		if r.Model.collect.given {
			gather, work := b.collector(r, b.unit(r))
			b.program.Consumers = append(b.program.Consumers, also(gather, r.topic.others())...)
			b.program.Consumers = append(b.program.Consumers, also(work, r.Model.others())...)
			continue
		}
		b.program.Consumers = append(b.program.Consumers, also(b.consumer(r, b.unit(r)), r.topic.others())...)
	}
}

func (byTopic) messages() bool { return true }

func (byTopic) own() bool { return false }

func (byTopic) title(r *TypedRoute) string { return "works on the topic " + r.Model.Topic.Value }

func (byTopic) about(r *TypedRoute, _ time.Time) []string {
	if !r.Model.collect.given {
		return nil
	}
	return []string{"collect: a batch is whole with " + r.Model.Collect()}
}
