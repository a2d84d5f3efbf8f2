package diag

import (
	"encoding/json"
	"fmt"
	"io"
)

// JSON writes the problems, sorted and each once, as an array of objects with code, file, line, column, length,
// severity (error or warning), message and hint, for tools. An empty list is []. Of very many problems the first are
// written, and one more at the place of the last that says how many are left out.
func (l *List) JSON(w io.Writer) error {
	type problem struct {
		Code     Code   `json:"code"`
		File     string `json:"file"`
		Line     int    `json:"line"`
		Column   int    `json:"column"`
		Length   int    `json:"length"`
		Severity string `json:"severity"`
		Message  string `json:"message"`
		Hint     string `json:"hint"`
	}
	problems := []problem{}
	shown, others := l.first()
	for _, p := range shown {
		severity := "error"
		if p.Warning {
			severity = "warning"
		}
		problems = append(problems, problem{p.Code, p.Pos.File, p.Pos.Line, p.Pos.Col, max(p.Len, 1), severity, p.Message, p.Hint})
	}
	if others > 0 {
		last := problems[len(problems)-1]
		last.Message, last.Hint = fmt.Sprintf("and %d more that are not listed", others), "fix the others first"
		problems = append(problems, last)
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(problems)
}
