package config

import (
	"errors"
	"fmt"
	"io/fs"

	"fondaco/config/diag"
)

// ReadPlain reads a file of the project that is no YAML, as a certificate, when there is nobody to report problems to.
func ReadPlain(fsys fs.FS, name string, limit int64) ([]byte, error) {
	var out diag.List
	b, ok := ReadBytes(fsys, name, limit, &out, diag.Pos{File: name})
	if !ok {
		if problems := out.Sorted(); len(problems) > 0 {
			return nil, fmt.Errorf("%s: %s", name, problems[0].Message)
		}
		return nil, errors.New(name + " cannot be read")
	}
	return b, nil
}
