package schema

import (
	"fmt"
	"math/big"
	"strconv"
)

// Rounding says what becomes of a digit that is cut off.
type Rounding uint8

// The ways of rounding.
const (
	HalfUp   Rounding = iota // 0.5 away from zero, as invoices do
	HalfEven                 // 0.5 to the even neighbour, as banks do
	Down                     // towards zero
	Floor                    // towards less
	Ceiling                  // towards more
)

// Div divides and rounds half-even to digits after the point (0 to 1,000), leaving out zeros at the end; division by
// zero returns ErrDivision.
func Div(a, b Value, digits int) (Value, error) {
	digits = min(max(digits, 0), maxScale)
	x, y, _, err := operands(a, b)
	if err != nil {
		return Value{}, err
	}
	if y.coef().Sign() == 0 {
		return Value{}, ErrDivision
	}
	// x/10^sx ÷ y/10^sy = (x × 10^(digits+sy-sx) / y) × 10^-digits
	num, den := new(big.Int).Set(x.coef()), new(big.Int).Set(y.coef())
	if shift := digits + y.scale - x.scale; shift >= 0 {
		num.Mul(num, pow10(shift))
	} else {
		den.Mul(den, pow10(-shift))
	}
	q := number{big: quotient(num, den, HalfEven), scale: digits}
	return trimZeros(q).value(), nil
}

func trimZeros(n number) number {
	ten, rest, b := big.NewInt(10), new(big.Int), new(big.Int).Set(n.coef())
	for n.scale > 0 {
		q, r := new(big.Int).QuoRem(b, ten, rest)
		if r.Sign() != 0 {
			break
		}
		b, n.scale = q, n.scale-1
	}
	n.big = b
	return n
}

// quotient divides whole numbers and rounds.
func quotient(num, den *big.Int, how Rounding) *big.Int {
	q, r := new(big.Int).QuoRem(num, den, new(big.Int))
	if r.Sign() == 0 {
		return q
	}
	sign := int64(num.Sign() * den.Sign())
	away := false
	switch twice := new(big.Int).Abs(r); how {
	case HalfUp, HalfEven:
		c := twice.Lsh(twice, 1).Cmp(new(big.Int).Abs(den))
		away = c > 0 || c == 0 && (how == HalfUp || q.Bit(0) == 1)
	case Floor:
		away = sign < 0
	case Ceiling:
		away = sign > 0
	}
	if away {
		q.Add(q, big.NewInt(sign))
	}
	return q
}

// Round returns v with at most digits after the point. What is whole stays whole. Fewer than no digits round to tens,
// hundreds and so on.
func Round(v Value, digits int, how Rounding) (Value, error) {
	n, ok := numberOf(v)
	if !ok {
		return Value{}, fmt.Errorf("expected a number, found %s", v.kind)
	}
	if n.scale <= digits || v.kind == KindInt && digits >= 0 {
		return v, nil
	}
	if digits < 0 {
		digits = max(digits, -maxScale)
		by := pow10(-digits)
		q := quotient(n.coef(), pow10(n.scale-digits), how)
		whole := number{big: q.Mul(q, by)}.value()
		if v.kind == KindInt {
			return ToInt(whole)
		}
		return whole, nil
	}
	return number{big: quotient(n.coef(), pow10(n.scale-digits), how), scale: digits}.value(), nil
}

// ToInt returns the whole number that v is; ErrOverflow if it does not fit, and an error if v has digits after the point.
func ToInt(v Value) (Value, error) {
	if v.kind == KindInt {
		return v, nil
	}
	n, ok := numberOf(v)
	if !ok {
		return Value{}, fmt.Errorf("expected a number, found %s", v.kind)
	}
	q, r := new(big.Int).QuoRem(n.coef(), pow10(n.scale), new(big.Int))
	if r.Sign() != 0 {
		return Value{}, fmt.Errorf("the number is not whole")
	}
	if !q.IsInt64() {
		return Value{}, ErrOverflow
	}
	return Int(q.Int64()), nil
}

// Sign returns -1, 0 or 1; 0 for what is no number.
func Sign(v Value) int {
	n, ok := numberOf(v)
	if !ok {
		return 0
	}
	if n.big != nil {
		return n.big.Sign()
	}
	switch {
	case n.small < 0:
		return -1
	case n.small > 0:
		return 1
	}
	return 0
}

// digits returns the digits of a number before and after the point, without zeros at the end of the latter and the start
// of the former.
func digits(v Value) (total, fraction int) {
	n, ok := numberOf(v)
	if !ok {
		return 0, 0
	}
	n = trimZeros(n)
	text := new(big.Int).Abs(n.coef()).String()
	if text == "0" {
		return 1, 0
	}
	return max(len(text), n.scale), n.scale
}

// AppendNumber appends a number as JSON writes it, without an exponent; what came as text in JSON's syntax stays as it
// came.
func AppendNumber(dst []byte, v Value) []byte {
	if v.kind == KindInt {
		return strconv.AppendInt(dst, v.n, 10)
	}
	if v.form == formText {
		s := v.Str()
		if jsonNumber(s) {
			return append(dst, s...)
		}
	}
	n, ok := numberOf(v)
	if !ok {
		return append(dst, '0')
	}
	start := len(dst)
	if n.big != nil {
		dst = n.big.Append(dst, 10)
	} else {
		dst = strconv.AppendInt(dst, n.small, 10)
	}
	if n.scale == 0 {
		return dst
	}
	if dst[start] == '-' {
		start++
	}
	if zeros := n.scale - (len(dst) - start) + 1; zeros > 0 {
		digits := string(dst[start:])
		for dst = dst[:start]; zeros > 0; zeros-- {
			dst = append(dst, '0')
		}
		dst = append(dst, digits...)
	}
	point := len(dst) - n.scale
	dst = append(dst, 0)
	copy(dst[point+1:], dst[point:])
	dst[point] = '.'
	return dst
}

// jsonNumber reports whether a decimal's text is JSON's syntax as it stands and has no exponent.
func jsonNumber(s string) bool {
	i := 0
	if i < len(s) && s[i] == '-' {
		i++
	}
	if i == len(s) || s[i] == '0' && i+1 < len(s) && s[i+1] != '.' {
		return false
	}
	start, point := i, 0
	for ; i < len(s); i++ {
		if s[i] == '.' && point == 0 && i > start {
			point = i
			continue
		}
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return point != len(s)-1
}
