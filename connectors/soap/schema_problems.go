package soap

import (
	"slices"

	"fondaco/config/diag"
)

// once reports a problem at a place, the first time alone.
func (c *compiler) once(at *element, format string, args ...any) *diag.Problem {
	if c.reported[at] || c.budget.used {
		return &diag.Problem{}
	}
	c.reported[at] = true
	return c.out.Report(diag.BadSchema, at.pos, format, args...)
}

// missing reports a reference to what no schema defines.
func (c *compiler) missing(what string, n name, at *element, in map[name]global) {
	if known[n.space] && n.space != xsdSpace {
		return // of a schema that is no part of bodies: its content is taken as it comes
	}
	shown := n.local
	if n.space != "" {
		shown = "{" + n.space + "}" + n.local
	}
	near := c.near[what]
	if near == nil {
		if c.near == nil {
			c.near = map[string][]string{}
		}
		near = names(in)
		c.near[what] = near
	}
	c.once(at, "no schema defines the %s %s", what, shown).WithNearest(n.local, near)
}

func names(in map[name]global) []string {
	var out []string
	for n := range in {
		out = append(out, n.local)
	}
	slices.Sort(out)
	return out
}
