package diag

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Sorted returns the problems by file, line and column, each once.
func (l *List) Sorted() []Problem {
	for i := range l.problems {
		if p := &l.problems[i]; p.later != nil {
			p.Hint, p.later = p.later(), nil
		}
	}
	sorted := slices.Clone(l.problems)
	slices.SortStableFunc(sorted, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(sorted, func(a, b Problem) bool { return a.Pos == b.Pos && a.Code == b.Code && a.Message == b.Message })
}

// maxShown is how many problems are shown to people and to tools.
const maxShown = 200

// first returns the problems that are shown, sorted and each once, and how many there are besides. Of many problems the
// warnings are left out before the others.
func (l *List) first() (shown []Problem, others int) {
	all := l.Sorted()
	if len(all) <= maxShown {
		return all, 0
	}
	warnings := maxShown
	for i := range all {
		if !all[i].Warning {
			warnings--
		}
	}
	for _, p := range all {
		if p.Warning {
			if warnings--; warnings < 0 {
				continue
			}
		}
		if len(shown) == maxShown {
			break
		}
		shown = append(shown, p)
	}
	return shown, len(all) - len(shown)
}

// Len reports how many problems were reported, doubles and warnings included.
func (l *List) Len() int { return len(l.problems) }

// All iterates over the problems in the order of their reports, so that something can be added to them.
func (l *List) All() iter.Seq[*Problem] {
	return func(yield func(*Problem) bool) {
		for i := range l.problems {
			if !yield(&l.problems[i]) {
				return
			}
		}
	}
}

// Join adds the problems of another list.
func (l *List) Join(other *List) { l.problems = append(l.problems, other.problems...) }

// Summary counts, as "3 problems, 1 warning in 2 files"; "no problems" of an empty list.
func (l *List) Summary() string {
	problems, warnings, files := 0, 0, map[string]bool{}
	for _, p := range l.Sorted() {
		if p.Warning {
			warnings++
		} else {
			problems++
		}
		if p.Pos.File != "" {
			files[p.Pos.File] = true
		}
	}
	text := ""
	switch {
	case problems == 0 && warnings == 0:
		return "no problems"
	case warnings == 0:
		text = Counted(problems, "problem")
	case problems == 0:
		text = Counted(warnings, "warning")
	default:
		text = Counted(problems, "problem") + ", " + Counted(warnings, "warning")
	}
	if len(files) > 0 {
		text += " in " + Counted(len(files), "file")
	}
	return text
}

// Counted returns a number with a noun in the singular or the plural: "1 file", "2 copies". No noun ends with a vowel and y.
func Counted[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, found := strings.CutSuffix(noun, "y"); found && !strings.ContainsAny(stem[len(stem)-1:], "aeiou") {
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
