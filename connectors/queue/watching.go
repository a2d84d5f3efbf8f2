package queue

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/queue/driver"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/funcs"
)

// watching is an open watch. It is a connectors.Watching: what was received stays here until the engine has kept it, and is acknowledged
// then.
type watching struct {
	*watched
	of       *connectors.Watch
	name     string // system.watch
	consumer driver.Consumer
	document *codec.JSONDecoder
	log      *slog.Logger
	ids      map[*driver.Message]string // of messages without a name of their own
	anew     bool                       // the broker had kept nothing for us when we connected, which is not told yet
}

// subscribed is the place of a watch that has been subscribed once: from then on the broker keeps what comes.
const subscribed = "subscribed"

// watch opens a watch. It connects to nothing.
func watch(_ context.Context, s *connectors.System, of *connectors.Watch, deps connectors.Deps) (connectors.Watching, error) {
	w, ok := s.Connector.Wire.(*wire)
	x, known := of.Wire.(*watched)
	if !ok || !known || !x.good {
		return nil, fmt.Errorf("%s receives nothing", of.Name)
	}
	d, o, err := w.reached(s)
	if err != nil {
		return nil, err
	}
	o.Client += "-" + of.Name
	sub := driver.Subscription{
		Source: x.filter, Share: x.share.Value, Keep: w.keep, Prefetch: x.prefetch, Retained: x.retained == retainedTake,
	}
	if _, placed := s.Place(); placed {
		sub.Label = of.Name
	} else if d.Exchanges != (x.queue.Value != "") {
		return nil, fmt.Errorf("%s.%s: topic belongs to MQTT and queue to AMQP, and the system's address is of %s", s.Name, of.Name, d.Name)
	}
	open := &watching{watched: x, of: of, name: s.Name + "." + of.Name, log: deps.Log}
	if !s.Simulated() { // whose sessions end with it
		sub.Anew = func() { open.anew = true }
	}
	open.consumer = d.Subscribe(o, sub)
	if open.log == nil {
		open.log = slog.New(slog.DiscardHandler)
	}
	if x.content == contentJSON {
		open.document = codec.CompileJSON(of.Item.Fields[len(of.Item.Fields)-1].Type, codec.JSONOptions{})
	}
	return open, nil
}

// Close ends the connection.
func (x *watching) Close() error { return x.consumer.Close() }

// Wait waits for a message.
func (x *watching) Wait(ctx context.Context, every time.Duration) { x.consumer.Wait(ctx, every) }

// Poll returns what has been received. The place says that there was a subscription, and nothing else: the broker knows what was
// acknowledged.
func (x *watching) Poll(ctx context.Context, place string) (*connectors.Finds, error) {
	received, more, err := x.consumer.Receive(ctx, x.prefetch)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", x.name, err)
	}
	x.tellLost(place)
	found := &connectors.Finds{Place: subscribed, More: more}
	refused := make([]bool, len(received))
	ids := map[*driver.Message]string{}
	for i, m := range received {
		if m.Retained && x.retained == retainedSkip {
			continue // a broker of MQTT 3.1.1 cannot be told to leave them out
		}
		item, err := x.item(m)
		if err != nil {
			refused[i] = true
			found.Refused++
			x.log.Warn("a message does not fit its schema, and is refused", "watch", x.name, "error", err)
			continue
		}
		found.Items = append(found.Items, connectors.Find{ID: x.identity(item, m, ids), Key: x.keyOf(item), Body: item})
	}
	x.ids = ids
	if len(received) == 0 {
		return found, nil
	}
	found.Done = func(ctx context.Context, kept bool) error {
		if !kept {
			return nil // they are still here
		}
		if err := x.consumer.Settle(ctx, len(received), func(i int) bool { return refused[i] }); err != nil {
			return fmt.Errorf("%s: %w", x.name, err)
		}
		return nil
	}
	return found, nil
}

// tellLost says in the log when the broker has not kept what it was to keep since the last connection.
func (x *watching) tellLost(place string) {
	if x.anew && place == subscribed {
		x.log.Warn("the broker has kept no session of ours: what was published while nothing was connected to it did not come. It keeps "+
			"sessions for as long as session: says, and over its own restart where it writes them to its disk (of Mosquitto: persistence true)",
			"watch", x.name)
	}
	x.anew = false
}

