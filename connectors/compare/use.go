package compare

import (
	"strings"

	"fondaco/schema"
)

// Touches reports whether a change is seen by somebody who sends values of one type to the operation (nil for nothing) and
// reads of its answer what another type has left (schema.Prune).
func (c Change) Touches(sent, read *schema.Type) bool {
	switch {
	case c.Side == InInput && c.Kind == Needed:
		return !surely(sent, c.steps())
	case c.Side == InInput:
		return c.Path == "" || holds(sent, c.steps())
	case c.Side == InOutput:
		return c.Path == "" && read != nil && (read.Kind != schema.KindRecord || len(read.Fields) > 0) || c.Path != "" && holds(read, c.steps())
	}
	return true
}

// steps takes the path apart.
func (c Change) steps() []string {
	if c.Path == "" {
		return nil
	}
	steps := strings.Split(c.Path[1:], "/")
	for i, s := range steps {
		steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
	}
	return steps
}

// holds reports whether values of a type may have something at a path.
func holds(t *schema.Type, steps []string) bool {
	for i, step := range steps {
		if t == nil {
			return false
		}
		switch t.Kind {
		case schema.KindRecord:
			at := t.Index(step)
			if at < 0 {
				return false
			}
			t = t.Fields[at].Type
		case schema.KindList, schema.KindMap:
			t = t.Elem
		case schema.KindUnion:
			for _, v := range t.Variants {
				if holds(v, steps[i:]) {
					return true
				}
			}
			return false
		default:
			return t.Kind == schema.KindAny || t.Kind == schema.KindUnknown
		}
	}
	return t != nil
}

// surely reports whether values of a type always have what stands at a path, wherever what is around it is there.
func surely(t *schema.Type, steps []string) bool {
	for i, step := range steps {
		if t == nil {
			return i > 0 // nothing is sent around it
		}
		switch t.Kind {
		case schema.KindRecord:
			at := t.Index(step)
			if at < 0 {
				return i < len(steps)-1
			}
			if i == len(steps)-1 && !t.Fields[at].Required {
				return false
			}
			t = t.Fields[at].Type
		case schema.KindList, schema.KindMap:
			t = t.Elem
		case schema.KindUnion:
			for _, v := range t.Variants {
				if !surely(v, steps[i:]) {
					return false
				}
			}
			return true
		default:
			return t.Kind != schema.KindAny && t.Kind != schema.KindUnknown
		}
	}
	return true
}
