package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"fondaco/config/diag"

	"gopkg.in/yaml.v3"
)

// The bounds of a project's file.
const (
	MaxFile  = 4 << 20 // bytes
	maxDepth = 100     // levels of maps and lists
	maxNodes = 150_000 // keys, values and items of a file; the largest files of real projects have some thousands
)

// Parse reads a project's file: one strict YAML document, in UTF-8, without anchors, aliases, merge keys, tags, tabs as
// indentation, or a key that stands twice. It returns nil when there is nothing to go on with; out says why, at the guilty
// place. src must not change afterwards.
func Parse(file string, src []byte, out *diag.List) (root *Node) {
	text := string(bytes.TrimPrefix(src, []byte("\ufeff")))
	p := &parser{source: newSource(file, text), out: out}
	if len(src) > MaxFile {
		out.Report(diag.BadFile, diag.Pos{File: file}, "the file has %d bytes, expected at most %d", len(src), MaxFile)
		return nil
	}
	if !p.source.checkCharacters(out) {
		return nil
	}
	if _, line := weigh(text, maxNodes); line > 0 {
		out.Report(diag.BadFile, diag.Pos{File: file, Line: line, Col: 1},
			"the file has more than %d keys, values and items, and this is where it exceeds them", maxNodes).WithHint("make it several files")
		return nil
	}
	defer func() {
		if failure := recover(); failure != nil { // the library's own: its errors are returned
			root = nil
			out.Report(diag.BadYAML, diag.Pos{File: file}, "the text is not YAML: %v", failure)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	var document yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		out.Report(diag.BadYAML, diag.Pos{File: file, Line: 1, Col: 1}, "the file is empty").WithHint("write it, or take it away")
		return nil
	case err != nil:
		p.source.explain(err, out)
		return nil
	}
	var second yaml.Node
	switch err := decoder.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		p.source.explain(err, out)
		return nil
	default:
		out.Report(diag.BadYAML, diag.Pos{File: file, Line: second.Line, Col: second.Column}, "found a second document, expected one in a file").
			WithHint("take the line --- away, or make it two files")
		return nil
	}
	root = p.node(document.Content[0], 0)
	if p.hopeless {
		return nil
	}
	if root.Kind == NodeNull && root.Text.Value == "" {
		out.Report(diag.BadYAML, diag.Pos{File: file, Line: 1, Col: 1}, "the file is empty").WithHint("write it, or take it away")
		return nil
	}
	return root
}

type parser struct {
	source   *source
	out      *diag.List
	hopeless bool
}

func (p *parser) refuse(y *yaml.Node, hint, format string, args ...any) {
	p.hopeless = true
	p.out.Report(diag.BadYAML, p.pos(y), format, args...).WithHint("%s", hint)
}

func (p *parser) pos(y *yaml.Node) diag.Pos {
	if y.Line > len(p.source.lines) { // an empty value at the end
		return p.source.pos(len(p.source.text))
	}
	return diag.Pos{File: p.source.file, Line: y.Line, Col: max(y.Column, 1)}
}

func (p *parser) node(y *yaml.Node, depth int) *Node {
	n := &Node{Text: Text{Pos: p.pos(y)}}
	switch {
	case depth > maxDepth:
		p.refuse(y, "make it flatter", "found more than %d levels of lists and objects", maxDepth)
		return n
	case y.Kind == yaml.AliasNode:
		p.refuse(y, "write the value out, or put it in quotes if it is text", "found the alias *%s; aliases are no part of the language", y.Value)
		return n
	case y.Anchor != "":
		p.refuse(y, "take it away, or put the value in quotes if it is text", "found the anchor &%s; anchors are no part of the language",
			y.Anchor)
		return n
	case y.Style&yaml.TaggedStyle != 0:
		p.refuse(y, "take it away: the field decides the type", "found the tag %s; tags are no part of the language", y.Tag)
		return n
	}
	switch y.Kind {
	case yaml.SequenceNode:
		n.Kind = NodeList
		n.Items = make([]*Node, len(y.Content))
		for i, item := range y.Content {
			n.Items[i] = p.node(item, depth+1)
		}
	case yaml.MappingNode:
		n.Kind = NodeMap
		p.entries(n, y, depth)
	default:
		p.scalar(n, y)
	}
	return n
}

