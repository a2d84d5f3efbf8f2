package soap

import (
	"errors"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// reading is the decoding of one message.
type reading struct {
	s        *codec.XMLScanner
	arena    schema.Arena
	strict   bool // elements that the schema does not know are refused, not passed over
	loose    bool // names count without their namespaces, in any order, and what is required may be missing
	tolerant bool // as the connector says: what is not right in one field loses that field, and not the answer
	ended    bool // the end of the content was read already
	begun    bool // the start of the next element was read already

	placed    int // how many elements stand at places of their contents
	tolerated int // how often something was not as the schema says

	parts map[string][]byte // what came beside the envelope

	extra []extra // header entries and attachments, for fields of the first record
}

// extra is a value that a record holds beside those of its element.
type extra struct {
	slot int
	v    schema.Value
}

// fill puts what came beside the element into the slots of the first record.
func (r *reading) fill(slots []schema.Value) {
	for _, x := range r.extra {
		slots[x.slot] = x.v
	}
	r.extra = nil
}

func violation(code, expected, found string) error {
	return &schema.Violation{Code: code, Expected: expected, Found: found}
}

// within puts a step before the path of a violation.
func within(err error, step string) error {
	var v *schema.Violation
	if errors.As(err, &v) {
		v.Path = "/" + step + v.Path
	}
	return err
}

func first(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// text reads character data up to the end of the element.
func (r *reading) text() (text string, err error) {
	err = r.pieces(&text, func() error { return violation("type", "text", "an element") })
	return text, err
}

// pieces reads character data up to the end of the element; inner is called with each element inside, and must read it
// to its end.
func (r *reading) pieces(text *string, inner func() error) error {
	for {
		kind, err := r.s.Next()
		if err != nil {
			return err
		}
		switch kind {
		case codec.XMLText:
			if *text == "" {
				*text = r.s.Text()
			} else {
				*text += r.s.Text()
			}
		case codec.XMLEnd:
			return nil
		default:
			if err := inner(); err != nil {
				return err
			}
		}
	}
}
