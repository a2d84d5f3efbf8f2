package sftp

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"fondaco/connectors/files/driver"
)

// mostLinks is how many symbolic links a path may lead by.
const mostLinks = 40

// place is a path on the server that does not lead out of the folder.
type place struct {
	path string
	is   fs.FileInfo // what is there, nil for nothing; not known unless the last element was looked at
}

// at finds the place of a path. A server opens what a link leads to, so each folder on the way is looked at: a link is followed by us
// while it stays within the folder. With last the last element is looked at too, and followed; with made missing folders are made. Whoever
// can change folders on the server between that and what follows is not kept out; he is on the server already.
func (t *turn) at(p string, last, made bool) (at place, err error) {
	err = t.ask(func() error {
		at, err = t.walk(p, last, made)
		return err
	})
	return at, err
}

func (t *turn) walk(p string, last, made bool) (place, error) {
	folder, links := "", 0
	left := strings.Split(p, "/")
	for len(left) > 0 {
		element := left[0]
		left = left[1:]
		switch element {
		case "", ".":
			continue
		case "..": // of a link
			if folder == "" {
				return place{}, &driver.Error{Kind: driver.Outside}
			}
			if folder = path.Dir(folder); folder == "." {
				folder = ""
			}
			continue
		}
		here := path.Join(t.o.Folder, folder, element)
		if len(left) == 0 && !last {
			return place{path: here}, nil
		}
		is, err := t.files.Lstat(here)
		switch {
		case errors.Is(err, fs.ErrNotExist) && len(left) == 0:
			return place{path: here}, nil
		case errors.Is(err, fs.ErrNotExist) && made:
			if err := t.makeFolder(here); err != nil {
				return place{}, err
			}
		case err != nil:
			return place{}, err
		case is.Mode()&fs.ModeSymlink != 0:
			to, err := t.files.ReadLink(here)
			if err != nil {
				return place{}, err
			}
			if links++; path.IsAbs(to) || links > mostLinks {
				return place{}, &driver.Error{Kind: driver.Outside}
			}
			left = append(strings.Split(to, "/"), left...)
			continue
		case len(left) == 0:
			return place{here, is}, nil
		case !is.IsDir():
			return place{}, &driver.Error{Kind: driver.NoFile}
		}
		folder = path.Join(folder, element)
	}
	here := path.Join(t.o.Folder, folder)
	is, err := t.files.Lstat(here)
	return place{here, is}, err
}

// makeFolder makes a folder, which another one may have made meanwhile.
func (t *turn) makeFolder(at string) error {
	err := t.files.Mkdir(at)
	if err == nil {
		return nil
	}
	if is, wrong := t.files.Lstat(at); wrong == nil && is.IsDir() {
		return nil
	}
	return t.why(err, path.Dir(at))
}

// look returns what is at a path, nil for nothing.
func (t *turn) look(at string) (is fs.FileInfo, err error) {
	err = t.ask(func() error {
		is, err = t.files.Lstat(at)
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil //nolint:nilnil // nothing is there
	}
	return is, err
}

// little is how little space a disk has that is full.
const little = 1 << 20

// why finds out whether a failure in a folder is of a full disk, where the server can be asked.
func (t *turn) why(err error, folder string) error {
	if _, can := t.files.HasExtension("statvfs@openssh.com"); !can || !failure(err) {
		return err
	}
	if free, wrong := t.files.StatVFS(folder); wrong == nil && (free.Bavail*free.Frsize < little || free.Files > 0 && free.Favail == 0) {
		return &driver.Error{Kind: driver.Full}
	}
	return err
}

func fileOf(i fs.FileInfo) driver.File {
	return driver.File{Name: i.Name(), Size: i.Size(), Modified: i.ModTime(), Regular: i.Mode().IsRegular(), Folder: i.IsDir()}
}
