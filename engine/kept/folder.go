package kept

import (
	"archive/zip"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Most is how many projects are kept: those that were taken into service last.
const Most = 20

// MaxBytes is how many bytes the files of a project may have together to be kept.
const MaxBytes = 64 << 20

// Folder is where projects are kept. It is made when the first is kept. Its methods may be called concurrently, but for Keep, SetMark and
// Unmark, which one goroutine calls.
type Folder struct{ dir string }

// In returns the folder of a path, which need not be there.
func In(dir string) *Folder { return &Folder{dir} }

// Dir returns the path of the folder.
func (f *Folder) Dir() string { return f.dir }

// Release is a project that is kept.
type Release struct {
	Hash    string    `json:"hash"`              // its name: see Keep
	Kept    time.Time `json:"kept"`              // when it was written
	Files   []string  `json:"files,omitempty"`   // that differed from the project before; none if that is not known
	Served  time.Time `json:"served"`            // when its files went into service last
	Damaged string    `json:"damaged,omitempty"` // why it cannot be read; "" if nothing is known against it
}

// about is what an archive says of itself, in its comment.
type about struct {
	Kept  time.Time `json:"kept"`
	Files []string  `json:"files,omitempty"`
	Sum   string    `json:"sum"` // over names and contents of what is in it
}

const ending = ".zip"

func (f *Folder) file(hash string) string { return filepath.Join(f.dir, hash+ending) }

// List returns what is kept, the latest in service first.
func (f *Folder) List() ([]Release, error) {
	entries, err := os.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Release
	for _, e := range entries {
		hash, ours := strings.CutSuffix(e.Name(), ending)
		info, err := e.Info()
		if !ours || err != nil || !info.Mode().IsRegular() {
			continue
		}
		r := Release{Hash: hash, Served: info.ModTime()}
		if a, err := f.about(hash); err != nil {
			r.Damaged = err.Error()
		} else {
			r.Kept, r.Files = a.Kept, a.Files
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b Release) int { return cmp.Or(b.Served.Compare(a.Served), strings.Compare(a.Hash, b.Hash)) })
	return all, nil
}

func (f *Folder) about(hash string) (a about, err error) {
	z, err := zip.OpenReader(f.file(hash))
	if err != nil {
		return a, err
	}
	defer func() { _ = z.Close() }()
	return a, aboutOf(&z.Reader, &a)
}

func aboutOf(z *zip.Reader, a *about) error {
	if err := json.Unmarshal([]byte(z.Comment), a); err != nil || a.Sum == "" {
		return fmt.Errorf("it does not say what is in it: %w", cmp.Or(err, errors.New("there is no sum")))
	}
	return nil
}
