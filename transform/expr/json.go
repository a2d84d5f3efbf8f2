package expr

import (
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/funcs"

	"github.com/expr-lang/expr/ast"
)

// Schemas finds the types that fromJSON reads: of a file of the project, or of a place in one, as schemas/x.yaml#/$defs/y. What is wrong
// with one goes to out, and it is unknown then.
type Schemas func(name config.Text, out *diag.List) Schema

// Schema is a type that texts are read as.
type Schema struct {
	Read *schema.Type         // what a text must be
	Type *schema.Type         // what its value is after Fill
	Fill func(v schema.Value) // fills in the defaults of absent fields; nil for none
}

// Schemas has expressions over s, and over scopes of its root, read texts as types that find finds.
func (s *Scope) Schemas(find Schemas) { s.root.schemas = find }

// NotJSON says that a text is not the JSON that fromJSON is to read. It has no value in it.
type NotJSON struct{ Detail string }

// Error returns what is wrong.
func (e *NotJSON) Error() string { return "fromJSON: " + e.Detail }

const fromJSONName = "fromJSON"

// fromJSON is the function as documents and problems show it.
var fromJSON = &funcs.Function{
	Name: fromJSONName, Params: []funcs.Param{
		{Name: "text", Of: []schema.Kind{schema.KindText}}, {Name: "schema", Of: []schema.Kind{schema.KindText}},
	},
}

var fromJSONBuiltin = Builtin{
	Name: fromJSONName, Group: "json", Signature: fromJSON.Signature(), Example: `fromJSON("[1, 2]", "schemas/numbers.yaml")`, Result: `[1,2]`,
	Doc: "The value of a JSON text, of the type of a schema of the project: a file, or a place in one, as `schemas/x.yaml#/$defs/y`. " +
		"It is checked as a body is: what does not fit is 422 if the text is made of what the caller sent, and fails with 500 otherwise. " +
		"It has 1 MiB at most, and lists and records nest 64 deep at most. The value of a personal text is personal.",
}

// fromJSON types fromJSON(text, "schema").
func (c *checker) fromJSON(n ast.Node, args []ast.Node) operand {
	if len(args) != 2 {
		for _, a := range args {
			c.node(a).use.All()
		}
		c.problem(diag.TypeMismatch, n, "fromJSON takes 2 arguments, found %d", len(args)).
			WithHint("write fromJSON(text, \"schemas/NAME.yaml\")")
		return unknown
	}
	text := c.node(args[0])
	text.use.All()
	name, ok := args[1].(*ast.StringNode)
	switch {
	case !ok:
		c.node(args[1]).use.All()
		c.problem(diag.TypeMismatch, args[1], "the schema is written out, so that the type is known when the project is loaded").
			WithHint("write fromJSON(text, \"schemas/NAME.yaml\")")
		return unknown
	case c.scope.root.schemas == nil:
		c.problem(diag.BadExpression, n, "fromJSON reads in the expressions of routes alone: here there are no schemas of the project").
			WithHint("give the operation the value, and read the text in the route")
		return unknown
	}
	pos, _ := c.place(name.Location())
	to := c.scope.root.schemas(config.Text{Value: name.Value, Pos: pos}, c.out)
	if to.Type.Kind == schema.KindUnknown || text.t.Kind == schema.KindUnknown ||
		!c.argument(fromJSON, fromJSONName, fromJSON.Param(0), args[0], text.t) {
		return unknown
	}
	c.scope.root.refuses = c.scope.root.refuses || text.given
	at, _ := c.place(start(n).Location())
	failing := Failure{Pos: at, Given: text.given}
	return operand{t: inherit(to.Type, text.t), given: text.given, build: func() Eval {
		return reads(text.eval(), codec.CompileJSON(to.Read, codec.JSONOptions{Unknown: codec.Refuse}), to.Fill, failing)
	}}
}

// reads evaluates a text and reads it as JSON. The room of what it may hold is taken before it is read.
func reads(text Eval, decoder *codec.JSONDecoder, fill func(schema.Value), failing Failure) Eval {
	fail := func(err error) (schema.Value, error) {
		return schema.Value{}, &Failure{Pos: failing.Pos, Err: err}
	}
	return func(f *Frame) (schema.Value, error) {
		v, err := text(f)
		if err != nil {
			return v, err
		}
		s := v.Str()
		if len(s) > funcs.MaxJSON {
			return schema.Value{}, &Failure{Pos: failing.Pos, Err: &NotJSON{"it is longer than 1 MiB"}, Given: failing.Given}
		}
		if err := f.Spend(1 + len(s)/4); err != nil {
			return fail(err)
		}
		values := 1 + strings.Count(s, ",") + strings.Count(s, "[") + strings.Count(s, "{")
		if err := f.Take(len(s) + valueSize*values); err != nil {
			return fail(err)
		}
		out, err := decoder.Decode([]byte(s))
		if err != nil {
			return schema.Value{}, &Failure{Pos: failing.Pos, Err: &NotJSON{err.Error()}, Given: failing.Given}
		}
		if fill != nil {
			fill(out)
		}
		if err := f.SpendDeep(out); err != nil {
			return fail(err)
		}
		return out, nil
	}
}
