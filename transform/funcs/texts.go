package funcs

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"fondaco/schema"
)

// mapped is a function of one text.
func mapped(name, doc, example, result string, do func(string) string) *Function {
	return &Function{
		Name: name, Group: "text", Doc: doc, Example: example, Result: result, Params: []Param{text("s")}, Gives: schema.TypeText,
		Run: func(_ World, a []schema.Value) (schema.Value, error) { return schema.Text(do(a[0].Str())), nil },
	}
}

// piece is how many bytes of a text are worked on between two looks at whether somebody waits.
const piece = 64 << 10

// byPieces is mapped for what looks at one character at a time.
func byPieces(name, doc, example, result string, do func(string) string) *Function {
	f := mapped(name, doc, example, result, do)
	f.Run = func(w World, a []schema.Value) (schema.Value, error) {
		s := a[0].Str()
		if len(s) <= piece {
			return schema.Text(do(s)), nil
		}
		var b strings.Builder
		for s != "" {
			end := min(piece, len(s))
			for end < len(s) && end > piece-utf8.UTFMax && !utf8.RuneStart(s[end]) {
				end--
			}
			b.WriteString(do(s[:end]))
			s = s[end:]
			if err := w.Meter.Spend(piece / 16); err != nil {
				return schema.Value{}, err
			}
		}
		return schema.Text(b.String()), nil
	}
	return f
}

// maxText is how long a text a function may make, in bytes.
const maxText = 1 << 20

var errLong = errors.New("the text would be longer than 1 MiB")

