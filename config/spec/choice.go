package spec

import (
	"fmt"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
)

// Choice is one form that a field may take. The functions of this package make them.
type Choice struct {
	words  string                           // what is expected, for messages: "a duration as 5s or 1m30s"
	fits   func(n *config.Node) bool        // the node is of the right kind, though perhaps of a wrong value
	decode func(c *context, n *config.Node) // reports what is wrong
	schema func() Schema
	limits *limits
	free   *bool
	child  func(*Object) // of an object
	rows   func() func(*Object)
}

// context is what decoding a field knows of where it stands.
type context struct {
	out    *diag.List
	object *Object
	field  *Field
}

// limits bound a number.
type limits struct{ least, most int64 }

// wrong reports a node of the wrong kind.
func (c *context) wrong(n *config.Node, expected string) {
	code := diag.WrongType
	found := n.Found()
	if c.field != nil && c.field.secret && n.IsScalar() && n.Kind != config.NodeNull {
		found = "a value"
	}
	p := n.Report(c.out, code, "%sfound %s, expected %s", c.prefix(), found, expected)
	if c.field != nil && c.field.form != "" {
		p.WithHint("%s", c.field.form)
	}
}

// bad reports a value out of its form or range.
func (c *context) bad(n *config.Node, found, expected string) *diag.Problem {
	if c.field != nil && c.field.secret {
		found = "a value"
	}
	return n.Report(c.out, diag.BadValue, "%sfound %s, expected %s", c.prefix(), found, expected)
}

func (c *context) prefix() string {
	if c.field == nil {
		return ""
	}
	return c.field.Name + ": "
}

func always(*config.Node) bool { return true }

func isText(n *config.Node) bool { return n.Is(config.NodeText) }

func isMap(n *config.Node) bool { return n.Is(config.NodeMap) }

func isList(n *config.Node) bool { return n.Is(config.NodeList) }

func isScalar(n *config.Node) bool { return n.IsScalar() && n.Kind != config.NodeNull }

// Own is a Value as a choice; it takes any node.
func Own(v Value) Choice {
	return Choice{words: "a value", fits: always, schema: v.Schema, decode: func(c *context, n *config.Node) { v.Decode(n, c.out) }}
}

// Of is an object.
func Of(declare func(*Object)) Choice {
	return Choice{
		words: "an object", fits: isMap, child: declare,
		schema: func() Schema { return objectSchema(declare) },
		decode: func(c *context, n *config.Node) { decode(n, c.out, declare, c.object, c.field) },
	}
}

// ListOf is a list of objects.
func ListOf(item func() func(*Object)) Choice {
	return Choice{
		words: "a list", fits: isList, rows: item,
		schema: func() Schema { return Schema{"type": "array", "items": objectSchema(item())} },
		decode: func(c *context, n *config.Node) {
			for _, one := range n.Items {
				decode(one, c.out, item(), c.object, c.field)
			}
		},
	}
}

// MapOf is an object with free keys.
func MapOf(entry func(key config.Text) func(*Object)) Choice {
	c := EntriesOf(nil, nil)
	free := c.free
	c.rows = func() func(*Object) { return entry(config.Text{Value: "NAME"}) }
	c.schema = func() Schema {
		return Schema{"type": "object", "additionalProperties": objectSchema(entry(config.Text{Value: "NAME"}))}
	}
	c.decode = func(c *context, n *config.Node) {
		for i := range n.Entries {
			e := &n.Entries[i]
			if !*free && !config.CheckName(e.Key, c.out) {
				continue
			}
			decode(e.Value, c.out, entry(e.Key), nil, &Field{Name: e.Key.Value})
		}
	}
	return c
}

// EntriesOf is an object with free keys whose values are decoded by each.
func EntriesOf(value Schema, each func(key config.Text, value *config.Node, out *diag.List)) Choice {
	free := new(bool)
	return Choice{
		words: "an object", fits: isMap, free: free,
		schema: func() Schema { return Schema{"type": "object", "additionalProperties": value} },
		decode: func(c *context, n *config.Node) {
			for i := range n.Entries {
				if *free || config.CheckName(n.Entries[i].Key, c.out) {
					each(n.Entries[i].Key, n.Entries[i].Value, c.out)
				}
			}
		},
	}
}

// Either is several forms; the first that fits the node decodes it.
func Either(choices ...Choice) Choice {
	var words []string
	for _, c := range choices {
		if !slices.Contains(words, c.words) {
			words = append(words, c.words)
		}
	}
	e := Choice{words: strings.Join(words, " or ")}
	for _, c := range choices {
		if c.rows != nil {
			e.rows = c.rows
		}
		if c.child != nil {
			e.child = c.child
		}
	}
	e.fits = func(n *config.Node) bool {
		return slices.ContainsFunc(choices, func(c Choice) bool { return c.fits(n) })
	}
	e.decode = func(ctx *context, n *config.Node) {
		var last *diag.List
		fitting := 0
		for _, c := range choices {
			if !c.fits(n) {
				continue
			}
			fitting++
			var tried diag.List
			c.decode(&context{out: &tried, object: ctx.object, field: ctx.field}, n)
			last = &tried
			if !tried.Failed() {
				break
			}
		}
		if fitting > 1 && last.Failed() {
			ctx.bad(n, n.Found(), e.words)
			return
		}
		ctx.out.Join(last)
	}
	e.schema = func() Schema {
		any := make([]any, len(choices))
		for i, c := range choices {
			any[i] = c.schema()
		}
		return Schema{"anyOf": any}
	}
	return e
}

// Pick finds which one of the keys a map has: the kind of a polymorphic item, as a step's call or set. what names the
// item in messages, as "a step". It returns "" after it has reported none or more than one.
// instead says what to write for keys of other systems, as Object.Instead does.
func Pick(n *config.Node, out *diag.List, what string, instead map[string]string, keys ...string) string {
	if !n.Is(config.NodeMap) {
		n.Report(out, diag.WrongType, "found %s, expected %s: an object with one of %s", n.Found(), what, list(keys))
		return ""
	}
	picked := ""
	for _, e := range n.Entries {
		switch {
		case !slices.Contains(keys, e.Key.Value):
		case picked == "":
			picked = e.Key.Value
		default:
			e.Key.Report(out, diag.BadValue, "found %q beside %q, expected %s of one kind", e.Key.Value, picked, what).
				WithHint("make them two")
			return ""
		}
	}
	if picked != "" {
		return picked
	}
	for _, e := range n.Entries {
		hint := instead[e.Key.Value]
		if near := diag.Nearest(e.Key.Value, keys); hint == "" && near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		if hint != "" {
			e.Key.Report(out, diag.UnknownField, "unknown key %q in %s", e.Key.Value, what).WithHint("%s", hint)
			return ""
		}
	}
	n.Report(out, diag.MissingField, "%s of no kind, expected one of %s", what, list(keys)).
		WithHint("%s", fmt.Sprintf("say what it does, as %s:", keys[0]))
	return ""
}
