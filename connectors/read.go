package connectors

import (
	"io/fs"
	"path"
	"strconv"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/typing"
)

// File is the name of a connector's file in its folder.
const File = "connector.yaml"

// Load reads the connector in a folder of the project; at is where the project names it, and values are the constants of the project that
// its expressions read. What is wrong goes to out. Nil if there is no file, or it is no YAML.
func Load(fsys fs.FS, dir string, reg Registry, values transform.Constants, out *diag.List, at diag.Pos) *Connector {
	source, reading := config.Source{FS: fsys}.Record()
	n := config.ReadFile(source.FS, path.Join(dir, File), out, at)
	if n == nil {
		return nil
	}
	c := &Connector{FS: source.FS, Dir: dir, Pos: n.Pos(), project: fsys, reading: reading, node: n, constants: &constants{Constants: values}}
	fsys = source.FS
	types := typing.NewReader(func(file string, at diag.Pos) *config.Node { return config.ReadFile(fsys, file, out, at) }, out)
	for _, name := range reg.Names() {
		switch e := n.Entry(name); {
		case e == nil:
		case c.Protocol == nil:
			c.Protocol = reg.Find(name)
		default:
			e.Key.Report(out, diag.BadConnector, "the connector speaks %s already, expected one protocol", c.Protocol.Name)
		}
	}
	own := &diag.List{}
	n, lost := c.misplaced(n, reg, out)
	c.node = n
	spec.Decode(n, own, func(o *spec.Object) { c.spec(o, reg, types) })
	c.unread(own)
	out.Join(own)
	if session := n.Get("session"); session == nil {
		c.Session = nil
	} else if send := session.Get("send"); send != nil {
		c.Session.settle(c, send, out)
	}
	c.checkNames(n, out)
	c.checkSamples(n, out)
	if c.Protocol == nil && !c.Unread {
		n.Report(out, diag.BadConnector, "the connector says no protocol").WithHint("write one of %s", strings.Join(reg.Names(), ", "))
		c.Unread = true
	}
	if c.Unread {
		c.forget()
		c.checkWatches(out)
		return c
	}
	described := &diag.List{}
	c.describe(described)
	c.Operations = append(c.Operations, lost...)
	c.likely(described, out)
	c.forget()
	for _, op := range c.Operations {
		op.ForCaller = c.ForCaller
		if op.Of.Value == "" {
			op.orUnknown()
		}
	}
	if c.Session != nil {
		c.Session.check(c, out)
	}
	params := c.ruleParams()
	for _, op := range c.Operations {
		if op.Of.Value == "" {
			found := &diag.List{}
			op.checkFails(c.Session != nil, params, found)
			op.likely(found, out)
		}
	}
	c.adapt(out)
	c.checkZones(out)
	c.forget()
	for _, op := range c.Operations {
		op.orUnknown()
		op.checkInterface(out)
		op.markPersonal(out)
		if op.Of.Value != "" {
			op.checkAdaptedFails(params, out)
		}
	}
	c.checkWatches(out)
	for _, op := range c.Operations { // once all have their types
		if op.of != nil {
			op.Error = op.of.Error
		}
		op.checkInquiry(c, out)
	}
	return c
}

// orUnknown sets a type of which nothing is known where the operation has none.
func (op *Operation) orUnknown() {
	if op.Input == nil {
		op.Input = schema.TypeUnknown
	}
	if op.Output == nil {
		op.Output = schema.TypeUnknown
	}
}

// describe sets the types of the operations that the system itself has, and of those of interfaces.
func (c *Connector) describe(out *diag.List) {
	all := c.Operations
	c.Operations = nil
	for _, op := range all {
		if op.Of.Value == "" {
			c.Operations = append(c.Operations, op)
		}
	}
	c.Protocol.Describe(c, out)
	c.Operations = all
	c.interfaces(out)
}

