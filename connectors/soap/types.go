package soap

import (
	"slices"
	"strconv"

	"fondaco/schema"
)

// compiler makes plans of what the schemas declare, in one direction: what operations reach, and no more.
type compiler struct {
	*schemas
	answers  bool // lists are always there in answers, empty or not; in requests they may be left out
	loose    bool // what the schema requires may be missing in answers: they are SOAP encoded, or tolerated
	simples  map[name]*lexical
	plans    map[planKey]*plan
	reported map[*element]bool
	nullable map[*schema.Type]*schema.Type // copies that admit null, by what they are copies of
	bodies   []*body                       // whose types hold more than their element's
	busy     map[planKey]bool
	inner    map[*schemas]*compiler // of documents within fields
	loosened *compiler              // for answers in SOAP encoding, made when there are some

	open  map[*element]bool   // groups and types that are being gathered
	heads map[*element]bool   // of substitution groups whose type is being looked for
	now   *element            // what is being compiled
	deep  int                 // in how many types it stands
	near  map[string][]string // the names that are defined, for suggestions

	abstracts map[name]*plan
	waiting   []waiting       // families to be completed
	heirs     map[name][]name // by base, what derives from it
	referred  map[name]bool   // the types that elements have
}

type planKey struct {
	el     *element
	target string
}

// compilers returns the two compilers of a connector, for requests and for answers.
func compilers(s *schemas) (requests, answers *compiler) {
	requests = &compiler{
		schemas: s, abstracts: map[name]*plan{}, simples: map[name]*lexical{}, plans: map[planKey]*plan{}, reported: map[*element]bool{}, busy: map[planKey]bool{},
	}
	return requests, requests.like(true, false)
}

// like returns a compiler over the same schemas, for messages of another kind.
func (c *compiler) like(answers, loose bool) *compiler {
	a := *c
	a.answers, a.loose, a.plans, a.abstracts, a.waiting, a.nullable, a.loosened, a.bodies, a.inner = answers, loose, map[planKey]*plan{}, map[name]*plan{}, nil, nil, nil, nil, nil
	a.now, a.deep, a.heads, a.open = nil, 0, nil, nil
	return &a
}

// finish completes abstract types, and the types that were copied before they were complete.
func (c *compiler) finish() {
	for len(c.waiting) > 0 {
		w := c.waiting[0]
		c.waiting = c.waiting[1:]
		c.descend(w)
	}
	for t, copied := range c.nullable {
		*copied = *t
		copied.Nullable = true
	}
	c.nullable = nil
	for _, b := range c.bodies {
		b.settle()
	}
	c.bodies = nil
	if c.loosened != nil {
		c.loosened.finish()
	}
	for _, inner := range c.inner {
		inner.finish()
	}
}

// looser returns the compiler of answers in which what the schema requires may be missing.
func (c *compiler) looser() *compiler {
	if c.loose || !c.answers {
		return c
	}
	if c.loosened == nil {
		c.loosened = c.like(true, true)
	}
	return c.loosened
}

// rawPlan is for content of any kind: its text, with the tags.
var rawPlan = &plan{t: schema.TypeText, raw: true, value: -1}

// textPlan returns the plan of an element that holds text alone.
func textPlan(l *lexical) *plan { return &plan{t: l.t, text: l, value: -1} }

// typed compiles the type of a name.
func (c *compiler) typed(n name, at *element) *plan {
	if c.budget.used {
		return rawPlan
	}
	if n.space == xsdSpace || isEncoding(n.space) {
		if n.local == "anyType" {
			return rawPlan
		}
		if n.local == "Array" && n.space != xsdSpace {
			return plainArray()
		}
		if l := builtin(n.local); l != nil {
			p := textPlan(l)
			p.name = n
			return p
		}
	}
	if n.space == swaSpace {
		return textPlan(c.simple(n, at))
	}
	g, ok := c.types[n]
	if !ok {
		c.missing("type", n, at, c.types)
		return rawPlan
	}
	if g.el.local == "simpleType" {
		p := textPlan(c.simple(n, at))
		p.name = n
		return p
	}
	if p := c.family(n, g); p != nil {
		return p
	}
	p := c.complexType(n, g, at)
	if p.heirs == nil && !p.raw {
		p.heirs = set(c.concrete(n))
	}
	return p
}

