package schema

import (
	"math"
	"testing"
)

func dec(t *testing.T, s string) Value {
	t.Helper()
	v, err := ParseDecimal(s)
	if err != nil {
		t.Fatalf("ParseDecimal(%q): %v", s, err)
	}
	return v
}

func TestArithmeticIsExact(t *testing.T) {
	for _, c := range []struct {
		a, op, b, want string
	}{
		{"0.1", "+", "0.2", "0.3"},
		{"9007199254740993", "+", "0.00", "9007199254740993.00"},
		{"9223372036854775807", "+", "1", "9223372036854775808"},
		{"-0.05", "-", "0.05", "-0.10"},
		{"12.50", "*", "3", "37.50"},
		{"99999999999.99", "*", "99999999999.99", "9999999999998000000000.0001"},
		{"1", "/", "3", "0.3333333333"},
		{"-2", "/", "3", "-0.6666666667"},
		{"10.00", "/", "4", "2.5"},
		{"1E3", "+", "1e-2", "1000.01"},
		{"123456789012345678901234567890.5", "-", "0.5", "123456789012345678901234567890.0"},
	} {
		a, b := dec(t, c.a), dec(t, c.b)
		var got Value
		var err error
		switch c.op {
		case "+":
			got, err = Add(a, b)
		case "-":
			got, err = Sub(a, b)
		case "*":
			got, err = Mul(a, b)
		case "/":
			got, err = Div(a, b, 10)
		}
		if s := string(AppendNumber(nil, got)); err != nil || s != c.want {
			t.Errorf("%s %s %s = %s, %v; expected %s", c.a, c.op, c.b, s, err, c.want)
		}
	}
}

func TestWholeNumbersDoNotWrap(t *testing.T) {
	for name, f := range map[string]func() (Value, error){
		"add": func() (Value, error) { return Add(Int(math.MaxInt64), Int(1)) },
		"sub": func() (Value, error) { return Sub(Int(math.MinInt64+1), Int(2)) },
		"mul": func() (Value, error) { return Mul(Int(math.MinInt64), Int(-1)) },
		"neg": func() (Value, error) { return Neg(Int(math.MinInt64)) },
	} {
		if v, err := f(); err != ErrOverflow {
			t.Errorf("%s: %v, %v; expected ErrOverflow", name, v, err)
		}
	}
	if _, err := Div(Int(1), Int(0), 2); err != ErrDivision {
		t.Errorf("1/0: %v", err)
	}
}

func TestRounding(t *testing.T) {
	for _, c := range []struct {
		in     string
		digits int
		how    Rounding
		want   string
	}{
		{"2.345", 2, HalfUp, "2.35"},
		{"2.345", 2, HalfEven, "2.34"},
		{"-2.345", 2, HalfUp, "-2.35"},
		{"2.399", 2, Down, "2.39"},
		{"-0.001", 2, Floor, "-0.01"},
		{"0.001", 2, Ceiling, "0.01"},
		{"0.005", 2, HalfUp, "0.01"},
		{"7", 2, HalfUp, "7"},
	} {
		got, err := Round(dec(t, c.in), c.digits, c.how)
		if s := string(AppendNumber(nil, got)); err != nil || s != c.want {
			t.Errorf("Round(%s, %d) = %s, %v; expected %s", c.in, c.digits, s, err, c.want)
		}
	}
}

func TestNumbersInJSON(t *testing.T) {
	for in, want := range map[string]string{
		"+1": "1", ".5": "0.5", "01": "1", "5.": "5", "-.05": "-0.05", "1e2": "100", "12.50": "12.50",
		"-0": "-0",
	} {
		if got := string(AppendNumber(nil, DecimalText(in))); got != want {
			t.Errorf("%s is written %s, expected %s", in, got, want)
		}
	}
	for _, bad := range []string{"", "-", ".", "1e", "1e9999", "1,5", "0x1", "NaN", " 1", "1 "} {
		if v, err := ParseDecimal(bad); err == nil {
			t.Errorf("ParseDecimal(%q) = %v", bad, v)
		}
	}
}
