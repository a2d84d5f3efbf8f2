package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"

	"fondaco/config/diag"

	"gopkg.in/yaml.v3"
)

// The bounds of a document that others wrote.
const (
	documentDepth = 200     // levels of maps and lists
	documentNodes = 500_000 // nodes, each alias counted with all that it stands for
)

// ParseDocument reads a document that others wrote, JSON or YAML, as an OpenAPI description: unlike Parse it takes
// anchors, aliases, merge keys and tabs, and the last of two equal keys. A piece with several aliases is one *Node that
// stands in several places. It returns nil when the text is neither, or beyond its bounds; out says why.
func ParseDocument(file string, src []byte, out *diag.List) *Node {
	src = bytes.TrimPrefix(src, []byte("\xef\xbb\xbf"))
	start := bytes.TrimLeft(src, " \t\r\n")
	if len(start) > 0 && (start[0] == '{' || start[0] == '[') {
		n, heavy := parseJSON(file, src)
		if heavy != nil {
			out.Report(diag.BadYAML, *heavy, "the document cannot be read: it is larger than %d nodes, and this is where it exceeds them",
				documentNodes)
			return nil
		}
		if n != nil {
			return n
		}
	}
	if _, line := weigh(string(src), documentNodes); line > 0 {
		out.Report(diag.BadYAML, diag.Pos{File: file, Line: line, Col: 1},
			"the document cannot be read: it is larger than %d nodes, and this is where it exceeds them", documentNodes)
		return nil
	}
	var root yaml.Node
	if err := yaml.Unmarshal(src, &root); err != nil {
		pos := diag.Pos{File: file}
		message := strings.TrimPrefix(err.Error(), "yaml: ")
		if m := yamlLine.FindStringSubmatch(message); m != nil {
			pos.Line, _ = strconv.Atoi(m[1])
			pos.Col, message = 1, m[2]
		}
		out.Report(diag.BadYAML, pos, "the document is neither JSON nor YAML: %s", message)
		return nil
	}
	d := document{file: file, done: map[*yaml.Node]*Node{}, sizes: map[*Node]int{}}
	var n *Node
	err := errors.New("it is empty")
	if len(root.Content) == 1 {
		n, err = d.node(root.Content[0], 0)
	}
	if err != nil {
		out.Report(diag.BadYAML, diag.Pos{File: file}, "the document cannot be read: %s", err)
		return nil
	}
	return n
}

var yamlLine = regexp.MustCompile(`^line (\d+): (.*)$`)

type document struct {
	file  string
	done  map[*yaml.Node]*Node // what an alias stands for; nil while it is being read
	sizes map[*Node]int
}

func (d *document) node(y *yaml.Node, depth int) (*Node, error) {
	if depth > documentDepth {
		return nil, errors.New("it is nested deeper than " + strconv.Itoa(documentDepth) + " levels")
	}
	if y.Kind == yaml.AliasNode {
		y = y.Alias
	}
	if n, known := d.done[y]; known {
		if n == nil {
			return nil, errors.New("an alias stands inside of what it repeats")
		}
		return n, nil
	}
	if y.Anchor != "" {
		d.done[y] = nil
	}
	n := &Node{Text: Text{Pos: diag.Pos{File: d.file, Line: y.Line, Col: y.Column}}}
	d.sizes[n] = 1
	switch y.Kind {
	case yaml.SequenceNode:
		n.Kind = NodeList
		for _, item := range y.Content {
			child, err := d.child(n, item, depth)
			if err != nil {
				return nil, err
			}
			n.Items = append(n.Items, child)
		}
	case yaml.MappingNode:
		if err := d.entries(n, y, depth); err != nil {
			return nil, err
		}
	default:
		n.Text.Value = y.Value
		n.Quoted = y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) != 0
		n.Kind = plainKind(y.Value)
		if n.Quoted || y.Tag == "!!str" && y.Style&yaml.TaggedStyle != 0 {
			n.Kind = NodeText
		}
	}
	if y.Anchor != "" {
		d.done[y] = n
	}
	return n, nil
}

// child returns a node inside of n, and counts it there.
func (d *document) child(n *Node, y *yaml.Node, depth int) (*Node, error) {
	child, err := d.node(y, depth+1)
	if err != nil {
		return nil, err
	}
	if d.sizes[n] += d.sizes[child] + 1; d.sizes[n] > documentNodes {
		return nil, errors.New("it is larger than " + strconv.Itoa(documentNodes) + " nodes, aliases counted")
	}
	return child, nil
}

