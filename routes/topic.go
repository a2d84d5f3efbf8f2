package routes

import (
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/messaging"
	"fondaco/schema"
	"fondaco/transform"
)

// Topic is a named stream of messages that the project declares: what its events are, for those who publish and those
// who read.
type Topic struct {
	Name  config.Text
	Title string
	Event config.Text  // the CloudEvents type of its messages
	Type  *schema.Type // of the data; any if nothing is said
	Pos   diag.Pos

	data    schemaValue
	renamed renamed
	broker  config.Text // its name on the broker, blank if nothing is said
	format  string
	id, key transform.Mapping // of a record; none if nothing is said
}

// The formats of a topic's records.
const (
	formatEvents = "cloudevents"
	formatJSON   = "json"
)

// TopicSpec declares the fields of a topic in fondaco.yaml, for documentation and editors.
func TopicSpec(o *spec.Object) { (&Topic{}).spec(o) }

func (t *Topic) spec(o *spec.Object) {
	o.String("title", &t.Title).Doc("What its messages are about.")
	o.Text("type", &t.Event).Doc("The CloudEvents type of its messages, as it.comune.venezia.ticket; the topic's name if it is left out.")
	o.Text("name", &t.broker).Doc("The topic's name on the broker, for topics that belong to others or that others know under another " +
		"name; the topic's own name, or the oldest of renamed_from, if it is left out.").Example("pagopa.ricevute")
	o.Enum("format", &t.format, formatEvents, formatJSON).Default(formatEvents).
		Doc("What its records are on the broker: cloudevents, CloudEvents 1.0 (binary mode is written, binary and structured mode are read), " +
			"or json, for topics of others: the value is the data, as JSON, and nothing else is needed. Routes publish the same.")
	o.Var("id", &t.id).Doc("With format: json, the id of a record, over data and headers: a group handles records of one id once, for 7 " +
		"days. A record for which it is absent, empty or cannot be computed is a dead letter with the reason bad-attribute. Without id a " +
		"record is known by its place: the topic's id, the partition and the offset.").Example("${data.iuv}")
	o.Var("key", &t.key).Doc("With format: json, the key of a record, over data and headers: records of one key, of one partition, are " +
		"handled one after the other. One for which it is absent has no key. Without key it is the record's.").Example("${data.ente}")
	o.Texts("renamed_from", (*[]config.Text)(&t.renamed)).
		Doc("The names that the topic had before, the latest first: what is published, and what waits, stays on the topic of the oldest name, " +
			"and what is on those of the others is read too. With name, messages are published under that name, and what is on the topics of all " +
			"names listed here is read too.").Example("[crm.ticket]")
	o.Var("schema", &t.data).Doc("The schema of an event's data, which publishers and readers are held to.").Required()
}

// loadTopics reads the topics of fondaco.yaml.
func (m *Model) loadTopics(types typeReader, out *diag.List) {
	for _, e := range m.Project.Topics {
		t := &Topic{Name: e.Key, Pos: e.Key.Pos}
		spec.Decode(e.Value, out, t.spec)
		if err := messaging.CheckName(t.Name.Value); err != nil {
			t.Name.Report(out, diag.BadValue, "found the topic %q, expected 1 to 200 of a-z, A-Z, 0-9, \".\", \"_\" and \"-\"", t.Name.Value)
		}
		if t.Type = t.data.read(types); t.Type == nil {
			t.Type = schema.TypeUnknown
		}
		if t.Event.Value == "" {
			t.Event = t.Name
		}
		m.Topics = append(m.Topics, t)
	}
}

// Topic finds a topic by name, nil if there is none.
func (m *Model) Topic(name string) *Topic {
	i := slices.IndexFunc(m.Topics, func(t *Topic) bool { return t.Name.Value == name })
	if i < 0 {
		return nil
	}
	return m.Topics[i]
}

// Names returns the topics of the broker on which its messages are: that of the kept name, where they are published, and
// those of former names.
func (t *Topic) Names() []string { return append([]string{t.Kept()}, t.others()...) }

// others returns the topics on which messages may be besides that of the kept name.
func (t *Topic) others() []string {
	if t.Named() {
		return t.renamed.names()
	}
	return t.renamed.others(t.Name.Value)
}

// Named reports whether the project declares a name of the topic on the broker.
func (t *Topic) Named() bool { return t.broker.Value != "" }

// topic finds the topic that a route names, and reports what is not there.
func (m *Model) topic(name config.Text, out *diag.List) *Topic {
	t := m.Topic(name.Value)
	if t == nil && !m.unsaid(len(m.Project.Topics)) {
		var all []string
		for _, t := range m.Topics {
			all = append(all, t.Name.Value)
		}
		name.Report(out, diag.UnknownTopic, "fondaco.yaml has no topic %q", name.Value).WithNearest(name.Value, all)
	}
	return t
}
