package records

import (
	"errors"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// jsonFormat is a compiled format of lines of JSON.
type jsonFormat struct {
	jsonWords
	decoder *codec.JSONDecoder
}

func (c *compiler) compileJSON(f *Format) {
	var fields []schema.Field
	for _, e := range c.d.fields {
		t := c.types.Read(e.value, "required")
		need := e.value.Get("required")
		fields = append(fields, schema.Field{Name: e.key.Value, Type: t, Required: need == nil || need.Text.Value != "false", Doc: t.Doc})
	}
	k := &kind{t: schema.RecordType(fields...)}
	single(f, k)
	unknown := codec.Refuse
	if c.d.json.others == othersIgnore {
		unknown = codec.Ignore
	}
	f.json = &jsonFormat{*c.d.json, codec.CompileJSON(k.t, codec.JSONOptions{Unknown: unknown, NullAbsent: true})}
}

// jsonRecord reads the next line that is not blank.
func (r *Reader) jsonRecord() (Record, error) {
	if r.at.Offset == 0 {
		r.passMark()
	}
	for {
		next, err := r.nextLine(endsAny)
		if err != nil {
			return Record{}, err
		}
		if next.blank {
			r.advance(next.length, next.lines)
			continue
		}
		r.at.Number++
		record := Record{Line: r.at.Line + 1, Offset: r.at.Offset, Number: r.at.Number}
		record.Value, err = r.f.json.decoder.Decode(next.raw)
		record.Raw = r.advance(next.length, next.lines)
		if err == nil {
			return record, nil
		}
		bad := &Bad{Number: record.Number, Line: record.Line, Offset: record.Offset, Raw: record.Raw, Reason: err.Error()}
		var wrong schema.Violations
		if errors.As(err, &wrong) && len(wrong) > 0 {
			first := *wrong[0]
			bad.Field = fieldOf(first.Path)
			first.Path = ""
			bad.Reason = first.Error()
		}
		return Record{}, bad
	}
}

// fieldOf returns the place of a violation as the name of a field.
func fieldOf(path string) string { return strings.ReplaceAll(strings.TrimPrefix(path, "/"), "/", ".") }
