package routes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/messaging"
	"fondaco/schema"
	"fondaco/store"
	"fondaco/transform"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
	"fondaco/transform/funcs"
)

// publish puts an event on a topic. The step ends once the event is durable.
type publish struct {
	target  config.Text
	key     transform.Mapping
	event   transform.Mapping
	subject transform.Mapping
	id      transform.Mapping
	after   time.Duration

	topic                         *Topic
	keyed, subjected, named, data *transform.Typed
	draws                         *expr.Drawing
}

// Spec declares the fields of "- publish:".
func (p *publish) Spec(o *spec.Object) {
	o.Instead(publishHabits)
	o.Text("publish", &p.target).Required().Doc("The topic, one of fondaco.yaml.").Example("crm.ticket")
	o.Var("event", &p.event).Required().Doc("The event's data, of the topic's schema.")
	o.Var("key", &p.key).Doc("The key: events of one key keep their order.").Example("${pratica.id}")
	o.Var("id", &p.id).Doc("The event's id, where one stands for something that is to be done once, as a tide's peak to a citizen: a group " +
		"handles an id of this route once, for 7 days. Without it the id follows from the exchange, the step and the iteration, so that work " +
		"that is done again publishes the same event.").Example("${picco.DATA_ESTREMALE}/${iscritto.id}")
	o.Var("subject", &p.subject).Doc("What the event is about (CloudEvents subject).")
	o.Duration("after", &p.after).Doc("How long the event waits before it is given out; later events of its key wait behind it.")
}

// about names the step by the name under which its topic is kept: what is published again after the topic got another
// name has the id that it had.
func (p *publish) about() string {
	if p.topic == nil {
		return p.target.Value
	}
	return p.topic.renamed.kept(p.topic.Name.Value)
}

// Check types the event over the topic's schema.
func (p *publish) Check(s *Scope) {
	s.node.Title = p.target.Value
	s.node.Outcomes = []Outcome{
		{If: "the topics cannot be written", Effect: "nothing", Seen: s.fault(connectors.Unavailable)},
		{If: "it is not known whether the event was kept", Effect: "unknown", Seen: s.fault(connectors.Unknown)},
	}
	p.topic = s.check.model.topic(p.target, s.check.out)
	mapped, draws := s.drawing()
	p.data, p.draws = mapped.Map(&p.event), draws
	if p.topic != nil {
		p.data.Fit(p.topic.Type, p.target.Value, s.check.out)
	}
	p.keyed, p.subjected, p.named = mapped.text(&p.key, "the key"), mapped.text(&p.subject, "the subject"), mapped.text(&p.id, "the id")
	p.checkPlain(s)
	s.drawn(draws, false)
	s.route.publishes = append(s.route.publishes, p.target.Value)
	s.route.asks = append(s.route.asks, needConfirms(s.node.Pos, "publish"))
	if !p.key.IsZero() {
		s.route.asks = append(s.route.asks, needOrder(p.key.Pos()))
	}
	if p.after > 0 {
		s.route.asks = append(s.route.asks, needDelay(s.node.Pos))
	}
}

