package records

import (
	"strconv"
	"strings"

	"fondaco/config/diag"
	"fondaco/schema"
)

// figure is what a field of a trailer states about other records: their count, or the total of a field.
type figure struct {
	at    int // among the figures of the format
	what  string
	field *column
	slot  int // of the field in its record
}

// feed is what a record of a kind adds to a figure.
type feed struct {
	figure *figure
	slot   int // of the field whose value is added, -1 for 1
	neg    bool
}

// sum is the value of a figure as far as the file was read.
type sum struct {
	total   schema.Value
	unknown int64 // the record from which on it is not known, 0 if it is known
}

// String returns the sum as a position holds it.
func (s *sum) String() string {
	if s.unknown > 0 {
		return "?" + strconv.FormatInt(s.unknown, 10)
	}
	return string(schema.AppendNumber(nil, s.total))
}

func (s *sum) parse(text string) {
	if rest, unknown := strings.CutPrefix(text, "?"); unknown {
		s.unknown, _ = strconv.ParseInt(rest, 10, 64)
		return
	}
	if v, err := schema.ParseDecimal(text); err == nil {
		s.total = v
	}
}

// feed adds a record to a figure. Of a bad record the field is read if it can be.
func (r *Reader) feed(f feed, k *kind, raw []byte, slots []schema.Value) {
	s := &r.sums[f.figure.at]
	v := schema.Int(1)
	if f.slot >= 0 {
		c := k.columns[f.slot]
		switch {
		case slots != nil && !slots[f.slot+1].IsAbsent():
			v = slots[f.slot+1]
		case c.at+c.length <= len(raw):
			var reason string
			if v, reason = c.fixedValue(raw, r.f.chars, &r.room); reason != "" {
				v = schema.Value{}
			}
		default:
			v = schema.Value{}
		}
	}
	switch {
	case v.IsAbsent():
		if s.unknown == 0 {
			s.unknown = r.at.Number + 1
		}
		return
	case v.IsNil():
		return
	}
	var err error
	if f.neg {
		s.total, err = schema.Sub(s.total, v)
	} else {
		s.total, err = schema.Add(s.total, v)
	}
	if err != nil && s.unknown == 0 {
		s.unknown = r.at.Number + 1
	}
}

// agree compares the figures of a trailer with those of the records.
func (r *Reader) agree(k *kind, slots []schema.Value, reason string) error {
	if len(k.figures) == 0 {
		return nil
	}
	if reason != "" {
		return r.disagreeAt("the record of the kind %s, whose figures the file is held against, cannot be read: %s", k.name, reason)
	}
	for _, f := range k.figures {
		says, s := slots[f.slot+1], &r.sums[f.at]
		if says.IsNil() {
			continue
		}
		if s.unknown > 0 {
			return r.disagreeAt("%s cannot be checked: record %d is bad, and so is what it adds", k.name+"."+f.field.name, s.unknown)
		}
		if c, err := schema.Compare(says, s.total); err != nil || c != 0 {
			d := &Disagree{Line: r.at.Line + 1, Record: r.at.Number + 1, What: k.name + "." + f.field.name, Says: figureText(says)}
			if !r.f.Separate() {
				d.Line = 0
			}
			d.Makes = s.String()
			return d
		}
	}
	return nil
}

func figureText(v schema.Value) string { return string(schema.AppendNumber(nil, v)) }

// figures reads the figures that the fields of a kind state. within are the kinds that stand in the same file or group.
func (c *compiler) figures(f *Format, k *kind, words *kindWords) {
	within := map[string]*kind{}
	k.level.each(func(other *kind) { within[other.name] = other })
	var names []string
	for _, other := range f.kinds {
		if within[other.name] != nil {
			names = append(names, other.name)
		}
	}
	for _, w := range words.check {
		fig := &figure{at: len(f.figures), what: w.figure.Text.Value, slot: -1}
		for i, x := range k.columns {
			if x.name == w.field.Value {
				fig.field, fig.slot = x, i
			}
		}
		switch {
		case fig.field == nil:
			w.field.Report(c.out, diag.BadValue, "%s: check names the field %q, and there is none", k.name, w.field.Value).
				WithNearest(w.field.Value, k.fieldNames())
			continue
		case !fig.field.numeric():
			w.field.Report(c.out, diag.BadValue, "%s: check needs a number, and %s is %s", k.name, fig.field.name, schema.Article(fig.field.t)).
				WithHint("write type: integer, or decimals:")
			continue
		}
		if c.terms(f, k, fig, w, within, names) {
			fig.field.figure = fig
			f.figures, k.figures = append(f.figures, fig), append(k.figures, fig)
			k.level.figures = append(k.level.figures, fig)
		}
	}
}

// terms reads count(KIND) and sum(KIND.FIELD), joined by + and -.
func (c *compiler) terms(_ *Format, k *kind, fig *figure, w checkWords, within map[string]*kind, names []string) bool {
	text := w.figure.Text
	wrong := func() bool {
		text.Report(c.out, diag.BadValue, "%s: check: found %q, expected count(KIND) or sum(KIND.FIELD), or several joined by + and -", k.name,
			text.Value)
		return false
	}
	type part struct {
		kind *kind
		feed feed
	}
	var parts []part
	for i, rest := 0, strings.TrimSpace(text.Value); rest != ""; i++ {
		neg := rest[0] == '-'
		if signed := neg || rest[0] == '+'; signed != (i > 0) && !(i == 0 && neg) {
			return wrong()
		} else if signed {
			rest = strings.TrimSpace(rest[1:])
		}
		name, after, open := strings.Cut(rest, "(")
		inside, after, closed := strings.Cut(after, ")")
		name, inside = strings.TrimSpace(name), strings.TrimSpace(inside)
		if !open || !closed || name != "count" && name != "sum" || inside == "" {
			return wrong()
		}
		rest = strings.TrimSpace(after)
		kindName, fieldName, dotted := strings.Cut(inside, ".")
		if dotted != (name == "sum") {
			return wrong()
		}
		of := within[kindName]
		if of == nil {
			text.Report(c.out, diag.BadValue, "%s: check: there is no kind %q beside or below it", k.name, kindName).WithNearest(kindName, names)
			return false
		}
		p := part{of, feed{figure: fig, slot: -1, neg: neg}}
		if dotted {
			for j, x := range of.columns {
				if x.name == fieldName {
					p.feed.slot = j
				}
			}
			if p.feed.slot < 0 {
				text.Report(c.out, diag.BadValue, "%s: check: the kind %s has no field %q", k.name, kindName, fieldName).
					WithNearest(fieldName, of.fieldNames())
				return false
			}
			if x := of.columns[p.feed.slot]; !x.numeric() {
				text.Report(c.out, diag.BadValue, "%s: check: %s.%s is %s, expected a number", k.name, kindName, fieldName, schema.Article(x.t))
				return false
			}
		}
		parts = append(parts, p)
	}
	if len(parts) == 0 {
		return wrong()
	}
	for _, p := range parts {
		p.kind.feeds = append(p.kind.feeds, p.feed)
	}
	return true
}

// each calls what for the kinds of a level and for those below them.
func (l *level) each(what func(*kind)) {
	for _, k := range l.kinds {
		what(k)
		if k.below != nil {
			k.below.each(what)
		}
	}
}

func (k *kind) fieldNames() (names []string) {
	for _, c := range k.columns {
		names = append(names, c.name)
	}
	return names
}

func (f *column) numeric() bool { return f.t.Kind == schema.KindInt || f.t.Kind == schema.KindDecimal }
