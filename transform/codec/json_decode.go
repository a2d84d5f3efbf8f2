package codec

import (
	"sync"

	"fondaco/schema"
)

// Unknown says what happens with a field that a type does not list.
type Unknown uint8

// The ways with unknown fields. A type that is Open lets them pass either way.
const (
	Refuse Unknown = iota // they are violations
	Ignore                // they are passed over
)

// JSONOptions say how strictly a document is read. The zero value is the strictest.
type JSONOptions struct {
	Unknown    Unknown
	NullAbsent bool // null in a field that is neither required nor nullable counts as left out; otherwise it is a violation
	MaxDepth   int  // of lists and records; 0 means 64

	Claimed func(n int) // is told how many texts of a document are not of the format that their types claim; may be nil

	// Tolerated is told how many values of a document were not as their types say and let pass: a number or a boolean as text, and the
	// reverse, are read as what they mean; any other single value in a field that may be left out is left out, and so is one in a
	// map. Nil lets none pass.
	Tolerated func(n int)
}

const defaultDepth = 64

// JSONDecoder reads documents of one type. It is made once, at load, and safe for concurrent use.
type JSONDecoder struct {
	root *node
	o    JSONOptions
	idle sync.Pool // of *reader: their stacks are used again
}

// CompileJSON prepares the decoding of documents of type t. Fields that t leaves out (schema.Prune) are passed over.
func CompileJSON(t *schema.Type, o JSONOptions) *JSONDecoder {
	if o.MaxDepth == 0 {
		o.MaxDepth = defaultDepth
	}
	return &JSONDecoder{root: compileNode(t, map[*schema.Type]*node{}), o: o}
}

// Decode reads one document whole. The value may point into data, which nobody writes to afterwards. The error is a
// *SyntaxError if data is not JSON, schema.Violations if it is JSON of another type; both are free of values.
func (d *JSONDecoder) Decode(data []byte) (schema.Value, error) {
	r, _ := d.idle.Get().(*reader)
	if r == nil {
		r = &reader{}
	}
	r.scanner = scanner{data: data, max: d.o.MaxDepth}
	r.JSONOptions, r.lenient = d.o, d.o.Tolerated != nil
	v, err := r.document(d.root)
	if err == nil && r.claimed > 0 && d.o.Claimed != nil {
		d.o.Claimed(r.claimed)
	}
	if err == nil && r.tolerated > 0 {
		d.o.Tolerated(r.tolerated)
	}
	clear(r.stack[:cap(r.stack)])
	clear(r.path[:cap(r.path)])
	*r = reader{stack: r.stack[:0], path: r.path[:0]}
	if cap(r.stack) <= maxIdle {
		d.idle.Put(r)
	}
	return v, err
}

// maxIdle is the size of a stack up to which it is kept for the next document.
const maxIdle = 1024

// node is a type prepared for decoding.
type node struct {
	t        *schema.Type
	kind     schema.Kind
	checker  *schema.Checker // nil if the type has no constraint of its own
	claims   bool            // a format, which values need not have
	single   bool            // its values are neither lists nor records
	elem     *node
	fields   []*node
	names    []string // of a record's fields; "" if JSON may write it otherwise than it is
	required []int    // of a record: the fields that must be there
	variants []*node
	starts   starts           // with what the type's values begin
	tags     map[string]*node // of a union with a tag: the variant of each constant
}

func compileNode(t *schema.Type, known map[*schema.Type]*node) *node {
	if t == nil {
		return nil
	}
	if n := known[t]; n != nil {
		return n
	}
	n := &node{t: t, kind: t.Kind}
	known[t] = n
	if constrained(t) {
		own := *t // the parts have nodes and checkers of their own
		own.Elem, own.Fields, own.Variants = nil, nil, nil
		n.checker = schema.NewChecker(&own)
	}
	n.single = schema.Single(t)
	n.claims = t.Claimed && schema.FormatKnown(t.Format)
	n.elem = compileNode(t.Elem, known)
	for i, f := range t.Fields {
		n.fields = append(n.fields, compileNode(f.Type, known))
		name := f.Name
		if plainRun([]byte(name), 0) < len(name) {
			name = ""
		}
		n.names = append(n.names, name)
		if f.Required {
			n.required = append(n.required, i)
		}
	}
	for _, v := range t.Variants {
		n.variants = append(n.variants, compileNode(v, known))
	}
	n.starts = startsOf(t, map[*schema.Type]bool{})
	n.tags = tagsOf(n)
	return n
}

// constrained reports whether a type has a constraint of its own beside its kind.
func constrained(t *schema.Type) bool {
	return len(t.Enum) > 0 || t.Pattern != "" || schema.FormatKnown(t.Format) && !t.Claimed || t.MinLength != nil || t.MaxLength != nil ||
		t.Minimum != nil || t.Maximum != nil || t.Digits != nil || t.Fraction != nil || t.Unique ||
		t.Kind == schema.KindMap && len(t.Present) > 0
}

// reader is one decoding under way.
type reader struct {
	scanner
	JSONOptions
	arena      schema.Arena
	stack      []schema.Value // items of the lists that are open
	path       []jsonStep
	violations schema.Violations
	tried      int // bytes read to find out which variant of a union fits
	claimed    int // texts that are not of the format that their types claim

	lenient   bool // values that are not as their types say are let pass where they can be
	tolerated int  // how many were
}

func (r *reader) document(root *node) (schema.Value, error) {
	if len(r.data) >= 3 && r.data[0] == 0xef && r.data[1] == 0xbb && r.data[2] == 0xbf {
		r.fail("a byte order mark")
	}
	v := r.value(root)
	if r.err == nil && (r.peek() != 0 || r.pos < len(r.data)) { // a NUL byte is peeked as the end is
		r.fail("something after the end")
	}
	switch {
	case r.err != nil:
		return schema.Value{}, r.err
	case len(r.violations) > 0:
		return schema.Value{}, r.violations
	}
	return v, nil
}
