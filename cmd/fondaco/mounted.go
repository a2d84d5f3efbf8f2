package main

import (
	"io/fs"
	"strings"
)

// mounted is a project with other folders in the place of some of its own.
type mounted struct {
	fs.FS
	folders map[string]fs.FS
}

// Open returns what stands at a name.
func (m mounted) Open(name string) (fs.File, error) {
	for at, folder := range m.folders {
		switch inside, found := strings.CutPrefix(name, at+"/"); {
		case name == at:
			return folder.Open(".")
		case found:
			return folder.Open(inside)
		}
	}
	return m.FS.Open(name)
}
