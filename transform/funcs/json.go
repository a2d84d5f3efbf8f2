package funcs

import (
	"errors"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// MaxJSON is how many bytes a JSON text may have that an expression writes or reads: neither looks at the time in between.
const MaxJSON = 1 << 20

var errLongJSON = errors.New("the text would be longer than 1 MiB")

// jsonText is toJSON. What it is made of may be inside of its argument: so are the marks.
var jsonText = &Function{
	Name: "toJSON", Group: "json",
	Doc: "The value as compact JSON text: numbers are exact, fields that are absent are left out, nil is null. " +
		"The text has 1 MiB at most. It is personal if something in the value is, or has no type that says.",
	Example: `toJSON({a: 1.50, b: ["x"]})`, Result: `"{\"a\":1.50,\"b\":[\"x\"]}"`, Params: []Param{nilly(Param{Name: "x"})},
	Typed: func(args []*schema.Type) *schema.Type { return marksWithin(args[0]) },
	Run: func(w World, a []schema.Value) (schema.Value, error) {
		if err := w.Meter.SpendDeep(a[0]); err != nil {
			return schema.Value{}, err
		}
		text, err := codec.AppendJSONWithin(nil, a[0], MaxJSON)
		if err != nil {
			return schema.Value{}, errLongJSON
		}
		if err = w.Meter.Take(len(text)); err == nil {
			err = w.Meter.Spend(len(text) / 16)
		}
		if err != nil {
			return schema.Value{}, err
		}
		return schema.Text(string(text)), nil
	},
	Charges: true,
}

// marksWithin returns the type of a text that is made of all of a value.
func marksWithin(t *schema.Type) *schema.Type {
	text := *schema.TypeText
	seen := map[*schema.Type]bool{}
	var look func(t *schema.Type)
	look = func(t *schema.Type) {
		if t == nil || seen[t] {
			return
		}
		seen[t] = true
		text.Personal = text.Personal || t.Personal || t.Kind == schema.KindAny || t.Open
		text.Secret = text.Secret || t.Secret
		look(t.Elem)
		for _, f := range t.Fields {
			look(f.Type)
		}
		for _, v := range t.Variants {
			look(v)
		}
	}
	look(t)
	return &text
}