// Compile binds the step to the program's topics.
func (p *publish) Compile(b *Builder) Run {
	program, name, topic := b.program, p.target.Value, p.topic.Kept()
	kind, source, after := p.topic.Event.Value, b.source(), p.after
	data := compileInput(p.data, p.topic.Type)
	b.personalKeys[topic] = b.personalKeys[topic] || p.keyed != nil && p.keyed.Type.Personal
	key, subject, id := compileText(p.keyed), compileText(p.subjected), compileText(p.named)
	path, plain, place := b.at.path, b.program.typed.Plain(p.topic), p.target.Pos.String()
	return b.numbered(p.draws, func(ctx context.Context, x *Exchange) error {
		v, err := data(&x.Frame)
		if err != nil {
			var wrong *inputError
			if errors.As(err, &wrong) {
				return wrong.fault("topic", name)
			}
			return err
		}
		body, err := codec.AppendJSONWithin(nil, v, messaging.MaxBody)
		if err != nil {
			return published(fmt.Errorf("%w: more than %d bytes of JSON", messaging.ErrTooLarge, messaging.MaxBody), name)
		}
		m := messaging.Message{Type: kind, Source: source, ContentType: "application/json", Body: body, Time: x.Frame.Now()}
		if m.Key, err = key(&x.Frame); err != nil {
			return err
		}
		if err := namedBy(plain, &m); err != nil {
			return published(err, name)
		}
		if m.Subject, err = subject(&x.Frame); err != nil {
			return err
		}
		if after > 0 {
			m.Due = m.Time.Add(after)
		}
		extensions, err := TraceExtensions(connectors.TraceOf(ctx))
		if err != nil {
			return published(err, name)
		}
		m.Extensions = withDoubt(ctx, extensions)
		if m.ID == "" {
			if m.ID, err = id(&x.Frame); err != nil {
				return err
			}
		}
		if m.ID == "" {
			m.ID = x.effectID(ctx, path, topic)
		}
		to, began := connectors.RecorderOf(ctx), time.Now()
		err = published(program.topics.Publish(ctx, topic, m), name)
		if to != nil {
			to.Published(place, name, m.ID, began, faultKind(err))
		}
		x.shared.ended(err)
		return err
	})
}

// DoubtExtension is the extension of an event whose work is in doubt since a state was restored: it names the restore, and
// work that follows from the event is in doubt as well.
const DoubtExtension = "fondacorestored"

// withDoubt adds to the extensions of an event, which stay ordered, that what publishes it is in doubt.
func withDoubt(ctx context.Context, all []messaging.Attribute) []messaging.Attribute {
	cause := store.Cause(ctx)
	if cause == "" {
		return all
	}
	at, _ := slices.BinarySearchFunc(all, DoubtExtension,
		func(a messaging.Attribute, name string) int { return strings.Compare(a.Name, name) })
	return slices.Insert(slices.Clone(all), at, messaging.Attribute{Name: DoubtExtension, Value: cause})
}

// topicsPause is how long work waits while topics, or the states of operations, cannot be written: what began again at once would
// repeat the calls
// before the publish for as long as that lasts.
const topicsPause = time.Second

// topicSystem stands in faults for the system that a topic is.
const topicSystem = "topic"

// published returns what came of a publish as the fault of an exchange.
func published(err error, topic string) error {
	if err == nil {
		return nil
	}
	f := &connectors.Fault{System: topicSystem, Operation: topic, Kind: connectors.Unavailable, RetryAfter: topicsPause, Err: err}
	switch {
	default:
		f.Withheld, f.Whole = true, true // no other event can be published either
	case errors.Is(err, messaging.ErrUnknown):
		f.Kind, f.Sent = connectors.Unknown, true
	case errors.Is(err, messaging.ErrTooLarge):
		f.Kind, f.Detail = connectors.Refused, fmt.Sprintf("An event of this operation is larger than the topics take (%d bytes), and was not "+
			"published.", messaging.MaxBody)
	case errors.Is(err, messaging.ErrInvalid):
		f.Kind = connectors.Refused
	}
	return f
}

// text types a mapping that returns a text or a whole number, nil if there is none; what says which, as "the key".
func (s *Scope) text(m *transform.Mapping, what string) *transform.Typed {
	if m.IsZero() {
		return nil
	}
	t := s.Map(m)
	if k := t.Type.NotNull().Kind; k != schema.KindText && k != schema.KindInt && k != schema.KindUnknown {
		t.Fit(schema.TypeText, what, s.check.out)
	}
	return t
}

// compileText makes what computes a text that may be left out.
func compileText(t *transform.Typed) func(f *expr.Frame) (string, error) {
	if t == nil {
		return func(*expr.Frame) (string, error) { return "", nil }
	}
	eval := t.Compile(nil)
	return func(f *expr.Frame) (string, error) {
		v, err := eval(f)
		if err != nil || v.IsNil() {
			return "", err
		}
		return funcs.Print(v), nil
	}
}
