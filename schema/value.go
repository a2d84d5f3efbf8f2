package schema

import (
	"math/big"
	"unsafe"
)

// Value is one value of any kind, 24 bytes, passed by value. The zero Value is absent.
//
// Texts, numbers kept as text, and bytes may alias the message that they were decoded from: whoever decodes hands over
// a buffer that nobody writes to again. Values are immutable once built and safe for concurrent reading.
type Value struct {
	p     unsafe.Pointer // text, bytes, first slot of a record, first element of a list, *Map, *big.Int
	n     int64          // the integer, the coefficient, or a length
	kind  Kind
	form  form
	scale int16 // digits after the point of a decimal in formCoef and formBig
}

// form says how a decimal, or bytes, are held.
type form uint8

const (
	formText form = iota // the literal as it came (decimal); the octets themselves (bytes)
	formCoef             // n × 10^-scale
	formBig              // *big.Int × 10^-scale
	formB64              // base64 text, not yet decoded
)

// Null is the null value; the zero Value, Value{}, is absent.
var Null = Value{kind: KindNull}

// Bool returns a boolean.
func Bool(b bool) Value {
	if b {
		return Value{kind: KindBool, n: 1}
	}
	return Value{kind: KindBool}
}

// Int returns a whole number.
func Int(n int64) Value { return Value{kind: KindInt, n: n} }

// Text returns a text.
func Text(s string) Value { return textual(KindText, s) }

// TextOf returns a value of a textual kind (text, date, time, datetime, duration) whose text is known to be valid and
// canonical for that kind; it is not checked here.
func TextOf(k Kind, s string) Value { return textual(k, s) }

func textual(k Kind, s string) Value {
	return Value{kind: k, p: unsafe.Pointer(unsafe.StringData(s)), n: int64(len(s))}
}

// Bytes returns octets; the caller does not write to b afterwards.
func Bytes(b []byte) Value {
	return Value{kind: KindBytes, p: unsafe.Pointer(unsafe.SliceData(b)), n: int64(len(b))}
}

// BytesBase64 returns octets by their base64 text (RFC 4648 §4, padded), known to be valid; they are decoded when asked.
func BytesBase64(s string) Value {
	v := textual(KindBytes, s)
	v.form = formB64
	return v
}

// DecimalText returns an exact decimal by its literal, known to be valid JSON or XML Schema decimal syntax ("-12.50").
// The text is kept until somebody computes with it.
func DecimalText(s string) Value { return textual(KindDecimal, s) }

// DecimalCoef returns coef × 10^-scale.
func DecimalCoef(coef int64, scale int16) Value {
	return Value{kind: KindDecimal, form: formCoef, n: coef, scale: scale}
}

// DecimalBig returns coef × 10^-scale; the caller does not change coef afterwards.
func DecimalBig(coef *big.Int, scale int16) Value {
	return Value{kind: KindDecimal, form: formBig, p: unsafe.Pointer(coef), scale: scale}
}

// List returns a list of items; the caller does not write to them afterwards.
func List(items []Value) Value {
	return Value{kind: KindList, p: unsafe.Pointer(unsafe.SliceData(items)), n: int64(len(items))}
}

// Slots returns room for a record of type t with all its fields absent; hand it to Record when filled. Slot i+1 is
// field i: slot 0 is the record's own.
func Slots(t *Type) []Value { return make([]Value, len(t.Fields)+1) }

// Record makes a record of type t from slots as Slots or Arena.Slots gave them, filled by the caller, who does not
// write to them afterwards.
func Record(t *Type, slots []Value) Value {
	slots[0] = Value{p: unsafe.Pointer(t), kind: KindRecord}
	return Value{kind: KindRecord, p: unsafe.Pointer(unsafe.SliceData(slots)), n: int64(len(slots) - 1)}
}

// RecordOf makes a record of type t from its fields' values, in the type's order.
func RecordOf(t *Type, fields ...Value) Value {
	slots := Slots(t)
	copy(slots[1:], fields)
	return Record(t, slots)
}

// Map holds entries under free names, in the order they came. It is not changed once it is in a Value.
type Map struct {
	Keys   []string
	Values []Value
}

