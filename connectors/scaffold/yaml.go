package scaffold

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// appendYAML appends a value as YAML in block style, behind "key:" or "-"; nested lines are indented by indent.
func appendYAML(dst []byte, v schema.Value, indent int) []byte {
	line := func(dst []byte) []byte { return append(append(dst, '\n'), strings.Repeat(" ", indent)...) }
	switch v.Kind() {
	case schema.KindList:
		if v.Len() == 0 {
			return append(dst, " []"...)
		}
		for _, x := range v.Items() {
			item := strings.TrimLeft(string(appendYAML(nil, x, indent+2)), "\n ")
			dst = append(append(line(dst), "- "...), item...)
		}
		return dst
	case schema.KindRecord, schema.KindMap:
		names, values := entriesOf(v)
		if len(names) == 0 {
			return append(dst, " {}"...)
		}
		for i, name := range names {
			dst = append(append(line(dst), yamlKey(name)...), ':')
			dst = appendYAML(dst, values[i], indent+2)
		}
		return dst
	}
	scalar := string(codec.AppendJSON(nil, v)) // a scalar in JSON is one in YAML
	if scalar[0] != '"' {
		return append(append(dst, ' '), scalar...)
	}
	col := indent // of an item, which is put behind its "- "
	if at := bytes.LastIndexByte(dst, '\n'); at >= 0 {
		col = utf8.RuneCount(dst[at+1:]) + 1
	}
	return append(append(dst, ' '), brokenAt(scalar, col, indent)...)
}

// entriesOf returns the fields of a record that are there, or the entries of a map.
func entriesOf(v schema.Value) (names []string, values []schema.Value) {
	if m := v.Map(); m != nil {
		return m.Keys, m.Values
	}
	for i, f := range v.Type().Fields {
		if x := v.Field(i); !x.IsAbsent() {
			names, values = append(names, f.Name), append(values, x)
		}
	}
	return names, values
}

// yamlKey returns a name as a key: quoted unless it is a plain one.
func yamlKey(name string) string {
	for i := range len(name) {
		if c := name[i] | 0x20; !(c >= 'a' && c <= 'z' || i > 0 && (name[i] >= '0' && name[i] <= '9' || name[i] == '_')) {
			return yamlText(name)
		}
	}
	switch strings.ToLower(name) {
	case "", "y", "n", "yes", "no", "on", "off", "true", "false", "null":
		return yamlText(name)
	}
	return name
}

// yamlText returns a text in double quotes.
func yamlText(s string) string { return string(codec.AppendText(nil, s)) }
