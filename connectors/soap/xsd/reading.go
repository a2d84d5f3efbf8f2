package xsd

import (
	"errors"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// Reading is the decoding of one message. Not safe for concurrent use.
type Reading struct {
	Scanner  *codec.XMLScanner
	arena    schema.Arena
	Strict   bool // elements that the schema does not know are refused, not passed over
	Loose    bool // names count without their namespaces, in any order, and what is required may be missing
	Tolerant bool // as the connector says: what is not right in one field loses that field, and not the answer
	ended    bool // the end of the content was read already
	begun    bool // the start of the next element was read already

	Placed    int // how many elements stand at places of their contents
	Tolerated int // how often something was not as the schema says

	Parts map[string][]byte // what came beside the envelope

	Beside []Beside // header entries and attachments, for fields of the first record
}

// Beside is a value that a record holds beside those of its element.
type Beside struct {
	Slot  int
	Value schema.Value
}

// Fill puts what came beside the element into the slots of a record, once: the first record takes it.
func (r *Reading) Fill(slots []schema.Value) {
	for _, x := range r.Beside {
		slots[x.Slot] = x.Value
	}
	r.Beside = nil
}

// Violation returns a *schema.Violation without a path.
func Violation(code, expected, found string) error {
	return &schema.Violation{Code: code, Expected: expected, Found: found}
}

// Within puts a step before the path of an error that is a *schema.Violation, and returns the error.
func Within(err error, step string) error {
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

// Text reads character data up to the end of the element; an element inside it is a *schema.Violation.
func (r *Reading) Text() (text string, err error) {
	err = r.pieces(&text, func() error { return Violation("type", "text", "an element") })
	return text, err
}

// pieces reads character data up to the end of the element; inner is called with each element inside, and must read it
// to its end.
func (r *Reading) pieces(text *string, inner func() error) error {
	for {
		kind, err := r.Scanner.Next()
		if err != nil {
			return err
		}
		switch kind {
		case codec.XMLText:
			if *text == "" {
				*text = r.Scanner.Text()
			} else {
				*text += r.Scanner.Text()
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

// Leave moves on to the end of the element that was open at a depth of the scanner.
func (r *Reading) Leave(depth int) error {
	for r.Scanner.Depth() >= depth {
		if _, err := r.Scanner.Next(); err != nil {
			return err
		}
	}
	return nil
}

// lose goes on behind an element that is not as the schema says, and counts it. An error that is no violation stays.
func (r *Reading) lose(err error, depth int) error {
	var wrong *schema.Violation
	if !errors.As(err, &wrong) {
		return err
	}
	r.Tolerated++
	r.begun = false
	return r.Leave(depth)
}

// Child moves to the next start tag, and returns false at the end of the element around it. Text between them is a *schema.Violation.
func Child(s *codec.XMLScanner) (bool, error) {
	for {
		kind, err := s.Next()
		if err != nil {
			return false, err
		}
		switch kind {
		case codec.XMLStart:
			return true, nil
		case codec.XMLText:
			if Collapse(s.Text()) != "" {
				return false, Violation("type", "elements", "text")
			}
		default:
			return false, nil
		}
	}
}
