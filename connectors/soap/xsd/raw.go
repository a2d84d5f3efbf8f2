package xsd

import (
	"errors"
	"slices"
	"strings"

	"fondaco/transform/codec"
)

// raw appends the content of the element whose start was the last step, as XML that stands by itself: every element
// says its namespace where it differs from that of the one around it, and the namespaces that its values and texts use by their
// prefixes, as xsi:type="xsd:int".
func (r *Reading) raw(dst []byte) ([]byte, error) {
	dst, _, err := r.rawIn(dst, "", nil)
	return dst, err
}

// prefixes are those that were declared, the innermost first.
type prefixes struct {
	prefix, space string
	up            *prefixes
}

// rawIn appends content; needs are the prefixes that its own texts use, and that are not declared around it.
func (r *Reading) rawIn(dst []byte, around string, known *prefixes) (_ []byte, needs *prefixes, err error) {
	for {
		kind, err := r.Scanner.Next()
		if err != nil {
			return dst, nil, err
		}
		switch kind {
		case codec.XMLText:
			text := r.Scanner.Text()
			dst = codec.AppendXMLText(dst, text)
			needs = r.uses(text, known, needs)
		case codec.XMLStart:
			if dst, err = r.wholeIn(dst, around, known); err != nil {
				return dst, nil, err
			}
		default:
			return dst, needs, nil
		}
	}
}

// whole appends the element whose start was the last step, with its content.
func (r *Reading) whole(dst []byte) ([]byte, error) { return r.wholeIn(dst, "", nil) }

func (r *Reading) wholeIn(dst []byte, around string, known *prefixes) ([]byte, error) {
	space, local := r.Scanner.Name()
	dst = append(append(dst, '<'), local...)
	if space != around {
		dst = append(codec.AppendXMLAttr(append(dst, ` xmlns="`...), space), '"')
	}
	var needs *prefixes
	for _, a := range r.Scanner.Attrs() {
		needs = r.uses(a.Value, known, needs)
	}
	dst = needs.declare(dst)
	next := 0
	for _, a := range r.Scanner.Attrs() {
		value := a.Value
		if a.Space == InstanceSpace && a.Local == "type" && !strings.Contains(value, ":") {
			if own, _ := r.Scanner.Lookup(""); own != space && own != "" { // a name without a prefix means another namespace here
				prefix := r.free(&next)
				dst = append(codec.AppendXMLAttr(append(dst, " xmlns:"+prefix+`="`...), own), '"')
				value = prefix + ":" + Collapse(value)
			}
		}
		dst = r.attribute(dst, a, value, &next)
	}
	at := len(dst) // where what texts need is declared
	dst = append(dst, '>')
	for x := needs; x != nil; x = x.up {
		known = &prefixes{x.prefix, x.space, known}
	}
	dst, late, err := r.rawIn(dst, space, known)
	if err != nil {
		return dst, err
	}
	if late != nil {
		dst = slices.Insert(dst, at, late.declare(nil)...)
	}
	dst = append(append(dst, "</"...), local...)
	return append(dst, '>'), nil
}

// attribute appends an attribute with a value.
func (r *Reading) attribute(dst []byte, a codec.XMLAttr, value string, next *int) []byte {
	dst = append(dst, ' ')
	switch a.Space {
	case "":
	case xmlSpace:
		dst = append(dst, "xml:"...)
	default:
		prefix := r.free(next)
		dst = append(append(append(dst, "xmlns:"...), prefix...), `="`...)
		dst = append(codec.AppendXMLAttr(dst, a.Space), `" `...)
		dst = append(append(dst, prefix...), ':')
	}
	dst = append(append(dst, a.Local...), `="`...)
	return append(codec.AppendXMLAttr(dst, value), '"')
}

// free returns a prefix that nothing is bound to where the scanner stands, and that was not given out for the element.
func (r *Reading) free(next *int) string {
	for {
		prefix := string([]byte{'a', byte('a' + *next%26), byte('a' + *next/26%26)})
		*next++
		if _, taken := r.Scanner.Lookup(prefix); !taken || *next > 26*26 {
			return prefix
		}
	}
}

// uses adds to needs the prefixes in a text that are bound where the scanner stands, and not declared alike in what was written.
func (r *Reading) uses(text string, known, needs *prefixes) *prefixes {
	for rest := text; ; {
		colon := strings.IndexByte(rest, ':')
		if colon < 0 {
			return needs
		}
		begin := colon
		for begin > 0 && nameByte(rest[begin-1]) {
			begin--
		}
		prefix := rest[begin:colon]
		rest = rest[colon+1:]
		if prefix == "" || prefix == "xml" || rest == "" || !nameByte(rest[0]) {
			continue
		}
		if space, ok := r.Scanner.Lookup(prefix); ok && !known.has(prefix, space) && !needs.has(prefix, space) {
			needs = &prefixes{prefix, space, needs}
		}
	}
}

// nameByte reports whether a byte may stand in a name, without its colon.
func nameByte(c byte) bool {
	return c >= 0x80 || c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_' || c == '-' || c == '.'
}

// has reports whether a prefix is bound to a namespace.
func (b *prefixes) has(prefix, space string) bool {
	for ; b != nil; b = b.up {
		if b.prefix == prefix {
			return b.space == space
		}
	}
	return false
}

// declare appends the declarations of the prefixes.
func (b *prefixes) declare(dst []byte) []byte {
	for ; b != nil; b = b.up {
		dst = append(codec.AppendXMLAttr(append(dst, " xmlns:"+b.prefix+`="`...), b.space), '"')
	}
	return dst
}

var errRaw = errors.New("text that is well-formed XML inside of an element")

// checkRaw reports whether a text may stand inside of an element as it is: nothing in it closes what it did not open.
func checkRaw(s string) error {
	scan := codec.NewXMLScanner([]byte("<x>"+s+"</x>"), codec.XMLOptions{})
	for {
		kind, err := scan.Next()
		if err != nil {
			return errRaw
		}
		if kind == codec.XMLEOF {
			return nil
		}
	}
}