// checkNames reports invalid names: of the connector, its interfaces, parameters and operations.
func (c *Connector) checkNames(n *config.Node, out *diag.List) {
	if name := n.Get("connector"); name.Is(config.NodeText) {
		config.CheckID(name.Text, out)
	}
	for _, t := range c.Implements {
		name, version, found := strings.Cut(t.Value, "@")
		if _, err := strconv.ParseUint(version, 10, 16); !found || err != nil {
			t.Report(out, diag.BadValue, "found %q, expected an interface and its version, as sanzioni@1", t.Value)
			continue
		}
		config.CheckID(t.Slice(0, len(name)), out)
	}
	for _, p := range c.Params {
		config.CheckName(config.Text{Value: p.Name, Pos: p.Pos}, out)
	}
	for _, op := range c.Operations {
		config.CheckName(config.Text{Value: op.Name, Pos: op.Pos}, out)
	}
}

// Spec declares the fields of connector.yaml, for documentation and editors; protocol adds its own, nil for none.
func Spec(o *spec.Object, reg Registry) {
	(&Connector{}).spec(o, reg, typing.NewReader(nil, &diag.List{}))
}

func (c *Connector) spec(o *spec.Object, reg Registry, types *typing.Reader) {
	o.String("connector", &c.Name).Required().Doc("The connector's name.").Example("polizia-locale")
	o.String("version", &c.Version).Required().Doc("The connector's version, as 1.4.0.")
	o.String("title", &c.Title).Doc("What kind of system it speaks with.")
	o.String("description", &c.Description).Doc("More about it.")
	o.Texts("implements", &c.Implements).Doc("The interfaces whose operations it offers, as sanzioni@1.")
	o.Entries("params", typing.Schema(), func(key config.Text, value *config.Node, out *diag.List) { c.param(key, value, types) }).
		Doc("What each system sets in the connector: addresses, names, secrets.")
	for _, p := range reg {
		if c.Protocol != nil && c.Protocol != p {
			o.Node(p.Name, new(*config.Node)).Hidden() // reported once, as the second protocol
			continue
		}
		o.Object(p.Name, func(o *spec.Object) { p.Spec(o, c) }).Doc(p.Title + ".")
	}
	o.Map("operations", func(key config.Text) func(*spec.Object) {
		op := &Operation{Name: key.Value, Pos: key.Pos, constants: c.constants}
		if c.Operation(op.Name) == nil {
			c.Operations = append(c.Operations, op)
		}
		return func(o *spec.Object) { op.spec(o, c, reg, types) }
	}).RequiredUnless("watches").Doc("What routes may call.")
	o.Map("watches", func(key config.Text) func(*spec.Object) {
		w := &Watch{Name: key.Value, Pos: key.Pos}
		if c.Watch(w.Name) == nil {
			c.Watches = append(c.Watches, w)
		}
		return func(o *spec.Object) { w.spec(o, c, reg) }
	}).Doc("What may start routes: where something new turns up in the system by itself, as rows in a table.")
	o.Object("session", func(o *spec.Object) {
		c.Session = &Session{Pos: c.Pos}
		c.Session.spec(o)
	}).Doc("The system wants a log-in first, and its ticket with every other call.")
	o.Alternative("zone", spec.Own(zone{&c.Zone})).Doc("What a date and time without an offset means in what the system writes: the clocks " +
		"of a zone, as Europe/Rome, or an offset, as +01:00; routes then see moments. none: it means nothing, and routes see a date-time-local.").
		Example("Europe/Rome").Default("a moment has an offset; fields of a WSDL that may come without one cannot be read")
	o.String("samples", &c.Samples).Doc("The folder of the samples: what simulators answer.").Default("none")
}

func (c *Connector) param(key config.Text, n *config.Node, types *typing.Reader) {
	p := &Param{Name: key.Value, Pos: key.Pos, Type: types.Read(n, "secret", "required"), Required: true}
	p.Doc = p.Type.Doc
	if s := n.Get("secret"); s != nil {
		p.Secret = s.Text.Value == "true"
	}
	if d := n.Get("default"); d != nil {
		p.Default, p.Required = d.Text.Value, false
	}
	if r := n.Get("required"); r != nil && r.Text.Value == "false" {
		p.Required = false
	}
	c.Params = append(c.Params, p)
}

