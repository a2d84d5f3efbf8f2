package local

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"syscall"

	"fondaco/connectors/files/driver"
)

// Driver is the driver of folders of this machine.
var Driver = &driver.Driver{Name: "a folder", Schemes: []string{"file"}, Open: open}

// store opens its folder each time: one that is mounted later, or anew, is the one that is meant.
type store struct{ folder string }

func open(o driver.Options) (driver.Store, error) {
	if o.Folder == "" {
		return nil, errors.New("found no folder, expected for example file:/srv/scambio")
	}
	return &store{o.Folder}, nil
}

// Close does nothing: no folder is open between two calls.
func (s *store) Close() error { return nil }

// in does something in the folder. What os.Root refuses, as a link that leads out of it, is refused.
func (s *store) in(ctx context.Context, sent bool, do func(*os.Root) error) error {
	if err := ctx.Err(); err != nil {
		return driver.Broken(ctx, err, false)
	}
	root, err := os.OpenRoot(s.folder)
	if err != nil {
		var at *fs.PathError
		if errors.As(err, &at) {
			err = at.Err
		}
		return &driver.Error{Kind: driver.Down, Err: err}
	}
	defer func() { _ = root.Close() }()
	return told(do(root), sent)
}

// told returns an error as one without paths.
func told(err error, sent bool) error {
	if err == nil {
		return nil
	}
	var at *fs.PathError
	switch {
	case errors.As(err, &at) && strings.Contains(at.Err.Error(), "escapes"):
		return &driver.Error{Kind: driver.Outside, Err: at.Err}
	case errors.Is(err, syscall.EISDIR), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ENXIO):
		return &driver.Error{Kind: driver.NoFile}
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		if strings.Contains(link.Err.Error(), "escapes") {
			return &driver.Error{Kind: driver.Outside, Err: link.Err}
		}
		err = link.Err
	}
	return driver.Of(err, sent)
}

func fileOf(i fs.FileInfo) driver.File {
	return driver.File{Name: i.Name(), Size: i.Size(), Modified: i.ModTime(), Regular: i.Mode().IsRegular(), Folder: i.IsDir()}
}

// listed is how many things of a folder are read at once.
const listed = 1000

// List lists what is in a folder.
func (s *store) List(ctx context.Context, folder string, each func(driver.File) error) error {
	var own error
	err := s.in(ctx, false, func(root *os.Root) error {
		f, err := root.Open(folder)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }()
		for {
			entries, err := f.ReadDir(listed)
			for _, e := range entries {
				info, err := e.Info()
				if err != nil {
					continue // it has gone meanwhile
				}
				if own = each(fileOf(info)); own != nil {
					return nil
				}
			}
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			case ctx.Err() != nil:
				return driver.Broken(ctx, ctx.Err(), false)
			}
		}
	})
	if own != nil {
		return own
	}
	return err
}

// Stat returns what is known of a file.
func (s *store) Stat(ctx context.Context, p string) (f driver.File, err error) {
	err = s.in(ctx, false, func(root *os.Root) error {
		info, err := root.Lstat(p)
		if err == nil {
			f = fileOf(info)
		}
		return err
	})
	return f, err
}

// Remove removes a file.
func (s *store) Remove(ctx context.Context, p string) error {
	return s.in(ctx, true, func(root *os.Root) error {
		if info, err := root.Lstat(p); err == nil && info.IsDir() {
			return &driver.Error{Kind: driver.NoFile}
		}
		if err := root.Remove(p); err != nil {
			return err
		}
		return synced(root, path.Dir(p))
	})
}

// synced makes what was done in a folder durable.
func synced(root *os.Root, folder string) error {
	f, err := root.Open(folder)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if err := f.Sync(); err != nil && !errors.Is(err, errors.ErrUnsupported) && !errors.Is(err, syscall.EINVAL) {
		return err
	}
	return nil
}
