package spec

import (
	"slices"
	"strconv"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
)

// Field is one key of an object. Its methods add to the declaration and return it.
type Field struct {
	Name     string
	choice   Choice
	doc      string
	def      string
	examples []string
	required bool
	unless   []string // of a field that is required: the fields in whose presence it is not
	secret   bool
	hidden   bool
	at       *diag.Pos
	form     string // see Form
}

// Required makes the field one that must be there.
func (f *Field) Required() *Field { f.required = true; return f }

// RequiredUnless makes the field one that must be there where none of the others is.
func (f *Field) RequiredUnless(others ...string) *Field {
	f.required, f.unless = true, others
	return f
}

// missing reports whether n lacks the field and must have it.
func (f *Field) missing(n *config.Node) bool {
	return f.required && n.Get(f.Name) == nil && !slices.ContainsFunc(f.unless, func(other string) bool { return n.Get(other) != nil })
}

// orOthers returns the field's name, and those in whose presence it may be absent, as a message has them.
func (f *Field) orOthers() string {
	text := strconv.Quote(f.Name)
	for i, other := range f.unless {
		sep := ", "
		if i == len(f.unless)-1 {
			sep = " or "
		}
		text += sep + strconv.Quote(other)
	}
	return text
}

// Doc says what the field is for: sentences, for the reference page, editors and messages.
func (f *Field) Doc(text string) *Field { f.doc = text; return f }

// Default says what holds when the field is not there, for documentation: the declaration sets it.
func (f *Field) Default(text string) *Field { f.def = text; return f }

// Example returns a value to copy, as it is written in YAML.
func (f *Field) Example(text string) *Field { f.examples = append(f.examples, text); return f }

// Form says what to write where the value is of another kind, as a sentence for who reads the problem.
func (f *Field) Form(text string) *Field { f.form = text; return f }

// Secret keeps the field's value out of messages.
func (f *Field) Secret() *Field { f.secret = true; return f }

// At has the place of the field's value put into p when the field is there.
func (f *Field) At(p *diag.Pos) *Field { f.at = p; return f }

// Rows tells on the reference page what each of the field's entries may have, where it decodes them by itself.
func (f *Field) Rows(declare func(*Object)) *Field {
	f.choice.rows = func() func(*Object) { return declare }
	return f
}

// Hidden leaves the field out of documentation and suggestions.
func (f *Field) Hidden() *Field { f.hidden = true; return f }

// Range bounds an integer, both ends included.
func (f *Field) Range(least, most int) *Field {
	if f.choice.limits != nil {
		f.choice.limits.least, f.choice.limits.most = int64(least), int64(most)
	}
	return f
}

// Within bounds a duration, both ends included.
func (f *Field) Within(least, most time.Duration) *Field {
	if f.choice.limits != nil {
		f.choice.limits.least, f.choice.limits.most = int64(least), int64(most)
	}
	return f
}

// Zero allows a duration or size of zero.
func (f *Field) Zero() *Field {
	if f.choice.limits != nil {
		f.choice.limits.least = 0
	}
	return f
}

// AnyKeys allows a map keys that are no names.
func (f *Field) AnyKeys() *Field {
	if f.choice.free != nil {
		*f.choice.free = true
	}
	return f
}
