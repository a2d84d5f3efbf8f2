package config

import (
	"crypto/rand"
	"crypto/sha256"
	"hash"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"
)

// salt makes the digests of secrets useless outside of this process.
var salt = rand.Text()

// kind is what stands under a name.
type kind byte

const (
	kindAbsent kind = iota
	kindUnreadable
	kindRefused // a link that leads outside
	kindSpecial // a device, pipe or socket
	kindFolder
	kindRegular // of which only the existence was asked
	kindContent
)

// fileMark is what was seen under a name.
type fileMark struct {
	kind kind
	sum  [sha256.Size]byte // of the content
	info fs.FileInfo       // of the content, when it was seen; nil where that says nothing
	torn bool              // two looks differed while it was read
}

// recorder is a file system that notes in a Reading what is read through it.
type recorder struct {
	inner   fs.FS
	reading *Reading
}

// Stat describes a file. That it is there, or not, is noted.
func (f *recorder) Stat(name string) (fs.FileInfo, error) {
	info, err := fs.Stat(f.inner, name)
	f.reading.set(name, &fileMark{kind: kindOf(info, err)})
	return info, err
}

// ReadDir lists a folder. All its names are noted; Files and Spelled note no more than matters.
func (f *recorder) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(f.inner, name)
	text, known := namesOf(entries, err)
	note(f, question{name, "names", func(fsys fs.FS) (string, bool) { return namesOf(fs.ReadDir(fsys, name)) }}, text, known)
	return entries, err
}

func namesOf(entries []fs.DirEntry, err error) (string, bool) {
	var names []string
	for _, e := range entries {
		names = append(names, e.Name()+" "+e.Type().String())
	}
	slices.Sort(names)
	return strings.Join(names, "\n"), err == nil || missing(err)
}

// Open opens a file. Its content is noted when it is closed, the part that was not read too.
func (f *recorder) Open(name string) (fs.File, error) {
	file, err := f.inner.Open(name)
	if err != nil {
		info, err2 := fs.Stat(f.inner, name)
		if err2 == nil && kindOf(info, nil) == kindRegular {
			f.reading.set(name, &fileMark{kind: kindUnreadable})
		} else {
			f.reading.set(name, &fileMark{kind: kindOf(info, err2)})
		}
		return nil, err
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		if err == nil && info.IsDir() {
			_, _ = f.ReadDir(name)
		}
		return file, nil
	}
	return &recordedFile{File: file, name: name, to: f.reading, info: info, hash: sha256.New()}, nil
}

type recordedFile struct {
	fs.File
	name string
	to   *Reading
	info fs.FileInfo
	hash hash.Hash
	err  error
}

func (f *recordedFile) Read(b []byte) (int, error) {
	n, err := f.File.Read(b)
	_, _ = f.hash.Write(b[:n])
	if err != nil {
		f.err = err
	}
	return n, err
}

func (f *recordedFile) Close() error {
	if f.err == nil {
		if _, err := io.Copy(f.hash, f.File); err != nil {
			f.err = err
		} else {
			f.err = io.EOF
		}
	}
	m := &fileMark{kind: kindUnreadable}
	if f.err == io.EOF { //nolint:errorlint // nobody wraps it
		m = &fileMark{kind: kindContent, sum: [sha256.Size]byte(f.hash.Sum(nil)), info: old(f.info)}
	}
	f.to.set(f.name, m)
	return f.File.Close()
}

// old returns a description by which a file's content is known again, nil if it changed too recently for that.
func old(info fs.FileInfo) fs.FileInfo {
	if time.Since(info.ModTime()) < settled {
		return nil
	}
	return info
}

// set notes what was seen under a name. That it is there is less than what it holds.
func (r *Reading) set(name string, now *fileMark) {
	if !fs.ValidPath(name) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	was := r.files[name]
	switch {
	case was == nil || was.kind == kindRegular && (now.kind == kindContent || now.kind == kindUnreadable):
		r.files[name] = now
	case now.kind == kindRegular && (was.kind == kindContent || was.kind == kindUnreadable):
	case was.kind != now.kind || was.sum != now.sum:
		was.torn = true
	}
}

func kindOf(info fs.FileInfo, err error) kind {
	switch {
	case err != nil && missing(err):
		return kindAbsent
	case escapes(err):
		return kindRefused
	case err != nil:
		return kindUnreadable
	case info.IsDir():
		return kindFolder
	case !info.Mode().IsRegular():
		return kindSpecial
	}
	return kindRegular
}

// fileChanged reports whether what stands under a name is no longer what was seen there.
func (r *Reading) fileChanged(name string, was *fileMark, thorough bool) bool {
	r.mu.Lock()
	torn, known := was.torn, was.info
	r.mu.Unlock()
	if torn {
		return true
	}
	info, err := fs.Stat(r.source.FS, name)
	now := kindOf(info, err)
	switch {
	case now == kindUnreadable:
		return false
	case now != kindRegular:
		return now != was.kind
	case was.kind == kindUnreadable:
		_, _, err := sumOf(r.source.FS, name)
		return err == nil || missing(err)
	case was.kind != kindContent:
		return was.kind != kindRegular
	case !thorough && known != nil && known.Size() == info.Size() && known.ModTime().Equal(info.ModTime()) && os.SameFile(known, info):
		return false
	}
	sum, info, err := sumOf(r.source.FS, name)
	if err != nil {
		return missing(err)
	}
	if sum != was.sum {
		return true
	}
	r.mu.Lock()
	was.info = old(info)
	r.mu.Unlock()
	return false
}

func sumOf(fsys fs.FS, name string) (sum [sha256.Size]byte, info fs.FileInfo, err error) {
	file, err := fsys.Open(name)
	if err != nil {
		return sum, nil, err
	}
	defer file.Close()
	if info, err = file.Stat(); err != nil {
		return sum, nil, err
	}
	h := sha256.New()
	if _, err = io.Copy(h, file); err != nil {
		return sum, nil, err
	}
	return [sha256.Size]byte(h.Sum(nil)), info, nil
}
