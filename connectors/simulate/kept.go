package simulate

import (
	"slices"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
)

// A simulated system remembers what its samples say: a case may keep items in a list of the simulator, under ids, and
// another one may give what is kept. Lists live as long as the simulator.

// The slots of the names in keep: and gives: of a sample.
const (
	keptInputSlot = iota
	keptSlot
)

// keeping is an item that a case keeps.
type keeping struct {
	in       config.Text
	id, item transform.Mapping // over input
	after    time.Duration     // until it is seen

	typedID, typedItem *transform.Typed
	evalID, evalItem   expr.Eval
	timesSlot, size    int
}

func (k *keeping) spec(o *spec.Object) {
	o.Text("in", &k.in).Required().Doc("The list's name, in this connector.").Example("pratiche")
	o.Var("id", &k.id).Required().Doc("Its id in the list, over input and times; one of the same id is replaced.").Example("${input.id}")
	o.Var("item", &k.item).Required().Doc("What is kept, over input and times.").Example("{ id: \"${input.id}\", stato: aperta }")
	o.Duration("after", &k.after).Doc("How long it takes until it is seen, as a case that is worked on for a while.")
}

// giving is an answer made of what is kept.
type giving struct {
	in    config.Text       // the list; "" for none
	start *config.Node      // what the list holds in the beginning
	gives transform.Mapping // the answer, over input and kept

	list  *keptList
	typed *transform.Typed
	eval  expr.Eval

	timesSlot, size int
}

// keptList is what the cases of a connector say of one list.
type keptList struct {
	name  string
	item  *schema.Type // joined from all that is kept
	start []schema.Value
}

// dynamic is what makes a case more than a sample.
type dynamic struct {
	keeps []*keeping
	holds config.Text // the case counts only if this holds
	cond  expr.Eval
	giving
}

func (d *dynamic) spec(o *spec.Object) {
	o.Text("if", &d.holds).Doc("The case is passed over unless this holds, over input, kept and times; asked after when.").
		Example("any(kept, .id == input.id)")
	o.Object("kept", func(o *spec.Object) {
		o.Text("in", &d.in).Required().Doc("The list that gives: reads as kept, the latest item first.")
		o.Node("start", &d.start).Doc("What the list holds in the beginning. One whose field id is kept is replaced.")
	}).Doc("A list of the simulator that gives: reads.")
	o.Var("gives", &d.gives).Doc("The answer, made over input, kept and times, instead of answer. times is how often the operation was " +
		"called since the simulator began: 1 for the first call.").
		Example("{ $for: p in kept, $if: p.soggetto == input.soggetto, id: \"${p.id}\" }")
	o.List("keep", func() func(*spec.Object) {
		k := &keeping{}
		d.keeps = append(d.keeps, k)
		return k.spec
	}).Doc("Items that the simulator keeps when it answers so, until it ends.")
}

func (d *dynamic) isZero() bool {
	return len(d.keeps) == 0 && d.in.Value == "" && d.gives.IsZero() && d.holds.Value == ""
}

