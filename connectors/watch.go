package connectors

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
)

// Watch is a place of a system where something new turns up by itself: the rows of a table, the files of a folder, the mail of a
// mailbox. A connector names each under watches:, and a trigger names it as system.watch.
type Watch struct {
	Name     string
	Title    string
	Item     *schema.Type  // what one new thing is; unknown if it could not be found out
	Keyed    string        // what its items are kept in order by, for people; "" if each stands for itself
	Ways     []string      // how it is watched, a line each, for people
	Every    time.Duration // between two polls that found nothing more
	Personal []config.Text // names of fields that are personal, at any depth
	Person   config.Text   // the field that names the person whose matter an item is; "" if none does
	person   []string      // the names that lead there
	Wire     any           // what the protocol's WatchSpec has read
	Pos      diag.Pos
	Unread   bool // a field of it is unknown: what it seems to lack may stand there
}

// Bounds of Every.
const (
	minEvery     = 100 * time.Millisecond
	maxEvery     = 24 * time.Hour
	defaultEvery = 10 * time.Second
)

// Watching is an open watch. Its methods are called by one goroutine at a time, but for Close, which is called once and last.
type Watching interface {
	// Poll returns what is new since a place, the oldest first and as many as the connector says at most; "" stands for the time
	// before the first poll. It returns the same things again for as long as the place is the same, unless Finds.Done was told that they
	// are kept. It honours ctx; what fails is tried again later.
	Poll(ctx context.Context, place string) (*Finds, error)
	// Wait returns when it is worth while to poll again: after every, or earlier if the system says that there is something; also when
	// ctx ends.
	Wait(ctx context.Context, every time.Duration)
	// Close ends the connections.
	io.Closer
}

// Finds are what a poll found.
type Finds struct {
	Items []Find
	Place string // from which the next poll goes on, once it and the items are durable, also without items; any UTF-8
	More  bool   // there may be more: the next poll need not wait
	// Refused is how many things were not as the connector says, and are left out of Items. They do not come again once Done was told that
	// the others are kept.
	Refused int
	// Done tells the system what became of the items: kept, that they are durable here, and so is Place; otherwise they are to come
	// again. Whoever polled calls it once, before the next poll. Nil if the system is told nothing.
	Done func(ctx context.Context, kept bool) error
}

// Find is one thing that is new.
type Find struct {
	ID   string // the same whenever the same thing is found; unique within the watch
	Key  string // of things that are worked on one after the other, in this order; "" for none
	Body schema.Value
}

// ReadPlace reads a place that WritePlace has written into a protocol's own form of it; "", before the first poll, leaves that as it is.
func ReadPlace(text string, into any) error {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("the place from which the watch goes on is damaged: %w", err)
	}
	return nil
}

// WritePlace writes a protocol's own form of a place, whose fields JSON can hold, as the text of Finds.
func WritePlace(place any) string {
	b, err := json.Marshal(place)
	if err != nil {
		return ""
	}
	return string(b)
}

// Watch finds a watch by its name, nil if there is none.
func (c *Connector) Watch(name string) *Watch {
	for _, w := range c.Watches {
		if w.Name == name {
			return w
		}
	}
	return nil
}

// WatchNames lists the watches.
func (c *Connector) WatchNames() []string {
	names := make([]string, len(c.Watches))
	for i, w := range c.Watches {
		names[i] = w.Name
	}
	return names
}

// Watch opens a watch of the system. Like Open it connects to nothing yet; whoever asked for it closes it.
func (s *System) Watch(ctx context.Context, w *Watch, d Deps) (Watching, error) {
	return s.Connector.Protocol.Watch(ctx, s, w, d)
}

// Sampled returns what samples of that name answer: an operation, or a watch in the form of an operation that takes nothing and returns
// the list of what there is. Nil if there is neither.
func (c *Connector) Sampled(name string) *Operation {
	if op := c.Operation(name); op != nil {
		return op
	}
	w := c.Watch(name)
	if w == nil {
		return nil
	}
	return &Operation{
		Name: w.Name, Title: w.Title, Effect: Read, Input: schema.RecordType(), Output: &schema.Type{Kind: schema.KindList, Elem: w.Item},
		Pos: w.Pos, constants: c.constants,
	}
}

func (w *Watch) spec(o *spec.Object, c *Connector, reg Registry) {
	w.Every = defaultEvery
	o.String("title", &w.Title).Doc("What turns up there.")
	o.Duration("every", &w.Every).Within(minEvery, maxEvery).Default("10s").
		Doc("How long it is from one look to the next, where none found more.")
	o.Texts("personal", &w.Personal).Doc("The names of fields that are personal data, wherever they stand.")
	o.Text("person", &w.Person).Doc("The field that names the person whose matter it is, such as a fiscal code: what is kept of it while " +
		"it waits, or as a dead letter, is then found and erased under that name (fondaco privacy). It is personal data.").Example("cod_fisc")
	for _, p := range reg {
		if p.WatchSpec != nil && (c.Protocol == nil || c.Protocol == p) {
			p.WatchSpec(o, w)
		}
	}
}

// checkWatches reports names that are invalid or stand twice, and marks what is personal, once the protocol has described them.
func (c *Connector) checkWatches(out *diag.List) {
	for _, w := range c.Watches {
		at := config.Text{Value: w.Name, Pos: w.Pos}
		config.CheckName(at, out)
		switch {
		case c.Protocol != nil && c.Protocol.Watch == nil:
			at.Report(out, diag.BadConnector, "%s: nothing of a system that speaks %s can be watched", w.Name, c.Protocol.Name).
				WithHint("leave out watches:, and ask by a route with schedule:")
		case c.Operation(w.Name) != nil:
			at.Report(out, diag.BadConnector, "%s is an operation already, at %s", w.Name, c.Operation(w.Name).Pos).
				WithHint("give the watch another name: samples are found by it")
		}
		if w.Item == nil || w.Unread || c.Unread {
			w.Item = schema.TypeUnknown
		}
		w.Item = markNames(w.Item, w.Name, w.Personal, out)
		w.checkPerson(out)
	}
}

// checkPerson finds the field that person: names, of the items or of a record in them, and marks it as personal; it reports what names no
// text.
func (w *Watch) checkPerson(out *diag.List) {
	if w.Person.Value == "" || w.Item.Kind == schema.KindUnknown {
		return
	}
	var known []string
	find := func(t *schema.Type, path ...string) *schema.Type {
		for _, f := range t.Fields {
			known = append(known, f.Name)
			if f.Name == w.Person.Value && w.person == nil {
				w.person = append(path, f.Name)
				return f.Type
			}
		}
		return nil
	}
	found := find(w.Item)
	for _, f := range w.Item.Fields {
		if within := find(f.Type, f.Name); found == nil {
			found = within
		}
	}
	switch {
	case found == nil:
		w.Person.Report(out, diag.UnknownName, "%s: person: there is no field %q", w.Name, w.Person.Value).WithNearest(w.Person.Value, known)
	case found.Kind != schema.KindText:
		w.Person.Report(out, diag.BadConnector, "%s: person: %s is %s, expected a text, such as a fiscal code", w.Name, w.Person.Value, found)
	default:
		w.Item = markNames(w.Item, w.Name, []config.Text{w.Person}, out)
	}
}

// PersonOf returns the name of the person whose matter an item is, "" if it names none.
func (w *Watch) PersonOf(item schema.Value) string {
	for _, name := range w.person {
		item = item.Get(name)
	}
	if len(w.person) == 0 {
		return ""
	}
	return item.Str()
}
