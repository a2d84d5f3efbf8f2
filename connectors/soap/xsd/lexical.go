package xsd

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// lexical says how a simple type is written: how its text becomes a value, and back.
type lexical struct {
	form form
	t    *schema.Type   // with the constraints of the facets
	item *lexical       // of a list
	wire *written       // what is written is held to it, nil for nothing
	re   *regexp.Regexp // how numbers and dates must be written, nil for any way
}

var errForm = errors.New("a value written in the form that the schema asks for")

// form is the way in which a built-in type is written.
type form uint8

const (
	formString form = iota // white space counts
	formLine               // white space becomes blanks
	formToken              // white space is collapsed
	formBool
	formInt
	formBigInt
	formDecimal
	formFloat
	formDate
	formTime
	formDateTime
	formDuration
	formBase64
	formHex
	formList
	formReference // swaRef: the address of an attachment
	formQName     // a name in a namespace
)

// short reports whether values of the form are numbers, dates and the like, and no texts or octets.
func (f form) short() bool {
	switch f {
	case formString, formLine, formToken, formQName, formBase64, formHex, formList, formReference:
		return false
	}
	return true
}

// longestWord is how long a number, a date or a duration may be written.
const longestWord = schema.MaxDigits + 24

// parse reads a value. The error says what was expected, never what was there.
func (l *lexical) parse(s string) (schema.Value, error) {
	if l.foreign(s) {
		return schema.Value{}, l.wire.expected
	}
	return l.ofForm(s)
}

// ofForm reads a value of the type's own form.
func (l *lexical) ofForm(s string) (schema.Value, error) {
	switch l.form {
	case formString:
		return schema.Text(s), nil
	case formLine:
		return schema.Text(line(s)), nil
	}
	s = Collapse(s)
	if len(s) > longestWord && l.form.short() {
		return schema.Value{}, errors.New("a value of at most " + strconv.Itoa(longestWord) + " characters")
	}
	if l.re != nil && !schema.MatchWithin(l.re, s) {
		return schema.Value{}, errForm
	}
	switch l.form {
	case formBool:
		switch s {
		case "true", "1":
			return schema.Bool(true), nil
		case "false", "0":
			return schema.Bool(false), nil
		}
		return schema.Value{}, errors.New("true or false")
	case formInt, formBigInt, formDecimal, formFloat:
		return l.form.number(s)
	case formDate:
		return expected(schema.ParseXMLDate(s))
	case formTime:
		return expected(schema.ParseText(dated(l.form, s), l.t))
	case formDateTime:
		return expected(schema.ParseText(dated(l.form, s), l.t))
	case formDuration:
		return expected(schema.ParseDuration(s))
	case formBase64:
		return ParseBase64(s)
	case formHex:
		b, err := hex.DecodeString(s)
		if err != nil {
			return schema.Value{}, errors.New("octets in hexadecimal")
		}
		return schema.Bytes(b), nil
	case formList:
		var items []schema.Value
		for _, word := range strings.Fields(s) {
			v, err := l.item.parse(word)
			if err != nil {
				return v, err
			}
			items = append(items, v)
		}
		return schema.List(items), nil
	}
	return schema.Text(s), nil
}

// number reads a number of one of the forms that numbers have.
func (f form) number(s string) (schema.Value, error) {
	switch {
	case f == formFloat && !finite(s):
		return schema.Value{}, errors.New("a number: INF and NaN are none, and the type does not admit null")
	case f == formFloat:
		v, err := schema.ParseDecimal(s)
		if err != nil {
			return v, errors.New("a number")
		}
		return v, nil
	case f == formDecimal && !decimalForm(s, true):
		return schema.Value{}, errors.New("a decimal number, as -12.50")
	case f != formDecimal && !decimalForm(s, false):
		return schema.Value{}, errors.New("a whole number")
	case f != formInt:
		return schema.ParseDecimal(s)
	}
	v, err := schema.ParseInt(s)
	if err != nil {
		return v, errors.New("a whole number of 64 bits")
	}
	return v, nil
}

// expected takes the first word off schema's errors: violations put it there themselves.
func expected(v schema.Value, err error) (schema.Value, error) {
	if err != nil {
		return v, errors.New(strings.TrimPrefix(err.Error(), "expected "))
	}
	return v, nil
}

// ParseBase64 returns the octets that a text in base64 stands for; blanks in it are passed over. The error says what was expected.
func ParseBase64(s string) (schema.Value, error) {
	if strings.IndexByte(s, ' ') >= 0 {
		s = strings.ReplaceAll(s, " ", "")
	}
	if len(s)%4 != 0 {
		return schema.Value{}, errors.New("octets in base64")
	}
	var room [768]byte
	for rest := s; rest != ""; {
		n := min(len(rest), 1024)
		part := rest[:n]
		rest = rest[n:]
		if _, err := base64.StdEncoding.Strict().Decode(room[:], []byte(part)); err != nil || rest != "" && part[n-1] == '=' {
			return schema.Value{}, errors.New("octets in base64")
		}
	}
	return schema.BytesBase64(s), nil
}