func (op *Operation) spec(o *spec.Object, c *Connector, reg Registry, types *typing.Reader) {
	o.String("title", &op.Title).Doc("What the operation does.")
	o.Alternative("effect", spec.Own(effect{&op.Effect})).
		Doc("What may be done again with it: read changes nothing; idempotent may be repeated; once is never repeated blindly.").Default("once")
	o.Bool("idempotency_key", &op.Key).Doc("The system honours an idempotency key that is sent with the call, so that even an operation " +
		"with the effect once may be retried. REST calls carry the header Idempotency-Key, the same for every repetition of one effect, " +
		"unless with: sets it; on other wires a field of with: is the key, as a number of a sequence.")
	o.Text("of", &op.Of).Doc("Another operation of this connector that does it: with: translates what it is given, gives: what comes back. " +
		"So a vendor's system offers an interface.").Example("Protocollazione")
	o.Var("with", &op.With).Doc("Of an operation with of: what the other one is sent, over input and param.")
	o.Var("gives", &op.Gives).Doc("Of an operation with of: what its answer becomes, over answer, input and param.")
	o.Alternative("input", spec.Own(typeField{types, &op.Input})).Doc("Of an operation with of: its input, where no interface says it.")
	if c.Protocol != nil {
		c.Protocol.OperationSpec(o, op)
	} else if len(reg) > 0 {
		for _, p := range reg {
			p.OperationSpec(o, op)
		}
	}
	o.List("fails", func() func(*spec.Object) {
		f := &Fail{}
		op.Fails = append(op.Fails, f)
		return f.spec
	}).Doc("Answers that are failures, the first that fits.")
	o.Object("inquire", func(o *spec.Object) {
		op.Inquire = &Inquiry{Pos: op.Pos}
		op.Inquire.spec(o)
	}).Doc("How the system is asked what became of a call with effect: once that was begun for work that comes again, as after a crash, " +
		"and whose end nobody knows. Without it such work is a dead letter with the reason outcome-unknown.")
	o.Texts("personal", &op.Personal).Doc("The names of fields that are personal data, wherever they stand in input and output.")
}

// effect reads the word of an effect.
type effect struct{ to *Effect }

func (e effect) Decode(n *config.Node, out *diag.List) {
	for _, k := range []Effect{Once, Idempotent, Read} {
		if n.Text.Value == k.String() {
			*e.to = k
			return
		}
	}
	n.Report(out, diag.BadValue, "effect: found %s, expected read, idempotent or once", n.Found()).
		WithNearest(n.Text.Value, []string{"read", "idempotent", "once"})
}

func (e effect) Schema() spec.Schema {
	return spec.Schema{"enum": []string{"read", "idempotent", "once"}}
}

// decodeKind reads the word of a fault kind.
func decodeKind(n *config.Node, to *FaultKind, out *diag.List) {
	if *to = FaultKindOf(n.Text.Value); *to == 0 {
		n.Report(out, diag.BadValue, "found %s, expected one of %s", n.Found(), strings.Join(FaultKinds(), ", ")).
			WithNearest(n.Text.Value, FaultKinds())
	}
}

// checkSamples warns of samples that stand where everybody has them, and that nobody reads as the connector does not name the folder.
func (c *Connector) checkSamples(n *config.Node, out *diag.List) {
	const usual = "samples"
	if c.Samples != "" || n.Get(usual) != nil {
		return
	}
	if is, err := fs.Stat(c.FS, path.Join(c.Dir, usual)); err == nil && is.IsDir() {
		out.Report(diag.BadConnector, c.Pos, "the folder %s/ beside this file is not read: the connector does not name it", usual).
			WithHint("write %s: %s", usual, usual).AsWarning()
	}
}
