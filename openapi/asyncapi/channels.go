package asyncapi

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"fondaco/openapi"
	"fondaco/openapi/texts"
	"fondaco/schema"
)

const contentType = "application/json"

// bindingVersion is that of the Kafka bindings which the document uses.
const bindingVersion = "0.5.0"

// channels returns the topics, and the messages that stand under components.
func (w *writer) channels() (channels, messages object, err error) {
	channels = object{}
	for _, c := range w.doc.Channels {
		if c.Topic == "" || strings.ContainsAny(c.Topic, "/~{}#% ") {
			return nil, nil, fmt.Errorf("%q is not a topic name", c.Topic)
		}
		if w.messages[c.Topic] != "" {
			return nil, nil, fmt.Errorf("the topic %q is there twice", c.Topic)
		}
		if c.Event == "" {
			return nil, nil, fmt.Errorf("the topic %q has no type of events", c.Topic)
		}
		name := w.message(c)
		messages.set(name, w.body(name, c))
		o := object{{"address", c.Topic}}
		o.text("title", c.Title)
		o.set("messages", object{{name, ref("components/messages/" + name)}})
		if w.kafka() {
			o.set("bindings", object{{"kafka", object{{"topic", c.Topic}, {"bindingVersion", bindingVersion}}}})
		}
		channels.set(c.Topic, o)
	}
	return channels, messages, nil
}

// message returns the name of a topic's message: its event's type in letters and digits, with a number where another has that.
func (w *writer) message(c Channel) string {
	name := openapi.Name(c.Event)
	for n := 2; w.taken[name]; n++ {
		name = openapi.Name(c.Event) + strconv.Itoa(n)
	}
	w.taken[name], w.messages[c.Topic] = true, name
	return name
}

func (w *writer) body(name string, c Channel) object {
	o := object{{"name", name}}
	o.text("title", c.Title)
	o.set("contentType", contentType)
	if !c.Plain {
		o.set("headers", object{
			{"type", "object"},
			{"properties", object{{"ce_type", object{{"const", c.Event}}}}},
			{"allOf", []object{ref("components/schemas/" + headersName)}},
		})
	}
	if c.Data == nil {
		c.Data = schema.TypeAny
	}
	o.set("payload", w.schemas.Of(c.Data))
	if w.kafka() {
		o.set("bindings", object{{"kafka", object{
			{"key", object{{"type", "string"}, {"description", w.text(texts.EventKey)}}},
			{"bindingVersion", bindingVersion},
		}}})
	}
	if v, err := schema.Sample(c.Data, schema.Every); err == nil && !v.IsAbsent() {
		example := object{{"payload", openapi.JSON(v)}}
		if !c.Plain {
			example = append(object{{"headers", w.example(c)}}, example...)
		}
		o.set("examples", []object{example})
	}
	return o
}

// example returns the least headers that make an event of a topic.
func (w *writer) example(c Channel) object {
	source := "/example"
	for _, op := range w.doc.Operations {
		if op.Topic == c.Topic && op.Source != "" {
			source = op.Source
			break
		}
	}
	return object{{"ce_id", "1"}, {"ce_specversion", "1.0"}, {"ce_type", c.Event}, {"ce_source", source}, {"content-type", contentType}}
}

// operations returns what routes do. A route has a name of its own, so it reads under that, and publishes under it and the
// topic's.
func (w *writer) operations() (object, error) {
	operations := object{}
	seen := map[string]bool{}
	for _, op := range w.doc.Operations {
		message := w.messages[op.Topic]
		if message == "" {
			return nil, fmt.Errorf("route %s: there is no topic %q", op.Route, op.Topic)
		}
		id := op.Route
		if op.Action == Send {
			id += "." + op.Topic
		}
		if op.Route == "" || seen[id] {
			return nil, fmt.Errorf("route %q: its operation on the topic %q has no name, or is there twice", op.Route, op.Topic)
		}
		seen[id] = true
		operations.set(id, w.operation(op, message))
	}
	return operations, nil
}

func (w *writer) operation(op Operation, message string) object {
	o := object{{"action", string(op.Action)}, {"channel", ref("channels/" + op.Topic)}}
	summary := cmp.Or(op.Summary, op.Route)
	o.set("summary", summary)
	o.set("description", cmp.Or(op.Description, summary))
	if op.Tag != "" {
		o.set("tags", []object{{{"name", op.Tag}, {"description", op.Tag}}})
	}
	o.set("messages", []object{ref("channels/" + op.Topic + "/messages/" + message)})
	if op.Group != "" && w.kafka() {
		o.set("bindings", object{{"kafka", object{
			{"groupId", object{{"type", "string"}, {"const", op.Group}}},
			{"bindingVersion", bindingVersion},
		}}})
	}
	o.set("x-route", op.Route)
	o.text("x-source", op.Source)
	if op.Deprecated {
		o.set("x-deprecated", true)
	}
	return o
}
