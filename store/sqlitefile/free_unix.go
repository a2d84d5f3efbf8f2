//go:build linux || darwin

package sqlitefile

import "syscall"

// freeAt returns how many bytes the disk of a folder has for this process.
func freeAt(folder string) (int64, error) {
	var at syscall.Statfs_t
	if err := syscall.Statfs(folder, &at); err != nil {
		return 0, err
	}
	return int64(at.Bavail) * int64(at.Bsize), nil // of other types on other systems, and far from their ends
}
