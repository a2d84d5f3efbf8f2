package records

import (
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
	"fondaco/transform/funcs"
	"fondaco/transform/typing"
)

// fieldWords is what the keys of the format declare for one field, beside those of its schema.
type fieldWords struct {
	column               string
	at, length           int
	align, fill          string
	decimals             int
	sign                 string
	packed, required     bool
	date, language, zone config.Text
	empty                []config.Text
	yes, no              string
	lengthAt, decimalsAt diag.Pos
	signAt, packedAt     diag.Pos
	fillAt, yesAt        diag.Pos
}

// Where and how a sign is written.
const (
	signLeading   = "leading"
	signTrailing  = "trailing"
	signOverpunch = "overpunch"
)

// csvKeys and fixedKeys are the keys of a field that belong to the format.
var (
	sharedKeys = []string{"date", "language", "zone", "decimals", "empty", "yes", "no", "sign"}
	csvKeys    = append([]string{"column", "required"}, sharedKeys...)
	fixedKeys  = append([]string{"at", "length", "align", "fill", "packed"}, sharedKeys...)
	allKeys    = append([]string{"column", "required"}, fixedKeys...)
)

func (w *fieldWords) spec(o *spec.Object, keys []string) {
	has := map[string]bool{}
	for _, k := range keys {
		has[k] = true
	}
	if has["column"] {
		o.String("column", &w.column).Doc("Of CSV: the name of the column in the header.").Default("the field's name").Example("COD_ISCR")
		o.Bool("required", &w.required).Default("true").
			Doc("Of CSV: false where the column may be missing in the header; the field is absent then.")
	}
	if has["at"] {
		o.Int("at", &w.at).Range(1, 1<<20).Default("after the field before").Doc("Of fixed width: the first byte of the field, from 1.")
		o.Int("length", &w.length).Required().Range(1, 1<<20).At(&w.lengthAt).Doc("Of fixed width: how many bytes the field has.")
		o.Enum("align", &w.align, "left", "right").Default("right of numbers, left of others").
			Doc("Of fixed width: where the value stands in a field that is longer than it.")
		o.String("fill", &w.fill).At(&w.fillAt).Default("0 of numbers, a blank of others").
			Doc("Of fixed width: the character that fills the rest of the field.")
		o.Bool("packed", &w.packed).At(&w.packedAt).Default("false").
			Doc("Of fixed width: a packed decimal (COMP-3): two digits a byte, the sign in the last half.")
	}
	o.Text("date", &w.date).
		Doc("The form of a day or a moment, as of the function parseDate; the field is a date, or if the form has a time a " +
			"date-time-local, with zone a date-time.").
		Example("dd/MM/yyyy")
	o.Text("language", &w.language).Doc("The language of names of months in date: it or en.")
	o.Text("zone", &w.zone).Doc("By which clocks a moment in the form of date is read: its value has an offset then, and none without it.").
		Example("Europe/Rome")
	o.Int("decimals", &w.decimals).Range(0, 18).At(&w.decimalsAt).Doc("Of fixed width: how many of the digits stand after the point, " +
		"which is not written. Of CSV: how many are written, and how many there may be.")
	o.Enum("sign", &w.sign, signLeading, signTrailing, signOverpunch).At(&w.signAt).Doc("Where the sign of a number stands. leading, " +
		"trailing: + or - (or a blank for +) as the first or last character. overpunch: it is part of the last digit, as } or K.")
	o.Texts("empty", &w.empty).Doc("What stands for a value that is not there, as 00000000 of a date, beside blanks alone.")
	o.String("yes", &w.yes).At(&w.yesAt).Default("true").Doc("What is written for true.").Example("S")
	o.String("no", &w.no).Default("false").Doc("What is written for false.").Example("N")
}

// fieldWordsOf declares the words of a field for the reference page.
func fieldWordsOf(keys []string) func(*spec.Object) {
	return func(o *spec.Object) { (&fieldWords{}).spec(o, keys) }
}

// fieldSchema describes a field to editors.
func fieldSchema() spec.Schema {
	s := typing.Schema()
	s["description"] = "A schema of a single value, with the words of the format: column (CSV), at, length, align, fill, packed (fixed " +
		"width), date, decimals, sign, empty, yes, no."
	return s
}

// column is one compiled field.
type column struct {
	name    string
	at      int // the first octet, from 0; of CSV the place of the field in the order of the fields
	length  int
	header  string
	t       *schema.Type
	checker *schema.Checker // nil if the type has no constraint
	need    bool            // the column must be in the header
	right   bool
	fill    byte
	number  numeral
	packed  bool
	date    *funcs.DateForm
	zone    *time.Location // of a moment; nil for none
	digits  []datePart     // of a form with digits alone, nil otherwise
	empty   []string
	yes, no string
	figure  *figure // of a trailer
}

