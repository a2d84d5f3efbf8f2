package config

import "fondaco/config/diag"

// Slice returns the piece of t between two byte offsets, with its own places in the file.
func (t Text) Slice(from, to int) Text {
	return Text{Value: t.Value[from:to], Pos: t.At(from), at: func(offset int) diag.Pos { return t.At(from + offset) }}
}
