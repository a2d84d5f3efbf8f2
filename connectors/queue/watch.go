package queue

import (
	"slices"
	"strconv"
	"strings"
	"unicode"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/typing"
)

// watched is what a watch says for itself, and what describe makes of it.
type watched struct {
	topic, queue config.Text
	parameters   []entry
	headers      []entry
	content      string
	document     *config.Node
	share        config.Text
	retained     string
	prefetch     int
	id           []config.Text
	key          config.Text

	filter   string    // of topics, or the name of the queue
	words    *template // of the topic; nil of a queue
	ids      [][]string
	keyed    []string
	held     *schema.Type // what a message holds
	itemType *schema.Type
	good     bool
}

// The words of retained.
const (
	retainedSkip = "skip"
	retainedTake = "take"
)

const defaultPrefetch = 100

func newWatched() *watched { return &watched{retained: retainedSkip, prefetch: defaultPrefetch} }

func watchSpec(o *spec.Object, watch *connectors.Watch) {
	w, ok := watch.Wire.(*watched)
	if !ok {
		w = newWatched()
		watch.Wire = w
	}
	o.Text("topic", &w.topic).
		Doc("Of MQTT, the topics whose messages are received. {name} stands for one word, which becomes a field of that " +
			"name; + for a word that nobody reads, and # at the end for all words that follow.").Example("maree/{stazione}/livello")
	o.Text("queue", &w.queue).Doc("Of AMQP, the queue whose messages are received. It must be there: where it is bound, how long it keeps " +
		"messages and where its dead letters go is for who runs the broker.").Example("comune.pratiche")
	o.Entries("parameters", typing.Schema(), func(key config.Text, value *config.Node, _ *diag.List) {
		w.parameters = append(w.parameters, entry{key, value})
	}).AnyKeys().Doc("The schemas of the words of the topic: text, whole numbers and dates.").Default("text for each {name}")
	o.Entries("headers", typing.Schema(), func(key config.Text, value *config.Node, _ *diag.List) {
		w.headers = append(w.headers, entry{key, value})
	}).AnyKeys().
		Doc("The headers that are read, user properties of MQTT 5, and their schemas: text, whole numbers and dates. Each may lack, " +
			"and becomes a field of headers.")
	o.Enum("content", &w.content, contentJSON, contentText, contentBytes).
		Doc("What a message holds. json: a document of JSON, as schema: says. text: text in UTF-8. bytes: octets.")
	o.Node("schema", &w.document).
		Doc("Of content: json, the schema of the document. A message that does not fit is refused: of AMQP it goes to " +
			"the queue's dead letters, if it has some; of MQTT it is gone. The log and the metric fondaco_watch_refused_total say so.")
	o.Text("share", &w.share).
		Doc("Of MQTT, the name of a shared subscription: each message goes to one of those who share it. The processes of " +
			"one installation need none: one of them watches.").Example("fondaco")
	o.Enum("retained", &w.retained, retainedSkip, retainedTake).
		Doc("Of MQTT, what becomes of messages that the broker has retained from before the subscription. skip: they are left out. take: they " +
			"come, with retained: true.").Default(retainedSkip)
	o.Int("prefetch", &w.prefetch).Range(1, 1000).Doc("How many messages are taken together, and how many the broker sends that are not " +
		"acknowledged.").Default("100")
	o.Texts("id", &w.id).Doc("The fields whose values together name a message: one that comes again is then known, and worked on once. " +
		"Where there is neither, what the broker delivers twice is worked on twice.").
		Default("message_id, the id that the sender gave the message").Example("[stazione, payload.misurato]")
	o.Text("key", &w.key).Doc("The field whose equal values are worked on one after the other, in the order of the broker.").
		Example("stazione")
}

// The fields of every item.
const (
	fieldTopic    = "topic"
	fieldID       = "message_id"
	fieldRetained = "retained"
	fieldHeaders  = "headers"
	fieldPayload  = "payload"
)

