package soap

import (
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
