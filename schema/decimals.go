package schema

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

// ErrOverflow says that a whole number left the 64 bits that it has.
var ErrOverflow = errors.New("the whole number does not fit 64 bits")

// ErrDivision says that something was divided by zero.
var ErrDivision = errors.New("division by zero")

// maxScale bounds the digits after the point and the exponent of a number: beyond it lies only mischief.
const maxScale = 1000

// MaxDigits is how many digits a number may be written with, wherever it is read: more are mischief, whose reading would
// cost more than all else of a message.
const MaxDigits = 1000

// maxBits bounds what multiplication makes: some 5,000 digits.
const maxBits = 1 << 14

// number is a decimal taken apart: coef × 10^-scale.
type number struct {
	small int64
	big   *big.Int // nil if small holds the coefficient
	scale int
}

// ParseDecimal reads a number as JSON or XML Schema writes it: -12.50, +1, 1E3. An error says only that it is none.
func ParseDecimal(s string) (Value, error) {
	n, ok := parseNumber(s)
	if !ok {
		return Value{}, errors.New("not a number")
	}
	return n.value(), nil
}

// ParseInt reads a whole number of 64 bits.
func ParseInt(s string) (Value, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return Value{}, errors.New("not a whole number of 64 bits")
	}
	return Int(n), nil
}

func parseNumber(s string) (number, bool) {
	neg, digits, scale, i := false, 0, 0, 0
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		neg = s[i] == '-'
		i++
	}
	start, point := i, -1
	var small int64
	fits := true
	for ; i < len(s); i++ {
		c := s[i]
		if c == '.' && point < 0 {
			point = i
			continue
		}
		if c < '0' || c > '9' {
			break
		}
		if digits++; digits > MaxDigits {
			return number{}, false
		}
		if small > (math.MaxInt64-9)/10 {
			fits = false
		}
		if fits {
			small = small*10 + int64(c-'0')
		}
		if point >= 0 {
			scale++
		}
	}
	if digits == 0 || scale > maxScale {
		return number{}, false
	}
	end := i
	if i < len(s) && (s[i] == 'e' || s[i] == 'E') {
		if len(s)-i > MaxDigits {
			return number{}, false
		}
		exp, err := strconv.Atoi(s[i+1:])
		if err != nil || exp > maxScale || exp < -maxScale {
			return number{}, false
		}
		scale -= exp
		i = len(s)
	}
	if i != len(s) {
		return number{}, false
	}
	n := number{small: small, scale: scale}
	if !fits {
		n.big, _ = new(big.Int).SetString(strings.Replace(s[start:end], ".", "", 1), 10)
	}
	n.sign(neg)
	if n.scale < 0 {
		n.big = new(big.Int).Mul(n.coef(), pow10(-n.scale))
		n.scale = 0
	}
	return n, true
}

// sign sets the sign of a number that was read without it.
func (n *number) sign(neg bool) {
	if !neg {
		return
	}
	n.small = -n.small
	if n.big != nil {
		n.big.Neg(n.big)
	}
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

func (n number) coef() *big.Int {
	if n.big != nil {
		return n.big
	}
	return big.NewInt(n.small)
}

func (n number) value() Value {
	if n.big == nil {
		return DecimalCoef(n.small, int16(n.scale))
	}
	if n.big.IsInt64() {
		return DecimalCoef(n.big.Int64(), int16(n.scale))
	}
	return DecimalBig(n.big, int16(n.scale))
}

// numberOf takes a value of a number kind apart.
func numberOf(v Value) (number, bool) {
	switch {
	case v.kind == KindInt:
		return number{small: v.n}, true
	case v.kind != KindDecimal:
		return number{}, false
	case v.form == formCoef:
		return number{small: v.n, scale: int(v.scale)}, true
	case v.form == formBig:
		b, s := v.Big()
		return number{big: b, scale: int(s)}, true
	}
	return parseNumber(v.Str())
}

// align returns both with the same scale, the larger.
func align(a, b number) (number, number) {
	grow := func(n number, by int) number {
		if by == 0 {
			return n
		}
		if n.big == nil && by < 19 {
			p := int64(math.Pow10(by))
			if h := n.small * p; h/p == n.small {
				return number{small: h, scale: n.scale + by}
			}
		}
		return number{big: new(big.Int).Mul(n.coef(), pow10(by)), scale: n.scale + by}
	}
	if a.scale < b.scale {
		return grow(a, b.scale-a.scale), b
	}
	return a, grow(b, a.scale-b.scale)
}

// operands takes both apart; whole reports whether both are whole numbers.
func operands(a, b Value) (x, y number, whole bool, err error) {
	x, ok := numberOf(a)
	y, ok2 := numberOf(b)
	if !ok || !ok2 {
		return x, y, false, fmt.Errorf("expected numbers, found %s and %s", a.kind, b.kind)
	}
	return x, y, a.kind == KindInt && b.kind == KindInt, nil
}

// Add adds exactly. The sum of two whole numbers is a whole number, or ErrOverflow; any other sum is a decimal.
func Add(a, b Value) (Value, error) {
	x, y, whole, err := operands(a, b)
	if err != nil {
		return Value{}, err
	}
	if !whole {
		x, y = align(x, y)
	}
	if x.big == nil && y.big == nil {
		s := x.small + y.small
		if (s > x.small) == (y.small > 0) {
			if whole {
				return Int(s), nil
			}
			return DecimalCoef(s, int16(x.scale)), nil
		}
		if whole {
			return Value{}, ErrOverflow
		}
	}
	return number{big: new(big.Int).Add(x.coef(), y.coef()), scale: x.scale}.value(), nil
}

// Sub subtracts exactly, as Add adds.
func Sub(a, b Value) (Value, error) {
	n, err := Neg(b)
	if err != nil {
		return Value{}, err
	}
	return Add(a, n)
}

// Neg changes the sign.
func Neg(v Value) (Value, error) {
	n, ok := numberOf(v)
	if !ok {
		return Value{}, fmt.Errorf("expected a number, found %s", v.kind)
	}
	if v.kind == KindInt {
		if v.n == math.MinInt64 {
			return Value{}, ErrOverflow
		}
		return Int(-v.n), nil
	}
	if n.big == nil && n.small != math.MinInt64 {
		return DecimalCoef(-n.small, int16(n.scale)), nil
	}
	return number{big: new(big.Int).Neg(n.coef()), scale: n.scale}.value(), nil
}

// Mul multiplies exactly, as Add adds. The scales add up; beyond 1,000 digits after the point, or some 5,000 in
// all, it fails.
func Mul(a, b Value) (Value, error) {
	x, y, whole, err := operands(a, b)
	if err != nil {
		return Value{}, err
	}
	if x.scale+y.scale > maxScale {
		return Value{}, errors.New("the product has too many digits after the point")
	}
	if x.big == nil && y.big == nil {
		if p := x.small * y.small; x.small == 0 || p/x.small == y.small && !(x.small == -1 && y.small == math.MinInt64) {
			if whole {
				return Int(p), nil
			}
			return DecimalCoef(p, int16(x.scale+y.scale)), nil
		}
	}
	if whole {
		return Value{}, ErrOverflow
	}
	if x.coef().BitLen()+y.coef().BitLen() > maxBits {
		return Value{}, errors.New("the product has too many digits")
	}
	return number{big: new(big.Int).Mul(x.coef(), y.coef()), scale: x.scale + y.scale}.value(), nil
}
