package engine

import "fmt"

// Counted is a number with the word for what it counts, in the plural unless it is one: 1 route, 2 routes.
func Counted[N int | int64](n N, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
