package project

import (
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// Sequence is a durable rising number that the project's routes draw from.
type Sequence struct {
	Name    config.Text
	Start   int64 // no number is below it
	InOrder bool  // calls with its numbers are made one after the other
}

// startOf reads where a sequence begins.
type startOf struct{ to *int64 }

// Decode reads a whole number from 0 on, of up to 18 digits.
func (s startOf) Decode(n *config.Node, out *diag.List) {
	v, ok := n.Int()
	if !ok || v < 0 || v >= 1_000_000_000_000_000_000 {
		n.Report(out, diag.BadValue, "start: found %s, expected a whole number from 0 to %s", n.Found(), strings.Repeat("9", 18))
		return
	}
	*s.to = v
}

// Schema is that of a whole number.
func (s startOf) Schema() spec.Schema { return spec.Schema{"type": "integer", "minimum": 0} }

func (q *Sequence) spec(o *spec.Object) {
	q.Start = 1
	o.Var("start", startOf{&q.Start}).Default("1").Doc("The first number. Raised later, the sequence jumps there, as it must after a " +
		"restore of an older state; lowered, it goes on where it is.")
	o.Bool("in_order", &q.InOrder).Doc("Calls that are given its numbers are made one at a time: the next number is drawn once the call " +
		"before has ended, so that the system never sees a number after a higher one. Each number is then drawn in the with of its call.")
}

// checkSequences reports names that cannot be.
func (p *Project) checkSequences(out *diag.List) {
	for _, q := range p.Sequences {
		config.CheckID(q.Name, out)
	}
}
