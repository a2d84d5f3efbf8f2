package sqlitefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
)

// private are the rights of each of our files: they hold citizens' data, and no folder is relied on to keep others out.
const private = 0o600

// beside are the endings of the files that lie beside a main file.
var beside = []string{"", "-wal", "-shm", "-journal", lockEnd, lockEnd + "-journal"}

// makePrivate creates an empty file at path for its owner alone if there is none. One that is there is not opened: to
// close it would end the locks that this process has on it.
func makePrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, private)
	if err != nil {
		return err
	}
	return f.Close()
}

// KeepPrivate takes the rights of others away from the file at path and from what lies beside it. Of a file whose rights
// cannot be changed, as one of another owner, the error says the command that does; nothing else is changed then.
func (k Kind) KeepPrivate(path string) error {
	for _, end := range beside {
		if err := KeepPrivate(path + end); err != nil {
			return fmt.Errorf("%s %w", k.Name, err)
		}
	}
	return nil
}

// KeepPrivate takes the rights of others away from the file at path, if it is there. The error says the command that does
// it where this process may not.
func KeepPrivate(path string) error {
	if runtime.GOOS == "windows" {
		return nil // rights are not bits there
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && info.Mode().Perm()&^private == 0 {
		return nil
	}
	if err == nil {
		err = os.Chmod(path, info.Mode().Perm()&private)
	}
	if err == nil {
		if info, err = os.Stat(path); err == nil && info.Mode().Perm()&^private != 0 {
			err = errors.New("the file system does not keep rights; choose another place")
		}
	}
	if err != nil {
		quoted := "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
		return fmt.Errorf("%s: others may read or write the file, and their rights cannot be taken away; run as its owner: chmod 600 %s (if "+
			"the process has another user: chown that user first): %w", path, quoted, err)
	}
	return nil
}
