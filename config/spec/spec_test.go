package spec_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

type sample struct {
	name    config.Text
	kind    string
	port    int
	timeout time.Duration
	size    int64
	on      bool
	tags    []config.Text
	host    string
	deep    string
	auth    string
	scheme  config.Text
	cache   time.Duration
	key     string
	rate    spec.Rate
	backoff spec.Span
	steps   []*step
	systems map[string]*step
	raw     *config.Node
	pin     string
	own     own
}

type step struct{ call, with string }

func (s *step) spec(o *spec.Object) {
	o.String("call", &s.call).Required().Doc("What is called.")
	o.String("with", &s.with)
}

type own struct{ found string }

func (v *own) Decode(n *config.Node, _ *diag.List) { v.found = n.Found() }
func (v *own) Schema() spec.Schema                 { return spec.Ref("own") }

func (s *sample) spec(o *spec.Object) {
	s.timeout = 5 * time.Second
	s.systems = map[string]*step{}
	o.Text("name", &s.name).Required().Doc("The name.").Example("multe")
	o.Enum("kind", &s.kind, "rest", "soap")
	o.Int("port", &s.port).Range(1, 65535)
	o.Duration("timeout", &s.timeout).Default("5s").Doc("How long a call may take.")
	o.Size("size", &s.size)
	o.Bool("on", &s.on)
	o.Texts("tags", &s.tags)
	o.Object("server", func(o *spec.Object) {
		o.String("host", &s.host).Required()
		o.Object("limits", func(o *spec.Object) { o.String("deep", &s.deep) })
	})
	o.Alternative("auth", spec.Words(&s.auth, "none"), spec.Of(func(o *spec.Object) { o.Text("scheme", &s.scheme).Required() }))
	o.Alternative("cache", spec.Duration(&s.cache), spec.Of(func(o *spec.Object) {
		o.Duration("ttl", &s.cache)
		o.String("key", &s.key)
	}))
	o.Rate("rate", &s.rate)
	o.Span("backoff", &s.backoff)
	o.List("steps", func() func(*spec.Object) {
		s.steps = append(s.steps, &step{})
		return s.steps[len(s.steps)-1].spec
	})
	o.Map("systems", func(key config.Text) func(*spec.Object) {
		s.systems[key.Value] = &step{}
		return s.systems[key.Value].spec
	})
	o.Node("raw", &s.raw)
	o.String("pin", &s.pin).Secret()
	o.Var("own", &s.own)
	o.Bool("odd", new(bool)).Hidden()
}

func decode(src string) (*sample, string) {
	var out diag.List
	var s sample
	n := config.Parse("f", []byte(src), &out)
	spec.Decode(n, &out, s.spec)
	var lines []string
	for _, p := range out.Sorted() {
		lines = append(lines, strings.TrimPrefix(p.Pos.String(), "f:")+": "+string(p.Code)+" "+p.Message)
		if p.Hint != "" {
			lines = append(lines, "= "+p.Hint)
		}
	}
	return &s, strings.Join(lines, "\n")
}

const whole = `name: multe
kind: soap
port: 80
timeout: 1m30s
size: 64KiB
on: true
tags: [a, b]
server: { host: h, limits: { deep: d } }
auth: { scheme: cittadino }
cache: { ttl: 1d, key: k }
rate: 100/m
backoff: 1s..5m
steps: [{ call: a }, { call: b, with: c }]
systems: { x: { call: d } }
raw: [1]
pin: "1"
own: null
`

func TestDecode(t *testing.T) {
	s, problems := decode(whole)
	if problems != "" {
		t.Fatal(problems)
	}
	if s.name.Value != "multe" || s.name.Pos.Col != 7 || s.kind != "soap" || s.port != 80 || s.timeout != 90*time.Second || s.size != 65536 ||
		!s.on || len(s.tags) != 2 || s.host != "h" || s.deep != "d" || s.scheme.Value != "cittadino" || s.cache != 24*time.Hour || s.key != "k" ||
		s.rate != (spec.Rate{Count: 100, Per: time.Minute}) || s.backoff != (spec.Span{From: time.Second, To: 5 * time.Minute}) ||
		s.steps[1].with != "c" || s.systems["x"].call != "d" || len(s.raw.Items) != 1 || s.pin != "1" || s.own.found != "nothing" {
		t.Errorf("found %+v", s)
	}
	if s, problems := decode("name: a\nauth: none\ncache: 60s\n"); problems != "" || s.auth != "none" || s.cache != time.Minute ||
		s.timeout != 5*time.Second {
		t.Errorf("found %+v %s", s, problems)
	}
}

