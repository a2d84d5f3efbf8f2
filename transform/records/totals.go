package records

import (
	"errors"
	"io"
)

// Totals reads a file to its end and checks it as a whole: its header, the order of its kinds, the counts and totals of its
// trailers. It is the first pass of a file none of whose records may be used if one is missing. Bad records count, and their amounts
// too as far as they can be read; they are not errors. The error is a *Disagree, or what the io.Reader returned.
func (f *Format) Totals(r io.Reader) error {
	for in := f.Read(r, Position{}); ; {
		_, err := in.Next()
		var bad *Bad
		switch {
		case err == nil || errors.As(err, &bad):
		case errors.Is(err, io.EOF):
			return nil
		default:
			return err
		}
	}
}
