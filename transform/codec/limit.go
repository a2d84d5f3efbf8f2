package codec

import (
	"fmt"

	"fondaco/schema"
)

// DefaultLimit is how many bytes an answer, or the body of a call, may have where nothing else is said.
const DefaultLimit = 10 << 20

// LimitError reports that what was being written came to be longer than it may be. Nothing of it is used.
type LimitError struct {
	Limit int // bytes
}

// Error names the limit and where it is set.
func (e *LimitError) Error() string {
	return fmt.Sprintf("what is written is longer than %s; limits: { answer: … } of the route or of the server allows more", sizeText(e.Limit))
}

// sizeText returns a number of bytes as the files of a project write it.
func sizeText(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%dMiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%dKiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// AppendJSONWithin appends a value as AppendJSON does, and stops with a *LimitError as soon as dst would hold more than
// limit bytes: a value that refers to another many times is small in memory and may be of any size once it is written.
func AppendJSONWithin(dst []byte, v schema.Value, limit int) ([]byte, error) {
	w := jsonWriter{limit: limit}
	dst = w.append(dst, v)
	if w.over || len(dst) > limit {
		return dst, &LimitError{limit}
	}
	return dst, nil
}
