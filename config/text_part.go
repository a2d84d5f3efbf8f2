package config

import "fondaco/config/diag"

// Part gives the text from one byte offset to another, which keeps its place.
func (t Text) Part(from, to int) Text {
	return Text{Value: t.Value[from:to], Pos: t.At(from), at: func(offset int) diag.Pos { return t.At(from + offset) }}
}
