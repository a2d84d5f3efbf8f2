package transform

import (
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// Mapping is a YAML tree whose leaves are expressions, as it stands in a file. The zero Mapping is none. It is read
// once and may then be checked any number of times, over different scopes.
type Mapping struct {
	root *part
}

// part is a node of a mapping.
type part struct {
	node   *config.Node
	kind   partKind
	hole   config.Text   // of an expression
	pieces []piece       // of a text with holes
	keys   []key         // of a record
	items  []*part       // of a list, of $merge
	name   config.Text   // of $for: the item's name
	over   config.Text   // of $for: the list
	conds  []config.Text // of $if: it is left out unless all hold
	filter *config.Text  // of $for: its $if, over the item
	item   *part         // of $for: what each item becomes
	ref    *config.Text  // of $ref: the file, until it is included
}

type key struct {
	name  config.Text
	value *part
}

type partKind uint8

const (
	partLiteral partKind = iota
	partExpr
	partText
	partRecord
	partList
	partFor
	partMerge
	partRef
)

// Decode reads the mapping from YAML. It is spec.Value's.
func (m *Mapping) Decode(n *config.Node, out *diag.List) { m.root = decode(n, out) }

// Schema describes mappings to editors: anything.
func (m *Mapping) Schema() spec.Schema {
	return spec.Schema{"description": "A mapping: a YAML tree whose leaves may hold expressions, ${...}; $for, $if, $item, $merge and $ref " +
		"are the language's."}
}

// IsZero reports whether there is no mapping.
func (m *Mapping) IsZero() bool { return m == nil || m.root == nil }

// Text returns the mapping as it is written where it is a single text, "" where it is none.
func (m *Mapping) Text() string {
	if m.IsZero() {
		return ""
	}
	return m.root.node.Text.Value
}

// Pos returns the place where the mapping begins.
func (m *Mapping) Pos() diag.Pos {
	if m.IsZero() {
		return diag.Pos{}
	}
	return m.root.node.Pos()
}

func decode(n *config.Node, out *diag.List) *part {
	p := &part{node: n}
	switch n.Kind {
	case config.NodeText:
		all := pieces(n.Text, out)
		switch {
		case len(all) == 1 && all[0].isHole:
			p.kind, p.hole = partExpr, all[0].hole
		case len(all) == 1 && !all[0].isHole && all[0].fixed == n.Text.Value || len(all) == 0:
		default:
			p.kind, p.pieces = partText, all
		}
	case config.NodeList:
		p.kind = partList
		for _, item := range n.Items {
			p.items = append(p.items, decode(item, out))
		}
	case config.NodeMap:
		p.object(n, out)
	}
	return p
}

// object reads a record, which may be a loop, a merge or an inclusion.
func (p *part) object(n *config.Node, out *diag.List) {
	p.kind = partRecord
	var item *part
	for i := range n.Entries {
		e := &n.Entries[i]
		name := e.Key
		if !strings.HasPrefix(name.Value, "$") {
			p.keys = append(p.keys, key{name, decode(e.Value, out)})
			continue
		}
		if strings.HasPrefix(name.Value, "$$") {
			p.keys = append(p.keys, key{name.Slice(1, len(name.Value)), decode(e.Value, out)})
			continue
		}
		switch name.Value {
		case "$for":
			p.loop(e.Value, out)
		case "$if":
			if text, ok := bare(e.Value, "$if", "a condition, as v.attivo", out); ok {
				p.conds = []config.Text{text}
			}
		case "$item":
			item = decode(e.Value, out)
		case "$merge":
			if e.Value.Kind != config.NodeList {
				e.Value.Report(out, diag.WrongType, "$merge: found %s, expected a list of mappings", e.Value.Found())
				continue
			}
			p.kind = partMerge
			for _, part := range e.Value.Items {
				p.items = append(p.items, decode(part, out))
			}
		case "$ref":
			if text, ok := bare(e.Value, "$ref", "a file of the project, as mappings/verbale.yaml", out); ok {
				p.kind, p.ref = partRef, &text
			}
		default:
			name.Report(out, diag.UnknownField, "%q is not a word of the mapping language", name.Value).
				WithNearest(name.Value, words)
		}
	}
	switch {
	case p.name.Value != "":
		inner := &part{node: n, kind: p.kind, keys: p.keys, items: p.items, ref: p.ref}
		if item != nil {
			if len(p.keys) > 0 {
				p.keys[0].name.Report(out, diag.UnknownField, "%q stands beside $item", p.keys[0].name.Value).
					WithHint("with $item the items are its values; fields belong into it")
			}
			inner = item
		} else if inner.kind == partRecord && len(p.keys) == 0 {
			p.name.Report(out, diag.MissingField, "nothing says what each %s becomes", p.name.Value).
				WithHint("write its fields beside $for, or one value under $item")
		}
		loop := part{node: n, kind: partFor, name: p.name, over: p.over, item: inner}
		if len(p.conds) > 0 {
			loop.filter = &p.conds[0]
		}
		*p = loop
	case item != nil:
		item.node.Report(out, diag.UnknownField, "$item stands without $for").WithHint("write $for: x in list beside it")
	case p.kind == partRef && len(p.keys) > 0:
		p.keys[0].name.Report(out, diag.UnknownField, "%q stands beside $ref", p.keys[0].name.Value).
			WithHint("merge them: $merge: [{$ref: ...}, {...}]")
	}
}

// loop reads "$for: v in list".
func (p *part) loop(n *config.Node, out *diag.List) {
	text, ok := bare(n, "$for", "as v in verbali.verbale", out)
	if !ok {
		return
	}
	name, over, found := SplitIn(text)
	if !found {
		text.Report(out, diag.BadExpression, "$for: found %q, expected a name and a list, as v in verbali.verbale", text.Value)
		return
	}
	p.name, p.over = name, over
}

// SplitIn takes "v in list" apart.
func SplitIn(t config.Text) (name, list config.Text, ok bool) {
	i := strings.Index(t.Value, " in ")
	if i < 0 || !identifier(strings.TrimSpace(t.Value[:i])) {
		return name, list, false
	}
	from, to := 0, i
	for from < to && t.Value[from] == ' ' {
		from++
	}
	for to > from && t.Value[to-1] == ' ' {
		to--
	}
	start := i + 4
	for start < len(t.Value) && t.Value[start] == ' ' {
		start++
	}
	return t.Slice(from, to), t.Slice(start, len(t.Value)), true
}

func identifier(s string) bool {
	for i, r := range s {
		if r != '_' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

// bare reads a text that is an expression or a name by itself; a hole around it is forgiven.
func bare(n *config.Node, word, expected string, out *diag.List) (config.Text, bool) {
	if !n.IsScalar() || n.Kind == config.NodeNull {
		n.Report(out, diag.WrongType, "%s: found %s, expected %s", word, n.Found(), expected)
		return config.Text{}, false
	}
	t := n.Text
	if s := t.Value; strings.HasPrefix(s, "${") && holeEnd(s, 2) == len(s)-1 {
		t = t.Slice(2, len(s)-1)
	}
	return t, true
}

// Include replaces every $ref by the file that read returns; read reports what is wrong and returns nil.
func (m *Mapping) Include(read func(name config.Text) *config.Node, out *diag.List) {
	if !m.IsZero() {
		(&inclusion{read: read, out: out}).in(m.root, nil)
	}
}

// maxIncluded is how many files one mapping may include, each counted as often as it is.
const maxIncluded = 500

// inclusion replaces the $refs of one mapping.
type inclusion struct {
	read  func(config.Text) *config.Node
	out   *diag.List
	count int
}

func (x *inclusion) in(p *part, within []string) {
	for p.kind == partRef && p.ref != nil { // a file may be another inclusion
		n := x.file(*p.ref, within)
		if n == nil {
			*p = part{node: p.node, kind: partRef}
			return
		}
		within = append(slices.Clone(within), p.ref.Value)
		conds := p.conds
		*p = *decode(n, x.out)
		p.conds = append(conds, p.conds...) // of whoever includes first, then the file's own
	}
	for _, k := range p.keys {
		x.in(k.value, within)
	}
	for _, i := range p.items {
		x.in(i, within)
	}
	if p.item != nil {
		x.in(p.item, within)
	}
}

// file reads what is included; nil after a problem.
func (x *inclusion) file(name config.Text, within []string) *config.Node {
	if slices.Contains(within, name.Value) {
		name.Report(x.out, diag.BadReference, "%q includes itself", name.Value)
		return nil
	}
	if x.count++; x.count >= maxIncluded {
		if x.count == maxIncluded {
			name.Report(x.out, diag.TooCostly, "the mapping includes more than %d files", maxIncluded)
		}
		return nil
	}
	return x.read(name)
}

// Mentions reports whether an expression of the mapping has a name in it: a word of that spelling.
func (m *Mapping) Mentions(name string) bool { return !m.IsZero() && m.root.mentions(name) }

func (p *part) mentions(name string) bool {
	texts := []config.Text{p.hole, p.over}
	texts = append(texts, p.conds...)
	if p.filter != nil {
		texts = append(texts, *p.filter)
	}
	for _, piece := range p.pieces {
		texts = append(texts, piece.hole)
	}
	for _, t := range texts {
		for _, word := range strings.FieldsFunc(t.Value, func(r rune) bool { return !identifier(string(r)) && (r < '0' || r > '9') }) {
			if word == name {
				return true
			}
		}
	}
	for _, k := range p.keys {
		if k.value.mentions(name) {
			return true
		}
	}
	for _, i := range p.items {
		if i.mentions(name) {
			return true
		}
	}
	return p.item != nil && p.item.mentions(name)
}
