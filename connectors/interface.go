package connectors

import (
	"cmp"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
	"fondaco/transform/typing"
)

// Interface is what connectors of different vendors offer alike: operations with their types. Routes that call a system
// by an interface work with any connector that implements it.
type Interface struct {
	Name       string
	Version    int
	Title      string
	Operations []*InterfaceOperation // in the file's order
}

// InterfaceOperation is one operation of an interface.
type InterfaceOperation struct {
	Name, Title   string
	Input, Output *schema.Type
	Effect        Effect
	Pos           diag.Pos
}

// InterfaceFolder is where a project keeps its interfaces, a file for each.
const InterfaceFolder = "interfaces"

// ReadInterface reads interfaces/NAME.yaml; at is where it is asked for. What is wrong goes to out. Nil if there is no
// file, or it is no YAML.
func ReadInterface(fsys fs.FS, name string, out *diag.List, at diag.Pos) *Interface {
	n := config.ReadFile(fsys, path.Join(InterfaceFolder, name+".yaml"), out, at)
	if n == nil {
		return nil
	}
	x := &Interface{}
	types := typing.NewReader(func(file string, at diag.Pos) *config.Node { return config.ReadFile(fsys, file, out, at) }, out)
	spec.Decode(n, out, func(o *spec.Object) { x.spec(o, types) })
	if x.Name != name && x.Name != "" {
		n.Get("interface").Report(out, diag.BadConnector, "the interface in %s.yaml is called %q, expected %q", name, x.Name, name)
	}
	return x
}

// InterfaceSpec declares the fields of an interface's file, for documentation and editors.
func InterfaceSpec(o *spec.Object) { (&Interface{}).spec(o, typing.NewReader(nil, &diag.List{})) }

func (x *Interface) spec(o *spec.Object, types *typing.Reader) {
	o.String("interface", &x.Name).Required().Doc("The interface's name: that of its file.").Example("protocollo")
	o.Int("version", &x.Version).Range(1, 65535).Required().
		Doc("The interface's version: another one whenever an operation changes for those who call it.")
	o.String("title", &x.Title).Doc("What it is for.")
	o.Map("operations", func(key config.Text) func(*spec.Object) {
		op := &InterfaceOperation{Name: key.Value, Pos: key.Pos, Input: schema.RecordType(), Output: schema.TypeNull}
		x.Operations = append(x.Operations, op)
		return func(o *spec.Object) {
			o.String("title", &op.Title).Doc("What the operation does.")
			o.Alternative("effect", spec.Own(effect{&op.Effect})).Doc("What may be done again with it; a connector may be safer.").Default("once")
			o.Alternative("input", spec.Own(typeField{types, &op.Input})).Doc("What it is given: a type by hand.")
			o.Alternative("output", spec.Own(typeField{types, &op.Output})).Doc("What it returns.")
		}
	}).Required().Doc("The operations.")
}

// typeField reads a type that is written by hand.
type typeField struct {
	types *typing.Reader
	to    **schema.Type
}

// Decode reads the type. It is spec.Value's.
func (f typeField) Decode(n *config.Node, _ *diag.List) { *f.to = f.types.Read(n) }

// Schema describes types to editors.
func (f typeField) Schema() spec.Schema { return typing.Schema() }

// Operation finds an operation by its name, nil if there is none.
func (x *Interface) Operation(name string) *InterfaceOperation {
	for _, op := range x.Operations {
		if op.Name == name {
			return op
		}
	}
	return nil
}

// interfaces reads the interfaces that the connector implements.
func (c *Connector) interfaces(out *diag.List) {
	for _, t := range c.Implements {
		name, version, _ := strings.Cut(t.Value, "@")
		if !config.CheckID(t.Slice(0, len(name)), &diag.List{}) {
			continue // reported with the other names
		}
		x := ReadInterface(c.FS, name, out, t.Pos)
		if x == nil {
			continue
		}
		if n, err := strconv.Atoi(version); err == nil && x.Version != 0 && n != x.Version {
			t.Report(out, diag.BadConnector, "the project has version %d of the interface %s", x.Version, name)
		}
		c.interfaced = append(c.interfaced, x)
		for _, op := range x.Operations {
			mine := c.Operation(op.Name)
			if mine == nil {
				t.Report(out, diag.BadConnector, "the connector has no operation %q, which the interface %s has", op.Name, name).
					WithNearest(op.Name, c.OperationNames())
				continue
			}
			if mine.Of.Value != "" {
				mine.Input, mine.Output = op.Input, op.Output
			}
			mine.offers = op
		}
	}
}

// checkInterface reports where an operation is not what its interface says.
func (op *Operation) checkInterface(out *diag.List) {
	x := op.offers
	if x == nil {
		return
	}
	if op.Effect < x.Effect {
		out.Report(diag.BadConnector, op.Pos, "the interface says effect: %s of %s, and here it is %s", x.Effect, op.Name, op.Effect).
			WithLen(len(op.Name))
	}
	if op.of != nil {
		return // its types are the interface's
	}
	for _, side := range []struct {
		name     string
		from, to *schema.Type
	}{{"input", x.Input, op.Input}, {"output", op.Output, x.Output}} {
		for _, m := range schema.Fits(side.from, side.to) {
			out.Report(diag.BadConnector, op.Pos, "the %s of %s is not as the interface says: %s: %s", side.name, op.Name, cmp.Or(m.Path, "/"),
				m.Message).WithLen(len(op.Name)).
				WithHint("write an operation with of:, with: and gives: that translates it")
		}
	}
}