// entries reads those of an object; what is written there counts before what is merged into it.
func (d *document) entries(n *Node, y *yaml.Node, depth int) error {
	n.Kind = NodeMap
	at := map[string]int{}
	for i := 0; i+1 < len(y.Content); i += 2 {
		key := y.Content[i]
		child, err := d.child(n, y.Content[i+1], depth)
		if err != nil {
			return err
		}
		if key.Tag == "!!merge" {
			from := []*Node{child}
			if child.Kind == NodeList {
				from = child.Items
			}
			for _, f := range from {
				for _, e := range f.Entries {
					if _, there := at[e.Key.Value]; !there {
						at[e.Key.Value] = len(n.Entries)
						n.Entries = append(n.Entries, e)
					}
				}
			}
			continue
		}
		entry := Entry{Key: Text{Value: key.Value, Pos: diag.Pos{File: d.file, Line: key.Line, Col: key.Column}}, Value: child}
		if j, there := at[key.Value]; there {
			n.Entries[j] = entry
			continue
		}
		at[key.Value] = len(n.Entries)
		n.Entries = append(n.Entries, entry)
	}
	return nil
}

var (
	coreInt   = regexp.MustCompile(`^[-+]?[0-9]+$`)
	coreFloat = regexp.MustCompile(`^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$`)
)

// plainKind says what an unquoted scalar is by YAML 1.2's core schema, numbers in decimal alone.
func plainKind(s string) NodeKind {
	switch s {
	case "", "~", "null", "Null", "NULL":
		return NodeNull
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return NodeBool
	}
	switch {
	case coreInt.MatchString(s):
		return NodeInt
	case coreFloat.MatchString(s):
		return NodeFloat
	}
	return NodeText
}

// parseJSON reads JSON with the place of each value; nil if src is not JSON. heavy is the place where it has more nodes
// than a document may have, nil if it has no more.
func parseJSON(file string, src []byte) (root *Node, heavy *diag.Pos) {
	if !json.Valid(src) {
		return nil, nil
	}
	p := &jsonPlaces{file: file, src: src, line: 1, col: 1, decoder: json.NewDecoder(bytes.NewReader(src))}
	p.decoder.UseNumber()
	n := p.value(0)
	if n == nil {
		return nil, p.heavy
	}
	if _, err := p.decoder.Token(); err != io.EOF {
		return nil, nil
	}
	return n, nil
}

type jsonPlaces struct {
	file      string
	src       []byte
	offset    int // the place below is that of src[offset]
	line, col int
	decoder   *json.Decoder
	count     int       // nodes so far
	heavy     *diag.Pos // where they were more than documentNodes
}

// pos returns the place of the next token, which begins at or behind what the decoder has read.
func (p *jsonPlaces) pos() diag.Pos {
	end := int(p.decoder.InputOffset())
	for end < len(p.src) && strings.IndexByte(" \t\r\n,:", p.src[end]) >= 0 {
		end++
	}
	for ; p.offset < end; p.offset++ {
		switch b := p.src[p.offset]; {
		case b == '\n':
			p.line, p.col = p.line+1, 1
		case b&0xC0 != 0x80: // not inside of a character
			p.col++
		}
	}
	return diag.Pos{File: p.file, Line: p.line, Col: p.col}
}

// value reads a value; nil if it is nested too deep.
func (p *jsonPlaces) value(depth int) *Node {
	if depth > documentDepth {
		return nil
	}
	n := &Node{Text: Text{Pos: p.pos()}}
	if p.count++; p.count > documentNodes {
		p.heavy = &n.Text.Pos
		return nil
	}
	token, err := p.decoder.Token()
	if err != nil {
		return nil
	}
	switch t := token.(type) {
	case nil:
		n.Kind, n.Text.Value = NodeNull, "null"
	case bool:
		n.Kind, n.Text.Value = NodeBool, strconv.FormatBool(t)
	case string:
		n.Kind, n.Text.Value, n.Quoted = NodeText, t, true
	case json.Number:
		n.Kind, n.Text.Value = NodeFloat, t.String()
		if coreInt.MatchString(n.Text.Value) {
			n.Kind = NodeInt
		}
	case json.Delim:
		n.Kind = NodeList
		if t == '{' {
			n.Kind = NodeMap
		}
		at := map[string]int{}
		for p.decoder.More() {
			var entry Entry
			if t == '{' {
				entry.Key.Pos = p.pos()
				key, err := p.decoder.Token()
				if err != nil {
					return nil
				}
				entry.Key.Value = key.(string) // json.Valid said so
				p.count++
			}
			child := p.value(depth + 1)
			switch {
			case child == nil:
				return nil
			case t == '[':
				n.Items = append(n.Items, child)
			default:
				entry.Value = child
				if i, there := at[entry.Key.Value]; there {
					n.Entries[i] = entry
					continue
				}
				at[entry.Key.Value] = len(n.Entries)
				n.Entries = append(n.Entries, entry)
			}
		}
		if _, err := p.decoder.Token(); err != nil {
			return nil
		}
	}
	return n
}
