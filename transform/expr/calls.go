package expr

import (
	"fmt"
	"slices"
	"strings"

	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/funcs"

	"github.com/expr-lang/expr/ast"
)

// tableOf finds a function by its name.
func tableOf(name string) (*funcs.Function, bool) {
	f := funcs.Find(name)
	return f, f != nil
}

// tableHas reports whether there is a function or closure of that name.
func tableHas(name string) bool {
	_, closure := closures[name]
	_, function := tableOf(name)
	_, exchange := ofExchange[name]
	return closure || function || exchange || name == sequenceName || name == fromJSONName
}

// Builtin is a function or closure for documentation and completion.
type Builtin struct {
	Name, Signature, Doc, Example, Result, Group string
}

// Builtins lists all functions and closures, by name.
func Builtins() []Builtin {
	all := []Builtin{sequenceBuiltin, fromJSONBuiltin}
	for _, x := range ofExchange {
		all = append(all, x.about)
	}
	for name, k := range closures {
		signature := name + "(list, expression)"
		if k.optional {
			signature = name + "(list[, expression])"
		}
		all = append(all, Builtin{name, signature, k.doc, k.example, k.result, "lists"})
	}
	for _, f := range funcs.Table {
		all = append(all, Builtin{f.Name, f.Signature(), f.Doc, f.Example, f.Result, f.Group})
	}
	slices.SortFunc(all, func(a, b Builtin) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// elsewhere says what to write instead of functions that expr-lang has and this language has not.
var elsewhere = map[string]string{
	"string": "text(x)", "toText": "text(x)", "toString": "text(x)", "float": "decimal(x)", "uniq": "unique(list)", "distinct": "unique(list)",
	"trimPrefix": "stripPrefix(s, prefix)", "trimSuffix": "stripSuffix(s, suffix)", "hasPrefix": "s startsWith prefix",
	"hasSuffix": "s endsWith suffix",
	"reduce":    "sum, count, join or sortBy", "stringify": "toJSON(x)", "parseJSON": "fromJSON(text, \"schemas/NAME.yaml\")",
	"jsonParse": "fromJSON(text, \"schemas/NAME.yaml\")", "parse_json": "fromJSON(text, \"schemas/NAME.yaml\")", "to_json": "toJSON(x)",
	"toBase64": "base64(s)", "fromBase64": "fromBase64Text(s)", "mean": "sum(list) / count(list)", "type": "x != nil, or choose",
	"get": "x[name]", "findLastIndex": "findIndex(reverse(list), condition)", "substring": "s[from:to]", "substr": "s[from:to]",
	"slice":    "x[from:to]",
	"coalesce": "a ?? b", "default": "a ?? b", "ifNull": "a ?? b", "if": "condition ? a : b", "iif": "condition ? a : b", "isNull": "x == nil",
	"isEmpty":  "x == \"\", or len(list) == 0",
	"includes": "item in list", "indexOf": "findIndex(list, # == x)", "match": "s matches pattern, or extract(s, pattern)",
	"regex":  "extract(s, pattern)",
	"format": "formatDate(d, form), or a text with holes", "toDate": "date(s), or parseDate(s, form)", "duration": "addSeconds(d, n)",
	"timezone": "inZone(d, zone)",
	"toPairs":  "keys(map)", "values": "map(keys(m), m[#])", "average": "sum(list) / count(list)", "avg": "sum(list) / count(list)",
	"size":       "len(x)",
	"splitAfter": "split(s, separator)", "nth": "list[n]", "group": "groupBy(list, expression)", "order": "sortBy(list, expression)",
}

// passes lists the functions that pass on what their first argument holds, without looking at it; givesGroups stands for
// len, which only counts.
var passes = map[string]passing{
	"first": givesItem, "last": givesItem, "take": givesItems, "drop": givesItems, "reverse": givesItems, "compact": givesItems,
	"len": givesGroups,
}

// on returns the Use for the part of the first argument that a function returns.
func (p passing) on(o operand) *schema.Use {
	switch p {
	case givesItems:
		return o.use
	case givesItem:
		return o.use.Elem()
	case givesGroups:
		counted(o)
	}
	return nil
}

func (c *checker) call(n ast.Node, name string, args []ast.Node) operand {
	if _, ok := closures[name]; ok {
		return c.closure(n, name, args)
	}
	if name == sequenceName {
		return c.sequence(n, args)
	}
	if name == fromJSONName {
		return c.fromJSON(n, args)
	}
	if _, ok := ofExchange[name]; ok {
		return c.exchange(n, name, args)
	}
	fn, ok := tableOf(name)
	if !ok {
		return c.noFunction(n, name, args)
	}
	if fn.Moves && !c.moves(n, name+"() is another time whenever it is asked") {
		return unknown
	}
	operands := make([]operand, len(args))
	var use *schema.Use
	types := make([]*schema.Type, len(args))
	good := true
	for i, a := range args {
		operands[i] = c.node(a)
		if i > 0 || passes[name] == givesOther {
			operands[i].use.All()
		}
		types[i] = operands[i].t
		if i == 0 {
			use = passes[name].on(operands[i])
		}
		good = good && types[i].Kind != schema.KindUnknown
	}
	if len(args) < fn.Least() || len(args) > fn.Most() {
		c.problem(diag.TypeMismatch, n, "%s takes %s, found %d", name, fn.Count(), len(args)).WithHint("it is %s", fn.Signature())
		return unknown
	}
	if !good {
		return unknown
	}
	for i, a := range args {
		if !c.argument(fn, name, fn.Param(i), a, types[i]) {
			return unknown
		}
	}
	constants := make([]*schema.Value, len(args))
	for i := range operands {
		constants[i] = operands[i].constant
	}
	prepared, t, err := fn.Prepare(types, constants)
	if err != nil {
		c.problem(diag.TypeMismatch, n, "%s: %v", name, err)
		return unknown
	}
	for i, at := range types {
		if p := fn.Param(i); !p.Hides {
			t = inherit(t, at)
		}
	}
	pos, _ := c.place(start(n).Location())
	sent := given(operands...)
	c.scope.root.refuses = c.scope.root.refuses || sent && fn.Refuses
	return operand{t: t, use: use, given: sent, build: func() Eval {
		evals := make([]Eval, len(operands))
		for i, o := range operands {
			evals[i] = o.eval()
		}
		return called(fn, name, prepared, evals, Failure{Pos: pos, Given: sent})
	}}
}

// called evaluates the arguments and calls the function.
func called(fn *funcs.Function, name string, prepared funcs.Call, evals []Eval, failing Failure) Eval {
	pos := failing.Pos
	return func(f *Frame) (schema.Value, error) {
		var few [4]schema.Value
		values := few[:0]
		cost := 1
		for _, e := range evals {
			v, err := e(f)
			if err != nil {
				return v, err
			}
			cost += weight(v)
			values = append(values, v)
		}
		if fn.Cost != nil {
			cost += fn.Cost(values)
		}
		if err := f.Spend(cost); err != nil {
			return schema.Value{}, &Failure{Pos: pos, Err: err}
		}
		v, err := prepared(funcs.World{Now: f.Now, Clock: f.Clock, Meter: f}, values)
		if err != nil {
			return v, &Failure{Pos: pos, Err: fmt.Errorf("%s: %w", name, err), Given: failing.Given}
		}
		if err = f.Spend(weight(v)); err == nil && !fn.Charges {
			err = f.Take(made(v))
		}
		if err != nil {
			return v, &Failure{Pos: pos, Err: err}
		}
		return v, nil
	}
}

// noFunction reports that there is no function of a name; what stands in its arguments is checked all the same.
func (c *checker) noFunction(n ast.Node, name string, args []ast.Node) operand {
	for _, a := range args {
		if _, predicate := a.(*ast.PredicateNode); !predicate {
			c.node(a).use.All()
		}
	}
	p := c.problem(diag.UnknownFunction, n, "there is no function %q", name)
	instead := elsewhere[name]
	if instead == "" {
		instead = moreFunctions[name]
	}
	if instead != "" {
		p.WithHint("write %s", instead)
		return unknown
	}
	var names []string
	for _, b := range Builtins() {
		names = append(names, b.Name)
	}
	p.WithNearest(name, names)
	return unknown
}

// argument reports whether a value of a type may be given for a parameter; what is wrong was reported.
func (c *checker) argument(fn *funcs.Function, name string, p funcs.Param, a ast.Node, t *schema.Type) bool {
	if !p.Takes(t) {
		problem := c.problem(diag.TypeMismatch, a, "expected %s as %s of %s, found %s", p.Kinds(), p.Name, name, show(t)).
			WithHint("it is %s", fn.Signature())
		if t.Kind == schema.KindText && p.Number() {
			problem.WithHint("number(%s) reads a number from text", c.what(a))
		}
		return false
	}
	if t.Nullable && !p.Nil && t.Kind != schema.KindAny {
		c.problem(diag.MaybeNil, a, "%s may be nil, and is needed for %s", c.what(a), name).
			WithHint("give a value for that case: %s ?? …", c.what(a))
		return false
	}
	return true
}
