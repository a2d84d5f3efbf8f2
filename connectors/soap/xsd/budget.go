package xsd

import "fondaco/config/diag"

// What the schemas of one connector may be compiled into, requests and answers together. A few lines of XML Schema can
// stand for any number of nodes: groups that refer to the next one twice double with each step. The largest published
// schemas take some tens of thousands of nodes.
const (
	maxNodes    = 300_000
	maxDeep     = 5_000 // types within types
	linksOfNode = 16    // how many links between places of a content model cost as much as a node
)

// budget is what is left of maxNodes. The compilers of a connector share one.
type budget struct {
	left, links int
	endless     bool // something is made of itself, and that was reported
	used        bool // it was exceeded, and that or its cause was reported
}

func newBudget() *budget { return &budget{left: maxNodes} }

// spend charges nodes to what is being compiled. It reports whether the budget admits them; when it does not, the
// problem is reported once for the whole connector, and everything that follows is passed over in silence.
func (c *Compiler) spend(nodes int) bool {
	b := c.budget
	if b.used {
		return false
	}
	if b.left -= nodes; b.left >= 0 {
		return true
	}
	c.exceed("the schemas stand for more than %d nodes, and this is where they exceed it", maxNodes)
	return false
}

// link charges links between places.
func (c *Compiler) link(n int) bool {
	b := c.budget
	b.links += n
	nodes := b.links / linksOfNode
	b.links %= linksOfNode
	return c.spend(nodes)
}

// exceed reports at what is being compiled that it is too large.
func (c *Compiler) exceed(format string, args ...any) {
	if c.budget.used || c.budget.endless {
		c.budget.used = true
		return
	}
	at := c.now
	if at == nil {
		at = &Element{}
	}
	c.out.Report(diag.BadSchema, at.Pos, format, args...).
		WithHint("groups or types that refer to each other several times multiply: take some of them out, or leave the operation out")
	c.budget.used = true
}

// enter says what is compiled from here on, for problems' places, until leave. It reports whether there is budget for
// it.
func (c *Compiler) enter(at *Element) (leave func(), ok bool) {
	before := c.now
	c.now = at
	c.deep++
	leave = func() { c.now, c.deep = before, c.deep-1 }
	if c.deep > maxDeep {
		c.exceed("types stand within types more than %d deep", maxDeep)
	}
	return leave, c.spend(1)
}
