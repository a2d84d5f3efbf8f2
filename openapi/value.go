package openapi

import (
	"encoding/base64"
	"math/big"
	"strconv"
	"strings"

	"fondaco/schema"
)

// valueJSON returns a value as JSON; numbers keep every digit. Absent returns "".
func valueJSON(v schema.Value) raw { return raw(appendValue(nil, v)) }

func appendValue(dst []byte, v schema.Value) []byte {
	switch v.Kind() {
	case schema.KindAbsent:
		return dst
	case schema.KindNull:
		return append(dst, "null"...)
	case schema.KindBool:
		return strconv.AppendBool(dst, v.Bool())
	case schema.KindInt:
		return strconv.AppendInt(dst, v.Int(), 10)
	case schema.KindDecimal:
		return append(dst, decimalText(v)...)
	case schema.KindBytes:
		if octets, ok := v.Raw(); ok {
			return appendString(dst, base64.StdEncoding.EncodeToString(octets))
		}
		return appendString(dst, v.Str())
	case schema.KindList:
		dst = append(dst, '[')
		for i, item := range v.Items() {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendValue(dst, item)
		}
		return append(dst, ']')
	case schema.KindRecord:
		dst = append(dst, '{')
		first := true
		for i, field := range v.Fields() {
			dst, first = appendEntry(dst, v.Type().Fields[i].Name, field, first)
		}
		return append(dst, '}')
	case schema.KindMap:
		dst = append(dst, '{')
		first := true
		for i, key := range v.Map().Keys {
			dst, first = appendEntry(dst, key, v.Map().Values[i], first)
		}
		return append(dst, '}')
	default:
		return appendString(dst, v.Str())
	}
}

// appendEntry writes a member of an object, unless its value is absent, and reports whether the next is still the first.
func appendEntry(dst []byte, name string, v schema.Value, first bool) ([]byte, bool) {
	if v.IsAbsent() {
		return dst, first
	}
	if !first {
		dst = append(dst, ',')
	}
	dst = append(appendString(dst, name), ':')
	return appendValue(dst, v), false
}

// decimalText returns an exact decimal as a JSON number.
func decimalText(v schema.Value) string {
	if v.HasText() {
		return jsonNumber(v.Str())
	}
	n, scale := v.Big()
	if n == nil {
		coef, s, _ := v.Coef()
		n, scale = big.NewInt(coef), s
	}
	digits := new(big.Int).Abs(n).String()
	switch {
	case scale < 0:
		digits += strings.Repeat("0", -int(scale))
	case scale > 0:
		if missing := int(scale) + 1 - len(digits); missing > 0 {
			digits = strings.Repeat("0", missing) + digits
		}
		digits = digits[:len(digits)-int(scale)] + "." + digits[len(digits)-int(scale):]
	}
	if n.Sign() < 0 {
		return "-" + digits
	}
	return digits
}

// jsonNumber writes a decimal's literal as JSON does: XML admits +1, .5, 5. and 007 as well.
func jsonNumber(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign = "-"
	}
	s = strings.TrimLeft(s, "+-")
	whole, rest, point := strings.Cut(s, ".")
	whole = strings.TrimLeft(whole, "0")
	if whole == "" || whole[0] < '0' || whole[0] > '9' {
		whole = "0" + whole
	}
	if point && rest != "" {
		return sign + whole + "." + rest
	}
	return sign + whole
}
