package codec

import (
	"encoding/binary"
	"errors"

	"fondaco/schema"
)

// The letters that values begin with in the binary form. A record's fields follow in the order of its type, without
// names; a union's value names its variant first.
const (
	isAbsent   byte = '-'
	isNull     byte = 'z'
	isFalse    byte = 'f'
	isTrue     byte = 't'
	isInt      byte = 'i'
	isNumber   byte = 'n' // a decimal by its literal
	isCoef     byte = 'c' // a decimal by coefficient and scale
	isBig      byte = 'b' // likewise, the coefficient as octets; isBigMinus below zero
	isBigMinus byte = 'B'
	isText     byte = 's'
	isDate     byte = 'd'
	isTime     byte = 'h'
	isDateTime byte = 'm'
	isDuration byte = 'p'

	isDateTimeLocal byte = 'M'
	isTimeLocal     byte = 'H'
	isOctets        byte = 'o'
	isBase64        byte = '6'
	isList          byte = 'l'
	isRecord        byte = 'r'
	isMap           byte = 'k'
	isVariant       byte = 'v'
)

// errNotOf is returned for a value that cannot be written as one of a type.
var errNotOf = errors.New("the value is not laid out as its type says")

// maxBinaryDepth is how deep lists, records and maps may be nested.
const maxBinaryDepth = 200

// AppendBinaryWithin appends a value of the type t, which it is laid out by, in the binary form that DecodeBinary reads for the
// same type. Nothing is lost: how a decimal was written, offsets of dates, absent and null. It stops with a *LimitError once dst
// would hold more than limit bytes. After an error, which may tell of a value that is laid out otherwise, what is returned is dst
// as it was.
func AppendBinaryWithin(dst []byte, v schema.Value, t *schema.Type, limit int) ([]byte, error) {
	w := binaryWriter{limit: limit}
	out, err := w.append(dst, v, t, 0)
	if err != nil {
		return dst, err
	}
	return out, nil
}

// binaryWriter is one writing under way.
type binaryWriter struct{ limit int }

func (w binaryWriter) append(dst []byte, v schema.Value, t *schema.Type, depth int) ([]byte, error) {
	if depth > maxBinaryDepth {
		return nil, errNotOf
	}
	if n := len(dst); n > w.limit || v.Kind().Textual() && n+v.Len() > w.limit {
		return nil, &LimitError{w.limit}
	}
	switch v.Kind() {
	case schema.KindAbsent:
		return append(dst, isAbsent), nil
	case schema.KindNull:
		return append(dst, isNull), nil
	}
	if t.Kind == schema.KindUnion {
		return w.variant(dst, v, t, depth)
	}
	if !admits(t, v.Kind()) {
		return nil, errNotOf
	}
	switch v.Kind() {
	case schema.KindBool:
		if v.Bool() {
			return append(dst, isTrue), nil
		}
		return append(dst, isFalse), nil
	case schema.KindInt:
		return binary.AppendVarint(append(dst, isInt), v.Int()), nil
	case schema.KindDecimal:
		return appendDecimal(dst, v), nil
	case schema.KindBytes:
		if raw, ok := v.Raw(); ok {
			return append(binary.AppendUvarint(append(dst, isOctets), uint64(len(raw))), raw...), nil
		}
		return appendLetters(append(dst, isBase64), v.Str()), nil
	case schema.KindList:
		elem, err := elemOf(t), error(nil)
		dst = binary.AppendUvarint(append(dst, isList), uint64(v.Len()))
		for _, x := range v.Items() {
			if dst, err = w.append(dst, x, elem, depth+1); err != nil {
				return nil, err
			}
		}
		return dst, nil
	case schema.KindMap:
		elem, err := elemOf(t), error(nil)
		m := v.Map()
		dst = binary.AppendUvarint(append(dst, isMap), uint64(len(m.Keys)))
		for i, x := range m.Values {
			if dst, err = w.append(appendLetters(dst, m.Keys[i]), x, elem, depth+1); err != nil {
				return nil, err
			}
		}
		return dst, nil
	case schema.KindRecord:
		return w.record(dst, v, t, depth)
	}
	return appendLetters(append(dst, letterOf(v.Kind())), v.Str()), nil
}

func (w binaryWriter) record(dst []byte, v schema.Value, t *schema.Type, depth int) ([]byte, error) {
	from := v.Type()
	if from != t {
		if len(from.Fields) != len(t.Fields) {
			return nil, errNotOf
		}
		for i := range t.Fields {
			if t.Fields[i].Name != from.Fields[i].Name {
				return nil, errNotOf
			}
		}
	}
	dst = append(dst, isRecord)
	var err error
	for i, x := range v.Fields() {
		if dst, err = w.append(dst, x, t.Fields[i].Type, depth+1); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// variant writes a value as one of the first variant that it can be.
func (w binaryWriter) variant(dst []byte, v schema.Value, t *schema.Type, depth int) ([]byte, error) {
	for i, variant := range t.Variants {
		if v.Kind() == schema.KindRecord && variant.Kind == schema.KindRecord && v.Type() != variant {
			continue // another variant of the same form: they are told apart by their types
		}
		out, err := w.append(binary.AppendUvarint(append(dst, isVariant), uint64(i)), v, variant, depth+1)
		var limit *LimitError
		if err == nil || errors.As(err, &limit) {
			return out, err
		}
	}
	return nil, errNotOf
}

func appendDecimal(dst []byte, v schema.Value) []byte {
	if coef, scale, ok := v.Coef(); ok {
		return binary.AppendVarint(binary.AppendVarint(append(dst, isCoef), int64(scale)), coef)
	}
	if coef, scale := v.Big(); coef != nil {
		letter := isBig
		if coef.Sign() < 0 {
			letter = isBigMinus
		}
		b := coef.Bytes()
		dst = binary.AppendVarint(append(dst, letter), int64(scale))
		return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
	}
	return appendLetters(append(dst, isNumber), v.Str())
}

func appendLetters(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// admits reports whether a value of kind k, whose type is no union, may stand where t is. A record stands for itself alone:
// elsewhere its names would be lost.
func admits(t *schema.Type, k schema.Kind) bool {
	switch t.Kind {
	case k:
		return true
	case schema.KindDecimal:
		return k == schema.KindInt
	case schema.KindText:
		return k.Textual()
	case schema.KindAny, schema.KindUnknown:
		return k != schema.KindRecord
	}
	return false
}

// elemOf is the type of what a list or map of type t holds.
func elemOf(t *schema.Type) *schema.Type {
	if t.Elem == nil {
		return schema.TypeAny
	}
	return t.Elem
}

// letterOf is what a text of a kind begins with.
func letterOf(k schema.Kind) byte {
	switch k {
	case schema.KindDate:
		return isDate
	case schema.KindTime:
		return isTime
	case schema.KindDateTime:
		return isDateTime
	case schema.KindDuration:
		return isDuration
	case schema.KindDateTimeLocal:
		return isDateTimeLocal
	case schema.KindTimeLocal:
		return isTimeLocal
	}
	return isText
}
