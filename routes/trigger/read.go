package trigger

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"fondaco/schema"
)

// read takes the text of a parameter for a value of type t. A text that is not one stays text: the check of the type
// says then what was expected. Nothing is guessed: a number has JSON's form, a boolean is true or false.
func read(text string, t *schema.Type) schema.Value {
	switch t.Kind {
	case schema.KindBool:
		switch text {
		case "true":
			return schema.Bool(true)
		case "false":
			return schema.Bool(false)
		}
	case schema.KindInt:
		if v, err := schema.ParseInt(text); err == nil {
			return v
		}
	case schema.KindDecimal:
		if v, err := schema.ParseDecimal(text); err == nil {
			return v
		}
	case schema.KindDate, schema.KindTime, schema.KindDateTime, schema.KindDuration, schema.KindDateTimeLocal, schema.KindTimeLocal:
		if v, err := schema.ParseText(text, t); err == nil {
			return v
		}
	}
	return schema.Text(text)
}

// unescape decodes a part of a query. It refuses broken escapes, bytes that are not UTF-8 and the character NUL.
func unescape(s string) (string, bool) {
	if strings.ContainsAny(s, "%+") {
		var err error
		if s, err = url.QueryUnescape(s); err != nil {
			return "", false
		}
	}
	return s, utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}
