// Package routestest runs a project's own tests: requests against its routes, with every system simulated on its real
// protocol over loopback. The same runner serves "fondaco test" and the tests of the language.
package routestest

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors/simulate"
	"fondaco/routes"
	"fondaco/routes/trigger"
)

// Test is one request and the answer that it must get.
type Test struct {
	Name    config.Text
	Request Request
	Systems []override
	Answer  Answer
	Calls   []expected // what the systems are asked for; operations that are not here are not looked at
	Pos     diag.Pos
}

// Request is what a test sends.
type Request struct {
	Method, Path string       // the path with its query, percent-encoded
	SOAP         string       // service.operation instead, over a socket; the body is its input
	Batch        *config.Node // in place of the body: the data of messages that were collected
	Schedule     string       // or a route that starts by itself, due at At
	At           string
	Topic        string // or a message of a topic; the body is its data
	Watch        string // or what a system's watch finds, by its samples; or the body alone
	Key          string // of the message
	Headers      [][2]string
	User         *config.Node
	Signer       *config.Node
	Body         *config.Node
}

// Answer is what a test expects. What it does not say is not looked at.
type Answer struct {
	Status  int
	Headers [][2]string
	Body    *config.Node // compared whole; "..." stands for anything

	Published *config.Node // what was published, compared whole; nil is not looked at
}

// override is what a system does in one test instead of its samples.
type override struct {
	system, operation string
	cases             []*simulate.Case
	pos               []diag.Pos // of the cases
	down              bool
}

// at returns where a case stands.
func (o *override) at(i int) diag.Pos { return o.pos[min(i, len(o.pos)-1)] }

// Result is what came of a test.
type Result struct {
	Test   *Test
	Failed string // why; "" if it passed
	Took   time.Duration
}

// Read reads the tests of a file. What is wrong goes to out.
func Read(n *config.Node, m *routes.Model, out *diag.List) []*Test {
	var tests []*Test
	spec.Decode(n, out, func(o *spec.Object) {
		o.List("tests", func() func(*spec.Object) {
			t := &Test{}
			tests = append(tests, t)
			return func(o *spec.Object) { t.spec(o, m) }
		}).Required().Doc("The tests of the file.")
	})
	for _, t := range tests {
		t.Pos = t.Name.Pos
	}
	return tests
}

// Spec declares the fields of a file of tests, for documentation and editors.
func Spec(o *spec.Object) {
	o.List("tests", func() func(*spec.Object) {
		return func(o *spec.Object) { (&Test{}).spec(o, &routes.Model{}) }
	}).Required().Doc("The tests of the file.")
}

func (t *Test) spec(o *spec.Object, m *routes.Model) {
	o.Text("test", &t.Name).Required().Doc("What the test shows, in a few words.")
	o.Object("request", func(o *spec.Object) {
		t.Request.Method = "GET"
		o.Enum("method", &t.Request.Method, trigger.Methods...).Default("GET").Doc("The method.")
		o.String("path", &t.Request.Path).Doc("The path, with its query, percent-encoded: it is sent as it stands.").Example("/multe?stato=aperta")
		o.String("soap", &t.Request.SOAP).Doc("Instead of a path: the operation of a service, as pagopa.paSendRT. The body is its input, what " +
			"must come its output; of a fault the status and { fault: CODE, text: TEXT, detail: the elements that the WSDL declares }.")
		headers(o, &t.Request.Headers)
		o.String("schedule", &t.Request.Schedule).Doc("Instead of a path: a route that starts by itself. What must come is as with a topic.")
		o.String("at", &t.Request.At).Doc("When it is due, and what the clock shows then.").Example("2026-01-15T09:00:00+01:00").Default("now")
		o.String("topic", &t.Request.Topic).Doc("Instead of a path: a message of this topic, whose data the body is; of a topic with format: " +
			"json a record with the headers, whose id and key are computed. What must come is 200 where all its routes handle it, 503 where it " +
			"is tried again, and 422 with { dead: REASON } for a dead letter.")
		o.Node("batch", &t.Request.Batch).Doc("In place of the body, for a route with collect: a list of messages' data, which it gets as one " +
			"batch with the key.")
		for _, key := range routes.WatchKeys() {
			o.String(key, &t.Request.Watch).Doc("Instead of a path: a watch of a system, as its route names it. The body is one thing that was " +
				"found; without it the watch finds what its samples have, and the route gets each. What must come is as with a topic.")
		}
		o.String("key", &t.Request.Key).Doc("The key of the message.")
		o.Node("user", &t.Request.User).Doc("Who calls: fiscal_code, level, roles, subject, channel. What is null the token does not say.")
		o.Node("signer", &t.Request.Signer).Doc("Who signs the message to a service that demands it: subject, issuer, fingerprint, key. In " +
			"tests the messages come unsigned, and no key is needed.")
		o.Node("body", &t.Request.Body).Doc("The body, as YAML. Of a route with files a file is { content: OCTETS IN BASE64, name: a.jpg, type: image/jpeg }, or " +
			"{ text: THE CONTENT, name: …, type: … }; each item of a list is a part, and other objects are JSON.")
	}).Required().Doc("What is sent.")
	o.Entries("systems", spec.Schema{}, func(key config.Text, n *config.Node, out *diag.List) { t.override(key, n, m, out) }).AnyKeys().
		Doc("What systems do in this test: system.operation with a case as in samples, or a list of them, or system: down. A case whose when " +
			"fits no call fails the test.")
	o.Entries("calls", spec.Schema{}, func(key config.Text, n *config.Node, out *diag.List) { t.expect(key, n, m, out) }).AnyKeys().
		Doc("What systems are asked for in this test: system.operation with the input of each call, in any order, or with the number of " +
			"calls. As in the answer's body, \"...\" stands for anything.")
	o.Object("answer", func(o *spec.Object) {
		t.Answer.Status = http.StatusOK
		o.Int("status", &t.Answer.Status).Range(100, 599).Default("200").Doc("The status.")
		headers(o, &t.Answer.Headers)
		o.Node("body", &t.Answer.Body).Doc(`The body, compared whole; "..." stands for anything, and "...": "..." in an object for any other fields. ` +
			`The request_id of a problem is looked at only if it is written. Of a route with accept: async it is what the request comes to. ` +
			`One of several parts is an object of them, in which a file is content in base64, name and type.`)
		o.Node("published", &t.Answer.Published).Doc("What was published, in its order, each with topic, id if the test says any, key if it " +
			"has one, and event.")
	}).Required().Doc("What must come.")
}

