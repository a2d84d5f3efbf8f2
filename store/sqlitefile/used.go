package sqlitefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// Used returns how many bytes a file of SQLite takes on its disk, with what belongs to it until it is written over, and how many the disk
// has left for this process. A file that is not there takes 0.
func Used(file string) (bytes, free int64, err error) {
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		info, err := os.Stat(name)
		switch {
		case err == nil:
			bytes += info.Size()
		case !errors.Is(err, fs.ErrNotExist):
			return 0, 0, err
		}
	}
	free, err = freeAt(filepath.Dir(file))
	return bytes, free, err
}
