package openapi

import (
	"slices"

	"fondaco/config"
	"fondaco/schema"
)

// nots reads the schemas under "not" of all the parts: those that rule out types, values or fields become what the type does not admit;
// of the others the type keeps that they are not checked.
type nots struct {
	types  *types
	list   []*config.Node
	spoken map[*config.Node]bool
}

func (t *types) nots(parts []*config.Node) *nots {
	x := &nots{types: t, spoken: map[*config.Node]bool{}}
	for _, part := range parts {
		if n := part.Get("not"); n != nil {
			if target, _ := t.follow(n); target != nil {
				n = target
			}
			x.list = append(x.list, n)
		}
	}
	return x
}

// alone returns what a schema says under word if it says nothing else, nil otherwise.
func alone(n *config.Node, word string) *config.Node {
	if n.Kind != config.NodeMap {
		return nil
	}
	for _, e := range n.Entries {
		switch e.Key.Value {
		case word, "title", "description":
		default:
			return nil
		}
	}
	return n.Get(word)
}

// nothing reports whether one of the schemas admits all values: then there are none.
func (x *nots) nothing() bool {
	return slices.ContainsFunc(x.list, func(n *config.Node) bool {
		return n.Kind == config.NodeBool && n.Text.Value == "true" || n.Kind == config.NodeMap && len(n.Entries) == 0
	})
}

// kinds takes JSON types away. words are those that are admitted; where there are none and free is true, all are, and any says that they
// can be told one by one. It reports false if none is left.
func (x *nots) kinds(words []string, null, free, any bool) ([]string, bool, bool) {
	switch { // to be without a field is to be an object
	case !x.rulesOut():
	case free:
		words, free = []string{"object"}, false
	case len(words) > 0:
		words = slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w != "object" })
		if len(words) == 0 {
			return nil, false, false
		}
	}
	any = any && free
	for _, n := range x.list {
		gone := oneOrMore(alone(n, "type"))
		if gone == nil {
			if values := valuesOf(n); len(values) > 0 && allNull(values) {
				x.spoken[n] = true
				gone = []string{"null"}
			}
		}
		if gone == nil {
			continue
		}
		if any {
			words, null, any = []string{"object", "array", "string", "number", "boolean"}, true, false
		}
		// A number that is no integer is no type of ours.
		if slices.Contains(gone, "integer") && !slices.Contains(gone, "number") && slices.Contains(words, "number") {
			continue
		}
		x.spoken[n] = true
		words = slices.DeleteFunc(slices.Clone(words), func(w string) bool {
			return slices.Contains(gone, w) || w == "integer" && slices.Contains(gone, "number")
		})
		null = null && !slices.Contains(gone, "null")
		if len(words) == 0 {
			return nil, null, null
		}
	}
	return words, null, true
}

// oneOrMore returns the words of a text or of a list of texts; nil of nothing.
func oneOrMore(n *config.Node) []string {
	switch {
	case n == nil:
		return nil
	case n.Kind != config.NodeList:
		return []string{n.Text.Value}
	}
	var all []string
	for _, item := range n.Items {
		all = append(all, item.Text.Value)
	}
	return all
}

// valuesOf returns the values of a schema that says only enum or const.
func valuesOf(n *config.Node) []*config.Node {
	if c := alone(n, "const"); c != nil {
		return []*config.Node{c}
	}
	if e := alone(n, "enum"); e != nil && e.Kind == config.NodeList {
		return e.Items
	}
	return nil
}

func allNull(values []*config.Node) bool {
	return !slices.ContainsFunc(values, func(v *config.Node) bool { return v.Kind != config.NodeNull })
}

// values takes values away from a type that is not of several: of those that it lists, of true and false, the empty text, and null.
func (x *nots) values(made *schema.Type) {
	for _, n := range x.list {
		values := valuesOf(n)
		if x.spoken[n] || len(values) == 0 {
			continue
		}
		if !x.types.lacking(made, values) {
			continue
		}
		x.spoken[n] = true
	}
}

// lacking takes values away from a type, and reports whether it could.
func (t *types) lacking(made *schema.Type, values []*config.Node) bool {
	if len(made.Enum) == 0 && made.Kind == schema.KindBool {
		made.Enum = []schema.Value{schema.Bool(true), schema.Bool(false)}
	}
	own := *made
	own.Enum = slices.Clone(made.Enum)
	for _, n := range values {
		v := scalar(n, made.Kind)
		switch {
		case n.Kind == config.NodeNull:
			own.Nullable = false
		case n.Kind == config.NodeList || n.Kind == config.NodeMap:
			if made.Kind == schema.KindList || made.Kind == schema.KindRecord || made.Kind == schema.KindMap || made.Kind == schema.KindAny {
				return false
			}
		case !ofKind(n, made.Kind): // no value of the type is that one
		case v.IsAbsent():
			return false
		case len(own.Enum) > 0:
			own.Enum = slices.DeleteFunc(own.Enum, func(e schema.Value) bool { return schema.Equal(e, v) })
			if len(own.Enum) == 0 {
				*made = schema.Type{Kind: schema.KindNever, Doc: made.Doc}
				return true
			}
		case made.Kind == schema.KindText && v.Str() == "":
			if least := 1; own.MinLength == nil || *own.MinLength < least {
				own.MinLength = &least
			}
		default:
			return false
		}
	}
	*made = own
	return true
}

// ofKind reports whether a value of a document may be one of a kind.
func ofKind(n *config.Node, kind schema.Kind) bool {
	switch n.Kind {
	case config.NodeText:
		return kind == schema.KindAny || kind == schema.KindText || kind == schema.KindBytes || kind.Textual()
	case config.NodeBool:
		return kind == schema.KindAny || kind == schema.KindBool
	case config.NodeInt, config.NodeFloat:
		return kind == schema.KindAny || kind.Number()
	}
	return false
}

// fields reads which fields are not there together: not: {required: [a, b]} rules out both, and anyOf of such each.
func (x *nots) fields() (all []schema.Presence) {
	for _, n := range x.list {
		if x.spoken[n] {
			continue
		}
		members := []*config.Node{n}
		if any := alone(n, "anyOf"); any != nil {
			members = any.Items
		}
		var conditions []schema.Presence
		for _, m := range members {
			if alone(m, "required") == nil || len(requiredNames(m)) == 0 {
				conditions = nil
				break
			}
			var p schema.Presence
			for _, name := range requiredNames(m) {
				p.Sets = append(p.Sets, schema.Together{Without: []string{name}})
			}
			conditions = append(conditions, p)
		}
		if len(conditions) > 0 {
			x.spoken[n] = true
			all = append(all, conditions...)
		}
	}
	return all
}

// rulesOut reports whether the parts say which fields are not there: all that fits is an object then.
func (x *nots) rulesOut() bool {
	own := nots{types: x.types, list: x.list, spoken: map[*config.Node]bool{}}
	return len(own.fields()) > 0
}

// rest keeps of a type that something under "not" is not checked.
func (x *nots) rest(made *schema.Type) {
	for _, n := range x.list {
		if x.spoken[n] || n.Kind == config.NodeBool || made.Kind == schema.KindNever {
			continue
		}
		x.types.unchecked(made, n, `"not" of this kind`)
	}
}

// unchecked keeps of a type that its schema says more than is checked.
func (t *types) unchecked(made *schema.Type, at *config.Node, what string) {
	made.Unchecked = what
	t.warn(at, "%s is not supported: nothing is checked against it in answers, and what is sent of this schema is refused", what)
}
