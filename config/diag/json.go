package diag

import (
	"encoding/json"
	"io"
)

// JSON writes the problems, sorted and each once, as an array of objects with code, file, line, column, length,
// severity (error or warning), message and hint, for tools. An empty list is [].
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
	for _, p := range l.Sorted() {
		severity := "error"
		if p.Warning {
			severity = "warning"
		}
		problems = append(problems, problem{p.Code, p.Pos.File, p.Pos.Line, p.Pos.Col, max(p.Len, 1), severity, p.Message, p.Hint})
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(problems)
}
