package config

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Sum returns a digest of what the node says: nodes that differ in comments, places and styles alone have the same.
func (n *Node) Sum() [sha256.Size]byte {
	h := sha256.New()
	n.write(h)
	return [sha256.Size]byte(h.Sum(nil))
}

func (n *Node) write(h hash.Hash) {
	number := func(i int) { _, _ = h.Write(binary.AppendUvarint(nil, uint64(i))) }
	text := func(s string) {
		number(len(s))
		_, _ = h.Write([]byte(s))
	}
	if n == nil {
		number(0)
		return
	}
	number(int(n.Kind) + 1)
	text(n.Text.Value)
	number(len(n.Entries))
	for _, e := range n.Entries {
		text(e.Key.Value)
		e.Value.write(h)
	}
	number(len(n.Items))
	for _, i := range n.Items {
		i.write(h)
	}
}