// Get returns the value under key, absent if there is none.
func (m *Map) Get(key string) Value {
	for i, k := range m.Keys {
		if k == key {
			return m.Values[i]
		}
	}
	return Value{}
}

// MapOf returns a map value; the caller does not change m afterwards.
func MapOf(m *Map) Value { return Value{kind: KindMap, p: unsafe.Pointer(m)} }

// Kind says what the value is.
func (v Value) Kind() Kind { return v.kind }

// IsAbsent reports whether there is nothing.
func (v Value) IsAbsent() bool { return v.kind == KindAbsent }

// IsNil reports whether the value is absent or null; "nil" in expressions asks for this.
func (v Value) IsNil() bool { return v.kind <= KindNull }

// Bool returns the truth of a boolean; anything else is false.
func (v Value) Bool() bool { return v.kind == KindBool && v.n != 0 }

// Int returns the whole number of a KindInt value.
func (v Value) Int() int64 { return v.n }

// Str returns the text of a textual kind, of a decimal kept as its literal, or of bytes kept as base64; "" otherwise.
func (v Value) Str() string {
	if v.n == 0 || !v.HasText() {
		return ""
	}
	return unsafe.String((*byte)(v.p), v.n)
}

// HasText reports whether Str returns the value as it is written: textual kinds, and decimals and bytes kept as they came.
func (v Value) HasText() bool {
	return v.kind.Textual() || v.kind == KindDecimal && v.form == formText || v.kind == KindBytes && v.form == formB64
}

// Raw returns the octets of bytes kept as octets, and whether they are.
func (v Value) Raw() ([]byte, bool) {
	if v.kind != KindBytes || v.form != formText {
		return nil, false
	}
	return unsafe.Slice((*byte)(v.p), v.n), true
}

// Coef returns a decimal held as coef × 10^-scale, and whether it is held so.
func (v Value) Coef() (coef int64, scale int16, ok bool) {
	return v.n, v.scale, v.kind == KindDecimal && v.form == formCoef
}

// Big returns a decimal held as a big coefficient, nil if it is not; the caller does not change it.
func (v Value) Big() (coef *big.Int, scale int16) {
	if v.kind != KindDecimal || v.form != formBig {
		return nil, 0
	}
	return (*big.Int)(v.p), v.scale
}

// Len returns the number of items of a list, of fields of a record, of entries of a map, of bytes of a text.
func (v Value) Len() int {
	if v.kind == KindMap {
		return len(v.Map().Keys)
	}
	return int(v.n)
}

// Items returns the items of a list; the caller does not write to them. Nil for anything else.
func (v Value) Items() []Value {
	if v.kind != KindList {
		return nil
	}
	return unsafe.Slice((*Value)(v.p), v.n)
}

// Type returns the type that a record is laid out by; nil for anything else.
func (v Value) Type() *Type {
	if v.kind != KindRecord {
		return nil
	}
	return (*Type)((*Value)(v.p).p)
}

// Field returns field i of a record, by the order of its type.
func (v Value) Field(i int) Value {
	if v.kind != KindRecord || uint64(i) >= uint64(v.n) {
		panic("schema: no such field")
	}
	return *(*Value)(unsafe.Add(v.p, uintptr(i+1)*unsafe.Sizeof(v)))
}

// Fields returns the fields of a record, by the order of its type; the caller does not write to them.
func (v Value) Fields() []Value {
	if v.kind != KindRecord {
		return nil
	}
	return unsafe.Slice((*Value)(v.p), v.n+1)[1:]
}

// Map returns the entries of a map; nil for anything else.
func (v Value) Map() *Map {
	if v.kind != KindMap {
		return nil
	}
	return (*Map)(v.p)
}

// Get returns the field or entry called name, absent if there is none. It searches: compiled code uses Field.
func (v Value) Get(name string) Value {
	switch v.kind {
	case KindRecord:
		if i := v.Type().Index(name); i >= 0 {
			return v.Field(i)
		}
	case KindMap:
		return v.Map().Get(name)
	}
	return Value{}
}
