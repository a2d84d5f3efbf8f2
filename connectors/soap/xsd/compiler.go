package xsd

import (
	"fondaco/schema"
)

// Compiler makes plans of what the schemas declare, in one direction: what operations reach, and no more. Its problems go to the
// schemas' list, each at the place in the schema that it is about. Not safe for concurrent use.
type Compiler struct {
	*Schemas
	zone     *schema.Zone // of moments and times that have no offset; nil if nobody says it
	answers  bool         // lists are always there in answers, empty or not; in requests they may be left out
	loose    bool         // what the schema requires may be missing in answers: they are SOAP encoded, or tolerated
	simples  map[Name]*lexical
	texts    map[Name]*Plan // of simple types
	plans    map[planKey]*Plan
	reported map[*Element]bool
	nullable map[*schema.Type]*schema.Type // copies that admit null, by what they are copies of
	ends     []func()                      // what waits for the types to be complete
	busy     map[planKey]bool
	inner    map[*Schemas]*Compiler // of documents within fields
	loosened *Compiler              // for answers in SOAP encoding, made when there are some

	open  map[*Element]bool   // groups and types that are being gathered
	heads map[*Element]bool   // of substitution groups whose type is being looked for
	now   *Element            // what is being compiled
	deep  int                 // in how many types it stands
	near  map[string][]string // the names that are defined, for suggestions

	abstracts map[Name]*Plan
	waiting   []waiting       // families to be completed
	heirs     map[Name][]Name // by base, what derives from it
	referred  map[Name]bool   // the types that elements have
}

type planKey struct {
	el     *Element
	target string
}

// Compilers returns the two compilers of a connector, for requests and for answers.
func Compilers(s *Schemas, zone *schema.Zone) (requests, answers *Compiler) {
	requests = &Compiler{
		zone:    zone,
		Schemas: s, abstracts: map[Name]*Plan{}, simples: map[Name]*lexical{}, texts: map[Name]*Plan{},
		plans: map[planKey]*Plan{}, reported: map[*Element]bool{}, busy: map[planKey]bool{},
	}
	return requests, requests.like(true, false)
}

// like returns a compiler over the same schemas, for messages of another kind.
func (c *Compiler) like(answers, loose bool) *Compiler {
	a := *c
	a.answers, a.loose, a.plans, a.abstracts, a.waiting, a.nullable, a.loosened, a.ends, a.inner = answers, loose, map[planKey]*Plan{},
		map[Name]*Plan{}, nil, nil, nil, nil, nil
	a.now, a.deep, a.heads, a.open = nil, 0, nil, nil
	return &a
}

// Finish completes abstract types, and the types that were copied before they were complete. Plans may be used for decoders and encoders
// once both compilers of a connector have finished.
func (c *Compiler) Finish() {
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
	for _, end := range c.ends {
		end()
	}
	c.ends = nil
	if c.loosened != nil {
		c.loosened.Finish()
	}
	for _, inner := range c.inner {
		inner.Finish()
	}
}

// Later registers a function that Finish calls once all types are complete.
func (c *Compiler) Later(end func()) { c.ends = append(c.ends, end) }

// Defines reports whether a schema has a global element of a name.
func (c *Compiler) Defines(n Name) bool {
	_, ok := c.elements[n]
	return ok
}

// Global compiles a global element; nil, reported at the place that names it, if there is none.
func (c *Compiler) Global(n Name, at *Element) *Plan {
	x := c.declared(n, at)
	if x == nil {
		return nil
	}
	return c.element(x)
}

// Looser returns the compiler of answers in which what the schema requires may be missing.
func (c *Compiler) Looser() *Compiler {
	if c.loose || !c.answers {
		return c
	}
	if c.loosened == nil {
		c.loosened = c.like(true, true)
	}
	return c.loosened
}
