package transform

import (
	"strconv"

	"fondaco/transform/expr"
)

// Limits lists the bounds of mappings, from the constants that hold them.
func Limits() []expr.Limit {
	return []expr.Limit{
		{What: "holes of a text", Most: strconv.Itoa(maxHoles), Beyond: "a problem at load, E201"},
		{What: "files that a mapping includes, each as often as it is", Most: strconv.Itoa(maxIncluded - 1), Beyond: "a problem at load, E207"},
	}
}
