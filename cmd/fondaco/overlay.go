package main

import (
	"bytes"
	"io/fs"
	"time"
)

// overlay is a file system with some files put over it: what the demo makes by itself, as the keys of its made-up
// login, lies over the project without being written into it.
type overlay struct {
	fs.FS
	files map[string][]byte
}

// Open returns the file laid over name, or the one below.
func (o overlay) Open(name string) (fs.File, error) {
	if content, ok := o.files[name]; ok {
		return &memoryFile{name: name, size: int64(len(content)), Reader: bytes.NewReader(content)}, nil
	}
	return o.FS.Open(name)
}

// memoryFile is one file laid over.
type memoryFile struct {
	*bytes.Reader
	name string
	size int64
}

func (f *memoryFile) Stat() (fs.FileInfo, error) { return memoryInfo{f}, nil }
func (f *memoryFile) Close() error               { return nil }

type memoryInfo struct{ *memoryFile }

func (i memoryInfo) Name() string       { return i.name }
func (i memoryInfo) Size() int64        { return i.size }
func (i memoryInfo) Mode() fs.FileMode  { return 0o444 }
func (i memoryInfo) ModTime() time.Time { return time.Time{} }
func (i memoryInfo) IsDir() bool        { return false }
func (i memoryInfo) Sys() any           { return nil }