// reader of fields of one format, while it is compiled.
type compiler struct {
	d     *Declaration
	types *typing.Reader
	out   *diag.List
	chars *charset
	keys  []string
	point byte
	group byte
}

// column compiles a field. Nil if it is invalid.
func (c *compiler) column(e entry) *column {
	if e.value.Kind != config.NodeMap {
		e.value.Report(c.out, diag.WrongType, "%s: found %s, expected the field's schema", e.key.Value, e.value.Found()).
			WithHint("for example { type: string }")
		return nil
	}
	own := &config.Node{Kind: config.NodeMap, Text: e.value.Text}
	rest := &config.Node{Kind: config.NodeMap, Text: e.value.Text}
	for _, x := range e.value.Entries {
		if in(c.keys, x.Key.Value) {
			own.Entries = append(own.Entries, x)
		} else {
			rest.Entries = append(rest.Entries, x)
		}
	}
	w := &fieldWords{decimals: -1, required: true, yes: "true", no: "false", column: e.key.Value}
	problems := &diag.List{}
	spec.Decode(own, problems, func(o *spec.Object) { w.spec(o, c.keys) })
	failed := problems.Failed()
	c.out.Join(problems)
	w.imply(rest)
	t := c.types.Read(rest, c.keys...)
	if failed || t.Kind == schema.KindUnknown {
		return nil
	}
	return c.ready(e, w, t)
}

// imply sets the type that the keys of the format imply where the schema declares none.
func (w *fieldWords) imply(n *config.Node) {
	for _, word := range []string{"type", "$ref", "oneOf", "anyOf", "allOf", "enum", "const"} {
		if n.Get(word) != nil {
			return
		}
	}
	say := func(key, value string) {
		text := config.Text{Value: value, Pos: n.Pos()}
		n.Entries = append(n.Entries, config.Entry{
			Key: config.Text{Value: key, Pos: n.Pos()}, Value: &config.Node{Kind: config.NodeText, Text: text},
		})
	}
	switch {
	case w.date.Value != "":
		say("type", "string")
		if n.Get("format") == nil {
			kind := "date"
			if form, err := funcs.NewDateForm(w.date.Value, w.language.Value); err == nil && form.Timed() {
				if kind = "date-time-local"; w.zone.Value != "" {
					kind = "date-time"
				}
			}
			say("format", kind)
		}
	case w.decimals > 0:
		say("type", "number")
	case w.packed || w.sign != "" || w.decimals == 0:
		say("type", "integer")
	default:
		say("type", "string")
	}
}

// ready checks what is declared for a field against its type.
func (c *compiler) ready(e entry, w *fieldWords, read *schema.Type) *column {
	t := *read
	f := &column{
		name: e.key.Value, header: w.column, length: w.length, at: w.at - 1, need: w.required, packed: w.packed, yes: w.yes, no: w.no, t: &t,
	}
	for _, word := range w.empty {
		t.Nullable = true
		f.empty = append(f.empty, word.Value)
	}
	f.right = w.align == "right" || w.align == "" && f.numeric()
	if !c.fits(f, w, e) || !c.dateOf(f, w) || !c.fillOf(f, w) {
		return nil
	}
	if w.decimals >= 0 && t.Fraction == nil {
		t.Fraction = &w.decimals
	}
	f.number = numeral{point: c.point, group: c.group, decimals: w.decimals, sign: w.sign, whole: t.Kind == schema.KindInt, chars: c.chars}
	f.number.implied = !c.csv() && (w.decimals >= 0 || f.number.whole)
	checked := t
	if w.decimals >= 0 && t.Fraction == &w.decimals {
		checked.Fraction = nil // the numeral checks it
	}
	if constrained(&checked) {
		f.checker = schema.NewChecker(&checked)
	}
	return f
}

// wrong reports what is wrong with a field.
func (c *compiler) wrong(f *column, pos diag.Pos, format string, args ...any) *diag.Problem {
	return c.out.Report(diag.BadValue, pos, f.name+": "+format, args...)
}

// fits reports keys of a field that do not go with its type.
func (c *compiler) fits(f *column, w *fieldWords, e entry) bool {
	switch {
	case !supported(f.t.Kind):
		c.wrong(f, e.key.Pos, "found %s, expected a text, a number, a date, a time or a boolean", f.t.NotNull()).
			WithHint("a field of such a file is a single value")
	case w.decimals >= 0 && !f.numeric():
		c.wrong(f, w.decimalsAt, "decimals belongs to numbers, and the field is %s", schema.Article(f.t)).WithHint("write type: number")
	case w.decimals > 0 && f.t.Kind == schema.KindInt:
		c.wrong(f, w.decimalsAt, "found %d decimals of an integer", w.decimals).WithHint("write type: number")
	case w.sign != "" && w.packed:
		c.wrong(f, w.signAt, "found a sign of a packed number, which has its sign in its last half byte").WithHint("leave out sign")
	case w.sign != "" && !f.numeric():
		c.wrong(f, w.signAt, "sign belongs to numbers, and the field is %s", schema.Article(f.t)).WithHint("write type: integer or type: number")
	case w.packed && !f.numeric():
		c.wrong(f, w.packedAt, "packed belongs to numbers, and the field is %s", schema.Article(f.t)).WithHint("write type: number")
	case f.t.Kind == schema.KindBool && w.yes == w.no:
		c.wrong(f, w.yesAt, "found %q as yes and as no, expected them to differ", w.yes)
	default:
		return true
	}
	return false
}

