package funcs

import (
	"errors"
	"fmt"
	"strings"

	"fondaco/schema"
)

func rounding(name, doc, example, result string, how schema.Rounding) *Function {
	return &Function{
		Name: name, Group: "numbers", Doc: doc, Example: example, Result: result, Params: []Param{number("x"), maybe(whole("digits"))},
		Gives: schema.TypeDecimal,
		Typed: func(a []*schema.Type) *schema.Type {
			if a[0].Kind == schema.KindInt {
				return schema.TypeInt
			}
			return schema.TypeDecimal
		},
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			digits := int64(0)
			if len(a) > 1 {
				digits = a[1].Int()
			}
			if digits < 0 || digits > 100 {
				return schema.Value{}, errors.New("expected 0 to 100 digits")
			}
			return schema.Round(a[0], int(digits), how)
		},
	}
}

func numeric(a []*schema.Type) *schema.Type {
	for _, t := range a {
		if t.Kind != schema.KindInt {
			return schema.TypeDecimal
		}
	}
	return schema.TypeInt
}

// extreme returns the least or greatest of its arguments, or of a list.
func extreme(name, doc, example, result string, sign int) *Function {
	return &Function{
		Name: name, Group: "numbers", Doc: doc, Example: example, Result: result,
		Params: []Param{{Name: "x"}, {Name: "more", Optional: true, Many: true}},
		Typed: func(a []*schema.Type) *schema.Type {
			if len(a) == 1 && a[0].Kind == schema.KindList {
				return a[0].Elem.OrNull()
			}
			t := a[0]
			for _, x := range a[1:] {
				t = schema.Join(t, x)
			}
			c := *t
			c.Enum = nil
			return &c
		},
		Admits: func(a []*schema.Type, _ []*schema.Value) error {
			if len(a) == 1 && a[0].Kind == schema.KindList {
				return itemsOrdered(a, nil)
			}
			t := schema.TypeNever
			for _, x := range a {
				t = schema.Join(t, x)
			}
			if !Ordered(t) || t.Kind == schema.KindList {
				return fmt.Errorf("values of type %s cannot be compared", t)
			}
			return nil
		},
		Run: func(w World, a []schema.Value) (schema.Value, error) {
			if len(a) == 1 && a[0].Kind() == schema.KindList {
				a = a[0].Items()
			}
			best := schema.Null
			for _, x := range a {
				if x.IsNil() {
					continue
				}
				if best.IsNil() {
					best = x
					continue
				}
				if err := w.Meter.Spend(1 + Comparison(x, best)); err != nil {
					return best, err
				}
				o, err := schema.Compare(x, best)
				if err != nil {
					return best, err
				}
				if o*sign > 0 {
					best = x
				}
			}
			return best, nil
		},
	}
}

var errNumber = errors.New("the text holds no number")

