package asyncapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"fondaco/openapi"
	"fondaco/openapi/texts"
)

var semantic = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

// Write returns the document as JSON, indented: the same bytes for the same input, everything in the order given. Messages
// are CloudEvents 1.0 in binary mode (Kafka protocol binding 1.0.2): attributes as headers, the data as the payload; those
// of plain channels are the data alone. An
// error says what of the input cannot be described.
func Write(d Document) ([]byte, error) {
	w := &writer{doc: d, schemas: openapi.NewSchemas(headersName), taken: map[string]bool{}, messages: map[string]string{}}
	head, err := w.head()
	if err != nil {
		return nil, err
	}
	for _, c := range d.Channels {
		w.schemas.Expect(c.Data)
	}
	channels, bodies, err := w.channels()
	if err != nil {
		return nil, err
	}
	operations, err := w.operations()
	if err != nil {
		return nil, err
	}
	doc := object{{"asyncapi", Version}}
	if d.Info.APIID != "" {
		doc.set("id", "urn:uuid:"+d.Info.APIID)
	}
	doc.set("info", head)
	doc.set("defaultContentType", contentType)
	if len(d.Brokers) > 0 {
		doc.set("servers", w.servers())
	}
	doc.set("channels", channels)
	doc.set("operations", operations)
	doc.set("components", w.components(bodies))
	flat, err := marshal(doc)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, flat, "", "  "); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}

type writer struct {
	doc      Document
	schemas  *openapi.Schemas
	taken    map[string]bool   // names of messages
	messages map[string]string // by topic: the name of its message
}

// text returns a text that Write adds by itself.
func (w *writer) text(k texts.Key) string { return w.doc.Info.Language.Text(k) }

func (w *writer) head() (object, error) {
	in := w.doc.Info
	if in.Title == "" {
		return nil, fmt.Errorf("a document needs a title")
	}
	if in.Version == "" {
		in.Version = "1.0.0"
	}
	if !semantic.MatchString(in.Version) {
		return nil, fmt.Errorf("version %q is not a semantic version, as 1.0.0", in.Version)
	}
	o := object{{"title", in.Title}, {"version", in.Version}}
	if in.Description == "" {
		in.Description = in.Title
	}
	o.set("description", in.Description)
	o.text("termsOfService", in.TermsOfService)
	contact := object{}
	if in.Contact == (openapi.Contact{}) {
		in.Contact.Name = in.Title
	}
	contact.text("name", in.Contact.Name)
	contact.text("url", in.Contact.URL)
	contact.text("email", in.Contact.Email)
	o.set("contact", contact)
	if in.License.Name != "" {
		license := object{{"name", in.License.Name}}
		license.text("url", in.License.URL)
		o.set("license", license)
	}
	var tags []object
	for _, name := range w.tags() {
		tags = append(tags, object{{"name", name}, {"description", name}})
	}
	if tags != nil {
		o.set("tags", tags)
	}
	return o, nil
}

// tags returns those of the operations, ordered by name.
func (w *writer) tags() []string {
	var names []string
	for _, op := range w.doc.Operations {
		if op.Tag != "" && !slices.Contains(names, op.Tag) {
			names = append(names, op.Tag)
		}
	}
	slices.Sort(names)
	return names
}

func serverName(i int) string {
	if i == 0 {
		return "kafka"
	}
	return fmt.Sprintf("kafka-%d", i+1)
}

func (w *writer) servers() object {
	var o object
	for i, b := range w.doc.Brokers {
		s := object{{"host", b.Host}, {"protocol", "kafka"}, {"description", w.text(texts.KafkaServer)}}
		if b.Password {
			s.set("security", []object{ref("components/securitySchemes/plain")})
		}
		o.set(serverName(i), s)
	}
	return o
}

func (w *writer) kafka() bool { return len(w.doc.Brokers) > 0 }

// components returns what is shared: messages, their headers, the schemas of named types.
func (w *writer) components(messages object) object {
	var o object
	if slices.ContainsFunc(w.doc.Brokers, func(b Broker) bool { return b.Password }) {
		o.set("securitySchemes", object{{"plain", object{{"type", "plain"}, {"description", w.text(texts.KafkaPassword)}}}})
	}
	if len(messages) == 0 {
		return o
	}
	var schemas object
	if slices.ContainsFunc(w.doc.Channels, func(c Channel) bool { return !c.Plain }) {
		schemas.set(headersName, w.headers())
	}
	w.schemas.Components(func(name string, body json.RawMessage) { schemas.set(name, body) })
	o.set("messages", messages)
	o.set("schemas", schemas)
	return o
}
