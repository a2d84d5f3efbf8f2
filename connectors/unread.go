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
		in := c.operationAt(p.Pos)
		if w := c.watchAt(p.Pos); w != nil && (in == nil || in.Pos.Line < w.Pos.Line) {
			w.Unread = true
			continue
		}
		if in == nil {
			c.Partly = true
			continue
		}
		in.Unread = true
	}
}

// operationAt returns the operation that begins last before a place, nil if none does.
func (c *Connector) operationAt(at diag.Pos) (found *Operation) {
	for _, op := range c.Operations {
		if op.Pos.File == at.File && op.Pos.Line <= at.Line && (found == nil || found.Pos.Line <= op.Pos.Line) {
			found = op
		}
	}
	return found
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

// forget makes the types of what could not be read whole unknown. Operations of a connector that could not be read whole are such.
func (c *Connector) forget() {
	for _, op := range c.Operations {
		if c.Unread || op.Unread {
			op.Input, op.Output, op.Unread = schema.TypeUnknown, schema.TypeUnknown, true
		}
	}
}

// likely passes on what was found of the operation's rules, without the names that what could not be read of it may bring.
func (op *Operation) likely(found, out *diag.List) {
	for p := range found.All() {
		if !op.Unread || p.Code != diag.UnknownName {
			out.Add(*p)
		}
	}
}

// likely passes on what was found of the operations, without what those seem to lack that were not read whole.
func (c *Connector) likely(found, out *diag.List) {
	for p := range found.All() {
		if op := c.operationAt(p.Pos); op != nil && op.Unread && c.watchAt(p.Pos) == nil && !p.Warning {
			continue // of words that may mean something else beside the one that could not be read
		}
		unseen := func(w *Watch) bool { return w.Unread && w.Pos == p.Pos }
		if c.Partly && p.Code == diag.UnknownName {
			continue // what could not be read may bring it
		}
		if p.Warning || !slices.ContainsFunc(c.Watches, unseen) {
			out.Add(*p)
		}
	}
}
