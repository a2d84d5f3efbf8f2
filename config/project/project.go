package project

import (
	"io/fs"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// FileName is the project's own file.
const FileName = "fondaco.yaml"

// Project is what fondaco.yaml says. It is not changed after loading.
type Project struct {
	Name        config.Text // the key project
	Title       string
	Version     string
	Summary     string
	Description string
	Contact     Contact
	Terms       string
	APIID       string
	License     string
	Language    string // of built-in problems: en, it
	Server      Server
	Network     Network
	Auth        []*Scheme
	Constants   *config.Node   // the key constants, nil if there are none
	Systems     []config.Entry // in order; connectors decode the values
	Services    []config.Entry // in the file's order
	Topics      []config.Entry // streams of messages, in the file's order
	Sequences   []*Sequence    // durable rising numbers, in the file's order
	Problems    []*Problem     // kinds of problems that routes answer by name, in the file's order
	Storage     Storage
	Retention   Retention
	Traces      Traces
	Contract    config.Text // the given OpenAPI document's path, empty if there is none
	Unread      bool        // a key of fondaco.yaml is unknown: what seems to be missing may stand there
	Unknown     bool        // the constants could not be read: nothing that is said of them is a mistake
	Pos         diag.Pos
}

// Contact is whom a caller of the API may ask.
type Contact struct{ Name, URL, Email string }

// Server is how the public API and the console are served.
type Server struct {
	Listen     config.Ref
	Console    config.Ref
	Health     config.Ref    // of the probes; empty for the console's address
	Hosts      []config.Text // under which the console is asked for, besides the loopback's names
	PublicURL  config.Ref
	Origins    []config.Text // of CORS
	Proxies    []netip.Prefix
	Limits     Limits
	DrainDelay time.Duration
	Grace      time.Duration
}

// Limits bound what one exchange may take.
type Limits struct {
	Body        int64 // bytes
	Answer      int64 // bytes
	Headers     int64 // bytes
	URI         int64 // bytes
	Connections int
	InFlight    int64 // bytes
	CallerShare int64 // bytes
	Rate        int64 // bytes a second
	Time        time.Duration
}

// Read reads and checks fondaco.yaml. It returns nil when there is none or it is hopeless; out says why.
func Read(fsys fs.FS, out *diag.List) *Project {
	n := config.ReadFile(fsys, FileName, out, diag.Pos{})
	if n == nil {
		return nil
	}
	p := Decode(n, out)
	for _, s := range p.Auth {
		if s.Keyed != nil {
			s.Keyed.read(fsys, out)
		}
	}
	if p.Contract.Value != "" {
		config.ReadBytes(fsys, p.Contract.Value, maxContract, out, p.Contract.Pos)
	}
	return p
}

// maxContract is the largest OpenAPI document, in bytes.
const maxContract = 16 << 20

// Decode is Read of a node, without a look at other files.
func Decode(n *config.Node, out *diag.List) *Project {
	constants := n.Get("constants")
	n.Constants(constants)
	p, own := decode(n)
	switch {
	case constants.Is(config.NodeMap):
		p.Constants = constants
	case constants != nil || p.Unread: // what is wrong with them is reported: that they are not there follows from it
		n.Constants(&config.Node{Kind: config.NodeNull})
		p, own = decode(n)
		p.Unknown = true
	}
	out.Join(own)
	p.Storage.check(out)
	p.Network.check(out)
	for _, s := range p.Auth {
		if s.JWT != nil {
			config.CheckSecret("client_secret", s.JWT.Introspection.ClientSecret, out)
		}
		s.checkWays(n.Get("auth").Get(s.Name.Value), out)
	}
	p.checkSequences(out)
	p.checkProblems(n.Get("problems"), out)
	if p.Name.Value != "" {
		config.CheckID(p.Name, out)
	}
	return p
}

// decode reads the fields, and returns what is wrong with them.
func decode(n *config.Node) (*Project, *diag.List) {
	p, own := &Project{Pos: n.Pos()}, &diag.List{}
	spec.Decode(n, own, p.Spec)
	for found := range own.All() {
		if found.Code == diag.UnknownField && slices.ContainsFunc(n.Entries, func(e config.Entry) bool { return e.Key.Pos == found.Pos }) {
			p.Unread = true
		}
	}
	return p, own
}

// languages are those in which problems are answered.
var languages = []string{"en", "it"}

// Spec declares the fields of fondaco.yaml.
func (p *Project) Spec(o *spec.Object) {
	o.Text("project", &p.Name).Required().Doc("The project's name: small letters, digits and -.").Example("dime")
	o.String("title", &p.Title).Doc("The API's title, for people.")
	o.String("version", &p.Version).Default("0.0.0").Doc("The API's version, as 1.4.0.")
	o.Enum("language", &p.Language, languages...).
		Doc("The language of the problems that Fondaco itself answers with, as of a value that does not fit or a system that is down, and of " +
			"what it writes into the OpenAPI and AsyncAPI documents by itself. Without it problems are in English and the documents in " +
			"Italian. What routes and connectors say stays as it is written, and so do the ids of operations (stato-operazione).")
	o.String("summary", &p.Summary).Doc("What the API is for, in one sentence.")
	o.String("description", &p.Description).Doc("What the API is for, in Markdown.")
	o.Object("contact", func(o *spec.Object) {
		o.String("name", &p.Contact.Name).Doc("The office or person.")
		o.String("url", &p.Contact.URL).Doc("Its page.")
		o.String("email", &p.Contact.Email).Doc("Its address.")
	}).Doc("Whom callers may ask.")
	o.String("terms", &p.Terms).Doc("The address of the terms of service.")
	o.String("api_id", &p.APIID).Doc("The API's UUID in the catalogue.")
	o.String("license", &p.License).Doc("The licence of the API's documents, as an SPDX name.").Example("EUPL-1.2")
	o.Object("server", p.Server.spec).Doc("How the API is served.")
	o.Object("network", p.Network.spec).Doc("The connections that are made to others.")
	o.Map("auth", func(name config.Text) func(*spec.Object) {
		s := &Scheme{Name: name}
		p.Auth = append(p.Auth, s)
		return s.spec
	}).Doc("The ways to know who calls, by name; routes refer to them.")
	o.Entries("constants", spec.Schema{}, func(config.Text, *config.Node, *diag.List) {}).AnyKeys().
		Doc("Values by name that stay the same: texts, numbers, true, false, lists and records of them. Expressions read them as " +
			"project.NAME, and texts of this file that read ${env.X} as ${project.NAME}. Secrets do not belong here.").
		Example("{ bollo: 16.00, uffici: { anagrafe: { codice: UA1 } } }")
	o.Entries("systems", spec.Schema{"type": "object"}, func(name config.Text, n *config.Node, _ *diag.List) {
		p.Systems = append(p.Systems, config.Entry{Key: name, Value: n})
	}).Doc("The systems behind the API, by name: a connector, its parameters and its limits.")
	o.Entries("services", spec.Schema{"type": "object"}, func(name config.Text, n *config.Node, _ *diag.List) {
		p.Services = append(p.Services, config.Entry{Key: name, Value: n})
	}).Doc("What the project serves to other systems on their protocols, by name: a connector turned round, each of its operations " +
		"answered by a route.")
	o.Entries("topics", spec.Schema{"type": "object"}, func(name config.Text, n *config.Node, _ *diag.List) {
		p.Topics = append(p.Topics, config.Entry{Key: name, Value: n})
	}).AnyKeys().Doc("The streams of messages, by name: what their events are.")
	o.Map("sequences", func(name config.Text) func(*spec.Object) {
		q := &Sequence{Name: name}
		p.Sequences = append(p.Sequences, q)
		return q.spec
	}).Doc("Rising numbers that outlive a restart, by name: expressions draw them with sequence(name).").Example("{ anpr: { start: 1 } }")
	o.Map("problems", func(name config.Text) func(*spec.Object) {
		one := &Problem{Name: name}
		p.Problems = append(p.Problems, one)
		return one.spec
	}).Doc("Kinds of problems by name, each with a type of its own, which the steps fail of routes answer: fail: { problem: NAME }. The " +
		"OpenAPI document describes each by itself.").
		Example("{ non-pagabile: { type: \"https://api.comune.example/problemi/non-pagabile\", status: 409, title: Multa non pagabile } }")
	o.Object("storage", p.Storage.spec).Doc("Where state is kept. The default is this machine.")
	o.Object("retention", p.Retention.Spec).Doc("How long what is kept of requests and messages stays; a route may say another time.").
		Example("{ letters: 30d, operations: 7d, results: 1d }")
	o.Alternative("traces", p.Traces.choices()...).
		Doc("What exchanges did is recorded, without a value of them, for the console and fondaco trace, in a file beside the state; off " +
			"records nothing. A project that keeps neither messages nor operations records nothing either.").
		Example("{ sample: 5%, keep: 7d, size: 200MB }")
	o.Text("contract", &p.Contract).Doc("An OpenAPI document that the routes must fulfil.").Example("openapi/given.yaml")
}

// defaultLimits are the limits where nothing is said.
var defaultLimits = Limits{
	Body: 1 << 20, Answer: 10 << 20, Headers: 16 << 10, URI: 8 << 10, Connections: 10_000, InFlight: 64 << 20,
	CallerShare: 16 << 20, Rate: 16 << 10, Time: 30 * time.Second,
}

func (s *Server) spec(o *spec.Object) {
	s.DrainDelay, s.Grace = 0, 30*time.Second
	o.Ref("listen", &s.Listen, "env").Default(":8080").Doc("The address of the public API.")
	o.Ref("console", &s.Console, "env").Doc("The address of the operators' console, on the loopback interface; none if it is left out. The " +
		"probes are there too if health is left out.").Example("127.0.0.1:8081")
	o.Ref("health", &s.Health, "env").Doc("The address of the probes, /livez and /readyz, and of /metrics; it may be on all interfaces. If " +
		"it is left out they are at the console's address.").Example(":8082")
	o.Var("console_hosts", consoleHosts{&s.Hosts}).Doc("The names under which a proxy of this machine serves the console, besides " +
		"localhost, 127.0.0.1 and [::1]: a request for another Host is refused.").Example("fondaco.comune.example")
	o.Ref("public_url", &s.PublicURL, "env").Doc("Where callers find the API, for its documents and links.")
	o.Object("cors", func(o *spec.Object) {
		o.Var("origins", origins{&s.Origins}).Doc(`The pages that may call from a browser, as https://dime.example; "*" for any.`)
	}).Doc("Which web pages may call.")
	o.Object("limits", func(o *spec.Object) {
		s.Limits = defaultLimits
		o.Size("body", &s.Limits.Body).Default("1MiB").Doc("A request's body, decompressed; a route may say another.")
		o.Size("answer", &s.Limits.Answer).Default("10MiB").
			Doc("What is written at a time: an answer, or the body of a call to a system; a route may say another. The values that a request's " +
				"expressions make may take twice as much memory.")
		o.Size("headers", &s.Limits.Headers).Default("16KiB").Doc("A request's head.")
		o.Size("uri", &s.Limits.URI).Default("8KiB").Doc("A request's path and query.")
		o.Int("connections", &s.Limits.Connections).Range(1, 1_000_000).Default("10000").Doc("Open connections.")
		o.Size("in_flight", &s.Limits.InFlight).Default("64MiB").
			Doc("The bodies and large answers that are held at a time, with the values that are read from bodies and made by expressions; beyond " +
				"it 503 is answered.")
		o.Size("in_flight_per_caller", &s.Limits.CallerShare).Default("16MiB").
			Doc("And those of one caller's address, as trusted_proxies finds it; beyond it 429 is answered. A trusted proxy itself has no share.")
		o.Size("rate", &s.Limits.Rate).Default("16KiB").Doc("What must come of a body, or be taken of an answer, in each second; what is " +
			"slower is cut off.")
		o.Duration("time", &s.Limits.Time).Within(time.Millisecond, time.Hour).Default("30s").Doc("A whole exchange; a route may say another.")
	}).Doc("What one request may take.")
	s.Limits = defaultLimits
	o.Var("trusted_proxies", networks{"trusted_proxies", &s.Proxies}).
		Doc("Addresses or networks of the proxies whose X-Forwarded-For is believed.").Example("10.0.0.0/8")
	o.Duration("drain_delay", &s.DrainDelay).Zero().Default("0s").
		Doc("How long requests are still taken after the readiness went, so that a balancer notices.")
	o.Duration("grace", &s.Grace).Default("30s").Doc("How long exchanges may end when the server stops.")
}

// origins are the origins of CORS.
type origins struct{ to *[]config.Text }

// Decode reads one or several.
func (o origins) Decode(n *config.Node, out *diag.List) {
	for _, t := range texts("origins", n, out) {
		u, err := url.Parse(t.Value)
		if t.Value == "*" || err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" && u.Scheme+"://"+u.Host == t.Value {
			*o.to = append(*o.to, t)
			continue
		}
		t.Report(out, diag.BadValue, `origins: found %q, expected an origin as https://dime.example, or "*"`, t.Value)
	}
}