// link types what the cases of a connector keep and give, each list by all that is kept in it.
func link(c *connectors.Connector, cases map[string][]*Case, out *diag.List) {
	all, out := out, &diag.List{} // of this connector alone
	defer func() { all.Join(out) }()
	lists := map[string]*keptList{}
	var dynamics []linked
	answered := slices.Clone(c.Operations)
	for _, w := range c.Watches {
		answered = append(answered, c.Sampled(w.Name))
	}
	for _, op := range answered {
		for _, x := range cases[op.Name] {
			if x.dynamic != nil {
				dynamics = append(dynamics, linked{op, x.dynamic})
			}
		}
	}
	var names []string
	for _, d := range dynamics {
		for _, k := range d.keeps {
			if k.id.IsZero() || k.item.IsZero() {
				return // reported
			}
			scope := d.op.Scope()
			scope.Declare("input", d.op.Wired())
			k.timesSlot = scope.Declare("times", schema.TypeInt).Slot
			k.typedID, k.typedItem = k.id.Check(scope, out), k.item.Check(scope, out)
			k.typedID.Fit(schema.TypeText, "id", out)
			k.size = max(scope.Size(), keptSlot+1)
			if l := lists[k.in.Value]; l != nil {
				l.item = schema.Join(l.item, k.typedItem.Type)
			} else {
				lists[k.in.Value] = &keptList{name: k.in.Value, item: k.typedItem.Type}
				names = append(names, k.in.Value)
			}
		}
	}
	if out.Failed() {
		return
	}
	for _, d := range dynamics {
		if l := lists[d.in.Value]; l != nil && d.start != nil {
			for _, item := range Plain(d.start).Items() {
				l.item = widened(l.item, item)
			}
		}
	}
	for _, d := range dynamics {
		d.link(lists, names, out)
	}
}

// widened returns the type of what is kept with the texts of an item that is there from the beginning: what samples keep
// are often texts that stand written, and their type has no others.
func widened(t *schema.Type, v schema.Value) *schema.Type {
	switch {
	case t.Kind == schema.KindText && v.Kind() == schema.KindText && len(t.Enum) > 0 &&
		!slices.ContainsFunc(t.Enum, func(e schema.Value) bool { return schema.Equal(e, v) }):
		c := *t
		c.Enum = append(slices.Clone(t.Enum), v)
		return &c
	case t.Kind == schema.KindRecord && v.Kind() == schema.KindMap:
		c := &schema.Type{Kind: schema.KindRecord, Nullable: t.Nullable, Fields: slices.Clone(t.Fields)}
		for i := range c.Fields {
			c.Fields[i].Type = widened(c.Fields[i].Type, v.Get(c.Fields[i].Name))
		}
		return c.Seal()
	}
	return t
}

// linked is a case's dynamic part with its operation.
type linked struct {
	op *connectors.Operation
	*dynamic
}

func (d linked) link(lists map[string]*keptList, names []string, out *diag.List) {
	for _, k := range d.keeps {
		k.evalID, k.evalItem = k.typedID.Compile(schema.TypeText), k.typedItem.Compile(lists[k.in.Value].item)
	}
	scope := d.op.Scope()
	scope.Declare("input", d.op.Wired())
	if d.in.Value != "" {
		if d.list = lists[d.in.Value]; d.list == nil {
			d.in.Report(out, diag.BadConnector, "found %q, expected a list in which some sample keeps something", d.in.Value).
				WithNearest(d.in.Value, names)
			return
		}
		kept := &schema.Type{Kind: schema.KindList, Elem: d.list.item}
		scope.Declare("kept", kept)
		if d.start != nil {
			got, err := codec.CompileJSON(kept, codec.JSONOptions{}).Decode(codec.AppendJSON(nil, Plain(d.start)))
			if err != nil {
				d.start.Report(out, diag.DoesNotFit, "start is not as what is kept in %s: %v", d.in.Value, err)
			}
			d.list.start = append(d.list.start, got.Items()...)
		}
	}
	d.timesSlot = scope.Declare("times", schema.TypeInt).Slot
	d.size = max(scope.Size(), keptSlot+1)
	if d.holds.Value != "" {
		cond := expr.Check(d.holds, scope, out)
		transform.CheckCondition(cond, "if", out)
		if out.Failed() {
			return
		}
		d.cond, d.size = cond.Compile(), max(scope.Size(), keptSlot+1)
	}
	if d.gives.IsZero() {
		return
	}
	d.typed = d.gives.Check(scope, out)
	d.typed.Fit(d.op.Answered(), d.op.Name, out)
	if out.Failed() {
		return
	}
	d.eval, d.size = d.typed.Compile(d.op.Answered()), max(d.size, scope.Size())
}
