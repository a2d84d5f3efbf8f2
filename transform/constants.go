package transform

import (
	"math"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/expr"
)

// Constants are the values that a project declares, as a record. The zero value has none.
type Constants struct {
	Type  *schema.Type
	Value schema.Value
}

// ReadConstants reads what stands under constants: in fondaco.yaml, typed as literals of mappings are; n may be nil. What
// refers to something, be it to the environment or to a secret, and a field that is the language's own go to out, and are
// unknown then.
func ReadConstants(n *config.Node, out *diag.List) Constants {
	if n == nil {
		return Constants{}
	}
	own := &diag.List{}
	fixedAlone(n, own)
	failed := own.Failed()
	out.Join(own)
	if failed {
		return Constants{Type: schema.TypeUnknown}
	}
	var m Mapping
	m.Decode(n, out)
	typed := m.Check(expr.NewScope(), own)
	if failed = own.Failed(); failed {
		out.Join(own)
		return Constants{Type: schema.TypeUnknown}
	}
	v, err := typed.Compile(nil)(&expr.Frame{Budget: math.MaxInt64 / 2, Limit: math.MaxInt32})
	if err != nil {
		n.Report(out, diag.BadValue, "constants: %v", err)
		return Constants{Type: schema.TypeUnknown}
	}
	return Constants{Type: typed.Type, Value: v}
}

// UnknownConstants are those of a project whose constants could not be read: nothing is wrong with what reads them.
func UnknownConstants() Constants { return Constants{Type: schema.TypeUnknown} }

// Declare has expressions over s read the constants. read is called when one that reads them is checked, and returns where
// it is noted which of them are read, nil for nowhere; it may be nil.
func (c Constants) Declare(s *expr.Scope, read func() *schema.Use) {
	if c.Type == nil {
		s.Explain(config.ConstantsName, "constants are declared in fondaco.yaml: constants: { NAME: … }; they are read as "+
			config.ConstantsName+".NAME")
		return
	}
	s.Constant(config.ConstantsName, c.Type, c.Value, read)
}

// fixedAlone reports what is no literal.
func fixedAlone(n *config.Node, out *diag.List) {
	for _, e := range n.Entries {
		if strings.HasPrefix(e.Key.Value, "$") {
			e.Key.Report(out, diag.BadValue, "constants: found %s, expected a name: constants are written out", e.Key.Value).
				WithHint("leave the $ out")
			continue
		}
		fixedAlone(e.Value, out)
	}
	for _, item := range n.Items {
		fixedAlone(item, out)
	}
	if n.Kind != config.NodeText {
		return
	}
	for i := 0; i < len(n.Text.Value); i++ {
		rest := n.Text.Value[i:]
		if strings.HasPrefix(rest, "$${") {
			i += 2
			continue
		}
		if !strings.HasPrefix(rest, "${") {
			continue
		}
		inside, _, _ := strings.Cut(rest[2:], "}")
		space, _, _ := strings.Cut(strings.TrimSpace(inside), ".")
		at := config.Text{Value: rest, Pos: n.Text.At(i)}
		switch space {
		case "secret":
			at.Report(out, diag.SecretLeak, "secrets go into the parameters of systems, in fondaco.yaml, and nowhere else").WithLen(len(inside) + 3)
		case "env":
			at.Report(out, diag.BadReference, "found ${%s}, expected a value: constants are the same wherever the project runs", inside).
				WithLen(len(inside)+3).
				WithHint("write the value, or give ${%s} to a system as a parameter: params: { NAME: \"${%s}\" }", inside, inside)
		default:
			at.Report(out, diag.BadReference, "found ${%s}, expected a value: constants are written out", inside).WithLen(len(inside) + 3).
				WithHint("write $${ for the characters themselves")
		}
		return
	}
}
