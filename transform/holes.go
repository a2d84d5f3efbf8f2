package transform

import (
	"fondaco/config"
	"fondaco/config/diag"
)

// piece is a part of a text: fixed text, or a hole with an expression.
type piece struct {
	fixed  string
	hole   config.Text
	isHole bool
}

// maxHoles is how many holes a text may have.
const maxHoles = 1000

// pieces takes a text with holes apart. $${ stands for ${ itself.
func pieces(t config.Text, out *diag.List) []piece {
	var all []piece
	s := t.Value
	fixed := make([]byte, 0, len(s))
	flush := func() {
		if len(fixed) > 0 {
			all = append(all, piece{fixed: string(fixed)})
			fixed = fixed[:0]
		}
	}
	holes := 0
	for i := 0; i < len(s); {
		switch {
		case hasPrefixAt(s, i, "$${"):
			fixed = append(fixed, "${"...)
			i += 3
		case hasPrefixAt(s, i, "${"):
			end := holeEnd(s, i+2)
			if end < 0 {
				out.Report(diag.BadExpression, t.At(i), "the hole ${ is not closed").WithLen(2).
					WithHint("close it with }, or write $${ for the characters themselves")
				return nil
			}
			if holes++; holes > maxHoles {
				out.Report(diag.BadExpression, t.At(i), "the text has more than %d holes", maxHoles).WithHint("make it several texts")
				return nil
			}
			flush()
			all = append(all, piece{hole: t.Slice(i+2, end), isHole: true})
			i = end + 1
		default:
			fixed = append(fixed, s[i])
			i++
		}
	}
	flush()
	return all
}

func hasPrefixAt(s string, i int, prefix string) bool {
	return len(s)-i >= len(prefix) && s[i:i+len(prefix)] == prefix
}

// holeEnd returns the place of the brace that closes a hole, past braces and quotes inside; -1 if there is none.
func holeEnd(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case '{':
			depth++
		case '}':
			if depth == 0 {
				return i
			}
			depth--
		case '"', '\'', '`':
			for i++; i < len(s) && s[i] != c; i++ {
				if s[i] == '\\' && c != '`' {
					i++
				}
			}
		}
	}
	return -1
}
