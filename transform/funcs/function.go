// Package funcs is the table of the functions that expressions may call. Checker, documentation, completion and tests
// read it; adding a function is adding a row.
package funcs

import (
	"fmt"
	"strings"
	"time"

	"fondaco/schema"
)

// World is what functions may see of the world: the time at which the exchange began, the one that goes on, and what they may cost.
type World struct {
	Now   func() time.Time
	Clock func() time.Time // nil where no function that Moves is called
	Meter Meter
}

// Meter is charged by functions whose cost is known only while they work. An error ends the function, which returns it.
type Meter interface {
	// Spend takes steps: some 50 ns of work each. It also reports that nobody waits for the result any more.
	Spend(steps int) error
	// Take books bytes of values that are about to be made.
	Take(bytes int) error
	// SpendDeep takes the steps of going over a value, down to its leaves.
	SpendDeep(v schema.Value) error
}

// Call computes a function. It is safe for concurrent use and keeps nothing. Arguments are of the types that were
// checked; one that was left out is not there.
type Call func(w World, args []schema.Value) (schema.Value, error)

// Param is one argument of a function.
type Param struct {
	Name     string
	Of       []schema.Kind // what it may be; none is anything
	Optional bool
	Nil      bool // it may be nil
	Many     bool // it stands for any number of arguments, the last
	Hides    bool // its marks (personal, secret) do not pass to the result
}

// Function is a row of the table.
type Function struct {
	Name    string
	Group   string // of the reference page
	Doc     string // a sentence
	Example string // an expression
	Result  string // what the example returns, as JSON
	Params  []Param
	Gives   *schema.Type                           // the result's type
	Typed   func(args []*schema.Type) *schema.Type // or how it follows from the arguments' types
	Run     Call                                   // computes it
	// or makes that from arguments that are constants (patterns, zones); nil stands for an invalid one
	Bind func(constants []*schema.Value) (Call, error)
	// what it costs beyond looking at each argument once and making the result; nil is nothing
	Cost    func(args []schema.Value) int
	Refuses bool // it fails on some values of its parameters' types: texts that are no number, days out of the calendar
	Moves   bool // it is another value each time
	Charges bool // it charges the room of its result itself, before it makes it
	// Admits returns what is wrong with arguments of these types and constants beyond their kinds; nil asks nothing.
	Admits func(args []*schema.Type, constants []*schema.Value) error
}

// Prepare returns the function for arguments of known types, and the result's type. An error says what is wrong with a
// constant argument.
func (f *Function) Prepare(args []*schema.Type, constants []*schema.Value) (Call, *schema.Type, error) {
	if f.Admits != nil {
		if err := f.Admits(args, constants); err != nil {
			return nil, nil, err
		}
	}
	t := f.Gives
	if f.Typed != nil {
		t = f.Typed(args)
	}
	if f.Bind == nil {
		return f.Run, t, nil
	}
	call, err := f.Bind(constants)
	return call, t, err
}

// Least is how many arguments the function needs.
func (f *Function) Least() (n int) {
	for _, p := range f.Params {
		if !p.Optional {
			n++
		}
	}
	return n
}

// Most is how many arguments the function takes.
func (f *Function) Most() int {
	if n := len(f.Params); n > 0 && f.Params[n-1].Many {
		return 100
	}
	return len(f.Params)
}

// Count says how many arguments there may be: "2 arguments", "1 to 2 arguments".
func (f *Function) Count() string {
	switch least, most := f.Least(), f.Most(); {
	case most == 0:
		return "no argument"
	case least == most && most == 1:
		return "1 argument"
	case least == most:
		return fmt.Sprintf("%d arguments", most)
	case most == 100:
		return fmt.Sprintf("at least %d arguments", least)
	default:
		return fmt.Sprintf("%d to %d arguments", least, most)
	}
}

// Param returns the parameter that argument i goes to.
func (f *Function) Param(i int) Param { return f.Params[min(i, len(f.Params)-1)] }

// Signature returns the call in one line: padLeft(s text, length integer[, with text]) text.
func (f *Function) Signature() string {
	var b strings.Builder
	b.WriteString(f.Name + "(")
	for i, p := range f.Params {
		if p.Optional {
			b.WriteString("[")
		}
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(p.Name + " " + p.Kinds())
		if p.Many {
			b.WriteString("...")
		}
		if p.Optional {
			b.WriteString("]")
		}
	}
	b.WriteString(")")
	if f.Gives != nil {
		b.WriteString(" " + f.Gives.String())
	}
	return b.String()
}

// Takes reports whether an argument of type t will do, leaving nil aside.
func (p Param) Takes(t *schema.Type) bool {
	if len(p.Of) == 0 || t.Kind == schema.KindUnknown || t.Kind == schema.KindNull && p.Nil {
		return true
	}
	for _, k := range p.Of {
		if t.Kind == k || k == schema.KindDecimal && t.Kind == schema.KindInt || k == schema.KindText && t.Kind.Textual() {
			return true
		}
	}
	return false
}

// Number reports whether the parameter is a number.
func (p Param) Number() bool { return len(p.Of) == 1 && p.Of[0].Number() }

// Kinds returns what the argument may be, in words.
func (p Param) Kinds() string {
	if len(p.Of) == 0 {
		return "any"
	}
	var names []string
	for _, k := range p.Of {
		names = append(names, k.String())
	}
	s := strings.Join(names, " or ")
	if len(p.Of) == 1 && p.Of[0] == schema.KindDecimal {
		s = "number"
	}
	return s
}

// Find returns the function called name, nil if there is none.
func Find(name string) *Function { return index[name] }

var index = func() map[string]*Function {
	m := make(map[string]*Function, len(Table))
	for _, f := range Table {
		m[f.Name] = f
	}
	return m
}()

// Table is all functions, group by group.
var Table = func() (all []*Function) {
	for _, group := range [][]*Function{texts, numbers, dates, lists, codes, documents, persons, {jsonText}} {
		all = append(all, group...)
	}
	return all
}()

func text(name string) Param { return Param{Name: name, Of: []schema.Kind{schema.KindText}} }

func number(name string) Param { return Param{Name: name, Of: []schema.Kind{schema.KindDecimal}} }

func whole(name string) Param { return Param{Name: name, Of: []schema.Kind{schema.KindInt}} }

func list(name string) Param                     { return Param{Name: name, Of: []schema.Kind{schema.KindList}} }
func of(name string, kinds ...schema.Kind) Param { return Param{Name: name, Of: kinds} }
func maybe(p Param) Param                        { p.Optional = true; return p }
func nilly(p Param) Param                        { p.Nil = true; return p }
func hides(p Param) Param                        { p.Hides = true; return p }