var texts = []*Function{
	byPieces("upper", "In capital letters.", `upper("perù")`, `"PERÙ"`, strings.ToUpper),
	byPieces("lower", "In small letters.", `lower("ABC")`, `"abc"`, strings.ToLower),
	mapped("trim", "Without white space at both ends.", `trim("  a b ")`, `"a b"`, strings.TrimSpace),
	mapped("normalizeSpace", "Trimmed, with one space for each run of white space.", `normalizeSpace(" a   b\n")`, `"a b"`,
		func(s string) string { return strings.Join(strings.Fields(s), " ") }),
	mapped("title", "Each word with a capital first letter, the others small.", `title("MARIO de ROSSI")`, `"Mario De Rossi"`, title),
	{
		Name: "length", Group: "text", Doc: "How many characters.", Example: `length("perù")`, Result: `4`, Params: []Param{text("s")},
		Gives: schema.TypeInt,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			return schema.Int(int64(utf8.RuneCountInString(a[0].Str()))), nil
		},
	},
	{
		Name: "split", Group: "text", Doc: "The pieces between the separators.", Example: `split("a,b", ",")`, Result: `["a","b"]`,
		Params: []Param{text("s"), hides(text("separator"))}, Gives: schema.ListOf(schema.TypeText),
		Charges: true,
		Run: func(w World, a []schema.Value) (schema.Value, error) {
			s, separator := a[0].Str(), a[1].Str()
			if separator == "" {
				return schema.Value{}, errors.New("the separator is empty")
			}
			n := strings.Count(s, separator) + 1
			if err := w.Meter.Take(valueSize * n); err != nil {
				return schema.Value{}, err
			}
			items := make([]schema.Value, 0, n)
			for part := range strings.SplitSeq(s, separator) {
				items = append(items, schema.Text(part))
			}
			return schema.List(items), nil
		},
	},
	{
		Name: "join", Group: "text", Doc: "The texts of a list in one, with the separator between them; nil is left out.",
		Example: `join(["a", "b"], "-")`, Result: `"a-b"`, Params: []Param{list("list"), maybe(hides(text("separator")))}, Gives: schema.TypeText,
		Typed: func(a []*schema.Type) *schema.Type { return withMarks(schema.TypeText, a[0].Elem) },
		Run: func(w World, a []schema.Value) (schema.Value, error) {
			separator := ""
			if len(a) > 1 {
				separator = a[1].Str()
			}
			var parts []string
			size := 0
			for _, x := range a[0].Items() {
				if x.IsNil() {
					continue
				}
				s := Print(x)
				if size += len(s) + len(separator); size > maxText {
					return schema.Value{}, errLong
				}
				if err := w.Meter.Spend(2); err != nil {
					return schema.Value{}, err
				}
				parts = append(parts, s)
			}
			return schema.Text(strings.Join(parts, separator)), nil
		},
	},
	{
		Name: "replace", Group: "text", Doc: "With every occurrence of a piece replaced by another.", Example: `replace("V-2025-1", "-", "/")`,
		Result: `"V/2025/1"`, Params: []Param{text("s"), hides(text("old")), text("new")}, Gives: schema.TypeText,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			if a[1].Str() == "" {
				return schema.Value{}, errors.New("the piece to replace is empty")
			}
			if n := strings.Count(a[0].Str(), a[1].Str()); n*a[2].Len()+a[0].Len() > maxText {
				return schema.Value{}, errLong
			}
			return schema.Text(strings.ReplaceAll(a[0].Str(), a[1].Str(), a[2].Str())), nil
		},
	},
	{
		Name: "replaceAll", Group: "text", Doc: "With every match of a pattern (RE2) replaced; $1 stands for the first group.",
		Example: `replaceAll("a1b22", "[0-9]+", "#")`, Result: `"a#b#"`, Params: []Param{text("s"), hides(text("pattern")), text("new")},
		Gives: schema.TypeText,
		Bind: withPattern(1, func(p *Pattern) Call {
			return func(w World, a []schema.Value) (schema.Value, error) {
				s, err := p.replace(w.Meter, a[0].Str(), a[2].Str())
				return schema.Text(s), err
			}
		}),
	},
	{
		Name: "extract", Group: "text",
		Doc:     "What a pattern (RE2) matches first: its first group, or the whole match; nil if it matches nothing.",
		Example: `extract("215 gradi, 4.1 m/s", "([0-9.]+) m/s")`, Result: `"4.1"`,
		Params: []Param{text("s"), hides(text("pattern"))}, Gives: schema.TypeText.OrNull(),
		Bind: withPattern(1, func(p *Pattern) Call {
			return func(w World, a []schema.Value) (schema.Value, error) {
				m, err := p.First(w.Meter, a[0].Str())
				if m == nil || err != nil {
					return schema.Null, err
				}
				return schema.Text(part1(a[0].Str(), m)), nil
			}
		}),
	},
	{
		Name: "groups", Group: "text", Doc: "The groups of the first match of a pattern (RE2), each with its text or nil; nil if it " +
			"matches nothing.", Example: `groups("V-2025/7", "([A-Z])-([0-9]+)(/x)?")`, Result: `["V","2025",null]`,
		Params: []Param{text("s"), hides(text("pattern"))}, Gives: schema.ListOf(schema.TypeText.OrNull()).OrNull(),
		Bind: withPattern(1, func(p *Pattern) Call {
			return func(w World, a []schema.Value) (schema.Value, error) {
				m, err := p.First(w.Meter, a[0].Str())
				if m == nil || err != nil {
					return schema.Null, err
				}
				items := make([]schema.Value, len(m)/2-1)
				for i := range items {
					items[i] = schema.Null
					if from := m[2*i+2]; from >= 0 {
						items[i] = schema.Text(a[0].Str()[from:m[2*i+3]])
					}
				}
				return schema.List(items), nil
			}
		}),
	},
	{
		Name: "extractAll", Group: "text", Doc: "All that a pattern (RE2) matches: first groups, or whole matches.",
		Example: `extractAll("a1b22", "[0-9]+")`, Result: `["1","22"]`, Params: []Param{text("s"), hides(text("pattern"))},
		Gives: schema.ListOf(schema.TypeText), Charges: true,
		Bind: withPattern(1, func(p *Pattern) Call {
			return func(w World, a []schema.Value) (schema.Value, error) {
				var items []schema.Value
				err := p.All(w.Meter, a[0].Str(), func(m []int) error {
					items = append(items, schema.Text(part1(a[0].Str(), m)))
					return w.Meter.Take(2 * valueSize) // the list grows
				})
				return schema.List(items), err
			}
		}),
	},
	{
		Name: "padLeft", Group: "text", Doc: "Filled up on the left to a length, with zeros or another character.", Example: `padLeft("42", 5)`,
		Result: `"00042"`, Params: []Param{text("s"), whole("length"), maybe(hides(text("with")))}, Gives: schema.TypeText, Run: pad("0", true),
	},
	{
		Name: "padRight", Group: "text", Doc: "Filled up on the right to a length, with spaces or another character.",
		Example: `padRight("ab", 4, ".")`, Result: `"ab.."`, Params: []Param{text("s"), whole("length"), maybe(hides(text("with")))},
		Gives: schema.TypeText, Run: pad(" ", false),
	},
	{
		Name: "stripPrefix", Group: "text", Doc: "Without a beginning, if it begins so.", Example: `stripPrefix("TINIT-AAA", "TINIT-")`,
		Result: `"AAA"`, Params: []Param{text("s"), hides(text("prefix"))}, Gives: schema.TypeText,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			return schema.Text(strings.TrimPrefix(a[0].Str(), a[1].Str())), nil
		},
	},
	{
		Name: "stripSuffix", Group: "text", Doc: "Without an end, if it ends so.", Example: `stripSuffix("a.xml", ".xml")`, Result: `"a"`,
		Params: []Param{text("s"), hides(text("suffix"))}, Gives: schema.TypeText,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			return schema.Text(strings.TrimSuffix(a[0].Str(), a[1].Str())), nil
		},
	},
	{
		Name: "before", Group: "text", Doc: "What stands before the first separator; all if it does not occur.", Example: `before("a=b=c", "=")`,
		Result: `"a"`, Params: []Param{text("s"), hides(text("separator"))}, Gives: schema.TypeText,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			s, _, _ := strings.Cut(a[0].Str(), a[1].Str())
			return schema.Text(s), nil
		},
	},
	{
		Name: "after", Group: "text", Doc: "What stands after the first separator; nothing if it does not occur.", Example: `after("a=b=c", "=")`,
		Result: `"b=c"`, Params: []Param{text("s"), hides(text("separator"))}, Gives: schema.TypeText,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			_, s, _ := strings.Cut(a[0].Str(), a[1].Str())
			return schema.Text(s), nil
		},
	},
	{
		Name: "text", Group: "text", Doc: "A value as text: numbers without exponents, dates as ISO 8601, true and false.",
		Example: `text(12.50)`, Result: `"12.50"`,
		Params: []Param{of("x", schema.KindText, schema.KindDecimal, schema.KindBool, schema.KindBytes)}, Gives: schema.TypeText,
		Run: func(_ World, a []schema.Value) (schema.Value, error) { return schema.Text(Print(a[0])), nil },
	},
}

