package config

import (
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"fondaco/config/diag"
)

// Is reports whether the node is there and of the kind.
func (n *Node) Is(kind NodeKind) bool { return n != nil && n.Kind == kind }

// IsScalar reports whether the node is neither a list nor a map.
func (n *Node) IsScalar() bool { return n != nil && n.Kind != NodeList && n.Kind != NodeMap }

// Entry returns the entry of a key, nil if there is none: for the key's place.
func (n *Node) Entry(key string) *Entry {
	if n == nil {
		return nil
	}
	for i := range n.Entries {
		if n.Entries[i].Key.Value == key {
			return &n.Entries[i]
		}
	}
	return nil
}

// Holds reports whether a key of an object stands at a place.
func (n *Node) Holds(at diag.Pos) bool {
	return n.Is(NodeMap) && slices.ContainsFunc(n.Entries, func(e Entry) bool { return e.Key.Pos == at })
}

// Keys lists a map's keys in their order.
func (n *Node) Keys() []string {
	if n == nil {
		return nil
	}
	keys := make([]string, len(n.Entries))
	for i := range n.Entries {
		keys[i] = n.Entries[i].Key.Value
	}
	return keys
}

// Bool returns a boolean; ok is false of any other node.
func (n *Node) Bool() (value, ok bool) {
	if !n.Is(NodeBool) {
		return false, false
	}
	return n.Text.Value[0] == 't' || n.Text.Value[0] == 'T', true
}

// Int returns an integer; ok is false of any other node and of what does not fit 64 bits.
func (n *Node) Int() (value int64, ok bool) {
	if !n.Is(NodeInt) {
		return 0, false
	}
	value, err := strconv.ParseInt(n.Text.Value, 10, 64)
	return value, err == nil
}

// Found says what the node is, for messages: a list, an object, nothing, true, 5, "soon".
func (n *Node) Found() string {
	switch {
	case n == nil || n.Kind == NodeNull:
		return "nothing"
	case n.Kind == NodeList:
		return "a list"
	case n.Kind == NodeMap:
		return "an object"
	case n.Kind == NodeText:
		return fmt.Sprintf("%q", shorten(n.Text.Value))
	}
	return shorten(n.Text.Value)
}

// shorten keeps a message on a line.
func shorten(text string) string {
	if runes := []rune(text); len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return text
}

// Width reports how many characters to underline: those of the text, or 1.
func (t Text) Width() int { return max(1, utf8.RuneCountInString(t.Value)) }

// Report reports a problem that underlines the text.
func (t Text) Report(out *diag.List, code diag.Code, format string, args ...any) *diag.Problem {
	p := out.Report(code, t.Pos, format, args...)
	if t.at == nil {
		p.Len = t.Width()
	}
	return p
}

// Report reports a problem that underlines the scalar, or the beginning of a list or map.
func (n *Node) Report(out *diag.List, code diag.Code, format string, args ...any) *diag.Problem {
	if n.Kind == NodeMap && len(n.Entries) > 0 && n.Entries[0].Key.Pos == n.Text.Pos {
		return n.Entries[0].Key.Report(out, code, format, args...)
	}
	return n.Text.Report(out, code, format, args...)
}
