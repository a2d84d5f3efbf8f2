package config

import "fondaco/config/diag"

// Text is a string from a file, with its place. It is what the language's strings are until they are understood.
type Text struct {
	Value string
	Pos   diag.Pos // of the first character of Value
	at    func(offset int) diag.Pos
}

// At returns the place of the character at a byte offset of Value, also inside quotes and folded blocks.
func (t Text) At(offset int) diag.Pos {
	if t.at != nil {
		return t.at(offset)
	}
	pos := t.Pos
	pos.Col += len([]rune(t.Value[:min(offset, len(t.Value))]))
	return pos
}

// String returns the text alone.
func (t Text) String() string { return t.Value }
