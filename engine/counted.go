package engine

import "fondaco/config/diag"

// Counted is a number with the word for what it counts, in the plural unless it is one: 1 route, 2 routes.
func Counted[N int | int64](n N, what string) string {
	return diag.Counted(n, what)
}