// decimalForm reports whether s is written as xs:decimal wants: a sign, digits, perhaps a point; no exponent.
func decimalForm(s string, point bool) bool {
	if s != "" && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	digits := 0
	for i := range len(s) {
		switch {
		case s[i] >= '0' && s[i] <= '9':
			digits++
		case s[i] == '.' && point:
			point = false
		default:
			return false
		}
	}
	return digits > 0
}

func blank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// Collapse takes white space off both ends of a text, and makes one blank of each run of it in between (XML Schema Part 2, §4.3.6).
func Collapse(s string) string {
	for s != "" && blank(s[0]) {
		s = s[1:]
	}
	for s != "" && blank(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	for i := range len(s) {
		if s[i] != ' ' && blank(s[i]) || s[i] == ' ' && s[i+1] == ' ' {
			return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r < 0x80 && blank(byte(r)) }), " ")
		}
	}
	return s
}

func line(s string) string {
	if !strings.ContainsAny(s, "\t\n\r") {
		return s
	}
	return strings.NewReplacer("\t", " ", "\n", " ", "\r", " ").Replace(s)
}

var errCharacters = errors.New("text without control characters: XML cannot hold them")

// append writes a value as text of an element, or of an attribute.
func (l *lexical) append(dst []byte, v schema.Value, attribute bool) ([]byte, error) {
	switch v.Kind() {
	case schema.KindBool:
		return l.truth(dst, v.Bool())
	case schema.KindInt, schema.KindDecimal:
		if l.t.Kind != schema.KindInt && l.t.Kind != schema.KindDecimal && l.t.Kind != schema.KindText {
			return dst, errors.New(schema.Article(l.t))
		}
		return l.number(dst, v)
	case schema.KindBytes:
		if l.form == formHex {
			return fmt.Appendf(dst, "%X", schema.Octets(v)), nil // the canonical form (XML Schema Part 2, §3.2.15.2)
		}
		return append(dst, schema.Base64(v)...), nil
	case schema.KindList:
		if l.item == nil {
			return dst, errors.New(schema.Article(l.t))
		}
		for i, x := range v.Items() {
			if i > 0 {
				dst = append(dst, ' ')
			}
			var err error
			if dst, err = l.item.append(dst, x, attribute); err != nil {
				return dst, err
			}
		}
		return dst, nil
	case schema.KindText, schema.KindDate, schema.KindTime, schema.KindDateTime, schema.KindDuration, schema.KindDateTimeLocal,
		schema.KindTimeLocal:
		s := v.Str()
		if !codec.XMLTextOK(s) {
			return dst, errCharacters
		}
		if v.Kind() == schema.KindText && l.t.Kind != schema.KindText {
			// samples and open values hold everything as text: what is written must be what the schema says
			if _, err := l.parse(s); err != nil {
				return dst, err
			}
		}
		if err := l.fitting(s); err != nil {
			return dst, err
		}
		if attribute {
			return codec.AppendXMLAttr(dst, s), nil
		}
		return codec.AppendXMLText(dst, s), nil
	}
	return dst, errors.New(schema.Article(l.t))
}

// truth writes a boolean, as a digit where the schema asks for that (SOAP 1.1's mustUnderstand, §4.2.3).
func (l *lexical) truth(dst []byte, yes bool) ([]byte, error) {
	word, digit := "false", byte('0')
	if yes {
		word, digit = "true", '1'
	}
	switch {
	case l.re == nil || l.re.MatchString(word):
		return append(dst, word...), nil
	case l.re.Match([]byte{digit}):
		return append(dst, digit), nil
	}
	return dst, errForm
}

// mostZeros is how many zeros a number gets at most so that it is written as its schema wants.
const mostZeros = 10

// number writes a number; where the schema asks for a form, as two digits after the point, zeros are added to fit it.
func (l *lexical) number(dst []byte, v schema.Value) ([]byte, error) {
	start := len(dst)
	dst = schema.AppendNumber(dst, v)
	if l.re == nil || l.re.Match(dst[start:]) {
		return dst, nil
	}
	if v.Kind() == schema.KindInt || bytes.IndexByte(dst[start:], '.') < 0 {
		dst = append(dst, '.')
	}
	for range mostZeros {
		if dst = append(dst, '0'); l.re.Match(dst[start:]) {
			return dst, nil
		}
	}
	return dst, errForm
}
