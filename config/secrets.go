package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
)

// maxSecret is the longest secret, in bytes: a key with its chain of certificates.
const maxSecret = 64 << 10

// SecretsFrom returns secrets by name: from the file of that name in a folder (nil for no folder), else from the variable
// FONDACO_SECRET_NAME. One line's end behind a file's value is not part of it. A file that cannot be read, that others
// may write to or replace, that is not a regular file, or that is too long is refused: the error says which, and what to do.
func SecretsFrom(folder fs.FS, env func(string) (string, bool)) func(name string) (Secret, bool, error) {
	return func(name string) (Secret, bool, error) {
		if folder != nil && fs.ValidPath(name) && !strings.Contains(name, "/") {
			info, err := fs.Stat(folder, name)
			switch {
			case err == nil:
				secret, err := readSecret(folder, name, info)
				return secret, err == nil, err
			case !errors.Is(err, fs.ErrNotExist):
				return Secret{}, false, unreadable(name, err)
			}
		}
		if env == nil {
			return Secret{}, false, nil
		}
		value, ok := env("FONDACO_SECRET_" + secretVariable(name))
		return NewSecret(value), ok, nil
	}
}

func readSecret(folder fs.FS, name string, info fs.FileInfo) (Secret, error) {
	switch {
	case !info.Mode().IsRegular():
		return Secret{}, fmt.Errorf("secret %s: it is not a file", name)
	case info.Mode().Perm()&0o022 != 0:
		return Secret{}, fmt.Errorf("secret %s: others may write to its file; take that right away (chmod go-w)", name)
	case replaceable(folder):
		return Secret{}, fmt.Errorf("secret %s: others may replace its file, for they may write to the folder of secrets; take that right "+
			"away (chmod o-w)", name)
	case info.Size() > maxSecret:
		return Secret{}, fmt.Errorf("secret %s: the file has %d bytes, expected at most %d", name, info.Size(), maxSecret)
	}
	file, err := folder.Open(name)
	if err != nil {
		return Secret{}, unreadable(name, err)
	}
	defer file.Close()
	value, err := io.ReadAll(io.LimitReader(file, maxSecret))
	if err != nil {
		return Secret{}, unreadable(name, err)
	}
	return NewSecret(strings.TrimSuffix(strings.TrimSuffix(string(value), "\n"), "\r")), nil
}

// unreadable is why a secret's file, which is there, cannot be read.
func unreadable(name string, err error) error {
	return fmt.Errorf("secret %s: its file cannot be read: %w", name, cause(err))
}

// replaceable reports whether everybody may put another file in the place of one of the folder.
func replaceable(folder fs.FS) bool {
	info, err := fs.Stat(folder, ".")
	return err == nil && info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0
}
