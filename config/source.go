package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"fondaco/config/diag"
)

// Source is where a project comes from. cmd makes it; nothing below asks the system by itself.
type Source struct {
	FS      fs.FS                                   // the project's folder
	Dir     string                                  // where that is on this machine, absolute; "" if it is not known
	Env     func(name string) (string, bool)        // the environment
	Secrets func(name string) (Secret, bool, error) // by name; see SecretsFrom
}

// Lookup is for Ref.Resolve: env and secret by the Source. A secret that cannot be read is one that is not there.
func (s Source) Lookup(space, name string) (value string, secret, ok bool) {
	switch {
	case space == "env" && s.Env != nil:
		value, ok = s.Env(name)
		return value, false, ok
	case space == "secret" && s.Secrets != nil:
		hidden, ok, err := s.Secrets(name)
		return hidden.Reveal(), true, ok && err == nil
	}
	return "", space == "secret", false
}

// ReadFile reads a YAML file of the project. at is who names it: there the problem stands when it is missing, or is no
// file of at most MaxFile bytes inside of the project. It returns nil then, and when Parse does.
func ReadFile(fsys fs.FS, name string, out *diag.List, at diag.Pos) *Node {
	src, ok := readCharged(fsys, name, out, at)
	if !ok {
		return nil
	}
	return Parse(name, src, out)
}

// readCharged returns the text of a file, charged to what is read of the project; false, and reported, if the project may not have it.
func readCharged(fsys fs.FS, name string, out *diag.List, at diag.Pos) (src []byte, ok bool) {
	if overcharged(fsys, name) {
		return nil, false
	}
	src, ok = ReadBytes(fsys, name, MaxFile, out, at)
	return src, ok && charge(fsys, name, src, out, at)
}

// maxTotal is how many keys, values and items the YAML files of a project may have together. So many bytes of text count
// as one more.
const (
	maxTotal    = 500_000
	bytesOfNode = 100
)

// overcharged reports whether the project's files had more than maxTotal before this one, which was reported. The file is
// noted among what was read.
func overcharged(fsys fs.FS, name string) bool {
	rec, ok := fsys.(*recorder)
	if !ok {
		return false
	}
	rec.reading.mu.Lock()
	over := rec.reading.nodes > maxTotal
	rec.reading.mu.Unlock()
	if !over {
		return false
	}
	if info, err := fs.Stat(fsys, name); err == nil {
		noteSize(fsys, name, info.Size())
	}
	return true
}

// charge charges a file to what is read of the project, where that is recorded. It reports whether the project may have
// it; the first that it may not have is a problem, the others are passed over in silence.
func charge(fsys fs.FS, name string, src []byte, out *diag.List, at diag.Pos) bool {
	rec, ok := fsys.(*recorder)
	if !ok {
		return true
	}
	nodes, _ := weigh(string(src), maxNodes)
	nodes = min(nodes, maxNodes) + len(src)/bytesOfNode
	r := rec.reading
	r.mu.Lock()
	before := r.nodes
	r.nodes += nodes
	now := r.nodes
	r.mu.Unlock()
	if now <= maxTotal {
		return true
	}
	if before <= maxTotal {
		if at.File == "" {
			at.File = name
		}
		out.Report(diag.BadFile, at, "the project's files have more than %d keys, values and items together, and with %s they exceed it",
			maxTotal, name).
			WithHint("make it several projects")
	}
	return false
}

// ReadBytes reads any file of the project of at most limit bytes, as ReadFile does.
func ReadBytes(fsys fs.FS, name string, limit int64, out *diag.List, at diag.Pos) ([]byte, bool) {
	if at.File == "" {
		at.File = name
	}
	refuse := func(format string, args ...any) ([]byte, bool) {
		out.Report(diag.BadFile, at, "%s", fmt.Sprintf(format, args...))
		return nil, false
	}
	if !fs.ValidPath(name) {
		return refuse("%q is not a file of the project: expected a path inside of its folder, with slashes and without ..", name)
	}
	info, err := fs.Stat(fsys, name) // first, since opening a FIFO would wait
	switch {
	case missing(err):
		p := out.Report(diag.BadFile, at, "the file %s is not there", name)
		if entries, err := fs.ReadDir(beneath(fsys), path.Dir(name)); err == nil {
			var names []string
			for _, e := range entries {
				names = append(names, e.Name())
			}
			if near := diag.Nearest(path.Base(name), names); near != "" {
				p.WithHint("did you mean %s?", path.Join(path.Dir(name), near))
			}
		}
		return nil, false
	case errors.Is(err, fs.ErrPermission):
		return refuse("the file %s may not be read by this user", name)
	case escapes(err):
		return refuse("the file %s is a link that leads outside of the project", name)
	case err != nil:
		return refuse("the file %s cannot be read: %s", name, cause(err))
	case info.IsDir():
		return refuse("%s is a folder, expected a file", name)
	case !info.Mode().IsRegular():
		return refuse("%s is a device, pipe or socket, expected a file", name)
	case info.Size() > limit:
		noteSize(fsys, name, info.Size())
		return refuse("the file %s has %d bytes, expected at most %d", name, info.Size(), limit)
	}
	file, err := fsys.Open(name)
	if err != nil {
		return refuse("the file %s cannot be read: %s", name, cause(err))
	}
	defer file.Close()
	var read bytes.Buffer
	read.Grow(int(info.Size()) + bytes.MinRead)
	_, err = read.ReadFrom(io.LimitReader(file, limit+1))
	src := read.Bytes()
	switch {
	case err != nil:
		return refuse("the file %s cannot be read: %s", name, cause(err))
	case int64(len(src)) > limit:
		return refuse("the file %s grew beyond %d bytes while it was read", name, limit)
	}
	return src, true
}

// cause returns an error without the path that it may hold.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// listing begins the questions about all files under a folder.
const listing = "files "

// Files lists the regular files under a folder, in the folders in it too, that end as one of the extensions (".yaml"),
// sorted. Names that begin with a dot are left out. A folder that is not there has none.
func Files(fsys fs.FS, folder string, out *diag.List, extensions ...string) []string {
	names, known := files(beneath(fsys), folder, out, extensions)
	note(fsys, question{folder, listing + strings.Join(extensions, " "), func(fsys fs.FS) (string, bool) {
		names, known := files(fsys, folder, &diag.List{}, extensions)
		return strings.Join(names, "\n"), known
	}}, strings.Join(names, "\n"), known)
	return names
}

// files is Files; known reports whether all folders could be read.
func files(fsys fs.FS, folder string, out *diag.List, extensions []string) (names []string, known bool) {
	known = true
	err := fs.WalkDir(fsys, folder, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && name == folder && missing(err):
			return fs.SkipAll
		case err != nil:
			known = false
			out.Report(diag.BadFile, diag.Pos{File: name}, "the folder %s cannot be read: %s", name, cause(err))
			return fs.SkipDir
		case name != folder && strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		case len(names) == maxFiles:
			out.Report(diag.BadFile, diag.Pos{File: folder}, "the folder has more than %d files", maxFiles)
			return fs.SkipAll
		}
		if slices.Contains(extensions, path.Ext(name)) {
			names = append(names, name)
		}
		return nil
	})
	if err != nil {
		known = false
		out.Report(diag.BadFile, diag.Pos{File: folder}, "the folder %s cannot be read: %s", folder, cause(err))
	}
	return names, known
}
