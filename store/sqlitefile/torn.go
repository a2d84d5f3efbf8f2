// Package sqlitefile opens our files of SQLite, checks whose they are, and lets one process at a time have each.
package sqlitefile

import (
	"encoding/binary"
	"io"
	"os"
)

// Torn reports whether the main file at path may be half written, as a loss of power leaves it that comes while its log is
// brought into it: by its header it carries the application id, and the log, which still has all of it, lies beside it.
// Whoever opens it with the log can judge it; the main file alone says nothing. What cannot be read is not torn.
//
// The header is that of https://www.sqlite.org/fileformat2.html#the_database_header.
func Torn(path string, applicationID uint32) bool {
	log, err := os.Stat(path + "-wal")
	if err != nil || log.Size() == 0 {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	var header [100]byte
	_, err = io.ReadFull(f, header[:])
	return err == nil && string(header[:16]) == "SQLite format 3\x00" && binary.BigEndian.Uint32(header[68:]) == applicationID
}
