package schema

import (
	"errors"
	"fmt"
	"strings"
)

// Violation says that a value does not fit its type. It names the place and what was expected, never the value.
type Violation struct {
	Path     string // a JSON Pointer (RFC 6901), as /multe/0/importo; "" is the whole
	Code     string // one word for tools: type, required, unknown, enum, pattern, length, range, format, duplicate, null, choice
	Expected string // "a decimal", "at most 16 characters"
	Found    string // the kind of what was found, "text"; "" if that says nothing
}

// Error returns the violation in one line.
func (v *Violation) Error() string {
	var b strings.Builder
	if v.Path != "" {
		b.WriteString(v.Path)
		b.WriteString(": ")
	}
	b.WriteString("expected ")
	b.WriteString(v.Expected)
	if v.Found != "" {
		b.WriteString(", found ")
		b.WriteString(v.Found)
	}
	return b.String()
}

// Violations are all that was found wrong with one value.
type Violations []*Violation

// Error returns all of them, separated by semicolons. Three or more that differ in their places in lists alone are told once, with how
// many there are: /0/dal, /1/dal and /2/dal as /*/dal.
func (vs Violations) Error() string {
	count, shown := map[string]int{}, make([]string, len(vs))
	for i, v := range vs {
		one := *v
		one.Path = anyItem(v.Path)
		shown[i] = one.Error()
		count[shown[i]]++
	}
	lines := make([]string, 0, len(vs))
	for i, v := range vs {
		switch n := count[shown[i]]; {
		case n < 0:
		case n < 3:
			lines = append(lines, v.Error())
		default:
			lines = append(lines, fmt.Sprintf("%s (%d times)", shown[i], n))
			count[shown[i]] = -1
		}
	}
	return strings.Join(lines, "; ")
}

// anyItem returns a JSON Pointer with * for each place in a list.
func anyItem(path string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if part != "" && strings.Trim(part, "0123456789") == "" {
			parts[i] = "*"
		}
	}
	return strings.Join(parts, "/")
}

// Under converts an error about a part called name into one about the whole that it is a part of.
func Under(err error, name string) Violations {
	var wrong Violations
	if !errors.As(err, &wrong) {
		return Violations{{Path: "/" + pointer(name), Code: "type", Expected: strings.TrimPrefix(err.Error(), "expected ")}}
	}
	moved := make(Violations, len(wrong))
	for i, w := range wrong {
		c := *w
		c.Path = "/" + pointer(name) + c.Path
		moved[i] = &c
	}
	return moved
}
