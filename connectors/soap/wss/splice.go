package wss

import (
	"slices"
	"strings"
)

// splices are texts to be put into a message, each before the byte at its place, in the order given where places are
// the same. What is there stays as it is, byte by byte.
type splices []splice

type splice struct {
	at, drop int // drop is how many bytes go
	text     string
}

func (s *splices) add(at int, text string) { *s = append(*s, splice{at: at, text: text}) }

func (s splices) apply(message []byte) []byte {
	slices.SortStableFunc(s, func(a, b splice) int { return a.at - b.at })
	size := len(message)
	for _, p := range s {
		size += len(p.text)
	}
	out, from := make([]byte, 0, size), 0
	for _, p := range s {
		out = append(append(out, message[from:p.at]...), p.text...)
		from = p.at + p.drop
	}
	return append(out, message[from:]...)
}

// into puts text at the beginning or the end of an element's content.
func (s *splices) into(n *node, text string, first bool) {
	switch {
	case n.inner == n.after: // <a/>
		*s = append(*s, splice{n.inner - 2, 2, ">" + text + "</" + n.name() + ">"})
	case first:
		s.add(n.inner, text)
	default:
		s.add(n.end, text)
	}
}

// header puts text into the envelope's Header, which is made if there is none.
func (s *splices) header(e *envelope, text string) {
	if e.header != nil {
		s.into(e.header, text, false)
		return
	}
	name := "Header"
	if e.root.prefix != "" {
		name = e.root.prefix + ":" + name
	}
	s.add(e.body.start, "<"+name+">"+text+"</"+name+">")
}

// name returns an element's name as it stands in the message.
func (n *node) name() string {
	if n.prefix == "" {
		return n.local
	}
	return n.prefix + ":" + n.local
}

// identify returns a part's wsu:Id, and puts one into its start tag if it has none.
func (s *splices) identify(n *node, kind string) string {
	if id := n.id(); id != "" {
		return id
	}
	id := newID(kind)
	prefix, declared := n.prefixOf(wsuSpace, "wsu")
	text := " " + prefix + `:Id="` + id + `"`
	if !declared {
		text = " xmlns:" + prefix + `="` + wsuSpace + `"` + text
	}
	s.add(n.start+1+len(n.name()), text)
	return id
}

// prefixOf returns a prefix that is bound to a namespace at n, or one that is bound to none there and so may be declared.
func (n *node) prefixOf(space, like string) (prefix string, declared bool) {
	bound := map[string]bool{}
	for at := n; at != nil; at = at.parent {
		for _, b := range at.declared {
			if b.prefix != "" && b.space == space && !bound[b.prefix] {
				return b.prefix, true
			}
			bound[b.prefix] = true
		}
	}
	prefix = like
	for bound[prefix] {
		prefix += "1"
	}
	return prefix, false
}

// inScope returns the prefixes that are bound around n, sorted, "#default" for the default namespace.
func (n *node) inScope() string {
	var prefixes []string
	for at := n.parent; at != nil; at = at.parent {
		for _, b := range at.declared {
			switch {
			case n.lookup(b.prefix) == "":
			case b.prefix == "":
				prefixes = append(prefixes, "#default")
			default:
				prefixes = append(prefixes, b.prefix)
			}
		}
	}
	slices.Sort(prefixes)
	return strings.Join(slices.Compact(prefixes), " ")
}