// element compiles the type of an element.
func (c *compiler) element(d *decl) *plan {
	if d == nil || d.el == nil {
		return rawPlan
	}
	if n := d.el.qname("type"); n.local != "" {
		return c.typed(d.doc.name(n), d.el)
	}
	for _, k := range d.el.kids {
		if k.space != xsdSpace {
			continue
		}
		switch k.local {
		case "complexType":
			p := c.complexType(name{}, global{k, d.doc}, k)
			if p.t.Kind == schema.KindRecord && p.t.Hint == "" {
				p.t.Hint = d.name.local
			}
			return p
		case "simpleType":
			return textPlan(c.simpleType(k, d.doc))
		}
	}
	head := d.el.qname("substitutionGroup")
	if head.local == "" {
		return rawPlan
	}
	leave, ok := c.enter(d.el)
	defer leave()
	x := c.declared(d.doc.name(head), d.el)
	if !ok || x == nil || c.heads[x.el] {
		return rawPlan
	}
	if c.heads == nil {
		c.heads = map[*element]bool{}
	}
	c.heads[x.el] = true
	defer delete(c.heads, x.el)
	return c.element(x)
}

// complexType compiles a complexType element, once.
func (c *compiler) complexType(n name, g global, _ *element) *plan {
	key := planKey{g.el, g.doc.target}
	if p := c.plans[key]; p != nil {
		if c.busy[key] && p.t.Name == "" {
			p.t.Name = n.local // it holds itself
		}
		return p
	}
	if p := c.arrayType(n, g, key); p != nil {
		return p
	}
	leave, ok := c.enter(g.el)
	defer leave()
	if !ok {
		return rawPlan
	}
	p := &plan{t: &schema.Type{Kind: schema.KindRecord, Hint: n.local}, name: n, value: -1}
	c.plans[key] = p
	c.busy[key] = true
	defer delete(c.busy, key)
	var inside content
	c.gather(g.el, g.doc, &inside, 0)
	attrs := inside.attributes()
	mixed := inside.any && inside.text == nil && slices.ContainsFunc(attrs, func(a *attrDecl) bool { return !isEncoding(a.name.space) })
	if inside.any && inside.text == nil && !mixed {
		*p = plan{t: schema.TypeText, raw: true, name: n, value: -1}
		return p
	}
	p.t.Doc = doc(g.el)
	p.text = inside.text
	if p.text != nil && len(attrs) == 0 {
		p.t = p.text.t
		return p
	}
	switch {
	case mixed:
		p.mixed, p.value = true, 0
		p.t.Add(schema.Field{Name: "value", Type: schema.TypeText, Required: !c.loose, Doc: "The content, with its tags."})
		p.flow = c.flows(nil, 0)
	case p.text != nil:
		p.value = 0
		p.t.Add(schema.Field{Name: "value", Type: p.text.t, Required: !c.loose})
	default:
		c.children(p, inside.parts, attrs)
	}
	for _, a := range attrs {
		x := attribute{name: a.name, text: a.text, required: a.required && !c.loose, def: a.def, hasDef: a.hasDef, fixed: a.fixed, field: len(p.t.Fields)}
		p.attrs = append(p.attrs, x)
		p.t.Add(schema.Field{
			Name: p.free(a.name.local, "_attribute"), Type: a.text.t, Doc: a.docs,
			Required: a.required && !a.hasDef && !c.loose || c.answers && a.hasDef,
		})
	}
	p.t.Seal()
	return p
}

// free returns a name that no field has yet: the given one, or with an ending.
func (p *plan) free(local, ending string) string {
	n := local
	for i := p.again[local+ending]; p.t.Index(n) >= 0; {
		if i++; p.again == nil {
			p.again = map[string]int{}
		}
		p.again[local+ending] = i
		if n = local + ending; i > 1 {
			n += strconv.Itoa(i)
		}
	}
	return n
}

// children makes fields of the elements of a content model: one for each name, a list where it may come repeatedly, and a list of
// records for each group of them that repeats.
func (c *compiler) children(p *plan, parts []*particle, attrs []*attrDecl) {
	if len(parts) == 0 {
		p.flow = c.flows(nil, 0)
		return
	}
	model := &particle{kind: inSequence, min: 1, max: 1, parts: parts}
	model.grouping()
	c.places(p, model, attrs)
}

