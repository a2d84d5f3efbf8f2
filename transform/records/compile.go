package records

import (
	"strings"

	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/typing"
)

// Compile checks what was declared, and makes the format. types reads the schemas of the fields; what is wrong goes to out, with its
// place, and the format is nil then.
func (d *Declaration) Compile(types *typing.Reader, out *diag.List) *Format {
	own := &diag.List{}
	f := d.compile(types, own)
	failed := own.Failed()
	out.Join(own)
	if failed {
		return nil
	}
	return f
}

func (d *Declaration) compile(types *typing.Reader, out *diag.List) *Format {
	f := &Format{name: d.name.Value, limit: int(min(d.limit, 1<<30))}
	c := &compiler{d: d, types: types, out: out, keys: csvKeys, point: '.'}
	ways := 0
	for _, said := range []bool{d.csv != nil, d.fixed != nil, d.json != nil} {
		if said {
			ways++
		}
	}
	if ways != 1 {
		c.report("found %s of csv, fixed and json_lines, expected one", map[bool]string{true: "none", false: "several"}[ways == 0]).
			WithHint("write csv: {} for values with separators, fixed: {} for fields at fixed places, json_lines: {} for JSON")
		return nil
	}
	switch {
	case d.csv != nil:
		f.chars = newCharset(d.csv.encoding)
	case d.fixed != nil:
		f.chars = newCharset(d.fixed.encoding)
	default:
		f.chars = newCharset(utf8Name)
	}
	c.chars = f.chars
	if d.fixed == nil && len(d.kinds) > 0 {
		d.kinds[0].name.Report(out, diag.BadValue, "%s: records are kinds of a fixed-width file", d.name.Value).WithHint("write fields:")
		return nil
	}
	if len(d.fields) == 0 && len(d.kinds) == 0 {
		c.report("the format has no fields").WithHint("write them under fields:, as codice: { type: string }")
		return nil
	}
	switch {
	case d.csv != nil:
		c.compileCSV(f)
	case d.json != nil:
		c.compileJSON(f)
	default:
		c.compileFixed(f)
	}
	if !out.Failed() {
		f.sum = f.fingerprint()
	}
	return f
}

// report reports a problem of the format as a whole.
func (c *compiler) report(format string, args ...any) *diag.Problem {
	return c.out.Report(diag.BadValue, c.d.name.Pos, c.d.name.Value+": "+format, args...).WithLen(len(c.d.name.Value))
}

// single compiles the one kind of a format whose records are all alike.
func single(f *Format, k *kind) {
	k.many, k.optional = true, true
	f.kinds = []*kind{k}
	f.root = &level{kinds: f.kinds}
	k.level = f.root
}

// record returns the type of the records of some columns.
func record(columns []*column) *schema.Type {
	var fields []schema.Field
	for _, x := range columns {
		fields = append(fields, schema.Field{Name: x.name, Type: x.t, Required: x.need, Doc: x.t.Doc})
	}
	return schema.RecordType(fields...)
}

func (c *compiler) compileCSV(f *Format) {
	w := c.d.csv
	c.point = w.decimal[0]
	if w.grouping != "" {
		c.group = w.grouping[0]
	}
	separator := strings.ReplaceAll(w.separator, `\t`, "\t")
	quote := byte(0)
	if w.quote != "none" {
		quote = w.quote[0]
	}
	switch {
	case len(separator) != 1 || separator[0] >= 0x80 || separator == "\n" || separator == "\r" || separator[0] == 0:
		c.out.Report(diag.BadValue, w.at, "separator: found %q, expected one ASCII character", w.separator).
			WithHint(`for example ";", or "\t" for a tab`)
	case separator[0] == quote:
		c.out.Report(diag.BadValue, w.at, "separator: found %q, which is the quote too", w.separator)
	case w.grouping == w.decimal:
		c.report("found %q as grouping and as decimal, expected them to differ", w.decimal)
	case quote == 0 && (separator == w.decimal):
		c.out.Report(diag.BadValue, w.at, "separator: found %q, which stands before decimals too, and nothing is quoted", w.separator)
	}
	var columns []*column
	seen := map[string]string{}
	for _, e := range c.d.fields {
		x := c.column(e)
		if x == nil {
			continue
		}
		if other, twice := seen[x.header]; twice {
			e.key.Report(c.out, diag.BadValue, "%s: the column %q is that of %s already", x.name, x.header, other)
		}
		seen[x.header] = x.name
		if !w.header && !x.need {
			e.key.Report(c.out, diag.BadValue, "%s: required: false belongs to files with a header, which may lack the column", x.name)
		}
		x.at = len(columns)
		columns = append(columns, x)
	}
	single(f, &kind{columns: columns, t: record(columns)})
	f.csv = &csvFormat{csvWords: *w, separator: separator[0], quote: quote}
}