func TestProblems(t *testing.T) {
	for src, want := range map[string]string{
		"name: [a]":                           "1:7: E103 name: found a list, expected text",
		"name: {a: b}":                        "1:7: E103 name: found an object, expected text",
		"name: 5":                             "1:7: E103 name: found 5, expected text",
		"name:":                               "1:1: E103 name: found nothing, expected text\n= write a value, or leave \"name\" out",
		"[a]":                                 "1:1: E103 found a list, expected an object",
		"name: a\ntimeout: 5":                 "2:10: E104 timeout: found 5 without a unit, expected a duration as 5s or 1m30s",
		"name: a\ntimeout: soon":              "2:10: E104 timeout: found \"soon\", expected a duration as 5s or 1m30s",
		"name: a\ntimeout: 1:30":              "2:10: E104 timeout: found \"1:30\", expected a duration as 5s or 1m30s",
		"name: a\ntimeout: 0s":                "2:10: E104 timeout: found 0s, expected more than zero",
		"name: a\ntimeout: -5s":               "2:10: E104 timeout: found -5s, expected more than zero",
		"name: a\ntimeout: 99999h":            "2:10: E104 timeout: found 99999h, expected at most 87840h",
		"name: a\ntimeout: [5s]":              "2:10: E103 timeout: found a list, expected a duration as 5s or 1m30s",
		"name: a\non: no":                     "2:5: E103 on: found \"no\", expected true or false",
		"name: a\nport: 70000":                "2:7: E104 port: found 70000, expected 1 to 65535",
		"name: a\nport: 012":                  "2:7: E103 port: found \"012\", expected an integer",
		"name: a\nport: 99999999999999999999": "2:7: E104 port: found 99999999999999999999, expected 1 to 65535",
		"name: a\nport: 1e3":                  "2:7: E103 port: found 1e3, expected an integer",
		"name: a\nsize: 10":                   "2:7: E104 size: found 10 without a unit, expected a size as 64KiB or 1MiB",
		"name: a\nsize: 10 kilo":              "2:7: E104 size: found \"10 kilo\", expected a size as 64KiB or 1MiB",
		"name: a\nkind: saop":                 "2:7: E104 kind: found \"saop\", expected one of rest, soap\n= did you mean \"soap\"?",
		"name: a\nkind: [rest]":               "2:7: E103 kind: found a list, expected one of rest, soap",
		"name: a\ntags: [1, b]":               "2:8: E103 tags: found 1, expected text",
		"name: a\nauth: nobody":               "2:7: E104 auth: found \"nobody\", expected none",
		"name: a\nauth: [x]":                  "2:7: E103 auth: found a list, expected none or an object",
		"title2: a":                           "1:1: E101 unknown key \"title2\"\n= \"name\" is missing: did you mean that?",
		"name: a\nauth: {}":                   "2:7: E102 missing \"scheme\" in \"auth\"",
		"name: a\ncache: 60":                  "2:8: E104 cache: found 60 without a unit, expected a duration as 5s or 1m30s",
		"name: a\ncache: [1s]":                "2:8: E103 cache: found a list, expected a duration as 5s or 1m30s or an object",
		"name: a\nrate: 5/x":                  "2:7: E104 rate: found \"5/x\", expected a rate as 10/s or 100/m",
		"name: a\nbackoff: 5s..1s":            "2:10: E104 backoff: found \"5s..1s\", expected a span of time as 1s..5m",
		"name: a\npin: [x]":                   "2:6: E103 pin: found a list, expected text",
		"name: a\npin: 12345":                 "2:6: E103 pin: found a value, expected text",
		"name: a\ntimeuot: 5s":                "2:1: E101 unknown key \"timeuot\"\n= did you mean \"timeout\"?",
		"nmae: a":                             "1:1: E101 unknown key \"nmae\"\n= did you mean \"name\"?",
		"name: a\nhost: x":                    "2:1: E101 unknown key \"host\"\n= it belongs under \"server:\"",
		"name: a\nserver:\n  host: x\n  timeout: 5s": "4:3: E101 unknown key \"timeout\" in \"server\"\n= it is one level too deep: it " +
			"belongs beside \"server:\", not under it",
		"name: a\nserver:\n  host: x\n  limits:\n    host: y": "5:5: E101 unknown key \"host\" in \"limits\"\n= it is one level too deep: it " +
			"belongs beside \"limits:\", not under it",
		"name: a\nserver:\n  host: x\n  limits:\n    kind: y": "5:5: E101 unknown key \"kind\" in \"limits\"\n= it is one level too deep: it " +
			"belongs beside \"server:\", not under it",
		"name: a\nserver:\n  hots: x":  "3:3: E101 unknown key \"hots\" in \"server\"\n= did you mean \"host\"?",
		"name: a\nsteps: [{ cal: a }]": "2:11: E101 unknown key \"cal\" in \"steps\"\n= did you mean \"call\"?",
		"name: a\nsteps: [x]":          "2:9: E103 steps: found \"x\", expected an object",
		"name: a\nsteps: [{ kind: x }]": "2:9: E102 missing \"call\" in \"steps\"\n= What is called.\n2:11: E101 " +
			"unknown key \"kind\" in \"steps\"\n= it is one level too deep: it belongs beside \"steps:\", not under it",
		"name: a\nsystems: { \u0430: { call: d } }": "2:12: E104 found 'а' (U+0430) in the name \"а\", expected ASCII letters, " +
			"digits, - and _",
		"name: a\nsystems: { b: { cal: d } }": "2:17: E101 unknown key \"cal\" in \"b\"\n= did you mean \"call\"?",
		"kind: 1\nport: x": "1:1: E102 missing \"name\"\n= The name.\n1:7: E104 kind: found 1, expected " +
			"one of rest, soap\n2:7: E103 port: found \"x\", expected an integer",
	} {
		_, got := decode(src)
		if got != want {
			t.Errorf("%s\ngave %s\nwant %s", src, got, want)
		}
	}
}

