package sftp

import (
	"context"
	"io/fs"
	"path"

	"fondaco/connectors/files/driver"
)

// mostList is how many octets the answers to a listing may have together.
const mostList = 256 << 20

// List lists what is in a folder.
func (s *store) List(ctx context.Context, folder string, each func(driver.File) error) error {
	var all []fs.FileInfo
	err := s.with(ctx, func(t *turn) error {
		at, err := t.at(folder, true, false)
		switch {
		case err != nil:
			return err
		case at.is == nil:
			return &driver.Error{Kind: driver.Missing}
		case !at.is.IsDir():
			return &driver.Error{Kind: driver.NoFile}
		}
		return t.askFor(mostList, func() error {
			all, err = t.files.ReadDirContext(ctx, at.path)
			return err
		})
	})
	if err != nil {
		return err
	}
	for _, is := range all {
		if err := each(fileOf(is)); err != nil {
			return err
		}
	}
	return nil
}

// Stat returns what is known of a file.
func (s *store) Stat(ctx context.Context, p string) (f driver.File, err error) {
	err = s.with(ctx, func(t *turn) error {
		at, err := t.at(p, false, false)
		if err != nil {
			return err
		}
		is, err := t.look(at.path)
		switch {
		case err != nil:
			return err
		case is == nil:
			return &driver.Error{Kind: driver.Missing}
		}
		f = fileOf(is)
		return nil
	})
	return f, err
}

// Remove removes a file.
func (s *store) Remove(ctx context.Context, p string) error {
	return s.with(ctx, func(t *turn) error {
		at, err := t.at(p, false, false)
		if err != nil {
			return err
		}
		switch is, err := t.look(at.path); {
		case err != nil:
			return err
		case is == nil:
			return &driver.Error{Kind: driver.Missing}
		case is.IsDir():
			return &driver.Error{Kind: driver.NoFile}
		}
		return t.change(func() error { return t.files.Remove(at.path) })
	})
}

// Move changes the path of a file.
func (s *store) Move(ctx context.Context, from, to string, replace bool) error {
	return s.with(ctx, func(t *turn) error {
		at, err := t.at(from, false, false)
		if err != nil {
			return err
		}
		switch is, err := t.look(at.path); {
		case err != nil:
			return err
		case is == nil:
			return &driver.Error{Kind: driver.Missing}
		case !is.Mode().IsRegular():
			return &driver.Error{Kind: driver.NoFile}
		}
		target, err := t.at(to, false, true)
		if err != nil {
			return err
		}
		return t.rename(at.path, target.path, replace)
	})
}

// change asks for something of which nobody knows whether it was done, unless the server answers.
func (t *turn) change(do func() error) error {
	t.sent = true
	err := t.ask(do)
	if err != nil && answered(err) {
		t.sent = false
	}
	return err
}

// rename changes the name of a file: atomically, where the server can.
func (t *turn) rename(from, to string, replace bool) error {
	_, atomic := t.files.HasExtension("posix-rename@openssh.com")
	if replace && atomic {
		return t.whyNot(t.change(func() error { return t.files.PosixRename(from, to) }), to)
	}
	there, err := t.look(to)
	switch {
	case err != nil:
		return err
	case there != nil && there.IsDir():
		return &driver.Error{Kind: driver.NoFile}
	case there != nil && !replace:
		return &driver.Error{Kind: driver.Exists}
	case there == nil:
		return t.whyNot(t.change(func() error { return t.files.Rename(from, to) }), to)
	}
	// The server cannot replace a file: the old one is moved aside, and comes back if the new one does not take its place.
	aside := driver.Temporary(to)
	if err := t.change(func() error { return t.files.Rename(to, aside) }); err != nil {
		return err
	}
	t.sent = true
	if err := t.ask(func() error { return t.files.Rename(from, to) }); err != nil {
		_ = t.ask(func() error { return t.files.Rename(aside, to) })
		return err
	}
	_ = t.ask(func() error { return t.files.Remove(aside) })
	return nil
}

// whyNot finds out why a name could not be given.
func (t *turn) whyNot(err error, to string) error {
	if !failure(err) {
		return err
	}
	is, wrong := t.look(to)
	switch {
	case wrong != nil || is == nil:
		return t.whyFull(err, path.Dir(to))
	case is.IsDir():
		return &driver.Error{Kind: driver.NoFile}
	}
	return &driver.Error{Kind: driver.Exists}
}

// whyFull is why, asked.
func (t *turn) whyFull(err error, folder string) error {
	return t.ask(func() error { return t.why(err, folder) })
}
