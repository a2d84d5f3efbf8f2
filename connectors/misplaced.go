package connectors

import (
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/transform/typing"
)

// misplaced reports what stands under operations and is not an operation, as it is not an object: a word of an operation, or one of the
// connector that stands too deep. It returns the connector's node without it, so that nothing else is made of it, and operations that it
// may have been, of which nothing is known.
func (c *Connector) misplaced(n *config.Node, reg Registry, out *diag.List) (rest *config.Node, lost []*Operation) {
	operations := n.Entry("operations")
	if operations == nil || operations.Value.Kind != config.NodeMap {
		return n, nil
	}
	wrong := func(e config.Entry) bool { return e.Value != nil && e.Value.Kind != config.NodeMap }
	if !slices.ContainsFunc(operations.Value.Entries, wrong) {
		return n, nil
	}
	fresh := &Connector{Protocol: c.Protocol}
	types := typing.NewReader(nil, &diag.List{})
	inside := words(func(o *spec.Object) { (&Operation{}).spec(o, fresh, reg, types) })
	beside := words(func(o *spec.Object) { fresh.spec(o, reg, types) })
	for _, e := range operations.Value.Entries {
		if !wrong(e) {
			continue
		}
		name := e.Key.Value
		lost = append(lost, &Operation{Name: name, Pos: e.Key.Pos, Unread: true})
		problem := e.Key.Report(out, diag.UnknownField, "unknown key %q in %q: an operation is an object, found %s", name, "operations",
			e.Value.Found())
		deep, near := diag.Nearest(name, beside), diag.Nearest(name, inside)
		switch {
		case slices.Contains(beside, name):
			if problem.WithHint("%s stands beside operations, not in it", name); name == "samples" {
				c.Samples = e.Value.Text.Value // what is there is no second mistake
			}
		case slices.Contains(inside, name):
			problem.WithHint("write %s below the name of its operation", name)
		case near != "":
			problem.WithHint("did you mean %q, below the name of an operation?", near)
		case deep != "":
			problem.WithHint("did you mean %q, beside operations?", deep)
		default:
			problem.WithHint("write %s: { effect: read, … }", name)
		}
	}
	own, kept := *n, *operations.Value
	kept.Entries = slices.DeleteFunc(slices.Clone(kept.Entries), wrong)
	own.Entries = slices.Clone(n.Entries)
	for i := range own.Entries {
		if own.Entries[i].Value == operations.Value {
			own.Entries[i].Value = &kept
		}
	}
	return &own, lost
}

// words lists the keys of an object, in order.
func words(declare func(*spec.Object)) (all []string) {
	properties, _ := spec.ObjectSchema(declare)["properties"].(map[string]any)
	for name := range properties {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