func (p *parser) entries(n *Node, y *yaml.Node, depth int) {
	n.Entries = make([]Entry, 0, len(y.Content)/2)
	known, named := keys{of: n}, &Node{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		switch {
		case key.Kind == yaml.AliasNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0:
			p.node(key, depth+1)
			continue
		case key.Kind != yaml.ScalarNode:
			p.refuse(key, "in { } and [ ] put expressions and braces in quotes", "found a list or object as a key, expected text")
			continue
		case key.Value == "" && key.Style == 0:
			p.refuse(key, "write the key before the colon", "found a colon without a key")
			continue
		case key.Tag == "!!merge":
			p.refuse(key, "write the fields out; in mappings there is $merge", "found the merge key <<, which is not part of the language")
			continue
		}
		*named = Node{Text: Text{Pos: p.pos(key)}}
		p.scalar(named, key)
		if line, twice := known.find(key.Value); twice {
			named.Text.Report(p.out, diag.DuplicateKey, "the key %q stands twice in one object", shorten(key.Value)).
				WithHint("the first is in line %d; keep one", line)
			continue
		}
		known.add(key.Value, key.Line)
		n.Entries = append(n.Entries, Entry{Key: named.Text, Value: p.node(y.Content[i+1], depth+1)})
	}
}

// keys finds the line of a key that a map has already: few are looked through, many are indexed.
type keys struct {
	of    *Node
	lines map[string]int // nil while there are few
}

// fewKeys is how many keys are looked through faster than they are found in an index.
const fewKeys = 12

func (k *keys) find(key string) (line int, found bool) {
	if k.lines != nil {
		line, found = k.lines[key]
		return line, found
	}
	for i := range k.of.Entries {
		if e := &k.of.Entries[i]; e.Key.Value == key {
			return e.Key.Pos.Line, true
		}
	}
	return 0, false
}

// add notes a key before its entry is appended.
func (k *keys) add(key string, line int) {
	if k.lines == nil && len(k.of.Entries) >= fewKeys {
		k.lines = make(map[string]int, 2*fewKeys)
		for i := range k.of.Entries {
			k.lines[k.of.Entries[i].Key.Value] = k.of.Entries[i].Key.Pos.Line
		}
	}
	if k.lines != nil {
		k.lines[key] = line
	}
}

func (p *parser) scalar(n *Node, y *yaml.Node) {
	n.Quoted = y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
	n.Text.Value = y.Value
	n.Kind = NodeText
	if !n.Quoted {
		n.Kind = scalarKind(y.Value)
	}
	if y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 {
		n.Text.Pos.Col++
	}
	start := p.source.offset(n.Text.Pos)
	if !n.Quoted {
		if n.Text.Value = p.whole(y.Value, start); len(n.Text.Value) != len(y.Value) {
			return
		}
	}
	if len(y.Value) <= len(p.source.text)-start && p.source.text[start:start+len(y.Value)] == y.Value &&
		y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && !bytes.ContainsRune([]byte(y.Value), '\n') {
		return // it stands there as it is: counting characters is exact
	}
	places := &places{source: p.source, start: start, style: y.Style, value: y.Value}
	n.Text.at = places.at
	if y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		n.Text.Pos = places.at(0)
	}
}

// scalarKind says what an unquoted scalar is: YAML 1.2's core schema in decimal, and what begins with a zero as 012 is
// text, so that codes keep their zeros.
func scalarKind(s string) NodeKind {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return NodeNull
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return NodeBool
	}
	i := 0
	if s[0] == '-' || s[0] == '+' {
		i = 1
	}
	digits := func() int {
		from := i
		for i < len(s) && s[i] >= '0' && s[i] <= '9' {
			i++
		}
		return i - from
	}
	first := i
	whole := digits()
	if whole > 1 && s[first] == '0' {
		return NodeText
	}
	if i == len(s) && whole > 0 {
		return NodeInt
	}
	part := 0
	if i < len(s) && s[i] == '.' {
		i++
		part = digits()
	}
	if whole+part == 0 {
		return NodeText
	}
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		i++
		if i < len(s) && (s[i] == '-' || s[i] == '+') {
			i++
		}
		if digits() == 0 {
			return NodeText
		}
	}
	if i < len(s) {
		return NodeText
	}
	return NodeFloat
}

func (s *source) report(out *diag.List, line, col, length int, hint, format string, args ...any) {
	p := out.Report(diag.BadYAML, diag.Pos{File: s.file, Line: line, Col: col}, "%s", fmt.Sprintf(format, args...))
	p.Hint, p.Len = hint, length
}
