package storage

import (
	"path/filepath"
	"strings"
)

// ReleasesFolder is where projects that were in service are kept: beside the state, or where a state in a file would be.
func ReleasesFolder(of Project) (string, error) {
	at, err := placeOf(of)
	return strings.TrimSuffix(at.file, filepath.Ext(at.file)) + "-releases", err
}