// places makes the places of a content model and their fields.
func (c *compiler) places(p *plan, model *particle, attrs []*attrDecl) {
	p.model = model
	taken := map[string]bool{}
	for _, a := range attrs {
		taken[a.name.local] = true
	}
	model.walk(func(x *particle) { taken[x.decl.name.local] = true })
	counts := p.model.count()
	fields := map[name]int{}
	first := map[int]*kid{} // the first place of each field
	wild := -1
	p.model.walk(func(x *particle) {
		x.kid = len(p.kids)
		if x.decl.group != nil {
			c.items(p, x, taken)
			return
		}
		k := kid{name: x.decl.name, any: x.decl.any, nillable: x.decl.nillable}
		if k.any != nil {
			k.plan = rawPlan
			if wild < 0 {
				wild = len(p.t.Fields)
				p.t.Add(schema.Field{Name: p.free("any", "_"), Type: schema.TypeText})
			}
			k.field = wild
			p.kids = append(p.kids, k)
			return
		}
		if x.decl.el != nil {
			k.def, k.hasDef, k.fixed = fallback(x.decl.el)
		}
		n := counts[x.decl.name]
		k.list, k.required = n.max != 1, n.min > 0 && !c.loose
		if i, again := fields[x.decl.name]; again {
			k.field = i
			k.plan, k.nillable = first[i].plan, k.nillable || first[i].nillable
			first[i].nillable = k.nillable
			p.kids = append(p.kids, k)
			return
		}
		k.plan = c.element(x.decl)
		k.field = len(p.t.Fields)
		fields[x.decl.name] = k.field
		first[k.field] = &kid{plan: k.plan, nillable: k.nillable}
		p.kids = append(p.kids, k)
		f := schema.Field{Name: p.free(x.decl.name.local, "_"), Required: n.min > 0 && !c.loose && (c.answers || k.filled().IsAbsent())}
		if x.decl.el != nil {
			f.Doc = doc(x.decl.el)
		}
		f.Type = c.fieldType(&k, n)
		f.Required = f.Required || (k.list || k.plan.array != nil && !k.nillable) && c.answers
		p.t.Add(f)
	})
	only := p.model
	for len(only.parts) == 1 && only.kind == inSequence && only.max == 1 {
		only = only.parts[0]
	}
	p.all = only.kind == inAll
	p.flow = c.flows(p.model, len(p.kids))
	if !c.loose {
		p.choices()
	}
}

// fieldType returns the type of a field: its element's, with null and as a list where the schema says so.
func (c *compiler) fieldType(k *kid, n counts) *schema.Type {
	t := k.plan.t
	if k.nillable && !t.Nullable {
		t = c.orNull(t)
	}
	if !k.list {
		return t
	}
	t = schema.ListOf(t)
	if c.loose {
		return t
	}
	if n.min > 1 {
		t.MinLength = &n.min
	} else if n.min == 1 {
		one := 1
		t.MinLength = &one
	}
	if n.max > 1 {
		t.MaxLength = &n.max
	}
	return t
}

// orNull returns a type with null: one for each, for what shares a type is to be told by it.
func (c *compiler) orNull(t *schema.Type) *schema.Type {
	if copied := c.nullable[t]; copied != nil {
		return copied
	}
	copied := *t
	copied.Nullable = true
	if c.nullable == nil {
		c.nullable = map[*schema.Type]*schema.Type{}
	}
	c.nullable[t] = &copied
	return &copied
}

// counts says how often an element may come in a content model; max -1 is without bound.
type counts struct{ min, max int }

// manyTimes is more than anybody counts.
const manyTimes = 1 << 30

// count returns how often each element may come.
func (p *particle) count() map[name]counts {
	out := map[name]counts{}
	switch p.kind {
	case oneElement:
		out[p.decl.name] = counts{1, 1}
	case inChoice:
		branches := map[name]int{} // how many of the parts have the element
		for _, part := range p.parts {
			for n, b := range part.count() {
				if a, met := out[n]; met {
					b = counts{min(a.min, b.min), larger(a.max, b.max)}
				}
				out[n] = b
				branches[n]++
			}
		}
		for n, a := range out {
			if branches[n] < len(p.parts) {
				out[n] = counts{0, a.max}
			}
		}
	default:
		for _, part := range p.parts {
			for n, b := range part.count() {
				a := out[n]
				out[n] = counts{a.min + b.min, times(a.max, b.max, true)}
			}
		}
	}
	for n, a := range out {
		out[n] = counts{min(a.min*min(p.min, manyTimes), manyTimes), times(a.max, p.max, false)}
	}
	return out
}

func larger(a, b int) int {
	if a < 0 || b < 0 {
		return -1
	}
	return max(a, b)
}

// times adds or multiplies two bounds.
func times(a, b int, add bool) int {
	switch {
	case !add && (a == 0 || b == 0):
		return 0
	case a < 0 || b < 0:
		return -1
	case add:
		b += a
	case a > manyTimes/b:
		return -1
	default:
		b *= a
	}
	if b >= manyTimes {
		return -1
	}
	return b
}

// walk visits the elements of a content model, in their order.
func (p *particle) walk(visit func(*particle)) {
	if p.kind == oneElement {
		visit(p)
		return
	}
	for _, part := range p.parts {
		part.walk(visit)
	}
}
