package rest

import (
	"net/url"
	"strconv"
	"unicode/utf8"

	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/funcs"
)

// encoded returns a body, which is UTF-8, in the charset of its media type, of limit bytes at most. What the charset does not have is
// escaped in JSON and XML; of other bodies inCharset has looked at it.
func (m *media) encoded(body []byte, limit int) ([]byte, error) {
	if m.charset != nil {
		var escape func([]byte, rune) []byte
		switch m.kind {
		case asJSON, asLines:
			escape = codec.EscapeJSON
		case asXML:
			escape = codec.EscapeXML
		}
		body = m.charset.Append(make([]byte, 0, len(body)), body, escape)
	}
	if len(body) > limit {
		return nil, &codec.LimitError{Limit: limit}
	}
	return body, nil
}

// inCharset returns a Violation at the first text of v that a charset does not have, nil if it has all. v stands under the names.
func inCharset(charset *codec.Charset, v schema.Value, under ...string) error {
	if charset == nil {
		return nil
	}
	wrong := notIn(charset, v)
	if len(wrong) == 0 && !charset.Has(last(under)) {
		wrong = violation(charset)
	}
	if len(wrong) == 0 {
		return nil
	}
	for i := len(under) - 1; i >= 0; i-- {
		wrong = schema.Under(wrong, under[i])
	}
	return wrong
}

func last(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1]
}

func violation(charset *codec.Charset) schema.Violations {
	return schema.Violations{{Code: "format", Expected: "characters of " + charset.Name, Found: "other ones"}}
}

func notIn(charset *codec.Charset, v schema.Value) (wrong schema.Violations) {
	switch v.Kind() {
	case schema.KindAbsent, schema.KindNull, schema.KindBytes:
	case schema.KindList:
		for i, item := range v.Items() {
			if wrong := notIn(charset, item); wrong != nil {
				return schema.Under(wrong, strconv.Itoa(i))
			}
		}
	case schema.KindRecord, schema.KindMap:
		_ = eachField(v, func(key string, field schema.Value) error {
			if wrong != nil || field.IsAbsent() {
				return nil
			}
			if wrong = notIn(charset, field); wrong == nil && !charset.Has(key) {
				wrong = violation(charset)
			}
			if wrong != nil {
				wrong = schema.Under(wrong, key)
			}
			return nil
		})
	default:
		if !charset.Has(funcs.Print(v)) {
			return violation(charset)
		}
	}
	return wrong
}

// formUTF8 returns a form whose octets, percent-encoded or not, are of a charset as one in UTF-8, and the charset that is to be read
// further: the same one where its characters have not one octet each.
func formUTF8(body []byte, charset string) (form []byte, left string) {
	known, err := codec.CharsetOf(charset)
	page, narrow := known.Characters()
	if err != nil || !narrow {
		return body, charset
	}
	form = make([]byte, 0, len(body))
	for i := 0; i < len(body); i++ {
		octet := body[i]
		if octet == '%' && i+2 < len(body) && hexDigit(body[i+1]) && hexDigit(body[i+2]) {
			n, _ := strconv.ParseUint(string(body[i+1:i+3]), 16, 8)
			if octet = byte(n); octet < utf8.RuneSelf {
				form = append(form, body[i:i+3]...)
				i += 2
				continue
			}
			i += 2
		}
		if octet < utf8.RuneSelf {
			form = append(form, octet)
			continue
		}
		form = append(form, url.QueryEscape(string(page[octet]))...)
	}
	return form, ""
}
