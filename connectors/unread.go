package connectors

import (
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
)

// unread notes which part of the connector has an unknown key, by the problems that decoding its file found: the connector's own
// fields, or operations. What such a part seems to lack may stand there, and is not reported as missing, here and elsewhere: one
// mistake is one problem.
func (c *Connector) unread(found *diag.List) {
	for p := range found.All() {
		if p.Code != diag.UnknownField {
			continue
		}
		if slices.ContainsFunc(c.node.Entries, func(e config.Entry) bool { return e.Key.Pos == p.Pos }) {
			c.Unread = true
			continue
		}
		var in *Operation
		for _, op := range c.Operations {
			if op.Pos.File == p.Pos.File && op.Pos.Line <= p.Pos.Line && (in == nil || in.Pos.Line <= op.Pos.Line) {
				in = op
			}
		}
		if w := c.watchAt(p.Pos); w != nil && (in == nil || in.Pos.Line < w.Pos.Line) {
			w.Unread = true
			continue
		}
		if in == nil {
			c.partly = true
			continue
		}
		in.Unread = true
	}
}

// watchAt returns the watch that begins last before a place, nil if none does.
func (c *Connector) watchAt(at diag.Pos) (found *Watch) {
	for _, w := range c.Watches {
		if w.Pos.File == at.File && w.Pos.Line <= at.Line && (found == nil || found.Pos.Line <= w.Pos.Line) {
			found = w
		}
	}
	return found
}

// forget makes the types of what could not be read whole unknown.
func (c *Connector) forget() {
	for _, op := range c.Operations {
		if c.Unread || op.Unread {
			op.Input, op.Output = schema.TypeUnknown, schema.TypeUnknown
		}
	}
}

// likely passes on what was found of the operations, without what those seem to lack that were not read whole.
func (c *Connector) likely(found, out *diag.List) {
	for p := range found.All() {
		missed := func(op *Operation) bool { return op.Unread && op.Pos == p.Pos }
		unseen := func(w *Watch) bool { return w.Unread && w.Pos == p.Pos }
		if c.partly && p.Code == diag.UnknownName {
			continue // what could not be read may bring it
		}
		if p.Warning || !slices.ContainsFunc(c.Operations, missed) && !slices.ContainsFunc(c.Watches, unseen) {
			out.Add(*p)
		}
	}
}
