package codec

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fondaco/schema"
)

// drawType draws a type whose values JSON tells apart.
func drawType(t *rapid.T, depth int) *schema.Type {
	scalars := []*schema.Type{
		schema.TypeBool, schema.TypeInt, schema.TypeDecimal, schema.TypeText, schema.TypeBytes, schema.TypeDate,
		schema.TypeDateTime,
	}
	out := rapid.SampledFrom(scalars).Draw(t, "scalar")
	if depth > 0 {
		switch rapid.IntRange(0, 3).Draw(t, "shape") {
		case 0:
			out = schema.ListOf(drawType(t, depth-1))
		case 1:
			out = schema.MapTo(drawType(t, depth-1))
		case 2:
			out = &schema.Type{Kind: schema.KindRecord}
			for i := range rapid.IntRange(0, 12).Draw(t, "fields") {
				name := rapid.SampledFrom([]string{"f", "è", `"`, "a/b", `\`, ""}).Draw(t, "name")
				out.Fields = append(out.Fields, schema.Field{Name: fmt.Sprintf("%s%d", name, i), Type: drawType(t, depth-1), Required: rapid.Bool().
					Draw(t, "required")})
			}
			out.Seal()
		}
	}
	if rapid.Bool().Draw(t, "nullable") {
		out = out.OrNull()
	}
	return out
}

// few draws a number of items, now and then a larger one.
func few(t *rapid.T) int {
	if rapid.IntRange(0, 20).Draw(t, "many") == 20 {
		return 40
	}
	return rapid.IntRange(0, 3).Draw(t, "items")
}

// drawValue draws a value of the type.
func drawValue(t *rapid.T, of *schema.Type) schema.Value {
	if of.Nullable && rapid.IntRange(0, 4).Draw(t, "null") == 0 {
		return schema.Null
	}
	switch of.Kind {
	case schema.KindBool:
		return schema.Bool(rapid.Bool().Draw(t, "bool"))
	case schema.KindInt:
		return schema.Int(rapid.Int64().Draw(t, "int"))
	case schema.KindDecimal:
		if rapid.Bool().Draw(t, "literal") {
			return schema.DecimalText(rapid.StringMatching(`-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,30})?`).Draw(t, "decimal"))
		}
		return schema.DecimalCoef(rapid.Int64().Draw(t, "coef"), rapid.Int16Range(0, 40).Draw(t, "scale"))
	case schema.KindText:
		return schema.Text(strings.ReplaceAll(rapid.String().Draw(t, "text"), "\x00", ""))
	case schema.KindBytes:
		return schema.Bytes(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
	case schema.KindDate:
		return schema.TextOf(schema.KindDate, fmt.Sprintf("%04d-%02d-%02d", rapid.IntRange(1, 9999).Draw(t, "year"), rapid.IntRange(1, 12).
			Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day")))
	case schema.KindDateTime:
		return schema.TextOf(schema.KindDateTime, fmt.Sprintf("2026-01-15T%02d:00:00%+03d:00", rapid.IntRange(0, 23).Draw(t, "hour"),
			rapid.IntRange(-12, 14).Draw(t, "offset")))
	case schema.KindList:
		items := make([]schema.Value, few(t))
		for i := range items {
			items[i] = drawValue(t, of.Elem)
		}
		return schema.List(items)
	case schema.KindMap:
		m := &schema.Map{}
		for i := range few(t) {
			key := strings.ReplaceAll(rapid.StringN(0, 5, -1).Draw(t, "key"), "\x00", "")
			m.Keys = append(m.Keys, fmt.Sprintf("%d-%s", i, key))
			m.Values = append(m.Values, drawValue(t, of.Elem))
		}
		return schema.MapOf(m)
	}
	slots := schema.Slots(of)
	for i, f := range of.Fields {
		if f.Required || rapid.Bool().Draw(t, "present") {
			slots[i+1] = drawValue(t, f.Type)
		}
	}
	return schema.Record(of, slots)
}

// TestWhatIsWrittenIsReadBack: decode(encode(v)) is v, laid out by its type, and fits it.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := drawType(t, 3)
		v := drawValue(t, typ)
		if wrong := schema.Check(v, typ); wrong != nil {
			t.Fatalf("%s drawn as %s: %v", AppendJSON(nil, v), typ, wrong)
		}
		text := AppendJSON(nil, v)
		got, err := CompileJSON(typ, JSONOptions{}).Decode(text)
		if err != nil {
			t.Fatalf("%s as %s: %v", text, typ, err)
		}
		if !schema.Equal(got, v) || got.Type() != v.Type() {
			t.Fatalf("%s was read as %s", text, AppendJSON(nil, got))
		}
		if again := AppendJSON(nil, got); string(again) != string(text) {
			t.Fatalf("%s was written again as %s", text, again)
		}
		free, err := CompileJSON(schema.TypeAny, JSONOptions{}).Decode(text)
		if again := AppendJSON(nil, free); err != nil || string(again) != string(text) {
			t.Fatalf("%s without a type was written again as %s, %v", text, again, err)
		}
	})
}

// TestWhatIsLeftOutIsNotMissed: decoding with fewer fields has the same result as leaving them out afterwards.
func TestWhatIsLeftOutIsNotMissed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := drawType(t, 3)
		v := drawValue(t, typ)
		pruned := schema.Prune(typ, drawUse(t, typ))
		got, err := CompileJSON(pruned, JSONOptions{}).Decode(AppendJSON(nil, v))
		if err != nil {
			t.Fatalf("%s as %s: %v", AppendJSON(nil, v), pruned, err)
		}
		want, err := schema.Convert(v, pruned)
		if err != nil || !schema.Equal(got, want) {
			t.Fatalf("%s, expected %s, %v", AppendJSON(nil, got), AppendJSON(nil, want), err)
		}
	})
}

func drawUse(t *rapid.T, of *schema.Type) *schema.Use {
	u := &schema.Use{}
	switch of.Kind {
	case schema.KindList, schema.KindMap:
		u.Elem().Merge(drawUse(t, of.Elem))
	case schema.KindRecord:
		for _, f := range of.Fields {
			if rapid.Bool().Draw(t, "used") {
				u.Field(f.Name).Merge(drawUse(t, f.Type))
			}
		}
	}
	return u
}

// TestTextOfEveryByte compares the eight bytes at a time with one at a time.
func TestTextOfEveryByte(t *testing.T) {
	for c := range 256 {
		for at := range 17 {
			b := []byte(strings.Repeat("x", 17))
			b[at] = byte(c)
			want := len(b)
			if !plainByte(byte(c)) {
				want = at
			}
			if got := plainRun(b, 0); got != want {
				t.Fatalf("byte %#x at %d: plain up to %d, expected %d", c, at, got, want)
			}
		}
	}
	if _, err := CompileJSON(schema.TypeInt, JSONOptions{}).Decode([]byte(fmt.Sprint(math.MinInt64))); err != nil {
		t.Error(err)
	}
}
