package database

import (
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/typing"
)

// describe sets each operation's types, as its parameters and columns declare them.
func describe(c *connectors.Connector, out *diag.List) {
	w, ok := c.Wire.(*wire)
	if !ok {
		return
	}
	c.CheckRefs(out, w.address, w.user, w.password, w.ca)
	c.CheckSecret(out, "password", w.password)
	c.CheckAddress(w.address, func(text string) error { _, err := parseAddress(text); return err }, out)
	types := typing.NewReader(func(file string, at diag.Pos) *config.Node { return config.ReadFile(c.FS, file, out, at) }, out).In(c.Zone)
	for _, operation := range c.Operations {
		p, ok := operation.Wire.(*op)
		if !ok {
			p = &op{}
			operation.Wire = p
		}
		p.describe(operation, types, out)
	}
	for _, watch := range c.Watches {
		w, ok := watch.Wire.(*watched)
		if !ok {
			w = &watched{batch: defaultBatch}
			watch.Wire = w
		}
		w.describe(watch, types, out)
	}
}

func (p *op) describe(operation *connectors.Operation, types *typing.Reader, out *diag.List) {
	if operation.Input != nil {
		report(operation, out, "input belongs to operations with of:").WithHint("write the parameters of the statement under parameters:")
	}
	operation.Input = record(types, p.parameters)
	operation.FaultDetail = faultDetail
	if p.result == "" && !operation.Unread {
		report(operation, out, "the operation does not say what comes back").WithHint("write result: one, list, affected or returning")
	}
	p.describeResult(operation, types, out)
	if p.sql.Value == "" {
		report(operation, out, "the operation says no statement").WithHint("write sql:")
		return
	}
	s, bad := parse(p.sql.Value)
	if bad != nil {
		problem := p.sql.Slice(bad.from, bad.to).Report(out, diag.BadConnector, "%s: %s", operation.Name, bad.message)
		if bad.hint != "" {
			problem.WithHint("%s", bad.hint)
		}
		return
	}
	p.checkStatement(operation, s, out)
	p.parsed = s
}

// describeResult makes the output of what comes back.
func (p *op) describeResult(operation *connectors.Operation, types *typing.Reader, out *diag.List) {
	row := record(types, p.columns)
	switch p.result {
	case resultBroken, "":
		operation.Output = schema.TypeUnknown
		return
	case resultAffected:
		operation.Output = schema.RecordType(schema.Field{Name: "affected", Type: schema.TypeInt, Required: true})
		if len(p.columns) > 0 {
			p.columns[0].key.Report(out, diag.BadConnector, "%s: result: affected is the number of rows that were changed, and there are no columns",
				operation.Name).
				WithHint("write result: returning for the row that a change returns")
		}
		return
	case resultList:
		operation.Output = &schema.Type{Kind: schema.KindList, Elem: row}
		if p.rows == 0 {
			report(operation, out, "a list without a bound may grow until nothing is left of the memory").WithHint("write for example max_rows: 200")
		}
	default:
		operation.Output = row
		if p.rows != 0 {
			report(operation, out, "max_rows belongs to result: list")
		}
	}
	if len(p.columns) == 0 {
		report(operation, out, "the operation says no columns").WithHint("write them under columns:, as anno: { type: integer }")
	}
}

// record returns the type of parameters or columns.
func record(types *typing.Reader, entries []entry) *schema.Type {
	var fields []schema.Field
	for _, e := range entries {
		t := types.Read(e.value, "required")
		required := true
		if n := e.value.Get("required"); n != nil {
			required = n.Text.Value != "false"
		}
		fields = append(fields, schema.Field{Name: e.key.Value, Type: t, Required: required, Doc: t.Doc})
	}
	return schema.RecordType(fields...)
}

// changing are the first words of statements that change something.
var changing = []string{
	"insert", "update", "delete", "merge", "replace", "truncate", "create", "alter", "drop", "grant", "revoke", "call",
	"do", "exec", "execute",
}

func (p *op) checkStatement(operation *connectors.Operation, s *statement, out *diag.List) {
	if operation.Effect == connectors.Read && slices.Contains(changing, s.first) {
		report(operation, out, "its effect is read, and its statement changes something: "+s.first).
			WithHint("write effect: once, or effect: idempotent if it may be repeated")
	}
	if s.star >= 0 {
		p.sql.Slice(s.star, s.star+1).Report(out, diag.BadConnector, "%s: * asks for whatever columns there are", operation.Name).
			WithHint("name the columns that are in columns:")
	}
	var known []string
	for _, e := range p.parameters {
		known = append(known, e.key.Value)
	}
	used, unknown := map[string]bool{}, false
	for _, h := range s.names {
		if !used[h.name] && !slices.Contains(known, h.name) {
			unknown = true
			p.sql.Slice(h.at, h.at+1+len(h.name)).Report(out, diag.BadConnector, "%s: there is no parameter %q", operation.Name, h.name).
				WithNearest(h.name, known).WithHint("write it under parameters:, as %s: { type: string }", h.name)
		}
		used[h.name] = true
	}
	for _, e := range p.parameters {
		if !used[e.key.Value] && !unknown { // else it is likely the one that is misspelt
			e.key.Report(out, diag.BadConnector, "%s: the statement has no parameter :%s", operation.Name, e.key.Value).
				WithNearest(e.key.Value, holes(s))
		}
	}
}

func holes(s *statement) (names []string) {
	for _, h := range s.names {
		names = append(names, h.name)
	}
	return names
}

func report(operation *connectors.Operation, out *diag.List, message string) *diag.Problem {
	return out.Report(diag.BadConnector, operation.Pos, "%s: %s", operation.Name, message).WithLen(len(operation.Name))
}

// faultDetail is what rules of fails see as fault.detail.
var faultDetail = schema.RecordType(
	schema.Field{Name: "constraint", Type: schema.TypeText},
	schema.Field{Name: "table", Type: schema.TypeText},
	schema.Field{Name: "column", Type: schema.TypeText},
)

// named returns whether a comma-separated list of words has a word.
func named(list []string, word string) bool {
	return slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, word) })
}
