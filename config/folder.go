package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"sync/atomic"
	"syscall"
)

// errSpecial is why devices, pipes and sockets are not opened: opening or reading one may wait for ever.
var errSpecial = errors.New("it is a device, pipe or socket")

// Dir opens a folder as a file system that nothing leaves, neither by .. nor by a symbolic link, and that opens only
// regular files and folders. It reads the folder that has the name at the time of each call: one that was replaced, or
// deleted and created again, is the new one. After Close nothing can be opened.
func Dir(folder string) (fs.FS, io.Closer, error) {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, nil, fmt.Errorf("open project folder: %w", err)
	}
	_ = root.Close()
	d := &directory{path: folder}
	return d, d, nil
}

// directory is the file system of Dir. Safe for concurrent use.
type directory struct {
	path   string
	closed atomic.Bool
}

func (d *directory) Close() error {
	d.closed.Store(true)
	return nil
}

// in calls do with the folder as it is now.
func (d *directory) in(op, name string, do func(fs.FS) error) error {
	if d.closed.Load() {
		return &fs.PathError{Op: op, Path: name, Err: fs.ErrClosed}
	}
	root, err := os.OpenRoot(d.path)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	return do(root.FS())
}

// Open opens a regular file or a folder. The caller closes it.
func (d *directory) Open(name string) (file fs.File, err error) {
	err = d.in("open", name, func(fsys fs.FS) error {
		info, err := fs.Stat(fsys, name) // first, since opening a FIFO would wait
		if err != nil {
			return err
		}
		if !info.IsDir() && !info.Mode().IsRegular() {
			return &fs.PathError{Op: "open", Path: name, Err: errSpecial}
		}
		file, err = fsys.Open(name)
		return err
	})
	return file, err
}

// Stat describes a file without opening it.
func (d *directory) Stat(name string) (info fs.FileInfo, err error) {
	err = d.in("stat", name, func(fsys fs.FS) error {
		info, err = fs.Stat(fsys, name)
		return err
	})
	return info, err
}

// ReadDir lists a folder.
func (d *directory) ReadDir(name string) (entries []fs.DirEntry, err error) {
	err = d.in("readdir", name, func(fsys fs.FS) error {
		entries, err = fs.ReadDir(fsys, name)
		return err
	})
	return entries, err
}

// missing reports whether an error says that there is no such file.
func missing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// escapes reports whether an error says that a link leads outside of the folder.
func escapes(err error) bool { return err != nil && strings.Contains(err.Error(), "escapes") }

// maxFiles is how many files of one kind a project may have.
const maxFiles = 20_000

// Spelled returns the file of the project whose name is that of file but for capital and small letters, in the same
// folder, and whether there is one.
func Spelled(fsys fs.FS, file string) (string, bool) {
	find := func(fsys fs.FS) (string, bool) {
		entries, err := fs.ReadDir(fsys, path.Dir(file))
		for _, e := range entries {
			if strings.EqualFold(e.Name(), path.Base(file)) {
				return path.Join(path.Dir(file), e.Name()), true
			}
		}
		return "", err == nil || missing(err)
	}
	found, known := find(beneath(fsys))
	note(fsys, question{path.Dir(file), "spelled " + path.Base(file), find}, found, known)
	return found, found != ""
}
