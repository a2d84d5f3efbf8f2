package soap

import (
	"errors"

	"fondaco/transform/codec"
)

// raw appends the content of the element whose start was the last step, as XML that stands by itself: every element
// says its namespace where it differs from that of the one around it.
func (r *reading) raw(dst []byte) ([]byte, error) { return r.rawIn(dst, "") }

func (r *reading) rawIn(dst []byte, around string) ([]byte, error) {
	for {
		kind, err := r.s.Next()
		if err != nil {
			return dst, err
		}
		switch kind {
		case codec.XMLText:
			dst = codec.AppendXMLText(dst, r.s.Text())
		case codec.XMLStart:
			if dst, err = r.wholeIn(dst, around); err != nil {
				return dst, err
			}
		default:
			return dst, nil
		}
	}
}

// whole appends the element whose start was the last step, with its content.
func (r *reading) whole(dst []byte) ([]byte, error) { return r.wholeIn(dst, "") }

func (r *reading) wholeIn(dst []byte, around string) ([]byte, error) {
	space, local := r.s.Name()
	dst = append(append(dst, '<'), local...)
	if space != around {
		dst = append(codec.AppendXMLAttr(append(dst, ` xmlns="`...), space), '"')
	}
	for i, a := range r.s.Attrs() {
		dst = append(dst, ' ')
		switch a.Space {
		case "":
		case xmlSpace:
			dst = append(dst, "xml:"...)
		default:
			prefix := string(append([]byte{'a'}, byte('a'+i%26), byte('a'+i/26)))
			dst = append(append(append(dst, "xmlns:"...), prefix...), `="`...)
			dst = append(codec.AppendXMLAttr(dst, a.Space), `" `...)
			dst = append(append(dst, prefix...), ':')
		}
		dst = append(append(dst, a.Local...), `="`...)
		dst = append(codec.AppendXMLAttr(dst, a.Value), '"')
	}
	dst = append(dst, '>')
	dst, err := r.rawIn(dst, space)
	if err != nil {
		return dst, err
	}
	dst = append(append(dst, "</"...), local...)
	return append(dst, '>'), nil
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
