package routes

import (
	"context"
	"crypto/sha256"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/messaging"
	"fondaco/schema"
	"fondaco/store"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
)

// byWatch starts a route by what turns up in a system: what a connector names under watches:. A protocol that can be watched has one, with
// the protocol's name as its key.
type byWatch struct {
	protocol string
	things   string // what turns up, for people: rows
	doc      string
	example  string
	beside   func(d *RouteModel) spec.Choice // what the field may hold in a route that something else starts; nil for nothing
}

// watchTrigger is what a route says of the watch that starts it.
type watchTrigger struct {
	target map[string]*config.Text // system.watch, by the key
	system *connectors.System      // nil if it could not be found
	watch  *connectors.Watch       // likewise
}

// Watched is a route that is started by what turns up in a system, for whoever looks after that.
type Watched struct {
	Name   string   // the route's
	Kept   string   // and under which it is kept
	Former []string // names that it had before
	Target string   // system.watch
	Topic  string   // that its consumer works on
	Every  time.Duration
	source string
	system *connectors.System
	watch  *connectors.Watch
	deps   connectors.Deps
	sum    [sha256.Size]byte
}

// Open opens the watch, which connects to nothing yet. Whoever asked for it closes it. It is called after Program.Start.
func (w *Watched) Open(ctx context.Context) (connectors.Watching, error) {
	return w.system.Watch(ctx, w.watch, w.deps)
}

// Definition reports whether what is watched is the same in two programs.
func (w *Watched) Definition() [sha256.Size]byte { return w.sum }

// OfPersons reports whether the watch says whose matter its items are, so that Message needs the key of the pseudonyms.
func (w *Watched) OfPersons() bool { return w.watch != nil && w.watch.Person.Value != "" }

// Message says that something turned up: of one thing it is always the same message. It bears the pseudonym, under a key, of the person
// whose matter it is, if the watch says who that is.
func (w *Watched) Message(f connectors.Find, now time.Time, key []byte) messaging.Message {
	m := messaging.Message{
		ID: f.ID, Key: f.Key, Type: w.Target, Source: w.source, Time: now, ContentType: "application/json", Body: codec.AppendJSON(nil, f.Body),
	}
	if w.OfPersons() {
		if marks := store.MarksOf(key, w.watch.PersonOf(f.Body)); marks != "" {
			m.Extensions = []messaging.Attribute{{Name: ExtensionMarks, Value: string(marks)}}
		}
	}
	return m
}

// start notes what the watch is of, once the program starts.
func (w *Watched) start(ctx context.Context, d connectors.Deps) error {
	w.deps = d
	open, err := w.Open(ctx) // it connects to nothing, and what it looks up is part of the definition
	if err != nil {
		return unopened(w.system.Name, err)
	}
	w.sum = w.system.Definition()
	return open.Close()
}

func (t byWatch) key() string { return t.protocol }

func (t byWatch) said(d *RouteModel) bool {
	at := d.watching.target[t.protocol]
	return at != nil && at.Value != ""
}

func (t byWatch) spec(d *RouteModel, o *spec.Object) {
	if d.watching.target == nil {
		d.watching.target = map[string]*config.Text{}
	}
	if d.watching.target[t.protocol] == nil {
		d.watching.target[t.protocol] = &config.Text{}
	}
	choices := []spec.Choice{spec.Text(d.watching.target[t.protocol])}
	if t.beside != nil {
		choices = append(choices, t.beside(d))
	}
	o.Alternative(t.protocol, choices...).Doc(t.doc).Example(t.example)
}

func (t byWatch) read(*RouteModel, *diag.List) {}

// check also finds what is watched.
func (t byWatch) check(c *checker, r *TypedRoute) {
	d := r.Model
	c.takesNoRequest(d, t.protocol, "what it is given is message")
	c.answersNobody(d, t.protocol)
	if d.Async {
		d.ID.Report(c.out, diag.BadRoute, "the route %q has accept and %s; nobody's request is accepted", d.ID.Value, t.protocol)
	}
	d.watching.system, d.watching.watch = t.find(c.model, *d.watching.target[t.protocol], c.out)
}