// fillOf reads what fills the rest of a field.
func (c *compiler) fillOf(f *column, w *fieldWords) bool {
	fill := w.fill
	if fill == "" {
		if fill = " "; f.numeric() && f.right && !c.csv() {
			fill = "0"
		}
	}
	octets, ok := c.chars.append(nil, fill)
	if !ok || len(octets) != 1 {
		c.wrong(f, w.fillAt, "found the fill %q, expected one character of one byte", fill)
		return false
	}
	if digit := fill[0] >= '0' && fill[0] <= '9'; digit && f.numeric() && !(f.right && fill == "0") {
		c.wrong(f, w.fillAt, "found the fill %q, which changes the number", fill).
			WithHint("a number is filled with zeros before it, or with blanks")
		return false
	}
	f.fill = octets[0]
	return true
}

func (c *compiler) csv() bool { return c.d.csv != nil }

// dateOf reads the form of a date.
func (c *compiler) dateOf(f *column, w *fieldWords) bool {
	switch {
	case w.date.Value == "" && w.language.Value != "":
		c.wrong(f, w.language.Pos, "language belongs to date")
		return false
	case w.date.Value == "" && w.zone.Value != "":
		c.wrong(f, w.zone.Pos, "zone belongs to date")
		return false
	case w.date.Value == "":
		return true
	case w.language.Value != "" && !funcs.HasLanguage(w.language.Value):
		c.wrong(f, w.language.Pos, "there are no names of months in the language %q; expected it or en", w.language.Value)
		return false
	}
	form, err := funcs.NewDateForm(w.date.Value, w.language.Value)
	if err != nil {
		c.wrong(f, w.date.Pos, "%s", err)
		return false
	}
	if !c.formFits(f, w, form.Timed()) {
		return false
	}
	if w.zone.Value != "" {
		if f.zone, err = schema.Location(w.zone.Value); err != nil {
			c.wrong(f, w.zone.Pos, "%s", err)
			return false
		}
	}
	if f.date = form; !form.Timed() {
		f.digits = dateDigits(w.date.Value)
	}
	return true
}

// formFits reports whether the form of a date, which has a time of day or none, is one of the field's type.
func (c *compiler) formFits(f *column, w *fieldWords, timed bool) bool {
	switch {
	case timed && f.t.Kind == schema.KindDate:
		c.wrong(f, w.date.Pos, "the form %q has a time of day, and a date has none", w.date.Value).
			WithHint("leave out type, or write { type: string, format: date-time-local }")
	case timed && w.zone.Value == "" && f.t.Kind == schema.KindDateTime:
		c.wrong(f, w.date.Pos, "the form %q says no offset, and a date-time has one", w.date.Value).
			WithHint("write zone: Europe/Rome if those are its clocks, or { type: string, format: date-time-local }")
	case timed && w.zone.Value != "" && f.t.Kind == schema.KindDateTimeLocal:
		c.wrong(f, w.zone.Pos, "zone makes the field a date-time, and it is %s", schema.Article(f.t)).WithHint("leave out type, or zone")
	case timed && f.t.Kind != schema.KindDateTime && f.t.Kind != schema.KindDateTimeLocal, !timed && f.t.Kind != schema.KindDate:
		c.wrong(f, w.date.Pos, "date is the form of a day or a moment, and the field is %s", schema.Article(f.t)).WithHint("leave out type")
	case !timed && w.zone.Value != "":
		c.wrong(f, w.zone.Pos, "zone belongs to moments, and the form %q has no time of day", w.date.Value)
	default:
		return true
	}
	return false
}

func supported(k schema.Kind) bool {
	switch k {
	case schema.KindText, schema.KindInt, schema.KindDecimal, schema.KindBool, schema.KindDate, schema.KindTime, schema.KindDateTime,
		schema.KindTimeLocal, schema.KindDateTimeLocal:
		return true
	}
	return false
}

func constrained(t *schema.Type) bool {
	return len(t.Enum) > 0 || t.Pattern != "" || t.Format != "" || t.MinLength != nil || t.MaxLength != nil || t.Minimum != nil ||
		t.Maximum != nil || t.Digits != nil || t.Fraction != nil
}

func in(words []string, word string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}

// names lists the columns' names for "did you mean".
func headers(columns []*column) string {
	var all []string
	for _, c := range columns {
		all = append(all, c.header)
	}
	return strings.Join(all, ", ")
}