func TestPick(t *testing.T) {
	for src, want := range map[string]string{
		"call: x":         "call|",
		"cal: x":          `|1:1: E101 unknown key "cal" in a step; did you mean "call"?`,
		"call: x\nset: y": `|2:1: E104 found "set" beside "call", expected a step of one kind; make them two`,
		"to: x":           `|1:1: E101 unknown key "to" in a step; write call: NAME`,
		"as: y\nto: x":    `|2:1: E101 unknown key "to" in a step; write call: NAME`,
		"zzz: x":          `|1:1: E102 a step of no kind, expected one of call, set; say what it does, as call:`,
		"- x":             `|1:1: E103 found a list, expected a step: an object with one of call, set`,
	} {
		var out diag.List
		got := spec.Pick(config.Parse("f", []byte(src), &out), &out, "a step", map[string]string{"to": "write call: NAME"}, "call", "set") + "|"
		for _, p := range out.Sorted() {
			got += strings.TrimPrefix(p.Pos.String(), "f:") + ": " + string(p.Code) + " " + p.Message
			if p.Hint != "" {
				got += "; " + p.Hint
			}
		}
		if got != want {
			t.Errorf("%s gave %s", src, got)
		}
	}
}

// TestJSONSchema lets a validator judge: the schema takes what Decode takes.
func TestJSONSchema(t *testing.T) {
	schema := spec.JSONSchema("Sample", new(sample).spec).Define("own", spec.Schema{})
	encoded, err := json.Marshal(schema)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(encoded)))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("sample.json", document); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("sample.json")
	if err != nil {
		t.Fatal(err)
	}
	for src, good := range map[string]bool{
		whole: true, "name: a\nauth: none": true, "name: a\ntimeout: 5": false, "name: a\nport: 0": false,
		"nmae: a": false, "name: a\nzzz: 1": false, "name: a\nauth: {}": false, "name: a\ntags: x": true, "name: a\nkind: x": false,
	} {
		var out diag.List
		if got := compiled.Validate(plain(config.Parse("f", []byte(src), &out))) == nil; got != good {
			t.Errorf("%s: valid is %v", src, got)
		}
	}
	if strings.Contains(string(encoded), "odd") {
		t.Error("a hidden field is shown")
	}
}

func plain(n *config.Node) any {
	switch n.Kind {
	case config.NodeNull:
		return nil
	case config.NodeBool:
		v, _ := n.Bool()
		return v
	case config.NodeInt, config.NodeFloat:
		return json.Number(n.Text.Value)
	case config.NodeList:
		list := []any{}
		for _, item := range n.Items {
			list = append(list, plain(item))
		}
		return list
	case config.NodeMap:
		object := map[string]any{}
		for _, e := range n.Entries {
			object[e.Key.Value] = plain(e.Value)
		}
		return object
	}
	return n.Text.Value
}

func TestMarkdown(t *testing.T) {
	got := spec.Markdown(new(sample).spec)
	if !strings.HasPrefix(got, "- `name` (text, required): The name. Example: `multe`.\n- `kind` (one of rest, soap)\n- `port` (an integer)\n"+
		"- `timeout` (a duration as 5s or 1m30s, default `5s`): How long a call may take.\n") ||
		!strings.Contains(got, "- `server` (an object)\n  - `host` (text, required)\n  - `limits` (an object)\n    - `deep` (text)\n") {
		t.Errorf("gave\n%s", got)
	}
	if keys := spec.Keys(new(step).spec); strings.Join(keys, " ") != "call with" {
		t.Errorf("gave %v", keys)
	}
}