// find finds what a route names, and reports what is not there.
func (t byWatch) find(m *Model, target config.Text, out *diag.List) (*connectors.System, *connectors.Watch) {
	name, watch, whole := strings.Cut(target.Value, ".")
	s := m.System(name)
	if s == nil {
		var known []string
		for _, s := range m.Systems {
			if s.Connector != nil && len(s.Connector.Watches) > 0 {
				known = append(known, s.Name)
			}
		}
		if m.unsaid(len(m.Systems)) { // the systems stand under a key that could not be read
			return nil, nil
		}
		target.Slice(0, len(name)).Report(out, diag.UnknownSystem, "there is no system %q", name).WithNearest(name, known)
		return nil, nil
	}
	connector := s.Connector
	if connector == nil || connector.Unread || connector.Protocol == nil {
		return nil, nil // which is reported
	}
	if !whole {
		target.Report(out, diag.BadRoute, "%s: found %q, expected system.watch, as %s", t.protocol, target.Value, t.example).
			WithHint("%s", watchesOf(connector))
		return nil, nil
	}
	w := connector.Watch(watch)
	switch {
	case w == nil:
		problem := target.Slice(len(name)+1, len(target.Value)).Report(out, diag.UnknownOperation, "%s has no watch %q", name, watch)
		if problem.WithNearest(watch, connector.WatchNames()); len(connector.Watches) == 0 {
			problem.WithHint("%s", watchesOf(connector))
		}
		return nil, nil
	case connector.Protocol.Name != t.protocol:
		target.Report(out, diag.BadRoute, "%s speaks %s, not %s", name, connector.Protocol.Name, t.protocol).
			WithHint("write %s: %s", connector.Protocol.Name, target.Value)
		return nil, nil
	}
	return s, w
}

func watchesOf(c *connectors.Connector) string {
	if len(c.Watches) == 0 {
		return "the connector " + c.Name + " names nothing under watches:"
	}
	return "it has " + strings.Join(c.WatchNames(), ", ")
}

func (t byWatch) bring(r *TypedRoute, s *Scope) {
	item := schema.TypeUnknown
	if w := r.Model.watching.watch; w != nil {
		item = w.Item
	}
	if item.Kind == schema.KindUnknown {
		s.given("message", schema.TypeUnknown)
		return
	}
	r.messageSlot = s.given("message", MessageType(item))
}

func (t byWatch) list(typed *Typed) *[]*TypedRoute {
	if typed.watches == nil {
		typed.watches = map[string]*[]*TypedRoute{}
	}
	if typed.watches[t.protocol] == nil {
		typed.watches[t.protocol] = &[]*TypedRoute{}
	}
	return typed.watches[t.protocol]
}

func (t byWatch) compile(b *Builder, typed *Typed) {
	for _, r := range *t.list(typed) {
		d := r.Model
		watch := d.watching.watch
		b.program.Watches = append(b.program.Watches, &Watched{
			Name: d.ID.Value, Kept: d.Kept(), Former: d.Former(), Target: d.watching.target[t.protocol].Value, Topic: AsyncTopic(d.Kept()),
			Every: watch.Every, source: sourceOf(typed.Model, d.Kept()), system: d.watching.system, watch: watch,
		})
		c := b.reader(r, b.unit(r), AsyncTopic(d.Kept()), watch.Item)
		c.Group = "fondaco"
		c.PersonalKey = keyed(watch)
		b.program.Consumers = append(b.program.Consumers, also(c, d.others())...)
	}
}

// keyed reports whether the keys of a watch's messages are made of personal data.
func keyed(w *connectors.Watch) bool {
	t := w.Item
	for name := range strings.SplitSeq(w.Keyed, ".") {
		i := t.Index(name)
		if i < 0 {
			return false
		}
		t = t.Fields[i].Type
	}
	return t.Personal
}

func (t byWatch) messages() bool { return true }

func (t byWatch) own() bool { return true }

func (t byWatch) title(r *TypedRoute) string {
	return "works on " + t.things + " of " + r.Model.watching.target[t.protocol].Value
}

func (t byWatch) about(r *TypedRoute, _ time.Time) []string {
	w := r.Model.watching.watch
	if w == nil {
		return nil
	}
	about := make([]string, 0, len(w.Ways)+1)
	for _, line := range w.Ways {
		about = append(about, t.protocol+": "+line)
	}
	if w.Keyed != "" {
		about = append(about, "key: "+w.Keyed+"; those of one key are worked on one after the other")
	}
	return about
}

// reader compiles a consumer that runs the route for each message of a topic whose data is of a type.
func (b *Builder) reader(r *TypedRoute, u *unit, topic string, data *schema.Type) *Consumer {
	d := r.Model
	record := MessageType(data)
	decode := codec.CompileJSON(data, codec.JSONOptions{})
	c := &Consumer{
		ID: d.ID.Value, Topic: topic, Workers: d.work.workers, Backoff: d.work.plan(), Timeout: d.Timeout, Single: u.single(), Once: u.blind(),
		read: reads(data),
	}
	c.Handle = func(ctx context.Context, m messaging.Message) (err error) {
		data, err := decode.Decode(m.Body)
		if err != nil {
			return &messaging.Dead{Reason: reasonSchema, Detail: describe(err)}
		}
		id, err := b.program.exchangeOf(ctx, c, m)
		if err != nil {
			return err
		}
		return b.exchange(ctx, d, u, id, func(f *expr.Frame) {
			if r.messageSlot >= 0 {
				f.Slots[r.messageSlot] = messageOf(record, m, data)
			}
		})
	}
	return c
}
