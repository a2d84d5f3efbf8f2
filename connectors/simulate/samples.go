package simulate

import (
	"path"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// LoadSamples reads the samples of a connector: a file of cases for each operation, samples/OPERATION.yaml. What is wrong
// goes to out; answers that do not fit their schema are warnings' business of whoever simulates.
func LoadSamples(c *connectors.Connector, out *diag.List) map[string][]*Case {
	cases := map[string][]*Case{}
	if c.Samples == "" {
		return cases
	}
	dir := path.Join(c.Dir, c.Samples)
	names := append(c.OperationNames(), c.WatchNames()...)
	for _, file := range config.Files(c.FS, dir, out, ".yaml") {
		name := strings.TrimSuffix(path.Base(file), ".yaml")
		op := c.Sampled(name)
		if op == nil {
			what := "operation"
			if len(c.Watches) > 0 {
				what = "operation or watch"
			}
			out.Report(diag.BadConnector, diag.Pos{File: file}, "the connector has no %s %q", what, name).WithNearest(name, names)
			continue
		}
		n := config.ReadFile(c.FS, file, out, diag.Pos{})
		if n == nil {
			continue
		}
		cases[name] = readCases(n, op, out)
	}
	link(c, cases, out)
	return cases
}

// ReadCases reads cases from a list in YAML, which stand for themselves: keep, kept, gives and if are samples' words.
func ReadCases(n *config.Node, op *connectors.Operation, out *diag.List) []*Case {
	cases := readCases(n, op, out)
	for _, c := range cases {
		if c.dynamic != nil {
			n.Report(out, diag.BadConnector, "found keep, kept, gives or if; they stand in the samples of a connector alone")
		}
	}
	return cases
}

func readCases(n *config.Node, op *connectors.Operation, out *diag.List) []*Case {
	items := n.Items
	if n.Kind != config.NodeList {
		items = []*config.Node{n}
	}
	var cases []*Case
	for _, item := range items {
		cases = append(cases, readCase(item, op, out))
	}
	return cases
}

func readCase(n *config.Node, op *connectors.Operation, out *diag.List) *Case {
	c := &Case{dynamic: &dynamic{}}
	var when, answer, fault *config.Node
	spec.Decode(n, out, func(o *spec.Object) {
		o.Node("when", &when).Doc("The input that this case is for: each field that is written must be equal.")
		o.Int("status", &c.Status).Range(100, 599).Doc("The HTTP status.")
		o.Entries("headers", spec.Schema{"type": "string"}, func(key config.Text, value *config.Node, _ *diag.List) {
			c.Headers = append(c.Headers, [2]string{key.Value, value.Text.Value})
		}).AnyKeys().Doc("Fields of the answer's head.")
		o.Node("answer", &answer).Doc("The answer, as a value of the operation's output.")
		o.String("raw", &c.Raw).Doc("The answer's body as it is, instead of answer.")
		o.Object("fault", func(o *spec.Object) {
			c.Fault = &connectors.SampleFault{}
			o.String("code", &c.Fault.Code).Doc("The SOAP fault's code, as Client or Server.")
			o.String("text", &c.Fault.Text).Doc("Its text.")
			o.Node("detail", &fault).Doc("Its detail.")
		}).Doc("A SOAP fault instead of an answer.")
		o.Duration("delay", &c.Delay).Doc("How long the simulator waits before it answers.")
		c.dynamic.spec(o)
	})
	if n.Get("fault") == nil {
		c.Fault = nil
	}
	if c.dynamic.isZero() {
		c.dynamic = nil
	}
	if answer != nil && c.dynamic != nil && !c.dynamic.gives.IsZero() {
		answer.Report(out, diag.BadConnector,
			"the sample has answer and gives; gives is made when it answers, answer stands written: one of them")
	}
	c.When = Plain(when)
	c.Answer = Plain(answer)
	if fault != nil && c.Fault != nil {
		c.Fault.Detail = Plain(fault)
	}
	if answer != nil && c.Fault == nil && (c.Status == 0 || c.Status < 300) && op.Output != nil && op.Answered().Kind != schema.KindUnknown {
		c.Answer = typed(answer, op, c.Answer, out)
	}
	return c
}

// typed lays a sample's answer out by the operation's output, and reports where it does not fit.
func typed(n *config.Node, op *connectors.Operation, v schema.Value, out *diag.List) schema.Value {
	d := codec.CompileJSON(op.Answered(), codec.JSONOptions{Unknown: codec.Ignore})
	got, err := d.Decode(codec.AppendJSON(nil, withLists(v, op.Answered())))
	if err != nil {
		n.Report(out, diag.DoesNotFit, "the sample of %s does not fit its schema: %v", op.Name, err).AsWarning()
		return v
	}
	return got
}

// Plain returns YAML as a value whose type is open: maps, lists, texts, numbers, booleans, null; absent of nothing.
func Plain(n *config.Node) schema.Value {
	if n == nil {
		return schema.Value{}
	}
	switch n.Kind {
	case config.NodeNull:
		return schema.Null
	case config.NodeBool:
		return schema.Bool(n.Text.Value == "true")
	case config.NodeInt:
		if v, err := schema.ParseInt(n.Text.Value); err == nil {
			return v
		}
	case config.NodeFloat:
		if v, err := schema.ParseDecimal(n.Text.Value); err == nil {
			return v
		}
	case config.NodeList:
		items := make([]schema.Value, len(n.Items))
		for i, item := range n.Items {
			items[i] = Plain(item)
		}
		return schema.List(items)
	case config.NodeMap:
		m := &schema.Map{}
		for _, e := range n.Entries {
			m.Keys, m.Values = append(m.Keys, e.Key.Value), append(m.Values, Plain(e.Value))
		}
		return schema.MapOf(m)
	}
	return schema.Text(n.Text.Value)
}