// Schema is that of texts.
func (o origins) Schema() spec.Schema { return textsSchema() }

// refs are texts with references to the environment.
type refs struct{ to *[]config.Ref }

// Decode reads one or several.
func (r refs) Decode(n *config.Node, out *diag.List) {
	items := []*config.Node{n}
	if n.Kind == config.NodeList {
		items = n.Items
	}
	for _, item := range items {
		if item.Kind != config.NodeText {
			item.Report(out, diag.WrongType, "audience: found %s, expected text or a list of texts", item.Found())
			continue
		}
		*r.to = append(*r.to, config.ParseRefs(item.Said(out), []string{"env"}, out))
	}
}

// Schema is that of texts.
func (r refs) Schema() spec.Schema { return textsSchema() }

// algorithms are names of signatures.
type algorithms struct{ to *[]string }

// Decode reads one or several.
func (a algorithms) Decode(n *config.Node, out *diag.List) {
	*a.to = nil
	for _, t := range texts("algorithms", n, out) {
		if !slices.Contains(Algorithms(), t.Value) {
			t.Report(out, diag.BadValue, "algorithms: found %q, expected one of %s", t.Value, strings.Join(Algorithms(), ", ")).
				WithNearest(t.Value, Algorithms())
			continue
		}
		*a.to = append(*a.to, t.Value)
	}
}

// Schema is that of texts.
func (a algorithms) Schema() spec.Schema { return textsSchema() }

func texts(name string, n *config.Node, out *diag.List) []config.Text {
	items := []*config.Node{n}
	if n.Kind == config.NodeList {
		items = n.Items
	}
	var texts []config.Text
	for _, item := range items {
		if item.Kind != config.NodeText {
			item.Report(out, diag.WrongType, "%s: found %s, expected text or a list of texts", name, item.Found())
			continue
		}
		texts = append(texts, item.Text)
	}
	return texts
}

func textsSchema() spec.Schema {
	var ignored []config.Text
	return spec.SchemaOf(spec.Texts(&ignored))
}