// part1 returns what the first group of a match holds, "" where it took no part; the whole match of a pattern without.
func part1(s string, places []int) string {
	i := min(2, len(places)-2)
	if places[i] < 0 {
		return ""
	}
	return s[places[i]:places[i+1]]
}

// replace returns s with every match of the pattern replaced by a template, in which $1 stands for the first group.
func (p *Pattern) replace(m Meter, s, template string) (string, error) {
	var out []byte
	end := 0
	err := p.All(m, s, func(places []int) error {
		out = append(out, s[end:places[0]]...)
		if out = p.re.ExpandString(out, template, s, places); len(out)+len(s)-places[1] > maxText {
			return errLong
		}
		end = places[1]
		return nil
	})
	if err != nil {
		return "", err
	}
	return string(append(out, s[end:]...)), nil
}

// withPattern compiles the constant argument at i.
func withPattern(i int, make func(*Pattern) Call) func([]*schema.Value) (Call, error) {
	return func(constants []*schema.Value) (Call, error) {
		if constants[i] == nil {
			return nil, errors.New("the pattern must be a text in quotes")
		}
		p, err := NewPattern(constants[i].Str())
		if err != nil {
			return nil, err
		}
		return make(p), nil
	}
}

func pad(with string, left bool) Call {
	return func(_ World, a []schema.Value) (schema.Value, error) {
		fill := with
		if len(a) > 2 {
			fill = a[2].Str()
		}
		if utf8.RuneCountInString(fill) != 1 {
			return schema.Value{}, errors.New("the filling is not one character")
		}
		missing := a[1].Int() - int64(utf8.RuneCountInString(a[0].Str()))
		switch {
		case missing > maxText:
			return schema.Value{}, errLong
		case missing <= 0:
			return schema.Text(a[0].Str()), nil
		case left:
			return schema.Text(strings.Repeat(fill, int(missing)) + a[0].Str()), nil
		}
		return schema.Text(a[0].Str() + strings.Repeat(fill, int(missing))), nil
	}
}

func title(s string) string {
	first := true
	return strings.Map(func(r rune) rune {
		letter := unicode.IsLetter(r)
		defer func() { first = !letter }()
		switch {
		case letter && first:
			return unicode.ToTitle(r)
		case letter:
			return unicode.ToLower(r)
		}
		return r
	}, s)
}

// Print returns a value as it stands in a text with holes.
func Print(v schema.Value) string {
	switch v.Kind() {
	case schema.KindInt, schema.KindDecimal:
		return string(schema.AppendNumber(nil, v))
	case schema.KindBool:
		if v.Bool() {
			return "true"
		}
		return "false"
	case schema.KindBytes:
		return schema.Base64(v)
	}
	return v.Str()
}

// withMarks returns t with the marks of another type.
func withMarks(t, from *schema.Type) *schema.Type {
	if from == nil || !from.Personal && !from.Secret {
		return t
	}
	c := *t
	c.Personal, c.Secret = t.Personal || from.Personal, t.Secret || from.Secret
	return &c
}
