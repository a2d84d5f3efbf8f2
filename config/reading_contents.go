package config

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// ErrDiffers is why Contents fails: a file is no longer what was read.
var ErrDiffers = errors.New("it has changed since it was read")

// ErrTooMuch is why Contents fails: the files have more bytes than were asked for.
var ErrTooMuch = errors.New("the files are too large")

// Contents passes on what was read, sorted by name: of files their content, of folders the name with a slash at its end and nil.
// What was looked for in vain is left out, and so are the values of secrets and of the environment, which are in no file of the
// project. It fails with ErrDiffers if a file is no longer what was read, with ErrTooMuch if all have more than limit bytes together,
// and with the error of each. Safe for concurrent use.
func (r *Reading) Contents(limit int64, each func(name string, content []byte) error) error {
	r.mu.Lock()
	files, torn := maps.Clone(r.files), map[string]bool{}
	for name, m := range files {
		torn[name] = m.torn
	}
	r.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		m := files[name]
		var content []byte
		entry := name
		switch m.kind {
		case kindFolder:
			if entry += "/"; name == "." {
				continue
			}
		case kindRegular, kindContent:
			var err error
			if content, err = r.content(name, limit); err == nil && (torn[name] || m.kind == kindContent && sha256.Sum256(content) != m.sum) {
				err = ErrDiffers
			}
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			limit -= int64(len(content))
		default:
			continue
		}
		if err := each(entry, content); err != nil {
			return err
		}
	}
	return nil
}

// content reads a file anew, of at most limit bytes.
func (r *Reading) content(name string, limit int64) ([]byte, error) {
	file, err := r.source.FS.Open(name)
	if missing(err) {
		return nil, ErrDiffers
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(ErrDiffers, err)
	}
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = ErrTooMuch
	}
	return content, err
}

// AlsoSecrets has r notice changes of the secrets that of has read too.
func (r *Reading) AlsoSecrets(of *Reading) {
	of.mu.Lock()
	more := maps.Clone(of.secrets)
	of.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, m := range more {
		if _, known := r.secrets[name]; !known {
			r.secrets[name] = m
		}
	}
}
