package database

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"fondaco/connectors/database/driver"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// argument returns a value as drivers take it.
func argument(v schema.Value, t *schema.Type) driver.Arg {
	a := driver.Arg{Type: t}
	switch {
	case v.IsNil():
		a.Null = true
	case v.Kind() == schema.KindBytes:
		a.Text = string(schema.Octets(v))
	case v.Kind().Textual():
		a.Text = v.Str()
	default:
		a.Text = string(codec.AppendJSON(nil, v))
	}
	return a
}

// cellOf returns a value as a column shows it.
func cellOf(v schema.Value) driver.Cell {
	a := argument(v, nil)
	return driver.Cell{Null: a.Null, Octets: v.Kind() == schema.KindBytes, Text: a.Text}
}

// reader reads the cells of a column.
type reader struct {
	t        *schema.Type
	required bool
	json     *codec.JSONDecoder // of a column of JSON
	check    *schema.Checker
}

func newReader(f schema.Field) reader {
	r := reader{t: f.Type, required: f.Required, check: schema.NewChecker(f.Type)}
	switch f.Type.Kind {
	case schema.KindList, schema.KindRecord, schema.KindMap, schema.KindAny, schema.KindUnion:
		r.json = codec.CompileJSON(f.Type, codec.JSONOptions{})
	}
	return r
}

// The reasons for which a cell does not fit. They hold no value.
var (
	errNull   = errors.New("the column is null, expected a value: say nullable: true of it")
	errOctets = errors.New("found octets or a number that was rounded")
	errUTF8   = errors.New("the text is not valid UTF-8")
)

// read returns a cell as a value of the column's type.
func (r *reader) read(c driver.Cell) (v schema.Value, err error) {
	switch {
	case c.Null && r.t.Nullable:
		return schema.Null, nil
	case c.Null && !r.required:
		return schema.Value{}, nil
	case c.Null:
		return v, errNull
	case r.t.Kind == schema.KindBytes:
		v = schema.Bytes([]byte(c.Text))
	case c.Octets:
		return v, errOctets
	case !utf8.ValidString(c.Text):
		return v, errUTF8
	case r.json != nil:
		if v, err = r.json.Decode([]byte(c.Text)); err != nil {
			return v, fmt.Errorf("the column holds no JSON of its type: expected %s", r.t)
		}
		return v, nil
	case r.t.Kind == schema.KindBool:
		switch c.Text {
		case "true", "t", "1":
			return schema.Bool(true), nil
		case "false", "f", "0":
			return schema.Bool(false), nil
		}
		return v, errors.New("found another value, expected true, false, 1 or 0")
	default:
		if v, err = schema.ParseText(c.Text, r.t); err != nil {
			return v, fmt.Errorf("found another value, expected %s", r.t)
		}
	}
	if bad := r.check.Check(v); bad != nil {
		return v, fmt.Errorf("%s", bad[0].Expected)
	}
	return v, nil
}

// parsed returns a value of a type from the text format of PostgreSQL, nil for null: what a simulator is sent.
func parsed(text []byte, f schema.Field) (schema.Value, error) {
	if text == nil {
		f.Required = false
		r := newReader(f)
		return r.read(driver.Cell{Null: true})
	}
	r := newReader(f)
	return r.read(driver.Cell{Text: string(text)})
}
