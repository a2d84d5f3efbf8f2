package diag

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Nearest returns the name among the given ones that name was most likely meant to be, "" if none is near. Letters' case,
// and - for _, count for nothing; otherwise about one slip in three letters is forgiven, three at most, and one
// more if the first three letters are right.
func Nearest(name string, among []string) string {
	best, least := "", min(3, max(1, (len([]rune(name))+1)/3))+1
	if len(name) > 100 {
		return ""
	}
	marks := strings.NewReplacer("-", "", "_", "")
	plain := func(s string) string {
		if strings.ContainsAny(s, "-_") {
			s = marks.Replace(s)
		}
		return strings.ToLower(s)
	}
	x := plain(name)
	letters := utf8.RuneCountInString(x)
	for _, candidate := range among {
		if candidate == name || len(candidate) > 100 {
			continue
		}
		y := plain(candidate)
		if more := utf8.RuneCountInString(y) - letters; more > least || -more > least {
			continue // each letter more or less is a slip
		}
		d := distance(x, y)
		if len(x) > 5 && len(y) > 3 && x[:3] == y[:3] && d > 1 {
			d--
		}
		if d < least {
			best, least = candidate, d
		}
	}
	return best
}

// DidYouMean returns `; did you mean "x"?` for the end of a message, "" if no name is near.
func DidYouMean(name string, among []string) string {
	if near := Nearest(name, among); near != "" {
		return fmt.Sprintf("; did you mean %q?", near)
	}
	return ""
}

// WithNearest makes the hint `did you mean "x"?` if a name is near, and returns p.
func (p *Problem) WithNearest(name string, among []string) *Problem {
	if p.late {
		return p
	}
	if near := Nearest(name, among); near != "" {
		p.Hint = fmt.Sprintf("did you mean %q?", near)
	}
	return p
}

// distance counts the letters to insert, leave out, change or swap with their neighbour that lead from a to b.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	before, above, row := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range above {
		above[j] = j
	}
	for i := 1; i <= len(x); i++ {
		row[0] = i
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			row[j] = min(above[j]+1, row[j-1]+1, above[j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, above, row = above, row, before
	}
	return above[len(y)]
}
