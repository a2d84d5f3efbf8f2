package schema

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"strconv"
)

// Fingerprint returns a hash of what Same compares, the same in every process: two types with the same fingerprint are the
// same. Types that are the same and were put together from shared parts in another way may have different ones.
func Fingerprint(t *Type) [sha256.Size]byte {
	p := printer{h: sha256.New(), seen: map[*Type]int{}}
	p.typ(t)
	return [sha256.Size]byte(p.h.Sum(nil))
}

// printer writes a type down so that nothing of it can be read as something else: each part says its length.
type printer struct {
	h    hash.Hash
	seen map[*Type]int
	buf  []byte
}

func (p *printer) number(n int) {
	p.buf = binary.AppendVarint(p.buf[:0], int64(n))
	_, _ = p.h.Write(p.buf)
}

func (p *printer) text(s string) {
	p.number(len(s))
	_, _ = p.h.Write([]byte(s))
}

func (p *printer) flags(all ...bool) {
	for _, b := range all {
		p.text(strconv.FormatBool(b))
	}
}

func (p *printer) limit(n *int) {
	p.flags(n != nil)
	if n != nil {
		p.number(*n)
	}
}

func (p *printer) value(v *Value) {
	p.flags(v != nil)
	if v != nil {
		p.text(string(appendIdentity(nil, *v)))
	}
}

func (p *printer) texts(list []string) {
	p.number(len(list))
	for _, s := range list {
		p.text(s)
	}
}

func (p *printer) typ(t *Type) {
	if t == nil {
		p.number(-1)
		return
	}
	if t.Elem != nil || len(t.Fields) > 0 || len(t.Variants) > 0 { // only such a type can hold itself
		if n, ok := p.seen[t]; ok {
			p.number(-2)
			p.number(n)
			return
		}
		p.seen[t] = len(p.seen)
	}
	p.number(int(t.Kind))
	p.flags(t.Nullable, t.Personal, t.Secret, t.Open, t.Unique, t.ExclMin, t.ExclMax)
	p.text(t.Format)
	p.text(t.Pattern)
	p.text(t.Tag)
	for _, n := range []*int{t.MinLength, t.MaxLength, t.Digits, t.Fraction} {
		p.limit(n)
	}
	p.value(t.Minimum)
	p.value(t.Maximum)
	p.number(len(t.Enum))
	for i := range t.Enum {
		p.value(&t.Enum[i])
	}
	p.number(len(t.Choices))
	for i := range t.Choices {
		c := &t.Choices[i]
		p.flags(c.None)
		p.number(len(c.Branches))
		for _, b := range c.Branches {
			p.texts(b.Fields)
			p.texts(b.Required)
		}
	}
	p.present(t)
	p.typ(t.Elem)
	p.number(len(t.Fields))
	for i := range t.Fields {
		p.text(t.Fields[i].Name)
		p.flags(t.Fields[i].Required)
		p.typ(t.Fields[i].Type)
	}
	p.number(len(t.Variants))
	for _, v := range t.Variants {
		p.typ(v)
	}
}

// present writes which fields are there together; nothing of a type without, whose fingerprint stays what it was.
func (p *printer) present(t *Type) {
	for i := range t.Present {
		c := &t.Present[i]
		p.number(-3)
		p.flags(c.One)
		p.number(len(c.Sets))
		for _, s := range c.Sets {
			p.texts(s.Fields)
			p.texts(s.Without)
		}
	}
}