// item returns a message as it is told. The error holds no value of it.
func (x *watching) item(m *driver.Message) (schema.Value, error) {
	slots := schema.Slots(x.of.Item)
	var words map[string]string
	if x.words != nil {
		fits := false
		if words, fits = x.words.words(m.Topic); !fits {
			return schema.Value{}, errTopic
		}
	}
	for i, f := range x.of.Item.Fields {
		var v schema.Value
		var err error
		switch f.Name {
		case fieldTopic:
			v = schema.Text(m.Topic)
		case fieldID:
			if m.ID != "" {
				v = schema.Text(m.ID)
			}
		case fieldRetained:
			v = schema.Bool(m.Retained)
		case fieldHeaders:
			v, err = headers(f.Type, m)
		case fieldPayload:
			v, err = decoded(x.content, x.document, m.Body)
		default:
			v, err = scalar(f.Type, words[f.Name])
		}
		if err != nil {
			return v, fmt.Errorf("%s: %w", f.Name, violated(err))
		}
		slots[i+1] = v
	}
	return schema.Record(x.of.Item, slots), nil
}

// violated returns the error of a value without the value.
func violated(err error) error {
	var wrong schema.Violations
	if errors.As(err, &wrong) {
		return fmt.Errorf("at %q it is not as its schema says", wrong[0].Path)
	}
	return err
}

func headers(t *schema.Type, m *driver.Message) (schema.Value, error) {
	slots := schema.Slots(t)
	for i, f := range t.Fields {
		text := header(m, f.Name)
		if text == "" {
			continue
		}
		v, err := scalar(f.Type, text)
		if err != nil {
			return v, err
		}
		slots[i+1] = v
	}
	return schema.Record(t, slots), nil
}

// at returns a field of an item by its path.
func at(item schema.Value, path []string) schema.Value {
	for _, name := range path {
		item = item.Get(name)
	}
	return item
}

// keyOf returns the key of an item.
func (x *watching) keyOf(item schema.Value) string {
	if v := at(item, x.keyed); len(x.keyed) > 0 && !v.IsNil() {
		return funcs.Print(v)
	}
	return ""
}

// identity returns what names a message: what the connector says, or its own id, or, for as long as it is here, a new one.
func (x *watching) identity(item schema.Value, m *driver.Message, ids map[*driver.Message]string) string {
	h := sha256.New()
	paths := x.watched.ids
	if len(paths) == 0 && m.ID != "" {
		paths = [][]string{{fieldID}}
	}
	named := len(paths) > 0
	for _, path := range paths {
		v := at(item, path)
		named = named && !v.IsNil()
		text := funcs.Print(v)
		_, _ = fmt.Fprintf(h, "%d:", len(text))
		_, _ = io.WriteString(h, text)
	}
	if named {
		return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:18])
	}
	ids[m] = x.ids[m]
	if ids[m] == "" {
		ids[m] = rand.Text()
	}
	return ids[m]
}

// told returns the messages that the samples of a watch tell.
func (a *answers) told(name string) (messages []*driver.Message) {
	watch := a.connector.Watch(name)
	if watch == nil {
		return nil
	}
	w, ok := watch.Wire.(*watched)
	sample := a.simulation.Find(name, schema.RecordOf(schema.RecordType()))
	if !ok || sample == nil {
		return nil
	}
	for _, item := range sample.Answer.Items() {
		m := &driver.Message{Topic: item.Get(fieldTopic).Str(), ID: item.Get(fieldID).Str(), Retained: item.Get(fieldRetained).Bool()}
		payload := item.Get(fieldPayload)
		switch w.content {
		case contentBytes:
			m.Body = schema.Octets(payload)
		case contentText:
			m.Body = []byte(payload.Str())
		default:
			m.Body = codec.AppendJSON(nil, payload)
		}
		if m.ID == "" {
			sum := sha256.Sum256(codec.AppendJSON(nil, item))
			m.ID = base64.RawURLEncoding.EncodeToString(sum[:18])
		}
		if all := item.Get(fieldHeaders); all.Kind() == schema.KindRecord {
			for i, f := range all.Type().Fields {
				if v := all.Field(i); !v.IsNil() {
					m.Headers = append(m.Headers, [2]string{f.Name, argument(v)})
				}
			}
		}
		messages = append(messages, m)
	}
	return messages
}
