package rest

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/funcs"
)

// linesLike reports whether a media type is of JSON values, a line each.
func linesLike(base string) bool {
	return slices.Contains([]string{
		"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
		"application/json-lines",
	}, base)
}

// linesOf returns the type of bodies of lines. A schema that is no list is that of each line.
func linesOf(t *schema.Type) *schema.Type {
	if t.Kind == schema.KindList {
		return t
	}
	return (&schema.Type{Kind: schema.KindList, Elem: t}).Seal()
}

// rowsOf returns why values of a type cannot be rows of CSV, nil if they can.
func rowsOf(t *schema.Type) error {
	if t.Kind != schema.KindList || t.Elem.Kind != schema.KindRecord {
		return fmt.Errorf("text/csv is a list of objects or a text, and its schema is of %s", schema.Noun(t))
	}
	if len(t.Elem.Fields) == 0 {
		return errors.New("the objects of text/csv have no fields")
	}
	for _, f := range t.Elem.Fields {
		if !schema.Single(f.Type) || f.Type.Kind == schema.KindAny {
			return fmt.Errorf("the column %s holds single values of one type, and its schema is of %s", f.Name, schema.Noun(f.Type))
		}
	}
	return nil
}

// writeLines returns the items of a list as JSON, a line each, of limit bytes at most.
func writeLines(v schema.Value, limit int) (dst []byte, err error) {
	dst = []byte{}
	for _, item := range v.Items() {
		if dst, err = codec.AppendJSONWithin(dst, item, limit); err != nil {
			return nil, err
		}
		dst = append(dst, '\n')
	}
	if len(dst) > limit {
		return nil, &codec.LimitError{Limit: limit}
	}
	return dst, nil
}

// readLines reads JSON values, a line each; lines of nothing are passed over.
func readLines(text []byte, item *codec.JSONDecoder) (schema.Value, error) {
	list := []schema.Value{}
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		v, err := item.Decode(line)
		if err != nil {
			return v, schema.Under(err, strconv.Itoa(len(list)))
		}
		list = append(list, v)
	}
	return schema.List(list), nil
}

// writeRows returns a list of records as CSV (RFC 4180) with a head, of limit bytes at most. What is absent or null is an
// empty field.
func writeRows(v schema.Value, t *schema.Type, limit int) ([]byte, error) {
	var dst []byte
	for i, f := range t.Elem.Fields {
		dst = appendCell(dst, f.Name, i, len(t.Elem.Fields))
	}
	for _, item := range v.Items() {
		for i, f := range t.Elem.Fields {
			text := ""
			if x := item.Get(f.Name); !x.IsNil() {
				text = funcs.Print(x)
			}
			dst = appendCell(dst, text, i, len(t.Elem.Fields))
		}
		if len(dst) > limit {
			return nil, &codec.LimitError{Limit: limit}
		}
	}
	return dst, nil
}

// appendCell appends the field at a place of a row of so many, in quotes where it needs them: a row of one empty field
// would be no row to a reader.
func appendCell(dst []byte, text string, at, of int) []byte {
	if at > 0 {
		dst = append(dst, ',')
	}
	if strings.ContainsAny(text, ",\"\r\n") || strings.HasPrefix(text, " ") || of == 1 && text == "" {
		dst = append(append(append(dst, '"'), strings.ReplaceAll(text, `"`, `""`)...), '"')
	} else {
		dst = append(dst, text...)
	}
	if at == of-1 {
		dst = append(dst, "\r\n"...)
	}
	return dst
}

var errRows = errors.New("expected CSV with a head (text/csv)")

// readRows reads CSV of the type whole as values of t, which is it or what schema.Prune has left of it. The first row names
// the columns. An empty field is null or absent where its schema admits that.
// Columns that t does not have are passed over, or refused if strict.
func readRows(text []byte, t, whole *schema.Type, strict bool, l *lenient) (schema.Value, error) {
	r := csv.NewReader(bytes.NewReader(text))
	head, err := r.Read()
	if err != nil {
		return schema.Value{}, errRows
	}
	columns, known := make([]int, len(head)), map[string]bool{}
	for i, name := range head {
		columns[i] = t.Elem.Index(name)
		switch {
		case whole.Elem.Index(name) < 0 && strict:
			return schema.Value{}, schema.Violations{{Path: "/0/" + name, Code: "unknown", Expected: "no such column"}}
		case whole.Elem.Index(name) < 0:
			continue
		case known[name]:
			return schema.Value{}, fmt.Errorf("the column %s stands twice in the head", name)
		}
		known[name] = true
	}
	if len(known) == 0 {
		return schema.Value{}, errRows // it may be divided by another character
	}
	list := []schema.Value{}
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return schema.Value{}, errRows
		}
		slots := schema.Slots(t.Elem)
		for i, text := range row {
			at := columns[i]
			if at < 0 {
				continue
			}
			f := t.Elem.Fields[at]
			switch {
			case text == "" && f.Type.Nullable:
				slots[at+1] = schema.Null
			case text == "" && !f.Required:
			default:
				v, err := l.value(text, f.Type, schema.ReadText)
				lost, may := schema.Value{}, false
				if err != nil {
					lost, may = l.field(&f, err)
				}
				switch {
				case may:
					v = lost
				case err != nil:
					return v, schema.Under(schema.Under(err, f.Name), strconv.Itoa(len(list)))
				}
				slots[at+1] = v
			}
		}
		for i, f := range t.Elem.Fields {
			if f.Required && slots[i+1].IsAbsent() {
				return schema.Value{}, schema.Under(missing(f.Name), strconv.Itoa(len(list)))
			}
		}
		list = append(list, schema.Record(t.Elem, slots))
	}
	v := schema.List(list)
	if wrong := schema.Check(v, t); wrong != nil {
		return v, wrong
	}
	return v, nil
}
