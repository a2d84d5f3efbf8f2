package openapi

import (
	"strings"

	"fondaco/config"
)

// anchor returns what bears a name by $anchor or $dynamicAnchor (JSON Schema 2020-12 §8.2.2).
func (r *refs) anchor(name string) []*config.Node {
	if r.anchors == nil {
		r.anchors = map[string][]*config.Node{}
		r.gather(r.root, 0)
	}
	return r.anchors[name]
}

// maxDepth bounds how deep anchors are looked for.
const maxDepth = 200

func (r *refs) gather(n *config.Node, depth int) {
	if n == nil || depth > maxDepth {
		return
	}
	for _, e := range n.Entries {
		if (e.Key.Value == "$anchor" || e.Key.Value == "$dynamicAnchor") && e.Value != nil && e.Value.Kind == config.NodeText {
			r.anchors[e.Value.Text.Value] = append(r.anchors[e.Value.Text.Value], n)
		}
		r.gather(e.Value, depth+1)
	}
	for _, item := range n.Items {
		r.gather(item, depth+1)
	}
}

// dynamic returns the $dynamicRef of a schema where it can lead to one place only, which it then does as $ref does (JSON Schema 2020-12
// §8.2.3.2); nil otherwise.
func (r *refs) dynamic(n *config.Node) *config.Node {
	ref := n.Get("$dynamicRef")
	if ref == nil || ref.Kind != config.NodeText {
		return nil
	}
	if name, local := strings.CutPrefix(ref.Text.Value, "#"); !local || name == "" || name[0] != '/' && len(r.anchor(name)) != 1 {
		return nil
	}
	return ref
}