// describe sets the type of a watch's items.
func (w *watched) describe(watch *connectors.Watch, of *wire, types *typing.Reader, out *diag.List) {
	report := func(message string) *diag.Problem {
		return out.Report(diag.BadConnector, watch.Pos, "%s: %s", watch.Name, message).WithLen(len(watch.Name))
	}
	w.good = true
	switch {
	case w.topic.Value != "" && w.queue.Value != "":
		w.queue.Report(out, diag.BadConnector, "%s: found topic and queue, expected one of them", watch.Name).
			WithHint("topic belongs to MQTT, queue to AMQP")
		w.good = false
	case w.queue.Value != "":
		w.describeQueue(watch, out)
	case w.topic.Value != "":
		w.describeTopic(watch, of, out)
	default:
		w.good = false
		if !watch.Unread {
			report("the watch does not say what it receives").WithHint("write topic: of MQTT, or queue: of AMQP")
		}
	}
	if w.content == "" && !watch.Unread {
		report("the watch does not say what a message holds").WithHint("write content: json, text or bytes")
	}
	w.held = documentType(watch.Name, w.content, w.document, types, out)
	switch {
	case w.content == contentText:
		w.held = schema.TypeText
	case w.content == contentBytes:
		w.held = schema.TypeBytes
	case w.held == nil:
		w.held, w.good = schema.TypeUnknown, false
		if w.content == contentJSON && !watch.Unread {
			report("the watch does not say what the document holds").WithHint("write schema:")
		}
	}
	w.itemType = w.item(watch, types, out)
	for _, at := range w.id {
		if path := w.field(watch, "id", at, out); path != nil {
			w.ids = append(w.ids, path)
		}
	}
	if w.key.Value != "" {
		w.keyed = w.field(watch, "key", w.key, out)
		watch.Keyed = strings.Join(w.keyed, ".")
	}
	watch.Item, watch.Ways = w.itemType, w.ways()
	if !w.good {
		watch.Item = schema.TypeUnknown
	}
}

func (w *watched) describeQueue(watch *connectors.Watch, out *diag.List) {
	w.filter = w.queue.Value
	for name, at := range map[string]config.Text{"share": w.share} {
		if at.Value != "" {
			at.Report(out, diag.BadConnector, "%s: %s belongs to topic, of MQTT", watch.Name, name)
			w.good = false
		}
	}
	if len(w.queue.Value) > mostTopic || strings.ContainsFunc(w.queue.Value, unicode.IsControl) {
		w.queue.Report(out, diag.BadConnector, "%s: found no name of a queue, expected up to %d bytes without control characters", watch.Name,
			mostTopic)
		w.good = false
	}
}

// describeTopic makes the filter of the topic.
func (w *watched) describeTopic(watch *connectors.Watch, of *wire, out *diag.List) {
	bad := func(from, to int, message, hint string) {
		w.good = false
		if p := w.topic.Slice(from, to).Report(out, diag.BadConnector, "%s: %s", watch.Name, message); hint != "" {
			p.WithHint("%s", hint)
		}
	}
	var filter, plain []string
	at := 0
	levels := strings.Split(w.topic.Value, "/")
	for i, level := range levels {
		hole := holeForm.FindString(level)
		switch {
		case hole != "" && hole == level:
			filter, plain = append(filter, "+"), append(plain, level)
		case strings.ContainsAny(level, "{}"):
			bad(at, at+len(level), "found "+strconv.Quote(level)+", expected {name} as a whole word", "")
			return
		case level == "+":
			filter, plain = append(filter, "+"), append(plain, "{+"+strconv.Itoa(i)+"}")
		case level == "#" && i == len(levels)-1:
			filter, plain = append(filter, "#"), append(plain, "{#}")
		case strings.ContainsFunc(level, forbidden) && !strings.Contains(level, "*"):
			bad(at, at+len(level), "found "+strconv.Quote(level)+", expected + as a whole word, or # as the last one", "")
			return
		default:
			filter, plain = append(filter, level), append(plain, level)
		}
		at += len(level) + 1
	}
	if w.share.Value != "" && strings.ContainsAny(w.share.Value, "/+#") {
		w.share.Report(out, diag.BadConnector, "%s: found %q, expected a name without /, + and #", watch.Name, w.share.Value)
		w.good = false
	}
	if of.version == version3 && len(w.headers) > 0 {
		w.headers[0].key.Report(out, diag.BadConnector, "%s: MQTT 3.1.1 has no headers", watch.Name).
			WithHint("write version: 5, if the broker speaks it")
	}
	w.filter = strings.Join(filter, "/")
	w.words = wordsOf(strings.Join(plain, "/"))
}

