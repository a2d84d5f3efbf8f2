package records

import (
	"slices"

	"fondaco/config/diag"
)

func (c *compiler) compileFixed(f *Format) {
	w := *c.d.fixed
	c.keys, c.point = fixedKeys, w.decimal[0]
	switch {
	case w.ends == "" && f.chars.ebcdic:
		w.ends = endsNone
	case w.ends == "":
		w.ends = endsAny
	case f.chars.ebcdic && w.ends != endsNone:
		c.report("found ends: %s, and files in EBCDIC have no lines", w.ends).WithHint("write ends: none")
	}
	if w.ends == endsNone && w.trimmed {
		c.report("trimmed belongs to records on lines")
	}
	if len(c.d.fields) > 0 && len(c.d.kinds) > 0 {
		c.report("found fields and records, expected one of them").WithHint("records holds the kinds, each with its fields")
		return
	}
	f.fixed = &fixedFormat{fixedWords: w}
	if len(c.d.kinds) == 0 {
		k := &kind{columns: c.columns(c.d.fields, "")}
		single(f, k)
	} else {
		f.root = &level{}
		if c.level(f, f.root, c.d.kinds); c.out.Failed() {
			return
		}
		c.marks(f)
	}
	for _, k := range f.kinds {
		k.t = record(k.columns)
		for _, x := range k.columns {
			k.length = max(k.length, x.at+x.length)
		}
		for _, m := range k.marks {
			k.length = max(k.length, k.markAt+len(m))
		}
		if w.length > 0 && k.length > w.length {
			c.report("the fields%s reach to byte %d, and a record has %d", of(k), k.length, w.length)
		}
		if w.length > 0 {
			k.length = w.length
		}
		f.fixed.block = max(f.fixed.block, k.length)
	}
	if w.ends == endsNone {
		for _, k := range f.kinds {
			k.length = f.fixed.block
		}
	}
	if f.fixed.block > f.limit {
		c.report("a record has %d bytes, and max_record is %d", f.fixed.block, f.limit)
	}
	for i, words := range flat(c.d.kinds) {
		if i < len(f.kinds) {
			c.figures(f, f.kinds[i], words)
		}
	}
}

func of(k *kind) string {
	if k.name == "" {
		return ""
	}
	return " of " + k.name
}

// flat lists kinds with those below them, in the order of the file.
func flat(kinds []*kindWords) (all []*kindWords) {
	for _, k := range kinds {
		all = append(append(all, k), flat(k.kinds)...)
	}
	return all
}

// maxDepth is how deep groups may be nested.
const maxDepth = 8

// level compiles the kinds of one level, and those below each.
func (c *compiler) level(f *Format, l *level, words []*kindWords) {
	for _, w := range words {
		if f.kind(w.name.Value) != nil {
			w.name.Report(c.out, diag.BadValue, "there is a kind %q already", w.name.Value)
		}
		k := &kind{name: w.name.Value, at: len(l.kinds), level: l, many: w.many, optional: w.optional}
		l.kinds, f.kinds = append(l.kinds, k), append(f.kinds, k)
		k.columns = c.columns(w.fields, k.name+".")
		if w.when != nil {
			k.markAt = w.when.at - 1
			for _, m := range w.when.is {
				octets, ok := f.chars.append(nil, m.Value)
				if !ok || len(octets) == 0 || len(k.marks) > 0 && len(octets) != len(k.marks[0]) {
					m.Report(c.out, diag.BadValue, "%s: is: found %q, expected a mark in %s, all of the same length", k.name, m.Value, f.chars.name)
					continue
				}
				k.marks = append(k.marks, octets)
			}
		}
		if len(w.kinds) == 0 {
			continue
		}
		if l.depth+1 >= maxDepth {
			w.name.Report(c.out, diag.BadValue, "%s: groups are at most %d deep", k.name, maxDepth)
			continue
		}
		k.below = &level{depth: l.depth + 1}
		c.level(f, k.below, w.kinds)
	}
}

// marks reports kinds that cannot be distinguished.
func (c *compiler) marks(f *Format) {
	var other *kind
	for i, k := range f.kinds {
		at := flat(c.d.kinds)[i].name
		if k.marks == nil {
			if other != nil && len(f.kinds) > 1 {
				at.Report(c.out, diag.BadValue, "%s: %s has no when either, and the two cannot be told apart", k.name, other.name).
					WithHint("write when: { at: 1, is: \"H\" } with what stands in its records and in no others")
			}
			other = k
			continue
		}
		for _, before := range f.kinds[:i] {
			for _, m := range before.marks {
				if before.markAt == k.markAt && slices.ContainsFunc(k.marks, func(n []byte) bool { return string(n) == string(m) }) {
					at.Report(c.out, diag.BadValue, "%s: %s has the same mark, and the two cannot be told apart", k.name, before.name)
				}
			}
		}
	}
}

// columns compiles the fields of a record of fixed width, and assigns places to those that declare none.
func (c *compiler) columns(entries []entry, under string) (columns []*column) {
	next := 0
	for _, e := range entries {
		x := c.column(e)
		if x == nil {
			next = -1
			continue
		}
		switch {
		case x.at < 0 && next < 0:
			continue // after an invalid one
		case x.at < 0:
			x.at = next
		}
		next = x.at + x.length
		for _, before := range columns {
			if x.at < before.at+before.length && before.at < next {
				e.key.Report(c.out, diag.BadValue, "%s%s: bytes %d to %d overlap %s, which has %d to %d", under, x.name, x.at+1, next, before.name,
					before.at+1, before.at+before.length)
				break
			}
		}
		columns = append(columns, x)
	}
	return columns
}
