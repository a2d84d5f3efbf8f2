package records

import (
	"strconv"

	"fondaco/schema"
)

// numeral is how a number is written.
type numeral struct {
	point    byte // before the decimals, where they are not implied
	group    byte // between groups of three digits; 0 for none
	decimals int  // -1 if nothing is declared
	implied  bool // the last decimals digits stand after a point that is not written
	sign     string
	whole    bool
	chars    *charset
}

// longest is how many digits a coefficient of 64 bits always holds.
const longest = 18

// read returns the number that octets stand for; reason says what was expected, "" if nothing is wrong.
func (n *numeral) read(raw []byte) (v schema.Value, reason string) {
	raw, neg, over, reason := n.signed(raw)
	if reason != "" {
		return v, reason
	}
	coef, digits, scale, ok := n.digits(raw)
	if !ok {
		return v, n.expected()
	}
	if over >= 0 {
		digits++
		coef = coef*10 + int64(over)
	}
	switch {
	case digits == 0:
		return v, n.expected()
	case n.implied:
		scale = max(n.decimals, 0)
	case n.decimals >= 0 && scale > n.decimals && !onlyZeros(raw, scale-n.decimals):
		return v, "expected at most " + strconv.Itoa(n.decimals) + " digits after the point"
	}
	switch {
	case digits > longest:
		return n.long(raw, over, neg, scale)
	case neg:
		coef = -coef
	}
	if n.whole {
		return schema.Int(coef), ""
	}
	return schema.DecimalCoef(coef, int16(scale)), ""
}

// onlyZeros reports whether the last k digits are zeros.
func onlyZeros(raw []byte, k int) bool {
	for _, b := range raw[len(raw)-k:] {
		if b != '0' {
			return false
		}
	}
	return true
}

// signed removes the sign; over is the digit that it was part of, -1 if it was part of none.
func (n *numeral) signed(raw []byte) (rest []byte, neg bool, over int, reason string) {
	if len(raw) == 0 {
		return raw, false, -1, n.expected()
	}
	last := len(raw) - 1
	switch {
	case n.sign == signOverpunch:
		digit, minus, ok := n.chars.overpunched(raw[last])
		if !ok {
			return raw, false, -1, "expected a number with the sign in its last digit"
		}
		return raw[:last], minus, digit, ""
	case n.sign == signTrailing:
		sign := n.chars.plain[raw[last]]
		if sign != '+' && sign != '-' && sign != ' ' {
			return raw, false, -1, "expected a number followed by its sign"
		}
		return raw[:last], sign == '-', -1, ""
	case n.sign != signLeading && n.implied:
		return raw, false, -1, ""
	}
	switch sign := n.chars.plain[raw[0]]; {
	case sign == '-' || sign == '+' || sign == ' ' && n.sign == signLeading:
		return raw[1:], sign == '-', -1, ""
	case n.sign == signLeading && n.implied:
		return raw, false, -1, "expected a number after its sign"
	}
	return raw, false, -1, ""
}

// digits reads what is left without the sign; coef is correct if there are not more digits than it holds.
func (n *numeral) digits(raw []byte) (coef int64, digits, scale int, ok bool) {
	point := false
	for i, b := range raw {
		c := n.chars.plain[b]
		switch {
		case c >= '0' && c <= '9':
			if digits++; digits <= longest {
				coef = coef*10 + int64(c-'0')
			}
			if point {
				scale++
			}
		case c == n.point && !n.implied && !point && !n.whole && digits > 0 && i+1 < len(raw):
			point = true
		case c == n.group && n.group != 0 && !point && grouped(raw, i, n.point):
		default:
			return 0, 0, 0, false
		}
	}
	return coef, digits, scale, true
}

// grouped reports whether a group separator is correct at octet i of raw: after a digit, and before three digits that a
// group, the point or the end follows.
func grouped(raw []byte, i int, point byte) bool {
	if i == 0 || i > 3 && raw[i-4] != raw[i] || i+4 > len(raw) {
		return false
	}
	for _, b := range raw[i+1 : i+4] {
		if b < '0' || b > '9' {
			return false
		}
	}
	return i+4 == len(raw) || raw[i+4] == raw[i] || raw[i+4] == point
}

// long does what read does, for numbers with more digits than a coefficient holds.
func (n *numeral) long(raw []byte, over int, neg bool, scale int) (schema.Value, string) {
	text := make([]byte, 0, len(raw)+3)
	if neg {
		text = append(text, '-')
	}
	for _, b := range raw {
		if c := n.chars.plain[b]; c >= '0' && c <= '9' {
			text = append(text, c)
		}
	}
	if over >= 0 {
		text = append(text, byte('0'+over))
	}
	if n.whole {
		v, err := schema.ParseInt(string(text))
		if err != nil {
			return v, "expected an integer of 64 bits"
		}
		return v, ""
	}
	v, err := schema.ParseDecimal(string(strconv.AppendInt(append(text, 'e', '-'), int64(scale), 10)))
	if err != nil {
		return v, n.expected()
	}
	return v, ""
}

func (n *numeral) expected() string {
	switch {
	case n.implied && n.sign == "":
		return "expected digits alone"
	case n.implied:
		return "expected digits and a sign"
	case n.whole:
		return "expected a whole number"
	}
	return "expected a number, as 12" + string(rune(n.point)) + "50"
}
