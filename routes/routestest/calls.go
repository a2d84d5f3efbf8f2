package routestest

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/simulate"
	"fondaco/routes"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// calls are what the systems were asked for in one test. Safe for concurrent use.
type calls struct {
	mu   sync.Mutex
	got  map[string][]schema.Value // inputs by system.operation, in the order in which they came, of an open type
	used map[*simulate.Case]bool
}

// observer returns the function to which a system's simulation reports its calls.
func (c *calls) observer(system string) simulate.Observer {
	return func(operation string, input schema.Value, answered *simulate.Case) {
		open, err := codec.CompileJSON(schema.TypeAny, codec.JSONOptions{}).Decode(codec.AppendJSON(nil, input))
		if err != nil || input.IsAbsent() {
			open = schema.MapOf(&schema.Map{})
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.got == nil {
			c.got, c.used = map[string][]schema.Value{}, map[*simulate.Case]bool{}
		}
		name := system + "." + operation
		c.got[name] = append(c.got[name], open)
		c.used[answered] = true
	}
}

// expected is what a test says of the calls of one operation: how many there are, or the input of each, in any order.
type expected struct {
	name   string // system.operation
	count  int
	inputs []schema.Value // nil where only the count is said
	pos    diag.Pos
}

// expect reads what a test says of the calls of an operation.
func (t *Test) expect(key config.Text, n *config.Node, m *routes.Model, out *diag.List) {
	system, operation, whole := strings.Cut(key.Value, ".")
	sys := m.System(system)
	switch {
	case sys == nil || sys.Connector == nil:
		key.Report(out, diag.UnknownSystem, "the project has no system %q", system)
		return
	case !whole:
		key.Report(out, diag.BadValue, "found the system %s alone, expected an operation: %s.OPERATION", system, system)
		return
	case sys.Connector.Operation(operation) == nil:
		key.Report(out, diag.UnknownOperation, "%s has no operation %q", system, operation).WithNearest(operation, sys.Connector.OperationNames())
		return
	}
	e := expected{name: key.Value, pos: key.Pos}
	switch v := simulate.Plain(n); n.Kind {
	case config.NodeInt:
		if e.count = int(v.Int()); e.count < 0 {
			n.Report(out, diag.BadValue, "found %s, expected how many calls there are, or a list of their inputs", n.Found())
		}
	case config.NodeMap:
		e.count, e.inputs = 1, []schema.Value{v}
	case config.NodeList:
		e.count, e.inputs = len(n.Items), v.Items()
	default:
		n.Report(out, diag.BadValue, "found %s, expected how many calls there are, or a list of their inputs", n.Found())
	}
	t.Calls = append(t.Calls, e)
}

// compare returns what differs between the calls that came and those that a test expects, "" if nothing does.
func (c *calls) compare(want []expected) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range want {
		got := c.got[e.name]
		if len(got) != e.count {
			return fmt.Sprintf("calls: %s was called %s, expected %s%s", e.name, times(len(got)), times(e.count), inputs(got))
		}
		// A call with "..." may fit several: whoever finds its place taken tries to move who took it.
		taken := make([]int, len(got))
		for i := range taken {
			taken[i] = -1
		}
		for i := range e.inputs {
			if !seat(e.inputs, got, taken, i, make([]bool, len(got))) {
				if len(got) == 1 {
					return fmt.Sprintf("calls: %s: %s", e.name, differ(e.inputs[i], got[0], "the input"))
				}
				return fmt.Sprintf("calls: no call of %s has the input %s%s", e.name, codec.AppendJSON(nil, e.inputs[i]), inputs(got))
			}
		}
	}
	return ""
}

// seat assigns a call that fits it to the expected input i, moving others where that is the only way; seen are the calls that this search
// has been at.
func seat(want, got []schema.Value, taken []int, i int, seen []bool) bool {
	for j := range got {
		if seen[j] || differ(want[i], got[j], "") != "" {
			continue
		}
		seen[j] = true
		if taken[j] < 0 || seat(want, got, taken, taken[j], seen) {
			taken[j] = i
			return true
		}
	}
	return false
}

// unused returns which of the cases with a when, of those that a test sets for systems, answered no call; "" if each did. Such a test does
// not show what it says. A case without when is for whatever else may come, and may stay unused.
func (c *calls) unused(of []override) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range of {
		name := o.system + "." + o.operation
		for i, one := range o.cases {
			if c.used[one] || one.When.IsAbsent() {
				continue
			}
			where := fmt.Sprintf("systems: the case of %s at %s answered no call", name, o.at(i))
			switch got := c.got[name]; {
			case len(got) == 0:
				return where + "; the operation was not called"
			case slices.ContainsFunc(got, func(in schema.Value) bool { return simulate.Fits(one.When, in) }):
				return where + ": a case before it answers what fits it" + inputs(got)
			default:
				return fmt.Sprintf("%s: its when is %s%s", where, codec.AppendJSON(nil, one.When), inputs(got))
			}
		}
	}
	return ""
}

// inputs returns the inputs that came, for a message.
func inputs(got []schema.Value) string {
	if len(got) == 0 {
		return ""
	}
	var s strings.Builder
	s.WriteString("; the input was")
	if len(got) > 1 {
		s.WriteString(", one after the other,")
	}
	for i, in := range got {
		if i == 3 {
			fmt.Fprintf(&s, " and %d more", len(got)-i)
			break
		}
		s.WriteByte(' ')
		s.Write(codec.AppendJSON(nil, in))
	}
	return s.String()
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
