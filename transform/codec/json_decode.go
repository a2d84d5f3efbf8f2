package codec

import (
	"strconv"
	"unsafe"

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
	Unknown  Unknown
	MaxDepth int // of lists and records; 0 means 64
}

const defaultDepth = 64

// JSONDecoder reads documents of one type. It is made once, at load, and safe for concurrent use.
type JSONDecoder struct {
	root    *node
	unknown Unknown
	depth   int
}

// node is a type prepared for decoding.
type node struct {
	t        *schema.Type
	checker  *schema.Checker // nil if the type has no constraint of its own
	elem     *node
	fields   []*node
	variants []*node
	required int // how many fields are
}

// CompileJSON prepares the decoding of documents of type t. Fields that t leaves out (schema.Prune) are passed over.
func CompileJSON(t *schema.Type, o JSONOptions) *JSONDecoder {
	if o.MaxDepth == 0 {
		o.MaxDepth = defaultDepth
	}
	return &JSONDecoder{root: compileNode(t, map[*schema.Type]*node{}), unknown: o.Unknown, depth: o.MaxDepth}
}

func compileNode(t *schema.Type, known map[*schema.Type]*node) *node {
	if t == nil {
		return nil
	}
	if n := known[t]; n != nil {
		return n
	}
	n := &node{t: t}
	known[t] = n
	if constrained(t) {
		n.checker = schema.NewChecker(t)
	}
	n.elem = compileNode(t.Elem, known)
	for _, f := range t.Fields {
		n.fields = append(n.fields, compileNode(f.Type, known))
		if f.Required {
			n.required++
		}
	}
	for _, v := range t.Variants {
		n.variants = append(n.variants, compileNode(v, known))
	}
	return n
}

// constrained tells whether a type has a constraint of its own beside its kind.
func constrained(t *schema.Type) bool {
	return len(t.Enum) > 0 || t.Pattern != "" || schema.FormatKnown(t.Format) || t.MinLength != nil || t.MaxLength != nil ||
		t.Minimum != nil || t.Maximum != nil || t.Digits != nil || t.Fraction != nil || t.Unique
}

