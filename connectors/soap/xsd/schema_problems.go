package xsd

import (
	"slices"

	"fondaco/config/diag"
)

// once reports a problem at a place, the first time alone.
func (c *Compiler) once(at *Element, format string, args ...any) *diag.Problem {
	if c.reported[at] || c.budget.used {
		return &diag.Problem{}
	}
	c.reported[at] = true
	return c.out.Report(diag.BadSchema, at.Pos, format, args...)
}

// Warn reports a warning at an element, the first time only.
func (c *Compiler) Warn(at *Element, format string, args ...any) {
	c.once(at, format, args...).AsWarning()
}

// missing reports a reference to what no schema defines.
func (c *Compiler) missing(what string, n Name, at *Element, in map[Name]global) {
	if known[n.Space] && n.Space != Space {
		return // of a schema that is no part of bodies: its content is taken as it comes
	}
	shown := n.Local
	if n.Space != "" {
		shown = "{" + n.Space + "}" + n.Local
	}
	near := c.near[what]
	if near == nil {
		if c.near == nil {
			c.near = map[string][]string{}
		}
		near = names(in)
		c.near[what] = near
	}
	c.once(at, "no schema defines the %s %s", what, shown).WithNearest(n.Local, near)
}

func names(in map[Name]global) []string {
	var out []string
	for n := range in {
		out = append(out, n.Local)
	}
	slices.Sort(out)
	return out
}
