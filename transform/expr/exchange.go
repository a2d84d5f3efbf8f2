package expr

import (
	"context"
	"errors"
	"strconv"

	"fondaco/config/diag"
	"fondaco/schema"

	"github.com/expr-lang/expr/ast"
)

// Origin is the exchange that an evaluation belongs to, as expressions see it. One goroutine asks it at a time.
type Origin interface {
	// RequestID returns the id under which logs and answers know the request, or what the message came of.
	RequestID(ctx context.Context) string
	// UUID returns a UUID of a place in the exchange: the same whenever the exchange comes to it again, another one for each place.
	UUID(ctx context.Context, place string) string
}

// Place is a part of a route whose expressions make UUIDs. They are known by the Path, which whoever compiles the part sets before
// anything is evaluated, and counted within it. One goroutine uses a Place at a time until then; afterwards it is not changed.
type Place struct {
	Path string
	made int
}

// Enter has the expressions that are checked from now on, over s and scopes of its root, belong to a place of an exchange. It returns
// what leaves it. Over scopes that are at no place uuid() and requestId() are problems.
func (s *Scope) Enter(p *Place) (leave func()) {
	outer := s.root.place
	s.root.place = p
	return func() { s.root.place = outer }
}

// Retry returns what takes back the UUIDs that are made at the place from now on: what is checked again makes them again.
func (s *Scope) Retry() (again func()) {
	p := s.root.place
	if p == nil {
		return func() {}
	}
	made := p.made
	return func() { p.made = made }
}

// Rounds counts the rounds of a loop within an expression or mapping. It has a slot where something in the loop asks for the round.
type Rounds struct{ slot int } // one more than the slot, 0 for none

// Set notes the round that begins.
func (r *Rounds) Set(f *Frame, round int) {
	if r.slot > 0 {
		f.Slots[r.slot-1] = schema.Int(int64(round))
	}
}

// rounds returns the slots of the rounds of all loops around, outermost first.
func (s *Scope) rounds() (slots []int) {
	if s.parent != nil {
		slots = s.parent.rounds()
	}
	if s.loop == nil {
		return slots
	}
	if s.loop.slot == 0 {
		s.loop.slot = s.reserve() + 1
	}
	return append(slots, s.loop.slot-1)
}

const (
	uuidName      = "uuid"
	requestIDName = "requestId"
)

// ofExchange are the functions that look at the exchange, by name.
var ofExchange = map[string]struct {
	about Builtin
	check func(c *checker, n ast.Node) operand
}{
	uuidName: {
		about: Builtin{
			Name: uuidName, Group: "exchange", Signature: "uuid() text", Example: `len(uuid())`, Result: "36",
			Doc: "A UUID (RFC 9562, version 8) that follows from the exchange, the place where it is written and the round of the loops " +
				"around it: the same when the request or message is worked on again, another one for each place, round and exchange.",
		},
		check: (*checker).uuid,
	},
	requestIDName: {
		about: Builtin{
			Name: requestIDName, Group: "exchange", Signature: "requestId() text", Example: `requestId()`, Result: `"r-1"`,
			Doc: "The id of the request, as the header X-Request-Id of its answer and the log have it; what follows from the request, " +
				"as the work on an event, has the same one.",
		},
		check: (*checker).requestID,
	},
}

// exchange types a call of a function that looks at the exchange.
func (c *checker) exchange(n ast.Node, name string, args []ast.Node) operand {
	if len(args) > 0 {
		c.problem(diag.TypeMismatch, n, "%s takes no argument, found %d", name, len(args)).WithHint("it is %s", ofExchange[name].about.Signature)
		return unknown
	}
	if c.scope.root.place == nil {
		c.problem(diag.BadExpression, n, "%s() is of an exchange, and there is none here", name).
			WithHint("write it in the steps or the answer of a route, and give what needs it the value")
		return unknown
	}
	return ofExchange[name].check(c, n)
}

// typeUUID is what uuid() returns.
var typeUUID = &schema.Type{Kind: schema.KindText, Format: "uuid"}

var errNoExchange = errors.New("there is no exchange")

func (c *checker) uuid(n ast.Node) operand {
	p, rounds := c.scope.root.place, c.scope.rounds()
	number := p.made
	p.made++
	pos, _ := c.place(n.Location())
	return operand{t: typeUUID, build: func() Eval {
		return func(f *Frame) (schema.Value, error) {
			if f.Origin == nil {
				return schema.Value{}, &Failure{Pos: pos, Err: errNoExchange}
			}
			place := append(make([]byte, 0, 64), p.Path...)
			place = strconv.AppendInt(append(place, "/uuid~"...), int64(number), 10)
			for _, slot := range rounds {
				place = strconv.AppendInt(append(place, 0), f.Slots[slot].Int(), 10)
			}
			v := schema.Text(f.Origin.UUID(f.Context, string(place)))
			return v, spendText(f, v, pos)
		}
	}}
}

func (c *checker) requestID(n ast.Node) operand {
	pos, _ := c.place(n.Location())
	return operand{t: schema.TypeText, build: func() Eval {
		return func(f *Frame) (schema.Value, error) {
			if f.Origin == nil {
				return schema.Value{}, &Failure{Pos: pos, Err: errNoExchange}
			}
			v := schema.Text(f.Origin.RequestID(f.Context))
			return v, spendText(f, v, pos)
		}
	}}
}

// stepsOfUUID is what making a UUID costs, in steps: a hash of a few hundred octets.
const stepsOfUUID = 10

func spendText(f *Frame, v schema.Value, pos diag.Pos) error {
	err := f.Spend(stepsOfUUID)
	if err == nil {
		err = f.Take(made(v))
	}
	if err != nil {
		return &Failure{Pos: pos, Err: err}
	}
	return nil
}
