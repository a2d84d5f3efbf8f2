package routes

import (
	"strconv"

	"fondaco/transform/expr"
)

// Limits lists what the expressions of one exchange may cost together.
func Limits() []expr.Limit {
	return []expr.Limit{
		{What: "steps of the expressions of one exchange, some 50 ns each", Most: strconv.Itoa(evalBudget), Beyond: "fails when it runs"},
	}
}
