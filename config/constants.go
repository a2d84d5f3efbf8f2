package config

import (
	"strings"

	"fondaco/config/diag"
)

// ConstantsName is the name under which the constants of a project are read.
const ConstantsName = "project"

const constantHole = "${" + ConstantsName + "."

// Constants has the texts of n, and of all within it, read ${project.NAME} as what stands under NAME in values: see Said.
// It is called once, before anything of n is decoded; values may be nil, which holds nothing, or null, of which nothing is
// known: no name is a mistake then.
func (n *Node) Constants(values *Node) {
	if n == nil {
		return
	}
	if values == nil {
		values = &Node{Kind: NodeMap}
	}
	n.constants = values
	for i := range n.Entries {
		n.Entries[i].Value.Constants(values)
	}
	for _, item := range n.Items {
		item.Constants(values)
	}
}

// Said returns the text of a scalar with the project's constants put in, ${project.a.b}; where the node has none it is the
// text as it stands. Its places are those of the file. A constant that is not there, or is a list or record, goes to out.
func (n *Node) Said(out *diag.List) Text {
	t := n.Text
	if n.constants == nil || !strings.Contains(t.Value, constantHole) {
		return t
	}
	var said strings.Builder
	var from, begins []int // the parts of said: where each begins in it, and what that is in t
	part := func(at int) { from, begins = append(from, at), append(begins, said.Len()) }
	part(0)
	for i := 0; i < len(t.Value); {
		rest := t.Value[i:]
		end := strings.IndexByte(rest, '}')
		switch {
		case strings.HasPrefix(rest, "$${"):
			said.WriteString("$${")
			i += 3
		case strings.HasPrefix(rest, constantHole) && end > 0:
			part(i)
			said.WriteString(n.constant(t, i, rest[2:end], out))
			i += end + 1
			part(i)
		default:
			said.WriteByte(t.Value[i])
			i++
		}
	}
	return Text{Value: said.String(), Pos: t.Pos, at: func(offset int) diag.Pos {
		k := len(begins) - 1
		for k > 0 && begins[k] > offset {
			k--
		}
		if k%2 == 1 { // a constant is one place
			return t.At(from[k])
		}
		return t.At(from[k] + offset - begins[k])
	}}
}

// unknownConstant stands for the text of a constant in a project that has problems: something that is known when it runs.
const unknownConstant = "${env.PROJECT}"

// constant returns the scalar at a path below the constants.
func (n *Node) constant(t Text, at int, path string, out *diag.List) string {
	report := func(format string, args ...any) *diag.Problem {
		return out.Report(diag.BadReference, t.At(at), format, args...).WithLen(len([]rune(path)) + 3)
	}
	if n.constants.Kind == NodeNull {
		return unknownConstant
	}
	in, name := n.constants, ConstantsName
	for _, step := range strings.Split(strings.TrimPrefix(path, ConstantsName+"."), ".") {
		var names []string
		for _, e := range in.Entries {
			names = append(names, e.Key.Value)
		}
		below := in.Get(step)
		if below == nil {
			p := report("%s has no field %q", name, step).WithNearest(step, names)
			switch {
			case p.Hint != "":
			case len(names) > 0:
				p.WithHint("it has %s", strings.Join(names, ", "))
			case in == n.constants:
				p.WithHint("declare it in fondaco.yaml: constants: { %s: … }", step)
			}
			return ""
		}
		in, name = below, name+"."+step
	}
	if !in.IsScalar() || in.Kind == NodeNull {
		report("%s is %s, and stands in a text", name, in.Found()).WithHint("name a text, a number, true or false of it")
		return ""
	}
	return strings.ReplaceAll(strings.ReplaceAll(in.Text.Value, "$${", "${"), "${", "$${")
}
