package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// importRecord is the file in a connector's folder that says what an import has written, as sha256sum does: a file that is no
// longer as it says was changed by a person, and stays.
const importRecord = ".imported"

// beside is what the name of a file ends in that an import would have written in the place of one that a person has changed.
const beside = ".new"

// recorded returns the record of files.
func recorded(files map[string][]byte) []byte {
	var b bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(&b, "%s  %s\n", sumOf(files[name]), name)
	}
	return b.Bytes()
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// replaceImported writes an import into a folder that may have an earlier one: what that one wrote and nobody has changed is
// written anew or removed, what a person has changed is kept. kept lists those whose new text differs; it lies beside them.
func replaceImported(dir string, files map[string][]byte) (kept []string, err error) {
	before, err := readRecord(dir)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		to := filepath.Join(dir, filepath.FromSlash(name))
		data, err := os.ReadFile(to)
		switch {
		case errors.Is(err, fs.ErrNotExist), err == nil && before[name] == sumOf(data):
			err = putFile(to, files[name])
		case err == nil && !bytes.Equal(data, files[name]):
			kept = append(kept, name)
			if err := putFile(to+beside, files[name]); err != nil {
				return kept, err
			}
			continue
		}
		if err == nil {
			if err = os.Remove(to + beside); errors.Is(err, fs.ErrNotExist) {
				err = nil
			}
		}
		if err != nil {
			return kept, err
		}
	}
	for name, sum := range before {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if _, still := files[name]; still {
			continue
		}
		if data, err := os.ReadFile(to); err == nil && sumOf(data) == sum {
			if err := os.Remove(to); err != nil {
				return kept, err
			}
		}
	}
	return kept, putFile(filepath.Join(dir, importRecord), recorded(files))
}

// readRecord returns the sums of what an import has written, by their names; none if there is no record.
func readRecord(dir string) (map[string]string, error) {
	data, err := os.ReadFile(filepath.Join(dir, importRecord))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		if sum, name, ok := strings.Cut(lines.Text(), "  "); ok && fs.ValidPath(name) && name != importRecord {
			sums[name] = sum
		}
	}
	return sums, nil
}

// putFile writes a file whole, in the place of one that may be there.
func putFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".import-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(0o644), f.Close()); err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
