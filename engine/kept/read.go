package kept

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"fondaco/config/diag"
)

// Read returns a kept project as the folder that it was, held in memory. All of it was compared with what was written: one that is missing
// or damaged is an error.
func (f *Folder) Read(name string) (fs.FS, error) {
	file := f.file(name)
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if info.Size() > 2*MaxBytes {
		return nil, fmt.Errorf("%s has %d bytes, and none is written with as many", info.Name(), info.Size())
	}
	all, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(bytes.NewReader(all), int64(len(all)))
	if err != nil {
		return nil, damaged(name, err)
	}
	var a about
	if err := aboutOf(z, &a); err != nil {
		return nil, damaged(name, err)
	}
	sum, left := sha256.New(), int64(MaxBytes)
	for _, entry := range z.File {
		var content []byte
		if !strings.HasSuffix(entry.Name, "/") {
			if left -= int64(entry.UncompressedSize64); entry.UncompressedSize64 > MaxBytes || left < 0 {
				return nil, damaged(name, errors.New("it holds more than is kept of a project"))
			}
			if content, err = fs.ReadFile(z, entry.Name); err != nil {
				return nil, damaged(name, err)
			}
		}
		add(sum, entry.Name, content)
	}
	if hex.EncodeToString(sum.Sum(nil)) != a.Sum {
		return nil, damaged(name, errors.New("its files are not those that were written"))
	}
	return z, nil
}

func damaged(name string, err error) error {
	return fmt.Errorf("the kept release %s is damaged: %w", name, err)
}

// Find returns the hash of one of all that begins with a prefix. None, and more than one, are errors, which name what was meant perhaps.
func Find(all []Release, prefix string) (string, error) {
	var found, names []string
	for _, r := range all {
		if names = append(names, r.Hash); strings.HasPrefix(r.Hash, prefix) {
			found = append(found, r.Hash)
		}
	}
	switch {
	case len(names) == 0:
		return "", errors.New("no release is kept")
	case len(found) == 1 && prefix != "":
		return found[0], nil
	case len(found) > 0:
		return "", fmt.Errorf("%q is the beginning of %s: expected more of the hash", prefix, strings.Join(found, ", "))
	}
	if near := diag.Nearest(prefix, names); near != "" {
		return "", fmt.Errorf("no release %q is kept: did you mean %s?", prefix, near)
	}
	return "", fmt.Errorf("no release %q is kept, expected one of %s", prefix, strings.Join(names, ", "))
}
