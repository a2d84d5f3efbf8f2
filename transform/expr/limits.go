package expr

import (
	"strconv"

	"fondaco/transform/funcs"
)

// Limit is a bound of the language, for the reference page.
type Limit struct{ What, Most, Beyond string }

// Limits lists the bounds of expressions, from the constants that hold them.
func Limits() []Limit {
	atLoad, asRun := "a problem at load, E207", "fails when it runs"
	return []Limit{
		{"characters of an expression", strconv.Itoa(maxLength), atLoad},
		{"forms within forms, as parentheses and calls", strconv.Itoa(maxDepth), atLoad},
		{"numbers of a range `a..b`", strconv.Itoa(maxSpan), asRun},
		{"bytes of a text that `toJSON` writes or `fromJSON` reads", strconv.Itoa(funcs.MaxJSON), asRun},
		{"digits after the point of a quotient", strconv.Itoa(divisionDigits), "rounded"},
		{"room of the values that an exchange makes, as a multiple of `limits: { answer: … }`", strconv.Itoa(roomPerLimit), asRun},
	}
}