// Decode reads one document whole. The value may point into data, which nobody writes to afterwards. The error is a
// *SyntaxError if data is not JSON, schema.Violations if it is JSON of another type; both are free of values.
func (d *JSONDecoder) Decode(data []byte) (schema.Value, error) {
	r := reader{scanner: scanner{data: data, max: d.depth}, unknown: d.unknown}
	if len(data) >= 3 && data[0] == 0xef && data[1] == 0xbb && data[2] == 0xbf {
		r.fail("a byte order mark")
	}
	v := r.value(d.root)
	if r.err == nil && r.peek() != 0 {
		r.fail("something after the end")
	}
	if r.err == nil && r.pos < len(data) { // a NUL byte stopped peek
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

// reader is one decoding under way.
type reader struct {
	scanner
	unknown    Unknown
	arena      schema.Arena
	stack      []schema.Value // items of the lists that are open
	path       []step
	violations schema.Violations
}

// step is a part of the way from the root: a field of a record, or a place in a list.
type step struct {
	name string
	at   int
}

const maxViolations = 20

func (r *reader) violate(code, expected, found string) {
	if len(r.violations) >= maxViolations {
		return
	}
	var b []byte
	for _, s := range r.path {
		b = append(b, '/')
		if s.at >= 0 {
			b = strconv.AppendInt(b, int64(s.at), 10)
			continue
		}
		for i := range len(s.name) {
			switch c := s.name[i]; c {
			case '~':
				b = append(b, "~0"...)
			case '/':
				b = append(b, "~1"...)
			default:
				b = append(b, c)
			}
		}
	}
	r.violations = append(r.violations, &schema.Violation{Path: string(b), Code: code, Expected: expected, Found: found})
}

// mismatch passes over a value of the wrong kind and says so.
func (r *reader) mismatch(n *node, found string) schema.Value {
	r.violate("type", schema.Article(n.t), found)
	r.skip()
	return schema.Null
}

// value reads one value of the node's type.
func (r *reader) value(n *node) schema.Value {
	c := r.peek()
	if c == 'n' {
		if r.word("null") && !n.t.Nullable {
			r.violate("null", schema.Article(n.t), "null")
		}
		return schema.Null
	}
	switch n.t.Kind {
	case schema.KindAny, schema.KindUnknown:
		return r.any()
	case schema.KindUnion:
		return r.union(n)
	}
	switch c {
	case '{':
		switch n.t.Kind {
		case schema.KindRecord:
			return r.record(n)
		case schema.KindMap:
			return r.entries(n)
		}
		return r.mismatch(n, "a record")
	case '[':
		if n.t.Kind != schema.KindList {
			return r.mismatch(n, "a list")
		}
		return r.list(n)
	case '"':
		return r.textual(n)
	case 't', 'f':
		if n.t.Kind != schema.KindBool {
			return r.mismatch(n, "a boolean")
		}
		v := schema.Bool(c == 't')
		if c == 't' {
			r.word("true")
		} else {
			r.word("false")
		}
		return r.constrain(n, v)
	case 0:
		r.fail("expected a value")
		return schema.Null
	}
	return r.numeric(n, c)
}

// constrain checks the constraints of the type itself.
func (r *reader) constrain(n *node, v schema.Value) schema.Value {
	if n.checker != nil {
		if code, expected := n.checker.Constraint(v); code != "" {
			r.violate(code, expected, "")
		}
	}
	return v
}

func (r *reader) numeric(n *node, c byte) schema.Value {
	if c != '-' && (c < '0' || c > '9') {
		r.fail("expected a value")
		return schema.Null
	}
	switch n.t.Kind {
	case schema.KindInt:
		b, whole := r.number()
		if !whole {
			if r.err == nil {
				if v, err := schema.ParseDecimal(borrow(b)); err == nil {
					if v, err = schema.ToInt(v); err == nil { // 1.0 and 1e2 are whole (JSON Schema)
						return r.constrain(n, v)
					}
				}
				r.violate("type", schema.Article(n.t), "a decimal")
			}
			return schema.Null
		}
		i, ok := integer(b)
		if !ok {
			r.violate("range", "an integer of 64 bits", "")
			return schema.Null
		}
		return r.constrain(n, schema.Int(i))
	case schema.KindDecimal:
		b, _ := r.number()
		if r.err != nil {
			return schema.Null
		}
		return r.constrain(n, schema.DecimalText(borrow(b)))
	}
	return r.mismatch(n, "a number")
}

// integer reads a whole number that number has found well formed.
func integer(b []byte) (int64, bool) {
	if len(b) > 18 {
		i, err := strconv.ParseInt(borrow(b), 10, 64)
		return i, err == nil
	}
	neg := b[0] == '-'
	if neg {
		b = b[1:]
	}
	var n int64
	for _, c := range b {
		n = n*10 + int64(c-'0')
	}
	if neg {
		return -n, true
	}
	return n, true
}

// borrow gives b as a string without copying: the document is not written to any more.
func borrow(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func (r *reader) textual(n *node) schema.Value {
	if !n.t.Kind.Textual() && n.t.Kind != schema.KindBytes {
		return r.mismatch(n, "text")
	}
	b, plain := r.text()
	if r.err != nil {
		return schema.Null
	}
	s := borrow(b)
	var v schema.Value
	var err error
	switch n.t.Kind {
	case schema.KindText:
		if !plain {
			for _, c := range b {
				if c == 0 {
					r.violate("format", "text without the character NUL", "")
					return schema.Null
				}
			}
		}
		v = schema.Text(s)
	case schema.KindDate:
		v, err = schema.ParseDate(s)
	case schema.KindTime:
		v, err = schema.ParseTime(s)
	case schema.KindDateTime:
		v, err = schema.ParseDateTime(s)
	case schema.KindDuration:
		v, err = schema.ParseDuration(s)
	case schema.KindBytes:
		if !base64Text(s) {
			r.violate("format", "bytes in base64", "")
			return schema.Null
		}
		v = schema.BytesBase64(s)
	}
	if err != nil {
		r.violate("format", schema.Article(n.t), "text")
		return schema.Null
	}
	return r.constrain(n, v)
}

// base64Text tells whether s is padded base64 of the standard alphabet (RFC 4648 §4).
func base64Text(s string) bool {
	if len(s)%4 != 0 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '+' || c == '/'
		if !letter && (c != '=' || i < len(s)-2 || i == len(s)-2 && s[i+1] != '=') {
			return false
		}
	}
	return true
}

func (r *reader) list(n *node) schema.Value {
	if !r.enter() {
		return schema.Null
	}
	base := len(r.stack)
	if r.peek() == ']' {
		r.leave()
		return r.constrain(n, schema.List(nil))
	}
	r.path = append(r.path, step{})
	top := len(r.path) - 1
	for i, more := 0, true; more && r.err == nil; i, more = i+1, r.next(']') {
		r.path[top] = step{at: i}
		v := r.value(n.elem)
		r.stack = append(r.stack, v)
	}
	r.path = r.path[:top]
	if r.err != nil {
		return schema.Null
	}
	items := r.arena.Values(len(r.stack) - base)
	copy(items, r.stack[base:])
	r.stack = r.stack[:base]
	return r.constrain(n, schema.List(items))
}

func (r *reader) record(n *node) schema.Value {
	if !r.enter() {
		return schema.Null
	}
	t := n.t
	slots := r.arena.Slots(t)
	if r.peek() == '}' {
		r.leave()
		return r.complete(n, slots)
	}
	r.path = append(r.path, step{})
	top := len(r.path) - 1
	var others []string // names outside of the type, to find one that stands twice
	next := 0
	for more := true; more && r.err == nil; more = r.next('}') {
		if r.peek() != '"' {
			r.fail("expected a name in quotes")
			break
		}
		begin := r.pos
		name, _ := r.text()
		r.colon()
		if r.err != nil {
			break
		}
		// Documents mostly come in the order of their type.
		i := next
		if i >= len(t.Fields) || t.Fields[i].Name != string(name) {
			i = t.Index(borrow(name))
		}
		if i < 0 {
			others = r.other(n, others, name, begin)
			r.skip()
			continue
		}
		next = i + 1
		if !slots[i+1].IsAbsent() {
			r.pos = begin
			r.fail("a name stands twice in one record")
			break
		}
		r.path[top] = step{name: t.Fields[i].Name, at: -1}
		slots[i+1] = r.value(n.fields[i])
	}
	r.path = r.path[:top]
	if r.err != nil {
		return schema.Null
	}
	return r.complete(n, slots)
}

// maxOthers is how many names outside of a type are compared with each other: a document with more is refused anyway.
const maxOthers = 64

// other deals with a name that the type does not list.
func (r *reader) other(n *node, others []string, name []byte, begin int) []string {
	if n.t.Open || r.unknown == Ignore || len(others) >= maxOthers {
		return others
	}
	for _, o := range others {
		if o == string(name) {
			r.pos = begin
			r.fail("a name stands twice in one record")
			return others
		}
	}
	r.path[len(r.path)-1] = step{name: tellable(name), at: -1}
	r.violate("unknown", "no such field", "")
	return append(others, borrow(name))
}

// tellable gives a name as it may be told back: a foreign name could hold anything.
func tellable(name []byte) string {
	if len(name) > 64 {
		return "(unknown)"
	}
	for _, c := range name {
		if c != '_' && c != '-' && c != '.' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return "(unknown)"
		}
	}
	return string(name)
}

// complete ends a record: what is required must be there.
func (r *reader) complete(n *node, slots []schema.Value) schema.Value {
	for i := range n.t.Fields {
		if n.t.Fields[i].Required && slots[i+1].IsAbsent() {
			r.path = append(r.path, step{name: n.t.Fields[i].Name, at: -1})
			r.violate("required", schema.Article(n.t.Fields[i].Type), "nothing")
			r.path = r.path[:len(r.path)-1]
		}
	}
	return schema.Record(n.t, slots)
}

func (r *reader) entries(n *node) schema.Value {
	if !r.enter() {
		return schema.Null
	}
	m := &schema.Map{}
	if r.peek() == '}' {
		r.leave()
		return r.constrain(n, schema.MapOf(m))
	}
	r.path = append(r.path, step{})
	top := len(r.path) - 1
	seen := map[string]bool{}
	for more := true; more && r.err == nil; more = r.next('}') {
		if r.peek() != '"' {
			r.fail("expected a name in quotes")
			break
		}
		begin := r.pos
		b, _ := r.text()
		r.colon()
		if r.err != nil {
			break
		}
		name := borrow(b)
		if seen[name] {
			r.pos = begin
			r.fail("a name stands twice in one record")
			break
		}
		seen[name] = true
		r.path[top] = step{name: name, at: -1}
		m.Keys = append(m.Keys, name)
		m.Values = append(m.Values, r.value(n.elem))
	}
	r.path = r.path[:top]
	return r.constrain(n, schema.MapOf(m))
}