func headers(o *spec.Object, to *[][2]string) {
	o.Entries("headers", spec.Schema{"type": "string"}, func(key config.Text, n *config.Node, _ *diag.List) {
		*to = append(*to, [2]string{key.Value, n.Text.Value})
	}).AnyKeys().Doc("Headers.")
}

func (t *Test) override(key config.Text, n *config.Node, m *routes.Model, out *diag.List) {
	system, operation, whole := strings.Cut(key.Value, ".")
	sys := m.System(system)
	if sys == nil || sys.Connector == nil {
		key.Report(out, diag.UnknownSystem, "the project has no system %q", system)
		return
	}
	if !whole {
		if n.Text.Value != "down" {
			n.Report(out, diag.BadValue, "found %s, expected down", n.Found())
		}
		t.Systems = append(t.Systems, override{system: system, down: true})
		return
	}
	op := sys.Connector.Sampled(operation)
	if op == nil {
		key.Report(out, diag.UnknownOperation, "%s has no operation %q", system, operation).WithNearest(operation, sys.Connector.OperationNames())
		return
	}
	o := override{system: system, operation: operation, cases: simulate.ReadCases(n, op, out), pos: []diag.Pos{n.Pos()}}
	for i, item := range n.Items {
		o.pos = append(o.pos[:i], item.Pos())
	}
	t.Systems = append(t.Systems, o)
}

// Run runs tests one after the other over a checked project, requests through a door. It stops early when ctx ends.
func Run(ctx context.Context, typed *routes.Typed, tests []*Test, door Door, out *diag.List) ([]Result, error) {
	systems, strays := map[string]*simulated{}, &strays{}
	defer func() {
		for _, s := range systems {
			s.simulator.Stop()
		}
	}()
	for _, sys := range typed.Model.Systems {
		s, err := startSimulator(sys, strays, out)
		if err != nil {
			return nil, err
		}
		if s != nil {
			systems[sys.Name] = s
		}
	}
	var results []Result
	for _, t := range tests {
		if ctx.Err() != nil {
			return results, ctx.Err()
		}
		began := time.Now()
		failed := strays.blame(t.run(ctx, typed, systems, door))
		results = append(results, Result{t, failed, time.Since(began)})
	}
	return results, nil
}

// run runs one test on a fresh program, so that no cache or breaker remembers another.
func (t *Test) run(ctx context.Context, typed *routes.Typed, systems map[string]*simulated, door Door) string {
	asked := &calls{}
	clock := time.Now
	if t.Request.At != "" {
		when, err := t.Request.when()
		if err != nil {
			return err.Error()
		}
		clock = func() time.Time { return when }
	}
	for name, s := range systems {
		s.simulator.Down(false)
		s.simulation.Play(s.samples, asked.observer(name), clock)
		if err := s.anew(typed.Model.System(name)); err != nil {
			return err.Error()
		}
	}
	answers := map[string]map[string][]*simulate.Case{}
	for _, o := range t.Systems {
		s := systems[o.system]
		if s == nil {
			continue
		}
		if o.down {
			s.simulator.Down(true)
		}
		if o.operation != "" {
			if answers[o.system] == nil {
				answers[o.system] = maps.Clone(s.samples)
			}
			answers[o.system][o.operation] = append(slices.Clone(o.cases), s.samples[o.operation]...)
		}
	}
	for name, cases := range answers {
		systems[name].simulation.Play(cases, asked.observer(name), clock)
	}
	program := routes.Compile(typed)
	seen := &publications{ids: named(t.Answer.Published), now: map[string]string{}}
	for _, topic := range typed.Model.Topics {
		seen.now[topic.Kept()] = topic.Name.Value
	}
	deps := routes.Deps{Topics: seen, Sequences: &numbers{}, Signer: signer(t.Request.Signer)}
	if t.Request.At != "" {
		deps.Now = clock
	}
	if err := program.Start(ctx, deps); err != nil {
		return err.Error()
	}
	defer func() { _ = program.Close(ctx) }()
	failed := t.send(ctx, program, typed, door)
	if failed == "" && t.Answer.Published != nil {
		failed = seen.compare(t.Answer.Published)
	}
	return cmp.Or(failed, asked.compare(t.Calls), asked.unused(t.Systems))
}

// send sends the test's request and compares what comes.
func (t *Test) send(ctx context.Context, program *routes.Program, typed *routes.Typed, door Door) string {
	if t.Request.Topic != "" {
		return t.message(ctx, program)
	}
	if t.Request.Schedule != "" {
		return t.due(ctx, program)
	}
	if t.Request.Watch != "" {
		return t.found(ctx, program)
	}
	if t.Request.SOAP != "" {
		return t.soap(ctx, program, typed.Model)
	}
	return t.ask(ctx, program, typed, door)
}
