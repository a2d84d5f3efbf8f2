package parts

import (
	"bytes"

	"fondaco/schema"
)

// lenient returns what becomes of a part whose value is wrong: what it means, where that is known (with space around it, True), or null or
// nothing of a single value that may be left out. Otherwise the error is the one that it was given.
func (in *incoming) lenient(p *part, r *raw, wrong error) (schema.Value, error) {
	f := &in.form.t.Fields[p.at]
	if !schema.Single(p.t) {
		return schema.Value{}, wrong
	}
	meant := *r
	if meant.content = bytes.TrimSpace(r.content); p.t.Kind == schema.KindBool {
		meant.content = bytes.ToLower(meant.content)
	}
	if !bytes.Equal(meant.content, r.content) {
		if v, err := p.read(&meant); err == nil {
			in.tolerated++
			return v, nil
		}
	}
	switch {
	case p.many || p.joined != "" || f.Required && !f.Type.Nullable:
		return schema.Value{}, wrong
	case f.Type.Nullable:
		in.tolerated++
		return schema.Null, nil
	}
	in.tolerated++
	return schema.Value{}, nil
}
