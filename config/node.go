package config

import "fondaco/config/diag"

// NodeKind says what a node is.
type NodeKind uint8

// The kinds of nodes. A scalar's kind is decided by YAML 1.2's core schema, so that no, on and 012 are text.
const (
	NodeNull NodeKind = iota
	NodeBool
	NodeInt
	NodeFloat
	NodeText
	NodeList
	NodeMap
)

// Node is a piece of YAML with its place. Nodes are not changed after loading.
type Node struct {
	Kind    NodeKind
	Text    Text    // the scalar as written, whatever its kind; for lists and maps only Pos
	Quoted  bool    // the scalar stood in quotes or a block: it is text whatever it looks like
	Entries []Entry // of a map, in order; keys are unique
	Items   []*Node // of a list

	constants *Node // what ${project.…} in its text reads; nil where nothing does
}

// Entry is one key of a map with what stands under it.
type Entry struct {
	Key   Text
	Value *Node
}

// Pos returns the place where the node begins.
func (n *Node) Pos() diag.Pos { return n.Text.Pos }

// Get returns what stands under key, nil if nothing does.
func (n *Node) Get(key string) *Node {
	if n == nil {
		return nil
	}
	for i := range n.Entries {
		if n.Entries[i].Key.Value == key {
			return n.Entries[i].Value
		}
	}
	return nil
}