// item returns the type of the items.
func (w *watched) item(watch *connectors.Watch, types *typing.Reader, out *diag.List) *schema.Type {
	scalarOf := func(e entry, what string) *schema.Type {
		t := types.Read(e.value)
		if !t.Kind.Textual() && t.Kind != schema.KindInt && t.Kind != schema.KindUnknown || t.Nullable {
			e.key.Report(out, diag.BadConnector, "%s: the %s %s is %s, expected a text, a whole number or a date that is never null",
				watch.Name, what, e.key.Value, t)
			w.good = false
		}
		return t
	}
	fields := []schema.Field{{Name: fieldTopic, Type: schema.TypeText, Required: true}}
	var names []string
	if w.words != nil {
		names = slices.DeleteFunc(w.words.holes(), func(name string) bool { return name[0] == '+' || name[0] == '#' })
	}
	for _, name := range names {
		if slices.Contains([]string{fieldTopic, fieldID, fieldRetained, fieldHeaders, fieldPayload}, name) {
			w.topic.Report(out, diag.BadConnector, "%s: {%s} has the name of another field of the message", watch.Name, name).
				WithHint("give the word another name")
			w.good = false
			continue
		}
		config.CheckName(config.Text{Value: name, Pos: w.topic.Pos}, out)
		t := schema.TypeText
		for _, e := range w.parameters {
			if e.key.Value == name {
				t = scalarOf(e, "word")
			}
		}
		fields = append(fields, schema.Field{Name: name, Type: t, Required: true})
	}
	for _, e := range w.parameters {
		if !slices.Contains(names, e.key.Value) {
			e.key.Report(out, diag.BadConnector, "%s: the topic has no {%s}", watch.Name, e.key.Value).WithNearest(e.key.Value, names)
		}
	}
	fields = append(fields, schema.Field{Name: fieldID, Type: schema.TypeText})
	if w.queue.Value == "" {
		fields = append(fields, schema.Field{Name: fieldRetained, Type: schema.TypeBool, Required: true})
	}
	if len(w.headers) > 0 {
		var headers []schema.Field
		for _, e := range w.headers {
			headers = append(headers, schema.Field{Name: e.key.Value, Type: scalarOf(e, "header")})
		}
		fields = append(fields, schema.Field{Name: fieldHeaders, Type: schema.RecordType(headers...), Required: true})
	}
	return schema.RecordType(append(fields, schema.Field{Name: fieldPayload, Type: w.held, Required: true})...)
}

// field finds a field of the items by its path, as payload.misurato; nil if it cannot be used.
func (w *watched) field(watch *connectors.Watch, what string, at config.Text, out *diag.List) []string {
	path := strings.Split(at.Value, ".")
	t := w.itemType
	for _, name := range path {
		if t.Kind == schema.KindUnknown {
			return nil // which is reported
		}
		i := t.Index(name)
		if t.Kind != schema.KindRecord || i < 0 {
			var known []string
			for _, f := range t.Fields {
				known = append(known, f.Name)
			}
			at.Report(out, diag.BadConnector, "%s: %s: a message has no field %q", watch.Name, what, at.Value).WithNearest(name, known)
			w.good = false
			return nil
		}
		t = t.Fields[i].Type
	}
	if t.Kind != schema.KindUnknown && (t.Kind == schema.KindRecord || t.Kind == schema.KindList || t.Kind == schema.KindMap) {
		at.Report(out, diag.BadConnector, "%s: %s: the field %s is %s, expected one value", watch.Name, what, at.Value, t)
		w.good = false
		return nil
	}
	return path
}

// ways says how messages are received, for people.
func (w *watched) ways() []string {
	source := "each message of the topics " + w.filter
	if w.queue.Value != "" {
		source = "each message of the queue " + w.queue.Value
	} else if w.share.Value != "" {
		source += ", shared as " + w.share.Value
	}
	again := "one that comes again is known by its own id, if its sender gave it one"
	if len(w.id) > 0 {
		names := make([]string, len(w.id))
		for i, at := range w.id {
			names[i] = at.Value
		}
		again = "one that comes again is known by " + strings.Join(names, " and ")
	}
	return []string{source, "it is acknowledged once it is kept here; " + again, "one that does not fit its schema is refused"}
}
