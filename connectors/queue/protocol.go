// Package queue publishes messages to a broker of MQTT or AMQP 0.9.1, asks for replies there, and watches topics and queues. What a
// message holds stands in the connector, so that routes are checked without the broker.
package queue

import (
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/typing"
)

// Protocol is queue.
var Protocol = &connectors.Protocol{
	Name:          "queue",
	Title:         "Messages of a broker: MQTT and AMQP 0.9.1",
	Spec:          connectorSpec,
	OperationSpec: operationSpec,
	WatchSpec:     watchSpec,
	Describe:      describe,
	Addresses:     addresses,
	Open:          open,
	Watch:         watch,
	Simulate:      simulated,
}

// wire is what a connector says under queue:.
type wire struct {
	address, user, password, ca, certificate, key, client config.Ref
	version                                               string
	keep                                                  time.Duration
	largest                                               int64
}

// The versions of MQTT.
const (
	version5 = "5"
	version3 = "3.1.1"
)

func addresses(c *connectors.Connector) []config.Ref {
	if w, ok := c.Wire.(*wire); ok {
		return []config.Ref{w.address}
	}
	return nil
}

func connectorSpec(o *spec.Object, c *connectors.Connector) {
	w, ok := c.Wire.(*wire)
	if !ok {
		w = &wire{version: version5, keep: 24 * time.Hour, largest: 1 << 20}
		c.Wire = w
	}
	o.Ref("address", &w.address, connectors.Spaces...).Required().
		Doc("Where the broker is, without user and password: mqtt://HOST:PORT or mqtts:// with TLS, amqp://HOST:PORT/VIRTUAL-HOST or amqps://.").
		Example("${param.endpoint}")
	o.Ref("user", &w.user, connectors.Spaces...).
		Doc("The broker's user. Give it the rights that the operations and the watches need, and no " +
			"others.").Example("${param.user}")
	o.Ref("password", &w.password, connectors.Spaces...).Doc("The user's password.").Example("${param.password}")
	o.Ref("certificate", &w.certificate, connectors.Spaces...).
		Doc("Our certificate in PEM, or the path of its file, where the broker asks for " +
			"one.").Example("${param.certificate}")
	o.Ref("key", &w.key, connectors.Spaces...).Doc("The certificate's key, likewise.").Example("${secret.broker_key}")
	o.Ref("ca", &w.ca, connectors.Spaces...).Doc("The authorities in PEM that are trusted instead of the machine's, likewise.")
	o.Ref("client_id", &w.client, connectors.Spaces...).
		Doc("Of MQTT, the first part of our client identifiers. Two installations that share a broker need two: the broker ends the connection " +
			"of the one when the other connects.").Default("fondaco, and the system's name").Example("fondaco-${param.nodo}")
	o.Enum("version", &w.version, version5, version3).
		Doc("The version of MQTT. 3.1.1 has no headers, no expiry, no requests and no reasons of refusals.").Default(version5)
	o.Duration("session", &w.keep).Within(time.Minute, 30*24*time.Hour).
		Doc("Of MQTT 5, how long the broker is asked to keep what comes for a watch while nobody is connected.").Default("24h")
	o.Size("max_message", &w.largest).Doc("How large the content of a message may be. A larger one is not sent; one that comes ends the " +
		"connection of MQTT, and is refused of AMQP.").Default("1MiB")
}

// The kinds of operations, by their keys.
const (
	doPublish = "publish"
	doRequest = "request"
)

// kinds are all of them, with what each is for.
var kinds = []struct{ key, doc, example string }{
	{
		doPublish, "The topic of MQTT, or the routing key of AMQP, to which a message is published. The call is answered when the broker has " +
			"confirmed that it has the message.", "semafori/{id}/comando",
	},
	{
		doRequest, "Where a message is published to which somebody replies: with a response topic (MQTT 5) or reply-to (AMQP), and correlation.",
		"anagrafe.richieste",
	},
}

// The contents of a message.
const (
	contentJSON  = "json"
	contentText  = "text"
	contentBytes = "bytes"
)

// The words of unroutable.
const (
	unroutableFault = "fault"
	unroutableTaken = "accept"
)

// op is what an operation declares, and what describe derives from it.
type op struct {
	topics       map[string]*config.Text // by the key of the kind
	exchange     config.Text
	parameters   []entry
	headers      []entry
	content      string
	mediaType    string
	document     *config.Node // the schema of a JSON document
	reply        *config.Node // the schema of the reply to a request
	qos          int
	retain       bool
	expires      time.Duration
	unroutable   string
	kind         string       // "" if it cannot be run
	sent         *schema.Type // the JSON document that is sent, nil for none
	topic        *template
	headersTyped []schema.Field
}

// entry is a parameter with its schema.
type entry struct {
	key   config.Text
	value *config.Node
}

func operationSpec(o *spec.Object, operation *connectors.Operation) {
	p, ok := operation.Wire.(*op)
	if !ok {
		p = &op{topics: map[string]*config.Text{}, qos: 1}
		operation.Wire = p
	}
	for _, k := range kinds {
		if p.topics[k.key] == nil {
			p.topics[k.key] = &config.Text{}
		}
		o.Text(k.key, p.topics[k.key]).
			Doc(k.doc + " {name} stands for a parameter, whose value may hold no wildcard, no control character and nothing that separates words.").
			Example(k.example)
	}
	o.Text("exchange", &p.exchange).Doc("Of AMQP, the exchange, which must be there.").
		Default("the broker's own, by which the routing key is the name of a queue").Example("eventi")
	o.Entries("parameters", typing.Schema(), func(key config.Text, value *config.Node, _ *diag.List) {
		p.parameters = append(p.parameters, entry{key, value})
	}).AnyKeys().Doc("The parameters of the topic, and their schemas: text, whole numbers and dates.").Default("text for each {name}")
	o.Entries("headers", typing.Schema(), func(key config.Text, value *config.Node, _ *diag.List) {
		p.headers = append(p.headers, entry{key, value})
	}).AnyKeys().Doc("The headers that a message is sent with, and their schemas: text, whole numbers and dates. Each is a parameter of the " +
		"operation. They are user properties in MQTT 5.")
	o.Enum("content", &p.content, contentJSON, contentText, contentBytes).
		Doc("What a message holds. json: a document of JSON, as schema: says. text: text in UTF-8. bytes: octets.")
	o.String("media_type", &p.mediaType).Doc("What receivers are told that the content is.").
		Default("application/json, text/plain or application/octet-stream").Example("application/pdf")
	o.Node("schema", &p.document).Doc("Of content: json, the schema of the document, whose fields are the operation's input.")
	o.Node("reply", &p.reply).Doc("Of request, the schema of the document of JSON that is the reply.")
	o.Int("qos", &p.qos).Range(0, 1).Doc("Of MQTT. 1: the broker confirms that it has the message. 0: it does not, and the message may be " +
		"lost.").Zero().Default("1")
	o.Bool("retain", &p.retain).Doc("Of MQTT, the broker retains the message for those who subscribe later.")
	o.Duration("expires", &p.expires).Doc("After how long the broker forgets a message that nobody took.").Default("never").Example("10m")
	o.Enum("unroutable", &p.unroutable, unroutableFault, unroutableTaken).
		Doc("What it is that nobody would get the message. fault: the fault not-found. accept: nothing; the message is gone.").
		Default("fault of AMQP, accept of MQTT, where nobody may be listening just now")
}
