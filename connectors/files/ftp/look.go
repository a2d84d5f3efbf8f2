package ftp

import (
	"context"
	"errors"
	"path"
	"strings"

	wire "github.com/jlaffaye/ftp"

	"fondaco/connectors/files/driver"
)

// at returns the place of a path on the server. Links are the server's matter: FTP does not tell of them.
func (t *turn) at(p string) string { return path.Join(t.folder, p) }

// List lists what is in a folder.
func (s *store) List(ctx context.Context, folder string, each func(driver.File) error) error {
	var all []driver.File
	err := s.with(ctx, func(t *turn) (err error) {
		all, err = t.list(t.at(folder))
		return err
	})
	if err != nil {
		return err
	}
	for _, f := range all {
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

var errListing = errors.New("the server lists files in a form that is not supported: neither MLSD nor as ls or DIR write in English")

// list lists a folder. It is entered first: LIST says of one that is not there that it is empty, and takes a name for a pattern or options.
func (t *turn) list(folder string) ([]driver.File, error) {
	if err := t.ChangeDir(folder); err != nil {
		if codeOf(err) == codeNotThere {
			return nil, &driver.Error{Kind: driver.Missing}
		}
		return nil, err
	}
	t.listed, t.data = true, nil
	entries, err := t.ServerConn.List("")
	t.listed = false
	if err = finished(err); err != nil {
		if codeOf(err) == wire.StatusFileActionIgnored { // as some say of an empty one
			return nil, nil
		}
		return nil, err
	}
	var all []driver.File
	for _, e := range entries {
		if e.Name != "." && e.Name != ".." && e.Name != "" && !strings.Contains(e.Name, "/") {
			all = append(all, fileOf(e, e.Name))
		}
	}
	if !t.IsTimePreciseInList() && t.data != nil && len(entries) < t.data.lines { // lines that are not understood are left out
		return nil, &driver.Error{Kind: driver.Other, Err: errListing}
	}
	return all, nil
}

func fileOf(e *wire.Entry, name string) driver.File {
	f := driver.File{
		Name: name, Modified: e.Time, Regular: e.Type == wire.EntryTypeFile, Folder: e.Type == wire.EntryTypeFolder,
	}
	if f.Regular {
		f.Size = int64(min(e.Size, 1<<62))
	}
	return f
}

// finished returns the error of a transfer. A server may end one by 250 too (RFC 959).
func finished(err error) error {
	if codeOf(err) == wire.StatusRequestedFileActionOK {
		return nil
	}
	return err
}

// Stat returns what is known of a file.
func (s *store) Stat(ctx context.Context, p string) (f driver.File, err error) {
	err = s.with(ctx, func(t *turn) error {
		f, err = t.look(t.at(p))
		return err
	})
	return f, err
}

// look returns what is at a place: the same that a listing says, also of times. A server without MLST is asked for its folder.
func (t *turn) look(at string) (driver.File, error) {
	folder, name := path.Split(at)
	if t.IsTimePreciseInList() {
		e, err := t.GetEntry(at)
		switch {
		case err == nil:
			return fileOf(e, name), nil
		case codeOf(err) == codeNotThere || codeOf(err) == codeArguments:
			return driver.File{}, &driver.Error{Kind: driver.Missing}
		}
		return driver.File{}, err
	}
	all, err := t.list(path.Clean(folder))
	if err != nil {
		return driver.File{}, err
	}
	for _, f := range all {
		if f.Name == name {
			return f, nil
		}
	}
	if strings.HasPrefix(name, ".") { // which servers leave out
		if size, err := t.FileSize(at); err == nil {
			return driver.File{Name: name, Size: size, Regular: true}, nil
		}
	}
	return driver.File{}, &driver.Error{Kind: driver.Missing}
}

// why finds out why something was refused: servers have one code for what is not there, for what is no file, and for what we may not do.
func (t *turn) why(err error, at string) error {
	if code := codeOf(err); code != codeNotThere && code != codeNoName {
		return err
	}
	f, wrong := t.look(at)
	switch {
	case wrong != nil:
		return wrong
	case !f.Regular:
		return &driver.Error{Kind: driver.NoFile}
	}
	return err
}

// absent reports an error unless there is nothing at a place.
func (t *turn) absent(at string) error {
	f, err := t.look(at)
	switch {
	case driver.IsKind(err, driver.Missing):
		return nil
	case err != nil:
		return err
	case f.Folder:
		return &driver.Error{Kind: driver.NoFile}
	}
	return &driver.Error{Kind: driver.Exists}
}

// made makes the missing folders on the way to a place.
func (t *turn) made(folder string) error {
	err := t.ChangeDir(folder)
	if err == nil || codeOf(err) != codeNotThere || folder == t.folder {
		return err
	}
	if err := t.made(path.Dir(folder)); err != nil {
		return err
	}
	if err = t.MakeDir(folder); err != nil && codeOf(err) > 0 && t.ChangeDir(folder) == nil {
		return nil // another one has made it meanwhile
	}
	return err
}
