package driver

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxName is how many octets an element of a path may have.
const MaxName = 255

// CheckName returns why a name cannot be that of a file in a folder, nil if it can: it would lead elsewhere, or means something else to
// the programs that meet it. The error does not hold it.
func CheckName(name string) error {
	switch {
	case name == "":
		return errors.New("it is empty")
	case name == "." || name == "..":
		return errors.New("it is . or .., which leads to another folder")
	case len(name) > MaxName:
		return errors.New("it is longer than 255 octets")
	case !utf8.ValidString(name):
		return errors.New("it is not valid UTF-8")
	case strings.ContainsAny(name, `/\`):
		return errors.New("it holds a separator of paths")
	case strings.ContainsFunc(name, unicode.IsControl):
		return errors.New("it holds a control character")
	case name[0] == '-':
		return errors.New("it begins with -, as an option of a command does")
	case name[len(name)-1] == ' ' || name[0] == ' ':
		return errors.New("it begins or ends with a blank")
	case len(name) > 1 && name[1] == ':':
		return errors.New("it names a drive")
	}
	return nil
}

// ValidPath reports whether a path leads to something below the folder that it is relative to.
func ValidPath(p string) bool {
	if !fs.ValidPath(p) {
		return false
	}
	for _, element := range strings.Split(p, "/") {
		if p != "." && CheckName(element) != nil {
			return false
		}
	}
	return true
}

// Temporary returns a name beside a path, under which it is written first: it begins with a dot, and no other writer has it.
func Temporary(p string) string {
	var b [6]byte
	_, _ = rand.Read(b[:])
	folder, name := path.Split(p)
	if len(name) > MaxName-20 {
		name = name[:MaxName-20]
	}
	return folder + "." + strings.ToValidUTF8(name, "") + "." + hex.EncodeToString(b[:]) + ".tmp"
}
