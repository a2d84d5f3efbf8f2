package codec

import (
	"encoding/binary"
	"errors"
	"math"
	"math/big"
	"unicode/utf8"

	"fondaco/schema"
)

// errNoBinary is returned for bytes that are not what AppendBinary wrote for the type.
var errNoBinary = errors.New("these bytes are no value of the type")

// DecodeBinary reads what AppendBinary wrote for the same type; whatever the bytes are, what it returns is laid out by the
// type, with values of the kinds that the type admits. Constraints are not checked: a schema.Checker does that. The value
// aliases data, which nobody writes to again.
func DecodeBinary(data []byte, t *schema.Type) (schema.Value, error) {
	r := binaryReader{data: data}
	v := r.value(t, 0)
	if r.bad || len(r.data) > 0 {
		return schema.Value{}, errNoBinary
	}
	return v, nil
}

// binaryReader reads on until something is invalid; from then on it returns zero values.
type binaryReader struct {
	data  []byte
	arena schema.Arena
	bad   bool
}

func (r *binaryReader) fail() schema.Value {
	r.bad, r.data = true, nil
	return schema.Value{}
}

func (r *binaryReader) letter() byte {
	if len(r.data) == 0 {
		r.fail()
		return 0
	}
	c := r.data[0]
	r.data = r.data[1:]
	return c
}

func (r *binaryReader) number() int64 {
	n, size := binary.Varint(r.data)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.data = r.data[size:]
	return n
}

// count reads a number of things that take a byte each, at least.
func (r *binaryReader) count() int {
	n, size := binary.Uvarint(r.data)
	if size <= 0 || n > uint64(len(r.data)-size) {
		r.fail()
		return 0
	}
	r.data = r.data[size:]
	return int(n)
}

func (r *binaryReader) octets() []byte {
	n := r.count()
	b := r.data[:n:n]
	r.data = r.data[n:]
	return b
}

func (r *binaryReader) letters() string {
	b := r.octets()
	if !utf8.Valid(b) {
		r.fail()
		return ""
	}
	return borrow(b)
}

func (r *binaryReader) value(t *schema.Type, depth int) schema.Value {
	if depth > maxBinaryDepth {
		return r.fail()
	}
	c := r.letter()
	switch c {
	case isAbsent:
		return schema.Value{}
	case isNull:
		return schema.Null
	case isVariant:
		n, size := binary.Uvarint(r.data)
		if size <= 0 || t.Kind != schema.KindUnion || n >= uint64(len(t.Variants)) {
			return r.fail()
		}
		r.data = r.data[size:]
		return r.value(t.Variants[n], depth+1)
	}
	kind := kindOf(c)
	if kind == schema.KindAbsent || t.Kind == schema.KindUnion || !admits(t, kind) {
		return r.fail()
	}
	switch c {
	case isFalse, isTrue:
		return schema.Bool(c == isTrue)
	case isInt:
		return schema.Int(r.number())
	case isNumber, isCoef, isBig, isBigMinus:
		return r.decimal(c)
	case isOctets:
		return schema.Bytes(r.octets())
	case isBase64:
		if s := r.letters(); base64Text(s) {
			return schema.BytesBase64(s)
		}
		return r.fail()
	case isList:
		return r.items(elemOf(t), depth)
	case isMap:
		return r.entries(elemOf(t), depth)
	case isRecord:
		slots := r.arena.Slots(t)
		for i := range t.Fields {
			slots[i+1] = r.value(t.Fields[i].Type, depth+1)
		}
		return schema.Record(t, slots)
	}
	return r.textual(c)
}

// room is how many items memory is taken for because a number says so; for more it is taken as they come.
const room = 1024

func (r *binaryReader) items(elem *schema.Type, depth int) schema.Value {
	n := r.count()
	items := r.arena.Values(min(n, room))[:0]
	for ; n > 0 && !r.bad; n-- {
		items = append(items, r.value(elem, depth+1))
	}
	return schema.List(items)
}

func (r *binaryReader) entries(elem *schema.Type, depth int) schema.Value {
	n := r.count()
	m := &schema.Map{Keys: make([]string, 0, min(n, room)), Values: r.arena.Values(min(n, room))[:0]}
	for ; n > 0 && !r.bad; n-- {
		m.Keys = append(m.Keys, r.letters())
		m.Values = append(m.Values, r.value(elem, depth+1))
	}
	return schema.MapOf(m)
}

func (r *binaryReader) decimal(c byte) schema.Value {
	if c == isNumber {
		s := r.letters()
		if _, err := schema.ParseDecimal(s); err != nil {
			return r.fail()
		}
		return schema.DecimalText(s)
	}
	scale := r.number()
	if scale < math.MinInt16 || scale > math.MaxInt16 {
		return r.fail()
	}
	if c == isCoef {
		return schema.DecimalCoef(r.number(), int16(scale))
	}
	n := new(big.Int).SetBytes(r.octets())
	if c == isBigMinus {
		n.Neg(n)
	}
	return schema.DecimalBig(n, int16(scale))
}

// Moments that were stored may have no offset: systems of which nothing is said, and versions before this one, gave such.
var (
	storedTime   = schema.ZoneUnsaid.Typed(schema.TypeTime)
	storedMoment = schema.ZoneUnsaid.Typed(schema.TypeDateTime)
)

// textual reads a text that must be one of its kind.
func (r *binaryReader) textual(c byte) schema.Value {
	s := r.letters()
	v, err := schema.Text(s), error(nil)
	switch c {
	case isDate:
		v, err = schema.ParseXMLDate(s) // earlier versions kept the offset that XML Schema admits
	case isTime:
		v, err = schema.ParseText(s, storedTime)
	case isDateTime:
		v, err = schema.ParseText(s, storedMoment)
	case isDateTimeLocal:
		v, err = schema.ParseDateTimeLocal(s)
	case isTimeLocal:
		v, err = schema.ParseTimeLocal(s)
	case isDuration:
		v, err = schema.ParseDuration(s)
	}
	if err != nil {
		return r.fail()
	}
	return v
}

// kindOf is the kind of values that begin with a letter; KindAbsent, which no type admits, for an unknown letter.
func kindOf(c byte) schema.Kind {
	switch c {
	case isFalse, isTrue:
		return schema.KindBool
	case isInt:
		return schema.KindInt
	case isNumber, isCoef, isBig, isBigMinus:
		return schema.KindDecimal
	case isText:
		return schema.KindText
	case isDate:
		return schema.KindDate
	case isTime:
		return schema.KindTime
	case isDateTime:
		return schema.KindDateTime
	case isDuration:
		return schema.KindDuration
	case isDateTimeLocal:
		return schema.KindDateTimeLocal
	case isTimeLocal:
		return schema.KindTimeLocal
	case isOctets, isBase64:
		return schema.KindBytes
	case isList:
		return schema.KindList
	case isRecord:
		return schema.KindRecord
	case isMap:
		return schema.KindMap
	}
	return schema.KindAbsent
}