var numbers = []*Function{
	rounding("round", "Rounded to digits after the point, half away from zero.", `round(2.345, 2)`, `2.35`, schema.HalfUp),
	rounding("roundEven", "Rounded to digits after the point, half to the even neighbour.", `roundEven(2.345, 2)`, `2.34`, schema.HalfEven),
	rounding("floor", "Rounded down.", `floor(-1.5)`, `-2`, schema.Floor),
	rounding("ceil", "Rounded up.", `ceil(1.2)`, `2`, schema.Ceiling),
	rounding("truncate", "Cut off after some digits.", `truncate(1.99, 1)`, `1.9`, schema.Down),
	{
		Name: "abs", Group: "numbers", Doc: "Without its sign.", Example: `abs(-1.5)`, Result: `1.5`, Params: []Param{number("x")},
		Typed: numeric,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			if schema.Sign(a[0]) < 0 {
				return schema.Neg(a[0])
			}
			return a[0], nil
		},
	},
	extreme("min", "The least of its arguments, or of a list; nil is passed over, of nothing it is nil.", `min(3, 1.5)`, `1.5`, -1),
	extreme("max", "The greatest of its arguments, or of a list; nil is passed over, of nothing it is nil.", `max([1, 3, 2])`, `3`, 1),
	{
		Refuses: true,
		Name:    "int", Group: "numbers", Doc: "A whole number of 64 bits from a number without digits after the point, or from text; anything " +
			"else fails.", Example: `int("75")`, Result: `75`,
		Params: []Param{of("x", schema.KindDecimal, schema.KindText)}, Gives: schema.TypeInt,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			if a[0].Kind().Number() {
				return schema.ToInt(a[0])
			}
			v, err := schema.ParseDecimal(strings.TrimSpace(a[0].Str()))
			if err != nil {
				return v, errNumber
			}
			return schema.ToInt(v)
		},
	},
	{
		Refuses: true,
		Name:    "decimal", Group: "numbers", Doc: "A decimal from a whole number, or from text in the form 1234.50; anything else fails.",
		Example: `decimal("12.50")`, Result: `12.50`,
		Params: []Param{of("x", schema.KindDecimal, schema.KindText)}, Gives: schema.TypeDecimal,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			if a[0].Kind() == schema.KindInt {
				return schema.DecimalCoef(a[0].Int(), 0), nil
			}
			if a[0].Kind() == schema.KindDecimal {
				return a[0], nil
			}
			v, err := schema.ParseDecimal(strings.TrimSpace(a[0].Str()))
			if err != nil {
				return v, errNumber
			}
			return v, nil
		},
	},
	{
		Refuses: true,
		Name:    "number", Group: "numbers",
		Doc: "The number that a text begins with, also with an Italian comma and points between thousands, " +
			"and with a unit after it; without one it fails.", Example: `number("-0.03 m")`, Result: `-0.03`,
		Params: []Param{text("s")}, Gives: schema.TypeDecimal,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			v, ok := readNumber(a[0].Str())
			if !ok {
				return v, errNumber
			}
			return v, nil
		},
	},
	{
		Name: "tryNumber", Group: "numbers", Doc: "As number, but nil where there is none.", Example: `tryNumber("n.d.")`, Result: `null`,
		Params: []Param{nilly(text("s"))}, Gives: schema.TypeDecimal.OrNull(),
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			v, ok := readNumber(a[0].Str())
			if !ok {
				return schema.Null, nil
			}
			return v, nil
		},
	},
	{
		Refuses: true,
		Name:    "cents", Group: "numbers", Doc: "Euro as whole cents; more than two digits after the point fail.", Example: `cents(86.40)`,
		Result: `8640`, Params: []Param{number("euro")}, Gives: schema.TypeInt,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			v, err := schema.Mul(a[0], schema.DecimalCoef(100, 0))
			if err != nil {
				return v, err
			}
			v, err = schema.ToInt(v)
			if err != nil && !errors.Is(err, schema.ErrOverflow) {
				return v, errors.New("the amount has fractions of a cent")
			}
			return v, err
		},
	},
	{
		Name: "euro", Group: "numbers", Doc: "Whole cents as euro with two digits after the point.", Example: `euro(8640)`, Result: `86.40`,
		Params: []Param{whole("cents")}, Gives: schema.TypeDecimal,
		Run: func(_ World, a []schema.Value) (schema.Value, error) { return schema.DecimalCoef(a[0].Int(), 2), nil },
	},
}

// readNumber reads the number at the beginning of a text, and lets a unit follow. With both signs the last is the
// decimal one (1.234,50 and 1,234.50); one alone is decimal, several are thousands. What looks like a date, a time or a
// code (31.01.2026, 16:50, 12/2025, 1e5) is no number.
func readNumber(s string) (schema.Value, bool) {
	s = strings.TrimSpace(s)
	end := 0
	for end < len(s) && (s[end] >= '0' && s[end] <= '9' || (s[end] == '.' || s[end] == ',') && end > 0 || (s[end] == '-' || s[end] == '+') &&
		end == 0) {
		end++
	}
	if rest := s[end:]; rest != "" {
		switch c := rest[0]; {
		case strings.IndexByte("-+/:_'", c) >= 0:
			return schema.Value{}, false
		case strings.IndexByte("eExX", c) >= 0 && len(rest) > 1 && strings.IndexByte("+-0123456789", rest[1]) >= 0:
			return schema.Value{}, false
		}
	}
	return readDigits(strings.TrimRight(s[:end], ".,"))
}

// readDigits reads a number of which it is to be found out which of its marks stands before the decimals: the last one of two kinds; of one
// kind a comma, unless it stands more than once, or a point that does not.
func readDigits(s string) (schema.Value, bool) {
	negative := strings.HasPrefix(s, "-")
	s = strings.TrimLeft(s, "+-")
	decimal, thousands := ".", ","
	comma, point := strings.LastIndexByte(s, ','), strings.LastIndexByte(s, '.')
	if comma > point && (point >= 0 || strings.Count(s, ",") == 1) || comma < 0 && strings.Count(s, ".") > 1 {
		decimal, thousands = thousands, decimal
	}
	whole, fraction, _ := strings.Cut(s, decimal)
	groups := strings.Split(whole, thousands)
	for i, g := range groups {
		if i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && (len(g) > 3 || g == "") {
			return schema.Value{}, false
		}
	}
	if strings.ContainsAny(fraction, ".,") {
		return schema.Value{}, false
	}
	s = strings.Join(groups, "")
	if negative {
		s = "-" + s
	}
	if fraction != "" {
		s += "." + fraction
	}
	v, err := schema.ParseDecimal(s)
	return v, err == nil
}
