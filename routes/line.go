package routes

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"

	"fondaco/connectors/mask"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
	"fondaco/transform/funcs"
)

// mostLogged is how many bytes of text one line of the log has: the message and the fields, with their names.
const mostLogged = 8 << 10

// line is a line of the log in the making: first all its values are looked at, so that what is hidden in one is hidden in
// the others too, then it is written.
type line struct {
	hiding hiding
	text   strings.Builder
	names  []string
	values []schema.Value
	left   int
}

func newLine() *line { return &line{hiding: hiding{mask: noMask()}, left: mostLogged} }

// value computes a value and hides what people may not see of it. One that cannot be computed is a text that says so.
func (l *line) value(f *expr.Frame, g logged) schema.Value {
	v, err := g.eval(f)
	if err == nil {
		err = f.SpendDeep(v)
	}
	if err == nil {
		return l.hiding.shown(v, []*schema.Type{g.typ})
	}
	var known *expr.Failure // which never holds a value
	if errors.As(err, &known) {
		return schema.Text("(not computed: " + known.Error() + ")")
	}
	return schema.Text("(not computed)")
}

// say adds a piece of the message.
func (l *line) say(f *expr.Frame, g logged) { l.text.WriteString(printed(l.value(f, g))) }

// add adds a field, unless it is nil.
func (l *line) add(f *expr.Frame, g logged) {
	if v := l.value(f, g); !v.IsNil() {
		l.names, l.values = append(l.names, g.name), append(l.values, v)
	}
}

// end returns the message and the fields, cut to what a line may have.
func (l *line) end() (text string, fields []slog.Attr) {
	if l.hiding.learned > mostLearned { // what is hidden might stand elsewhere too, and that cannot be looked for
		return fmt.Sprintf("(not shown: more than %d values are personal, secret or of no type)", mostLearned), nil
	}
	text = l.cut(l.hiding.mask.Text(l.text.String()))
	shown := l.hiding.mask.Shown(schema.MapOf(&schema.Map{Keys: l.names, Values: l.values})).Map()
	for i, name := range shown.Keys {
		if l.left -= len(name); l.left <= 0 {
			return text, append(fields, slog.String("...", fmt.Sprintf("%d more fields", len(shown.Keys)-i)))
		}
		fields = append(fields, slog.Attr{Key: name, Value: l.attr(shown.Values[i])})
	}
	return text, fields
}

// attr returns a value as the log has it: what has parts, and numbers that 64 bits do not hold exactly, as text.
func (l *line) attr(v schema.Value) slog.Value {
	switch v.Kind() {
	case schema.KindBool:
		return slog.BoolValue(v.Bool())
	case schema.KindInt:
		if text := printed(v); l.hiding.mask.Text(text) != text {
			return slog.StringValue(mask.Hidden)
		}
		return slog.Int64Value(v.Int())
	}
	return slog.StringValue(l.cut(l.hiding.mask.Text(printed(v))))
}

// cut returns as much of a text as the line has room for.
func (l *line) cut(text string) string {
	if len(text) <= l.left {
		l.left -= len(text)
		return text
	}
	end := max(l.left, 0)
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	l.left = 0
	return text[:end] + fmt.Sprintf("... (%d of %d bytes)", end, len(text))
}

// printed returns a value as it stands in a text; what has parts as JSON.
func printed(v schema.Value) string {
	switch v.Kind() {
	case schema.KindAbsent, schema.KindNull:
		return ""
	case schema.KindList, schema.KindMap, schema.KindRecord:
		return string(codec.AppendJSON(nil, v))
	}
	return funcs.Print(v)
}
