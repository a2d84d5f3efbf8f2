package diag

import "fmt"

// Pos is a place in a file of the project. Line and Col count from 1; Col counts characters, not bytes. The zero Pos
// is nowhere.
type Pos struct {
	File      string // relative to the project's folder, with slashes
	Line, Col int
}

// String returns file:line:column, leaving out what is not known.
func (p Pos) String() string {
	switch {
	case p.File == "":
		return "-"
	case p.Line == 0:
		return p.File
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Col)
}

// Problem is one thing wrong. Message says what was found and what was expected, without a full stop; Hint says what
// to do, often the nearest right name.
type Problem struct {
	Code    Code
	Pos     Pos
	Len     int // characters to underline; 0 means 1
	Message string
	Hint    string
	Warning bool // it does not stop the project from running

	late  bool          // there are so many before it that no name is looked for
	later func() string // makes the hint when the problems are read
}
