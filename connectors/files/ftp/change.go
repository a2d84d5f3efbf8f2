package ftp

import (
	"context"
	"path"

	"fondaco/connectors/files/driver"
)

// change asks for something of which nobody knows whether it was done, unless the server answers.
func (t *turn) change(do func() error) error {
	t.sent = true
	err := do()
	if err == nil || codeOf(err) > 0 {
		t.sent = false
	}
	return err
}

// Remove removes a file.
func (s *store) Remove(ctx context.Context, p string) error {
	return s.with(ctx, func(t *turn) error {
		at := t.at(p)
		return t.why(t.change(func() error { return t.Delete(at) }), at)
	})
}

// Move changes the path of a file.
func (s *store) Move(ctx context.Context, from, to string, replace bool) error {
	return s.with(ctx, func(t *turn) error {
		at, target := t.at(from), t.at(to)
		switch f, err := t.look(at); {
		case err != nil:
			return err
		case !f.Regular:
			return &driver.Error{Kind: driver.NoFile}
		}
		if err := t.made(path.Dir(target)); err != nil {
			return err
		}
		return t.rename(at, target, replace, false)
	})
}

// rename changes the name of a file. RNTO replaces a file with most servers, and is refused by others: so it is asked whether there is one,
// between which and RNTO another one may come; and of a server that refuses, the old one is moved aside. checked says that nothing was
// there.
func (t *turn) rename(from, to string, replace, checked bool) error {
	if !replace && !checked {
		if err := t.absent(to); err != nil {
			return err
		}
	}
	err := t.change(func() error { return t.ServerConn.Rename(from, to) })
	if err == nil || codeOf(err) == 0 {
		return err
	}
	f, wrong := t.look(to)
	switch {
	case driver.IsKind(wrong, driver.Missing):
		return err
	case wrong != nil:
		return wrong
	case f.Folder:
		return &driver.Error{Kind: driver.NoFile}
	case !replace:
		return &driver.Error{Kind: driver.Exists}
	}
	aside := driver.Temporary(to)
	if wrong := t.change(func() error { return t.ServerConn.Rename(to, aside) }); wrong != nil {
		return wrong
	}
	if err = t.change(func() error { return t.ServerConn.Rename(from, to) }); err != nil {
		if codeOf(err) > 0 {
			_ = t.ServerConn.Rename(aside, to)
		}
		return err
	}
	_ = t.Delete(aside)
	return nil
}
